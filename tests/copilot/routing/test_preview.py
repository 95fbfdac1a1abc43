"""What other rules would have done with past tickets."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from copilot.models import Route, Triage
from copilot.routing import preview
from copilot.routing.rules import SHIPPED, TeamRule
from tests import cast
from tickets.models import Category, Message, Ticket

pytestmark = pytest.mark.django_db
Handling = Route.Handling
MONTH = timedelta(days=30)


def classified(category: str = "billing", confidence: float = 0.9, days: int = 3, **fields: Any) -> Ticket:
    ticket = cast.new_ticket(category_id=category or None, created_at=timezone.now() - timedelta(days=days))
    again(ticket, category, confidence, message=ticket.messages.get(), **fields)
    return ticket


def again(ticket: Ticket, category: str, confidence: float, message: Message | None = None, **fields: Any) -> Triage:
    message = message or Message.objects.create(ticket=ticket, kind=Message.Kind.CUSTOMER, text="And another thing")
    found = Category.objects.filter(pk=category).first()
    tone = {"sentiment": "neutral", "urgency": 3}
    return Triage.objects.create(message=message, category=found, confidence=confidence, **{**tone, **fields})


def compared(**changed: Any) -> preview.Preview:
    return preview.compare(preview.past(timezone.now() - MONTH), SHIPPED, replace(SHIPPED, **changed))


def test_the_same_rules_move_nothing() -> None:
    classified()
    found = compared()
    assert (found.tickets, found.moves, found.changes) == (1, (), {})
    assert found.before == found.after == {Handling.AI_ONLY: 1}


def test_each_ticket_that_would_have_moved_is_named_with_both_routes() -> None:
    other, first = classified("technical"), classified()
    second = classified()
    found = compared(categories=("billing",))
    assert [move.ticket for move in found.moves] == [second.pk, first.pk]
    assert {move.was.handling for move in found.moves} == {Handling.AI_ONLY}
    assert {move.now.because["category"] for move in found.moves} == {"billing"}
    assert found.changes == {(Handling.AI_ONLY, Handling.HUMAN_NOW): 2}
    assert (found.before[Handling.AI_ONLY], found.after[Handling.AI_ONLY]) == (3, 1)
    assert other.pk not in [move.ticket for move in found.moves]


def test_another_team_or_another_kind_of_draft_is_a_move_too() -> None:
    ticket = classified("product_question")
    assert [each.now.team for each in compared(teams=(TeamRule("", "", 7),)).moves] == [7]
    found = compared(may=SHIPPED.may | {"product_question": "nothing"})
    assert [each.ticket for each in found.moves] == [ticket.pk] and found.changes == {}


def test_a_ticket_counts_with_its_latest_message_and_all_signals_before() -> None:
    ticket = classified(signals=[["legal_threat", "my lawyer"]])
    again(ticket, "billing", 0.9, urgency=5)
    (past,) = preview.past(timezone.now() - MONTH)
    assert past.given.urgency == 5 and past.given.signals == (("legal_threat", "my lawyer"),)


def test_what_agents_corrected_and_dismissed_counts() -> None:
    ticket = classified(confidence=0.2, signals=[["legal_threat", "my lawyer"]])
    row = Triage.objects.get()
    row.corrected, row.sentiment, row.dismissed = ["category", "sentiment"], "negative", {"legal_threat": 1}
    row.save()
    (past,) = preview.past(timezone.now() - MONTH)
    assert (past.ticket, past.given.confidence, past.given.sentiment, past.given.signals) == (
        ticket.pk, 1.0, "negative", ()
    )  # fmt: skip


def test_older_tickets_and_those_never_classified_do_not_count() -> None:
    classified(days=40)
    cast.new_ticket()
    assert preview.past(timezone.now() - MONTH) == []


def test_it_is_one_query(django_assert_num_queries: Any) -> None:
    for _number in range(4):
        classified()
    with django_assert_num_queries(1):
        assert len(preview.past(timezone.now() - MONTH)) == 4
