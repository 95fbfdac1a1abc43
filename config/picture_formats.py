"""The format and size of a picture, from its first bytes and not from its name. Pure.

PNG, JPEG, GIF and WebP. SVG is refused because it can contain scripts.
"""

import struct
from dataclasses import dataclass

from django.utils.translation import gettext as _

LONGEST = 12_000  # pixels per side; more is too much for a browser
TAGS = 200  # of the Exif data
SEGMENTS = 2_000  # of a JPEG before its size; real ones have a few dozen


class NotAPicture(Exception):
    """The bytes are not accepted. The message is for whoever chose them."""


@dataclass(frozen=True)
class Picture:
    extension: str
    content_type: str
    width: int
    height: int


EXTENSIONS = {"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"}


def recognise(data: bytes) -> Picture:
    """Format and size in pixels. Raises NotAPicture."""
    try:
        extension, (width, height) = _read(data)
    except (struct.error, IndexError) as error:
        raise NotAPicture(_("The picture is damaged: the end is missing.")) from error
    if not 0 < width <= LONGEST or not 0 < height <= LONGEST:
        text = _("The picture is %(width)d × %(height)d pixels. At most %(most)d per side are possible.")
        raise NotAPicture(text % {"width": width, "height": height, "most": LONGEST})
    return Picture(extension, EXTENSIONS[extension], width, height)


def _read(data: bytes) -> tuple[str, tuple[int, int]]:
    if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR":
        return "png", struct.unpack(">II", data[16:24])  # type: ignore[return-value]
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "gif", struct.unpack("<HH", data[6:10])  # type: ignore[return-value]
    if data.startswith(b"\xff\xd8\xff"):
        return "jpg", _jpeg(data)
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "webp", _webp(data)
    if b"<svg" in data[:1000].lower():
        raise NotAPicture(_("SVG is not accepted because it can contain scripts. Save the picture as PNG."))
    raise NotAPicture(_("This is not a PNG, JPEG, GIF or WebP picture."))


def _jpeg(data: bytes) -> tuple[int, int]:
    """Walk the segments to the frame header (SOF0 to SOF15, but not the tables that share its numbers)."""
    place, turned = 2, False
    for _step in range(SEGMENTS):
        if data[place] != 0xFF:
            raise NotAPicture(_("The picture is damaged."))
        marker = data[place + 1]
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack(">HH", data[place + 5 : place + 9])
            return (height, width) if turned else (width, height)
        if marker in {0xD9, 0xDA}:
            raise NotAPicture(_("The picture is damaged: it has no size."))
        if marker == 0xFF:  # a byte between two segments
            place += 1
            continue
        standalone = marker == 0x01 or 0xD0 <= marker <= 0xD7
        length = 0 if standalone else struct.unpack(">H", data[place + 2 : place + 4])[0]
        if not standalone and length < 2:
            raise NotAPicture(_("The picture is damaged."))
        if marker == 0xE1 and data[place + 4 : place + 10] == b"Exif\0\0":
            turned = _is_turned(data[place + 10 : place + 2 + length])
        place += 2 + length
    raise NotAPicture(_("The picture is damaged: it has no size."))


def _is_turned(exif: bytes) -> bool:
    """Whether browsers show it turned by 90°, like photos of phones: orientations 5 to 8 (Exif 2.3, tag 0x0112)."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None:
        return False
    try:
        (start,) = struct.unpack(f"{order}I", exif[4:8])
        (count,) = struct.unpack(f"{order}H", exif[start : start + 2])
        for at in range(start + 2, start + 2 + 12 * min(count, TAGS), 12):
            tag, _kind, _count, value = struct.unpack(f"{order}HHIH", exif[at : at + 10])
            if tag == 0x0112:
                return 5 <= value <= 8
    except struct.error:
        pass
    return False


def _webp(data: bytes) -> tuple[int, int]:
    kind = data[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(_whole(data[27:30], 3), "little")
    if kind == b"VP8L":
        bits = struct.unpack("<I", data[21:25])[0]
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", data[26:30])
        return width & 0x3FFF, height & 0x3FFF
    raise NotAPicture(_("The picture is damaged: the WebP file has no image."))


def _whole(part: bytes, length: int) -> bytes:
    if len(part) < length:
        raise IndexError
    return part
