"""The only writer of a ticket's status, priority, category and preparation, and of its times."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.signal_delivery import send_on_commit
from tickets import live, search, signals, timeline
from tickets.models import Category, Message, OutgoingMail, Tag, Ticket, TicketEvent, User
from tickets.models.tickets import NEVER

Status = Ticket.Status


class Unanswered(Exception):
    """The customer's last message has no reply; the ticket was not closed."""


class NotSnoozed(Exception):
    """`why`: a sentence for the member."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def set_status(
    ticket: Ticket, status: Status | str, actor: User | None = None, why: str = "", *, until: datetime = NEVER
) -> TicketEvent | None:
    """Change the status and record it in the timeline. None if the ticket has that status already.

    `why` is stored in English; tickets/views/wording.py translates the known ones. `until`: of a snoozed ticket.
    """
    with transaction.atomic():
        locked = Ticket.objects.locked().get(pk=ticket.pk)
        if (locked.status, locked.wakes_at) == (status, until):
            return None
        before = _before(locked, status)
        _change(locked, status, until, by_itself=actor is None)
        locked.save(update_fields=[*CHANGES, "handoff_due_at", "updated_at"])
        then = {"until": until.isoformat()} if until != NEVER else {}
        event = timeline.record(locked, TicketEvent.Kind.STATUS, actor, **before, now=str(status), **then, why=why)
        live.ticket_changed(locked.pk, "header", "timeline", "queue")
        if status == Status.CLOSED:
            send_on_commit(signals.ticket_closed, Ticket, ticket_id=locked.pk)
    for name in CHANGES:
        setattr(ticket, name, getattr(locked, name))
    return event


CHANGES = ("status", "closed_at", "waiting_since", "wakes_at", "back_from_snooze")


def _change(ticket: Ticket, status: Status | str, until: datetime, by_itself: bool) -> None:
    """On waking, a customer who has no reply yet has waited since before the snooze."""
    now = timezone.now()
    woken = ticket.status == Status.SNOOZED and status == Status.OPEN
    ticket.status, ticket.wakes_at, ticket.back_from_snooze = str(status), until, woken and by_itself
    ticket.closed_at = now if status == Status.CLOSED else None
    if status == Status.CLOSED:
        ticket.handoff_due_at = None
    if status == Status.OPEN and not (woken and unanswered(ticket)):
        ticket.waiting_since = now


def _before(ticket: Ticket, status: Status | str) -> dict[str, Any]:
    """The status and the times that a change to `status` writes over: its event has them, for an undo."""
    times = {"since": ticket.waiting_since, "closed_at": ticket.closed_at}
    if status == Status.CLOSED:
        times["due"] = ticket.handoff_due_at
    if ticket.wakes_at != NEVER:
        times["wakes_at"] = ticket.wakes_at
    back = {"back": True} if ticket.back_from_snooze else {}
    return {"was": ticket.status} | {name: at.isoformat() for name, at in times.items() if at} | back


def snooze(ticket: Ticket, actor: User, until: datetime | None) -> TicketEvent | None:
    """Until then, or until the customer writes; None: only until the customer writes.

    An escalated ticket that nobody has taken is not snoozed: a team would miss its time without knowing of it.
    """
    with transaction.atomic():
        locked = Ticket.objects.locked().get(pk=ticket.pk)
        if locked.status == Status.CLOSED:
            raise NotSnoozed(_("This ticket is closed. Open it first."))
        if locked.handoff_due_at:
            raise NotSnoozed(_("This ticket is escalated and nobody has taken it yet. Assign it first."))
        return set_status(ticket, Status.SNOOZED, actor, why="snoozed", until=until or NEVER)


def wake(ticket_id: int, now: datetime) -> bool:
    """Open a snoozed ticket whose time has come. False if it has been woken or snoozed anew meanwhile."""
    with transaction.atomic():
        due = Ticket.objects.locked().snoozed().filter(pk=ticket_id, wakes_at__lte=now).first()
        return due is not None and bool(set_status(due, Status.OPEN, why="time came"))


def customer_wrote(ticket: Ticket, message: Message) -> None:
    """A customer's message reopens the ticket and starts its waiting time. Inside the transaction of the intake, which
    has locked the ticket: an agent who closes it at the same moment is either before or after."""
    waits = ticket.status in (Status.OPEN, Status.SNOOZED)
    if ticket.status != Status.OPEN:
        set_status(ticket, Status.OPEN, why="customer wrote")
    if waits:
        earlier = ticket.messages.exclude(pk=message.pk).filter(kind__in=Message.WITH_CUSTOMER)
        last = earlier.exclude(outgoing__state=OutgoingMail.State.UNDONE).last()
        if last.kind == Message.Kind.REPLY if last else ticket.channel == Ticket.Channel.OUTGOING:
            ticket.waiting_since = message.created_at
    ticket.preview = " ".join(message.text.split())[:160]
    ticket.save(update_fields=["waiting_since", "preview", "updated_at"])
    live.ticket_changed(ticket.pk, "conversation", "timeline", "queue")


def third_party_wrote(ticket: Ticket) -> None:
    """An answer to what was forwarded: the next step is ours, also if the ticket is closed or snoozed."""
    if ticket.status != Status.OPEN:
        set_status(ticket, Status.OPEN, why="third party wrote")
    live.ticket_changed(ticket.pk, "conversation", "timeline", "queue")


def we_replied(ticket: Ticket, message: Message, actor: User, then: Status | str = Status.PENDING) -> None:
    """A reply sets the first-response time; then the ticket waits for the customer (`then`).

    What we write before the customer has written is no response.
    """
    first = Ticket.objects.filter(pk=ticket.pk, first_response_at__isnull=True)
    if not ticket.only_ours and first.update(first_response_at=message.created_at, updated_at=timezone.now()):
        ticket.first_response_at = message.created_at
    Ticket.objects.filter(pk=ticket.pk, back_from_snooze=True).update(back_from_snooze=False)
    set_status(ticket, then, actor, why="replied")


def reply_undone(ticket: Ticket, actor: User, was: dict[str, Any]) -> None:
    """The ticket as before the reply (`was`: as `outbox` keeps it)."""
    until = datetime.fromisoformat(was["wakes_at"]) if was["status"] == Status.SNOOZED else NEVER
    set_status(ticket, was["status"], actor, why="reply undone", until=until)
    times = {"waiting_since": was["waiting_since"], "first_response_at": was["first_response_at"]}
    back = {"back_from_snooze": was["status"] == Status.OPEN and was.get("back_from_snooze", False)}
    if was["status"] == Status.CLOSED and was.get("closed_at"):
        times["closed_at"] = was["closed_at"]
    Ticket.objects.filter(pk=ticket.pk, status=was["status"]).update(**times, **back)


def close(ticket: Ticket, actor: User, tags: Iterable[str], *, ask: bool = False) -> list[TicketEvent]:
    """Close and tag; new tags are created. Returns the events of what was changed, none if there was nothing to do.

    `ask`: raises Unanswered instead of closing if the customer's last message has no reply.
    """
    with transaction.atomic():
        locked = Ticket.objects.locked().get(pk=ticket.pk)
        if ask and locked.status != Status.CLOSED and unanswered(locked):
            raise Unanswered
        tagged = change_tags(locked, actor, add=tags)
        closed = set_status(ticket, Status.CLOSED, actor, why="closed and tagged" if tagged else "closed")
    return [event for event in (tagged, closed) if event]


def change_tags(
    ticket: Ticket, actor: User, *, add: Iterable[str] = (), remove: Collection[str] = ()
) -> TicketEvent | None:
    """Names of tags, in capitals or not; new ones are created. None if the ticket has and lacks them already."""
    with transaction.atomic():
        locked = Ticket.objects.locked().get(pk=ticket.pk)
        had, less = list(locked.tags.all()), tag_names(remove)
        there = {tag.name.lower() for tag in had}
        # In one order, so that two who create the same tags do not wait for each other.
        added = [_tag(name) for name in sorted(tag_names(add)) if name not in there]
        removed = [tag for tag in had if tag.name.lower() in less]
        if not added and not removed:
            return None
        locked.tags.add(*added)
        locked.tags.remove(*removed)
        told = {key: [tag.name for tag in tags] for key, tags in (("added", added), ("removed", removed)) if tags}
        event = timeline.record(locked, TicketEvent.Kind.TAGGED, actor, **told)
        search.index_ticket(locked)
        live.ticket_changed(locked.pk, "header", "timeline", "queue")
    return event


def _tag(name: str) -> Tag:
    same = Tag.objects.filter(name=name).first() or Tag.objects.filter(name__iexact=name).order_by("pk").first()
    return same or Tag.objects.get_or_create(name=name)[0]


def tag_names(typed: Iterable[str]) -> list[str]:
    """As new ones are stored, each once."""
    return list(dict.fromkeys(name for each in typed if (name := each.strip().lower()[:50].strip())))


def put_back(
    ticket: Ticket,
    actor: User,
    status: str,
    waiting_since: datetime,
    why: str,
    closed_at: datetime | None = None,
    *,
    wakes_at: datetime = NEVER,
    back: bool = False,
) -> None:
    """An earlier status with its times: a customer who has waited for two days does not start again at zero.

    One that was snoozed until a time that has come meanwhile is woken by the next job.
    """
    set_status(ticket, status, actor, why=why, until=wakes_at)
    times = {"waiting_since": waiting_since} | ({"closed_at": closed_at} if closed_at else {})
    marked = {"back_from_snooze": back and status == Status.OPEN}
    Ticket.objects.filter(pk=ticket.pk, status=status).update(**times, **marked)
    ticket.waiting_since, ticket.back_from_snooze = waiting_since, marked["back_from_snooze"]


def set_handoff(ticket_id: int, due: datetime | None) -> None:
    """Until when a member of the team should take the escalated ticket; None: somebody has. The ticket is locked."""
    Ticket.objects.filter(pk=ticket_id).update(handoff_due_at=due, updated_at=timezone.now())


def unanswered(ticket: Ticket, before: int | None = None) -> bool:
    """The last message, of those `before` that id, is the customer's; what they do not see does not count."""
    messages = ticket.messages.filter(kind__in=Message.WITH_CUSTOMER).exclude(outgoing__state=OutgoingMail.State.UNDONE)
    last = (messages.filter(pk__lt=before) if before else messages).last()
    return last is not None and last.kind == Message.Kind.CUSTOMER


def set_priority(ticket: Ticket, priority: int, actor: User | None = None) -> TicketEvent | None:
    """None if the ticket has that priority already."""
    with transaction.atomic():
        locked = Ticket.objects.locked().get(pk=ticket.pk)
        was, ticket.priority = locked.priority, Ticket.Priority(priority)
        if was == priority:
            return None
        locked.priority = ticket.priority
        locked.save(update_fields=["priority", "updated_at"])
        event = timeline.record(locked, TicketEvent.Kind.PRIORITY, actor, was=was, now=priority)
        live.ticket_changed(locked.pk, "header", "timeline", "queue")
    return event


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
