"""The ticket of these tests has waited since a known time."""

import pytest

from tests import cast
from tests.tickets.undoing import SINCE
from tickets.models import Ticket


@pytest.fixture
def ticket(db: None) -> Ticket:
    return cast.new_ticket(waiting_since=SINCE)
