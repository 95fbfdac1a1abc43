"""/lead/: who may open it, that each figure links to the rows it counts, and that it stays fast."""

import random
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import AsyncClient, Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import gettext, override

from copilot.llm.reading import TOO_LATE
from copilot.models import Draft
from tests import cast
from tests.qa.drafts import days_ago, draft
from tickets.models import Message, User

PAGES = ["qa:overview", "qa:drafts", "qa:figures_csv", "qa:drafts_csv"]
NUMBER = re.compile(r"\d+")


@pytest.fixture
def lead(client: Client, rosa: User) -> Client:
    client.force_login(rosa)
    return client


def get(client: Client, name: str, **params: Any) -> Any:
    response = client.get(reverse(name), params)
    assert response.status_code == 200
    return response


def some_drafts(count: int, seed: int = 1) -> None:
    """Drafts of every kind in the last 60 days, by several agents, in several categories."""
    chance = random.Random(seed)
    for number in range(count):
        review = chance.choice(["accepted", "accepted", "edited", "rejected", "ignored", "pending"])
        state = chance.choice(["ready"] * 6 + ["no_source", "failed", "stopped"])
        shown = days_ago(chance.randint(0, 59), chance.randint(0, 23)) if chance.random() < 0.9 else None
        unjudged = state == "no_source" or shown is None
        found = draft(
            "pending" if unjudged else review,
            shown,
            seconds=chance.randint(2, 300),
            by=None if unjudged or review == "pending" else chance.choice([cast.mira(), cast.jonas()]),
            state=state,
            text="" if state == "no_source" else "Text <NAME> [1].",
            finished_at=shown or days_ago(chance.randint(0, 59)),
            ticket={
                "category_id": chance.choice(["billing", "technical", None]),
                "assignee": chance.choice([None, cast.mira()]),
                "subject": f"Ticket {number}",
                "team": chance.choice([None, cast.team()]),
            },
        )
        if found.review == "edited":
            Draft.objects.filter(pk=found.pk).update(edit_distance=chance.choice([0.05, 0.1, 0.3, 0.7, 1.0]))
        if found.review == "rejected":
            Draft.objects.filter(pk=found.pk).update(reason=chance.choice(Draft.Reason.values))
        if found.reply:
            found.ticket.first_response_at = found.reply.created_at
            found.ticket.save()


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("person", ["mira", "ken", "otto"])
def test_closed_to_agent_author_and_auditor(client: Client, name: str, person: str, request: Any) -> None:
    client.force_login(request.getfixturevalue(person))
    assert client.get(reverse(name)).status_code == 403


@pytest.mark.parametrize("name", PAGES)
def test_anonymous_logs_in_first(client: Client, db: None, name: str) -> None:
    response = client.get(reverse(name))
    assert response.status_code == 302 and reverse("login") in response.url


@pytest.mark.parametrize("name", PAGES)
def test_open_to_lead_and_admin_by_get_only(client: Client, rosa: User, ada: User, name: str) -> None:
    for person in (rosa, ada):
        client.force_login(person)
        assert client.get(reverse(name)).status_code == 200
        assert client.post(reverse(name)).status_code == 405


def test_empty_page_explains_what_it_will_show(lead: Client) -> None:
    page = get(lead, "qa:overview").content.decode()
    assert "Nothing to measure yet" in page and '<svg class="chart' not in page
    assert "No draft counts as" in get(lead, "qa:drafts").content.decode()


def test_one_draft(lead: Client) -> None:
    draft("accepted", days_ago(1), seconds=24)
    page = get(lead, "qa:overview").content.decode()
    assert ">100%</a>" in page and ">24 s</a>" in page and "95% confidence: 21–100%" in page
    assert "Period before: no data" in page


def test_all_ignored(lead: Client) -> None:
    for _ in range(3):
        draft("ignored", days_ago(2))
    tiles = get(lead, "qa:overview").context["tiles"]
    assert tiles[0].value.text == "0%" and tiles[3].value.text == "–"


def test_every_number_links_to_as_many_rows(lead: Client) -> None:
    some_drafts(120)
    own = {"days": 90, "team": cast.team().pk}
    for filters in ({}, {"days": 7}, {"category": "none"}, {"agent": "none"}, own):
        wanted = {(link.url, link.text) for link in _linked(get(lead, "qa:overview", **filters).context)}
        assert wanted, filters
        for url, text in wanted:
            found = NUMBER.search(text.removeprefix("95%"))
            assert found, (url, text)
            assert lead.get(url).context["count"] == int(found.group()), (url, text)


def _linked(context: Any) -> list[Any]:
    links = [link for tile in context["tiles"] for link in tile.links]
    links += [link for link, _ in context["reasons"]]
    links += [link for _, now, before in context["endings"] for link in (now, before)]
    links += [row.shown for row in [*context["agents"], *context["categories"]]]
    links += [row.gaps for row in context["categories"] if row.gaps.text != "–"]
    return links + [link for _, cells in context["series"][-6:] for link in cells[:6]]


def test_every_bar_links_to_as_many_rows(lead: Client) -> None:
    some_drafts(60)
    page = get(lead, "qa:overview").content.decode()
    bars = re.findall(r'<a href="([^"]+)"(?: tabindex="-1")? aria-label="[^"]*?: (\d+)(?: drafts?)?"', page)
    assert len({link for link, _ in bars}) > 10
    for link, count in set(bars):
        assert lead.get(unescape(link)).context["count"] == int(count), link


def test_days_agents_and_categories_add_up_to_the_total(lead: Client) -> None:
    some_drafts(80)
    report = get(lead, "qa:overview").context["report"]
    assert sum(report.now.outcomes.values()) == len(report.now.shown)
    assert sum(len(bucket.figures.shown) for bucket in report.series) == len(report.now.shown)
    assert sum(len(figures.shown) for figures in report.by_agent.values()) == len(report.now.shown)
    assert sum(len(figures.shown) for figures in report.by_category.values()) == len(report.now.shown)


def test_list_pages_hold_each_row_once(lead: Client) -> None:
    moment = days_ago(3)
    made = {draft("accepted", moment).pk for _ in range(60)}  # all at the same moment: the id decides
    seen: list[int] = []
    address = f"{reverse('qa:drafts')}?figure=accepted"
    while address:
        context = lead.get(address).context
        seen += [row.draft.pk for row in context["page"].rows]
        address = f"{reverse('qa:drafts')}?{context['older']}" if context["older"] else ""
    assert len(seen) == 60 and set(seen) == made and seen == sorted(seen, reverse=True)


@pytest.mark.parametrize("after", ["nonsense", "2026-01-01~1", "2026-01-01T00:00:00+00:00~x", "~"])
def test_cursor_that_cannot_be_read_starts_at_the_top(lead: Client, after: str) -> None:
    draft("accepted", days_ago(1))
    assert len(get(lead, "qa:drafts", after=after).context["page"].rows) == 1


def test_edited_draft_shows_real_names_and_what_changed(lead: Client) -> None:
    draft("edited", days_ago(1), text="Hi <NAME>, look under Billing [1].", sent="Hi Tomas, look under Invoices.")
    page = get(lead, "qa:drafts", figure="edited").content.decode()
    assert "<del>Billing.</del><ins>Invoices.</ins>" in page and "Hi Tomas, look under " in page
    assert "&lt;NAME&gt;" not in page


def test_text_of_model_and_customer_is_escaped(lead: Client) -> None:
    draft("rejected", days_ago(1), text="<script>alert(1)</script>", ticket={"subject": "<img src=x>"})
    page = get(lead, "qa:drafts", figure="rejected").content.decode()
    assert "<script>alert" not in page and "<img src=x>" not in page


def test_why_a_draft_failed_is_told_in_the_language_of_the_page(lead: Client, rosa: User) -> None:
    draft(state="failed", text="", error=TOO_LATE, failures=4)
    assert f"{TOO_LATE} Copydesk tried it 4 times." in get(lead, "qa:drafts", figure="failed").content.decode()
    User.objects.filter(pk=rosa.pk).update(language="de")
    page = get(lead, "qa:drafts", figure="failed").content.decode()
    with override("de"):
        assert gettext(TOO_LATE) in page and gettext(TOO_LATE) != TOO_LATE
    assert TOO_LATE not in page


def test_first_responses_are_listed_with_who_wrote_them(lead: Client, jonas: User) -> None:
    ticket = cast.new_ticket(created_at=days_ago(2))
    first = Message.objects.create(
        ticket=ticket, kind="reply", author=jonas, text="Hi", created_at=ticket.created_at + timedelta(minutes=4)
    )
    ticket.first_response_at = first.created_at
    ticket.save()
    rows = get(lead, "qa:drafts", figure="first_response", agent=jonas.pk).context["page"].rows
    assert [(row.agent, row.seconds) for row in rows] == [("Jonas Brandt", 240)]
    assert not get(lead, "qa:drafts", figure="first_response", agent=cast.mira().pk).context["page"].rows


@pytest.mark.parametrize(
    "params",
    [{"days": "14"}, {"from": "x"}, {"from": "2026-02-02", "to": "2026-02-01"}, {"team": "999"}, {"agent": "'; --"}],
)
def test_bad_input_is_named_and_never_fails(lead: Client, params: dict[str, str]) -> None:
    draft("accepted", days_ago(1))
    for name in PAGES[:2]:
        response = get(lead, name, **params)
        assert 'role="alert"' in response.content.decode() and response.context["selection"].preset == 28
    for name in PAGES[2:]:
        response = lead.get(reverse(name), params)
        assert response.status_code == 400 and response["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize("params", [{"figure": "all"}, {"reason": "bad"}, {"distance": "10"}, {"distance": "²"}])
def test_unknown_figure_reason_or_distance(lead: Client, params: dict[str, str]) -> None:
    assert 'role="alert"' in get(lead, "qa:drafts", **params).content.decode()


@pytest.mark.parametrize("figure", ["shown", "edited", "no_source", "first_response"])
def test_queries_do_not_grow_with_rows(lead: Client, figure: str) -> None:
    counts = []
    for more in (12, 60):
        some_drafts(more, seed=more)
        with CaptureQueriesContext(
            connection,
        ) as page:
            get(lead, "qa:overview", days=90)
        with CaptureQueriesContext(connection) as listed:
            get(lead, "qa:drafts", figure=figure, days=90)
        counts.append((len(page), len(listed)))
    assert counts[0] == counts[1]
    assert counts[1][0] <= 9 and counts[1][1] <= 9


def test_figures_as_csv(lead: Client) -> None:
    draft("accepted", days_ago(1), seconds=20)
    draft("rejected", days_ago(1))
    response = get(lead, "qa:figures_csv", days=7)
    lines = response.content.decode().splitlines()
    assert response["Content-Disposition"].startswith('attachment; filename="drafts-figures-')
    assert lines[0] == "section,from,to,name,figure,value,unit,count,of,low_95,high_95"
    acceptance = [line for line in lines if line.startswith("period,") and ",acceptance," in line]
    assert len(acceptance) == 1 and acceptance[0].endswith(",,acceptance,0.5,share,1,2,0.0945,0.9055")
    assert sum(line.startswith("day,") for line in lines) == 7 * len([li for li in lines if li.startswith("period,")])


async def _stream(person: User, query: str) -> list[str]:
    client = AsyncClient()
    await client.aforce_login(person)
    response = await client.get(f"{reverse('qa:drafts_csv')}?{query}")
    assert response.status_code == 200 and response.streaming
    return "".join([part.decode() async for part in response.streaming_content]).splitlines()


@pytest.mark.django_db(transaction=True)
async def test_list_as_csv_is_streamed_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    from asgiref.sync import sync_to_async

    monkeypatch.setattr("qa.pages.exports.BATCH", 4)
    person = await sync_to_async(cast.rosa)()
    made = [await sync_to_async(draft)("edited", days_ago(2)) for _ in range(9)]
    lines = await _stream(person, "figure=edited")
    assert lines[0].startswith("draft,ticket,subject,") and len(lines) == 10
    assert {int(line.split(",")[0]) for line in lines[1:]} == {found.pk for found in made}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
async def test_csv_cells_are_never_formulas(start: str) -> None:
    from asgiref.sync import sync_to_async

    person = await sync_to_async(cast.rosa)()
    await sync_to_async(draft)(
        "accepted", days_ago(2), ticket={"subject": f"{start}HYPERLINK(1)", "category_id": "product_question"}
    )
    lines = await _stream(person, "figure=accepted")
    assert f",'{start}HYPERLINK(1),product_question," in lines[1]


UNITS = re.compile(r"\d (s|min|h|d)\b")


def test_the_durations_of_a_column_are_in_one_unit(lead: Client) -> None:
    for seconds in (45, 130, 7200):
        draft("edited", days_ago(1), seconds=seconds)
    found = get(lead, "qa:drafts")
    assert {UNITS.findall(row.duration)[0] for row in found.context["page"].rows} == {"min"}
    draft("accepted", days_ago(3), seconds=700)
    page = get(lead, "qa:overview")
    for rows in (page.context["agents"], page.context["categories"]):
        assert len({UNITS.findall(row.edited_seconds.text)[0] for row in rows}) == 1
    series = [cells[-1].text for _, cells in page.context["series"] if cells[-1].text != "–"]
    assert len({UNITS.findall(each)[0] for each in series}) == 1
