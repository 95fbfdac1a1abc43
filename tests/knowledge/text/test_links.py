"""Links inside an article and between articles lead where their author wanted."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.articles import publishing
from knowledge.articles.checks import check
from knowledge.articles.importing import import_articles
from knowledge.models import Article
from knowledge.text.article_links import address, resolve
from knowledge.text.code_marks import outside_code
from knowledge.text.rendering import anchor, render
from tests.knowledge.articles.test_export import round_trip
from tickets.models import User

Write = Callable[..., Article]
HEADING = re.compile(r"<h\d id=\"([^\"]*)\">")


def ids(markdown: str) -> list[str]:
    return HEADING.findall(render(markdown))


def hrefs(html: str) -> list[str]:
    return re.findall(r'href="([^"]*)"', html)


@pytest.mark.parametrize(
    ("heading", "link"),
    [
        ("## Reset your key", "reset-your-key"),
        ("## Reset your key", "Reset-Your-Key"),
        ("## Reset your key", "reset_your_key"),
        ("## What's new? (2026)", "whats-new-2026"),
        ("## C++ & more", "c--more"),
        ("## `npm run` it", "npm-run-it"),
        ("## [Linked](x.html) heading", "linked-heading"),
        ("## Schlüssel zurücksetzen", "schlüssel-zurücksetzen"),
        ("## Schlüssel", "schl%C3%BCssel"),
        ("## 再発行の手順", "再発行の手順"),
        ("## 🚀 Launch", "-launch"),
        ("## 🚀", "🚀"),
        ("## Reset your key {#reset}", "reset"),
        ("## Reset your key {#reset}", "reset-your-key"),
        ("## Reset your key {: #reset }", "reset"),
        ("Reset your key {#reset}\n---", "reset"),
        ("## Setup\n\nx\n\n## Setup", "setup-1"),
    ],
)
def test_a_link_to_a_section_finds_its_heading(heading: str, link: str) -> None:
    html = render(f"[Jump](#{link})\n\n## Other\n\ntext\n\n{heading}\n\ntext")
    assert hrefs(html)[0] == f"#{HEADING.findall(html)[-1]}"
    assert "{" not in html
    assert not [each for each in check(f"# a\n\n[Jump](#{link})\n\n{heading}\n\nx") if "no heading here" in each.words]


def test_headings_have_different_ids_that_stay_the_same() -> None:
    text = "## Setup\n\n## Setup\n\n## Setup 1\n\n## setup!\n\n## 🚀\n\n## 🎉\n\n## !!!"
    assert len(set(ids(text))) == len(ids(text)) == 7
    assert ids(text) == ids(text)
    assert ids(text)[0] == anchor("Part › Setup")


@settings(deadline=None)
@given(st.lists(st.text(alphabet="ab -1!é🚀", max_size=5), max_size=8))
def test_no_two_headings_share_an_id(names: list[str]) -> None:
    found = ids("\n\n".join(f"## {name}" for name in names))
    assert len(found) == len(set(found)) == len(names)
    assert all(each.startswith("s-") for each in found)


def test_a_link_to_a_missing_heading_is_a_remark() -> None:
    assert [each.words for each in check("[x](#nowhere)\n\n## Here\n\nx")] == ["#nowhere: no heading has this name."]


FILES = {
    "docs/billing/refunds.md": "---\nid: Refunds & more\ntitle: Refunds\n---\n## How long {#long}\n\nFive days.",
    "docs/plans/index.md": "---\nid: plans\ntitle: Plans\n---\nThree plans.",
    "docs/start.md": (
        "---\ntitle: Start\n---\n"
        "[a](billing/refunds.md) [b](./billing/refunds.md#long) [c](billing/refunds) [d](plans/)"
        " [e](/docs/plans/index.md) [e](/billing/refunds) [f](billing/../plans/README.md?x=1)\n\n"
        "[g]: plans/index.md\n\n[g] [h](https://a.example/x.md) [i](gone.md)"
        " `[j](billing/refunds.md)`\n\n```\n[k](billing/refunds.md)\n```\n"
    ),
}


@pytest.fixture
def start(db: None, tmp_path: Path, queued: list[Any]) -> Article:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    report = import_articles(tmp_path, approve=True)
    assert [each["error"] for each in report.warnings] == ["The link to gone.md leads to no imported article."]
    assert import_articles(tmp_path, approve=True).unchanged == 3
    return Article.objects.get(external_id="start")


def test_links_between_files_become_links_between_articles(start: Article, client: Client, mira: User) -> None:
    refunds, plans = (Article.objects.get(title=title) for title in ("Refunds", "Plans"))
    client.force_login(mira)
    page = client.get(reverse("knowledge:article", args=[start.pk])).content.decode()
    to_refunds, to_plans = (reverse("knowledge:article", args=[each.pk]) for each in (refunds, plans))
    body = page[page.index(">a</a>") - 200 :]
    assert [each for each in hrefs(body) if each in {to_refunds, to_plans} or "#s-" in each] == [
        *(to_refunds, f"{to_refunds}#s-how-long", to_refunds, to_plans, to_plans, to_refunds, to_plans, to_plans),
    ]
    assert "[j](billing/refunds.md)" in body and "[k](billing/refunds.md)" in body
    assert "gone.md" not in body


def test_in_the_help_center_they_lead_to_its_own_pages(start: Article, client: Client) -> None:
    refunds = Article.objects.get(title="Refunds")
    page = client.get(f"/help/en/articles/{start.pk}-start/", follow=True).content.decode()
    target = next(each for each in hrefs(page) if each.endswith("#s-how-long"))
    assert target.startswith("/help/en/")
    assert client.get(target.partition("#")[0]).status_code == 200
    assert "/knowledge/articles/" not in page
    assert str(refunds.pk) in target


def test_a_link_to_an_article_that_is_not_public_becomes_plain_text(start: Article, client: Client) -> None:
    Article.objects.filter(title="Refunds").update(audience="internal")
    publishing.unpublish(Article.objects.get(title="Plans"))
    page = client.get(f"/help/en/articles/{start.pk}-start/", follow=True).content.decode()
    assert "#s-how-long" not in page
    assert 'href="article:' not in page
    assert resolve(start.body_md).keys() == {"article:Refunds%20%26%20more", "article:Refunds%20%26%20more#long"}


def test_rows_with_a_path_are_linked_as_files_are(db: None, tmp_path: Path, queued: list[Any]) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text(
        '{"id": "a", "title": "A", "path": "docs/a.md", "body_md": "[b](sub/b.md#x)"}\n'
        '{"id": "b", "title": "B", "path": "docs/sub/b.md", "body_md": "[a](../a)"}\n'
    )
    import_articles(rows, approve=True)
    assert Article.objects.get(external_id="a").body_md == "[b](article:b#x)"
    assert Article.objects.get(external_id="b").body_md == "[a](article:a)"
    first, second = round_trip(tmp_path / "export")
    assert first == second


@pytest.mark.parametrize("name", ["über-uns", "再発行の手順", "%C3%BCber-uns"])
def test_a_link_to_a_section_of_another_article_in_any_script(
    write: Write, queued: list[Any], client: Client, mira: User, name: str
) -> None:
    target = write("Firma", "## Über uns\n\nx\n\n## 再発行の手順\n\ny")
    Article.objects.filter(pk=target.pk).update(external_id="会社" * 50)
    start = write("Start", f"[Dort]({address('会社' * 50, name)})")
    client.force_login(mira)
    page = client.get(reverse("knowledge:article", args=[start.pk])).content.decode()
    link = next(each for each in hrefs(page) if "#s-" in each)
    assert link.partition("#")[0] == reverse("knowledge:article", args=[target.pk])
    there = client.get(reverse("knowledge:article", args=[target.pk])).content.decode()
    assert f'id="{link.partition("#")[2]}"' in there


@settings(deadline=None)
@given(st.text(alphabet="a`~\n\r> \t-\\[]()", max_size=200))
def test_outside_code_keeps_every_letter(text: str) -> None:
    assert outside_code(text, lambda prose: prose) == text
