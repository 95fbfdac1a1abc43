"""What became of the drafts that had an article as a source."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from copilot.articles.usage import by_week, report
from copilot.models import Citation, Draft
from knowledge.hygiene import usage
from knowledge.models import Article
from tests.qa.drafts import days_ago, draft
from tickets.models import User

SINCE = timedelta(days=90)


@pytest.fixture
def article(db: None) -> Article:
    return Article.objects.create(title="Receipts", body_md="Under Billing.")


def rests_on(article: Article, review: str = "accepted", cited: bool = True, number: int = 1, **fields: Any) -> Draft:
    made = draft(review, days_ago(fields.pop("days", 3)), **fields)
    Citation.objects.create(draft=made, number=number, article=article, title="x", excerpt="x", score=0.8, cited=cited)
    return made


def test_each_draft_counts_once_and_is_reviewed_only_where_cited(article: Article) -> None:
    twice = rests_on(article, "accepted")
    Citation.objects.create(draft=twice, number=2, article=article, title="x", excerpt="y", score=0.7, cited=True)
    rests_on(article, "edited")
    rests_on(article, "rejected")
    rests_on(article, "ignored")
    rests_on(article, "rejected", cited=False)
    rests_on(article, "accepted", days=200)
    found = usage.usage([article.pk], timezone.now() - SINCE)
    assert found == {article.pk: usage.Usage(5, 4, 1, 1, 1, 1)}
    assert report(article.pk, timezone.now() - SINCE).usage == found[article.pk]


def test_an_article_nobody_used_has_zeros(article: Article) -> None:
    assert usage.usage([article.pk], timezone.now() - SINCE) == {article.pk: usage.Usage()}


def test_none_asks_for_every_article_that_was_used(article: Article) -> None:
    Article.objects.create(title="Unused", body_md="x")
    rests_on(article)
    assert set(usage.usage(None, timezone.now() - SINCE)) == {article.pk}


def test_any_number_of_articles_costs_one_query(article: Article, django_assert_num_queries: Any) -> None:
    other = Article.objects.create(title="Other", body_md="x")
    for each in (article, other):
        rests_on(each)
    with django_assert_num_queries(1):
        usage.usage([article.pk, other.pk], timezone.now() - SINCE)


def test_the_report_says_how_much_was_edited_and_why_rejected(article: Article, django_assert_num_queries: Any) -> None:
    rests_on(article, "edited", edit_distance=0.1)
    rests_on(article, "edited", edit_distance=0.3)
    rests_on(article, "rejected", reason="outdated_source")
    with django_assert_num_queries(2):
        found = report(article.pk, timezone.now() - SINCE)
    assert found.edit_distance == pytest.approx(0.2)
    assert found.reasons == [("Outdated source", 1)]
    assert len(found.latest) == 3
    assert sum(week.cited for week in found.weeks) == 3


def test_weeks_are_whole_and_empty_ones_are_kept() -> None:
    now = datetime(2026, 3, 31, 12, tzinfo=UTC)
    weeks = by_week([(date(2026, 3, 31), True), (date(2026, 3, 17), False)], now - timedelta(days=28), now)
    assert [(week.start.day, week.retrieved, week.cited) for week in weeks] == [
        (4, 0, 0),
        (11, 1, 0),
        (18, 0, 0),
        (25, 1, 1),
    ]


ALLOWED = {"rosa": True, "ada": True, "ken": True, "otto": True, "mira": False}


@pytest.mark.parametrize(("who", "allowed"), ALLOWED.items())
def test_authors_leads_and_auditors_see_the_panel(
    client: Client, request: Any, article: Article, who: str, allowed: bool
) -> None:
    client.force_login(request.getfixturevalue(who))
    answer = client.get(reverse("copilot:article_usage", args=[article.pk]))
    assert answer.status_code == (200 if allowed else 403)


def test_strangers_are_sent_to_log_in(client: Client, article: Article) -> None:
    assert client.get(reverse("copilot:article_usage", args=[article.pk])).status_code == 302
    assert client.post(reverse("copilot:try_article")).status_code == 302


def test_an_article_that_is_not_there(client: Client, ken: User) -> None:
    client.force_login(ken)
    assert client.get(reverse("copilot:article_usage", args=[987654])).status_code == 404


def test_tickets_are_named_to_those_who_may_open_them(client: Client, ken: User, rosa: User, article: Article) -> None:
    made = rests_on(article, ticket={"subject": "Where is <b>my</b> receipt?"})
    url = reverse("copilot:article_usage", args=[article.pk])
    link = reverse("tickets:ticket", args=[made.ticket_id])
    client.force_login(rosa)
    page = client.get(url).content.decode()
    assert link in page
    assert "Where is &lt;b&gt;my&lt;/b&gt; receipt?" in page
    client.force_login(ken)
    page = client.get(url).content.decode()
    assert link not in page
    assert "receipt?" not in page
    assert f"#{made.ticket_id}" in page


def test_nothing_yet_is_said_in_words(client: Client, ken: User, article: Article) -> None:
    client.force_login(ken)
    page = client.get(reverse("copilot:article_usage", args=[article.pk])).content.decode()
    assert "No draft has used this article" in page


Write = Callable[..., Article]
