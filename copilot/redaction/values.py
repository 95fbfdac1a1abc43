"""What the placeholders of a ticket stand for. The only writer and reader of MaskedValue, which is encrypted.

The customer's own values come from the customer's record, so that a corrected name is right at once and an erased one
is gone. All others are stored when they are first masked; showing a draft only reads them.
"""

from collections.abc import Collection, Iterator, Mapping

from django.db import transaction

from copilot.models import MaskedValue
from copilot.redaction import PLACEHOLDER, Masker, Person, sealing
from tickets.models import Ticket

SAMPLE = 20  # of the oldest rows, and of the newest


class PlaceholderTaken(Exception):
    """Another process has just given this placeholder to another value: mask again, knowing that one."""


def person_of(ticket: Ticket) -> Person:
    customer = ticket.customer
    return Person(customer.name, customer.email, customer.phone)


def known(ticket: Ticket) -> dict[str, str]:
    """Numbered placeholder -> value, in the order of assignment.

    Empty where the value cannot be opened: the placeholder stays as it is, and its number taken.
    """
    return {row.placeholder: sealing.opened(row.value) or "" for row in ticket.masked_values.all()}


def masker_of(ticket: Ticket) -> Masker:
    return Masker(person_of(ticket), known(ticket))


def values_of(ticket: Ticket, text: str) -> dict[str, str]:
    """What the placeholders of `text` stand for. The customer's own values need no query."""
    values = Masker(person_of(ticket)).values
    if any(found[1] not in values for found in PLACEHOLDER.finditer(text)):
        values |= {placeholder: value for placeholder, value in known(ticket).items() if value}
    return values


def add(ticket_id: int, added: Mapping[str, str]) -> None:
    """Store the placeholders that a masker assigned, in the caller's transaction. Raises PlaceholderTaken."""
    if not added:
        return
    # In a fixed order: two processes that store the same two must not wait for each other.
    rows = [_row(ticket_id, placeholder, value) for placeholder, value in sorted(added.items())]
    with transaction.atomic():
        MaskedValue.objects.bulk_create(rows, ignore_conflicts=True)
        there = MaskedValue.objects.filter(ticket=ticket_id, placeholder__in=added)
        # Opened: the same value is never sealed twice to the same text.
        kept = {name: sealing.opened(text) for name, text in there.values_list("placeholder", "value")}
        if kept != dict(added):
            raise PlaceholderTaken


def _row(ticket_id: int, placeholder: str, value: str) -> MaskedValue:
    fingerprint = sealing.fingerprint(value)
    return MaskedValue(
        ticket_id=ticket_id, placeholder=placeholder, value=sealing.sealed(value), fingerprint=fingerprint
    )


def customers_with(values: Collection[str]) -> Iterator[tuple[str, int]]:
    """Each of these values that was masked on a ticket, however it is written there, with the ticket's customer."""
    asked = {fingerprint: value for value in values for fingerprint in sealing.fingerprints(value)}
    rows = MaskedValue.objects.filter(fingerprint__in=asked).order_by()
    for fingerprint, customer_id in rows.values_list("fingerprint", "ticket__customer").distinct():
        yield asked[fingerprint], customer_id


def not_opened() -> int:
    """How many of the oldest and newest values cannot be opened. Not of all: doctor must be quick."""
    rows = MaskedValue.objects.values_list("pk", "value")
    looked_at = dict(rows.order_by("pk")[:SAMPLE]) | dict(rows.order_by("-pk")[:SAMPLE])
    return sum(1 for text in looked_at.values() if sealing.opened(text) is None)
