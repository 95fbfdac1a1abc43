"""What was asked on the other tickets, as it comes to the browser."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient
from django.urls import reverse

from copilot.customers import earlier, telling
from copilot.customers.telling import Told
from copilot.llm import ModelError
from copilot.models import Draft, ModelCall, ThreadSummary
from copilot.summaries.streaming import NotMade
from tests import cast
from tests.copilot.customers.conftest import INVOICE, earlier_ticket, keep
from tests.copilot.summaries.conftest import say
from tests.fakes import FakeModel
from tickets.models import Ticket

pytestmark = pytest.mark.django_db(transaction=True)
QUOTE = INVOICE
WRITTEN = "Where can the invoice of May be found?"
SAID = f"ASKED: {WRITTEN} [1]"


@pytest.fixture
def writes(model: FakeModel, monkeypatch: pytest.MonkeyPatch) -> FakeModel:
    """A model whose line is not word for word in the message, and is found to be right."""
    monkeypatch.setattr("copilot.summaries.checks.objects", lambda given, language: False)
    monkeypatch.setattr("copilot.summaries.checks.holds", lambda *args: True)
    model.answer = SAID
    return model


async def told(ticket: Ticket) -> list[Told]:
    found = await sync_to_async(earlier.shown)(ticket, await sync_to_async(cast.mira)())
    return [each async for each in telling.lines(found)]


async def test_a_kept_line_comes_first_and_asks_no_model(ticket: Ticket, model: FakeModel) -> None:
    other = await sync_to_async(earlier_ticket)()
    await sync_to_async(keep)(other, {"text": "Wants the invoice"})
    assert await told(ticket) == [Told(other.pk, "Wants the invoice", True)]
    assert model.asked == [] and model.checked == []


async def test_first_the_quotes_of_all_then_what_the_model_writes(ticket: Ticket, writes: FakeModel) -> None:
    kept, older, newer = [await sync_to_async(earlier_ticket)(ago=ago) for ago in (9, 8, 7)]
    await sync_to_async(keep)(kept, {"text": "Kept"})
    assert await told(ticket) == [
        Told(kept.pk, "Kept", True),
        Told(newer.pk, QUOTE, False),
        Told(older.pk, QUOTE, False),
        Told(newer.pk, WRITTEN, True),
        Told(older.pk, WRITTEN, True),
    ]
    assert {priority for *_, priority in writes.asked} == {"background"}


async def test_what_was_written_is_kept_for_the_next_time(ticket: Ticket, writes: FakeModel) -> None:
    other = await sync_to_async(earlier_ticket)()
    await told(ticket)
    calls = await ModelCall.objects.acount()
    assert calls > 0
    assert await told(ticket) == [Told(other.pk, WRITTEN, True)]
    assert await ModelCall.objects.acount() == calls


async def test_what_came_after_our_reply_is_not_read(ticket: Ticket, writes: FakeModel) -> None:
    other = await sync_to_async(earlier_ticket)()
    await sync_to_async(say)(other, "reply", "Look under Billing.")
    await sync_to_async(say)(other, "customer", "There is nothing under Zebra.")
    await told(ticket)
    assert len(writes.asked) == 1 and "Billing" not in str(writes.asked) and "Zebra" not in str(writes.asked)


async def test_if_no_line_of_the_model_holds_a_quote_stays(ticket: Ticket, model: FakeModel) -> None:
    other = await sync_to_async(earlier_ticket)()
    model.answer = "ASKED: The customer wants a refund of 300 euros [1]"
    assert set(await told(ticket)) == {Told(other.pk, QUOTE, False)}
    assert (await ThreadSummary.objects.aget()).finished_at


async def test_without_a_model_there_are_quotes_and_the_reason(ticket: Ticket, no_model: None) -> None:
    numbers = [(await sync_to_async(earlier_ticket)(ago=ago)).pk for ago in (5, 6)]
    found, came = await sync_to_async(earlier.shown)(ticket, await sync_to_async(cast.mira)()), []
    with pytest.raises(NotMade, match="The model is not running"):
        async for each in telling.lines(found):
            came.append(each)
    assert came == [Told(number, QUOTE, False) for number in numbers]
    assert await ThreadSummary.objects.acount() == 0


async def test_a_model_that_breaks_off_is_not_asked_again(ticket: Ticket, model: FakeModel) -> None:
    for ago in (5, 6):
        await sync_to_async(earlier_ticket)(ago=ago)
    model.error = ModelError("unavailable", "The model is not running.", retryable=True)
    with pytest.raises(NotMade):
        await told(ticket)
    assert len(model.asked) == 1
    assert not await ThreadSummary.objects.filter(finished_at__isnull=False).aexists()


@pytest.mark.parametrize("pause_after", [0, 4])
async def test_who_leaves_stops_the_model_and_nothing_half_is_kept(
    ticket: Ticket, model: FakeModel, pause_after: int
) -> None:
    await sync_to_async(earlier_ticket)()
    model.pause_after = pause_after
    found = await sync_to_async(earlier.shown)(ticket, await sync_to_async(cast.mira)())
    async with aclosing(telling.lines(found)) as lines:
        assert not (await anext(lines)).written
        more = asyncio.ensure_future(anext(lines))
        await model.paused.wait()
        more.cancel()
        with pytest.raises(asyncio.CancelledError):
            await more
    assert model.closed
    row = await ThreadSummary.objects.aget()
    assert row.finished_at is None and row.failed_at and row.lines == []


async def test_of_a_ticket_on_which_nobody_wrote_nothing_is_told(ticket: Ticket, model: FakeModel) -> None:
    other = await sync_to_async(earlier_ticket)()
    await other.messages.all().adelete()
    assert await told(ticket) == [] and model.asked == []


async def test_of_a_summary_in_which_nobody_asked_nothing_is_told(ticket: Ticket, model: FakeModel) -> None:
    other = await sync_to_async(earlier_ticket)()
    await sync_to_async(keep)(other, {"about": "tried", "text": "We asked for the name"})
    assert await told(ticket) == [] and model.asked == []


async def test_as_long_as_drafts_wait_there_are_quotes_and_no_reason(ticket: Ticket, writes: FakeModel) -> None:
    numbers = [(await sync_to_async(earlier_ticket)(ago=ago)).pk for ago in (5, 6)]
    draft = await Draft.objects.acreate(ticket=ticket, message=await ticket.messages.aget())
    assert await told(ticket) == [Told(number, QUOTE, False) for number in numbers]
    assert writes.asked == [] and (await streamed(ticket))[-1] == {"done": True, "why": ""}
    await Draft.objects.filter(pk=draft.pk).aupdate(state=Draft.State.READY)
    assert [each.written for each in await told(ticket)] == [False, False, True, True]


async def test_a_draft_that_comes_meanwhile_is_let_by(ticket: Ticket, writes: FakeModel) -> None:
    for ago in (5, 6):
        await sync_to_async(earlier_ticket)(ago=ago)
    found, came = await sync_to_async(earlier.shown)(ticket, await sync_to_async(cast.mira)()), []
    async for line in telling.lines(found):
        came.append(line.written)
        if line.written:
            await Draft.objects.acreate(ticket=ticket, message=await ticket.messages.aget())
    assert came == [False, False, True]


async def test_never_a_word_of_another_customer(ticket: Ticket, lena: Any, model: FakeModel) -> None:
    hers = await sync_to_async(earlier_ticket)("Zebra", "Is there a zebra?", customer=lena)
    await sync_to_async(keep)(hers, {"text": "Zebra"})
    own = await sync_to_async(earlier_ticket)()
    assert {each.ticket for each in await told(ticket)} == {own.pk}
    assert "zebra" not in str(model.asked).lower()


async def streamed(ticket: Ticket, name: str = "mira") -> list[dict[str, Any]]:
    client = AsyncClient()
    await client.aforce_login(await sync_to_async(getattr(cast, name))())
    answer = await client.post(reverse("copilot:history_stream", args=[ticket.pk]))
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/x-ndjson"
    content: AsyncIterator[bytes] = answer.streaming_content  # type: ignore[assignment]
    text = b"".join([part async for part in content]).decode()
    return [json.loads(line) for line in text.splitlines()]


async def test_a_line_of_json_each_and_a_last_one(ticket: Ticket, writes: FakeModel) -> None:
    other = await sync_to_async(earlier_ticket)()
    assert await streamed(ticket) == [
        {"ticket": other.pk, "text": QUOTE, "written": False},
        {"ticket": other.pk, "text": WRITTEN, "written": True},
        {"done": True, "why": ""},
    ]


async def test_the_last_line_says_why_no_model_wrote(ticket: Ticket, no_model: None) -> None:
    await sync_to_async(earlier_ticket)()
    *_, last = await streamed(ticket)
    assert last == {"done": True, "why": "The model is not running."}


async def test_personal_values_are_masked_for_the_model_and_shown_to_the_agent(
    ticket: Ticket, model: FakeModel
) -> None:
    await sync_to_async(earlier_ticket)(text="Please send the invoice to lea@firma.example, and not to me.")
    first, *_ = await told(ticket)
    assert "lea@firma.example" in first.text
    assert model.asked and "firma.example" not in str(model.asked)
