"""Replies of the version before had one address; now it is a row, and the way back works too."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests import cast
from tests.tickets.desk.test_migrating_mails import migrate

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE, AFTER = ("tickets", "0023_snooze"), ("tickets", "0025_outgoing_mail_without_to")


@pytest.fixture
def old() -> Iterator[Any]:
    """The models of the version before; afterwards the newest again."""
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    ticket, author = cast.new_ticket(), cast.mira()
    replies = [ticket.messages.create(kind="reply", author=author, text=state).pk for state in ("sent", "queued")]
    try:
        old = migrate(BEFORE)
        for message, state in zip(replies, ("sent", "queued"), strict=True):
            old.get_model("tickets", "OutgoingMail").objects.create(message_id=message, to="x@y.example", state=state)
        yield old
    finally:
        migrate(*newest)


def test_the_address_of_a_reply_becomes_its_recipient(old: Any) -> None:
    rows = migrate(AFTER).get_model("tickets", "Recipient").objects.order_by("message_id")
    assert list(rows.values_list("kind", "email", "accepted", "refused")) == [
        ("to", "x@y.example", True, ""),
        ("to", "x@y.example", False, ""),
    ]


def test_the_way_back_keeps_the_first_address(old: Any) -> None:
    new = migrate(AFTER)
    message = new.get_model("tickets", "OutgoingMail").objects.first().message_id
    new.get_model("tickets", "Recipient").objects.create(message_id=message, kind="cc", email="anna@berg.example")
    mails = migrate(BEFORE).get_model("tickets", "OutgoingMail").objects
    assert list(mails.values_list("to", flat=True)) == ["x@y.example", "x@y.example"]
