"""What is read of tickets before anybody decides whether they should be escalated."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from copilot.escalation.advice import advice
from copilot.escalation.facts import Facts, counts, facts, missed
from copilot.escalation.rules import SHIPPED, Reason
from copilot.models import Draft, DraftRecord, Escalation, Triage
from tests import cast
from tickets import outbox
from tickets.models import Message, OutgoingMail, Ticket

pytestmark = pytest.mark.django_db
NOW = timezone.now()
Kind = Message.Kind


@pytest.fixture
def ticket() -> Ticket:
    return cast.new_ticket(created_at=NOW - timedelta(minutes=5), waiting_since=NOW - timedelta(minutes=5))


def wrote(ticket: Ticket, kind: str = Kind.CUSTOMER, **fields: object) -> Message:
    author = cast.mira() if kind != Kind.CUSTOMER else None
    at = NOW + timedelta(seconds=ticket.messages.count())
    return Message.objects.create(ticket=ticket, kind=kind, text="And now?", author=author, created_at=at, **fields)


def judged(message: Message, **fields: object) -> Triage:
    return Triage.objects.create(message=message, **fields)


def of(ticket: Ticket, now: datetime = NOW) -> Facts:
    return facts(ticket, now)


def escalated(ticket: Ticket, **fields: object) -> Escalation:
    note = wrote(ticket, Kind.NOTE)
    given = {"ticket": ticket, "note": note, "by": cast.mira(), "reason": "other", "due_at": NOW} | fields
    return Escalation.objects.create(**given)


class TestSignals:
    def test_those_that_the_routing_rules_send_to_a_person(self, ticket: Ticket) -> None:
        signals = [["legal_threat", "my lawyer"], ["churn", "leave you"], ["refund", "money back"]]
        judged(ticket.messages.get(), signals=signals)
        assert of(ticket).signals == (("legal_threat", "my lawyer"),)

    def test_not_one_that_an_agent_dismissed(self, ticket: Ticket) -> None:
        judged(ticket.messages.get(), signals=[["legal_threat", "my lawyer"]], dismissed={"legal_threat": 1})
        assert of(ticket).signals == ()

    def test_one_of_an_earlier_message_stays_and_the_newest_words_count(self, ticket: Ticket) -> None:
        judged(ticket.messages.get(), signals=[["legal_threat", "my lawyer"], ["human", "a person"]])
        judged(wrote(ticket), signals=[["legal_threat", "we see us in court"]])
        assert of(ticket).signals == (("legal_threat", "we see us in court"), ("human", "a person"))


class TestTheRest:
    def test_urgency_is_that_of_the_latest_message(self, ticket: Ticket) -> None:
        judged(ticket.messages.get(), urgency=5)
        judged(wrote(ticket), urgency=2)
        wrote(ticket, Kind.REPLY)
        assert of(ticket).urgency == 2

    def test_an_undone_reply_is_no_attempt(self, ticket: Ticket) -> None:
        outbox.write_reply(ticket, cast.mira(), "Try again.", submission=None)
        OutgoingMail.objects.update(state=OutgoingMail.State.UNDONE)
        wrote(ticket)
        assert of(ticket).attempts == 0

    def test_a_note_is_no_attempt(self, ticket: Ticket) -> None:
        wrote(ticket, Kind.NOTE)
        wrote(ticket)
        assert of(ticket).attempts == 0

    def test_the_customer_waits_since_the_ticket_says_so(self, ticket: Ticket) -> None:
        assert of(ticket).waiting == timedelta(minutes=5)

    @pytest.mark.parametrize("status", ["pending", "closed"])
    def test_nobody_waits_if_the_next_step_is_not_ours(self, ticket: Ticket, status: str) -> None:
        closed_at = NOW if status == "closed" else None
        Ticket.objects.filter(pk=ticket.pk).update(status=status, closed_at=closed_at)
        assert of(ticket).waiting is None

    def test_nobody_waits_after_our_reply_even_if_the_ticket_stays_open(self, ticket: Ticket) -> None:
        wrote(ticket, Kind.REPLY)
        assert of(ticket).waiting is None

    def test_the_latest_draft_says_how_sure_the_answer_is(self, ticket: Ticket) -> None:
        first = Draft.objects.create(ticket=ticket, message=ticket.messages.get(), state=Draft.State.NO_SOURCE)
        assert of(ticket).no_source
        second = Draft.objects.create(ticket=ticket, message=first.message, state=Draft.State.READY)
        DraftRecord.objects.create(draft=second, confidence=0.3)
        assert (of(ticket).no_source, of(ticket).confidence) == (False, 0.3)

    def test_a_ticket_without_messages(self) -> None:
        empty = Ticket.objects.create(customer=cast.tomas(), subject="Empty")
        assert of(empty) == Facts(2)


class TestOfMany:
    def test_as_many_queries_for_one_ticket_as_for_many(self, django_assert_num_queries) -> None:
        for number in range(7):
            judged(cast.new_ticket(subject=str(number)).messages.get(), signals=[["legal_threat", "my lawyer"]])
        for tickets in (Ticket.objects.filter(subject="3"), Ticket.objects.all()):
            with django_assert_num_queries(4):
                counts(tickets, SHIPPED, NOW)

    def test_how_many_tickets_have_each_reason(self, ticket: Ticket) -> None:
        signals = [["legal_threat", "my lawyer"], ["security", "hacked"]]
        judged(ticket.messages.get(), signals=signals, urgency=5)
        judged(cast.new_ticket().messages.get(), urgency=5)
        assert counts(Ticket.objects.all(), SHIPPED, NOW) == {Reason.SIGNAL: 1, Reason.URGENCY: 2}


class TestMissed:
    """Not escalated although a trigger applied, and it went on badly."""

    def test_the_customer_had_to_write_again(self, ticket: Ticket) -> None:
        judged(ticket.messages.get(), signals=[["legal_threat", "my lawyer"]])
        assert missed(Ticket.objects.all(), SHIPPED, NOW) == []
        wrote(ticket, Kind.REPLY)
        judged(wrote(ticket), sentiment="negative")
        (found,) = missed(Ticket.objects.all(), SHIPPED, NOW)
        assert (found.ticket, found.reasons, found.attempts) == (ticket.pk, (Reason.SIGNAL,), 1)

    def test_the_customer_waits_too_long(self, ticket: Ticket) -> None:
        assert missed(Ticket.objects.all(), SHIPPED, NOW) == []
        assert missed(Ticket.objects.all(), SHIPPED, NOW + timedelta(hours=23)) == []  # time is left
        (found,) = missed(Ticket.objects.all(), SHIPPED, NOW + timedelta(hours=24))
        assert found.reasons == (Reason.WAITING,)

    def test_not_one_that_was_escalated_unless_that_was_undone(self, ticket: Ticket) -> None:
        escalation, later = escalated(ticket), NOW + timedelta(hours=24)
        assert missed(Ticket.objects.all(), SHIPPED, later) == []
        Escalation.objects.filter(pk=escalation.pk).update(undone_at=NOW)
        assert len(missed(Ticket.objects.all(), SHIPPED, later)) == 1


class TestAdvice:
    def test_it_says_why_without_the_words_that_stand_beside_it(self, ticket: Ticket) -> None:
        judged(ticket.messages.get(), signals=[["legal_threat", "My lawyer"]], urgency=4)
        assert advice(ticket, NOW) == ["Sensitive signal: Legal threat", "Urgency: 4 of 5"]

    def test_nothing_once_we_have_replied(self, ticket: Ticket) -> None:
        Draft.objects.create(ticket=ticket, message=ticket.messages.get(), state=Draft.State.NO_SOURCE)
        assert advice(ticket, NOW) == ["No article answers this"]
        wrote(ticket, Kind.REPLY)
        assert advice(ticket, NOW) == []

    def test_nothing_for_a_ticket_that_is_closed_or_escalated(self, ticket: Ticket) -> None:
        judged(ticket.messages.get(), urgency=5)
        assert advice(ticket, NOW)
        escalation = escalated(ticket, sent_at=NOW + timedelta(minutes=1))
        assert advice(ticket, NOW) == []
        judged(wrote_later(ticket), urgency=5)
        assert advice(ticket, NOW)
        Escalation.objects.filter(pk=escalation.pk).delete()
        Ticket.objects.update(status=Ticket.Status.CLOSED, closed_at=NOW)
        assert advice(ticket, NOW) == []


def wrote_later(ticket: Ticket) -> Message:
    message = wrote(ticket)
    Message.objects.filter(pk=message.pk).update(created_at=NOW + timedelta(hours=1))
    return message
