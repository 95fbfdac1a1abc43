"""What waits for the agent on opening a ticket, as the queue shows it. Reads only.

A writer that died has left "being written" behind. Whoever writes drafts tells which tickets those are, so that a row
says so at once and not only when somebody has noted it.
"""

from collections.abc import Callable, Collection, Iterable

from tickets.models import Ticket

Left = Callable[[Collection[int]], Collection[int]]  # of these tickets, those that nobody writes for any more
_asked: list[Left] = []


def register(left: Left) -> None:
    _asked[:] = [left]


def settle(tickets: Iterable[Ticket]) -> None:
    """Show a draft that its writer has left as one that waits; nothing is saved."""
    written = [ticket for ticket in tickets if ticket.preparation == Ticket.Preparation.WORKING]
    if not written:
        return
    left = {number for ask in _asked for number in ask([ticket.pk for ticket in written])}
    for ticket in written:
        if ticket.pk in left:
            ticket.preparation = Ticket.Preparation.WAITING
