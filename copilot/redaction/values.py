"""What the placeholders of a ticket stand for. The only writer of MaskedValue.

The customer's own values come from the customer's record, so that a corrected name is right at once and an erased one
is gone. All others are stored when they are first masked; showing a draft only reads them.
"""

from collections.abc import Mapping

from django.db import transaction

from copilot.models import MaskedValue
from copilot.redaction import PLACEHOLDER, Masker, Person
from tickets.models import Ticket


class PlaceholderTaken(Exception):
    """Another process has just given this placeholder to another value: mask again, knowing that one."""


def person_of(ticket: Ticket) -> Person:
    customer = ticket.customer
    return Person(customer.name, customer.email, customer.phone)


def known(ticket: Ticket) -> dict[str, str]:
    """Numbered placeholder -> value, in the order of assignment."""
    return {row.placeholder: row.value for row in ticket.masked_values.all()}


def masker_of(ticket: Ticket) -> Masker:
    return Masker(person_of(ticket), known(ticket))


def values_of(ticket: Ticket, text: str) -> dict[str, str]:
    """What the placeholders of `text` stand for. The customer's own values need no query."""
    values = Masker(person_of(ticket)).values
    if any(found[1] not in values for found in PLACEHOLDER.finditer(text)):
        values |= known(ticket)
    return values


def add(ticket_id: int, added: Mapping[str, str]) -> None:
    """Store the placeholders that a masker assigned, in the caller's transaction. Raises PlaceholderTaken."""
    if not added:
        return
    # In a fixed order: two processes that store the same two must not wait for each other.
    rows = [MaskedValue(ticket_id=ticket_id, placeholder=name, value=value) for name, value in sorted(added.items())]
    with transaction.atomic():
        MaskedValue.objects.bulk_create(rows, ignore_conflicts=True)
        there = MaskedValue.objects.filter(ticket=ticket_id, placeholder__in=added)
        if dict(there.values_list("placeholder", "value")) != dict(added):
            raise PlaceholderTaken
