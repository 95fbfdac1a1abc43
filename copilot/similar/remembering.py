"""How closed tickets were solved, kept in a table. The only writer of SolvedTicket.

A row is made once for what it is made from (`basis`), and again when that has changed: the ticket was reopened and
closed again, a reply was undone or could not be sent, the customer's record has another name, or the rules of this
package have another VERSION.
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db import IntegrityError

from copilot.models import Citation, SentReply, SolvedTicket
from copilot.similar import likeness, reading
from tickets.models import Ticket

VERSION = "2"  # of what is read from a ticket: another one makes all rows new
MOST_ARTICLES = 5
NO_MESSAGES = (0, 0)


class Facts(NamedTuple):
    """What a row is made from. Of the customer what the masking knows: with a name that is added, more is masked."""

    closed_at: datetime
    name: str
    email: str
    phone: str


FACTS = ("closed_at", "customer__name", "customer__email", "customer__phone")


def basis(facts: Facts, messages: tuple[int, int]) -> str:
    """`messages`: as reading.messages gives them."""
    made_from = [VERSION, likeness.VERSION, facts.closed_at.isoformat(), *facts[1:], *messages]
    return hashlib.sha256(json.dumps(made_from).encode()).hexdigest()


def outdated(first: int, last: int) -> list[int]:
    """The closed tickets with these numbers that have no row, or one made from something else; newest first."""
    # Not by status, see indexing.counting.
    closed = Ticket.objects.filter(pk__gte=first, pk__lte=last, closed_at__isnull=False).values_list("pk", *FACTS)
    facts = {pk: Facts(*each) for pk, *each in closed}
    rows = SolvedTicket.objects.filter(ticket__gte=first, ticket__lte=last)
    made, messages = dict(rows.values_list("ticket_id", "basis")), reading.messages(first, last) if facts else {}
    wanted = {pk: basis(each, messages.get(pk, NO_MESSAGES)) for pk, each in facts.items()}
    return sorted((pk for pk in wanted if made.get(pk) != wanted[pk]), reverse=True)


def remember(ticket_id: int) -> bool:
    """Read the ticket if it is closed and not read yet. True if the row was made. Masks, so never in a transaction."""
    ticket = Ticket.objects.select_related("customer").filter(pk=ticket_id, closed_at__isnull=False).first()
    if ticket is None or ticket.closed_at is None:
        return False
    # Before the messages are read: if one more arrives meanwhile, the basis is outdated and the walk reads it again.
    customer = ticket.customer
    facts = Facts(ticket.closed_at, customer.name, customer.email, customer.phone)
    wanted = basis(facts, reading.messages(ticket_id, ticket_id).get(ticket_id, NO_MESSAGES))
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
        "text_hash": likeness.text_hash(asked.title, asked.question),
        "answer": told.answer,
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
