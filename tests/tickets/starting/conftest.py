"""A ticket that Mira has started."""

import uuid
from typing import Any

import pytest

from tests import cast
from tickets.mail.mime.addresses import Address
from tickets.models import Ticket, User
from tickets.starting.starting import start


def started(agent: User | None = None, **fields: Any) -> Ticket:
    """To Lena, about her invoice."""
    lena = cast.lena()
    given = {"to": Address(lena.name, lena.email), "subject": "Your invoice", "team": None, "submission": uuid.uuid4()}
    return start(agent or cast.mira(), **given | fields).ticket  # type: ignore[arg-type]


@pytest.fixture
def empty(mira: User) -> Ticket:
    return started(mira)
