"""/lead/escalations/: which escalations count, the figures of them, the page, its files, and who may open it."""

import csv
import io
import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from copilot.models import Escalation, Triage
from qa.metrics import escalations
from qa.metrics.escalations import Report
from qa.metrics.metrics import Median, Share
from qa.metrics.selection import Period, Selection, last_days
from qa.pages import escalations_shown
from tests import cast
from tests.qa.drafts import at, days_ago
from tests.qa.test_charts import parse
from tests.qa.triages import another_message, answer, classify
from tests.tickets.undoing import undo_events
from tickets import assignment
from tickets.models import Message, OutgoingMail, Team, Ticket, TicketEvent, User

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def lead(client: Client, rosa: User) -> Client:
    client.force_login(rosa)
    return client


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """One judged escalation is enough for a target."""
    monkeypatch.setattr(escalations_shown, "ENOUGH", 1)


def billing() -> Team:
    return cast.team("Billing")


def escalated(judgement: str = "", sent: datetime | None = None, *, ticket: Ticket | None = None, **fields: Any) -> Any:
    """From Support to Billing, due in an hour. `closed`: hours until the ticket was closed; `taken`: assigned."""
    sent = sent or days_ago(2)
    closed, taken = fields.pop("closed", None), fields.pop("taken", None)
    of_ticket = {"created_at": sent - HOUR, "team": billing()} | fields.pop("of_ticket", {})
    ticket = ticket or cast.new_ticket(**of_ticket)
    if closed is not None:
        close(ticket, sent + closed * HOUR)
    if taken is not None:
        assigned(ticket, sent + taken * HOUR)
    note = Message.objects.create(ticket=ticket, kind=Message.Kind.NOTE, author=cast.mira(), text="x", created_at=sent)
    judged = {"judgement": judgement, "judged_by": cast.jonas(), "judged_at": sent + HOUR} if judgement else {}
    values = {"team": billing(), "from_team": cast.team(), "reason": "urgency", "triggers": ["urgency"]}
    values |= {"by": cast.mira(), "sent_at": sent, "due_at": sent + HOUR} | fields
    moved(ticket, "Support", values["team"].name if values["team"] else "", since=sent, note=note.pk)
    return Escalation.objects.create(ticket=ticket, note=note, **(values | judged))


def close(ticket: Ticket, moment: datetime) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(status="closed", closed_at=moment)
    data = {"was": "open", "now": "closed", "why": ""}
    TicketEvent.objects.create(ticket=ticket, kind=TicketEvent.Kind.STATUS, actor=cast.jonas(), at=moment, data=data)


def assigned(ticket: Ticket, moment: datetime, now: str = "Jonas Brandt") -> None:
    data = {"was": "", "now": now}
    TicketEvent.objects.create(ticket=ticket, kind=TicketEvent.Kind.ASSIGNED, actor=cast.jonas(), at=moment, data=data)


def moved(ticket: Ticket, *teams: str, since: datetime | None = None, actor: User | None = None, **data: Any) -> None:
    """From one team to the next, an hour each."""
    since = since or days_ago(3)
    for place, (was, now) in enumerate(zip(teams, teams[1:], strict=False)):
        kind, moment = TicketEvent.Kind.TRANSFERRED, since + place * HOUR
        said = {"was": was, "now": now} | data
        TicketEvent.objects.create(ticket=ticket, kind=kind, actor=actor or cast.mira(), at=moment, data=said)


def bad(**fields: Any) -> Ticket:
    """A ticket that nobody escalated: the customer asked for a person, and wrote again after our reply."""
    made = fields.setdefault("created_at", days_ago(3))
    ticket = cast.new_ticket(**fields)
    classify(ticket.messages.get(), model=None, urgency=5)
    answer(ticket, made + HOUR)
    classify(another_message(ticket, made + 2 * HOUR), model=None, urgency=5, sentiment=Triage.Sentiment.NEGATIVE)
    return ticket


def read(days: int = 28, team: int | None = None) -> Report:
    names = dict(Team.objects.values_list("pk", "name"))
    return escalations.read(last_days(days, timezone.localdate()), team, names, timezone.now())


def get(client: Client, name: str = "escalations", **params: Any) -> Any:
    response = client.get(reverse(f"qa:{name}"), params)
    assert response.status_code == 200
    return response


def text(client: Client, **params: Any) -> str:
    return " ".join(get(client, **params).content.decode().split())


def _selection() -> Selection:
    return Selection(last_days(28, timezone.localdate()))


class TestWhatCounts:
    def test_on_the_day_it_was_sent(self) -> None:
        escalated(sent=days_ago(0, 0))
        escalated(sent=days_ago(27, 0))
        escalated(sent=days_ago(28, 23))
        escalated(sent=days_ago(56, 23))
        report = read()
        assert (len(report.now.rows), len(report.before.rows)) == (2, 1)
        assert sum(len(week.rows) for _, week in report.weeks) == 2

    def test_not_if_it_was_undone(self) -> None:
        escalated(undone_at=days_ago(1))
        report = read()
        assert (report.now.rows, report.tickets) == ([], Share(0, 1))

    def test_to_a_team(self) -> None:
        escalated()
        escalated(team=cast.team("Legal"))
        report = read(team=billing().pk)
        assert ([row.team for row in report.now.rows], report.tickets) == ([billing().pk], Share(1, 2))

    def test_tickets_count_on_the_day_they_were_created_and_once(self) -> None:
        old = cast.new_ticket(created_at=days_ago(30))
        escalated(ticket=old)
        twice = escalated().ticket
        escalated(ticket=twice, sent=days_ago(1))
        cast.new_ticket(created_at=days_ago(5))
        report = read()
        assert (report.tickets, report.tickets_before) == (Share(1, 2), Share(1, 1))
        assert [row.sent_at for row in report.escalated] == [days_ago(2)]

    def test_however_late_they_were_escalated(self) -> None:
        escalated(of_ticket={"created_at": days_ago(20)}, sent=days_ago(1))
        period = Period(days_ago(25).date(), days_ago(15).date())
        found = escalations.read(period, None, {}, timezone.now())
        assert (found.now.rows, found.tickets, len(found.escalated)) == ([], Share(1, 1), 1)


class TestFigures:
    def test_precision_is_of_what_was_judged(self) -> None:
        for judgement in ("justified", "justified", "not_needed", "wrong_team", ""):
            escalated(judgement)
        found = read().now
        assert (found.precision, found.of(""), found.of("wrong_team")) == (Share(2, 4), 1, 1)

    def test_nothing_judged_has_no_precision(self) -> None:
        escalated()
        assert read().now.precision.rate is None

    def test_taken_by_assignment_reply_or_closing(self) -> None:
        escalated(taken=0.5)
        answered = escalated()
        answer(answered.ticket, answered.sent_at + 0.75 * HOUR)
        escalated(closed=0.9)
        escalated(taken=3)
        found = read().now
        assert (found.in_time, found.taken) == (Share(3, 4), Median(0.825 * 3600, 4))

    def test_what_does_not_take_it(self) -> None:
        row = escalated()
        assigned(row.ticket, row.sent_at + 0.1 * HOUR, now="")
        assigned(row.ticket, row.sent_at - 0.1 * HOUR)
        reply = Message.objects.create(
            ticket=row.ticket, kind="reply", author=cast.mira(), text="Hi", created_at=row.sent_at + 0.2 * HOUR
        )
        OutgoingMail.objects.create(message=reply, state=OutgoingMail.State.UNDONE)
        report = read()
        assert (report.now.taken.of, report.now.in_time) == (0, Share(0, 1))
        assert [each.pk for each in report.waiting] == [row.pk]

    def test_what_is_not_due_yet_is_neither_in_time_nor_late(self) -> None:
        escalated(sent=timezone.now() - timedelta(seconds=1), due_at=timezone.now() + HOUR)
        report = read()
        assert (report.now.in_time, len(report.waiting)) == (Share(0, 0), 1)
        assert not report.waiting[0].overdue(report.now.now)

    def test_after_the_next_escalation_the_first_team_can_no_longer_take_it(self) -> None:
        first = escalated()
        Ticket.objects.filter(pk=first.ticket_id).update(team=cast.team("Legal"))
        escalated(ticket=first.ticket, sent=first.sent_at + 3 * HOUR, team=cast.team("Legal"), taken=0.5)
        found = {row.pk: row for row in read().now.rows}[first.pk]
        assert (found.taken_at, found.waits) == (None, False)
        assert read().now.in_time == Share(1, 1)

    def test_nor_after_a_transfer(self) -> None:
        """The next team's taking it is not the first team's."""
        row = escalated(of_ticket={"team": cast.team("Legal")})
        moved(row.ticket, "Billing", "Legal", since=row.sent_at + 0.2 * HOUR)
        assigned(row.ticket, row.sent_at + 0.5 * HOUR)
        assert (read().waiting, read().now.in_time) == ([], Share(0, 0))

    def test_a_transfer_that_was_undone_changes_nothing(self) -> None:
        row = escalated()
        note = Message.objects.create(ticket=row.ticket, kind=Message.Kind.NOTE, author=cast.mira(), text="x").pk
        moved(row.ticket, "Billing", "Legal", since=row.sent_at + 0.2 * HOUR, note=note)
        moved(row.ticket, "Legal", "Billing", since=row.sent_at + 0.3 * HOUR, note=note, undone=True)
        assigned(row.ticket, row.sent_at + 0.5 * HOUR)
        assert read().now.in_time == Share(1, 1)

    def test_nor_does_a_change_of_team_that_was_undone(self, jonas: User) -> None:
        """Of several tickets at once, so without a note."""
        row = escalated(sent=timezone.now() - 0.5 * HOUR)
        undo_events([assignment.set_team(row.ticket, cast.team("Legal"), jonas)], jonas)
        assigned(row.ticket, row.sent_at + 0.9 * HOUR)
        assert read().now.in_time == Share(1, 1)

    def test_closing_takes_it_even_if_the_customer_writes_again(self) -> None:
        row = escalated(closed=0.5)
        Ticket.objects.filter(pk=row.ticket_id).update(status="open", closed_at=None)
        assert (read().waiting, read().now.in_time) == ([], Share(1, 1))

    def test_recovery_is_the_median_from_the_first_escalation_to_closing(self) -> None:
        escalated(closed=2)
        twice = escalated(closed=10).ticket
        escalated(ticket=twice, sent=days_ago(2, 12))
        escalated()
        escalated(closed=-1)
        assert read().now.recovery == Median(6 * 3600, 2)

    def test_perhaps_not_needed(self) -> None:
        judged, alone = escalated("not_needed"), escalated(triggers=[], reason="other")
        escalated("justified", triggers=[])
        escalated("wrong_team")
        assert {row.pk for row in read().perhaps_not_needed} == {judged.pk, alone.pk}

    def test_waiting_has_the_overdue_ones_first(self) -> None:
        late = escalated(sent=days_ago(1), due_at=days_ago(1, 11))
        later = escalated(sent=days_ago(3), due_at=timezone.now() + HOUR)
        escalated(closed=9)
        assert [row.pk for row in read().waiting] == [late.pk, later.pk]

    def test_by_team_and_reason(self) -> None:
        escalated("justified", reason="human")
        escalated("wrong_team", team=cast.team("Legal"))
        found = read().now
        assert {team: figures.precision for team, figures in found.by("team").items()} == {
            billing().pk: Share(1, 1),
            cast.team("Legal").pk: Share(0, 1),
        }
        assert set(found.by("reason")) == {"human", "urgency"}


class TestNotEscalated:
    def test_a_reason_applied_and_the_customer_wrote_again(self) -> None:
        ticket = bad()
        (found,) = read().missed
        assert (found.ticket, found.reasons[0], found.attempts) == (ticket.pk, "urgency", 1)

    def test_not_if_it_was_escalated_or_is_of_another_period(self) -> None:
        escalated(ticket=bad())
        bad(created_at=days_ago(40))
        assert read().missed == []

    def test_of_a_team(self) -> None:
        bad(team=billing())
        bad()
        assert len(read(team=billing().pk).missed) == 1


class TestLoops:
    def way(self, *teams: str, **more: Any) -> Ticket:
        ticket = cast.new_ticket()
        moved(ticket, *teams, **more)
        return ticket

    def test_back_to_a_team_or_three_moves(self) -> None:
        back, often = self.way("A", "B", "A"), self.way("", "A", "B", "C", since=days_ago(2))
        self.way("", "A", "B")
        found = read().loops
        assert [(each.ticket, each.teams, each.moves) for each in found] == [
            (often.pk, ("", "A", "B", "C"), 3),
            (back.pk, ("A", "B", "A"), 2),
        ]

    def test_rules_do_not_count(self) -> None:
        ticket = self.way("A", "B")
        TicketEvent.objects.create(
            ticket=ticket, kind=TicketEvent.Kind.TRANSFERRED, at=days_ago(1), data={"was": "B", "now": "A"}
        )
        assert read().loops == []

    def test_undone_moves_do_not_count(self) -> None:
        ticket = self.way("A", "B")
        moved(ticket, "B", "A", since=days_ago(2), undone=True)
        moved(ticket, "A", "B", since=days_ago(1))
        assert read().loops == []

    def test_nor_one_to_the_team_that_has_it(self) -> None:
        self.way("A", "A", "A", "A")
        assert read().loops == []

    def test_the_latest_move_decides_the_day(self) -> None:
        self.way("A", "B", "A", since=days_ago(40))
        ticket = self.way("A", "B", since=days_ago(40))
        moved(ticket, "B", "A", since=days_ago(1))
        assert [each.ticket for each in read().loops] == [ticket.pk]

    def test_of_a_team(self) -> None:
        self.way("Billing", "B", "Billing")
        self.way("A", "B", "A")
        assert [each.teams[0] for each in read(team=billing().pk).loops] == ["Billing"]


class TestThePage:
    def test_without_escalations_it_says_what_will_be_here(self, lead: Client) -> None:
        page = text(lead)
        assert "No escalations in this period" in page and '<svg class="chart' not in page

    def test_tickets_that_were_not_escalated_are_shown_without_escalations(self, lead: Client) -> None:
        bad()
        page = text(lead, tickets="missed")
        assert "No ticket was escalated in this period" in page and "Charged twice in March" in page
        assert "Urgent" in page

    def test_nothing_judged_is_said(self, lead: Client) -> None:
        escalated()
        page = text(lead)
        assert "No escalation of this period has been judged yet" in page and "0 justified of 0 judged, 1 sent" in page

    def test_too_few_are_not_compared_with_a_target(self, lead: Client) -> None:
        escalated("not_needed")
        page = text(lead)
        assert page.count("too few to say") == 2 and "95% confidence: 0–79%" in page

    def test_targets_are_reached_or_not_in_words(self, lead: Client, few: None) -> None:
        for judgement in ("justified", "justified", "justified", "justified", "wrong_team"):
            escalated(judgement)
        for _ in range(8):
            cast.new_ticket(created_at=days_ago(2))
        page = text(lead)
        assert 'Target: less than 35% · <b class="over">not reached</b>' in page  # 5 of 13
        assert 'Target: more than 90% · <b class="over">not reached</b>' in page

    def test_limits_are_crossed(self, lead: Client, few: None) -> None:
        escalated("not_needed")
        page = text(lead)
        assert '<b class="over">over 45%</b>' in page and '<b class="over">under 75%</b>' in page
        assert "over 45%" not in text(lead, team=billing().pk)

    def test_rising_time_to_close(self, lead: Client) -> None:
        escalated(closed=2, sent=days_ago(40))
        escalated(closed=5)
        page = text(lead)
        assert '<b class="over">rising</b>' in page and "5.0 h" in page and "Period before: 2.0 h" in page

    def test_every_number_links_to_as_many_tickets(self, lead: Client) -> None:
        for day in (2, 20):
            for judgement in ("justified", "not_needed", "wrong_team", ""):
                escalated(judgement, days_ago(day), reason="human" if judgement else "other", triggers=[], closed=4)
            escalated("justified", days_ago(day), team=cast.team("Legal"))
        escalated(team=None, of_ticket={"team": None})
        bad()
        moved(cast.new_ticket(), "A", "B", "A")
        links = re.findall(r'<a href="([^"#]+tickets=[^"#]+)#tickets">(\d+)</a>', get(lead).content.decode())
        assert len({link for link, _ in links}) > 20
        for link, number in set(links):
            response = lead.get(unescape(link))
            assert response.context["table"].count == int(number), link

    def test_a_percentage_links_to_what_is_above_its_line(self, lead: Client) -> None:
        escalated("justified", taken=0.5, closed=4)
        escalated("not_needed", of_ticket={"created_at": days_ago(50)})
        for kind, count in {"escalated": 1, "justified": 1, "in_time": 1, "taken": 1, "closed": 1, "judged": 2}.items():
            assert get(lead, tickets=kind).context["table"].count == count, kind

    def test_a_list_has_the_newest_and_says_how_many_there_are(
        self, lead: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(escalations, "LISTED", 2)
        for day in (5, 3, 4):
            escalated(sent=days_ago(day), of_ticket={"subject": f"From {day} <b>"})
        page = text(lead, tickets="unjudged", receiver=billing().pk, reason="urgency")
        assert "2 of 3" in page and "Not judged yet · to Billing · Urgent" in page
        assert re.findall(r"From (\d) &lt;b&gt;</a>", page) == ["3", "4"]

    def test_a_row_says_what_became_of_it(self, lead: Client) -> None:
        escalated("justified", taken=0.5, closed=2)
        page = text(lead)
        for words in ("Support → Billing", "Urgent", ">yes<", "30.0 min", ">Justified<", "120.0 min"):
            assert words in page, words

    def test_an_overdue_one_says_since_when(self, lead: Client) -> None:
        now = timezone.now()
        escalated(sent=now - 3 * HOUR, due_at=now - 2 * HOUR)
        page = text(lead, tickets="waiting", receiver=billing().pk)
        assert "Waiting to be taken · to Billing · 1 of 1" in page and "No ticket counts" not in page
        assert "0 of 0" in text(lead, tickets="waiting", receiver="none")
        assert "overdue by 120.0 min" in page and "1 overdue" in page and "overdue first" in page

    def test_loops_show_the_way(self, lead: Client) -> None:
        moved(cast.new_ticket(), "", "<b>A", "B", "<b>A")
        assert "No team → &lt;b&gt;A → B → &lt;b&gt;A" in text(lead, tickets="loops")

    @pytest.mark.parametrize(
        "params", [{"tickets": "x"}, {"receiver": "x"}, {"reason": "<b>"}, {"receiver": "9" * 30}, {"days": "x"}]
    )
    def test_odd_addresses(self, lead: Client, params: dict[str, str]) -> None:
        escalated()
        page = text(lead, **params)
        assert "All escalations · 1 of 1" in page and ('role="alert"' in page) == ("days" in params)

    def test_the_columns_are_what_the_team_said(self) -> None:
        escalated("justified")
        escalated("justified")
        escalated("wrong_team")
        root = parse(escalations_shown.by_week(read(), _selection())[0])
        bars = {
            bar.get("class"): float(bar.get("height") or 0)
            for bar in root.iter("rect")
            if bar.find("title") is not None
        }
        assert set(bars) == {"part part-justified", "part part-wrong-team"}
        assert bars["part part-justified"] == pytest.approx(2 * bars["part part-wrong-team"], abs=0.2)

    def test_agents_are_not_compared(self, lead: Client) -> None:
        escalated("not_needed")
        assert cast.mira().name not in get(lead).content.decode()

    def test_the_overview_leads_here(self, lead: Client) -> None:
        assert reverse("qa:escalations") in get(lead, "overview").content.decode()


class TestTheFiles:
    def test_every_figure(self, lead: Client) -> None:
        escalated("justified", taken=0.5, closed=2)
        escalated("wrong_team", reason="human")
        response = get(lead, "escalations_figures_csv", days=7)
        assert response["Content-Disposition"].startswith('attachment; filename="escalation-figures-')
        rows = list(csv.DictReader(io.StringIO(response.content.decode())))
        figures = {(row["section"], row["name"], row["figure"]): row for row in rows}
        precision = figures["period", "", "precision"]
        assert (precision["value"], precision["count"], precision["of"]) == ("0.5", "1", "2")
        assert figures["period", "", "tickets escalated"]["of"] == "2"
        assert figures["team", "Billing", "until closed"]["value"] == "7200.0"
        assert figures["reason", "human", "wrong team"]["value"] == "1"
        assert {row["section"] for row in rows} == {"period", "period before", "week", "team", "reason"}

    def test_every_escalation_with_a_masked_subject(self, lead: Client) -> None:
        subject = "=Refund for Tomas Okafor, tomas@okafor.example"
        escalated("justified", taken=0.5, closed=2, of_ticket={"subject": subject})
        escalated(team=None)
        response = get(lead, "escalations_csv")
        rows = list(csv.DictReader(io.StringIO(response.content.decode())))
        row = next(each for each in rows if each["judgement"])
        assert (row["from_team"], row["to_team"], row["triggers"]) == ("Support", "Billing", "urgency")
        assert (row["seconds_until_taken"], row["seconds_until_closed"]) == ("1800.0", "7200.0")
        assert row["subject"].startswith("'=Refund for <") and "okafor" not in response.content.decode().lower()
        assert len(rows) == 2 and {each["to_team"] for each in rows} == {"Billing", "None"}

    @pytest.mark.parametrize("name", ["escalations_csv", "escalations_figures_csv"])
    @pytest.mark.parametrize("params", [{"days": "14"}, {"team": "999"}, {"from": "x"}])
    def test_a_mistake_in_the_address_makes_no_file(self, lead: Client, name: str, params: dict[str, str]) -> None:
        assert lead.get(reverse(f"qa:{name}"), params).status_code == 400


@pytest.mark.parametrize("name", ["escalations", "escalations_csv", "escalations_figures_csv"])
@pytest.mark.parametrize("who", ["anonymous", "mira", "ken", "otto", "rosa", "ada"])
def test_for_leads_only(client: Client, name: str, who: str) -> None:
    if who != "anonymous":
        client.force_login(getattr(cast, who)())
    answered = client.get(reverse(f"qa:{name}"))
    if who == "anonymous":
        assert answered.headers["Location"].startswith("/login/")
    else:
        assert answered.status_code == (200 if who in {"rosa", "ada"} else 403)


@pytest.mark.parametrize("kind", ["all", "missed", "loops"])
def test_queries_do_not_grow(lead: Client, kind: str) -> None:
    counts = []
    for more in (2, 12):
        for day in range(more):
            team = cast.team(f"Team {more}-{day}")
            escalated("justified", days_ago(day % 25 + 1), team=team, from_team=cast.team(f"From {more}-{day}"))
            bad(created_at=days_ago(day % 25 + 1))
            moved(cast.new_ticket(), "A", "B", "A")
        with CaptureQueriesContext(connection) as queries:
            get(lead, tickets=kind)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 16


def test_weeks_begin_on_monday() -> None:
    report = read(90)
    escalated(sent=at(report.weeks[3][0].first))
    escalated(sent=at(report.weeks[4][0].first, 0))
    assert [place for place, (_, week) in enumerate(read(90).weeks) if week.rows] == [3, 4]
