"""The public contact form: a message becomes a ticket that shows what the customer had read before writing.

The help center passes that on as a signed list (config.web.public_site.VISIT_SALT), so that this app needs nothing
else of it. No message is lost to the spam check: what looks like a robot is asked to press Send again, with everything
typed still there.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.core import signing
from django.db import transaction

from config.web.public_site import VISIT_SALT
from tickets import timeline
from tickets.mail import intake
from tickets.mail.intake import Receipt
from tickets.mail.mime.body import Part
from tickets.models import Ticket, TicketEvent

OPENED_SALT = "contact.opened"
SENT_SALT = "contact.sent"
MIN_SECONDS = 3  # nobody fills in a form faster
MAX_AGE = 24 * 3600  # seconds that a form may stay open and that what was read still counts
AGAIN = "again"  # in the token of a form that is shown again: the time check runs once, not twice


@dataclass(frozen=True)
class PassedOn:
    """What the customer did in the help center; `read` holds (article id, title)."""

    read: tuple[tuple[int, str], ...] = ()
    query: str = ""
    visit: UUID | None = None

    def only(self, ids: Iterable[str], query: bool) -> "PassedOn":
        """What the customer agreed to share."""
        wanted = set(ids)
        read = tuple(pair for pair in self.read if str(pair[0]) in wanted)
        return PassedOn(read, self.query if query else "", self.visit)


def unpack(signed: str) -> PassedOn:
    """A list that we signed within the last day; empty for anything else."""
    try:
        data = signing.loads(signed, salt=VISIT_SALT, max_age=MAX_AGE)
        read = tuple((int(article), str(title)[:200]) for article, title in data["read"])
        return PassedOn(read, str(data["query"])[:300], UUID(data["visit"]) if data["visit"] else None)
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        return PassedOn()


class ContactForm(forms.Form):
    """Labels and hints are in the template. Django's error messages come in the page's language."""

    name = forms.CharField(max_length=200, required=False, strip=True)
    email = forms.EmailField(max_length=254)
    subject = forms.CharField(max_length=200, strip=True)
    message = forms.CharField(max_length=20_000, strip=True)


def opened(again: bool = False) -> str:
    """A signed token with the time, for `looks_like_a_robot`; `again`: the form was shown before."""
    return signing.dumps(AGAIN if again else "", salt=OPENED_SALT)


def looks_like_a_robot(data: Mapping[str, str]) -> bool:
    """A field that people cannot see is filled in, or the form was sent faster than anybody types."""
    if data.get("website"):
        return True
    token = data.get("opened", "")
    try:
        if signing.loads(token, salt=OPENED_SALT, max_age=MAX_AGE) == AGAIN:
            return False
    except signing.BadSignature:  # forged, or older than MAX_AGE
        return True
    try:
        signing.loads(token, salt=OPENED_SALT, max_age=MIN_SECONDS)
    except signing.SignatureExpired:
        return False
    return True


def submit(written: Mapping[str, Any], passed_on: PassedOn, language: str, parts: tuple[Part, ...] = ()) -> Receipt:
    """Creates the ticket with its message, what was read before, and the visit, in one transaction.

    ValidationError for an address that cannot receive mail. The same submission twice is one ticket.
    """
    with transaction.atomic():
        receipt = intake.receive_web(
            email=written["email"],
            name=written["name"],
            subject=written["subject"],
            text=written["message"],
            submission=_submission(written),
            parts=parts,
        )
        if receipt.action == "created" and receipt.ticket_id:
            _add_visit(Ticket.objects.get(pk=receipt.ticket_id), passed_on, language)
    return receipt


def _add_visit(ticket: Ticket, passed_on: PassedOn, language: str) -> None:
    fields: dict[str, Any] = {"help_visit": passed_on.visit}
    if not ticket.language:
        fields["language"] = language
    Ticket.objects.filter(pk=ticket.pk).update(**fields)
    if passed_on.read or passed_on.query:
        read = [{"id": article, "title": title} for article, title in passed_on.read]
        timeline.record(ticket, TicketEvent.Kind.RECEIVED, read=read, searched=passed_on.query)


def read_before(ticket: Ticket) -> dict[str, Any] | None:
    """What the customer read and searched before writing: {"read": [{"id", "title"}], "searched"}."""
    if ticket.channel != Ticket.Channel.WEB:
        return None
    events = ticket.events.filter(kind=TicketEvent.Kind.RECEIVED).values_list("data", flat=True)[:10]
    return next((data for data in events if "read" in data), None)


def new_form() -> str:
    """An id of one form on one screen, so that pressing Send twice makes one ticket."""
    return str(uuid.uuid4())


def _submission(written: Mapping[str, Any]) -> UUID:
    """From the form's id and its texts: going back and writing something else makes a second ticket."""
    texts = "\n".join(str(written[name]) for name in ("form", "email", "subject", "message"))
    return uuid.uuid5(uuid.NAMESPACE_URL, texts)
