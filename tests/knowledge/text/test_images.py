"""Pictures of articles: which are accepted and refused, how they are served and shown."""

import base64
import struct
import zlib
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from config.picture_formats import NotAPicture, recognise
from knowledge.models import ArticleImage
from knowledge.text import images
from knowledge.text.rendering import render
from tickets.models import User


def png(width: int = 3, height: int = 2) -> bytes:
    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\x00" + b"\x7f" * width for _ in range(height)))
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + part(b"IDAT", rows) + part(b"IEND", b"")


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


UPLOAD = "admin:knowledge_article_image"


def upload(client: Client, data: bytes, name: str = "board.png") -> Any:
    return client.post(reverse(UPLOAD), {"image": SimpleUploadedFile(name, data, "image/png")})


def test_the_same_picture_is_stored_once(client: Client, ken: User) -> None:
    client.force_login(ken)
    first, second = upload(client, png()), upload(client, png(), "again.png")
    image = ArticleImage.objects.get()
    assert first.json()["markdown"] == f"![board](/knowledge/images/{image.sha256}.png)"
    assert second.json()["url"] == first.json()["url"]
    assert (image.uploaded_by, image.size, image.width) == (ken, len(png()), 3)


def test_a_picture_whose_file_was_lost_is_stored_again(db: None) -> None:
    image = images.keep(png())
    image.file.storage.delete(image.file.name)
    assert images.keep(png()).file.read() == png()


def test_a_description_that_says_nothing_asks_for_a_better_one(client: Client, ken: User) -> None:
    client.force_login(ken)
    assert upload(client, png(), "image.png").json()["markdown"].startswith("![describe the picture](")
    assert upload(client, png(), "x](evil) [y.png").json()["markdown"].startswith("![x evil y](")


def test_refused_pictures_say_why(client: Client, ken: User, settings: Any) -> None:
    client.force_login(ken)
    answer = upload(client, b"<svg onload=alert(1)>")
    assert (answer.status_code, "SVG" in answer.json()["error"]) == (422, True)
    settings.ARTICLE_IMAGE_MAX_BYTES = 1024 * 1024
    answer = upload(client, png() + b"\x00" * 1024 * 1024)
    assert (answer.status_code, answer.json()["error"]) == (413, "The picture is larger than 1 MB.")
    assert client.post(reverse(UPLOAD)).status_code == 422
    assert client.get(reverse(UPLOAD)).status_code == 403
    assert not ArticleImage.objects.exists()


@pytest.mark.parametrize("who", ["mira", "otto"])
def test_only_authors_upload(client: Client, request: Any, who: str) -> None:
    client.force_login(request.getfixturevalue(who))
    assert upload(client, png()).status_code in {302, 403}
    assert not ArticleImage.objects.exists()


def test_visitors_neither_upload_nor_see_pictures(client: Client, db: None) -> None:
    assert upload(client, png()).status_code == 302
    address = images.address(images.keep(png()))
    assert client.get(address).headers["Location"].startswith("/login/")


@pytest.mark.parametrize("who", ["mira", "rosa", "ken", "ada", "otto"])
def test_the_team_sees_pictures(client: Client, request: Any, who: str) -> None:
    """The help center serves pictures of public articles at its own address."""
    client.force_login(request.getfixturevalue(who))
    image = images.keep(png())
    answer = client.get(images.address(image))
    assert (answer.status_code, answer.content, answer.headers["Content-Type"]) == (200, png(), "image/png")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer.headers["Cache-Control"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "private" in answer.headers["Cache-Control"]


def test_a_wrong_address_is_not_found(client: Client, mira: User) -> None:
    client.force_login(mira)
    image = images.keep(png())
    address = images.address(image)
    for wrong in (address.replace(".png", ".gif"), address.replace(image.sha256, "0" * 64), address[:-4] + ".svg"):
        assert client.get(wrong).status_code == 404
    assert client.post(address).status_code == 405
    image.file.storage.delete(image.file.name)
    assert client.get(address).status_code == 404


def test_articles_show_only_our_pictures_and_their_size(db: None) -> None:
    image = images.keep(png())
    address = images.address(image)
    assert images.render_article(f"![A board]({address})") == (
        f'<p><img src="{address}" alt="A board" width="3" height="2" loading="lazy"></p>\n'
    )
    for foreign in (f"https://evil.example{address}", f"//evil.example{address}", address + ".exe", "/logout/"):
        assert "<img" not in render(f"![x]({foreign})")
    assert "<img" not in render(f'<img src="{address}">')
