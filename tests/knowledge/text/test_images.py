"""Pictures of articles: how they are stored, served and shown."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from knowledge.models import ArticleImage
from knowledge.text import images
from knowledge.text.rendering import render
from tests.tickets.pictures import png
from tickets.models import User

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
