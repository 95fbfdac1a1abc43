"""Drafts of an older version show the same values after the upgrade."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from copilot.drafting.record import shown_text
from copilot.models import Draft, MaskedValue
from tests import cast
from tests.copilot.test_migrating_calls import migrate

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def old() -> Iterator[Any]:
    """The models of the version before; afterwards the newest again."""
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    try:
        yield migrate(("copilot", "0006_model_calls"))
    finally:
        migrate(*newest)


def test_an_upgrade(old: Any) -> None:
    ticket = cast.new_ticket(text="I am Tomas. Ask ana@mail.example or bo@mail.example.")
    drafts = old.get_model("copilot", "Draft").objects
    kept = {"ticket_id": ticket.pk, "message_id": ticket.messages.get().pk, "state": "ready"}
    draft = drafts.create(text="Hi <NAME>, I wrote to <EMAIL_2> [1].", **kept)
    migrate(("copilot", "0008_values_of_placeholders"))
    assert shown_text(Draft.objects.get(pk=draft.pk)) == "Hi Tomas, I wrote to bo@mail.example [1]."
    assert list(MaskedValue.objects.values_list("placeholder", "value")) == [("EMAIL_2", "bo@mail.example")]
