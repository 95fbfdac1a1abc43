"""Pictures made in place, so that tests need no files."""

import struct
import zlib


def png(width: int, height: int) -> bytes:
    """Noise-free, but not of one colour, so that it has some size."""
    rows = b"".join(b"\0" + bytes((x * y) % 256 for x in range(width * 3)) for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = (b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")
    written = (struct.pack(">I", len(data)) + name + data + _crc(name + data) for name, data in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(written)


def _crc(data: bytes) -> bytes:
    return struct.pack(">I", zlib.crc32(data))
