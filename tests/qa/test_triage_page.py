"""/lead/triage/: which tickets count, the figures of them, the page, its file, and who may open it."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from qa.metrics import triage
from qa.metrics.metrics import Share
from qa.metrics.selection import Selection, last_days
from qa.metrics.triage import Figures, Judged
from qa.pages import triage_shown
from tests import cast
from tests.qa.drafts import at, days_ago
from tests.qa.test_charts import parse
from tests.qa.triages import another_message, answer, by_mira, classified, classifier, classify
from tickets.models import Category, Ticket, User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fake_embedder(settings: Any) -> Iterator[None]:
    settings.EMBEDDING_MODEL = "fake"
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def lead(client: Client, rosa: User) -> Client:
    client.force_login(rosa)
    return client


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures from one ticket on."""
    monkeypatch.setattr(triage, "ENOUGH", 1)


def get(client: Client, name: str = "triage", **params: Any) -> Any:
    response = client.get(reverse(f"qa:{name}"), params)
    assert response.status_code == 200
    return response


def text(client: Client, **params: Any) -> str:
    return " ".join(get(client, **params).content.decode().split())


def read(days: int = 28, team: int | None = None) -> triage.Report:
    return triage.read(last_days(days, timezone.localdate()), team)


def pairs() -> list[tuple[str, str]]:
    """What was said and what was decided, of all that counts."""
    return [(row.said, row.decided) for row in read().now.rows]


def judged(said: str, decided: str, confidence: float = 0.9, day: int = 2) -> Judged:
    return Judged(1, days_ago(day), said, decided, confidence, True, None, None)


class TestWhatCounts:
    def test_an_answer_without_a_correction_agrees(self) -> None:
        classified("billing")
        assert pairs() == [("billing", "billing")]

    def test_so_does_closing(self) -> None:
        closed = classified("billing", answered=False)
        Ticket.objects.filter(pk=closed.message.ticket_id).update(status="closed", closed_at=days_ago(1))
        assert pairs() == [("billing", "billing")]

    def test_a_correction_counts_at_once(self) -> None:
        classified("billing", "technical", answered=False)
        classified("billing", "", answered=False)
        classified("", "technical", answered=False)
        assert sorted(pairs()) == [("", "technical"), ("billing", ""), ("billing", "technical")]

    def test_confirming_is_agreeing(self) -> None:
        classified("billing", "billing", answered=False)
        assert pairs() == [("billing", "billing")]

    def test_what_nobody_has_looked_at_does_not_count(self) -> None:
        waiting = classified("billing", answered=False)
        answer(waiting.message.ticket, waiting.made_at - timedelta(hours=1))
        Ticket.objects.filter(pk=waiting.message.ticket_id).update(
            status="closed", closed_at=waiting.made_at - timedelta(hours=1)
        )
        assert pairs() == []

    def test_nor_does_what_no_classifier_has_said(self) -> None:
        classified("", "billing", model=None, confidence=0)
        classified("billing", model=None)
        assert pairs() == []

    def test_the_message_that_gave_the_category_stands_for_its_ticket(self) -> None:
        hello = classified("")
        later = another_message(hello.message.ticket, hello.made_at + timedelta(minutes=10))
        classify(later, "technical")
        classify(another_message(hello.message.ticket, later.created_at + timedelta(minutes=1)), "billing")
        answer(hello.message.ticket, later.created_at + timedelta(hours=1))
        assert pairs() == [("technical", "technical")]

    def test_also_if_an_agent_took_it_away(self) -> None:
        first = classified("billing", "")
        later = another_message(first.message.ticket, first.made_at + timedelta(minutes=10))
        classify(later, "technical")
        answer(first.message.ticket, later.created_at + timedelta(hours=1))
        assert pairs() == [("billing", "")]

    def test_without_a_category_the_first_message_does(self) -> None:
        first = classified("", confidence=0.6)
        later = another_message(first.message.ticket, first.made_at + timedelta(minutes=10))
        classify(later, "", confidence=0.8)
        answer(first.message.ticket, later.created_at + timedelta(hours=1))
        assert [row.confidence for row in read().now.rows] == [0.6]

    def test_it_counts_on_the_day_it_was_classified(self) -> None:
        classified(at=days_ago(1))
        classified(at=days_ago(27, 0))
        classified("billing", "technical", at=days_ago(28, 23))
        classified(at=days_ago(56, 23))
        report = read()
        assert (report.now.accuracy, report.before.accuracy) == (Share(2, 2), Share(0, 1))

    def test_of_a_team(self) -> None:
        classified(ticket={"team": cast.team()})
        classified("billing", "technical")
        assert read(team=cast.team().pk).now.accuracy == Share(1, 1)

    def test_who_corrects_the_tone_has_not_decided_the_category(self) -> None:
        classified(answered=False, urgency=5, **by_mira("urgency", at=days_ago(2)))
        report = read()
        assert (report.now.rows, report.sentiment, report.urgency) == ([], Share(0, 0), Share(1, 1))

    def test_a_message_that_an_agent_put_into_no_category_stands_for_its_ticket(self) -> None:
        first = classified("", "")
        later = another_message(first.message.ticket, first.made_at + timedelta(minutes=10))
        classify(later, "technical")
        answer(first.message.ticket, later.created_at + timedelta(hours=1))
        assert pairs() == [("", "")]

    def test_tone_is_counted_of_every_message(self) -> None:
        first = classified(sentiment="negative")
        later = another_message(first.message.ticket, first.made_at + timedelta(minutes=10))
        row = classify(later, urgency=5)
        row.said["sentiment"] = ""
        row.save()
        answer(first.message.ticket, later.created_at + timedelta(hours=1))
        report = read()
        assert (report.sentiment, report.urgency) == (Share(1, 1), Share(1, 2))


class TestFigures:
    def test_accuracy_corrections_and_coverage(self) -> None:
        found = Figures(
            [judged("a", "a", 0.7), judged("a", "b", 0.95), judged("b", "b", 0.69), judged("", "", 0.2)],
        )
        assert (found.accuracy, found.corrections) == (Share(3, 4), 1)
        assert (found.coverage, found.accuracy_of_sure) == (Share(2, 4), Share(1, 2))

    def test_calibration_error_is_weighted_by_tickets(self) -> None:
        found = Figures([judged("a", "a", 0.95)] * 3 + [judged("a", "b", 0.55)])
        assert found.calibration_error == pytest.approx((3 * 0.05 + 0.55) / 4)
        assert Figures([]).calibration_error is None

    def test_confusion_by_what_agents_decided(self) -> None:
        found = Figures([judged("a", "a"), judged("a", "b"), judged("a", "b"), judged("b", "")])
        assert found.confusion == {"": {"b": 1}, "a": {"a": 1}, "b": {"a": 2}}

    def test_of_a_category(self) -> None:
        found = Figures([judged("a", "a")] * 3 + [judged("a", "b"), judged("b", "a"), judged("b", "a")])
        one = found.of_class("a")
        assert (one.tickets, one.moved_away, one.moved_here) == (5, 1, 2)
        assert (one.precision, one.recall) == (Share(3, 4), Share(3, 5))
        assert found.of_class("c").precision.rate is None

    def test_categories_are_in_the_order_of_the_desk_and_none_is_last(self) -> None:
        found = Figures([judged("", "b"), judged("gone", "a"), judged("a", "a")])
        assert found.classes(["b", "c", "a"]) == ["b", "a", "gone", ""]

    def test_reliability_by_tenth(self) -> None:
        found = Figures([judged("a", "a", 0.91), judged("a", "b", 0.99), judged("a", "a", 1.0), judged("a", "a", 0.3)])
        bins = [(each.count, round(each.said, 3), round(each.right, 3)) for each in found.bins]
        assert bins == [(1, 0.3, 1.0), (3, 0.967, 0.667)]

    def test_weeks_begin_on_monday(self) -> None:
        report = read(90)
        assert all(week.first.weekday() == 0 for week, _ in report.weeks[1:])
        classified(at=at(report.weeks[3][0].first))
        classified("billing", "technical", at=at(report.weeks[3][0].last, 23))
        classified(at=at(report.weeks[4][0].first, 0))
        found = [(place, week.accuracy) for place, (_, week) in enumerate(read(90).weeks) if week.rows]
        assert found == [(3, Share(1, 2)), (4, Share(1, 1))]


class TestThePage:
    def test_too_few_tickets_say_what_will_be_here(self, lead: Client) -> None:
        classified()
        page = text(lead)
        assert "Figures appear when agents have answered, closed or corrected 20 classified tickets." in page
        assert "it was 1." in page and '<svg class="chart' not in page

    def test_targets_are_reached_or_not_in_words(self, lead: Client, few: None) -> None:
        classified(confidence=0.97)
        page = text(lead)
        assert "Target: at least 85% · reached" in page and "Target: at most 0.05 · reached" in page
        classified("billing", "technical", confidence=0.97)
        page = text(lead)
        assert page.count('<b class="over">not reached</b>') == 2 and "1 of 2 tickets" in page
        assert "Agents have corrected no category" not in page

    def test_nothing_corrected_is_said(self, lead: Client, few: None) -> None:
        classified()
        assert "Agents have corrected no category in this period." in text(lead)

    def test_the_period_before(self, lead: Client, few: None) -> None:
        classified(at=days_ago(40))
        classified("billing", "technical", at=days_ago(40))
        classified()
        accuracy = get(lead).context["tiles"][0]
        assert (accuracy.value.text, accuracy.before) == ("100%", "50% · +50 points")

    def test_every_number_links_to_as_many_tickets(self, lead: Client, few: None) -> None:
        for said, decided in (("billing", None), ("billing", "technical"), ("", "billing"), ("technical", "")):
            classified(said, decided, at=days_ago(2))
            classified(said, decided, at=days_ago(20))
        page = get(lead).content.decode()
        links = re.findall(r'<a href="([^"#]+)#tickets">(\d+%?)', page)
        assert len({link for link, _ in links}) > 15
        for link, number in set(links):
            found = get_link(lead, link)
            assert number.endswith("%") or found.context["tickets_count"] == int(number), link

    def test_a_column_links_to_the_tickets_of_its_week(self, lead: Client, few: None) -> None:
        classified(at=days_ago(2))
        classified("billing", "technical", at=days_ago(2))
        page = get(lead).content.decode()
        (link,) = set(re.findall(r'<a href="([^"]+)" aria-label="Week of [^"]+: agents left 1 of 2', page))
        assert get_link(lead, link.split("#")[0]).context["tickets_count"] == 2

    def test_a_list_has_the_newest_and_says_how_many_there_are(
        self, lead: Client, few: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(triage, "LISTED", 2)
        for day in (5, 3, 4):
            classified("billing", "technical", at=days_ago(day), ticket={"subject": f"From {day} <b>"})
        page = text(lead, tickets="corrected", said="billing")
        assert "2 of 3" in page and "Corrected · classifier: Billing" in page
        assert re.findall(r"From (\d) &lt;b&gt;</a>", page) == ["3", "4"]

    @pytest.mark.parametrize("params", [{"tickets": "x"}, {"tickets": "all", "said": "<b>"}, {"days": "x"}])
    def test_odd_addresses(self, lead: Client, few: None, params: dict[str, str]) -> None:
        classified()
        page = text(lead, **params)
        assert "<b>&" not in page and ("No ticket counts here" in page) == ("said" in params)
        assert ('role="alert"' in page) == ("days" in params)

    def test_cells_are_shaded_by_their_share_of_the_row(self, few: None) -> None:
        rows = [judged("a", "a")] * 17 + [judged("b", "a")] * 3 + [judged("b", "b")]
        found = triage_shown.confusion(Figures(rows), _selection(), {"a": "A", "b": "B"})
        assert [[cell.shade for cell in cells] for _, cells in found.rows] == [[4, 2], [0, 4]]
        assert [[cell.same for cell in cells] for _, cells in found.rows] == [[True, False], [False, True]]
        assert found.rows[0][1][1].words == "agents: A, classifier: B"

    def test_a_dot_of_the_reliability_plot_has_its_number_of_tickets(self) -> None:
        root = parse(triage_shown.reliability(Figures([judged("a", "a", 0.95)] * 7 + [judged("a", "b", 0.45)]))[0])
        titles = [dot.findtext("title") for dot in root.iter("circle") if dot.find("title") is not None]
        assert titles == [
            "your team’s tickets (8): 45% said, 0% right, 1 tickets",
            "your team’s tickets (8): 95% said, 100% right, 7 tickets",
        ]
        assert {"1", "7"} <= {each.text for each in root.iter("text")}
        assert any(each.get("class") == "target" for each in root.iter("line"))

    def test_columns_start_at_zero_and_have_their_percentage(self) -> None:
        classified()
        classified("billing", "technical")
        root = parse(triage_shown.by_week(read(), _selection())[0])
        (bar,) = root.iter("rect")
        whole = 168 - 22 - 12
        assert float(bar.get("height") or 0) == pytest.approx(whole / 2, abs=0.1)
        assert float(bar.get("y") or 0) + float(bar.get("height") or 0) == pytest.approx(168 - 22, abs=0.1)
        assert {"50%", "0%", "100%", "target 85%"} <= {each.text for each in root.iter("text")}

    def test_names_of_categories_are_escaped(self, lead: Client, few: None) -> None:
        Category.objects.filter(slug="billing").update(name="<script>alert(1)")
        classified("billing", "technical")
        assert "<script>alert" not in get(lead, tickets="all", said="billing").content.decode()

    def test_the_overview_leads_here(self, lead: Client) -> None:
        assert reverse("qa:triage") in get(lead, "overview").content.decode()


def get_link(client: Client, link: str) -> Any:
    response = client.get(unescape(link))
    assert response.status_code == 200
    return response


def _selection() -> Selection:
    return Selection(last_days(28, timezone.localdate()))


class TestTheFile:
    def test_it_has_every_figure(self, lead: Client) -> None:
        classified("billing", "technical", confidence=0.8)
        classified("product_question")
        response = get(lead, "triage_csv", days=7)
        assert response["Content-Disposition"].startswith('attachment; filename="triage-')
        rows = list(csv.DictReader(io.StringIO(response.content.decode())))
        figures = {(row["section"], row["name"], row["figure"]): row for row in rows}
        accuracy = figures["period", "", "accuracy"]
        assert (accuracy["value"], accuracy["count"], accuracy["of"]) == ("0.5", "1", "2")
        assert figures["confusion", "Technical", "said Billing"]["value"] == "1"
        assert figures["category", "Product question", "recall"]["value"] == "1.0"
        assert figures["confidence", "0.80", "right"]["of"] == "1"
        assert {row["section"] for row in rows} == {
            "period",
            "period before",
            "week",
            "category",
            "confusion",
            "confidence",
        }

    @pytest.mark.parametrize("params", [{"days": "14"}, {"team": "999"}, {"from": "x"}])
    def test_a_mistake_in_the_address_makes_no_file(self, lead: Client, params: dict[str, str]) -> None:
        assert lead.get(reverse("qa:triage_csv"), params).status_code == 400


@pytest.mark.parametrize("name", ["triage", "triage_csv", "triage_classifiers"])
@pytest.mark.parametrize("who", ["anonymous", "mira", "ken", "otto", "rosa", "ada"])
def test_for_leads_only(client: Client, name: str, who: str) -> None:
    if who != "anonymous":
        client.force_login(getattr(cast, who)())
    answered = client.get(reverse(f"qa:{name}"))
    if who == "anonymous":
        assert answered.headers["Location"].startswith("/login/")
    else:
        assert answered.status_code == (200 if who in {"rosa", "ada"} else 403)


def test_queries_do_not_grow(lead: Client, few: None) -> None:
    counts = []
    for more in (2, 12):
        for day in range(more):
            own = Category.objects.create(slug=f"c{more}-{day}", name=f"Own {day}")
            classified("billing", own.slug, at=days_ago(day % 25 + 1))
            classifier(activated_at=None, trained_by=cast.rosa())
        with CaptureQueriesContext(connection) as queries:
            get(lead, tickets="all")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12
