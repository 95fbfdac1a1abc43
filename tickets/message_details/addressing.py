"""Who else got a message, as the line above it and the line on its delivery show it."""

from dataclasses import dataclass

from tickets.models import Message, Recipient


@dataclass(frozen=True)
class Addressed:
    """`to`, `cc`, `bcc`: names, or addresses of those who have none. `refused`: who does not have it, and why."""

    to: list[str]
    cc: list[str]
    bcc: list[str]
    refused: list[Recipient]
    some_have_it: bool


def of(message: Message) -> Addressed | None:
    """None if its recipients are not known. No query if they were fetched with it."""
    rows = list(message.recipients.all())
    if not rows:
        return None
    refused = [row for row in rows if row.refused and not row.accepted]
    to, cc, bcc = ([_shown(message, row) for row in rows if row.kind == kind] for kind in Recipient.Kind.values)
    return Addressed(to, cc, bcc, refused, any(row.accepted for row in rows))


def _shown(message: Message, row: Recipient) -> str:
    """The customer with the name of today: the row of a reply has none."""
    customer = message.ticket.customer
    return str(customer) if row.email.lower() == customer.email.lower() else str(row)
