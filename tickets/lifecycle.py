"""The only writer of a ticket's status, priority, category and preparation, and of its times."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from config.signal_delivery import send_on_commit
from tickets import live, search, signals, timeline
from tickets.models import Category, Message, OutgoingMail, Tag, Ticket, TicketEvent, User

Status = Ticket.Status


class Unanswered(Exception):
    """The customer's last message has no reply; the ticket was not closed."""


@dataclass(frozen=True)
class Closing:
    """What `close` changed, for `undo_close`. `event_id` is the event of the closing."""

    ticket_id: int
    was: str
    added_tags: tuple[str, ...]
    waiting_since: datetime
    event_id: int = 0
    handoff_due_at: datetime | None = None


def set_status(ticket: Ticket, status: Status | str, actor: User | None = None, why: str = "") -> bool:
    """Change the status and record it in the timeline. False if the ticket has that status already.

    `why` is stored in English; tickets/views/wording.py translates the known ones.
    """
    with transaction.atomic():
        locked = Ticket.objects.locked().get(pk=ticket.pk)
        if locked.status == status:
            return False
        was, locked.status = locked.status, str(status)
        now = timezone.now()
        locked.closed_at = now if status == Status.CLOSED else None
        if status == Status.CLOSED:
            locked.handoff_due_at = None
        if status == Status.OPEN:
            locked.waiting_since = now
        locked.save(update_fields=["status", "closed_at", "waiting_since", "handoff_due_at", "updated_at"])
        timeline.record(locked, TicketEvent.Kind.STATUS, actor, was=was, now=str(status), why=why)
        live.ticket_changed(locked.pk, "header", "timeline", "queue")
        if status == Status.CLOSED:
            send_on_commit(signals.ticket_closed, Ticket, ticket_id=locked.pk)
    ticket.status, ticket.closed_at, ticket.waiting_since = locked.status, locked.closed_at, locked.waiting_since
    return True


def customer_wrote(ticket: Ticket, message: Message) -> None:
    """A customer's message reopens the ticket and starts its waiting time. Inside the transaction of the intake, which
    has locked the ticket: an agent who closes it at the same moment is either before or after."""
    if ticket.status != Status.OPEN:
        set_status(ticket, Status.OPEN, why="customer wrote")
    else:
        earlier = ticket.messages.exclude(pk=message.pk).exclude(kind=Message.Kind.NOTE)
        last = earlier.exclude(outgoing__state=OutgoingMail.State.UNDONE).last()
        if last is not None and last.kind == Message.Kind.REPLY:
            ticket.waiting_since = message.created_at
    ticket.preview = " ".join(message.text.split())[:160]
    ticket.save(update_fields=["waiting_since", "preview", "updated_at"])
    live.ticket_changed(ticket.pk, "conversation", "timeline", "queue")


def we_replied(ticket: Ticket, message: Message, actor: User, then: Status | str = Status.PENDING) -> None:
    """A reply sets the first-response time; then the ticket waits for the customer (`then`)."""
    first = Ticket.objects.filter(pk=ticket.pk, first_response_at__isnull=True)
    if first.update(first_response_at=message.created_at, updated_at=timezone.now()):
        ticket.first_response_at = message.created_at
    set_status(ticket, then, actor, why="replied")


def reply_undone(ticket: Ticket, actor: User, was: dict[str, Any]) -> None:
    """The ticket as before the reply (`was`: status, waiting_since, first_response_at)."""
    set_status(ticket, was["status"], actor, why="reply undone")
    times = {"waiting_since": was["waiting_since"], "first_response_at": was["first_response_at"]}
    Ticket.objects.filter(pk=ticket.pk, status=was["status"]).update(**times)


def close(ticket: Ticket, actor: User, tags: list[str], *, ask: bool = False) -> Closing:
    """Close and tag; new tags are created. Returns what was changed, for the undo.

    `ask`: raises Unanswered instead of closing if the customer's last message has no reply.
    """
    names = [name for name in dict.fromkeys(tag.strip().lower()[:50] for tag in tags) if name]
    with transaction.atomic():
        locked = Ticket.objects.locked().get(pk=ticket.pk)
        if ask and unanswered(locked):
            raise Unanswered
        was, since, due = locked.status, locked.waiting_since, locked.handoff_due_at
        added = _tag(locked, actor, names)
        set_status(ticket, Status.CLOSED, actor, why="closed and tagged" if added else "closed")
        event = timeline.last_move(locked, {TicketEvent.Kind.STATUS})
    return Closing(ticket.pk, was, added, since, event.pk if event else 0, due)


def _tag(ticket: Ticket, actor: User, names: list[str]) -> tuple[str, ...]:
    had = set(ticket.tags.values_list("name", flat=True))
    added = tuple(name for name in names if name not in had)
    ticket.tags.add(*[Tag.objects.get_or_create(name=name)[0] for name in added])
    if added:
        timeline.record(ticket, TicketEvent.Kind.TAGGED, actor, added=list(added))
        search.index_ticket(ticket)
        live.ticket_changed(ticket.pk, "header", "timeline", "queue")
    return added


def undo_close(ticket: Ticket, actor: User, closing: Closing) -> bool:
    """Status, tags and waiting time as before. If the status has changed since, only the tags, and False."""
    with transaction.atomic():
        locked = Ticket.objects.locked().get(pk=ticket.pk)
        locked.tags.remove(*Tag.objects.filter(name__in=closing.added_tags))
        if closing.added_tags:
            search.index_ticket(locked)
        live.ticket_changed(ticket.pk, "header", "queue")
        last = timeline.last_move(locked, {TicketEvent.Kind.STATUS})
        if last is None or last.pk != closing.event_id or closing.was == Status.CLOSED:
            return False
        put_back(ticket, actor, closing.was, closing.waiting_since, why="closing undone")
        set_handoff(ticket.pk, closing.handoff_due_at)
        send_on_commit(signals.closing_undone, Ticket, ticket_id=ticket.pk, event_id=closing.event_id)
    return True


def put_back(ticket: Ticket, actor: User, status: str, waiting_since: datetime, why: str) -> None:
    """An earlier status with its waiting time: a customer who has waited for two days does not start again at zero."""
    set_status(ticket, status, actor, why=why)
    Ticket.objects.filter(pk=ticket.pk, status=status).update(waiting_since=waiting_since)
    ticket.waiting_since = waiting_since


def set_handoff(ticket_id: int, due: datetime | None) -> None:
    """Until when a member of the team should take the escalated ticket; None: somebody has. The ticket is locked."""
    Ticket.objects.filter(pk=ticket_id).update(handoff_due_at=due, updated_at=timezone.now())


def unanswered(ticket: Ticket) -> bool:
    """The last message is the customer's; notes and undone replies do not count."""
    messages = ticket.messages.exclude(kind=Message.Kind.NOTE).exclude(outgoing__state=OutgoingMail.State.UNDONE)
    last = messages.last()
    return last is not None and last.kind == Message.Kind.CUSTOMER


def set_priority(ticket: Ticket, priority: int, actor: User | None = None) -> bool:
    with transaction.atomic():
        locked = Ticket.objects.locked().get(pk=ticket.pk)
        was, ticket.priority = locked.priority, Ticket.Priority(priority)
        if was == priority:
            return False
        locked.priority = ticket.priority
        locked.save(update_fields=["priority", "updated_at"])
        timeline.record(locked, TicketEvent.Kind.PRIORITY, actor, was=was, now=priority)
        live.ticket_changed(locked.pk, "header", "timeline", "queue")
    return True


def set_category(ticket: Ticket, category: Category | None, actor: User | None = None) -> bool:
    """What the ticket is about; None: none of the categories. The timeline has what people choose."""
    with transaction.atomic():
        locked = Ticket.objects.locked().get(pk=ticket.pk)
        was, ticket.category = locked.category, category
        if was == category:
            return False
        locked.category = category
        locked.save(update_fields=["category", "updated_at"])
        if actor:
            names = {"was": was.name if was else "", "now": category.name if category else ""}
            timeline.record(locked, TicketEvent.Kind.CATEGORY, actor, **names)
        live.ticket_changed(locked.pk, "header", "timeline", "queue")
    return True


def set_preparation(ticket_id: int, preparation: Ticket.Preparation | str) -> None:
    """Compare-and-set, so that only changes are announced."""
    changed = (
        Ticket.objects.filter(pk=ticket_id)
        .exclude(preparation=preparation)
        .update(preparation=preparation, updated_at=timezone.now())
    )
    if changed:
        live.ticket_changed(ticket_id, "queue")
