"""Remarks on an article while it is written: specific, with their line, never blocking."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from knowledge.articles.checks import check
from knowledge.models import Article
from knowledge.search.similar import similar
from knowledge.sync import storing
from knowledge.text.links import problem_with
from tests.knowledge.conftest import EXPORT, REFUNDS
from tickets.models import User

Write = Callable[..., Article]


def said(markdown: str, title: str = "Title", **more: Any) -> list[tuple[str, int, str]]:
    return [(each.level, each.line, each.words) for each in check(markdown, title, **more)]


@pytest.mark.parametrize(
    ("markdown", "level", "line", "words"),
    [
        ("text\n\n##\n\ntext", "warn", 3, "empty"),
        ("## A\n\nx\n\n## B\n\nx\n\n### a\n\nx", "warn", 9, "“a” occurs twice"),
        ("## A\n\nx\n\n#### B\n\nx", "warn", 5, "from level 2 to level 4"),
        ("### A\n\nx", "warn", 1, "from level 1 to level 3"),
        ("# Title\n\nx", "info", 1, "repeats the title"),
        ("![](/knowledge/images/x.png)", "warn", 1, "no description"),
        ("![image](/knowledge/images/x.png)", "warn", 1, "says nothing about the picture"),
        ("![A chart](https://other.example/c.png)", "warn", 1, "is on another site"),
        ("one\n\ntwo [x]()", "bad", 3, "has no address"),
        ("[x](https://other.example/a)", "info", 1, "External link: https://other.example/a"),
        ("one\n\nTODO: prices", "bad", 3, "“TODO” is still"),
        ("Lorem ipsum dolor", "bad", 1, "“Lorem ipsum” is still"),
        ("word " * 301, "warn", 1, "301 words without a heading"),
        ("## A\n\n" + "word " * 20 + "\n\n## B\n\n" + "word " * 400, "warn", 5, "400 words"),
    ],
)
def test_problems_that_an_editor_would_point_out(markdown: str, level: str, line: int, words: str) -> None:
    assert [each for each in said(markdown) if each[:2] == (level, line) and words in each[2]], said(markdown)


def test_a_good_article_has_no_remarks() -> None:
    assert said(REFUNDS, "Refunds") == []
    assert said("## A\n\n[there](/knowledge/articles/1/)\n\n### B\n\n`TO DO` is fine: methodology, todos") == []


def test_code_is_left_alone_and_long_lists_are_short() -> None:
    assert said("```\n# no heading\n[no](link)\n```") == []
    lines = [each for each in said("\n\n".join(["TODO"] * 9)) if "TODO" in each[2] or "more lines" in each[2]]
    assert len(lines) == 4
    assert "6 more lines" in lines[-1][2]


def test_lines_are_unknown_when_hidden_markup_is_removed() -> None:
    assert [line for _, line, _ in said("---\ntitle: x\n---\n\nTODO")] == [0]


def test_broken_internal_links_are_found(write: Write) -> None:
    public, internal, draft = write("Public"), write("Secret", audience="internal"), write("Draft", approve=False)
    article = "/knowledge/articles/{}/".format
    assert problem_with(article(public.pk)) == ""
    assert problem_with(article(internal.pk)) == ""
    assert problem_with(article(draft.pk)) == "“Draft” is not published."
    assert problem_with(article(987654)) == "This article does not exist."
    assert problem_with(article(10**30)) == "This article does not exist."
    assert problem_with("/knowledge/nothing/") == "This page does not exist."
    assert problem_with("/nowhere/") == "Copydesk has no page with this address."
    assert problem_with(f"/knowledge/images/{'0' * 64}.png") == "This picture does not exist."
    assert said(f"[x]({article(987654)}#s-a)", resolve=problem_with)[0][:2] == ("bad", 1)


@given(st.text(alphabet=st.sampled_from("#[]()!`*- \n/ahtps:.<>\\\r\x00TODO|"), max_size=200))
def test_any_text_can_be_checked(markdown: str) -> None:
    for remark in check(markdown, resolve=lambda address: "wrong"):
        assert remark.words
        assert remark.line >= 0


# --- Similar articles ---


def test_similar_articles_are_named_but_not_the_article_itself(store: Any, write: Write) -> None:
    mine, other = write("Refunds"), write("Refunds for cards", REFUNDS)
    write("Export", EXPORT)
    storing.sync_all()
    assert similar("Refunds", REFUNDS, mine.pk)[0].article_id == other.pk
    assert mine.pk not in {each.article_id for each in similar("Refunds", REFUNDS, mine.pk)}
    assert {mine.pk, other.pk} <= {each.article_id for each in similar("Refunds", REFUNDS)}


def test_two_words_are_too_few_to_compare(store: Any, write: Write) -> None:
    write()
    storing.sync_all()
    assert similar("Refunds", "") == []


# --- The panel under the editor ---

URL = "admin:knowledge_article_checks"


def test_the_panel_shows_problems_and_similar_articles(client: Client, ken: User, store: Any, write: Write) -> None:
    other = write("Refunds <now>")
    storing.sync_all()
    client.force_login(ken)
    posted = {"title": "Refunds to cards", "body_md": REFUNDS + "\n\nTODO [a](https://x.example/?<b>)", "article": ""}
    page = client.post(reverse(URL), posted).content.decode()
    assert "“TODO” is still in the text" in page
    assert "External link: https://x.example/?" in page
    assert "Refunds &lt;now&gt;" in page
    assert reverse("admin:knowledge_article_change", args=[other.pk]) in page
    assert "improve it instead" in page
    posted["article"] = str(other.pk)
    assert "improve this one instead" not in client.post(reverse(URL), posted).content.decode()


def test_the_panel_says_when_there_are_no_problems(client: Client, ken: User, store: Any) -> None:
    client.force_login(ken)
    assert "No problems found" in client.post(reverse(URL), {"title": "T", "body_md": "Fine."}).content.decode()


@pytest.mark.parametrize(("who", "status"), [("mira", {302, 403}), ("otto", {302, 403}), ("rosa", {200})])
def test_only_authors_get_the_checks(client: Client, request: Any, store: Any, who: str, status: set[int]) -> None:
    client.force_login(request.getfixturevalue(who))
    assert client.post(reverse(URL), {"body_md": "x"}).status_code in status
    assert client.get(reverse(URL)).status_code in {302, 403}


def test_saving_warns_but_saves(client: Client, ken: User, queued: list[Any]) -> None:
    client.force_login(ken)
    posted = {"title": "T", "body_md": "TODO", "audience": "public", "language": "en", "based_on": 0, "_continue": "1"}
    page = client.post(reverse("admin:knowledge_article_add"), posted, follow=True).content.decode()
    assert Article.objects.get().body_md == "TODO"
    assert "“TODO” is still in the text" in page
