"""The cast, and the waiting that other tests rely on."""

import pytest

from tests import cast
from tests.waiting import wait_until
from tickets.access import works_tickets
from tickets.models import Customer, Ticket, User


def test_the_cast_is_complete(mira: User, otto: User, tomas: Customer, ticket: Ticket) -> None:
    assert cast.mira() == mira and cast.tomas() == tomas
    assert works_tickets(mira) and not works_tickets(otto)
    assert ticket.customer == tomas and ticket.messages.count() == 1


def test_waiting_gives_up() -> None:
    with pytest.raises(AssertionError, match="not within"):
        wait_until(lambda: False, timeout=0.02)
    assert wait_until(lambda: 3) == 3
