"""/lead/help/: deflection checked by hand, over finished visits only, and open to leads only."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from knowledge.models import Article, HelpRead, HelpSearch, HelpVisit, HelpVote, Revision
from qa.metrics import deflection
from qa.metrics.deflection import Searched, visits
from qa.metrics.metrics import wilson
from qa.metrics.selection import Period, last_days
from tests import cast
from tests.qa.drafts import days_ago

HOUR = timedelta(hours=1)
NOON = days_ago(10, 12)
ONE, TWO = UUID(int=1), UUID(int=2)


def search(id_: int, visit: UUID, at: datetime, found: int = 1) -> Searched:
    return Searched(id_, visit, at, found)


def test_a_visit_is_a_first_search_and_its_24_hours() -> None:
    rows = [
        search(1, ONE, NOON),
        search(2, ONE, NOON + 23 * HOUR, found=0),
        search(3, ONE, NOON + 25 * HOUR),
        search(4, TWO, NOON + HOUR),
    ]
    found = visits(reversed(rows), opened={2}, tickets={})
    assert [(each.visit, each.searches, each.answered, each.opened) for each in found] == [
        (ONE, 2, 1, True),
        (TWO, 1, 1, False),
        (ONE, 1, 1, False),
    ]


@pytest.mark.parametrize(
    ("hours", "deflected"), [(None, True), (-1, True), (0, False), (5, False), (24, False), (24.1, True)]
)
def test_a_visit_with_a_ticket_within_24_hours_is_not_deflected(hours: float | None, deflected: bool) -> None:
    tickets = {} if hours is None else {ONE: [NOON + hours * HOUR]}
    (found,) = visits([search(1, ONE, NOON)], {1}, tickets)
    assert found.deflected is deflected


def test_opening_nothing_is_not_deflected() -> None:
    (found,) = visits([search(1, ONE, NOON)], set(), {})
    assert not found.deflected


def test_a_ticket_of_another_browser_does_not_count() -> None:
    (found,) = visits([search(1, ONE, NOON)], {1}, {TWO: [NOON + HOUR]})
    assert found.deflected


def test_the_figures_by_hand() -> None:
    rows = [search(n, UUID(int=n), NOON + n * HOUR, found=int(n % 2)) for n in range(1, 11)]
    found = deflection.Figures(
        visits(rows, {1, 3, 5, 7}, {UUID(int=7): [NOON + 8 * HOUR], UUID(int=2): [NOON + 3 * HOUR]})
    )
    assert (found.searches, found.answered.part, found.opened.part, found.tickets.part) == (10, 5, 4, 2)
    assert (found.deflected.part, found.deflected.whole, found.neither) == (3, 10, 5)
    assert found.deflected.interval == wilson(3, 10)
    assert found.deflected.part + found.tickets.part + found.neither == 10


def test_weeks_start_on_monday_and_cover_the_period() -> None:
    period = last_days(28, timezone.localdate())
    cut = deflection.weeks(period)
    assert cut[0].first == period.first and cut[-1].last == period.last
    assert all(week.first.weekday() == 0 for week in cut[1:]) and sum(week.days for week in cut) == 28


# --- The page --------------------------------------------------------------------


def visitor(at: datetime, query: str = "export", found: int = 1, read: Article | None = None) -> HelpVisit:
    visit = HelpVisit.objects.create(key=uuid4(), started_at=at)
    row = HelpSearch.objects.create(visit=visit, query=query, found=found, searched_at=at)
    if read:
        HelpRead.objects.create(visit=visit, article=read, search=row, read_at=at)
    return visit


@pytest.fixture
def article(db: None) -> Article:
    made = Article.objects.create(title="Export your data", body_md="Text.")
    revision = Revision.objects.create(article=made, number=1, title=made.title, body_md="Text.", content_hash="x")
    Article.objects.filter(pk=made.pk).update(state="approved", published=revision)
    return Article.objects.get(pk=made.pk)


def read_days(days: int = 28) -> deflection.Deflection:
    return deflection.read(last_days(days, timezone.localdate()))


def test_it_is_read_from_stored_searches_reads_and_tickets(article: Article) -> None:
    visitor(days_ago(3), read=article)
    wrote = visitor(days_ago(4), read=article)
    cast.new_ticket(help_visit=wrote.key, created_at=days_ago(4) + HOUR)
    visitor(days_ago(5), "pay with paypal", found=0)
    visitor(days_ago(60), read=article)
    found = read_days()
    assert (found.now.searches, found.now.deflected.part, found.now.deflected.whole) == (3, 1, 3)
    assert [(each.query, each.times) for each in found.unanswered] == [("pay with paypal", 1)]


def test_visits_that_are_not_over_are_not_counted(article: Article) -> None:
    visitor(timezone.now() - HOUR, read=article)
    found = read_days()
    assert (len(found.now.visits), found.running) == (0, 1)


def test_a_visit_that_started_before_the_period_does_not_start_again_in_it(article: Article) -> None:
    day = timezone.localdate() - timedelta(days=5)
    period = Period(day, day)
    visit = visitor(period.start - HOUR, read=article)
    HelpSearch.objects.create(visit=visit, query="more", found=1, searched_at=period.start + HOUR)
    assert deflection.read(period).now.visits == []


def test_the_least_helpful_article_comes_first(article: Article) -> None:
    other = Article.objects.create(title="Fine", body_md="x")
    for number in range(4):
        visit = visitor(days_ago(2, number))
        HelpVote.objects.create(
            visit=visit, article=article, helped=number == 0, comment=f"No {number}", voted_at=days_ago(2)
        )
    HelpVote.objects.create(visit=visit, article=other, helped=False, voted_at=days_ago(2))
    votes = read_days().votes
    assert [(each.title, each.not_helped, each.helped) for each in votes] == [
        ("Export your data", 3, 1),
        ("Fine", 1, 0),
    ]
    assert len(votes[0].comments) == deflection.COMMENTS


@pytest.mark.parametrize("name", ["qa:help_center", "qa:help_center_csv"])
@pytest.mark.parametrize(
    ("who", "status"), [("mira", 403), ("ken", 403), ("otto", 403), ("rosa", 200), ("ada", 200), ("", 302)]
)
def test_only_leads_and_admins_may_look(client: Client, db: None, name: str, who: str, status: int) -> None:
    if who:
        client.force_login(getattr(cast, who)())
    assert client.get(reverse(name)).status_code == status
    assert client.post(reverse(name)).status_code in {302, 403, 405}


def test_an_empty_page_explains_what_it_will_show(client: Client, rosa: Any) -> None:
    client.force_login(rosa)
    page = client.get(reverse("qa:help_center")).content.decode()
    assert "Nobody has searched the help center yet" in page and "upper bound" in page


def test_page_and_csv_show_the_same_figures(client: Client, rosa: Any, article: Article) -> None:
    client.force_login(rosa)
    visitor(days_ago(3), read=article)
    visitor(days_ago(3), "=cmd|' /C calc'!A0", found=0)
    page = client.get(reverse("qa:help_center"), {"days": "28"}).content.decode()
    assert "Visits with a search and how they ended" in page and "50%" in page and "95% confidence" in page
    assert 'href="/lead/help/' in client.get(reverse("qa:overview")).content.decode()
    csv = client.get(reverse("qa:help_center_csv"), {"days": "28"}).content.decode()
    assert '"visits deflected, at most",1,2,0.5,' in csv and "'=cmd|" in csv
    assert client.get(reverse("qa:help_center_csv"), {"days": "3"}).status_code == 400


def test_the_queries_do_not_grow(client: Client, rosa: Any, article: Article) -> None:
    client.force_login(rosa)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(reverse("qa:help_center"), {"days": "90"}).status_code == 200
        return len(seen)

    visitor(days_ago(3), read=article)
    few = queries()
    for number in range(30):
        visit = visitor(days_ago(number % 60), f"query {number}", found=number % 3, read=article)
        HelpVote.objects.create(
            visit=visit, article=article, helped=bool(number % 2), comment="x", voted_at=days_ago(1)
        )
    assert queries() == few
