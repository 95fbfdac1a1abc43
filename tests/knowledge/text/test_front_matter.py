"""Front matter as people and other tools write it is read as text, or refused with a message that names the line."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.articles.importing import import_articles
from knowledge.models import Article
from knowledge.text.front_matter import BadFrontMatter, parse
from tests.growth import assert_linear


@pytest.mark.parametrize(
    ("head", "fields"),
    [
        ("title: Refunds", {"title": "Refunds"}),
        ("title: 'Don''t lose your drafts'", {"title": "Don't lose your drafts"}),
        ('title: "Say \\"hi\\" \\u00e9"', {"title": 'Say "hi" é'}),
        ("tags:\n  - billing\n  - refunds", {"tags": ["billing", "refunds"]}),
        ("tags: [billing, refunds]", {"tags": ["billing", "refunds"]}),
        ("tags:\n- billing", {"tags": ["billing"]}),
        ("tags:\n\t- billing", {"tags": ["billing"]}),
        ("title:\tRefunds", {"title": "Refunds"}),
        ("title: Refunds # and a note", {"title": "Refunds"}),
        ("title: Billing: how it works", {"title": "Billing: how it works"}),
        ("product_version: 1.10\nid: 007\nlanguage: no", {"product_version": "1.10", "id": "007", "language": "no"}),
        ("review_by: 2027-01-02\ndraft: yes", {"review_by": "2027-01-02", "draft": "yes"}),
        ("title: >\n  Two lines\n  of one\nowner:", {"title": "Two lines of one"}),
        ("Title: Refunds\nowner: ~", {"title": "Refunds"}),
        ("# only a comment", {}),
        ("", {}),
    ],
)
@pytest.mark.parametrize("frame", ["---\n{}\n---\nText", "\ufeff---\n{}\n---\nText", "--- \n{}\n...\nText"])
def test_yaml_values_are_read_as_text(head: str, fields: dict[str, Any], frame: str) -> None:
    assert parse(frame.replace("{}", head)) == (fields, "Text")
    assert parse(frame.replace("{}", head).replace("\n", "\r\n")) == (fields, "Text")


def test_toml_is_read_too() -> None:
    text = '+++\ntitle = "Refunds"\ndraft = true\ndate = 2026-01-02\nweight = 3\ntags = ["a", "b"]\n+++\nText'
    fields = {"title": "Refunds", "draft": "true", "date": "2026-01-02", "weight": "3", "tags": ["a", "b"]}
    assert parse(text) == (fields, "Text")


@pytest.mark.parametrize(
    "text", ["---\n\nA rule, then text.\n", "Text\n---\ntitle: x\n---\n", "---", "+++", "", "--- x\na: b\n---\n"]
)
def test_a_text_without_front_matter_is_all_text(text: str) -> None:
    assert parse(text) == ({}, text)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("---\nnot front matter\n---\n", 2, "This is not `key: value`."),
        ("---\n- a\n---\n", 2, "This is not `key: value`."),
        ("---\ntitle: a\nowner: ken\ntitle: b\n---\n", 4, "`title` occurs twice."),
        ("---\nTitle: a\ntitle: b\n---\n", 3, "twice"),
        ('---\nid: a\ntitle: "never closed\n---\n', 3, "not closed"),
        ("---\ntags: [a, b\n---\n", 2, ""),
        ("---\na: &x 1\nb: *x\n---\n", 3, "Write the value itself."),
        ("---\na: !!python/object/apply:os.system [x]\n---\n", 2, "A `!tag` is not supported."),
        ("---\na: b\nc: \x01\n---\n", 3, "U+0001"),
        ("---\ntitle: a\n", 1, "The closing line --- is missing."),
        ("---\na: " + "[" * 500 + "\n---\n", 2, "nested"),
        ("---\na: " + "x" * 20_000 + "\n---\n", 1, "longer than"),
        ("+++\na = 1\nb = \n+++\n", 3, "not TOML"),
        ("+++\na = 1\na = 2\n+++\n", 3, "not TOML"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(BadFrontMatter, match=rf"^Front matter, line {line}: ") as refused:
        parse(text)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)
    assert refused.value.line == line


@settings(deadline=None)
@given(st.text(max_size=300) | st.text(alphabet="-+:\n \t#'\"[]{}&*!|>%@`,?~ab1=.", max_size=200))
def test_any_text_is_read_or_refused_in_one_line(head: str) -> None:
    for text in (head, f"---\n{head}\n---\nText", f"+++\n{head}\n+++\nText"):
        try:
            fields, _ = parse(text)
        except BadFrontMatter as refused:
            assert "\n" not in str(refused)
        else:
            assert all(isinstance(key, str) for key in fields)


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "a: ",
        "a: b\n",
        "- ",
        "? ",
        "[",
        "{",
        "['",
        '"',
        "'",
        "a,",
        "!!a ",
        "&a ",
        "*a",
        "|\n",
        "> ",
        "\n",
        " ",
        "\t",
        "a.",
        "[[",
    ],
)
@pytest.mark.parametrize("mark", ["---", "+++"])
def test_time_is_linear_for_any_front_matter(unit: str, mark: str) -> None:
    def read(head: str) -> None:
        try:
            parse(f"{mark}\na: [{head}\n{mark}\n")
            parse(f"{mark}\n{head}\n{mark}\n")
        except BadFrontMatter:
            return

    assert_linear(read, lambda size: unit * (size // len(unit)), sizes=(3_500, 14_000, 60_000))


def imported(folder: Path, text: str, name: str = "page.md") -> tuple[dict[str, Any], Article | None]:
    (folder / name).write_text(text, newline="")
    report = import_articles(folder, approve=True).as_dict()
    return report, Article.objects.filter(external_id=Path(name).stem).first()


@pytest.mark.parametrize(
    "held_back",
    [
        *("draft: true", "draft: True", "draft: yes", "draft: 'true'", "draft: on", "draft: later", "Draft: true"),
        *("published: false", "published: no", "publish: false", "unlisted: true", "hidden: true", "private: true"),
        *("status: draft", "visibility: private", "publishDate: 2999-01-01", "expiryDate: 2001-01-01", "state: draft"),
    ],
)
def test_a_page_that_is_held_back_is_imported_as_a_draft_and_named(
    db: None, tmp_path: Path, queued: list[Any], held_back: str
) -> None:
    report, article = imported(tmp_path, f"---\ntitle: Price list\n{held_back}\n---\nNot to be shown yet.")
    assert article is not None
    assert (article.state, article.published) == ("draft", None)
    if not held_back.startswith("state"):
        assert report["warnings"][0]["error"].startswith("Imported as a draft, not published, because the file says: ")


@pytest.mark.parametrize(
    "shown",
    ["draft: false", "draft: no", "draft:", "published: true", "status: published", "date: 2001-01-01", "hidden: 0"],
)
def test_a_page_that_is_not_held_back_is_published(db: None, tmp_path: Path, queued: list[Any], shown: str) -> None:
    report, article = imported(tmp_path, f"---\ntitle: Prices\n{shown}\n---\nText.")
    assert article is not None
    assert article.state == "approved"
    assert report["warnings"] == []


def test_a_published_page_that_becomes_a_draft_is_unpublished(db: None, tmp_path: Path, queued: list[Any]) -> None:
    imported(tmp_path, "---\ntitle: Prices\n---\nText.")
    _, article = imported(tmp_path, "---\ntitle: Prices\ndraft: true\n---\nText.")
    assert article is not None
    assert article.state == "draft"
    assert not article.chunks.exists()


@pytest.mark.parametrize(
    ("text", "title", "body"),
    [
        ("---\nid: page\n---\n\n# Cancel a plan\n\nOpen Billing.", "Cancel a plan", "Open Billing."),
        ("# Cancel `a` [plan](x) {#cancel}\r\n\r\nOpen Billing.", "Cancel a plan", "Open Billing."),
        ("Cancel a plan\n===\n\nOpen Billing.", "Cancel a plan", "Open Billing."),
        (
            "import A from './a';\n\n# Cancel a plan\n\nText",
            "Cancel a plan",
            "import A from './a';\n\n# Cancel a plan\n\nText",
        ),
        ("Open Billing.\n\n## Cancel a plan\n\nText", "Cancel a plan", "Open Billing.\n\n## Cancel a plan\n\nText"),
        ("---\ntitle: Seats\n---\nFirst line right after.\n# Two", "Seats", "First line right after.\n# Two"),
    ],
)
def test_the_title_is_in_the_front_matter_or_the_first_heading(
    db: None, tmp_path: Path, queued: list[Any], text: str, title: str, body: str
) -> None:
    _, article = imported(tmp_path, text)
    assert article is not None
    assert (article.title, article.body_md) == (title, body)
    assert import_articles(tmp_path, approve=True).unchanged == 1


def test_without_title_and_heading_the_refusal_says_what_to_add(db: None, tmp_path: Path) -> None:
    report, article = imported(tmp_path, "```\n# no heading\n```\n\nText")
    assert article is None
    assert (
        report["errors"][0]["error"]
        == "The title is missing. Add `title: …` above the text, or start the text with a heading."
    )


def test_tags_and_categories_are_lists_or_text(db: None, tmp_path: Path, queued: list[Any]) -> None:
    _, article = imported(tmp_path, "---\ntitle: A\ntags:\n  - billing\n  - 2026\ncategories: [plans, more]\n---\nText")
    assert article is not None
    assert (article.tags, article.category) == ("billing, 2026", "plans")
    report, _ = imported(tmp_path, "---\ntitle: A\ntags:\n  - [a]\n---\nText")
    assert report["errors"][0]["error"] == "tags must be a list of words."


def test_the_line_of_a_fault_is_reported(db: None, tmp_path: Path) -> None:
    report, _ = imported(tmp_path, "---\ntitle: A\ntitle: B\n---\nText")
    assert [(each["line"], each["error"]) for each in report["errors"]] == [
        (3, "Front matter, line 3: `title` occurs twice.")
    ]
