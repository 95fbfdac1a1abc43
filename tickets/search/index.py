"""The index of tickets: one row for each, with all that it says. Its writers call it inside their transaction."""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from config.words.fulltext import FullTextIndex
from tickets.models import Attachment, Message, Ticket, TicketToIndex
from tickets.search import vocabulary

# Labels are tags and names of files.
INDEX = FullTextIndex("tickets_fulltext", ("subject", "people", "labels", "said"), (4.0, 3.0, 3.0, 1.0), "ABBC")
AT_ONCE = 200  # tickets that one change may index before its answer; a job does the rest
BATCH = 100  # tickets in one transaction of the job, so that no other writer waits long
PAUSE = 0.1  # seconds, when others have all that is left
# Locks also the rows that are there: the job must not take one away whose ticket is being changed again.
QUEUE = "INSERT INTO tickets_tickettoindex (ticket) {} ON CONFLICT (ticket) DO UPDATE SET ticket = EXCLUDED.ticket"


def index_ticket(ticket: Ticket) -> None:
    """Call it after a change of any of its texts, inside the same transaction."""
    index_tickets([ticket.pk])


@transaction.atomic(savepoint=False)
def index_tickets(ids: Sequence[int], *, wait: bool = True) -> list[int]:
    """Write the rows of these tickets; returns those up to date. `wait`: also of those that somebody has locked.

    The tickets stay locked until the end of the transaction: two that change one ticket at the same moment would
    otherwise both store what they know, and the later one would not know of the other's message.
    """
    locked = Ticket.objects.locked() if wait else Ticket.objects.select_for_update(skip_locked=True, no_key=True)
    ids = list(locked.filter(pk__in=ids).order_by("pk").values_list("pk", flat=True))
    rows = [(pk, *texts) for pk, texts in _texts(ids).items()]
    INDEX.put_many(rows)
    later = vocabulary.learn({pk: "\n".join(texts) for pk, *texts in rows})
    index_later(later)
    return [pk for pk in ids if pk not in later]


def _texts(ids: Sequence[int]) -> dict[int, tuple[str, str, str, str]]:
    """What the columns of INDEX say of each ticket."""
    labels, said = {pk: [] for pk in ids}, {pk: [] for pk in ids}  # type: dict[int, list[str]], dict[int, list[str]]
    tags = Ticket.tags.through.objects.filter(ticket__in=ids).order_by("tag__name")
    for pk, name in tags.values_list("ticket", "tag__name"):
        labels[pk].append(name)
    files = Attachment.objects.filter(message__ticket__in=ids).order_by("pk")
    for pk, name in files.values_list("message__ticket", "filename"):
        labels[pk].append(name)
    for pk, text in Message.objects.filter(ticket__in=ids).values_list("ticket", "text"):
        said[pk].append(text)
    tickets = Ticket.objects.filter(pk__in=ids).values_list("pk", "subject", "customer__name", "customer__email")
    return {
        pk: (f"{subject} {pk}", f"{name} {email}", "\n".join(labels[pk]), "\n".join(said[pk]))
        for pk, subject, name, email in tickets.order_by("pk")
    }


def renew(tickets: QuerySet[Ticket]) -> None:
    """Something that these tickets share has changed: a customer's name, a tag. Inside that transaction, which has
    locked it, so that no ticket gets it meanwhile."""
    newest = list(tickets.order_by("-pk").values_list("pk", flat=True)[:AT_ONCE])
    index_tickets(newest)
    if len(newest) == AT_ONCE:
        _queue(tickets.filter(pk__lt=newest[-1]))


def forget_all() -> None:
    INDEX.clear()
    TicketToIndex.objects.all().delete()
    vocabulary.forget_all()


# --- later ----------------------------------------------------------------------------------------


def index_later(ids: Iterable[int]) -> None:
    if there := list(ids):
        _queue(Ticket.objects.filter(pk__in=there))


def _queue(tickets: QuerySet[Ticket]) -> None:
    """All in one order, so that no two writers wait for each other."""
    sql, values = tickets.order_by("-pk").values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(QUEUE.format(sql), values)


def rebuild() -> int:
    """Have every ticket indexed again, and the vocabulary learned anew; returns how many wait. Until a ticket's turn
    comes it is found by its old row."""
    with transaction.atomic():
        vocabulary.forget_all()
        TicketToIndex.objects.all().delete()
        INDEX.delete(sorted(INDEX.ids() - set(Ticket.objects.values_list("pk", flat=True))))
        _queue(Ticket.objects.filter(pk__gt=0))
    return waiting()


def waiting() -> int:
    return TicketToIndex.objects.count()


def work_off(seconds: float, say: Callable[[int], Any] = lambda _: None) -> int:
    """Index tickets that wait, the newest first, for about so long; returns how many. `say`: after each batch."""
    until, done = time.monotonic() + seconds, 0
    while (batch := _batch())[0]:
        done += batch[1]
        say(done)
        if time.monotonic() > until:
            break
        if not batch[1]:
            time.sleep(PAUSE)
    return done


def _batch() -> tuple[int, int]:
    """How many tickets it took, and how many of them no longer wait. What is killed in the middle the next one does."""
    with transaction.atomic():
        rows = TicketToIndex.objects.select_for_update(skip_locked=True).order_by("-ticket")
        ids = list(rows.values_list("ticket", flat=True)[:BATCH])
        TicketToIndex.objects.filter(ticket__in=ids).delete()  # first: who asks again from now on is heard
        done = set(index_tickets(ids, wait=False))
        there = set(Ticket.objects.filter(pk__in=ids).values_list("pk", flat=True))
        index_later(there - done)  # somebody is changing them, or adds words
    return len(ids), len(ids) - len(there - done)
