"""/knowledge/articles/N/ and /knowledge/search/: who may, and what they see."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from knowledge.models import Article
from knowledge.sync import storing
from tests.knowledge.fakes import MemoryStore
from tickets.models import User

Write = Callable[..., Article]


@pytest.mark.parametrize("name", ["search", "article"])
def test_strangers_are_sent_to_log_in(client: Client, db: None, name: str) -> None:
    url = reverse(f"knowledge:{name}", args=[1] if name == "article" else [])
    assert client.get(url).headers["Location"].startswith("/login/")


@pytest.mark.parametrize("who", ["mira", "rosa", "ken", "ada", "otto"])
def test_the_team_reads_published_articles(
    client: Client, request: Any, store: MemoryStore, write: Write, who: str
) -> None:
    client.force_login(request.getfixturevalue(who))
    article = write(audience="internal", review_by=timezone.localdate() - timedelta(days=1))
    page = client.get(reverse("knowledge:article", args=[article.pk])).content.decode()
    assert "<h1>Refunds</h1>" in page
    assert "internal: agents only" in page
    assert "review overdue since" in page
    assert "revision 1" in page
    assert 'id="s-how-long-it-takes"' in page


@pytest.mark.parametrize(("who", "status"), [("mira", 404), ("otto", 404), ("ken", 200), ("rosa", 200)])
def test_drafts_are_for_authors(client: Client, request: Any, write: Write, who: str, status: int) -> None:
    client.force_login(request.getfixturevalue(who))
    article = write(approve=False)
    assert client.get(reverse("knowledge:article", args=[article.pk])).status_code == status


def test_readers_see_the_published_text_and_not_the_newer_draft(client: Client, mira: User, write: Write) -> None:
    article = write()
    Article.objects.filter(pk=article.pk).update(title="Secret plans", body_md="Not yet.")
    client.force_login(mira)
    page = client.get(reverse("knowledge:article", args=[article.pk])).content.decode()
    assert "Secret plans" not in page
    assert "Not yet." not in page


def test_hits_come_as_a_partial_with_their_reasons(
    client: Client, mira: User, store: MemoryStore, write: Write
) -> None:
    write(audience="internal", title="Refunds <b>for agents</b>")
    storing.sync_all()
    client.force_login(mira)
    answer = client.get(reverse("knowledge:search"), {"q": "refund card"}, headers={"HX-Request": "true"})
    html = answer.content.decode()
    assert "<html" not in html
    assert "Refunds &lt;b&gt;for agents" in html
    assert "internal" in html
    assert "meaning 0." in html
    assert "knowledge/_hits.html" in [template.name for template in answer.templates]


def test_opened_directly_it_is_a_page_around_the_same_partial(client: Client, mira: User, store: MemoryStore) -> None:
    client.force_login(mira)
    answer = client.get(reverse("knowledge:search"), {"q": "quantum physics"})
    assert {"knowledge/search.html", "knowledge/_hits.html"} <= {template.name for template in answer.templates}
    assert "No article answers this." in answer.content.decode()


def test_the_page_says_that_a_part_is_down(client: Client, mira: User, store: MemoryStore, write: Write) -> None:
    write()
    store.fail_after = 0
    client.force_login(mira)
    html = client.get(
        reverse("knowledge:search"), {"q": "refund card"}, headers={"HX-Request": "true"}
    ).content.decode()
    assert "This search used words only" in html
    assert "Refunds" in html


def test_searching_is_get_only(client: Client, mira: User) -> None:
    client.force_login(mira)
    assert client.post(reverse("knowledge:search")).status_code == 405
