"""Gives the summary of a ticket line by line: the one that is kept, or a new one, which is kept then.

A summary is made once, whoever asks for it: a second page waits for the one that the first page has begun. Only who is
urgent does not wait for one in the background (keeping.being_made).
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from typing import TypeVar

from asgiref.sync import sync_to_async
from django.db import DatabaseError, connections
from django.utils.translation import gettext_noop

from copilot import llm
from copilot.llm import ModelError, Priority
from copilot.models import ThreadSummary
from copilot.redaction.values import PlaceholderTaken
from copilot.summaries import keeping, thread
from copilot.summaries.keeping import BeingMade
from copilot.summaries.quoted import Line
from copilot.summaries.summarising import summarise
from copilot.summaries.thread import Thread
from tickets.models import Ticket

log = logging.getLogger(__name__)
BUSY = gettext_noop("The ticket is being prepared. Try again in a moment.")
LOOK_EVERY = 2  # seconds, while another page has it made
TOUCH_EVERY = 5  # seconds, so that others see that it is being made (keeping.ALIVE)
HEALTH = 0.8  # seconds to wait for the model server's answer
Begun = tuple[Thread, ThreadSummary]
T = TypeVar("T")


class NotMade(Exception):
    """No model could do it. `why` is for people, in English; it is translated where it is shown."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


async def lines(ticket: Ticket, priority: Priority, *, opening: bool = False) -> AsyncGenerator[Line]:
    """With real values. Raises NotMade, also after some lines. Closing it stops the model.

    `opening`: only of what was written before our first reply, which says what was asked.
    """
    found = await _kept_or_begun(ticket, opening, urgent=priority == "interactive")
    if isinstance(found, ThreadSummary):
        kept = found
        for line in await _stored(lambda: keeping.shown(kept, ticket)):
            yield line
    elif found is not None:
        try:
            async with aclosing(_made(ticket, *found, priority)) as made:
                async for line in made:
                    yield line
        except ModelError as error:
            log.warning("summary failed: ticket=%s code=%s", ticket.pk, error.code)
            raise NotMade(error.message) from error


async def _kept_or_begun(ticket: Ticket, opening: bool, urgent: bool) -> ThreadSummary | Begun | None:
    """The one that is kept, or else the row of one that is ours to make. None if nobody has written anything."""
    while (kept := await _kept(ticket, opening, urgent)) is None:
        health = await _stored(lambda: llm.health(timeout=HEALTH))
        if not health.ready:
            raise NotMade(health.text)
        try:
            return await _begun(ticket, opening, urgent)
        except BeingMade:
            continue  # another page was faster
        except PlaceholderTaken as error:
            log.warning("summary failed: ticket=%s: others store placeholders", ticket.pk)
            raise NotMade(BUSY) from error
    return kept


async def _kept(ticket: Ticket, opening: bool, urgent: bool) -> ThreadSummary | None:
    """If one is being made, it is waited for; the newest message may change meanwhile."""

    def look() -> tuple[ThreadSummary | None, bool]:
        end = thread.newest(ticket, opening=opening)
        kept = keeping.latest(ticket, end)
        return kept, kept is None and keeping.being_made(ticket, end, urgent=urgent)

    while True:
        kept, wait = await _stored(look)
        if not wait:
            return kept
        await asyncio.sleep(LOOK_EVERY)


async def _begun(ticket: Ticket, opening: bool, urgent: bool) -> Begun | None:
    """If the page is closed at this moment, the row is written all the same, and given up at once."""
    begins = asyncio.ensure_future(_stored(lambda: keeping.started(ticket, opening=opening, urgent=urgent)))
    try:
        return await asyncio.shield(begins)
    except asyncio.CancelledError:
        with suppress(BeingMade, PlaceholderTaken):
            if (begun := await begins) is not None:
                row = begun[1]
                await _stored(lambda: keeping.give_up(row))
        raise


async def _made(ticket: Ticket, read: Thread, row: ThreadSummary, priority: Priority) -> AsyncGenerator[Line]:
    """Each line as soon as it is checked. All of them are kept at the end, and only then."""
    found: list[Line] = []
    try:
        async with _touched(row), aclosing(summarise(read, llm.HttpModel(), row, priority)) as written:
            async for line in written:
                found.append(line)
                for shown in await _stored(lambda: keeping.shown(found[-1:], ticket)):
                    yield shown
        await _stored(lambda: keeping.finish(row, found))
    finally:
        await asyncio.shield(_stored(lambda: keeping.give_up(row)))


@asynccontextmanager
async def _touched(row: ThreadSummary) -> AsyncIterator[None]:
    """Again and again, as long as it is being made."""
    touching = asyncio.create_task(_touch(row))
    try:
        yield
    finally:
        touching.cancel()


async def _touch(row: ThreadSummary) -> None:
    while True:
        await asyncio.sleep(TOUCH_EVERY)
        try:
            await _stored(lambda: keeping.touch(row))
        except DatabaseError as error:
            log.warning("summary not touched: ticket=%s error=%s", row.ticket_id, type(error).__name__)


async def _stored(work: Callable[[], T]) -> T:
    """In the thread of the database. Its connections are closed at once: a stream waits long, and there are many."""

    def closed() -> T:
        try:
            return work()
        finally:
            for connection in connections.all(initialized_only=True):
                if not connection.in_atomic_block:  # as in the transaction of a test
                    connection.close()

    return await sync_to_async(closed)()
