"""Importing: good rows are imported, bad rows are named, a second run changes nothing."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.articles.importing import BadRow, import_articles, row
from knowledge.models import Article
from tickets.models import User


def run(path: Path, *flags: str) -> dict[str, Any]:
    out = StringIO()
    call_command("import_articles", str(path), "--json", *flags, stdout=out)
    assert len(out.getvalue().strip().splitlines()) == 1
    return json.loads(out.getvalue())


def jsonl(folder: Path, *rows: Any) -> Path:
    path = folder / "articles.jsonl"
    path.write_text("\n".join(each if isinstance(each, str) else json.dumps(each) for each in rows))
    return path


ARTICLE = """---
title: Charged twice
category: billing
audience: internal
language: en
state: approved
owner: ken
review_in_days: 30
updated_days_ago: 12
tags: duplicate, refund
product_version:
---

Two lines are often one payment and one authorisation.
"""


def test_a_folder_of_markdown_with_front_matter(tmp_path: Path, ken: User, queued: list[Any]) -> None:
    (tmp_path / "billing").mkdir()
    (tmp_path / "billing" / "charged-twice.md").write_text(ARTICLE)
    (tmp_path / "charged-twice-es.md").write_text(ARTICLE.replace("owner: ken", "translation_of: charged-twice"))
    assert run(tmp_path, "--approve") == {"created": 2, "updated": 0, "unchanged": 0, "errors": [], "warnings": []}
    article = Article.objects.get(external_id="charged-twice")
    assert (article.state, article.audience, article.category) == ("approved", "internal", "billing")
    assert article.owner == ken
    assert article.body_md.startswith("Two lines")
    assert article.review_by is not None
    assert article.translations.get().external_id == "charged-twice-es"
    assert queued == [("knowledge.tasks.sync_all",)]


def test_a_second_run_changes_nothing(tmp_path: Path, db: None, queued: list[Any]) -> None:
    path = jsonl(tmp_path, {"id": "a", "title": "A", "body_md": "Text"})
    run(path, "--approve")
    assert run(path, "--approve")["unchanged"] == 1
    assert Article.objects.get().revisions.count() == 1


def test_a_changed_text_is_a_new_revision(tmp_path: Path, db: None, queued: list[Any]) -> None:
    run(jsonl(tmp_path, {"id": "a", "title": "A", "body_md": "Text"}), "--approve")
    assert run(jsonl(tmp_path, {"id": "a", "title": "A", "body_md": "Other"}), "--approve")["updated"] == 1
    article = Article.objects.get()
    assert article.published == article.revisions.first()
    assert article.revisions.count() == 2


def test_nothing_is_published_without_approve(tmp_path: Path, db: None, queued: list[Any]) -> None:
    run(jsonl(tmp_path, {"id": "a", "title": "A", "body_md": "Text", "state": "approved"}))
    assert Article.objects.get().state == "draft"


def test_a_file_can_say_that_it_is_a_draft(tmp_path: Path, db: None, queued: list[Any]) -> None:
    run(jsonl(tmp_path, {"id": "a", "title": "A", "body_md": "Text", "state": "draft"}), "--approve")
    assert Article.objects.get().state == "draft"


def test_a_bad_row_is_named_and_the_others_are_imported(tmp_path: Path, db: None, queued: list[Any]) -> None:
    path = jsonl(
        tmp_path,
        {"id": "a", "title": "A", "body_md": "Text", "lang": "de"},
        "{not json",
        "[1, 2]",
        {"id": "b", "title": "", "body_md": "Text"},
        {"id": "c", "title": "C", "body_md": "Text", "audience": "everybody"},
        {"id": "a", "title": "again", "body_md": "Text"},
        {"id": "d", "title": "D", "body_md": "<!-- only a comment -->"},
        {"id": "e", "title": "E", "body_md": "Text\x00 with a NUL"},
    )
    report = run(path, "--approve")
    assert report["created"] == 2
    assert [(each["line"], each["error"]) for each in report["errors"]] == [
        (2, "This is not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        (3, "This is not a JSON object."),
        (4, "The title is missing. Add `title: …` above the text, or start the text with a heading."),
        (5, "audience must be one of: internal, public"),
        (6, f"The id a occurs twice, first in {path}."),
        (7, "“D” has no text yet."),
    ]
    assert set(Article.objects.values_list("external_id", "language")) == {("a", "de"), ("e", "en")}


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00garbage", b"just words\n"])
def test_an_unreadable_file_is_one_line_and_exit_2(
    tmp_path: Path, db: None, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    path = tmp_path / "articles.jsonl"
    if content is not None:
        path.write_bytes(content)
    errors = StringIO()
    with pytest.raises(SystemExit) as exit_:
        call_command("import_articles", str(path), "--json", stderr=errors)
    assert exit_.value.code == 2
    assert errors.getvalue().startswith(f"{path}:")
    assert len(errors.getvalue().strip().splitlines()) == 1


def test_a_dry_run_writes_nothing(tmp_path: Path, db: None) -> None:
    assert run(jsonl(tmp_path, {"id": "a", "title": "A", "body_md": "Text"}), "--dry-run")["created"] == 1
    assert not Article.objects.exists()


def test_an_imported_article_may_be_overdue(tmp_path: Path, db: None, queued: list[Any]) -> None:
    run(jsonl(tmp_path, {"id": "a", "title": "A", "body_md": "Text", "review_in_days": -20}))
    review_by = Article.objects.get().review_by
    assert review_by is not None
    assert review_by < timezone.localdate()


def test_the_command_speaks_english_whatever_the_language(tmp_path: Path, db: None, queued: list[Any]) -> None:
    with translation.override("de"):
        report = run(jsonl(tmp_path, {"id": "a", "title": "A", "body_md": "Text"}, []))
        assert translation.get_language() == "de"
    assert [each["error"] for each in report["errors"]] == ["This is not a JSON object."]


def test_an_unknown_owner_is_a_warning(tmp_path: Path, db: None, queued: list[Any]) -> None:
    report = run(jsonl(tmp_path, {"id": "a", "title": "A", "body_md": "Text", "owner": "nobody"}))
    assert report["created"] == 1
    assert "nobody" in report["warnings"][0]["error"]


def test_invalid_front_matter_is_named(tmp_path: Path, db: None, queued: list[Any]) -> None:
    (tmp_path / "a.md").write_text("---\nnot front matter\n---\nbody")
    (tmp_path / "b.md").write_text("Only a text\n\nbody")
    report = import_articles(tmp_path)
    assert [each["error"] for each in report.errors] == [
        "Front matter, line 2: This is not `key: value`.",
        "The title is missing. Add `title: …` above the text, or start the text with a heading.",
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(("id", "title", "body_md", "tags", "review_in_days"), JSON)))
def test_any_row_is_an_article_or_a_bad_row(values: dict[str, Any]) -> None:
    try:
        assert row(values).title
    except BadRow as error:
        assert str(error)
