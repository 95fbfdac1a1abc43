"""Outgoing mail of the version before: "unsure" becomes "uncertain", and the way back works too."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE, AFTER = ("tickets", "0009_language"), ("tickets", "0010_uncertain")


def migrate(*targets: tuple[str, str]) -> Any:
    executor = MigrationExecutor(connection)
    executor.migrate(list(targets))
    return MigrationExecutor(connection).loader.project_state(list(targets)).apps


@pytest.fixture
def old() -> Iterator[Any]:
    """The models of the version before; afterwards the newest again."""
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    ticket, author = cast.new_ticket(), cast.mira()
    replies = [ticket.messages.create(kind="reply", author=author, text=state).pk for state in ("unsure", "sent")]
    try:
        old = migrate(BEFORE)
        for message, state in zip(replies, ("unsure", "sent"), strict=True):
            old.get_model("tickets", "OutgoingMail").objects.create(message_id=message, to="x@y.example", state=state)
        yield old
    finally:
        migrate(*newest)


def states(apps: Any) -> list[str]:
    return list(apps.get_model("tickets", "OutgoingMail").objects.order_by("pk").values_list("state", flat=True))


def test_unsure_becomes_uncertain_and_back(old: Any) -> None:
    assert states(old) == ["unsure", "sent"]
    assert states(migrate(AFTER)) == ["uncertain", "sent"]
    assert states(migrate(BEFORE)) == ["unsure", "sent"]


def test_the_database_knows_the_new_name_only(old: Any) -> None:
    mails = migrate(AFTER).get_model("tickets", "OutgoingMail").objects
    with pytest.raises(IntegrityError), transaction.atomic():
        mails.filter(state="sent").update(state="unsure")
