"""Past customer messages that a version can be tried on: the latest that somebody answered, or by ticket."""

import re
from collections.abc import Sequence

from django.db.models import Exists, OuterRef, QuerySet

from config.numbers import whole
from tickets.access import visible_tickets
from tickets.models import Message, OutgoingMail, User

OFFERED = 10


def offered(user: User) -> list[Message]:
    """The latest customer messages that have a reply, one for each ticket."""
    reply = Message.objects.filter(
        ticket=OuterRef("ticket"), kind=Message.Kind.REPLY, created_at__gt=OuterRef("created_at")
    ).exclude(outgoing__state=OutgoingMail.State.UNDONE)
    newest = _of_customers(user).filter(Exists(reply)).order_by("-created_at", "-pk")[: 3 * OFFERED]
    return list({message.ticket_id: message for message in reversed(newest)}.values())[::-1][:OFFERED]


def of_tickets(user: User, written: str) -> tuple[list[Message], list[str]]:
    """The latest customer message of each ticket, and the numbers of which there is none. `written`: "12, #15"."""
    found, missing = [], []
    for number in dict.fromkeys(re.findall(r"[^\s,;]+", written)):
        pk = whole(number.removeprefix("#"))
        message = _of_customers(user).filter(ticket=pk).last() if pk is not None else None
        if message is None:
            missing.append(number)
        else:
            found.append(message)
    return found, missing


def chosen(user: User, ids: Sequence[str]) -> list[Message]:
    numbers = [number for each in ids if (number := whole(each)) is not None]
    return list(_of_customers(user).filter(pk__in=numbers).order_by("-created_at"))


def _of_customers(user: User) -> QuerySet[Message]:
    found = Message.objects.filter(kind=Message.Kind.CUSTOMER, ticket__in=visible_tickets(user))
    return found.select_related("ticket__customer")
