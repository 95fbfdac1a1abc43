"""What is read of a customer's tickets: from records, in as many queries for one ticket as for forty."""

from datetime import timedelta
from typing import Any

import pytest

from copilot.customers.facts import Facts, facts
from copilot.customers.mood import Tone
from copilot.models import Triage
from tests import cast
from tests.copilot.customers.conftest import NOW, days, earlier_ticket, escalated, sounds
from tests.copilot.summaries.conftest import say
from tickets import lifecycle, outbox
from tickets.models import Category, OutgoingMail, Ticket

pytestmark = pytest.mark.django_db


def of(ticket: Ticket, **who: Any) -> Facts:
    return facts(ticket, who.get("user") or cast.mira(), NOW)


def test_of_a_first_ticket(ticket: Ticket) -> None:
    assert of(ticket) == Facts(lately=1)


def test_how_many_and_when(ticket: Ticket) -> None:
    for ago in (1, 89, 91, 400):
        earlier_ticket(ago=ago)
    found = of(ticket)
    assert (found.others, found.others_lately, found.lately) == (4, 2, 3)
    Ticket.objects.filter(pk=ticket.pk).update(created_at=NOW - days(200))
    ticket.refresh_from_db()
    assert of(ticket).lately == 2


def test_not_those_of_somebody_else(ticket: Ticket, lena: Any) -> None:
    other = earlier_ticket(customer=lena, status="open", category_id="billing", first_response_at=NOW)
    escalated(other)
    for ago in (3, 2, 1):
        sounds(other, "negative", ago)
    assert of(ticket) == Facts(lately=1)


def test_not_those_that_the_member_may_not_see(ticket: Ticket) -> None:
    earlier_ticket(status="open", category_id="billing")
    sounds(ticket, "negative", 1)
    found = of(ticket, user=cast.otto())
    assert (found.others, found.ours, found.category, found.tones) == (0, 0, "", ())


class TestCategory:
    @pytest.mark.parametrize(
        ("slugs", "found"),
        [
            (["billing", "billing", "technical"], ("Billing", 3)),
            (["billing", "technical"], ("Billing", 2)),
            (["technical", "technical", "account"], ("", 0)),  # half of the four
            (["technical", "account"], ("", 0)),
            ([None, None, None], ("", 0)),
        ],
    )
    def test_that_of_most_tickets(self, ticket: Ticket, slugs: list[str | None], found: tuple[str, int]) -> None:
        Ticket.objects.update(category="billing")
        for slug in slugs:
            earlier_ticket(category_id=slug)
        there = of(ticket)
        assert (there.category, there.of_category) == found

    def test_older_tickets_do_not_count(self, ticket: Ticket) -> None:
        for _ in range(5):
            earlier_ticket(ago=100, category_id="technical")
        earlier_ticket(category_id="billing")
        Ticket.objects.filter(pk=ticket.pk).update(category="billing")
        assert (of(ticket).category, of(ticket).of_category) == ("Billing", 2)

    def test_it_is_called_as_the_team_calls_it(self, ticket: Ticket) -> None:
        Category.objects.create(slug="bees", name="Bees & <honey>")
        for _ in range(2):
            earlier_ticket(category_id="bees")
        assert of(ticket).category == "Bees & <honey>"


class TestOpenOnes:
    def test_those_that_wait_for_us_and_since_when(self, ticket: Ticket) -> None:
        for ago in (2, 5, 3):
            earlier_ticket(status="open", ago=ago)
        found = of(ticket)
        assert (found.ours, found.waiting, found.waiting_since, found.theirs) == (3, 3, NOW - days(5), 0)

    def test_one_that_we_answered_and_left_open_does_not_wait_for_us(self, ticket: Ticket) -> None:
        answered, waiting = earlier_ticket(status="open", ago=30), earlier_ticket(status="open", ago=4)
        say(answered, "reply", "We look into it.")
        say(answered, "note", "Asked the bank.")
        say(waiting, "note", "Who takes it?")
        say(waiting, "reply", "Undone", state=OutgoingMail.State.UNDONE)
        found = of(ticket)
        assert (found.ours, found.waiting, found.waiting_since) == (2, 1, NOW - days(4))
        say(answered, "customer", "And?")
        assert of(ticket).waiting == 2

    def test_one_that_we_began_does_not_wait_for_us(self, ticket: Ticket) -> None:
        earlier_ticket(status="open").messages.all().delete()
        assert (of(ticket).ours, of(ticket).waiting, of(ticket).waiting_since) == (1, 0, None)

    def test_those_that_wait_for_the_customer(self, ticket: Ticket) -> None:
        earlier_ticket(status="pending", ago=50)
        earlier_ticket()
        found = of(ticket)
        assert (found.ours, found.waiting, found.waiting_since, found.theirs) == (0, 0, None, 1)


class TestFirstReply:
    def test_in_the_median_of_the_others(self, ticket: Ticket) -> None:
        Ticket.objects.filter(pk=ticket.pk).update(first_response_at=NOW + days(30))
        for hours in (1, 4, 100):
            at = NOW - days(10)
            earlier_ticket(first_response_at=at + timedelta(hours=hours))
        assert of(ticket).reply == timedelta(hours=4)

    def test_of_the_newest_twenty(self, ticket: Ticket) -> None:
        for ago in range(30, 60):
            hours = 1 if ago < 50 else 99
            earlier_ticket(ago=ago, first_response_at=NOW - days(ago) + timedelta(hours=hours))
        assert of(ticket).reply == timedelta(hours=1)

    def test_of_those_of_the_last_days_if_there_are_some(self, ticket: Ticket) -> None:
        earlier_ticket(ago=900, first_response_at=NOW - days(890))
        assert of(ticket).reply == days(10)
        earlier_ticket(ago=10)
        assert of(ticket).reply is None
        earlier_ticket(ago=10, first_response_at=NOW - days(8))
        assert of(ticket).reply == days(2)

    def test_a_reply_that_was_undone_was_none(self, ticket: Ticket) -> None:
        other = earlier_ticket(status="open")
        reply = outbox.write_reply(other, cast.mira(), "Here it is.", submission=None)
        assert of(ticket).reply is not None
        was = {"status": "open", "waiting_since": other.created_at, "first_response_at": None}
        lifecycle.reply_undone(reply.ticket, cast.mira(), was)
        assert of(ticket).reply is None and of(ticket).ours == 1

    def test_imported_times_that_cannot_be(self, ticket: Ticket) -> None:
        earlier_ticket(first_response_at=NOW - days(20))
        assert of(ticket).reply == timedelta()


class TestEscalated:
    def test_tickets_not_escalations_and_not_undone_ones(self, ticket: Ticket) -> None:
        twice = earlier_ticket()
        escalated(twice)
        escalated(twice)
        escalated(earlier_ticket(), undone_at=NOW)
        escalated(ticket)
        assert of(ticket).escalated == 1


class TestTones:
    def test_of_all_tickets_oldest_first(self, ticket: Ticket) -> None:
        other = earlier_ticket()
        sounds(other, "neutral", 9)
        sounds(ticket, "negative", 1)
        sounds(other, "positive", 5)
        found = of(ticket).tones
        assert [each.sentiment for each in found] == ["neutral", "positive", "negative"]
        assert isinstance(found[0], Tone) and found[0].day < found[1].day

    def test_whether_an_agent_has_decided(self, ticket: Ticket) -> None:
        sounds(ticket, "neutral", 2, corrected=True)
        sounds(ticket, "neutral", 1)
        assert [each.estimated for each in of(ticket).tones] == [False, True]

    def test_only_what_was_judged(self, ticket: Ticket) -> None:
        Triage.objects.create(message=ticket.messages.get(), urgency=3)
        sounds(ticket, "negative", 100)
        assert of(ticket).tones == ()

    def test_the_newest_of_many(self, ticket: Ticket) -> None:
        for ago in range(30, 0, -1):
            sounds(ticket, "negative" if ago <= 20 else "positive", ago)
        assert {each.sentiment for each in of(ticket).tones} == {"negative"} and len(of(ticket).tones) == 20


def test_forty_tickets_take_as_many_queries_as_one(ticket: Ticket, mira: Any, django_assert_num_queries: Any) -> None:
    for count in (1, 39):
        for at in range(count):
            other = earlier_ticket(subject=str(at), status="open", category_id="billing", first_response_at=NOW)
            sounds(other, "negative", at + 1)
            escalated(other)
        with django_assert_num_queries(6):
            facts(ticket, mira, NOW)
