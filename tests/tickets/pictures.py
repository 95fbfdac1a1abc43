"""Pictures made in place, so that tests need no files."""

import struct
import zlib

MAGIC = b"\x89PNG\r\n\x1a\n"


def png(width: int = 3, height: int = 2) -> bytes:
    """One that a browser can show; with a pattern, so that it has some size."""
    rows = b"".join(b"\0" + bytes((x * y) % 256 for x in range(width)) for y in range(height))
    return MAGIC + _chunk(b"IHDR", _size(width, height)) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def head_of_png(width: int, height: int, size: int = 5000) -> bytes:
    """As much of a picture as says how large it is, and other bytes up to the `size`."""
    return (MAGIC + _chunk(b"IHDR", _size(width, height))).ljust(size, b"\x00")


def _size(width: int, height: int) -> bytes:
    return struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
