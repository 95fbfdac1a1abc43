"""Export as Markdown and import again: the files are the same, whatever the articles contain."""

import io
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from knowledge.articles import publishing
from knowledge.articles.article_files import compose
from knowledge.articles.exporting import export_folder, file_name
from knowledge.articles.importing import import_articles
from knowledge.models import Article, ArticleImage
from knowledge.text import images
from knowledge.text.front_matter import parse
from tests.knowledge.text.test_images import png
from tickets.models import User

Write = Callable[..., Article]


def files(folder: Path) -> dict[str, bytes]:
    return {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def round_trip(tmp: Path) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Export, empty the knowledge base, import, export."""
    first, second = tmp / "first", tmp / "second"
    export_folder(Article.objects.all(), first)
    Article.objects.all().delete()
    ArticleImage.objects.all().delete()
    report = import_articles(first, approve=True)
    assert (report.errors, report.warnings) == ([], [])
    export_folder(Article.objects.all(), second)
    return files(first), files(second)


def test_every_field_comes_back(write: Write, ken: User, tmp_path: Path) -> None:
    image = images.keep(png())
    original = write(
        'Refunds: "what, when"',
        f"Text.\r\n\r\n![A board]({images.address(image)})\r\n\r\nMore.\r\n",
        category="billing",
        audience="internal",
        tags="a, b",
        product_version="#4",
        owner=ken,
        review_by=date(2027, 1, 2),
        expires_at=datetime(2027, 5, 6, 7, 8, tzinfo=UTC),
        external_id="Billing/Refunds?",
    )
    write(" Rückerstattungen", "Geld.", translation_of=original, language="de")
    write("Old", "x")
    publishing.archive(Article.objects.get(title="Old"))
    write("Draft", "x", approve=False)
    first, second = round_trip(tmp_path)
    assert first == second
    assert len([name for name in first if name.endswith(".md")]) == 4
    assert first[f"images/{image.sha256}.png"] == png()
    back = Article.objects.get(external_id="Billing/Refunds?")
    assert (back.state, back.owner, back.review_by, back.tags) == ("approved", ken, date(2027, 1, 2), "a, b")
    assert back.expires_at == datetime(2027, 5, 6, 7, 8, tzinfo=UTC)
    assert "\r\n\r\n![A board](/knowledge/images/" in back.body_md
    german = Article.objects.get(language="de")
    assert (german.translation_of, german.title) == (back, " Rückerstattungen")
    assert german.translated_revision == back.published
    assert set(Article.objects.values_list("state", flat=True)) == {"approved", "archived", "draft"}


def test_importing_an_export_where_it_came_from_changes_nothing(write: Write, tmp_path: Path) -> None:
    write("One")
    export_folder(Article.objects.all(), tmp_path)
    report = import_articles(tmp_path, approve=True)
    assert (report.created, report.updated, report.unchanged) == (0, 0, 1)


WILD = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=40)


@hypothesis(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(title=WILD.filter(str.strip), body=WILD.filter(str.strip), tags=WILD)
@example(title=' "x": y # z ', body="---\ntitle: no\n---\r\nx", tags="'a'")
@example(title="a\u2028b\x85c", body="    code\r\n\r\n", tags="\\")
def test_any_text_comes_back(db: None, title: str, body: str, tags: str) -> None:
    Article.objects.all().delete()
    article = Article(title=title, body_md=body, tags=tags, external_id="a")
    publishing.save_revision(article)
    folder = Path(tempfile.mkdtemp())
    try:
        first, second = round_trip(folder)
        assert first == second
        assert Article.objects.get().title == title
    finally:
        shutil.rmtree(folder)


@given(WILD)
def test_values_are_quoted_where_they_must_be(value: str) -> None:
    assert parse(compose({"key": value}, "x"))[0] == {"key": value}


@given(WILD, WILD)
def test_different_ids_have_different_safe_files(one: str, other: str) -> None:
    assert one == other or file_name(one) != file_name(other)
    assert "/" not in file_name(one) and not file_name(one).startswith(".")


def test_text_that_is_not_approved_is_left_out_and_named(write: Write, tmp_path: Path) -> None:
    article = write("One", "Published.")
    article.body_md = "Not yet."
    publishing.save_revision(article)
    report = export_folder(Article.objects.all(), tmp_path)
    assert "not approved" in report.warnings[0]
    assert b"Published." in next(iter(files(tmp_path).values()))


def test_a_missing_picture_is_named(write: Write, tmp_path: Path) -> None:
    image = images.keep(png())
    write("One", f"![x]({images.address(image)})")
    image.file.storage.delete(image.file.name)
    assert "is missing" in export_folder(Article.objects.all(), tmp_path).warnings[0]


def test_pictures_of_an_import_stay_inside_its_folder(db: None, tmp_path: Path, queued: list[Any]) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (tmp_path / "secret.png").write_bytes(png())
    (folder / "evil.svg").write_text("<svg/>")
    (folder / "a.md").write_text("---\ntitle: A\n---\n![a](../secret.png) ![b](evil.svg) ![c](gone.png)")
    report = import_articles(folder)
    assert [each["error"].split(":")[0] for each in report.warnings] == [
        "Picture ../secret.png",
        "Picture evil.svg",
        "Picture gone.png",
    ]
    assert not ArticleImage.objects.exists()
    assert "![a](../secret.png)" in Article.objects.get().body_md


def test_the_command(write: Write, tmp_path: Path) -> None:
    write("One")
    out = StringIO()
    call_command("export_articles", str(tmp_path / "new"), "--json", stdout=out)
    assert '"articles": 1' in out.getvalue()
    (tmp_path / "file").write_text("x")
    with pytest.raises(SystemExit):
        call_command("export_articles", str(tmp_path / "file"), stderr=StringIO())


# --- In the admin ---

IMPORT = "admin:knowledge_article_import"
LIST = "admin:knowledge_article_changelist"


@pytest.fixture
def author(client: Client, ken: User, queued: list[Any], settings: Any, tmp_path: Path) -> Client:
    settings.VAR_DIR = tmp_path / "var"
    client.force_login(ken)
    return client


def zipped(**contents: str | bytes) -> SimpleUploadedFile:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name.replace("__", "/").replace("_md", ".md"), content)
    return SimpleUploadedFile("articles.zip", buffer.getvalue())


def test_the_action_gives_a_zip(author: Client, write: Write) -> None:
    write("One")
    other = write("Two")
    answer = author.post(reverse(LIST), {"action": "export_selected", "_selected_action": [other.pk]})
    assert "attachment" in answer.headers["Content-Disposition"]
    names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert names == [f"two-{other.pk}.md"]


def test_nothing_is_imported_before_it_is_confirmed(author: Client, ken: User) -> None:
    good, bad = "---\ntitle: <b>Good</b>\n---\nText", "---\ntitle\n---\nText"
    page = author.post(reverse(IMPORT), {"file": zipped(a_md=good, b_md=bad), "approve": "1"})
    html = page.content.decode()
    assert not Article.objects.exists()
    assert "&lt;b&gt;Good" in html
    assert "b.md" in html and "This is not `key: value`" in html
    author.post(reverse(IMPORT), {"key": page.context["key"], "approve": "1"})
    article = Article.objects.get()
    assert (article.title, article.state, article.revisions.get().author) == ("<b>Good</b>", "approved", ken)
    again = author.post(reverse(IMPORT), {"key": page.context["key"]}).content.decode()
    assert "no longer exists" in again


def test_with_two_pairs_of_eyes_an_import_is_a_draft(author: Client, settings: Any) -> None:
    settings.KB_SECOND_PAIR_OF_EYES = True
    page = author.post(reverse(IMPORT), {"file": zipped(a_md="---\ntitle: A\n---\nText"), "approve": "1"})
    author.post(reverse(IMPORT), {"key": page.context["key"], "approve": "1"})
    assert Article.objects.get().state == "draft"


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (SimpleUploadedFile("a.txt", b"words"), "not a zip"),
        (SimpleUploadedFile("a.jsonl", b"words"), "not JSON"),
        (SimpleUploadedFile("a.zip", b"PK\x05\x06" + b"\x00" * 18), "no .md files"),
        (None, "Choose a zip"),
    ],
)
def test_unusable_uploads_are_refused(author: Client, file: SimpleUploadedFile | None, why: str) -> None:
    page = author.post(reverse(IMPORT), {"file": file} if file else {})
    assert why in page.content.decode()


def test_a_zip_cannot_write_outside(author: Client, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("../../evil.md", "x")
    page = author.post(reverse(IMPORT), {"file": SimpleUploadedFile("a.zip", buffer.getvalue())})
    assert "unsafe path" in page.content.decode()
    assert not list(tmp_path.rglob("evil.md"))


def test_a_zip_that_unpacks_to_too_much(author: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from knowledge.articles import uploads

    monkeypatch.setattr(uploads, "MOST_BYTES", 1000)
    page = author.post(reverse(IMPORT), {"file": zipped(a_md="x" * 2000)})
    assert "too large" in page.content.decode()


def test_nobody_confirms_somebody_elses_upload(author: Client, client: Client, rosa: User) -> None:
    page = author.post(reverse(IMPORT), {"file": zipped(a_md="---\ntitle: A\n---\nText")})
    client.force_login(rosa)
    assert "no longer exists" in client.post(reverse(IMPORT), {"key": page.context["key"]}).content.decode()
    assert "has expired" in client.post(reverse(IMPORT), {"key": "forged"}).content.decode()
    assert not Article.objects.exists()


@pytest.mark.parametrize("who", ["mira", "otto"])
def test_only_authors_import(client: Client, request: Any, who: str) -> None:
    client.force_login(request.getfixturevalue(who))
    assert client.get(reverse(IMPORT)).status_code in {302, 403}
    assert client.post(reverse(IMPORT), {"file": zipped(a_md="x")}).status_code in {302, 403}
