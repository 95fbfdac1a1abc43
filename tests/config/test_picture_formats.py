"""config/picture_formats.py: the format and size of a picture, by its bytes."""

import base64
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.picture_formats import NotAPicture, recognise
from tests.tickets.pictures import png

GIF = b"GIF89a" + struct.pack("<HH", 7, 5) + b"\x00\x00\x00;"
JPEG = (
    b"\xff\xd8\xff\xe0" + struct.pack(">H", 16) + b"JFIF\x00" + b"\x00" * 9
    + b"\xff\xff\xc4" + struct.pack(">H", 4) + b"\x00\x00"
    + b"\xff\xc2" + struct.pack(">HBHHB", 11, 8, 90, 160, 1) + b"\x01\x11\x00\xff\xd9"
)  # fmt: skip
WEBP = base64.b64decode("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA")
WEBP_X = b"RIFF\x1e\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00" + b"\x8f\x01\x00" + b"\x2b\x01\x00"
WEBP_L = b"RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f" + struct.pack("<I", (8 - 1) | (6 - 1) << 14) + b"\x00" * 8


@pytest.mark.parametrize(
    ("data", "extension", "size"),
    [
        (png(), "png", (3, 2)),
        (GIF, "gif", (7, 5)),
        (JPEG, "jpg", (160, 90)),
        (WEBP, "webp", (1, 1)),
        (WEBP_X, "webp", (400, 300)),
        (WEBP_L, "webp", (8, 6)),
    ],
)
def test_a_picture_is_known_by_its_content(data: bytes, extension: str, size: tuple[int, int]) -> None:
    found = recognise(data)
    assert (found.extension, (found.width, found.height)) == (extension, size)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "not a PNG"),
        (b"<html>hello</html>", "not a PNG"),
        (b'<?xml version="1.0"?><svg xmlns="x"><script/></svg>', "SVG is not accepted"),
        (png()[:20], "the end is missing"),
        (JPEG[:12], "damaged"),
        (b"\xff\xd8\xff\xd9", "damaged"),
        (b"\xff\xd8\xff" + b"\xff" * 50, "the end is missing"),
        pytest.param(b"\xff\xd8" + b"\xff" * 10_000_000, "it has no size", id="10 MB of nothing"),
        pytest.param(b"\xff\xd8" + b"\xff\xd0" * 5_000_000, "it has no size", id="10 MB of empty segments"),
        (png(0, 4), "is 0 ×"),
        (png(20_000, 1), "is 20000 ×"),
        (b"RIFF\x00\x00\x00\x00WEBPJUNK" + b"\x00" * 20, "has no image"),
        (b"PK\x03\x04 a zip called picture.png", "not a PNG"),
    ],
)
def test_anything_else_is_refused_with_a_reason(data: bytes, why: str) -> None:
    with pytest.raises(NotAPicture, match=why):
        recognise(data)


@given(st.sampled_from([b"", b"\xff\xd8\xff", b"GIF89a", b"RIFF0000WEBPVP8 ", png()[:16]]), st.binary(max_size=80))
def test_any_bytes_are_a_picture_or_refused(start: bytes, rest: bytes) -> None:
    try:
        assert recognise(start + rest).width > 0
    except NotAPicture as error:
        assert str(error)


def jpeg(exif: bytes) -> bytes:
    """160 × 90 pixels as they are stored, with this Exif data."""
    part = b"Exif\0\0" + exif
    return JPEG[:2] + b"\xff\xe1" + struct.pack(">H", len(part) + 2) + part + JPEG[2:]


def exif(orientation: int, order: str) -> bytes:
    """Two entries: a resolution unit, and the orientation."""
    name = b"II" if order == "<" else b"MM"
    entries = struct.pack(f"{order}HHIHH", 0x0128, 3, 1, 2, 0) + struct.pack(
        f"{order}HHIHH", 0x0112, 3, 1, orientation, 0
    )
    return name + struct.pack(f"{order}HI", 42, 8) + struct.pack(f"{order}H", 2) + entries


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_of_a_phone_has_the_size_in_which_it_is_shown(orientation: int, order: str) -> None:
    found = recognise(jpeg(exif(orientation, order)))
    assert (found.width, found.height) == ((160, 90) if orientation < 5 else (90, 160))


@pytest.mark.parametrize(
    "broken", [b"", b"II", b"XX*\0\0\0\0\x08", exif(6, "<")[:20], b"MM\0*\xff\xff\xff\xff", b"II*\0\x08\0\0\0\xff\xff"]
)
def test_broken_exif_data_turns_nothing(broken: bytes) -> None:
    found = recognise(jpeg(broken))
    assert (found.width, found.height) == (160, 90)
