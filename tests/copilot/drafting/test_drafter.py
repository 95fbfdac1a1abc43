"""The drafter: the draft table is its queue. Nothing is lost, nothing is tried for ever, no agent waits for it."""

import asyncio
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from copilot import drafter, llm
from copilot.drafting import drafter_queue, notices, states, writing
from copilot.models import Draft, ModelCall
from tests import cast
from tests.fakes import FakeModel
from tickets import signals
from tickets.models import Message, OutgoingMail, Ticket, User
from tickets.sockets import online

pytestmark = pytest.mark.django_db
State, Origin = Draft.State, Draft.Origin
Preparation = Ticket.Preparation


def draft_of(ticket: Ticket, **fields: Any) -> Draft:
    return Draft.objects.create(ticket=ticket, message=ticket.messages.get(), **fields)


def abandoned(ticket: Ticket, **fields: Any) -> Draft:
    ago = timezone.now() - timedelta(seconds=1)
    return draft_of(ticket, state=State.WRITING, attempts=1, lease_until=ago, **fields)


def pause(draft: Draft, before: datetime) -> int:
    """Seconds for which it was put off some time between `before` and now; -1 if it was not."""
    now, steps = timezone.now(), (0, 30, 120, 600)
    return next((each for each in steps if before <= draft.retry_at - timedelta(seconds=each) <= now), -1)


def waiting() -> list[int]:
    return list(drafter_queue.waiting(timezone.now()).values_list("pk", flat=True))


class TestOrder:
    """First what an agent will probably open next."""

    def test_urgent_before_old_before_new(self, db: None) -> None:
        now = timezone.now()
        new, old = (
            draft_of(cast.new_ticket(subject=subject, waiting_since=now - timedelta(hours=hours)))
            for subject, hours in (("New", 1), ("Old", 5))
        )
        urgent = draft_of(cast.new_ticket(subject="Locked out", priority=Ticket.Priority.URGENT))
        assert waiting() == [urgent.pk, old.pk, new.pk]

    def test_what_is_assigned_to_somebody_online_comes_first(self, mira: User, jonas: User) -> None:
        urgent = draft_of(cast.new_ticket(priority=Ticket.Priority.URGENT, assignee=jonas))
        hers = draft_of(cast.new_ticket(assignee=mira))
        assert waiting() == [urgent.pk, hers.pk]
        User.objects.filter(pk=mira.pk).update(seen_at=timezone.now())
        assert waiting() == [hers.pk, urgent.pk]
        User.objects.filter(pk=mira.pk).update(seen_at=timezone.now() - timedelta(hours=1))
        assert waiting() == [urgent.pk, hers.pk]

    def test_the_order_follows_what_happens_while_they_wait(self, mira: User) -> None:
        first, second, third = (draft_of(cast.new_ticket(subject=subject)) for subject in ("One", "Two", "Three"))
        assert waiting() == [first.pk, second.pk, third.pk]
        Ticket.objects.filter(pk=third.ticket_id).update(priority=Ticket.Priority.URGENT)
        assert waiting() == [third.pk, first.pk, second.pk]
        Ticket.objects.filter(pk=second.ticket_id).update(assignee=mira)
        online.seen(mira.pk)
        assert waiting() == [second.pk, third.pk, first.pk]

    def test_a_draft_an_agent_asked_for_is_left_to_the_web_process_unless_that_died(self, ticket: Ticket) -> None:
        asked = draft_of(ticket, origin=Origin.REQUEST)
        assert waiting() == []
        Draft.objects.update(created_at=timezone.now() - drafter_queue.WRITER_LOST_AFTER)
        assert waiting() == [asked.pk]

    @pytest.mark.parametrize("status", ["pending", "closed"])
    def test_closed_and_answered_tickets_are_skipped(self, ticket: Ticket, status: str) -> None:
        draft_of(ticket)
        Ticket.objects.update(status=status, closed_at=timezone.now() if status == "closed" else None)
        assert waiting() == []

    def test_an_answered_question_is_skipped_until_the_reply_is_undone(self, ticket: Ticket, mira: User) -> None:
        draft = draft_of(ticket)
        reply = Message.objects.create(ticket=ticket, kind=Message.Kind.REPLY, author=mira, text="Done.")
        sent = OutgoingMail.objects.create(message=reply, subject="Re")
        assert waiting() == []
        OutgoingMail.objects.filter(pk=sent.pk).update(state="undone")
        assert waiting() == [draft.pk]

    def test_drafts_ahead_include_those_being_written(self, ticket: Ticket) -> None:
        last = draft_of(ticket)
        draft_of(cast.new_ticket(priority=Ticket.Priority.URGENT))
        draft_of(cast.new_ticket(), state=State.WRITING, lease_until=timezone.now() + timedelta(seconds=9))
        assert drafter_queue.ahead_of(last) == 2


class TestArrival:
    def test_a_message_waits_in_the_drafters_queue_at_once(self, ticket: Ticket) -> None:
        signals.message_received.send(Message, message_id=ticket.messages.get().pk, ticket_id=ticket.pk)
        assert waiting() == [ticket.drafts.get().pk]
        assert Ticket.objects.get().preparation == Preparation.WAITING

    def test_the_same_signal_twice_is_one_draft(self, ticket: Ticket) -> None:
        for _ in range(2):
            signals.message_received.send(Message, message_id=ticket.messages.get().pk, ticket_id=ticket.pk)
        assert ticket.drafts.count() == 1

    def test_a_newer_message_stops_the_draft_being_written_and_asks_for_a_new_one(self, ticket: Ticket) -> None:
        old = draft_of(ticket, state=State.WRITING, lease_until=timezone.now() + timedelta(seconds=9))
        newer = Message.objects.create(ticket=ticket, kind=Message.Kind.CUSTOMER, text="One more thing")
        signals.message_received.send(Message, message_id=newer.pk, ticket_id=ticket.pk)
        old.refresh_from_db()
        assert (old.state, old.outdated) == (State.STOPPED, True)
        assert waiting() == [Draft.objects.get(message=newer).pk]

    def test_a_closed_ticket_gets_none(self, ticket: Ticket) -> None:
        Ticket.objects.update(status="closed", closed_at=timezone.now())
        assert drafter_queue.request_for(ticket.messages.get().pk) is None


class TestMaintenance:
    """What dead processes, lost signals or a missing model left behind is recovered."""

    def test_a_message_whose_signal_was_lost_is_found(self, ticket: Ticket) -> None:
        drafter_queue.maintain(model_ready=False)
        assert waiting() == [ticket.drafts.get().pk]

    def test_an_answered_ticket_needs_no_draft(self, ticket: Ticket, mira: User) -> None:
        Message.objects.create(ticket=ticket, kind=Message.Kind.REPLY, author=mira, text="Done.")
        drafter_queue.maintain(model_ready=True)
        assert not Draft.objects.exists()

    def test_a_draft_left_by_a_dead_writer_waits_again(self, ticket: Ticket) -> None:
        draft = abandoned(ticket)
        drafter_queue.maintain(model_ready=False)
        assert waiting() == [draft.pk]
        assert Ticket.objects.get().preparation == Preparation.WAITING

    def test_a_living_writer_is_left_alone(self, ticket: Ticket) -> None:
        draft = draft_of(ticket, state=State.WRITING, lease_until=timezone.now() + timedelta(seconds=9))
        assert states.recover(draft) == "kept"

    def test_a_draft_that_keeps_killing_its_writer_waits_longer_each_time_and_is_given_up(self, ticket: Ticket) -> None:
        draft, pauses = abandoned(ticket), []
        while draft.state != State.FAILED:
            now = timezone.now()
            states.recover(draft)
            draft.refresh_from_db()
            pauses.append(pause(draft, now) if draft.retry_at else 0)
            if draft.state == State.QUEUED:
                Draft.objects.update(state=State.WRITING, lease_until=now - timedelta(seconds=1))
                draft.refresh_from_db()
        assert pauses[:3] == [0, 30, 120]
        assert draft.failures == states.MAX_FAILURES and "tried it 4 times" in notices.error_text(draft)

    def test_a_message_that_always_fails_is_tried_a_few_times_with_growing_pauses(self, ticket: Ticket) -> None:
        error, draft, pauses = llm.ModelError("broken", "It broke.", retryable=True), draft_of(ticket), []
        for _ in range(20):
            claimed = states.claim(draft.pk)
            if claimed is None:
                break
            now = timezone.now()
            states.give_up(claimed, error, None)
            draft.refresh_from_db()
            if draft.retry_at:
                pauses.append(pause(draft, now))
            drafter_queue.maintain(model_ready=True)
            assert waiting() == []  # its pause is not over
            Draft.objects.update(retry_at=timezone.now())
            drafter_queue.maintain(model_ready=True)
        assert pauses == [30, 120, 600]
        draft.refresh_from_db()
        assert (draft.state, draft.retryable) == (State.FAILED, False) and "tried it 4 times" in notices.error_text(
            draft
        )

    def test_delayed_drafts_wait_while_there_is_no_model(self, ticket: Ticket) -> None:
        draft = draft_of(ticket, state=State.FAILED, retryable=True)
        drafter_queue.maintain(model_ready=False)
        assert waiting() == []
        drafter_queue.maintain(model_ready=True)
        assert waiting() == [draft.pk]

    @pytest.mark.parametrize("ended", ["closed", "answered"])
    def test_a_delayed_draft_is_not_tried_again_once_nobody_needs_it(
        self, ticket: Ticket, mira: User, ended: str
    ) -> None:
        draft_of(ticket, state=State.FAILED, retryable=True)
        if ended == "closed":
            Ticket.objects.update(status="closed", closed_at=timezone.now())
        else:
            Message.objects.create(ticket=ticket, kind=Message.Kind.REPLY, author=mira, text="Done.")
        drafter_queue.maintain(model_ready=True)
        assert waiting() == []

    def test_a_delayed_draft_is_not_tried_again_once_there_is_a_newer_one(self, ticket: Ticket) -> None:
        draft_of(ticket, state=State.FAILED, retryable=True, created_at=timezone.now() - timedelta(minutes=5))
        draft_of(ticket, state=State.READY)
        drafter_queue.maintain(model_ready=True)
        assert waiting() == []

    def test_a_rejected_draft_is_not_tried_again(self, ticket: Ticket) -> None:
        draft_of(ticket, state=State.FAILED, retryable=True, review=Draft.Review.REJECTED, reason="wrong")
        drafter_queue.maintain(model_ready=True)
        assert waiting() == []


def test_a_draft_that_was_never_sent_to_the_model_has_not_failed(ticket: Ticket) -> None:
    draft = states.claim(draft_of(ticket).pk)
    assert draft is not None
    resting = llm.ModelError("resting", "The model does not answer.", retryable=True, retry_after=15.0)
    writing.handle_failure(draft, resting, None, "background")
    draft.refresh_from_db()
    assert (draft.state, draft.failures) == (State.QUEUED, 0)
    assert draft.retry_at is not None and waiting() == []


def test_a_background_draft_that_paused_for_agents_has_not_failed(ticket: Ticket) -> None:
    draft = states.claim(draft_of(ticket).pk)
    assert draft is not None
    draft_of(cast.new_ticket(), origin=Origin.REQUEST)
    slow = llm.ModelError("timeout", "The model did not answer in time.", retryable=True)
    writing.handle_failure(draft, slow, None, "background")
    draft.refresh_from_db()
    assert (draft.state, draft.failures) == (State.QUEUED, 0)


@pytest.mark.parametrize(
    ("there", "asking"),
    [
        ({"state": "queued"}, True),
        ({"state": "writing", "lease_until": timedelta(seconds=9)}, True),
        ({"state": "writing", "lease_until": timedelta(seconds=-9)}, False),
        ({"state": "ready"}, False),
    ],
)
def test_agents_are_waiting_while_their_draft_is_written(ticket: Ticket, there: dict[str, Any], asking: bool) -> None:
    fields = {key: timezone.now() + value if isinstance(value, timedelta) else value for key, value in there.items()}
    draft_of(ticket, origin=Origin.REQUEST, **fields)
    assert drafter_queue.agents_are_waiting(timezone.now()) is asking


class Loop:
    """A drafter in this test's own loop; `turn` is one step."""

    def __init__(self, model: FakeModel, slots: int, reads_ahead: bool = False) -> None:
        self.drafter = drafter.Drafter(model, slots)
        if not reads_ahead:
            self.drafter.reading_ahead = asyncio.get_running_loop().create_task(asyncio.sleep(0))

    async def turn(self) -> None:
        self.drafter.maintained_at = float("-inf")
        await self.drafter._step(settled=True)

    async def settle(self) -> None:
        beside = [task for task in (self.drafter.offering, self.drafter.reading_ahead) if task is not None]
        await asyncio.gather(*self.drafter.running.values(), *beside)


@pytest.fixture
def loop(model: FakeModel, searched: list[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Loop]:
    monkeypatch.setattr(llm, "health", lambda timeout=1.5: llm.Health("ready", "model ready"))
    # One thread for the database: SQLite in memory lets no two threads write by turns.
    monkeypatch.setattr(writing, "run", writing.write)
    monkeypatch.setattr(drafter, "ThreadSensitiveContext", nullcontext)
    return lambda slots=2, **more: Loop(model, slots, **more)


@pytest.mark.django_db(transaction=True)
class TestLoop:
    async def test_it_writes_what_waits_with_the_background_priority(
        self, loop: Callable[..., Loop], model: FakeModel
    ) -> None:
        await drafter.in_thread(cast.new_ticket)
        running = loop()
        await running.turn()
        await running.settle()
        assert await Draft.objects.filter(state=State.READY).acount() == 1
        assert model.checked[0][1] == "background"

    async def test_no_more_are_in_flight_than_the_model_has_room_for(
        self, loop: Callable[..., Loop], model: FakeModel
    ) -> None:
        model.pauses = True
        for _ in range(5):
            await drafter.in_thread(cast.new_ticket)
        running = loop(slots=2)
        for _ in range(3):
            await running.turn()
        assert len(running.drafter.running) == 2
        model.resume.set()
        await running.settle()

    async def test_none_is_started_while_an_agent_waits(self, loop: Callable[..., Loop]) -> None:
        await drafter.in_thread(cast.new_ticket)
        other = await drafter.in_thread(cast.new_ticket)
        asked = await drafter.in_thread(lambda: draft_of(other, origin=Origin.REQUEST))
        running = loop()
        await running.turn()
        assert not running.drafter.running
        await Draft.objects.filter(pk=asked.pk).aupdate(state=State.READY)
        await running.turn()
        assert len(running.drafter.running) == 1
        await running.settle()

    async def test_without_a_model_nothing_is_claimed(
        self, loop: Callable[..., Loop], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(llm, "health", lambda timeout=1.5: llm.Health("down", "The model is not running."))
        await drafter.in_thread(cast.new_ticket)
        running = loop()
        await running.turn()
        draft = await Draft.objects.aget()
        assert (draft.state, draft.attempts) == (State.QUEUED, 0)

    async def test_when_stopped_it_requeues_what_it_was_writing(
        self, loop: Callable[..., Loop], model: FakeModel
    ) -> None:
        model.pauses = True
        await drafter.in_thread(cast.new_ticket)
        running = loop()
        await running.turn()
        await model.paused.wait()
        await running.drafter._end()
        draft = await Draft.objects.aget()
        assert (draft.state, draft.failures, draft.lease_until) == (State.QUEUED, 0, None)


def at_rest(**fields: Any) -> Ticket:
    """Its message came before the drafter was started."""
    return cast.new_ticket(created_at=timezone.now() - timedelta(hours=1), **fields)


def waits_since_then(ticket: Ticket) -> Draft:
    """The draft itself may be new: the drafter asks for those of messages that have none."""
    ticket.messages.update(created_at=ticket.created_at)
    return draft_of(ticket)


class TestOwnWords:
    """Before the model has come to a draft, it shows what the sources say."""

    @pytest.fixture(autouse=True)
    def likely(self, settings: Any, searched: list[str]) -> None:
        settings.DRAFT_MIN_SCORE = 0.1

    def offered(self) -> list[int]:
        unprepared: set[int] = set()
        while drafter._offer_next(unprepared):
            pass
        return list(Draft.objects.exclude(text="").values_list("pk", flat=True))

    def test_they_are_offered_in_the_order_of_the_queue(self) -> None:
        later, urgent = (waits_since_then(at_rest(priority=priority)) for priority in (2, 4))
        unprepared: set[int] = set()
        assert drafter._offer_next(unprepared)
        assert list(Draft.objects.exclude(text="")) == [urgent]
        assert drafter._offer_next(unprepared) and not drafter._offer_next(unprepared)
        assert Draft.objects.get(pk=later.pk).text

    def test_once(self, searched: list[str]) -> None:
        waits_since_then(at_rest())
        assert self.offered() and len(searched) == 1
        Draft.objects.update(text="")
        assert self.offered() == [] and len(searched) == 1  # it has been prepared

    def test_what_has_just_come_is_left_to_the_worker(self, ticket: Ticket) -> None:
        draft_of(ticket)
        assert self.offered() == []

    def test_not_while_an_agent_waits(self) -> None:
        waits_since_then(at_rest())
        draft_of(cast.new_ticket(), origin=Origin.REQUEST)
        assert self.offered() == []

    def test_one_that_cannot_be_prepared_holds_up_no_other(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        bad, good = (waits_since_then(at_rest(priority=priority)) for priority in (4, 2))
        real = writing.prepare

        def prepare(draft: Draft) -> writing.Progress:
            if draft.pk == bad.pk:
                raise RuntimeError("tomas@okafor.example")
            return real(draft)

        monkeypatch.setattr(writing, "prepare", prepare)
        assert self.offered() == [good.pk] and "RuntimeError" in caplog.text and "okafor" not in caplog.text


@pytest.mark.parametrize(
    ("ours", "layers", "drafts"), [(True, 0, drafter.AT_ONCE), (True, -1, 8), (True, 20, 8), (False, 0, 8)]
)
def test_a_model_on_the_cpu_is_given_one_draft_ahead(settings: Any, ours: bool, layers: int, drafts: int) -> None:
    settings.LLM_EMBEDDED, settings.LLM_GPU_LAYERS, settings.LLM_SLOTS = ours, layers, 8
    assert drafter.at_once() == drafts


@pytest.mark.django_db(transaction=True)
class TestBeside:
    async def test_while_there_is_no_index_the_model_reads_what_all_questions_begin_with(
        self, loop: Callable[..., Loop], model: FakeModel
    ) -> None:
        await drafter.in_thread(cast.new_ticket)
        running = loop(reads_ahead=True)
        await running.drafter._step(settled=False)
        await running.settle()
        ((asked, priority),) = model.checked
        await running.turn()
        await running.settle()
        begins = [message["content"] for message in asked]
        assert [message["content"] for message in model.checked[1][0]][:-1] == begins[:-1]
        assert priority == "background" and not await ModelCall.objects.filter(draft=None).aexists()
        assert len(model.checked) == 2

    async def test_it_works_on_without_a_model_to_read_ahead(self, loop: Callable[..., Loop], model: FakeModel) -> None:
        model.error = llm.ModelError("unavailable", "The model is not running.", retryable=True)
        running = loop(reads_ahead=True)
        await running.turn()
        await running.settle()
        reading = running.drafter.reading_ahead
        assert reading is not None and await reading is None and reading.exception() is None

    async def test_until_the_model_has_answered_only_the_first_drafts_are_offered_own_words(
        self, loop: Callable[..., Loop], model: FakeModel, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(drafter, "FIRST_OFFERS", 1)
        settings.DRAFT_MIN_SCORE, model.pauses = 0.1, True
        for _ in range(3):
            await drafter.in_thread(lambda: waits_since_then(at_rest()))
        running = loop(slots=1)
        for offered in (1, 1):
            await running.turn()
            await model.paused.wait()
            assert running.drafter.offering is not None
            await running.drafter.offering
            assert await Draft.objects.filter(state=State.QUEUED, text__gt="").acount() == offered
        model.pauses = False
        model.resume.set()
        await running.settle()
        await running.turn()
        await running.settle()
        assert not await Draft.objects.filter(state=State.QUEUED, text="").aexists()

    async def test_a_draft_that_waits_behind_another_shows_what_the_sources_say(
        self, loop: Callable[..., Loop], model: FakeModel, settings: Any
    ) -> None:
        settings.DRAFT_MIN_SCORE, model.pauses = 0.1, True
        for priority in (4, 2):
            await drafter.in_thread(lambda urgency=priority: waits_since_then(at_rest(priority=urgency)))
        running = loop(slots=1)
        await running.turn()
        await model.paused.wait()
        assert running.drafter.offering is not None
        await running.drafter.offering
        assert await Draft.objects.filter(state=State.QUEUED, text__gt="").acount() == 1
        model.resume.set()
        await running.settle()
