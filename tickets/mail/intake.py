"""Mail or form → ticket, once per Message-ID. Whatever arrives is on disk before it is read.

Threading: by the ids in In-Reply-To and References, then by the token in our reply address;
never by subject alone. Whoever answers into a thread is added to it, even from an unknown
address: colleagues and second mailboxes do so every day, our ids are not guessable, and
nothing leaks, because replies go to the ticket's customer only (tickets/outbox.py). The
message carries the sender's own address, and the timeline says that it was somebody else.
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

from tickets.mail import automatic, bounces, identity, message_creation, reader, received_mails, store
from tickets.mail.mime import addresses, decoding, parsing
from tickets.mail.mime.addresses import Address
from tickets.mail.mime.body import Part
from tickets.mail.reading import Letter
from tickets.mail.received_mails import Arrival
from tickets.models import InboundMail, Message, Ticket, User

log = logging.getLogger(__name__)

Action = InboundMail.Action
# How much of a mail's thread is looked up.
MAX_ANSWERED = 10
MAX_REFERENCES = 60
MAX_RECIPIENTS = 200
MAX_MESSAGES = 30
MAX_SAID = 20_000


@dataclass(frozen=True)
class Receipt:
    """`action`: created, threaded, duplicate, ignored or quarantined."""

    action: str
    ticket_id: int | None = None
    message_id: int | None = None
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """The shape that `manage.py receive_mail --json` promises."""
        return {"ticket": self.ticket_id, "message": self.message_id, "action": self.action, "reason": self.reason}


def receive(raw: bytes) -> Receipt:
    """Takes one mail in. Raises only if neither disk nor database can keep it, or no process can read it."""
    raw_path = store.keep_incoming(raw)
    before = _before(Arrival(raw_path, len(raw), store.sha256(raw), None))  # the same bytes are not read again
    if before is not None:
        return before
    arrival, problem = _read(raw, raw_path)
    before = _before(arrival)
    if before is not None:
        return before
    try:
        with transaction.atomic():
            return _decide(arrival, problem)
    except IntegrityError:
        # Another process took the same mail at the same moment; anything else is a defect.
        before = _before(arrival)
        return before or _quarantine_safely(arrival, "the database refused it")
    except OperationalError:
        raise
    except Exception as error:  # noqa: BLE001 - the last resort keeps the mail for a person
        log.exception("intake failed: mail=%s", arrival.sha256)
        return _quarantine_safely(arrival, f"an error in Copydesk ({type(error).__name__})")


def _read(raw: bytes, raw_path: str) -> tuple[Arrival, str]:
    """Before any transaction, in the reader's own process."""
    problem = ""
    try:
        if len(raw) > settings.MAIL_MAX_BYTES:
            raise parsing.UnreadableMail(f"larger than {settings.MAIL_MAX_BYTES // (1024 * 1024)} MB")
        letter: Letter | None = _in_its_thread(raw, reader.read(raw))
    except parsing.UnreadableMail as error:
        problem, letter = str(error), reader.read_headers(raw)
    arrival = Arrival(raw_path, len(raw), store.sha256(raw), letter, whole=not problem)
    if not problem and not raw.strip():
        problem = "the mail is empty"
    if not problem and arrival.sender is None:
        problem = "no sender address"
    return arrival, problem


def _in_its_thread(raw: bytes, letter: Letter) -> Letter:
    """Read again with what was said on its ticket: then a quotation of ours is known from a pasted prompt.

    Where that fails, it stays as it was read before.
    """
    ticket = find_ticket(letter.mail)
    if ticket is None:
        return letter
    said = ticket.messages.exclude(kind=Message.Kind.NOTE).order_by("-pk").values_list("text", flat=True)
    try:
        return reader.read(raw, tuple(text[:MAX_SAID] for text in said[:MAX_MESSAGES]))
    except parsing.UnreadableMail:
        return letter


def _before(arrival: Arrival) -> Receipt | None:
    found = received_mails.seen(arrival)
    if isinstance(found, InboundMail):
        return Receipt("duplicate", found.ticket_id, found.message_id, f"arrived before ({found.action})")
    return Receipt("duplicate", found.ticket_id, found.pk, "arrived before") if found else None


def _decide(arrival: Arrival, problem: str) -> Receipt:
    """One transaction, claim first. A second process waits for the write lock (SQLite), then sees the
    first one's row; or it fails on the unique identity (PostgreSQL), which `receive` turns into the same."""
    before = _before(arrival)
    if before is not None:
        return before
    row = received_mails.claim(arrival)
    if problem or arrival.letter is None or arrival.mail is None:
        return _settle(row, Action.QUARANTINED, problem)
    ticket = find_ticket(arrival.mail)
    why = automatic.recognise(_as_written(arrival.mail), settings.SUPPORT_ADDRESS, arrival.letter.text)
    if why is not None and not (why.kind in {"list", "bulk"} and ticket is not None):
        if why.kind in {"bulk", "unsure"}:
            return _settle(row, Action.QUARANTINED, why.reason, ticket)
        ticket = bounces.note(why, arrival.mail, ticket)
        return _settle(row, Action.IGNORED, why.reason, ticket)
    return _admit(row, arrival.letter, ticket)


def _as_written(mail: parsing.ParsedMail) -> parsing.ParsedMail:
    """A form that writes in our name, with the customer in Reply-To, is that customer's mail."""
    if not identity.as_received(mail, settings.SUPPORT_ADDRESS):
        return mail
    sender = identity.correspondent(mail, settings.SUPPORT_ADDRESS)
    return replace(mail, senders=(sender,) if sender else ())


def _admit(row: InboundMail, letter: Letter, ticket: Ticket | None) -> Receipt:
    sender = identity.correspondent(letter.mail, settings.SUPPORT_ADDRESS)
    if sender is None:
        return _settle(row, Action.QUARANTINED, "no sender address")
    admitted = message_creation.admit(message_creation.from_letter(letter, sender), ticket, Ticket.Channel.EMAIL)
    return _filed(row, admitted)


def _filed(row: InboundMail, admitted: message_creation.Admitted, reason: str = "") -> Receipt:
    row.action = Action.CREATED if admitted.created else Action.THREADED
    row.ticket, row.message, row.reason = admitted.ticket, admitted.message, reason
    row.save(update_fields=["action", "reason", "ticket", "message", "resolved_at"])
    log.info("mail %s: inbound=%s ticket=%s size=%s", row.action, row.pk, admitted.ticket.pk, row.size)
    return Receipt(str(row.action), admitted.ticket.pk, admitted.message.pk, reason)


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
    except Exception:  # noqa: BLE001 - what cannot be told or stored of the mail is left out
        return _quarantine(replace(arrival, letter=None), reason)


def _quarantine(arrival: Arrival, reason: str) -> Receipt:
    with transaction.atomic():
        row, _ = InboundMail.objects.get_or_create(
            identity=f"sha256:{arrival.sha256}", defaults=received_mails.facts(arrival)
        )
        return _settle(row, Action.QUARANTINED, reason)


def find_ticket(mail: parsing.ParsedMail) -> Ticket | None:
    """The ticket that this mail continues: by the nearest of the ids that it names, then by our token."""
    ids = [*reversed(mail.in_reply_to[-MAX_ANSWERED:]), *reversed(mail.references[-MAX_REFERENCES:])]
    # In a thread that went on without us our mail stands first.
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
    """A form's or an API's ticket. ValidationError on a bad address or no text; the form shows it."""
    email = _valid(email)
    if not decoding.storable(text).strip():
        raise ValidationError("There is no text.")
    sender = Address(decoding.one_line(name, 200), email)
    written = message_creation.plain(sender, subject, text, parts, submission, at)
    try:
        with transaction.atomic():
            admitted = message_creation.admit(written, None, channel)
    except IntegrityError:
        before = Message.objects.filter(submission=submission).first() if submission else None
        if before is None:
            raise
        return Receipt("duplicate", before.ticket_id, before.pk, "sent before")
    return Receipt("created", admitted.ticket.pk, admitted.message.pk)


def _valid(email: str) -> str:
    """As it is stored. Addresses in every script are addresses (RFC 6531), so Django's own test is not asked."""
    found = addresses.normal(decoding.one_line(email, 400))
    if not found or "." not in found.rpartition("@")[2]:
        raise ValidationError("Enter a valid email address.")
    return found


def make_ticket(row: InboundMail, actor: User, email: str = "") -> Receipt:
    """A person's decision about a mail that was quarantined or ignored. ValidationError without an address.

    What was ignored because of a ticket (an answer that looked automatic) goes to that ticket.
    """
    raw = store.read_incoming(row.raw_path)
    if raw is None:
        raise ValidationError("The raw mail is no longer there.")
    if not email.strip() and automatic.is_own(row.from_email, settings.SUPPORT_ADDRESS):
        raise ValidationError("This mail says that we wrote it. Enter the customer's address.")
    written = _salvage(raw, row, _valid(email.strip() or row.from_email))
    with transaction.atomic():
        # Ignored mail about a ticket names the ticket, never a message.
        waiting = InboundMail.objects.select_for_update().filter(message__isnull=True, resolved_at__isnull=True)
        if not waiting.filter(pk=row.pk).exists():
            raise ValidationError("Somebody else has dealt with this mail.")
        row.resolved_at = timezone.now()
        # An answer that might have been a machine's, or an absence about a ticket, goes where it belongs.
        admitted = message_creation.admit(written, row.ticket, Ticket.Channel.EMAIL, actor)
        return _filed(row, admitted, f"by a person; before: {row.reason}"[:200])


def _salvage(raw: bytes, row: InboundMail, email: str) -> message_creation.Written:
    """The mail as far as it can be read; else its beginning as text, with all of it attached."""
    whole = Part("original.eml", "message/rfc822", raw)
    try:
        if len(raw) > settings.MAIL_MAX_BYTES:
            raise parsing.UnreadableMail("too big to be opened")
        letter = _in_its_thread(raw, reader.read(raw))
    except parsing.UnreadableMail:
        head = decoding.decode(raw[:20_000])
        return message_creation.plain(Address("", email), row.subject, head, [whole])
    shown = next((sender.name for sender in letter.mail.senders if sender.email.lower() == email.lower()), "")
    return message_creation.from_letter(letter, Address(shown, email))


def discard(row: InboundMail) -> bool:
    """A person says that nothing needs to be done. The row and the raw mail stay."""
    return bool(
        InboundMail.objects.filter(pk=row.pk, resolved_at__isnull=True, action=Action.QUARANTINED).update(
            resolved_at=timezone.now()
        )
    )
