"""The public contact form: a message becomes a ticket that knows what its writer had read before.

The help center hands that over as a signed list (config.web.public_site.VISIT_SALT); the desk needs to
know nothing else about it. Robots are slowed down, never at the price of a person's message: what
looks like a robot is asked to press Send once more, with everything typed still there.
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
QUICKEST = 3  # seconds in which a person fills in a form
LONGEST = 24 * 3600  # seconds that a form may stay open, and that what was read is news
AGAIN = "again"  # in the note of a form that came back: its writer was asked to wait once, not twice


@dataclass(frozen=True)
class Handed:
    """What the help center passed on; `read` holds (article id, title)."""

    read: tuple[tuple[int, str], ...] = ()
    query: str = ""
    visit: UUID | None = None

    def only(self, ids: Iterable[str], query: bool) -> "Handed":
        """What the writer left ticked."""
        wanted = set(ids)
        read = tuple(pair for pair in self.read if str(pair[0]) in wanted)
        return Handed(read, self.query if query else "", self.visit)


def unpack(signed: str) -> Handed:
    """Of a list that we signed within the last day; anything else is nothing."""
    try:
        data = signing.loads(signed, salt=VISIT_SALT, max_age=LONGEST)
        read = tuple((int(article), str(title)[:200]) for article, title in data["read"])
        return Handed(read, str(data["query"])[:300], UUID(data["visit"]) if data["visit"] else None)
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        return Handed()


class ContactForm(forms.Form):
    """Labels and hints are the template's; Django's messages come in the page's language."""

    name = forms.CharField(max_length=200, required=False, strip=True)
    email = forms.EmailField(max_length=254)
    subject = forms.CharField(max_length=200, strip=True)
    message = forms.CharField(max_length=20_000, strip=True)


def opened(again: bool = False) -> str:
    """A signed note of now, for the time trap; `again`: of a form that was shown before."""
    return signing.dumps(AGAIN if again else "", salt=OPENED_SALT)


def looks_like_a_robot(data: Mapping[str, str]) -> bool:
    """A field that no person sees is filled in, or the form came back faster than anybody types."""
    if data.get("website"):
        return True
    token = data.get("opened", "")
    try:
        if signing.loads(token, salt=OPENED_SALT, max_age=LONGEST) == AGAIN:
            return False
    except signing.BadSignature:  # forged, or open since yesterday
        return True
    try:
        signing.loads(token, salt=OPENED_SALT, max_age=QUICKEST)
    except signing.SignatureExpired:
        return False
    return True


def submit(written: Mapping[str, Any], handed: Handed, language: str, parts: tuple[Part, ...] = ()) -> Receipt:
    """The ticket with its message, what was read before, and the visit, in one transaction.

    ValidationError on an address that no mail can go to; the same submission twice is one ticket.
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
            _note(Ticket.objects.get(pk=receipt.ticket_id), handed, language)
    return receipt


def _note(ticket: Ticket, handed: Handed, language: str) -> None:
    fields: dict[str, Any] = {"help_visit": handed.visit}
    if not ticket.language:
        fields["language"] = language
    Ticket.objects.filter(pk=ticket.pk).update(**fields)
    if handed.read or handed.query:
        read = [{"id": article, "title": title} for article, title in handed.read]
        timeline.record(ticket, TicketEvent.Kind.RECEIVED, read=read, searched=handed.query)


def read_before(ticket: Ticket) -> dict[str, Any] | None:
    """What its writer had read and searched, for the agent: {"read": [{"id", "title"}], "searched"}."""
    if ticket.channel != Ticket.Channel.WEB:
        return None
    events = ticket.events.filter(kind=TicketEvent.Kind.RECEIVED).values_list("data", flat=True)[:10]
    return next((data for data in events if "read" in data), None)


def new_form() -> str:
    """Names one filled-in form, so that pressing Send twice makes one ticket."""
    return str(uuid.uuid4())


def _submission(written: Mapping[str, Any]) -> UUID:
    """Of the form and its words: whoever goes back and writes something else writes a second ticket."""
    words = "\n".join(str(written[name]) for name in ("form", "email", "subject", "message"))
    return uuid.uuid5(uuid.NAMESPACE_URL, words)
