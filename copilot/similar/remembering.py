"""How closed tickets were solved, kept in a table. The only writer of SolvedTicket.

A row is made once for what it is made from (`basis`), and again when that has changed: the ticket was reopened and
closed again, a reply was undone, or the rules of this package have another VERSION.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError

from copilot.models import Citation, SentReply, SolvedTicket
from copilot.similar import reading
from copilot.similar.likeness import text_hash
from tickets.models import Message, Ticket

VERSION = "1"  # of what is read from a ticket: another one makes all rows new
MOST_ARTICLES = 5


def basis(closed_at: datetime, newest: int | None) -> str:
    return hashlib.sha256(f"{VERSION} {closed_at.isoformat()} {newest}".encode()).hexdigest()


def outdated(first: int, last: int) -> list[int]:
    """The closed tickets with these numbers that have no row, or one made from something else; newest first."""
    # Not by status, see indexing.counting.
    closed = dict(
        Ticket.objects.filter(pk__gte=first, pk__lte=last, closed_at__isnull=False).values_list("pk", "closed_at")
    )
    rows = SolvedTicket.objects.filter(ticket__gte=first, ticket__lte=last)
    made, newest = dict(rows.values_list("ticket_id", "basis")), reading.newest(first, last) if closed else {}
    wanted = {pk: basis(at, newest.get(pk)) for pk, at in closed.items() if at is not None}
    return sorted((pk for pk in wanted if made.get(pk) != wanted[pk]), reverse=True)


def remember(ticket_id: int) -> bool:
    """Read the ticket if it is closed and not read yet. True if the row was made. Masks, so never in a transaction."""
    ticket = Ticket.objects.select_related("customer").filter(pk=ticket_id, closed_at__isnull=False).first()
    if ticket is None or ticket.closed_at is None:
        return False
    # Before the messages are read: if one more arrives meanwhile, the basis is outdated and the walk reads it again.
    wanted = basis(ticket.closed_at, reading.newest(ticket_id, ticket_id).get(ticket_id))
    if SolvedTicket.objects.filter(ticket=ticket, basis=wanted).exists():
        return False
    values = _values(reading.how_solved(ticket)) | {"basis": wanted}
    try:
        SolvedTicket.objects.update_or_create(ticket=ticket, defaults=values)
    except IntegrityError:
        if Ticket.objects.filter(pk=ticket_id).exists():
            raise
        return False
    return True


def _values(told: reading.HowSolved) -> dict[str, Any]:
    asked, reply = told.asked, told.solved.by.message if told.solved else None
    return {
        "title": asked.title,
        "question": asked.question,
        "language": asked.language,
        "text_hash": text_hash(asked.title, asked.question),
        "answer": told.answer,
        # It may have been deleted since it was read.
        "reply": Message.objects.filter(pk=reply).first() if reply else None,
        "articles": _articles(reply) if reply else [],
        "confirmed": told.solved.confirmed if told.solved else False,
    }


def _articles(reply: int) -> list[dict[str, Any]]:
    """What the sentences of the reply rest on; of a reply older than SentReply, what its draft cited."""
    sent = SentReply.objects.filter(message=reply).first()
    if sent is not None:
        return _distinct((each["article"], each["title"]) for said in sent.sentences for each in said["sources"])
    cited = Citation.objects.filter(draft__reply=reply, cited=True)
    return _distinct(cited.values_list("article_id", "title"))


def _distinct(sources: Iterable[tuple[int | None, str]]) -> list[dict[str, Any]]:
    found = {title: {"article": article, "title": title} for article, title in sources}
    return list(found.values())[:MOST_ARTICLES]
