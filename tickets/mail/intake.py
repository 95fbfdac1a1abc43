"""Turns a mail or a form into a ticket, once per Message-ID. A mail is on disk before it is read.

Threading: by the ids in In-Reply-To and References, then by the token in our reply address, never by subject
alone. An answer is added to its ticket even if it comes from another address: colleagues and second mailboxes
do that every day, and our ids cannot be guessed. Who was not put in copy by the customer or an agent gets nothing
unasked (tickets/mail/recipients.py). The message keeps the sender's own address, and the timeline says that it was
somebody else.
"""

import logging
import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tickets.mail import automatic, bounces, identity, message_creation, reader, received_mails, store
from tickets.mail.mime import addresses, decoding, parsing
from tickets.mail.mime.addresses import Address
from tickets.mail.mime.body import Part
from tickets.mail.reading import MailContent
from tickets.mail.received_mails import Arrival
from tickets.models import InboundMail, Message, Ticket, User

log = logging.getLogger(__name__)

Action = InboundMail.Action
# How many ids and addresses of a mail are looked up, and how much of its ticket the reader gets.
MAX_ANSWERED = 10
MAX_REFERENCES = 60
MAX_RECIPIENTS = 200
MAX_EARLIER = 30
MAX_EARLIER_TEXT = 20_000


@dataclass(frozen=True)
class Receipt:
    """`action`: created, threaded, duplicate, ignored or quarantined."""

    action: str
    ticket_id: int | None = None
    message_id: int | None = None
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """What `manage.py receive_mail --json` prints. Its keys do not change."""
        return {"ticket": self.ticket_id, "message": self.message_id, "action": self.action, "reason": self.reason}


def receive(raw: bytes) -> Receipt:
    """Takes in one mail. Raises only if the disk or the database cannot store it, or no reader can be started."""
    raw_path = store.keep_incoming(raw)
    duplicate = _duplicate(Arrival(raw_path, len(raw), store.sha256(raw), None))  # the same bytes are not read again
    if duplicate is not None:
        return duplicate
    arrival, problem = _read(raw, raw_path)
    duplicate = _duplicate(arrival)
    if duplicate is not None:
        return duplicate
    try:
        with transaction.atomic():
            return _decide(arrival, problem)
    except IntegrityError:
        # Another process took in the same mail at the same moment. Anything else is a defect.
        return _duplicate(arrival) or _quarantine_safely(arrival, "The database refused the mail")
    except OperationalError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever happened, the mail waits in quarantine
        log.exception("intake failed: mail=%s", arrival.sha256)
        return _quarantine_safely(arrival, f"An error in Copydesk ({type(error).__name__})")


def _read(raw: bytes, raw_path: str) -> tuple[Arrival, str]:
    """The mail as read, and why it has to go to quarantine, if it has to. Called before any transaction."""
    problem = ""
    try:
        _check_size(raw)
        content: MailContent | None = _read_with_ticket(raw, reader.read(raw))
    except parsing.UnreadableMail as error:
        problem, content = str(error), reader.read_headers(raw)
    arrival = Arrival(raw_path, len(raw), store.sha256(raw), content, whole=not problem)
    if not problem and not raw.strip():
        problem = "The mail is empty"
    if not problem and arrival.sender is None:
        problem = "No sender address"
    return arrival, problem


def _check_size(raw: bytes) -> None:
    if len(raw) > settings.MAIL_MAX_BYTES:
        raise parsing.UnreadableMail(f"Larger than {settings.MAIL_MAX_BYTES // (1024 * 1024)} MB")


def _read_with_ticket(raw: bytes, content: MailContent) -> MailContent:
    """Reads an answer again, with the earlier messages of its ticket: then quotations of them are recognized, and
    other text with `>` (a pasted prompt) is kept. If that fails, the first reading is used."""
    ticket = find_ticket(content.mail)
    if ticket is None:
        return content
    texts = ticket.messages.exclude(kind=Message.Kind.NOTE).order_by("-pk").values_list("text", flat=True)
    try:
        return reader.read(raw, tuple(text[:MAX_EARLIER_TEXT] for text in texts[:MAX_EARLIER]))
    except parsing.UnreadableMail:
        return content


def _duplicate(arrival: Arrival) -> Receipt | None:
    found = received_mails.find_earlier(arrival)
    if isinstance(found, InboundMail):
        return Receipt("duplicate", found.ticket_id, found.message_id, f"Arrived before ({found.action})")
    return Receipt("duplicate", found.ticket_id, found.pk, "Arrived before") if found else None


def _decide(arrival: Arrival, problem: str) -> Receipt:
    """Runs in one transaction and adds the row first. A second process with the same mail waits for the write lock
    and then sees the row (SQLite), or fails on the unique identity (PostgreSQL): `receive` handles both alike."""
    duplicate = _duplicate(arrival)
    if duplicate is not None:
        return duplicate
    row = received_mails.claim(arrival)
    if problem or arrival.content is None or arrival.mail is None:
        return _settle(row, Action.QUARANTINED, problem)
    ticket = find_ticket(arrival.mail)
    why = automatic.recognize(_with_real_sender(arrival.mail), settings.SUPPORT_ADDRESS, arrival.content.text)
    if why is not None and not (why.kind in {"list", "bulk"} and ticket is not None):
        if why.kind in {"bulk", "uncertain"}:
            return _settle(row, Action.QUARANTINED, why.reason, ticket)
        ticket = bounces.note(why, arrival.mail, ticket)
        return _settle(row, Action.IGNORED, why.reason, ticket)
    return _accept(row, arrival.content, ticket)


def _with_real_sender(mail: parsing.ParsedMail) -> parsing.ParsedMail:
    """A web form may write with our address as sender and the customer in Reply-To: then it is the customer's mail."""
    if not identity.is_written_in_our_name(mail, settings.SUPPORT_ADDRESS):
        return mail
    sender = identity.correspondent(mail, settings.SUPPORT_ADDRESS)
    return replace(mail, senders=(sender,) if sender else ())


def _accept(row: InboundMail, content: MailContent, ticket: Ticket | None) -> Receipt:
    sender = identity.correspondent(content.mail, settings.SUPPORT_ADDRESS)
    if sender is None:
        return _settle(row, Action.QUARANTINED, "No sender address")
    added = message_creation.add(message_creation.from_mail(content, sender), ticket, Ticket.Channel.EMAIL)
    return _accepted(row, added)


def _accepted(row: InboundMail, added: message_creation.Added, reason: str = "") -> Receipt:
    row.action = Action.CREATED if added.new_ticket else Action.THREADED
    row.ticket, row.message, row.reason = added.ticket, added.message, reason
    row.save(update_fields=["action", "reason", "ticket", "message", "resolved_at"])
    log.info("mail %s: inbound=%s ticket=%s size=%s", row.action, row.pk, added.ticket.pk, row.size)
    return Receipt(str(row.action), added.ticket.pk, added.message.pk, reason)


def _settle(row: InboundMail, action: str, reason: str, ticket: Ticket | None = None) -> Receipt:
    row.action, row.reason, row.ticket = action, decoding.one_line(reason, 200), ticket
    row.save(update_fields=["action", "reason", "ticket"])
    log.info("mail %s: inbound=%s reason=%s", action, row.pk, row.reason.partition(":")[0][:60])
    return Receipt(str(action), ticket.pk if ticket else None, None, row.reason)


def _quarantine_safely(arrival: Arrival, reason: str) -> Receipt:
    try:
        return _quarantine(arrival, reason)
    except OperationalError:
        raise
    except Exception:  # noqa: BLE001 - something in the mail cannot be stored: only the raw mail is
        return _quarantine(replace(arrival, content=None), reason)


def _quarantine(arrival: Arrival, reason: str) -> Receipt:
    with transaction.atomic():
        row, _created = InboundMail.objects.get_or_create(
            identity=f"sha256:{arrival.sha256}", defaults=received_mails.facts(arrival)
        )
        return _settle(row, Action.QUARANTINED, reason)


def find_ticket(mail: parsing.ParsedMail) -> Ticket | None:
    """The ticket that this mail continues: by the nearest id that it refers to, else by the token in our address."""
    ids = [*reversed(mail.in_reply_to[-MAX_ANSWERED:]), *reversed(mail.references[-MAX_REFERENCES:])]
    # In a thread that others continued, our mail is among the first.
    wanted = list(dict.fromkeys([*ids, *mail.references[:MAX_REFERENCES]]))
    found = dict(Message.objects.filter(message_id__in=wanted).values_list("message_id", "ticket_id"))
    for one in wanted:
        if one in found:
            return Ticket.objects.select_related("customer").get(pk=found[one])
    local, _, domain = settings.SUPPORT_ADDRESS.lower().partition("@")
    token = re.compile(rf"^{re.escape(local)}\+([0-9a-z]{{8,32}})@{re.escape(domain)}$")
    tokens = [match[1] for address in mail.recipients[:MAX_RECIPIENTS] if (match := token.match(address))]
    return Ticket.objects.select_related("customer").filter(reply_token__in=tokens).order_by("-pk").first()


def receive_web(
    *,
    email: str,
    text: str,
    name: str = "",
    subject: str = "",
    channel: str = Ticket.Channel.WEB,
    submission: UUID | None = None,
    at: datetime | None = None,
    parts: tuple[Part, ...] = (),
) -> Receipt:
    """A ticket from a form or an API. Raises ValidationError for a bad address or a missing text."""
    email = _valid(email)
    if not decoding.storable(text).strip():
        raise ValidationError(_("The message is empty."))
    sender = Address(decoding.one_line(name, 200), email)
    content = message_creation.from_text(sender, subject, text, parts, submission, at)
    try:
        with transaction.atomic():
            added = message_creation.add(content, None, channel)
    except IntegrityError:
        earlier = Message.objects.filter(submission=submission).first() if submission else None
        if earlier is None:
            raise
        return Receipt("duplicate", earlier.ticket_id, earlier.pk, "Sent before")
    return Receipt("created", added.ticket.pk, added.message.pk)


def _valid(email: str) -> str:
    """The address as it is stored. Django's validator is not used: it refuses letters beyond ASCII (RFC 6531)."""
    found = addresses.normal(decoding.one_line(email, 400))
    if not found or "." not in found.rpartition("@")[2]:
        raise ValidationError(_("Enter a valid email address."))
    return found


def make_ticket(row: InboundMail, actor: User, email: str = "") -> Receipt:
    """A member decides that a quarantined or ignored mail becomes a ticket. Raises ValidationError without an address.

    Ignored mail about a ticket (an answer that looked automatic) is added to that ticket.
    """
    raw = store.read_incoming(row.raw_path)
    if raw is None:
        raise ValidationError(_("The raw mail is not in the storage any more."))
    if not email.strip() and automatic.is_own(row.from_email, settings.SUPPORT_ADDRESS):
        raise ValidationError(_("This mail names our own address as its sender. Enter the customer’s address."))
    content = _read_as_far_as_possible(raw, row, _valid(email.strip() or row.from_email))
    with transaction.atomic():
        # Ignored mail about a ticket has a ticket, but no message.
        waiting = InboundMail.objects.select_for_update().filter(message__isnull=True, resolved_at__isnull=True)
        if not waiting.filter(pk=row.pk).exists():
            raise ValidationError(_("Another member has already decided about this mail."))
        row.resolved_at = timezone.now()
        added = message_creation.add(content, row.ticket, Ticket.Channel.EMAIL, actor)
        return _accepted(row, added, f"Decided by a member. Before: {row.reason}"[:200])


def _read_as_far_as_possible(raw: bytes, row: InboundMail, email: str) -> message_creation.NewMessage:
    """The mail, or if it cannot be read its beginning as text, with the whole mail attached."""
    whole = Part("original.eml", "message/rfc822", raw)
    try:
        _check_size(raw)
        content = _read_with_ticket(raw, reader.read(raw))
    except parsing.UnreadableMail:
        head = decoding.decode(raw[:20_000])
        return message_creation.from_text(Address("", email), row.subject, head, [whole])
    shown = next((sender.name for sender in content.mail.senders if sender.email.lower() == email.lower()), "")
    return message_creation.from_mail(content, Address(shown, email))


def discard(row: InboundMail) -> bool:
    """A member decides that a quarantined mail needs no answer. The row and the raw mail are kept."""
    return bool(
        InboundMail.objects.filter(pk=row.pk, resolved_at__isnull=True, action=Action.QUARANTINED).update(
            resolved_at=timezone.now()
        )
    )
