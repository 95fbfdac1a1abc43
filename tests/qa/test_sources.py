"""/lead/sources/: who may open it, which articles drafts may use and why not, and that figures link to their rows."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from knowledge.articles import publishing
from knowledge.models import Article
from qa.metrics import sources
from tests.qa.drafts import days_ago, draft
from tickets.models import Category, User

PAGES = ["sources", "sources_articles_csv", "sources_figures_csv"]


@pytest.fixture
def write(db: None, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Article]:
    monkeypatch.setattr(publishing, "queue", lambda job, *ids, lane: None)

    def make(title: str, approve: bool = True, **fields: Any) -> Article:
        made = Article(title=title, body_md="Enough words to be a passage.", **fields)
        publishing.save_revision(made)
        if approve:
            publishing.approve(made)
        return made

    return make


@pytest.fixture
def lead(client: Client, rosa: User) -> Client:
    client.force_login(rosa)
    return client


def text(client: Client, name: str = "sources", **params: Any) -> str:
    response = client.get(reverse(f"qa:{name}"), params)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("who", ["anonymous", "mira", "ken", "otto", "rosa", "ada"])
def test_for_leads_only(client: Client, request: Any, db: None, name: str, who: str) -> None:
    if who != "anonymous":
        client.force_login(request.getfixturevalue(who))
    answer = client.get(reverse(f"qa:{name}"))
    if who == "anonymous":
        assert answer.headers["Location"].startswith("/login/")
    else:
        assert answer.status_code == (200 if who in {"rosa", "ada"} else 403)
        assert client.post(reverse(f"qa:{name}")).status_code in {403, 405}


def test_why_drafts_may_not_use_an_article(write: Callable[..., Article]) -> None:
    now = timezone.now()
    archived = write("Archived")
    publishing.archive(archived)
    write("Fine")
    write("Draft", approve=False)
    write("Internal", audience="internal")
    write("Expired", expires_at=now - timedelta(days=1))
    why = {each.article.title: each.why_not for each in sources.read(now)}
    assert why["Fine"] == "" and why["Archived"] == "archived" and why["Draft"] == "not published"
    assert why["Internal"].startswith("internal") and why["Expired"].startswith("expired on")


def test_freshness_counts_only_usable_articles(write: Callable[..., Article]) -> None:
    today = timezone.localdate()
    write("In time", review_by=today)
    write("Overdue", review_by=today - timedelta(days=1))
    write("Undated")
    write("Internal and overdue", review_by=today - timedelta(days=1), audience="internal")
    found = sources.freshness(sources.read(timezone.now()))
    assert (found.in_time.part, found.in_time.whole, found.overdue, found.undated) == (1, 3, 1, 1)


def test_articles_without_an_owner_come_first(write: Callable[..., Article], ken: User) -> None:
    for number in range(3):
        write(f"Ken's {number}", owner=ken)
    write("Orphan")
    assert sources.owners(sources.read(timezone.now())) == [(0, "No owner", 1), (ken.pk, "Ken Adeyemi", 3)]


def test_coverage_by_category_links_to_its_rows(lead: Client, write: Callable[..., Article]) -> None:
    write("Refunds", category="billing")
    draft("accepted", days_ago(3), ticket={"category_id": "billing"})
    draft("pending", None, state="no_source", text="", finished_at=days_ago(2), ticket={"category_id": "billing"})
    page = text(lead)
    assert "Billing" in page and "50%" in page and "figure=no_source" in page
    assert "Gap rate by week" in page and "without a source" in page
    assert "#2 ·" not in page
    listed = text(lead, tickets="billing")
    assert listed.count("/desk/") >= 2
    assert "1 of 1" in text(lead, state="usable", category="billing")


def test_pages_show_the_label_of_a_category_and_files_do_not(lead: Client) -> None:
    Category.objects.filter(slug="billing").update(name="Our <b> invoices")
    draft("accepted", days_ago(3), ticket={"category_id": "billing"})
    draft("accepted", days_ago(3))
    for page in (text(lead), text(lead, "overview")):
        assert "Our &lt;b&gt; invoices</th>" in page and "No category</th>" in page
    assert "Tickets: Our &lt;b&gt; invoices" in text(lead, tickets="billing")
    assert '<option value="billing">Our &lt;b&gt; invoices</option>' in text(lead, "overview")
    names = {row["name"] for row in csv.DictReader(io.StringIO(text(lead, "sources_figures_csv")))}
    assert {"Billing", "No category"} <= names


def test_filters_by_owner_and_state(lead: Client, write: Callable[..., Article], ken: User) -> None:
    write("Orphan <b>")
    write("Kept", owner=ken)
    page = text(lead, owner="none")
    assert "Orphan &lt;b&gt;" in page and "1 of 2: no owner" in page.lower()
    assert "No article matches" in text(lead, state="overdue")
    assert "2 of 2" in text(lead, state="nonsense", owner="x")


def test_empty_page_says_what_is_missing(lead: Client) -> None:
    page = text(lead)
    assert "There are no articles yet" in page and "No draft was written" in page


def test_csv_is_complete_and_safe(lead: Client, write: Callable[..., Article]) -> None:
    write("=SUM(A1)", category="billing")
    draft("accepted", days_ago(3), ticket={"category_id": "billing"})
    rows = list(csv.DictReader(io.StringIO(text(lead, "sources_articles_csv"))))
    assert rows[0]["title"] == "'=SUM(A1)" and rows[0]["used_in_drafts"] == "yes"
    figures = list(csv.DictReader(io.StringIO(text(lead, "sources_figures_csv"))))
    assert {row["section"] for row in figures} == {"freshness", "owner", "category", "week"}


def test_queries_do_not_grow(lead: Client, write: Callable[..., Article], ken: User) -> None:
    write("First", category="billing")
    draft("accepted", days_ago(3), ticket={"category_id": "billing"})
    text(lead)
    with CaptureQueriesContext(connection) as few:
        text(lead)
    for number in range(10):
        own = Category.objects.create(slug=f"c{number}", name=f"Own {number}")
        write(f"More {number}", owner=ken, category=own.slug)
        draft("edited", days_ago(number), ticket={"category": own})
    with CaptureQueriesContext(connection) as many:
        text(lead)
    assert len(many) == len(few)
