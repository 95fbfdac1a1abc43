"""`manage.py draft`: a loop that writes background drafts. The draft table is its queue (drafter_queue.py).

It starts no draft while an agent waits for one. A model on the CPU reads one prompt after the other, so it gets the
next draft while it works on one, and no more: whatever is urgent then comes soon. Meanwhile drafts that wait get what
the sources say by themselves. No job time limit applies to the drafter. When it is stopped it requeues what it was
writing and ends within the grace period. When it is killed its leases run out, and the next drafter continues.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Coroutine
from itertools import count
from typing import Any, TypeVar

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.conf import settings
from django.db import DatabaseError, close_old_connections, connections
from django.utils import timezone

from config.background import lanes
from copilot import llm
from copilot.drafting import drafter_queue, pointing, states, writing
from copilot.gap_articles import run as gap_articles_run
from copilot.models import Draft, GapArticleRun
from copilot.triage.signal_words import book
from knowledge.masking import forms
from knowledge.search import retrieval
from knowledge.sync import storing
from tickets import languages

log = logging.getLogger(__name__)
T = TypeVar("T")

POLL_SECONDS = 0.3  # how soon a new draft is seen
MAINTENANCE_SECONDS = 5.0
HEALTH_SECONDS = 3.0  # how long the model's last health answer counts
INDEX_WAIT = 60.0  # seconds that the first start waits for the index: without it drafts find by words only
STOP_WAIT = 3.0  # seconds for cancelled tasks to end
AT_ONCE = 2  # drafts that a model on the CPU is given: one that it reads, one that is ready to be read
# Drafts that get own words before the model has answered for the first time: until then it needs the cores most.
FIRST_OFFERS = 6
Key = tuple[str, int]


def at_once() -> int:
    """How many drafts are in flight. A GPU, and a server that is not ours, answer several at once as fast as one."""
    reads_in_turn = settings.LLM_EMBEDDED and not settings.LLM_GPU_LAYERS
    return min(AT_ONCE, settings.LLM_SLOTS) if reads_in_turn else settings.LLM_SLOTS


class Drafter:
    """`await run(stop)` works until the event is set."""

    def __init__(self, model: llm.Model, slots: int) -> None:
        self.model, self.slots = model, slots
        self.running: dict[Key, asyncio.Task[None]] = {}
        self.pulse = lanes.Pulse(lanes.DRAFTER)
        self.maintained_at = self.health_at = float("-inf")
        self.ready = self.has_answered = False
        self.offering: asyncio.Task[None] | None = None
        self.reading_ahead: asyncio.Task[None] | None = None
        self.unprepared: set[int] = set()  # drafts whose message could not be prepared

    async def run(self, stop: asyncio.Event) -> None:
        await in_thread(self.pulse.beat)
        warming = asyncio.create_task(sync_to_async(_warm_up, thread_sensitive=False)())
        began = time.monotonic()
        while not stop.is_set():
            try:
                await self._step(settled=time.monotonic() - began > INDEX_WAIT or await self._indexed(warming))
            except DatabaseError as error:
                log.warning("the drafter waits for the database: %s", type(error).__name__)
            await _pause(stop, POLL_SECONDS)
        await self._end()

    async def _indexed(self, warming: "asyncio.Task[None]") -> bool:
        if self.running:
            return True
        return warming.done() and not await in_thread(storing.pending)

    async def _step(self, settled: bool) -> None:
        """Recover what dead processes left behind, then fill the free slots."""
        await in_thread(self.pulse.beat)
        self.has_answered = self.has_answered or any(task.done() for task in self.running.values())
        self.running = {key: task for key, task in self.running.items() if not task.done()}
        if time.monotonic() - self.maintained_at >= MAINTENANCE_SECONDS:
            self.maintained_at = time.monotonic()
            await in_thread(lambda: drafter_queue.maintain(self.ready))
            await in_thread(gap_articles_run.end_abandoned)
            self.ready = await self._model_ready()
            if self.offering is not None and self.offering.done() and (self.has_answered or not self.ready):
                self.offering = None
        room = self.slots - len(self.running)
        if room > 0 and settled:
            for key in await in_thread(lambda: _next_work(room + len(self.running))):
                if len(self.running) < self.slots and key not in self.running and await self._model_ready():
                    self._begin(key)
        self._beside(settled)

    def _beside(self, settled: bool) -> None:
        """What is done beside the drafts: it makes them come sooner, and they do not need it."""
        if self.ready and self.reading_ahead is None:
            self.reading_ahead = asyncio.create_task(_read_ahead(self.model))
        if settled and self.offering is None:
            first = self.ready and not self.has_answered
            begun = frozenset(number for kind, number in self.running if kind == "draft")
            self.offering = asyncio.create_task(_offer_words(self.unprepared, begun, FIRST_OFFERS if first else None))

    async def _model_ready(self) -> bool:
        if time.monotonic() - self.health_at >= HEALTH_SECONDS:
            self.health_at = time.monotonic()
            self.ready = (await sync_to_async(llm.health, thread_sensitive=False)()).ready
        return self.ready

    def _begin(self, key: Key) -> None:
        kind, number = key
        work: Coroutine[Any, Any, None] = (
            gap_articles_run.run(number, self.model)
            if kind == "article"
            else writing.run(number, self.model, "background")
        )
        task = asyncio.create_task(work)
        task.add_done_callback(lambda done: _log_failure(key, done))
        self.running[key] = task

    async def _end(self) -> None:
        """Requeue everything first, by plain updates: cancelled tasks may need more time to end than we have."""
        await sync_to_async(_requeue_all, thread_sensitive=False)(list(self.running))
        tasks = [task for task in (*self.running.values(), self.offering, self.reading_ahead) if task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=STOP_WAIT)
        await sync_to_async(self.pulse.end, thread_sensitive=False)()


def _next_work(most: int) -> list[Key]:
    """What to write next. No background drafts while an agent waits for one."""
    now = timezone.now()
    articles = [("article", run) for run in drafter_queue.requested_articles().values_list("pk", flat=True)[:most]]
    if drafter_queue.agents_are_waiting(now):
        return articles
    return [*articles, *(("draft", draft) for draft in drafter_queue.waiting(now).values_list("pk", flat=True)[:most])]


async def _read_ahead(model: llm.Model) -> None:
    """Every draft's first question begins alike: the model reads that while the index is still being made."""
    try:
        await pointing.point((), [""], model, "background")
    except llm.ModelError as error:
        log.info("nothing was read ahead: %s", error.code)


async def _offer_words(unprepared: set[int], begun: Collection[int], most: int | None) -> None:
    """To `most` drafts but those `begun`, in a database thread of its own, like `writing.run`."""
    async with ThreadSensitiveContext():
        try:
            for _ in count() if most is None else range(most):
                if not await sync_to_async(_offer_next)(unprepared, begun):
                    return
        except DatabaseError as error:
            log.warning("offering waits for the database: %s", type(error).__name__)
        finally:
            await sync_to_async(connections.close_all)()


def _offer_next(unprepared: set[int], begun: Collection[int] = ()) -> bool:
    """Prepare the next message that nobody has prepared, and offer its draft the sources' own words.

    Returns whether there was one. Agents' requests come first.
    """
    now = timezone.now()
    if drafter_queue.agents_are_waiting(now):
        return False
    draft = drafter_queue.without_words(now, {*unprepared, *begun}).first()
    if draft is None:
        return False
    try:
        writing.offer(draft.message)
    except Exception as error:  # noqa: BLE001 - one bad message must not hold up the others
        unprepared.add(draft.pk)
        log.warning("nothing offered: draft=%s error=%s", draft.pk, type(error).__name__)
    return True


def _requeue_all(keys: list[Key]) -> None:
    for draft in Draft.objects.filter(pk__in=[number for kind, number in keys if kind == "draft"]):
        states.requeue(draft)
    for run in GapArticleRun.objects.filter(pk__in=[number for kind, number in keys if kind == "article"]):
        gap_articles_run.requeue(run)
    connections.close_all()


def _warm_up() -> None:
    """What several drafts at once would otherwise each load for themselves."""
    retrieval.warm()
    forms.warm()
    languages.warm()
    book.read()
    connections.close_all()


def _log_failure(key: Key, task: "asyncio.Task[None]") -> None:
    """After a bug of ours the lease runs out, so the draft is tried again, a few times."""
    if not task.cancelled() and task.exception() is not None:
        log.error("writing broke off: %s=%s", *key, exc_info=task.exception())


async def in_thread(work: Callable[[], T]) -> T:
    def fresh() -> T:
        close_old_connections()
        return work()

    return await sync_to_async(fresh)()


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
