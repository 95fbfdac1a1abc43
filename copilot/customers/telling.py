"""Tells what was asked on a customer's other tickets: lines that are kept, then quotes, then what the model writes."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from asgiref.sync import sync_to_async
from django.utils import timezone

from copilot.customers.earlier import Earlier, asked
from copilot.drafting import drafter_queue
from copilot.summaries import keeping, streaming, thread
from copilot.summaries.quoted import Line
from tickets.models import Ticket


@dataclass(frozen=True)
class Told:
    """A line that takes the place of an earlier one of the same ticket. Otherwise it is a quote, not `written`."""

    ticket: int
    text: str
    written: bool


async def lines(shown: Sequence[Earlier]) -> AsyncGenerator[Told]:
    """Raises NotMade when a model cannot do it: then all tickets have their quotes. Closing it stops the model.

    As long as drafts wait no model is asked: the quotes stay, and the next opening of the page tries again.
    """
    for each in shown:
        if each.asked is not None:
            yield _told(each.ticket, each.asked)
    missing = [each.ticket for each in shown if each.missing]
    for ticket in missing:
        if (quote := await sync_to_async(_quote)(ticket)) is not None:
            yield _told(ticket, quote)
    for ticket in missing:
        if await sync_to_async(_drafts_wait)():
            return
        async with aclosing(_made(ticket)) as made:
            async for line in made:
                yield _told(ticket, line)


def _told(ticket: Ticket, line: Line) -> Told:
    return Told(ticket.pk, line.text, line.written)


def _drafts_wait() -> bool:
    return drafter_queue.waiting(timezone.now()).exists()


def _quote(ticket: Ticket) -> Line | None:
    return asked(keeping.quotes(ticket, thread.read(ticket, opening=True)), ticket)


async def _made(ticket: Ticket) -> AsyncGenerator[Line]:
    """The first written line as soon as it is there, or else a quote. All are read: only then they are kept."""
    came: list[Line] = []
    told = False
    async with aclosing(streaming.lines(ticket, "background", opening=True)) as found:
        async for line in found:
            came.append(line)
            best = asked(came, ticket)
            if not told and best is not None and best.written:
                told = True
                yield best
    if not told and (best := asked(came, ticket)) is not None:
        yield best
