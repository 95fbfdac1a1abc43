"""The state of a ticket's draft, as the queue shows it. Reads only.

A drafter that died leaves "being written" behind. The app that writes drafts registers a function that finds those
tickets, so that the queue shows it at once, before the draft is taken over.
"""

from collections.abc import Callable, Collection, Iterable

from tickets.models import Ticket

FindAbandoned = Callable[[Collection[int]], Collection[int]]  # of these tickets, those whose drafter has died
_registered: list[FindAbandoned] = []


def register(find: FindAbandoned) -> None:
    _registered[:] = [find]


def settle(tickets: Iterable[Ticket]) -> None:
    """Show a draft whose drafter has died as waiting. Nothing is saved."""
    writing = [ticket for ticket in tickets if ticket.preparation == Ticket.Preparation.WORKING]
    if not writing:
        return
    abandoned = {number for find in _registered for number in find([ticket.pk for ticket in writing])}
    for ticket in writing:
        if ticket.pk in abandoned:
            ticket.preparation = Ticket.Preparation.WAITING
