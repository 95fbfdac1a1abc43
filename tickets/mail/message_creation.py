"""Adds what a customer wrote to a ticket, as a Message. Runs inside the caller's transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from config.signal_delivery import send_on_commit
from tickets import languages, lifecycle, live, search, signals, timeline
from tickets.mail import attachments, recipient_rows, recipients, third_parties
from tickets.mail.mime import decoding
from tickets.mail.mime.addresses import Address
from tickets.mail.mime.body import Part
from tickets.mail.reading import MAX_TEXT, MailContent
from tickets.models import Attachment, Customer, Message, Ticket, TicketEvent, User

MAX_REFERENCES = 40
NO_SUBJECT = "(no subject)"


@dataclass(frozen=True)
class NewMessage:
    """What somebody wrote, ready to be stored."""

    sender: Address
    subject: str
    text: str
    language: str = ""
    quoted: str = ""
    html: str = ""
    formatted: bool = False
    message_id: str | None = None
    in_reply_to: str = ""
    references: str = ""
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    parts: tuple[Part, ...] = ()
    submission: UUID | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class Added:
    ticket: Ticket
    message: Message
    new_ticket: bool


def from_mail(content: MailContent, sender: Address) -> NewMessage:
    mail = content.mail
    return NewMessage(
        sender=sender,
        subject=mail.subject,
        text=content.text,
        language=content.language,
        quoted=content.quoted,
        html=content.html,
        formatted=content.formatted,
        message_id=mail.message_id if 0 < len(mail.message_id) <= 500 else None,
        in_reply_to=next(iter(mail.in_reply_to), "")[:500],
        references=" ".join(_bounded(mail.references)),
        to=mail.to,
        cc=mail.cc,
        parts=mail.attachments,
    )


def _bounded(references: Sequence[str]) -> Sequence[str]:
    """The newest, and the first: in a thread that others continued, that is the one we know."""
    return references if len(references) <= MAX_REFERENCES else [references[0], *references[1 - MAX_REFERENCES :]]


def add(content: NewMessage, ticket: Ticket | None, channel: str, actor: User | None = None) -> Added:
    """Adds message, attachments and timeline to the ticket (None: a new one). Sends `message_received` on commit."""
    new_ticket = ticket is None
    language = content.language
    kind = Message.Kind.CUSTOMER
    if ticket is None:
        customer = customer_for(content.sender, language)
        ticket = _new_ticket(customer, content, channel, language or customer.language)
    else:
        if third_parties.wrote(ticket, content.sender, [content.in_reply_to, *reversed(content.references.split())]):
            kind, language = Message.Kind.OTHER, ""
        ticket = _continued(ticket, language)
    message = _add_message(ticket, content, kind)
    stored: list[Attachment] = []
    try:
        attachments.store(message, content.parts, stored)
        if kind == Message.Kind.OTHER:
            lifecycle.third_party_wrote(ticket)
        else:
            lifecycle.customer_wrote(ticket, message)
        _record(ticket, message, channel, actor)
        search.index_ticket(ticket)
    except BaseException:
        attachments.delete_files(stored)
        raise
    live.ticket_changed(ticket.pk, "conversation", "timeline", "queue")
    if kind == Message.Kind.CUSTOMER:
        send_on_commit(signals.message_received, Message, message_id=message.pk, ticket_id=ticket.pk)
    return Added(ticket, message, new_ticket)


def _continued(ticket: Ticket, language: str) -> Ticket:
    """The ticket, locked until the message is added, so that nobody closes it without having seen the message."""
    locked = Ticket.objects.locked().get(pk=ticket.pk)
    if not locked.language and language:
        locked.language = language
        locked.save(update_fields=["language"])
    return locked


def _record(ticket: Ticket, message: Message, channel: str, actor: User | None) -> None:
    other = message.from_email.lower() != ticket.customer.email.lower()
    data: dict[str, Any] = {"message": message.pk, "channel": str(channel)} | ({"other_sender": True} if other else {})
    if message.kind == Message.Kind.OTHER:
        data |= {"third_party": True}
    timeline.record(ticket, TicketEvent.Kind.RECEIVED, actor, **data)


def customer_for(sender: Address, language: str = "") -> Customer:
    """The customer with this address (case does not matter), added if new. Fills in a missing name or language.

    Locked until the transaction ends: whoever changes the name at the same moment has the index of all tickets renewed,
    and must find the new one among them."""
    locked = Customer.objects.select_for_update(no_key=True)
    found = locked.filter(email__iexact=sender.email).first()
    if found is None:
        try:
            with transaction.atomic():
                return Customer.objects.create(email=sender.email, name=sender.name[:200], language=language)
        except IntegrityError:  # another process added it at the same moment
            found = locked.get(email__iexact=sender.email)
    known = {name: value for name, value in (("name", sender.name[:200]), ("language", language)) if value}
    missing = {name: value for name, value in known.items() if not getattr(found, name)}
    if missing:
        Customer.objects.filter(pk=found.pk).update(**missing)
        for name, value in missing.items():
            setattr(found, name, value)
        if "name" in missing:
            search.renew(found.tickets.all())
    return found


def _new_ticket(customer: Customer, content: NewMessage, channel: str, language: str) -> Ticket:
    at = content.at or timezone.now()
    return Ticket.objects.create(
        customer=customer,
        subject=decoding.one_line(content.subject, 300) or NO_SUBJECT,
        channel=channel,
        language=language,
        created_at=at,
        waiting_since=at,
    )


def _add_message(ticket: Ticket, content: NewMessage, kind: str) -> Message:
    message_id = content.message_id
    if message_id and Message.objects.filter(message_id=message_id).exists():
        message_id = None  # another mail has the id already (tickets/mail/received_mails.py)
    message = Message.objects.create(
        ticket=ticket,
        kind=kind,
        text=decoding.storable(content.text)[:MAX_TEXT],
        quoted=content.quoted,
        html=content.html,
        formatted=content.formatted,
        from_name=content.sender.name[:200],
        from_email=content.sender.email,
        message_id=message_id,
        in_reply_to=content.in_reply_to,
        references=content.references,
        submission=content.submission,
        created_at=content.at or timezone.now(),
    )
    recipient_rows.store(message, recipients.of_mail(content.to, content.cc))
    return message


def from_text(
    sender: Address,
    subject: str,
    text: str,
    parts: Iterable[Part] = (),
    submission: UUID | None = None,
    at: datetime | None = None,
) -> NewMessage:
    """For forms, and for mails that cannot be read. Call it before the transaction: it detects the language."""
    text = decoding.storable(text).strip()[:MAX_TEXT]
    return NewMessage(sender, subject, text, languages.detect(text), parts=tuple(parts), submission=submission, at=at)
