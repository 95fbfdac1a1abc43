"""Summaries are stored masked, found again while they hold, and shown with real values."""

import json
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from asgiref.sync import async_to_sync

from copilot import prompts
from copilot.models import MaskedValue, ModelCall, ThreadSummary
from copilot.redaction.values import PlaceholderTaken, add
from copilot.summaries import keeping
from copilot.summaries import thread as threads
from copilot.summaries.quoted import Line, lines
from copilot.summaries.summarising import summarise
from tests import cast
from tests.copilot.summaries.conftest import ASKED, FAILED, TRIED, say
from tests.fakes import FakeModel
from tickets.models import OutgoingMail, Ticket

pytestmark = pytest.mark.django_db(transaction=True)
MAIL = "Write to lea.brandt@firma.example, the bank says no."


def made(ticket: Ticket, model: FakeModel | None = None) -> ThreadSummary:
    started = keeping.started(ticket)
    assert started is not None
    thread, row = started

    async def collect() -> list[Line]:
        return [line async for line in summarise(thread, model or FakeModel(), row)]

    keeping.finish(row, async_to_sync(collect)())
    return row


def test_the_lines_are_kept_section_by_section(conversation: Ticket) -> None:
    row = keeping.begin(conversation, threads.read(conversation))
    assert row.finished_at is None and row.lines == []
    second, first = conversation.messages.last(), conversation.messages.first()
    assert second is not None and first is not None
    keeping.finish(row, [Line(FAILED, "c", (second.pk,), False), Line(ASKED, "b", (second.pk,), True)])
    keeping.finish(row, [Line(FAILED, "c", (second.pk,), False), Line(ASKED, "a", (first.pk,), True)])
    stored = ThreadSummary.objects.get()
    assert stored.finished_at and [line["text"] for line in stored.lines] == ["a", "c"]
    assert stored.lines[0] == {"about": "asked", "text": "a", "messages": [first.pk], "written": True}
    assert stored.upto == second


def test_a_finished_summary_is_found_until_there_is_another_message(conversation: Ticket) -> None:
    thread = threads.read(conversation)
    row = keeping.begin(conversation, thread)
    assert keeping.latest(conversation, thread) is None
    keeping.finish(row, lines(thread))
    assert keeping.latest(conversation, thread) == row == keeping.latest(conversation, threads.newest(conversation))
    say(conversation, "note", "Called the bank.")
    assert keeping.latest(conversation, threads.read(conversation)) is None


@pytest.mark.parametrize("opening", [False, True])
def test_a_message_that_sorts_before_the_newest_is_noticed(conversation: Ticket, opening: bool) -> None:
    """Whatever imports or receives it with an older date. One that does not belong to the opening changes nothing."""
    say_early(conversation, "I was charged once more.", minutes=-10)
    thread = threads.read(conversation, opening=opening)
    assert thread.end == threads.newest(conversation, opening=opening) and thread.messages == (2 if opening else 4)
    row = keeping.begin(conversation, thread)
    assert keeping.being_made(conversation, thread.end)
    say_early(conversation, "It was in June.", minutes=-5)
    now = threads.newest(conversation, opening=opening)
    assert now.upto == row.upto_id and not keeping.being_made(conversation, now)
    keeping.finish(row, lines(thread))
    assert keeping.latest(conversation, thread) == row and keeping.latest(conversation, now) is None


def say_early(ticket: Ticket, text: str, minutes: int) -> None:
    """Before the first message that was there."""
    at = ticket.messages.earliest("pk").created_at + timedelta(minutes=minutes)
    ticket.messages.filter(pk=say(ticket, "customer", text).pk).update(created_at=at)


@pytest.mark.parametrize("opening", [False, True])
def test_of_many_tickets_the_same_as_of_each_alone(
    conversation: Ticket, opening: bool, django_assert_num_queries: Any
) -> None:
    others = [cast.new_ticket(subject=str(number)) for number in range(5)]
    others[3].messages.all().delete()
    for each in (conversation, *others[:3]):
        thread = threads.read(each, opening=opening)
        keeping.finish(keeping.begin(each, thread), lines(thread))
    say_early(others[1], "It was in June.", minutes=-5)
    reply = say(others[2], "reply", "Please restart.", state=OutgoingMail.State.UNDONE)
    ThreadSummary.objects.filter(ticket=others[2]).update(lines=[{"messages": [reply.pk]}])
    tickets = [conversation, *others]
    with django_assert_num_queries(3):
        found = keeping.latest_of(tickets, opening=opening)
    assert list(found) == [conversation.pk, others[0].pk]
    for each in tickets:
        assert found.get(each.pk) == keeping.latest(each, threads.newest(each, opening=opening))


def test_of_two_of_the_same_messages_the_one_that_is_finished_first_is_kept(conversation: Ticket) -> None:
    thread = threads.read(conversation)
    slow, urgent = keeping.begin(conversation, thread), keeping.begin(conversation, thread, urgent=True)
    keeping.finish(slow, lines(thread))
    keeping.finish(urgent, [])
    assert keeping.latest(conversation, thread) == slow
    urgent.refresh_from_db()
    assert urgent.finished_at is None and urgent.failed_at


@pytest.mark.parametrize("gone", ["ticket", "message"])
def test_of_what_is_deleted_at_the_moment_of_beginning_nothing_is_made(conversation: Ticket, gone: str) -> None:
    read = threads.read

    def then_gone(ticket: Ticket, *, opening: bool) -> threads.Thread:
        thread = read(ticket, opening=opening)
        deleted = Ticket.objects.filter(pk=ticket.pk) if gone == "ticket" else ticket.messages.filter(pk=thread.upto)
        deleted.delete()
        return thread

    with patch.object(threads, "read", then_gone):
        assert keeping.started(conversation) is None
    assert not ThreadSummary.objects.exists()


def test_of_a_customer_who_is_deleted_while_it_is_read_nothing_is_made(conversation: Ticket) -> None:
    stale = Ticket.objects.get(pk=conversation.pk)
    customer = conversation.customer
    conversation.delete()
    customer.delete()
    assert keeping.started(stale) is None


def test_with_another_prompt_it_is_made_anew(conversation: Ticket) -> None:
    row = made(conversation)
    end = threads.newest(conversation)
    assert keeping.latest(conversation, end) == row
    ModelCall.objects.filter(purpose="summary").update(prompt_version="summary-1@other")
    assert keeping.latest(conversation, end) is None


def test_a_summary_that_rests_on_an_undone_reply_does_not_hold(conversation: Ticket) -> None:
    reply = say(conversation, "reply", "Please restart the app.", state=OutgoingMail.State.QUEUED)
    say(conversation, "note", "Told her to restart.")
    row, end = made(conversation), threads.newest(conversation)
    assert keeping.latest(conversation, end) == row
    OutgoingMail.objects.filter(message=reply).update(state=OutgoingMail.State.UNDONE)
    assert keeping.latest(conversation, end) is None


def test_calls_are_recorded_with_the_summary_and_hold_no_personal_data(conversation: Ticket) -> None:
    say(conversation, "customer", f"Tomas Okafor (tomas@okafor.example) again. {MAIL}")
    made(conversation, FakeModel(answer="FAILED: Both still there after 12 days, bank no [3]"))
    call, *others = ModelCall.objects.all()
    assert (call.summary, call.purpose) == (ThreadSummary.objects.get(), "summary")
    assert call.prompt_version == prompts.load("summary-1").version
    sent = json.dumps([each.messages for each in [call, *others]]) + json.dumps(ThreadSummary.objects.get().lines)
    assert not any(each in sent for each in ("Tomas", "Okafor", "okafor.example", "Lea", "firma.example"))


def test_placeholders_are_stored_and_restored_for_the_agent(conversation: Ticket) -> None:
    say(conversation, "customer", MAIL)
    row = made(conversation)
    assert "<EMAIL_1>" in json.dumps(row.lines)
    assert MaskedValue.objects.get().placeholder == "EMAIL_1"
    shown = keeping.shown(ThreadSummary.objects.get(), conversation)
    assert MAIL in [line.text for line in shown] and shown == keeping.shown(
        lines(threads.read(conversation)), conversation
    )


def test_a_placeholder_that_was_given_away_meanwhile_is_not_used(conversation: Ticket) -> None:
    say(conversation, "customer", MAIL)
    stale = threads.read(conversation)
    add(conversation.pk, {"EMAIL_1": "bo@mail.example"})
    with pytest.raises(PlaceholderTaken):
        keeping.begin(conversation, stale)
    assert not ThreadSummary.objects.exists()
    reads = iter([stale])
    read = threads.read
    with patch.object(threads, "read", lambda ticket, opening: next(reads, None) or read(ticket, opening=opening)):
        started = keeping.started(conversation)
    assert started is not None and "<EMAIL_2>" in started[0].sentences[-1].text


def test_of_a_ticket_without_messages_nothing_is_made(ticket: Ticket) -> None:
    ticket.messages.all().delete()
    assert keeping.started(ticket) is None
    with pytest.raises(ValueError, match="nobody"):
        keeping.begin(ticket, threads.read(ticket))


def test_lines_that_are_not_stored_can_be_shown(conversation: Ticket) -> None:
    assert keeping.shown([Line(TRIED, "Wrote to <NAME>", (1,), True)], conversation)[0].text == "Wrote to Tomas"
