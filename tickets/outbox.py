"""Outgoing replies, and the queue of forwards too. With delivery.py the only writer of OutgoingMail: nothing is sent
without an agent, or twice.

A message and its mail are written in one transaction. Sending claims the mail by compare-and-set, sends it outside any
transaction, and records the outcome by compare-and-set again. If the outcome is not known (the worker was killed, the
server stopped answering after the text) the mail is `uncertain`: it may have been sent, so a member decides
(tickets/views/mail.py).
"""

import logging
import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Lower
from django.utils import timezone

from config.jobs import WORKER, queue
from config.signal_delivery import send_on_commit
from tickets import lifecycle, live, refusing, search, signals, timeline, uploads
from tickets.composition import Composition, for_customer
from tickets.mail import recipient_rows
from tickets.mail.mime import decoding
from tickets.mail.recipients import Recipients, with_customer
from tickets.models import Message, OutgoingMail, Recipient, Ticket, TicketEvent, User

log = logging.getLogger(__name__)
State = OutgoingMail.State
Kind = TicketEvent.Kind

MAX_REFERENCES = 12
_REPLY_PREFIX = re.compile(r"^(?:(?:re|aw|sv|antw|ref|rif|odp)\s*:\s*)+", re.IGNORECASE)


class NewerMessages(Exception):
    """There are `messages` on the ticket that the sender has not seen."""

    def __init__(self, messages: list[Message]) -> None:
        super().__init__(f"{len(messages)} newer")
        self.messages = messages


def write_reply(
    ticket: Ticket,
    author: User,
    text: str | Composition,
    *,
    submission: UUID | None,
    prepared: str = "",
    then: str = Ticket.Status.PENDING,
    files: Sequence[int] = (),
    seen: int | None = None,
    recipients: Recipients | None = None,
) -> Message:
    """Queues a reply, once per `submission`. It is sent after the undo window (tickets/tasks.py).

    `recipients`: who gets it besides the customer, who always does. NotAddressed, if it cannot go to them.
    `files`: uploads of the author (tickets/uploads.py), which become the reply's attachments.
    `seen` is the newest message that the sender knows. If there is a newer one: NewerMessages, and nothing is written.
    refusing.Refused, if a rule of another app says so; uploads.Gone or NotTaken, if a file cannot be sent.
    """
    composed = text if isinstance(text, Composition) else Composition(text, prepared)
    addressed = with_customer(recipient_rows.customer_address(ticket.customer), recipients)
    clean = decoding.storable(for_customer(ticket.pk, composed)).strip()
    if not clean:
        raise ValueError("the reply is empty")
    before = submitted(submission)
    if before is not None:
        return before
    refusing.ask(ticket, author, clean, len(files))
    try:
        with transaction.atomic():
            return _write(ticket, author, clean, composed, submission, then, files, seen, addressed)
    except IntegrityError:
        before = submitted(submission)
        if before is None:
            raise
        return before


def submitted(submission: UUID | None) -> Message | None:
    """The message of an earlier try."""
    return Message.objects.filter(submission=submission).first() if submission else None


def newer_than(ticket: Ticket, seen: int) -> list[Message]:
    """Messages of customer and colleagues after `seen`, without notes and undone replies."""
    messages = ticket.messages.filter(pk__gt=seen).exclude(kind=Message.Kind.NOTE).select_related("author")
    return list(messages.exclude(outgoing__state=State.UNDONE))


def _write(
    ticket: Ticket,
    author: User,
    text: str,
    composed: Composition,
    submission: UUID | None,
    then: str,
    files: Sequence[int],
    seen: int | None,
    addressed: Recipients,
) -> Message:
    was = Ticket.objects.locked().get(pk=ticket.pk)
    if (before := submitted(submission)) is not None:  # the same reply, written while this one waited for the lock
        return before
    if seen is not None and (newer := newer_than(ticket, seen)):
        raise NewerMessages(newer)
    message = _message(ticket, author, text, submission, composed, addressed)
    uploads.attach(message, files)
    queue_mail(message, _subject(was, message))
    timeline.record(
        ticket, Kind.REPLIED, author, message=message.pk, was=_before(was), prepared=bool(composed.prepared)
    )
    lifecycle.set_handoff(was.pk, None)
    lifecycle.we_replied(ticket, message, author, then)
    search.index_ticket(was)
    live.ticket_changed(ticket.pk, "conversation", "header", "timeline", "queue")
    send_on_commit(signals.reply_written, Message, message_id=message.pk, ticket_id=ticket.pk)
    return message


def _message(
    ticket: Ticket, author: User, text: str, submission: UUID | None, composed: Composition, addressed: Recipients
) -> Message:
    message = Message.objects.create(
        ticket=ticket,
        kind=Message.Kind.REPLY,
        author=author,
        text=text,
        from_name=settings.SUPPORT_NAME,
        from_email=settings.SUPPORT_ADDRESS,
        message_id=new_message_id(ticket),
        submission=submission,
        composition=composed.stored(),
        **_thread(ticket, addressed.shown),
    )
    recipient_rows.store(message, addressed)
    return message


def _before(ticket: Ticket) -> dict[str, Any]:
    """What an undo restores."""
    first, due = ticket.first_response_at, ticket.handoff_due_at
    return {
        "status": ticket.status,
        "waiting_since": ticket.waiting_since.isoformat(),
        "first_response_at": first.isoformat() if first else None,
        "wakes_at": ticket.wakes_at.isoformat(),
        "closed_at": ticket.closed_at.isoformat() if ticket.closed_at else None,
        "back_from_snooze": ticket.back_from_snooze,
        "handoff_due_at": due.isoformat() if due else None,
    }


def queue_mail(message: Message, subject: str) -> None:
    """The mail of a new message, sent after the undo window. In the caller's transaction."""
    undo = timedelta(seconds=settings.UNDO_SEND_SECONDS)
    enqueue(OutgoingMail.objects.create(message=message, subject=subject[:320], send_after=timezone.now() + undo))


def _subject(ticket: Ticket, message: Message) -> str:
    if ticket.channel == Ticket.Channel.OUTGOING and not _written_before(message):
        return str(ticket.subject)
    return f"Re: {_REPLY_PREFIX.sub('', ticket.subject).strip()}"


def _written_before(message: Message) -> bool:
    """Is there anything that this mail could be a reply to? A mail that was never sent is not."""
    others = message.ticket.messages.exclude(pk=message.pk).filter(kind__in=Message.WITH_CUSTOMER)
    return others.exclude(outgoing__state__in=OutgoingMail.NOT_SENT).exists()


def new_message_id(ticket: Ticket) -> str:
    domain = settings.SUPPORT_ADDRESS.rpartition("@")[2]
    return f"{ticket.pk}.{secrets.token_hex(12)}@{domain}"


def _thread(ticket: Ticket, emails: Sequence[str]) -> dict[str, str]:
    """In-Reply-To is the latest mail that one of those in To and Cc (`emails`) wrote, else our latest to one of them:
    their programs find the conversation, and nobody learns of a mail that was hidden from them. References is its
    chain, oldest first, at most MAX_REFERENCES."""
    messages = ticket.messages.filter(message_id__isnull=False).exclude(outgoing__state=State.UNDONE)
    theirs = messages.filter(kind=Message.Kind.CUSTOMER).annotate(sender=Lower("from_email"))
    latest: Message | None = theirs.filter(sender__in=["", *emails]).order_by("created_at", "id").last()
    named = Recipient.objects.filter(message=OuterRef("pk"), kind__in=["to", "cc"]).annotate(got=Lower("email"))
    ours = messages.filter(Exists(named.filter(got__in=emails)), kind=Message.Kind.REPLY)
    return references_to(latest or ours.order_by("created_at", "id").last())


def references_to(latest: Message | None) -> dict[str, str]:
    """The fields of a mail that answers this one."""
    if latest is None or not latest.message_id:
        return {"in_reply_to": "", "references": ""}
    chain = list(dict.fromkeys([*latest.references.split(), *latest.in_reply_to.split(), latest.message_id]))
    if len(chain) > MAX_REFERENCES:
        chain = [chain[0], *chain[1 - MAX_REFERENCES :]]
    return {"in_reply_to": latest.message_id, "references": " ".join(chain)}


def enqueue(outgoing: OutgoingMail) -> None:
    """A job for when it is due. If the broker is down it is a minute late at most: `send_due_mail` finds it."""
    queue("tickets.tasks.send_reply", outgoing.pk, lane=WORKER, after=outgoing.send_after)


def undo(message_id: int, actor: User) -> bool:
    """Undo a reply or forward that no process has begun to send. The message stays, marked as undone; the files of a
    reply are in the composer of `actor` again."""
    with transaction.atomic():
        changed = OutgoingMail.objects.filter(message_id=message_id, state=State.QUEUED, attempts=0).update(
            state=State.UNDONE
        )
        if not changed:
            return False
        message = Message.objects.get(pk=message_id)
        message.ticket = Ticket.objects.locked().get(
            pk=message.ticket_id
        )  # locked, so that no other reply comes in between
        timeline.record(message.ticket, Kind.SEND_UNDONE, actor, message=message.pk)
        if message.kind == Message.Kind.REPLY:
            if uploads.give_back(message, actor):
                search.index_ticket(message.ticket)
            _restore(message, actor)
            send_on_commit(signals.reply_undone, Message, message_id=message_id, ticket_id=message.ticket_id)
        live.ticket_changed(message.ticket_id, "conversation", "header", "timeline", "queue")
    return True


def _restore(message: Message, actor: User) -> None:
    """The ticket as before this reply and earlier ones that were undone since; not if there is a later reply."""
    messages = message.ticket.messages.filter(kind__in=Message.WITH_CUSTOMER).exclude(outgoing__state=State.UNDONE)
    if messages.filter(kind=Message.Kind.REPLY, pk__gt=message.pk).exists():
        return
    before = messages.filter(pk__lt=message.pk).order_by("pk").values_list("pk", flat=True).last() or 0
    events = TicketEvent.objects.filter(ticket=message.ticket, kind=Kind.REPLIED, data__has_key="was").order_by("pk")
    gone = _undone_before(message)
    replied = (event.data for event in events if before < event.data["message"] <= message.pk)
    if first := next((data for data in replied if data["message"] not in gone), None):
        lifecycle.reply_undone(message.ticket, actor, _still_open(message, first["was"]))
        _wait_again(message, first["was"].get("handoff_due_at"))


def _undone_before(message: Message) -> set[int]:
    """Replies that were undone before this one was written: they left the ticket as it was before them."""
    events = TicketEvent.objects.filter(ticket=message.ticket, kind__in=[Kind.REPLIED, Kind.SEND_UNDONE])
    found: set[int] = set()
    undone: set[int] = set()
    standing: list[int] = []  # one that was undone below a later reply stands until that one is undone
    for event in events.order_by("pk"):
        if event.kind == Kind.SEND_UNDONE:
            undone.add(event.data["message"])
            while standing and standing[-1] in undone:
                found.add(standing.pop())
        elif event.data["message"] == message.pk:
            break
        elif "was" in event.data:
            standing.append(event.data["message"])
    return found


def _wait_again(message: Message, due: str | None) -> None:
    """For somebody of the team to take the ticket, unless it was assigned or moved since the reply."""
    moves = (Kind.TRANSFERRED, Kind.ASSIGNED)
    since = TicketEvent.objects.filter(ticket=message.ticket, kind__in=moves, at__gte=message.created_at)
    if due and not since.exists():
        lifecycle.set_handoff(message.ticket_id, datetime.fromisoformat(due))


def _still_open(message: Message, was: dict[str, Any]) -> dict[str, Any]:
    """If the customer or a third party has written since the reply, the ticket stays open."""
    theirs = [Message.Kind.CUSTOMER, Message.Kind.OTHER]
    since = message.ticket.messages.filter(kind__in=theirs, pk__gt=message.pk)
    if was["status"] == Ticket.Status.OPEN or not since.exists():
        return was
    waited = was["status"] == Ticket.Status.SNOOZED and lifecycle.unanswered(message.ticket, before=message.pk)
    since_when = was["waiting_since"] if waited else message.ticket.waiting_since
    return was | {"status": Ticket.Status.OPEN, "waiting_since": since_when}
