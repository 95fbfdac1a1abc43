"""An agent forwards a message of a ticket, or the conversation, to others than its customer.

It is sent like a reply, with the same time to undo it, but it changes nothing on the ticket: the customer still waits.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from tickets import live, outbox, search, timeline, uploads
from tickets.forwarding import quoting
from tickets.mail import attachments, recipient_rows, recipients
from tickets.mail.mime import decoding
from tickets.mail.recipients import NotAddressed, Recipients
from tickets.models import Attachment, Message, Ticket, TicketEvent, User

FORWARDABLE = (Message.Kind.CUSTOMER, Message.Kind.REPLY, Message.Kind.OTHER)


@dataclass(frozen=True)
class Forward:
    """What the agent chose: the message, their own words, whether all of the conversation until then goes with it."""

    message: Message
    to: Recipients
    text: str = ""
    whole: bool = False
    files: tuple[int, ...] = field(default=())


def forward(ticket: Ticket, author: User, wanted: Forward, *, submission: UUID | None) -> Message:
    """Queues it, once per `submission`.

    NotAddressed, if it cannot go to these addresses; uploads.NotTaken, if the files are too many or too large for one
    mail; uploads.Gone, if some are not files of this message.
    """
    if (before := outbox.submitted(submission)) is not None:
        return before
    _check(ticket, wanted.to)
    copied = _copies(wanted)
    try:
        with transaction.atomic():
            return _write(ticket, author, wanted, copied, submission)
    except BaseException as error:
        attachments.delete_files(copied)
        if isinstance(error, IntegrityError) and (before := outbox.submitted(submission)) is not None:
            return before
        raise


def _check(ticket: Ticket, to: Recipients) -> None:
    if not to.emails:
        raise NotAddressed(_("Say who gets it."))
    if ticket.customer.email.lower() in to.emails:
        customer = {"address": ticket.customer.email}
        raise NotAddressed(_("%(address)s is the customer. Write a reply instead.") % customer)
    recipients.check(to)


def _copies(wanted: Forward) -> list[Attachment]:
    """Files of their own, not saved as rows yet: each file in the storage belongs to one row."""
    rows = {row.pk: row for row in wanted.message.attachments.filter(pk__in=wanted.files, refused="")}
    if len(rows) < len(set(wanted.files)):
        raise uploads.Gone(len(set(wanted.files)) - len(rows))
    uploads.check([row.size for row in rows.values()])
    copied: list[Attachment] = []
    try:
        for each in dict.fromkeys(wanted.files):
            copied.append(_copy(rows[each]))
    except BaseException:
        attachments.delete_files(copied)
        raise
    return copied


def _copy(attachment: Attachment) -> Attachment:
    try:
        return attachments.copy(attachment)
    except OSError as error:
        name = {"name": attachment.filename}
        raise uploads.NotTaken(_("The file %(name)s cannot be read. Forward the message without it.") % name) from error


def _write(
    ticket: Ticket, author: User, wanted: Forward, copied: Sequence[Attachment], submission: UUID | None
) -> Message:
    locked = Ticket.objects.locked().get(pk=ticket.pk)
    if (before := outbox.submitted(submission)) is not None:  # written while this one waited for the lock
        attachments.delete_files(copied)
        return before
    message = Message.objects.create(
        ticket=ticket,
        kind=Message.Kind.FORWARD,
        author=author,
        text=decoding.storable(wanted.text).strip(),
        quoted=quoting.whole(ticket, wanted.message) if wanted.whole else quoting.one(wanted.message),
        from_name=settings.SUPPORT_NAME,
        from_email=settings.SUPPORT_ADDRESS,
        message_id=outbox.new_message_id(ticket),
        submission=submission,
        composition={"message": wanted.message.pk, "whole": wanted.whole, "files": list(wanted.files)},
        **_thread(ticket, wanted.to.shown),
    )
    recipient_rows.store(message, wanted.to)
    for attachment in copied:
        attachment.message = message
        attachment.save()
    outbox.queue_mail(message, f"Fwd: {' '.join(ticket.subject.split())}")
    timeline.record(ticket, TicketEvent.Kind.FORWARDED, author, message=message.pk)
    search.index_ticket(locked)
    live.ticket_changed(ticket.pk, "conversation", "timeline")
    return message


def _thread(ticket: Ticket, emails: Sequence[str]) -> dict[str, str]:
    """Below the latest answer of a recipient, if one has answered a forward before."""
    answers = ticket.messages.filter(kind=Message.Kind.OTHER, message_id__isnull=False)
    latest = answers.annotate(sender=Lower("from_email")).filter(sender__in=emails).order_by("created_at", "id").last()
    return outbox.references_to(latest)
