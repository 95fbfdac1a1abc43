"""Which tickets that we started have no message yet, as the queue and the dialog of new tickets show it. Reads only."""

from collections.abc import Iterable

from tickets.models import Message, OutgoingMail, Ticket


def mark(tickets: Iterable[Ticket]) -> None:
    """Sets `unwritten` on the tickets without a message. Notes and undone replies do not count."""
    empty = {each.pk for each in tickets if each.channel == Ticket.Channel.OUTGOING and not each.preview}
    if not empty:
        return
    messages = Message.objects.filter(ticket__in=empty).exclude(kind=Message.Kind.NOTE)
    written = messages.exclude(outgoing__state=OutgoingMail.State.UNDONE).order_by().values_list("ticket", flat=True)
    empty -= set(written.distinct())
    for ticket in tickets:
        ticket.unwritten = ticket.pk in empty  # type: ignore[attr-defined]
