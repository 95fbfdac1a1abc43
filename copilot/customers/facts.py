"""What the records say of a customer, for one of their tickets, in six queries. Reads only, and asks no model."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import Count, Min, OuterRef, Q, Subquery
from django.utils import timezone

from copilot.customers.mood import Tone
from copilot.models import Escalation, Triage
from copilot.summaries import thread
from copilot.triage.classifier import SENTIMENT
from tickets.access import visible_tickets
from tickets.models import Message, Ticket, TicketQuerySet, User
from tickets.models.categories import label

DAYS = 90
LATELY = timedelta(days=DAYS)
MOST_REPLIED = 20  # tickets, the newest, from which the time to a first reply is taken
MOST_TONES = 20  # messages


@dataclass(frozen=True)
class Facts:
    """`others`: all tickets of the customer but this one, of which `others_lately` came in the last 90 days.

    `lately`: the same with this one, if it is that new. `category`: of most of them, "" if none is; `of_category`: how
    many. `ours`: others, open or snoozed, of which `waiting` have waited for us, the longest since `waiting_since`.
    `theirs`: others that wait for the customer; since when is not recorded. `reply`: how long the first reply to one of
    the others took, in the median; of those of the last 90 days, if there are some.
    """

    others: int = 0
    others_lately: int = 0
    lately: int = 0
    category: str = ""
    of_category: int = 0
    ours: int = 0
    waiting: int = 0
    waiting_since: datetime | None = None
    theirs: int = 0
    escalated: int = 0
    reply: timedelta | None = None
    tones: tuple[Tone, ...] = ()


def facts(ticket: Ticket, user: User, now: datetime) -> Facts:
    """Of the tickets that this user may see."""
    tickets = visible_tickets(user).filter(customer=ticket.customer_id)
    others = tickets.exclude(pk=ticket.pk)
    counted = _counted(others, now)
    lately = counted["others_lately"] + int(ticket.created_at >= now - LATELY)
    category, of_category = _category(tickets, lately, now)
    return Facts(
        **counted,
        **_waiting(others),
        lately=lately,
        category=category,
        of_category=of_category,
        escalated=Escalation.objects.standing().filter(ticket__in=others).values("ticket").distinct().count(),
        reply=_reply(others.filter(_lately("created_at", now)) if counted["others_lately"] else others),
        tones=_tones(tickets, now),
    )


def _counted(others: TicketQuerySet, now: datetime) -> dict[str, Any]:
    return others.aggregate(
        others=Count("pk"),
        others_lately=Count("pk", filter=_lately("created_at", now)),
        ours=Count("pk", filter=Q(status__in=[Ticket.Status.OPEN, Ticket.Status.SNOOZED])),
        theirs=Count("pk", filter=Q(status=Ticket.Status.PENDING)),
    )


def _waiting(others: TicketQuerySet) -> dict[str, Any]:
    """A reply may leave a ticket open: it waits for us only if its last message is the customer's."""
    messages = thread.counted(Message.objects.filter(ticket=OuterRef("pk"), kind__in=Message.WITH_CUSTOMER))
    last = Subquery(messages.order_by("-created_at", "-pk").values("kind")[:1])
    waiting = others.filter(status=Ticket.Status.OPEN).annotate(last=last).filter(last=Message.Kind.CUSTOMER)
    return waiting.aggregate(waiting=Count("pk"), waiting_since=Min("waiting_since"))


def _lately(field: str, now: datetime) -> Q:
    return Q(**{f"{field}__gte": now - LATELY})


def _category(tickets: TicketQuerySet, lately: int, now: datetime) -> tuple[str, int]:
    """The one of more than half of the tickets."""
    rows = tickets.filter(_lately("created_at", now), category__isnull=False).order_by().values_list("category__name")
    name, count = rows.annotate(count=Count("pk")).order_by("-count", "category").first() or ("", 0)
    return (label(name), count) if 2 * count > lately else ("", 0)


def _reply(tickets: TicketQuerySet) -> timedelta | None:
    """Without tickets that we started: there the customer has not waited since they were created."""
    asked = tickets.exclude(channel=Ticket.Channel.OUTGOING)
    replied = asked.filter(first_response_at__isnull=False).order_by("-created_at", "-pk")
    times = replied.values_list("created_at", "first_response_at")[:MOST_REPLIED]
    took = [(first - created).total_seconds() for created, first in times if first]
    return timedelta(seconds=max(0.0, median(took))) if took else None


def _tones(tickets: TicketQuerySet, now: datetime) -> tuple[Tone, ...]:
    """Of the customer's messages that were judged, oldest first."""
    rows = Triage.objects.filter(message__ticket__in=tickets, message__kind=Message.Kind.CUSTOMER)
    judged = rows.filter(_lately("message__created_at", now)).exclude(sentiment="")
    newest = judged.order_by("-message__created_at", "-message_id")
    said = newest.values_list("sentiment", "message__created_at", "corrected")[:MOST_TONES]
    return tuple(Tone(name, timezone.localdate(at), SENTIMENT not in agents) for name, at, agents in reversed(said))
