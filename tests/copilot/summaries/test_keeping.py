"""Summaries are stored masked, found again while they hold, and shown with real values."""

import json
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
    assert keeping.latest(conversation, thread) == row == keeping.latest(conversation, thread.upto)
    say(conversation, "note", "Called the bank.")
    assert keeping.latest(conversation, threads.read(conversation)) is None


def test_with_another_prompt_it_is_made_anew(conversation: Ticket) -> None:
    row = made(conversation)
    assert keeping.latest(conversation, row.upto_id) == row
    ModelCall.objects.filter(purpose="summary").update(prompt_version="summary-1@other")
    assert keeping.latest(conversation, row.upto_id) is None


def test_a_summary_that_rests_on_an_undone_reply_does_not_hold(conversation: Ticket) -> None:
    reply = say(conversation, "reply", "Please restart the app.", state=OutgoingMail.State.QUEUED)
    note = say(conversation, "note", "Told her to restart.")
    row = made(conversation)
    assert keeping.latest(conversation, note.pk) == row
    OutgoingMail.objects.filter(message=reply).update(state=OutgoingMail.State.UNDONE)
    assert keeping.latest(conversation, note.pk) is None


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
