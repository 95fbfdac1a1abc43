"""Stores summaries and finds them again. The only writer of ThreadSummary."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import timedelta

from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from copilot import prompts
from copilot.calls import Purpose
from copilot.models import ThreadSummary
from copilot.redaction import restore, values
from copilot.summaries import quoted
from copilot.summaries import thread as threads
from copilot.summaries.quoted import About, Line
from copilot.summaries.summarising import PROMPT
from copilot.summaries.thread import End, Thread
from tickets.models import Message, OutgoingMail, Ticket

TRIES = 3
NOTHING: Mapping[str, str] = {}
ALIVE = timedelta(seconds=20)  # since a summary was touched: then its process is dead, and nobody waits for it


class BeingMade(Exception):
    """Another page has begun the same summary meanwhile, or even finished it."""


def latest(ticket: Ticket, of: Thread | End) -> ThreadSummary | None:
    """The newest finished summary of all messages up to this end, made with the prompt in use.

    None if it rests on a reply that was undone meanwhile.
    """
    return _latest({ticket.pk: of.end if isinstance(of, Thread) else of}).get(ticket.pk)


def latest_of(tickets: Sequence[Ticket], *, opening: bool = False) -> dict[int, ThreadSummary]:
    """By ticket, what `latest` finds of each as it is now: in three queries for all of them."""
    return _latest(threads.newest_of(tickets, opening=opening))


def _latest(ends: Mapping[int, End]) -> dict[int, ThreadSummary]:
    rows = _finished().filter(upto__in=[end.upto for end in ends.values()]).order_by("pk")
    found = {row.ticket_id: row for row in rows if ends.get(row.ticket_id) == (row.upto_id, row.messages)}
    said = {message for row in found.values() for message in _messages(row)}
    undone = Message.objects.filter(pk__in=said, outgoing__state=OutgoingMail.State.UNDONE)
    gone = set(undone.values_list("ticket", flat=True))
    return {ticket: row for ticket, row in found.items() if ticket not in gone}


def _finished() -> QuerySet[ThreadSummary]:
    """With the prompt in use, or without a model."""
    made = Q(calls__purpose=Purpose.SUMMARY, calls__prompt_version=prompts.load(PROMPT).version)
    return ThreadSummary.objects.filter(made | Q(calls=None), finished_at__isnull=False)


def begin(ticket: Ticket, thread: Thread, *, urgent: bool = False) -> ThreadSummary:
    """Before the model is asked. Stores the thread's new placeholders.

    Raises PlaceholderTaken: then read it again; BeingMade: then wait for it. `urgent`: as `being_made` has it.
    """
    if thread.upto is None:
        raise ValueError("nobody has written anything")
    with transaction.atomic():
        values.add(ticket.pk, thread.added)
        # Locked: of two pages that begin at the same moment one makes it.
        Ticket.objects.locked().get(pk=ticket.pk)
        if being_made(ticket, thread.end, urgent=urgent) or latest(ticket, thread):
            raise BeingMade
        given = {"upto_id": thread.upto, "messages": thread.messages, "urgent": urgent}
        return ThreadSummary.objects.create(ticket=ticket, **given)


def being_made(ticket: Ticket, end: End, *, urgent: bool = False) -> bool:
    """Is a summary up to this end being made that is to be waited for?

    An urgent one waits for no other: the model lets those in the background wait as long as anybody waits for it. So
    both are made, and the one that is finished first is kept. The other is not stopped: who is urgent may leave.
    """
    since = timezone.now() - ALIVE
    rows = ThreadSummary.objects.filter(ticket=ticket, upto=end.upto, messages=end.messages, touched_at__gte=since)
    rows = rows.filter(finished_at=None, failed_at=None)
    return (rows.filter(urgent=True) if urgent else rows).exists()


def touch(row: ThreadSummary) -> None:
    """It is being made, however long that takes."""
    ThreadSummary.objects.filter(pk=row.pk, finished_at=None, failed_at=None).update(touched_at=timezone.now())


def started(ticket: Ticket, *, opening: bool = False, urgent: bool = False) -> tuple[Thread, ThreadSummary] | None:
    """The thread as it is now and the row of its summary; None if nobody has written anything.

    Also if the ticket, its customer or a message was deleted at this moment.
    """
    for left in reversed(range(TRIES)):
        try:
            thread = threads.read(ticket, opening=opening)
            return None if thread.upto is None else (thread, begin(ticket, thread, urgent=urgent))
        except values.PlaceholderTaken:
            if not left:
                raise
        except (ObjectDoesNotExist, IntegrityError):
            return None
    raise AssertionError("unreachable")


def finish(row: ThreadSummary, lines: Iterable[Line]) -> None:
    """Section by section, each in the order of the thread. Of two of the same messages the first one is kept."""
    if _latest({row.ticket_id: End(row.upto_id, row.messages)}).get(row.ticket_id, row) != row:
        give_up(row)
        return
    order = list(About)
    kept = sorted(lines, key=lambda line: (order.index(line.about), line.messages[0]))
    row.lines, row.finished_at = [asdict(line) | {"about": line.about.value} for line in kept], timezone.now()
    # The ticket may be gone by now.
    ThreadSummary.objects.filter(pk=row.pk).update(lines=row.lines, finished_at=row.finished_at)


def give_up(row: ThreadSummary) -> None:
    """It failed, or nobody wants it any more."""
    ThreadSummary.objects.filter(pk=row.pk, finished_at=None).update(failed_at=timezone.now())


def quotes(ticket: Ticket, thread: Thread) -> list[Line]:
    """What is shown as long as no summary is made, with real values. Nothing is stored."""
    return shown(quoted.lines(thread), ticket, thread.added)


def shown(of: ThreadSummary | Sequence[Line], ticket: Ticket, added: Mapping[str, str] = NOTHING) -> list[Line]:
    """With real values in the place of placeholders: for agents, never for a model.

    `added`: what placeholders stand for that the ticket does not have yet.
    """
    lines = _lines(of) if isinstance(of, ThreadSummary) else list(of)
    known = values.values_of(ticket, "\n".join(line.text for line in lines)) | dict(added)
    return [replace(line, text=restore(line.text, known)) for line in lines]


def _lines(row: ThreadSummary) -> list[Line]:
    return [Line(About(e["about"]), e["text"], tuple(e["messages"]), e["written"]) for e in row.lines]


def _messages(row: ThreadSummary) -> set[int]:
    return {message for line in row.lines for message in line["messages"]}
