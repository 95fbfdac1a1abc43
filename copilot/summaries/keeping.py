"""Stores summaries and finds them again. The only writer of ThreadSummary."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from copilot import prompts
from copilot.calls import Purpose
from copilot.models import ThreadSummary
from copilot.redaction import restore, values
from copilot.summaries import quoted
from copilot.summaries import thread as threads
from copilot.summaries.quoted import About, Line
from copilot.summaries.summarising import PROMPT
from copilot.summaries.thread import Thread
from tickets.models import Message, OutgoingMail, Ticket

TRIES = 3
NOTHING: Mapping[str, str] = {}
LONGEST = timedelta(seconds=90)  # what takes longer is not waited for: its process may be dead


class BeingMade(Exception):
    """Another page has begun the same summary meanwhile, or even finished it."""


def latest(ticket: Ticket, of: Thread | int | None) -> ThreadSummary | None:
    """The newest finished summary up to this message, or to the end of this thread, made with the prompt in use.

    None if it rests on a reply that was undone meanwhile.
    """
    upto = of.upto if isinstance(of, Thread) else of
    made = Q(calls__purpose=Purpose.SUMMARY, calls__prompt_version=prompts.load(PROMPT).version)
    finished = ThreadSummary.objects.filter(ticket=ticket, upto=upto, finished_at__isnull=False)
    row = finished.filter(made | Q(calls=None)).first()
    if row is None or Message.objects.filter(pk__in=_messages(row), outgoing__state=OutgoingMail.State.UNDONE).exists():
        return None
    return row


def begin(ticket: Ticket, thread: Thread) -> ThreadSummary:
    """Before the model is asked. Stores the thread's new placeholders.

    Raises PlaceholderTaken: then read it again; BeingMade: then wait for it.
    """
    if thread.upto is None:
        raise ValueError("nobody has written anything")
    with transaction.atomic():
        values.add(ticket.pk, thread.added)
        # Locked: of two pages that begin at the same moment one makes it.
        Ticket.objects.locked().get(pk=ticket.pk)
        if being_made(ticket, thread.upto) or latest(ticket, thread):
            raise BeingMade
        return ThreadSummary.objects.create(ticket=ticket, upto_id=thread.upto)


def being_made(ticket: Ticket, upto: int | None) -> bool:
    """Is one up to this message being made?"""
    since = timezone.now() - LONGEST
    rows = ThreadSummary.objects.filter(ticket=ticket, upto=upto, created_at__gte=since)
    return rows.filter(finished_at=None, failed_at=None).exists()


def started(ticket: Ticket, *, opening: bool = False) -> tuple[Thread, ThreadSummary] | None:
    """The thread as it is now and the row of its summary; None if nobody has written anything."""
    for left in reversed(range(TRIES)):
        thread = threads.read(ticket, opening=opening)
        if thread.upto is None:
            return None
        try:
            return thread, begin(ticket, thread)
        except values.PlaceholderTaken:
            if not left:
                raise
    raise AssertionError("unreachable")


def finish(row: ThreadSummary, lines: Iterable[Line]) -> None:
    """Section by section, each in the order of the thread."""
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
