"""What is forwarded, as the text below the agent's words. Notes, other forwards and answers to them are never in it."""

from collections.abc import Iterable

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tickets.mail import recipient_rows
from tickets.mail.mime.addresses import Address
from tickets.models import Message, OutgoingMail, Ticket

LONGEST = 100_000  # characters
RULE = "-" * 10


def one(message: Message) -> str:
    """One message. In the desk's language: which one the recipient reads is not known."""
    with translation.override(settings.LANGUAGE_CODE):
        title = _ruled(_("Forwarded message"))
        return f"{title}\n{_written(message)}"[:LONGEST]


def whole(ticket: Ticket, upto: Message) -> str:
    """This message, and before it what customer and desk wrote to each other, the oldest first.

    What is too much is left out at the beginning.
    """
    said = ticket.messages.filter(kind__in=Message.WITH_CUSTOMER).exclude(outgoing__state=OutgoingMail.State.UNDONE)
    earlier = said.filter(created_at__lte=upto.created_at).exclude(pk=upto.pk).prefetch_related("recipients")
    with translation.override(settings.LANGUAGE_CODE):
        parts, left = [_written(upto)], LONGEST
        for message in earlier.order_by("-created_at", "-id").iterator(chunk_size=50):
            left -= len(parts[-1])
            message.ticket = ticket  # without a query for each
            parts.append(_written(message) if len(message.text) < left else "[…]")
            if parts[-1] == "[…]":
                break
        title = _ruled(_("Forwarded conversation"))
        return f"\n\n{RULE}\n".join([f"{title}\n{parts[-1]}", *reversed(parts[:-1])])[: LONGEST * 2]


def _ruled(title: str) -> str:
    return f"{RULE} {title} {RULE}"


def _written(message: Message) -> str:
    at = message.created_at
    date = f"{date_format(at, 'SHORT_DATE_FORMAT')}, {date_format(at, 'H:i')} UTC"
    kept = recipient_rows.stored(message)
    fields = [
        (_("From"), _shown([_sender(message)])),
        (_("Date"), date),
        (_("To"), _shown(kept.to)),
        (_("Cc"), _shown(kept.cc)),
        (_("Subject"), " ".join(message.ticket.subject.split())),
    ]
    head = "\n".join(f"{name}: {value}" for name, value in fields if value)
    return f"{head}\n\n{message.text.strip()}"


def _sender(message: Message) -> Address:
    if message.kind == Message.Kind.REPLY:
        return Address(settings.SUPPORT_NAME, settings.SUPPORT_ADDRESS)
    customer = message.ticket.customer
    return Address(message.from_name or customer.name, message.from_email or customer.email)


def _shown(addresses: Iterable[Address]) -> str:
    return ", ".join(f"{each.name} <{each.email}>" if each.name else each.email for each in addresses)
