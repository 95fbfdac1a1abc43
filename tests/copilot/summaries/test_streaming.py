"""A summary is made once, whoever asks for it; one that nobody finishes is given up, and leaves nothing behind."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import connections
from django.utils import timezone

from copilot import llm
from copilot.llm import ModelError
from copilot.llm.health import Health
from copilot.models import ModelCall, ThreadSummary
from copilot.redaction.values import PlaceholderTaken
from copilot.summaries import keeping, streaming
from copilot.summaries import thread as threads
from copilot.summaries.keeping import ALIVE, BeingMade
from copilot.summaries.quoted import Line
from copilot.summaries.streaming import NotMade
from tests.copilot.summaries.conftest import FAILED, TRIED, say
from tests.fakes import FakeModel
from tickets.models import OutgoingMail, Ticket

pytestmark = pytest.mark.django_db(transaction=True)
STILL = "both are still there after 12 days."
# The first line is right at once, so it is shown while the second one is being written.
ANSWER = f"FAILED: {STILL} [3]\nASKED: Charged twice in March [1]"


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> FakeModel:
    """It runs, and is always the same one."""
    made = FakeModel(answer=ANSWER)
    monkeypatch.setattr(llm, "health", lambda timeout=0: Health("ready", "Model ready"))
    monkeypatch.setattr(llm, "HttpModel", lambda: made)
    monkeypatch.setattr(streaming, "LOOK_EVERY", 0)
    return made


async def lines(ticket: Ticket, **how: Any) -> list[Line]:
    priority = how.pop("priority", "background")
    return [line async for line in streaming.lines(ticket, priority, **how)]


def page(ticket: Ticket, **how: Any) -> "asyncio.Task[list[Line]]":
    return asyncio.create_task(lines(ticket, **how))


async def in_the_middle(ticket: Ticket, model: FakeModel) -> "asyncio.Task[list[Line]]":
    """A page for which the summary is being made, until `resume` of the model is set."""
    model.pause_after = 10
    first = page(ticket)
    await model.paused.wait()
    return first


async def closed(task: "asyncio.Task[list[Line]]") -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def rows() -> list[ThreadSummary]:
    return [row async for row in ThreadSummary.objects.order_by("pk")]


def states(found: list[ThreadSummary]) -> list[str]:
    return ["finished" if row.finished_at else "given up" if row.failed_at else "begun" for row in found]


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(1000):
        if await sync(holds):
            return
    pytest.fail("never")


def sync(act: Callable[[], Any]) -> Any:
    """In the thread that has the database connection of the streams."""
    return streaming.sync_to_async(act)()


class TestOnce:
    async def test_what_is_kept_comes_at_once(self, conversation: Ticket, model: FakeModel) -> None:
        made = await lines(conversation)
        assert [row.finished_at is not None for row in await rows()] == [True]
        calls = await ModelCall.objects.acount()
        model.error = ModelError("unavailable", "The model is not running.", retryable=True)
        kept = await lines(conversation)
        assert sorted(kept, key=str) == sorted(made, key=str)
        assert (len(model.asked), await ModelCall.objects.acount()) == (1, calls)

    async def test_a_second_page_waits_for_the_first(self, conversation: Ticket, model: FakeModel) -> None:
        first = await in_the_middle(conversation, model)
        second = page(conversation)
        model.resume.set()
        assert sorted(await second, key=str) == sorted(await first, key=str)
        assert len(model.asked) == 1 and states(await rows()) == ["finished"]

    async def test_of_pages_that_begin_at_the_same_moment_one_makes_it(
        self, conversation: Ticket, model: FakeModel
    ) -> None:
        """As when a message arrives: every open page asks again, the same time later."""
        found = await asyncio.gather(*[lines(conversation) for _ in range(3)])
        assert sorted(found[0], key=str) == sorted(found[1], key=str) == sorted(found[2], key=str)
        assert len(model.asked) == 1 and states(await rows()) == ["finished"]

    def test_what_was_begun_or_made_meanwhile_is_not_begun_again(self, conversation: Ticket) -> None:
        thread = threads.read(conversation)
        row = keeping.begin(conversation, thread)
        with pytest.raises(BeingMade):
            keeping.begin(conversation, thread)
        keeping.finish(row, [])
        with pytest.raises(BeingMade):
            keeping.begin(conversation, thread)
        assert ThreadSummary.objects.count() == 1


class TestUrgent:
    async def test_it_does_not_wait_for_one_in_the_background(
        self, conversation: Ticket, model: FakeModel, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Which pauses as long as anybody waits for the model. What it makes in the end is only for its own page."""
        first, quick = await in_the_middle(conversation, model), FakeModel(answer=ANSWER)
        monkeypatch.setattr(llm, "HttpModel", lambda: quick)
        assert STILL in [line.text for line in await lines(conversation, priority="interactive")]
        assert [row.urgent for row in await rows()] == [False, True]
        assert states(await rows()) == ["begun", "finished"]
        model.resume.set()
        assert STILL in [line.text for line in await first]
        assert states(await rows()) == ["given up", "finished"]

    async def test_all_others_wait_for_it(self, conversation: Ticket, model: FakeModel) -> None:
        model.pause_after = 10
        first = page(conversation, priority="interactive")
        await model.paused.wait()
        others = [page(conversation), page(conversation, priority="interactive")]
        model.resume.set()
        for each in others:
            assert sorted(await each, key=str) == sorted(await first, key=str)
        assert len(model.asked) == 1 and states(await rows()) == ["finished"]


class TestConnections:
    async def test_none_is_held_while_the_model_writes(
        self, conversation: Ticket, model: FakeModel, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shut: list[str] = []
        monkeypatch.setattr(type(connections["default"]), "close", lambda self: shut.append(self.alias))
        first = await in_the_middle(conversation, model)
        assert "default" in shut
        before = shut.count("default")
        second = page(conversation)
        await until(lambda: shut.count("default") > before)
        model.resume.set()
        await asyncio.gather(first, second)

    @pytest.mark.django_db(transaction=False)
    def test_the_one_of_a_transaction_stays(self, conversation: Ticket, monkeypatch: pytest.MonkeyPatch) -> None:
        shut: list[str] = []
        monkeypatch.setattr(type(connections["default"]), "close", lambda self: shut.append(self.alias))
        assert async_to_sync(streaming._stored)(conversation.messages.count) == 3
        assert "default" not in shut


class TestGivenUp:
    async def test_when_the_first_page_is_left_the_second_makes_its_own(
        self, conversation: Ticket, model: FakeModel
    ) -> None:
        first = await in_the_middle(conversation, model)
        second = page(conversation)
        await closed(first)
        assert model.closed
        model.resume.set()
        assert STILL in [line.text for line in await second]
        assert len(model.asked) == 2 and states(await rows()) == ["given up", "finished"]

    async def test_half_a_summary_is_not_kept(self, conversation: Ticket, model: FakeModel) -> None:
        """Closing the generator is what Django does when a browser goes away between two lines."""
        model.pause_after = 10
        stream: AsyncGenerator[Line] = streaming.lines(conversation, "background")
        assert (await anext(stream)).text == STILL
        await stream.aclose()
        [row] = await rows()
        assert (row.failed_at is not None, row.finished_at, row.lines) == (True, None, [])
        assert (await ModelCall.objects.aget(purpose="summary")).finish_reason == "stopped"
        assert model.closed

    async def test_a_page_that_is_left_at_the_moment_of_beginning(
        self, conversation: Ticket, model: FakeModel, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The row is written by a thread that nobody can stop; no other page must wait for it."""
        begins, left = threading.Event(), threading.Event()
        started = keeping.started

        def slow(ticket: Ticket, **how: bool) -> Any:
            begins.set()
            left.wait(20)
            return started(ticket, **how)

        monkeypatch.setattr(keeping, "started", slow)
        first = page(conversation)
        assert await asyncio.to_thread(begins.wait, 20)
        first.cancel()
        left.set()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert states(await rows()) == ["given up"] and model.asked == []

    async def test_the_process_of_the_first_page_died(self, conversation: Ticket, model: FakeModel) -> None:
        """Its row stays as it is. After a while nobody waits for it any more."""
        row = await sync(lambda: keeping.begin(conversation, threads.read(conversation)))
        second = page(conversation)
        await ThreadSummary.objects.filter(pk=row.pk).aupdate(touched_at=timezone.now() - ALIVE)
        assert STILL in [line.text for line in await second]
        assert states(await rows()) == ["begun", "finished"] and len(model.asked) == 1

    async def test_a_slow_one_is_waited_for(
        self, conversation: Ticket, model: FakeModel, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """In the background a model may take ten minutes. Its page says all the time that it is at work."""
        monkeypatch.setattr(streaming, "TOUCH_EVERY", 0)
        first = await in_the_middle(conversation, model)
        long_ago = timezone.now() - timedelta(minutes=10)
        await ThreadSummary.objects.aupdate(created_at=long_ago, touched_at=long_ago)
        await until(lambda: ThreadSummary.objects.filter(touched_at__gt=long_ago).exists())
        second = page(conversation)
        model.resume.set()
        assert sorted(await second, key=str) == sorted(await first, key=str)
        assert len(model.asked) == 1 and states(await rows()) == ["finished"]

    async def test_one_that_ended_is_not_touched_any_more(
        self, conversation: Ticket, model: FakeModel, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(streaming, "TOUCH_EVERY", 0)
        before = asyncio.all_tasks()
        await closed(await in_the_middle(conversation, model))
        long_ago = timezone.now() - timedelta(minutes=10)
        await ThreadSummary.objects.aupdate(touched_at=long_ago)
        await asyncio.gather(*asyncio.all_tasks() - before, return_exceptions=True)
        await sync(lambda: keeping.touch(ThreadSummary.objects.get()))
        assert [row.touched_at for row in await rows()] == [long_ago]

    async def test_the_ticket_is_gone_before_the_end(self, conversation: Ticket, model: FakeModel) -> None:
        first = await in_the_middle(conversation, model)
        await ThreadSummary.objects.all().adelete()
        model.resume.set()
        assert await first and await rows() == []


class TestWithoutAModel:
    async def test_it_does_not_run(
        self, conversation: Ticket, model: FakeModel, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(llm, "health", lambda timeout=0: Health("down", "The model is not running."))
        with pytest.raises(NotMade) as failed:
            await lines(conversation)
        assert failed.value.why == "The model is not running."
        assert await rows() == [] and model.asked == []

    async def test_it_fails_in_the_middle(self, conversation: Ticket, model: FakeModel) -> None:
        model.error = ModelError("timeout", "The model did not answer in time.", retryable=True)
        found = []
        with pytest.raises(NotMade, match="The model did not answer in time."):
            async for line in streaming.lines(conversation, "background"):
                found.append(line.text)
        assert found == [STILL] and states(await rows()) == ["given up"]

    async def test_placeholders_are_being_stored(
        self, conversation: Ticket, model: FakeModel, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def taken(*given: Any, **how: Any) -> None:
            raise PlaceholderTaken

        monkeypatch.setattr(keeping, "begin", taken)
        with pytest.raises(NotMade, match="Try again in a moment"):
            await lines(conversation)
        assert await rows() == []


class TestMessagesMeanwhile:
    async def test_one_that_arrives_while_a_page_waits(
        self, conversation: Ticket, model: FakeModel, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What it waits for is no longer what it wants, so it makes the summary with the new message."""
        first, others = await in_the_middle(conversation, model), FakeModel(answer=ANSWER, pause_after=1)
        monkeypatch.setattr(llm, "HttpModel", lambda: others)
        second = page(conversation)
        newer = await sync(lambda: say(conversation, "customer", "Now there are three of them."))
        await others.paused.wait()
        others.resume.set()
        told = [line for line in await second if line.messages == (newer.pk,)]
        assert [(line.about, line.text) for line in told] == [(FAILED, "Now there are three of them.")]
        model.resume.set()
        await first
        assert [row.upto_id == newer.pk for row in await rows()] == [False, True]

    async def test_one_that_arrives_while_it_is_made(self, conversation: Ticket, model: FakeModel) -> None:
        """What was made is kept for what it was made of, and the next page makes another."""
        first = await in_the_middle(conversation, model)
        newer = await sync(lambda: say(conversation, "customer", "Now there are three of them."))
        model.resume.set()
        assert newer.pk not in {message for line in await first for message in line.messages}
        assert newer.pk in {message for line in await lines(conversation) for message in line.messages}
        assert states(await rows()) == ["finished", "finished"]


class TestTheOpening:
    async def test_is_what_was_written_before_our_first_reply(self, ticket: Ticket, model: FakeModel) -> None:
        def talk() -> None:
            say(ticket, "reply", "This was sent by mistake.", state=OutgoingMail.State.UNDONE)
            say(ticket, "note", "The bank was asked about both payments.")
            say(ticket, "reply", "One of the two is only reserved.")
            say(ticket, "customer", STILL)

        await sync(talk)
        model.answer = "TRIED: The bank was asked about both payments [2]"
        told = [(line.about, line.text) for line in await lines(ticket, opening=True)]
        assert (TRIED, "The bank was asked about both payments.") in told
        assert not {text for _, text in told} & {STILL, "This was sent by mistake.", "One of the two is only reserved."}
        assert STILL in [line.text for line in await lines(ticket)]
        assert len(model.asked) == 2

    async def test_without_a_reply_is_the_whole_ticket(self, ticket: Ticket, model: FakeModel) -> None:
        await sync(lambda: say(ticket, "reply", "Sent by mistake.", state=OutgoingMail.State.UNDONE))
        model.answer = ""
        opening = await lines(ticket, opening=True)
        assert await lines(ticket) == opening != []
        assert len(model.asked) == 1 and states(await rows()) == ["finished"]

    async def test_of_a_ticket_that_we_began(self, ticket: Ticket, model: FakeModel) -> None:
        await sync(lambda: (ticket.messages.all().delete(), say(ticket, "reply", "May we call you?")))
        assert await lines(ticket, opening=True) == [] == await rows()


async def test_of_a_ticket_without_messages_nothing_is_made(ticket: Ticket, model: FakeModel) -> None:
    await sync(ticket.messages.all().delete)
    assert await lines(ticket) == [] == await rows()
