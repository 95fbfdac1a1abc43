"""What a customer wrote becomes a Message on a Ticket. Called inside the caller's transaction."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from config.signal_delivery import send_on_commit
from tickets import languages, lifecycle, live, search, signals, timeline
from tickets.mail import attachments
from tickets.mail.mime import decoding
from tickets.mail.mime.addresses import Address
from tickets.mail.mime.body import Part
from tickets.mail.reading import MAX_TEXT, Letter
from tickets.models import Attachment, Customer, Message, Ticket, TicketEvent, User

MAX_REFERENCES = 40
NO_SUBJECT = "(no subject)"


@dataclass(frozen=True)
class Written:
    """What somebody wrote, ready to be stored."""

    sender: Address
    subject: str
    text: str
    language: str = ""
    quoted: str = ""
    html: str = ""
    message_id: str | None = None
    in_reply_to: str = ""
    references: str = ""
    parts: tuple[Part, ...] = ()
    submission: UUID | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class Admitted:
    ticket: Ticket
    message: Message
    created: bool


def from_letter(letter: Letter, sender: Address) -> Written:
    """A mail that was read (tickets/mail/reading.py), as something to be stored."""
    mail = letter.mail
    return Written(
        sender=sender,
        subject=mail.subject,
        text=letter.text,
        language=letter.language,
        quoted=letter.quoted,
        html=letter.html,
        message_id=mail.message_id if 0 < len(mail.message_id) <= 500 else None,
        in_reply_to=next(iter(mail.in_reply_to), "")[:500],
        references=" ".join(mail.references[-MAX_REFERENCES:]),
        parts=mail.attachments,
    )


def admit(written: Written, ticket: Ticket | None, channel: str, actor: User | None = None) -> Admitted:
    """Ticket (new, or the one it continues), message, attachments, timeline; news on commit."""
    created = ticket is None
    language = written.language
    if ticket is None:
        customer = customer_for(written.sender, language)
        ticket = _new_ticket(customer, written, channel, language or customer.language)
    else:
        ticket = _continued(ticket, language)
    message = _add_message(ticket, written)
    stored: list[Attachment] = []
    try:
        attachments.store(message, written.parts, stored)
        lifecycle.customer_wrote(ticket, message)
        _record(ticket, message, channel, actor)
        search.index_ticket(ticket)
    except BaseException:
        attachments.forget_files(stored)
        raise
    live.ticket_changed(ticket.pk, "conversation", "timeline", "queue")
    send_on_commit(signals.message_received, Message, message_id=message.pk, ticket_id=ticket.pk)
    return Admitted(ticket, message, created)


def _continued(ticket: Ticket, language: str) -> Ticket:
    """The ticket as it is now, and ours until the message is in: nobody closes it over a message not yet seen."""
    locked = Ticket.objects.locked().get(pk=ticket.pk)
    if not locked.language and language:
        locked.language = language
        locked.save(update_fields=["language"])
    return locked


def _record(ticket: Ticket, message: Message, channel: str, actor: User | None) -> None:
    other = message.from_email.lower() != ticket.customer.email.lower()
    data = {"message": message.pk, "channel": str(channel)} | ({"other_sender": True} if other else {})
    timeline.record(ticket, TicketEvent.Kind.RECEIVED, actor, **data)


def customer_for(sender: Address, language: str = "") -> Customer:
    """The customer with this address in whatever case, made if there is none; gaps are filled."""
    found = Customer.objects.filter(email__iexact=sender.email).first()
    if found is None:
        try:
            with transaction.atomic():
                return Customer.objects.create(email=sender.email, name=sender.name[:200], language=language)
        except IntegrityError:  # made by another process this moment
            found = Customer.objects.get(email__iexact=sender.email)
    gaps = {name: value for name, value in (("name", sender.name[:200]), ("language", language)) if value}
    gaps = {name: value for name, value in gaps.items() if not getattr(found, name)}
    if gaps:
        Customer.objects.filter(pk=found.pk).update(**gaps)
        for name, value in gaps.items():
            setattr(found, name, value)
    return found


def _new_ticket(customer: Customer, written: Written, channel: str, language: str) -> Ticket:
    at = written.at or timezone.now()
    return Ticket.objects.create(
        customer=customer,
        subject=decoding.one_line(written.subject, 300) or NO_SUBJECT,
        channel=channel,
        language=language,
        created_at=at,
        waiting_since=at,
    )


def _add_message(ticket: Ticket, written: Written) -> Message:
    message_id = written.message_id
    if message_id and Message.objects.filter(message_id=message_id).exists():
        message_id = None  # somebody else's mail had it first (tickets/mail/received_mails.py)
    return Message.objects.create(
        ticket=ticket,
        kind=Message.Kind.CUSTOMER,
        text=decoding.storable(written.text)[:MAX_TEXT],
        quoted=written.quoted,
        html=written.html,
        from_name=written.sender.name[:200],
        from_email=written.sender.email,
        message_id=message_id,
        in_reply_to=written.in_reply_to,
        references=written.references,
        submission=written.submission,
        created_at=written.at or timezone.now(),
    )


def plain(
    sender: Address,
    subject: str,
    text: str,
    parts: Iterable[Part] = (),
    submission: UUID | None = None,
    at: datetime | None = None,
) -> Written:
    """For what did not come as a mail that could be parsed. Call it before the transaction."""
    text = decoding.storable(text).strip()[:MAX_TEXT]
    return Written(sender, subject, text, languages.detect(text), parts=tuple(parts), submission=submission, at=at)
