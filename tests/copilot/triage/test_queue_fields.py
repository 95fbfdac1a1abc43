"""The queue can be filtered by sentiment, urgency and signals of the customer's latest message."""

from datetime import timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.utils import timezone

from copilot.models import Triage
from copilot.triage import queue_fields
from tests import cast
from tickets.models import Message, Ticket, User
from tickets.queue import filters
from tickets.queue.fields import Asked
from tickets.queue.ticket_fields import FIELDS

pytestmark = pytest.mark.django_db


def passed(user: User, address: str) -> list[Ticket]:
    where = filters.from_address(QueryDict(address)).where(Asked(user, timezone.now()))
    return list(Ticket.objects.filter(where).order_by("pk"))


def classified(**said: Any) -> Ticket:
    ticket = cast.new_ticket()
    Triage.objects.create(message=ticket.messages.get(), **said)
    return ticket


def again(ticket: Ticket, **said: Any) -> None:
    at = timezone.now() + timedelta(minutes=1)
    message = ticket.messages.create(kind=Message.Kind.CUSTOMER, text="Again.", created_at=at)
    Triage.objects.create(message=message, **said)


ANGRY: dict[str, Any] = {"sentiment": "negative", "urgency": 5, "signals": [["legal_threat", "my lawyer"]]}
CALM: dict[str, Any] = {"sentiment": "neutral", "urgency": 1, "signals": [["refund", "my money back"]]}
EACH = ["sentiment=negative", "urgency=5", "signal=legal_threat"]


def test_every_field_is_in_the_table() -> None:
    assert {address.partition("=")[0] for address in EACH} == {field.key for field in queue_fields.FIELDS}


@pytest.mark.parametrize("address", EACH)
def test_a_field_lets_its_tickets_pass_and_no_others(mira: User, address: str) -> None:
    angry = classified(**ANGRY)
    classified(**CALM)
    cast.new_ticket()
    assert passed(mira, address) == [angry]


@pytest.mark.parametrize("address", EACH)
def test_a_field_that_is_turned_round_lets_all_others_pass(mira: User, address: str) -> None:
    classified(**ANGRY)
    others = [classified(**CALM), cast.new_ticket()]
    assert passed(mira, address.replace("=", "!=")) == others


@pytest.mark.parametrize("address", EACH)
def test_the_latest_message_of_the_customer_counts(mira: User, address: str) -> None:
    calmed, angered = classified(**ANGRY), classified(**CALM)
    again(calmed, **CALM)
    again(angered, **ANGRY)
    assert passed(mira, address) == [angered]


@pytest.mark.parametrize("address", EACH)
def test_a_reply_makes_no_difference(mira: User, address: str) -> None:
    angry = classified(**ANGRY)
    angry.messages.create(kind=Message.Kind.REPLY, author=mira, text="We are sorry.")
    assert passed(mira, address) == [angry]


def test_values_of_one_field_are_alternatives(mira: User) -> None:
    both = [classified(**ANGRY), classified(**CALM)]
    classified(sentiment="positive", urgency=3, signals=[])
    for address in ("sentiment=negative&sentiment=neutral", "urgency=5&urgency=1", "signal=legal_threat&signal=refund"):
        assert passed(mira, address) == both, address


def test_a_ticket_with_several_signals_has_each_of_them(mira: User) -> None:
    ticket = classified(signals=[["churn", "cancel"], ["refund", "my money back"]])
    for kind in ("churn", "refund"):
        assert passed(mira, f"signal={kind}") == [ticket]


def test_a_signal_that_an_agent_says_is_none_does_not_count(mira: User) -> None:
    ticket = classified(signals=[["churn", "cancel"], ["refund", "my money"]], dismissed={"churn": mira.pk})
    assert (passed(mira, "signal=churn"), passed(mira, "signal=refund")) == ([], [ticket])
    assert passed(mira, "signal!=churn") == [ticket]


def test_words_of_a_customer_are_no_signal(mira: User) -> None:
    classified(signals=[["refund", 'they wrote "churn", twice']])
    assert passed(mira, "signal=churn") == []


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("sentiment=negative&sentiment=urgent", "Sentiment: Negative, Urgent"),
        ("urgency=5", "Urgency: 5 of 5"),
        ("signal=refund", "Signal: Wants money back"),
    ],
)
def test_a_filter_is_said_in_words(address: str, said: str) -> None:
    found = filters.from_address(QueryDict(address)).conditions
    assert [filters.words(each) for each in found] == [said]


@pytest.mark.parametrize("address", ["sentiment=cheerful", "urgency=6", "urgency=0", "signal=%25", "signal=refund%22"])
def test_what_does_not_exist_is_left_out(address: str) -> None:
    assert filters.from_address(QueryDict(address)).conditions == ()


def test_every_value_has_a_name_of_its_own() -> None:
    for field in queue_fields.FIELDS:
        names = [str(choice.label) for choice in FIELDS[field.key].choices(None)]
        assert len(set(names)) == len(names) and not [name for name in names if "_" in name], field.key
