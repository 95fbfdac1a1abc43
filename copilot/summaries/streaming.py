"""Gives the summary of a ticket line by line: the one that is kept, or a new one, which is kept then.

A summary is made once, whoever asks for it: a second page waits for the one that the first page has begun.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress

from asgiref.sync import sync_to_async
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
LOOK_EVERY = 0.5  # seconds, while another page has it made
HEALTH = 0.8  # seconds to wait for the model server's answer
Begun = tuple[Thread, ThreadSummary]


class NotMade(Exception):
    """No model could do it. `why` is for people, in English; it is translated where it is shown."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


async def lines(ticket: Ticket, priority: Priority, *, opening: bool = False) -> AsyncGenerator[Line]:
    """With real values. Raises NotMade, also after some lines. Closing it stops the model.

    `opening`: only of what was written before our first reply, which says what was asked.
    """
    found = await _kept_or_begun(ticket, opening)
    if isinstance(found, ThreadSummary):
        for line in await sync_to_async(keeping.shown)(found, ticket):
            yield line
    elif found is not None:
        try:
            async with aclosing(_made(ticket, *found, priority)) as made:
                async for line in made:
                    yield line
        except ModelError as error:
            log.warning("summary failed: ticket=%s code=%s", ticket.pk, error.code)
            raise NotMade(error.message) from error


async def _kept_or_begun(ticket: Ticket, opening: bool) -> ThreadSummary | Begun | None:
    """The one that is kept, or else the row of one that is ours to make. None if nobody has written anything."""
    while (kept := await _kept(ticket, opening)) is None:
        health = await sync_to_async(llm.health)(timeout=HEALTH)
        if not health.ready:
            raise NotMade(health.text)
        try:
            return await _begun(ticket, opening)
        except BeingMade:
            continue  # another page was faster
        except PlaceholderTaken as error:
            log.warning("summary failed: ticket=%s: others store placeholders", ticket.pk)
            raise NotMade(BUSY) from error
    return kept


async def _kept(ticket: Ticket, opening: bool) -> ThreadSummary | None:
    """If one is being made, it is waited for; the newest message may change meanwhile."""
    while True:
        upto = await sync_to_async(thread.newest)(ticket, opening=opening)
        kept = await sync_to_async(keeping.latest)(ticket, upto)
        if kept or not await sync_to_async(keeping.being_made)(ticket, upto):
            return kept
        await asyncio.sleep(LOOK_EVERY)


async def _begun(ticket: Ticket, opening: bool) -> Begun | None:
    """If the page is closed at this moment, the row is written all the same, and given up at once."""
    begins = asyncio.ensure_future(sync_to_async(keeping.started)(ticket, opening=opening))
    try:
        return await asyncio.shield(begins)
    except asyncio.CancelledError:
        with suppress(BeingMade, PlaceholderTaken):
            if (begun := await begins) is not None:
                await sync_to_async(keeping.give_up)(begun[1])
        raise


async def _made(ticket: Ticket, read: Thread, row: ThreadSummary, priority: Priority) -> AsyncGenerator[Line]:
    """Each line as soon as it is checked. All of them are kept at the end, and only then."""
    found: list[Line] = []
    try:
        async with aclosing(summarise(read, llm.HttpModel(), row, priority)) as written:
            async for line in written:
                found.append(line)
                for shown in await sync_to_async(keeping.shown)([line], ticket):
                    yield shown
        await sync_to_async(keeping.finish)(row, found)
    finally:
        await asyncio.shield(sync_to_async(keeping.give_up)(row))
