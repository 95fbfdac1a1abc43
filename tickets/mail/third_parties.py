"""Whether a mail on a ticket is from somebody to whom the ticket was forwarded. The customer knows nothing of it."""

from collections.abc import Sequence

from tickets.mail.mime.addresses import Address
from tickets.models import Message, OutgoingMail, Recipient, Ticket

Kind = Message.Kind


def wrote(ticket: Ticket, sender: Address, answered: Sequence[str]) -> bool:
    """`answered`: the ids that the mail refers to, the nearest first.

    It answers what we forwarded, or an earlier answer to that. If it says of no message of the ticket that it answers
    it, the address decides: a forward went there, and no reply.
    """
    if sender.email.lower() == ticket.customer.email.lower():
        return False
    kinds = dict(ticket.messages.filter(message_id__in=answered).values_list("message_id", "kind"))
    nearest = next((kinds[each] for each in answered if each in kinds), "")
    if nearest:
        return nearest in (Kind.FORWARD, Kind.OTHER)
    got = Recipient.objects.filter(message__ticket=ticket, email__iexact=sender.email)
    got = got.exclude(message__outgoing__state=OutgoingMail.State.UNDONE)
    kinds_got = set(got.values_list("message__kind", flat=True))
    return bool(kinds_got) and kinds_got <= {Kind.FORWARD, Kind.OTHER}
