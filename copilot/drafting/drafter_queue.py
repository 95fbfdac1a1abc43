"""Which draft is written next. The draft table is the queue; states.py claims from it.

Requested drafts come first, then those of tickets assigned to somebody online, then by priority, then by how long the
customer has waited; last, drafts that only replace others. Closed and answered tickets are skipped. The order is read
anew for each draft, so that it follows who comes online and what becomes urgent.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone

from copilot import leases
from copilot.drafting import states
from copilot.models import Draft, GapArticleRun
from tickets.models import Message, OutgoingMail, Ticket
from tickets.sockets import online

State = Draft.State
CATCH_UP_DAYS = 14  # older messages without a draft get none
BATCH = 200
JUST_CAME = timedelta(seconds=5)
# The web process writes requested drafts. If one still waits after this time, its process must have died.
WRITER_LOST_AFTER = timedelta(seconds=20)


def has_later_message(message: str, created_at: str) -> Q:
    """Whether the ticket has a later message from or to the customer."""
    later = (
        Message.objects.filter(ticket=OuterRef("ticket"), created_at__gt=OuterRef(created_at))
        .exclude(pk=OuterRef(message))
        .filter(kind__in=Message.WITH_CUSTOMER)
        .exclude(outgoing__state=OutgoingMail.State.UNDONE)
    )
    return Q(Exists(later))


def unanswered(message: Message) -> bool:
    """The ticket is open, and nobody has written to or from the customer since."""
    there = Message.objects.filter(pk=message.pk, ticket__status=Ticket.Status.OPEN)
    return there.exclude(has_later_message("pk", "created_at")).exists()


def waiting(now: datetime) -> QuerySet[Draft]:
    """Drafts that a drafter may claim now, in the order of work."""
    unclosed = ~Q(ticket__status=Ticket.Status.CLOSED)
    asked = Q(origin=Draft.Origin.REQUEST, created_at__lt=now - WRITER_LOST_AFTER) & unclosed
    unanswered = ~has_later_message("message", "message__created_at")
    ours = [Draft.Origin.ARRIVAL, Draft.Origin.RENEWAL]
    arrived = Q(origin__in=ours, ticket__status=Ticket.Status.OPEN) & unanswered
    found = Draft.objects.filter(Q(retry_at=None) | Q(retry_at__lte=now), asked | arrived, state=State.QUEUED)
    return in_order(found, now)


def in_order(drafts: QuerySet[Draft], now: datetime) -> QuerySet[Draft]:
    soon = Case(
        When(origin=Draft.Origin.REQUEST, then=Value(0)),
        When(origin=Draft.Origin.RENEWAL, then=Value(3)),
        When(ticket__assignee__seen_at__gte=now - online.ONLINE_FOR, then=Value(1)),
        default=Value(2),
    )
    return drafts.annotate(soon=soon).order_by("soon", "-ticket__priority", "ticket__waiting_since", "pk")


def without_words(now: datetime, but: Collection[int] = ()) -> QuerySet[Draft]:
    """Waiting drafts that show nothing yet, because nobody has prepared their messages: the desk starts, or was off.

    The worker is preparing the messages that have just come.
    """
    bare = waiting(now).filter(text="", message__prepared=None, message__created_at__lt=now - JUST_CAME)
    return bare.exclude(origin=Draft.Origin.RENEWAL).exclude(pk__in=but).select_related("message__ticket__customer")


def ahead_of(draft: Draft) -> int:
    """How many drafts come before this one, including those being written."""
    now = timezone.now()
    ids = list(waiting(now).values_list("pk", flat=True)[:1000])
    before = ids.index(draft.pk) if draft.pk in ids else len(ids)
    return before + Draft.objects.filter(leases.held(now)).exclude(pk=draft.pk).count()


def agents_are_waiting(now: datetime) -> bool:
    """Whether an agent waits for a requested draft."""
    asked = Draft.objects.filter(origin=Draft.Origin.REQUEST)
    fresh = Q(state=State.QUEUED, created_at__gte=now - WRITER_LOST_AFTER)
    return asked.filter(fresh | leases.held(now)).exists()


def load() -> tuple[int, int, timedelta | None]:
    """For config/background/lanes.py: how many wait, how many are written, how long the first has waited."""
    now = timezone.now()
    rows = waiting(now)
    oldest = rows.order_by("created_at").values_list("created_at", flat=True).first()
    written = Draft.objects.filter(leases.held(now)).count()
    return rows.count(), written, now - oldest if oldest else None


def abandoned_tickets(ticket_ids: Collection[int]) -> list[int]:
    """For tickets/preparation.py: tickets whose draft's writer has died."""
    left = Draft.objects.visible().filter(leases.abandoned(timezone.now()), ticket__in=ticket_ids)
    return list(left.values_list("ticket", flat=True))


def maintain(model_ready: bool) -> None:
    """Recover what dead processes, lost signals or a missing model left undone."""
    now = timezone.now()
    for draft in Draft.objects.filter(leases.abandoned(now))[:BATCH]:
        states.recover(draft)
    for message in messages_without_draft(now - timedelta(days=CATCH_UP_DAYS))[:BATCH]:
        states.request_draft(message.ticket, message, Draft.Origin.ARRIVAL)
    if model_ready:
        for draft in delayed(now)[:BATCH]:
            states.try_again(draft)


def delayed(now: datetime) -> QuerySet[Draft]:
    """Drafts to try again: failed for a temporary reason, pause over, not rejected, and no newer draft."""
    newer = Draft.objects.filter(ticket=OuterRef("ticket"), created_at__gt=OuterRef("created_at"))
    failed = Draft.objects.filter(state=State.FAILED, retryable=True, outdated=False, review=Draft.Review.PENDING)
    due = failed.filter(Q(retry_at=None) | Q(retry_at__lte=now), ticket__status=Ticket.Status.OPEN)
    return (
        due.exclude(Exists(newer))
        .exclude(has_later_message("message", "message__created_at"))
        .order_by("-ticket__priority", "created_at")
    )


def request_for(message_id: int) -> Draft | None:
    """A customer message arrived: its draft is to be ready before an agent opens the ticket."""
    message = messages_without_draft().select_related("ticket").filter(pk=message_id).first()
    if message is None:
        return None
    return states.request_draft(message.ticket, message, Draft.Origin.ARRIVAL)[0]


def messages_without_draft(since: datetime | None = None) -> QuerySet[Message]:
    """The latest customer message of each open ticket, if nobody answered it and it never had a draft."""
    found = Message.objects.filter(kind=Message.Kind.CUSTOMER, ticket__status=Ticket.Status.OPEN)
    if since is not None:
        found = found.filter(created_at__gte=since)
    return (
        found.exclude(has_later_message("pk", "created_at"))
        .exclude(Exists(Draft.objects.filter(message=OuterRef("pk"))))
        .select_related("ticket")
        .order_by("-ticket__priority", "ticket__waiting_since")
    )


def requested_articles() -> QuerySet[GapArticleRun]:
    """Articles to write from agents' replies. An author waits, so they come before any draft."""
    return GapArticleRun.objects.filter(state=GapArticleRun.State.QUEUED).order_by("pk")
