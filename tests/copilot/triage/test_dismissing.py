"""An agent says that a signal is none: who says so, what the page shows, and what follows for the route."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from copilot.drafting import following
from copilot.models import Route, Triage
from copilot.redaction import values
from copilot.routing import facts
from copilot.triage import correcting, retraining
from tests import cast
from tickets.models import Category, Message, Ticket, TicketEvent, User
from tickets.views.wording import sentence


@pytest.fixture
def desk(client: Client, mira: User) -> Client:
    client.force_login(mira)
    return client


@pytest.fixture(autouse=True)
def followed(monkeypatch: pytest.MonkeyPatch) -> list[Ticket]:
    """The tickets whose routes were made again."""
    tickets: list[Ticket] = []
    monkeypatch.setattr(following, "corrected", tickets.append)
    return tickets


@pytest.fixture
def threatened(ticket: Ticket) -> Triage:
    """Rules have found a legal threat and a request in its only message."""
    signals = [["legal_threat", "my lawyer"], ["refund", "my money back"]]
    return Triage.objects.create(message=ticket.messages.get(), signals=signals, escalate=True)


def again(ticket: Ticket, *signals: list[str]) -> Triage:
    at = timezone.now() + timedelta(minutes=1)
    message = ticket.messages.create(kind=Message.Kind.CUSTOMER, text="Again.", created_at=at)
    return Triage.objects.create(message=message, signals=list(signals))


def words(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def section(client: Client, ticket: Ticket) -> str:
    return client.get(reverse("copilot:triage", args=[ticket.pk])).content.decode()


def form(client: Client, ticket: Ticket) -> str:
    return client.get(reverse("copilot:triage_correct", args=[ticket.pk])).content.decode()


def say(client: Client, ticket: Ticket, **fields: str) -> Any:
    return client.post(reverse("copilot:triage_correct", args=[ticket.pk]), fields)


class TestWhatIsStored:
    def test_the_kind_with_who_says_so_and_no_other_name(self, threatened: Triage, mira: User) -> None:
        """A dismissal is no correction: the classifier did not say it, so it has nothing to learn from it."""
        assert correcting.dismiss(threatened.message.ticket, "legal_threat", mira)
        threatened.refresh_from_db()
        assert threatened.dismissed == {"legal_threat": mira.pk}
        assert (threatened.corrected, threatened.corrected_by, threatened.corrected_at) == ([], None, None)
        assert retraining.corrections() == []

    def test_who_was_first_stays(self, threatened: Triage, mira: User, jonas: User) -> None:
        ticket = threatened.message.ticket
        assert correcting.dismiss(ticket, "legal_threat", mira) and not correcting.dismiss(
            ticket, "legal_threat", jonas
        )
        assert Triage.objects.get().dismissed == {"legal_threat": mira.pk}

    def test_undone_nothing_is_left(self, threatened: Triage, mira: User, jonas: User) -> None:
        ticket = threatened.message.ticket
        correcting.dismiss(ticket, "legal_threat", mira)
        correcting.dismiss(ticket, "refund", jonas)
        assert correcting.dismiss(ticket, "legal_threat", mira, undo=True)
        assert Triage.objects.get().dismissed == {"refund": jonas.pk}
        assert not correcting.dismiss(ticket, "legal_threat", mira, undo=True)

    def test_all_messages_that_have_it(self, threatened: Triage, mira: User) -> None:
        ticket = threatened.message.ticket
        later, other = again(ticket, ["legal_threat", "court"]), again(ticket, ["human", "a person"])
        correcting.dismiss(ticket, "legal_threat", mira)
        assert [Triage.objects.get(pk=each.pk).dismissed for each in (threatened, later, other)] == [
            {"legal_threat": mira.pk},
            {"legal_threat": mira.pk},
            {},
        ]

    def test_a_later_message_with_it_counts_anew(self, threatened: Triage, mira: User, desk: Client) -> None:
        ticket = threatened.message.ticket
        correcting.dismiss(ticket, "legal_threat", mira)
        later = again(ticket, ["legal_threat", "see you in court"])
        assert facts.known(later.message).dismissed == ()
        assert "Legal threat “see you in court”" in words(section(desk, ticket))
        assert "not so" not in section(desk, ticket)

    def test_the_route_no_longer_counts_it(self, threatened: Triage, mira: User) -> None:
        ticket = threatened.message.ticket
        correcting.dismiss(ticket, "legal_threat", mira)
        assert facts.known(threatened.message).dismissed == ("legal_threat",)
        assert facts.known(again(ticket).message).signals == (("refund", "my money back"),)

    @pytest.mark.parametrize("kind", ["human", "no such kind", ""])
    def test_a_signal_that_the_ticket_does_not_have(self, threatened: Triage, mira: User, kind: str) -> None:
        for undo in (False, True):
            with pytest.raises(correcting.NothingToCorrect):
                correcting.dismiss(threatened.message.ticket, kind, mira, undo=undo)
        assert Triage.objects.get().dismissed == {}

    def test_the_signal_of_another_ticket(self, threatened: Triage, mira: User) -> None:
        with pytest.raises(correcting.NoSuchSignal):
            correcting.dismiss(cast.new_ticket(), "legal_threat", mira)

    def test_undoing_a_category_leaves_the_name(self, threatened: Triage, mira: User, jonas: User) -> None:
        ticket = threatened.message.ticket
        correcting.dismiss(ticket, "legal_threat", mira)
        correcting.correct_category(ticket, Category.objects.get(slug="billing"), jonas)
        correcting.correct_category(ticket, None, jonas, forget=True)
        assert Triage.objects.get().dismissed == {"legal_threat": mira.pk}

    def test_browsers_are_told(
        self, threatened: Triage, mira: User, announced: list[Any], on_commit: Callable[[], Any]
    ) -> None:
        with on_commit():
            correcting.dismiss(threatened.message.ticket, "legal_threat", mira)
        assert "triage" in [part for event in announced for part in event.get("parts", ())]


class TestThePage:
    def test_it_is_struck_through_with_who_says_so(self, desk: Client, threatened: Triage, jonas: User) -> None:
        ticket = threatened.message.ticket
        page = section(desk, ticket)
        assert page.count("chip-bad") == 1 and 'aria-label="Sensitive signals and requests"' in page
        assert '<span class="chip chip-warn">Wants money back</span>' in page
        correcting.dismiss(ticket, "legal_threat", jonas)
        page = section(desk, ticket)
        assert '<s class="chip">Legal threat</s>' in page and "chip-bad" not in page
        assert words(page).endswith(
            "Wants money back “my money back” Legal threat not so, says Jonas Brandt “my lawyer”"
        )
        assert "take over" not in page

    def test_a_person_should_take_over_while_one_is_left(self, desk: Client, threatened: Triage, mira: User) -> None:
        ticket = threatened.message.ticket
        assert "Escalate?" in section(desk, ticket)
        again(ticket, ["human", "a person"])
        correcting.dismiss(ticket, "legal_threat", mira)
        assert "Escalate?" in section(desk, ticket)

    def test_a_request_is_no_alarm(self, desk: Client, ticket: Ticket) -> None:
        Triage.objects.create(message=ticket.messages.get(), signals=[["refund", "my money back"]])
        assert "take over" not in section(desk, ticket)

    def test_the_dialog_has_a_button_for_each(self, desk: Client, threatened: Triage, mira: User) -> None:
        ticket = threatened.message.ticket
        values.add(ticket.pk, {"PERSON_1": "Greta Holm"})
        Triage.objects.update(signals=[["legal_threat", "<PERSON_1> is my lawyer"], ["refund", ""]])
        assert re.findall(r'data-dismiss="(\w+)"', form(desk, ticket)) == ["legal_threat", "refund"]
        assert 'aria-label="Not so: Legal threat"' in form(desk, ticket)
        assert "“Greta Holm is my lawyer”" in form(desk, ticket)
        correcting.dismiss(ticket, "legal_threat", mira)
        assert re.findall(r'data-(dismiss|bring-back)="(\w+)"', form(desk, ticket)) == [
            ("dismiss", "refund"),
            ("bring-back", "legal_threat"),
        ]

    def test_it_is_dismissed_and_brought_back(self, desk: Client, threatened: Triage, followed: list[Ticket]) -> None:
        ticket = threatened.message.ticket
        assert say(desk, ticket, dismiss="legal_threat").json() == {"dismiss": "Legal threat"}
        assert "not so, says Mira Lindqvist" in words(section(desk, ticket))
        assert say(desk, ticket, bring_back="legal_threat").json() == {"bring_back": "Legal threat"}
        assert "not so" not in section(desk, ticket)
        assert followed == [ticket, ticket]

    @pytest.mark.parametrize("fields", [{"dismiss": "human"}, {"bring_back": "x" * 500}, {"dismiss": "’"}])
    def test_a_signal_that_is_not_there(
        self, desk: Client, threatened: Triage, followed: list[Ticket], fields: dict[str, str]
    ) -> None:
        answer = say(desk, threatened.message.ticket, **fields)
        assert answer.status_code == 422 and answer.json()["error"]
        assert not followed and Triage.objects.get().dismissed == {}

    def test_nothing_is_saved_with_a_signal_that_is_not_there(self, desk: Client, threatened: Triage) -> None:
        ticket = threatened.message.ticket
        assert say(desk, ticket, category="account", dismiss="human").json() == {
            "error": "No message of this ticket has this signal."
        }
        ticket.refresh_from_db()
        assert ticket.category_id is None

    def test_each_correction_makes_the_route_again(
        self, desk: Client, threatened: Triage, followed: list[Ticket]
    ) -> None:
        for fields in ({"category": "account"}, {"sentiment": "urgent"}, {"urgency": "2"}):
            say(desk, threatened.message.ticket, **fields)
        say(desk, threatened.message.ticket, urgency="9")
        assert len(followed) == 3

    @pytest.mark.parametrize("who", ["otto", "ken"])
    def test_who_does_not_work_on_tickets_is_refused(self, client: Client, threatened: Triage, who: str) -> None:
        client.force_login(getattr(cast, who)())
        assert say(client, threatened.message.ticket, dismiss="legal_threat").status_code == 403
        assert Triage.objects.get().dismissed == {}


class TestWhoHandlesIt:
    @pytest.fixture
    def route(self, threatened: Triage) -> Route:
        values.add(threatened.message.ticket_id, {"PERSON_1": "Greta Holm"})
        because = {"rule": 11, "signal": "legal_threat", "words": "<PERSON_1>, my lawyer", "limit": "person_now"}
        return Route.objects.create(message=threatened.message, handling="human_now", may="nothing", because=because)

    def test_by_which_rule_and_why_there_is_no_draft(self, desk: Client, route: Route) -> None:
        page = section(desk, route.message.ticket)
        assert '<span class="chip chip-warn">Person now</span>' in page
        assert (
            "Handling Person now Rule 1: the sensitive signal “Legal threat”: “Greta Holm, my lawyer” "
            "A person answers this one, so there is no draft." in words(page)
        )
        assert "take over" not in page and "triage-rules" not in page

    def test_the_others_are_no_alarm(self, desk: Client, route: Route) -> None:
        Route.objects.update(handling="ai_and_human", may="draft", because={"rule": 20, "tier": "enterprise"})
        page = section(desk, route.message.ticket)
        assert '<span class="chip">Person with draft</span>' in page
        assert "Rule 2: the customer’s tier is Enterprise Category" in words(page)

    def test_a_person_without_a_draft(self, desk: Client, route: Route) -> None:
        because = {"rule": 11, "signal": "refund", "words": "money back", "limit": "refund"}
        Route.objects.update(handling="ai_and_human", may="policy", because=because)
        assert "Person, no draft Rule 1: the request “Wants money back”" in words(section(desk, route.message.ticket))

    def test_long_words_are_cut(self, desk: Client, route: Route) -> None:
        Route.objects.update(because=route.because | {"words": "attorneys " * 40})
        quoted = re.search("“(attorneys[^”]*)”", section(desk, route.message.ticket))
        assert quoted and len(quoted[1]) <= 90 and quoted[1].endswith("…")

    def test_leads_get_a_link_to_the_rules(self, client: Client, route: Route) -> None:
        client.force_login(cast.rosa())
        assert f'<a class="triage-rules" href="{reverse("copilot:routing")}">Rules</a>' in section(
            client, route.message.ticket
        )

    def test_nothing_of_an_earlier_message(self, desk: Client, route: Route) -> None:
        again(route.message.ticket)
        page = section(desk, route.message.ticket)
        assert "Person now" not in page and "Escalate?" in page


@pytest.mark.django_db
def test_the_timeline_says_who_dismissed_it_and_who_brought_it_back() -> None:
    ticket = cast.new_ticket(text="My lawyer will contact you.")
    Triage.objects.create(message=ticket.messages.get(), signals=[["legal_threat", "My lawyer"]])
    correcting.dismiss(ticket, "legal_threat", cast.mira())
    correcting.dismiss(ticket, "legal_threat", cast.mira())  # already so
    correcting.dismiss(ticket, "legal_threat", cast.rosa(), undo=True)
    events = ticket.events.filter(kind=TicketEvent.Kind.SIGNAL)
    assert [(each.actor, sentence(each)) for each in events] == [
        (cast.mira(), "Not so: Legal threat"),
        (cast.rosa(), "So after all: Legal threat"),
    ]
