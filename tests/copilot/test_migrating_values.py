"""Drafts of an older version show the same values after the upgrade, and the values are encrypted then."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from copilot.drafting.record import shown_text
from copilot.models import Draft
from copilot.redaction import values
from tests import cast
from tests.copilot.test_migrating_calls import migrate
from tickets.models import Ticket

pytestmark = pytest.mark.django_db(transaction=True)
NUMBERED, CLEAR, SEALED = (
    ("copilot", name) for name in ("0008_values_of_placeholders", "0016_purposes_of_calls", "0017_seal_masked_values")
)
NAMES = ("ana", "bo", "cy", "di", "eve")


@pytest.fixture
def newest() -> Iterator[list[tuple[str, str]]]:
    """The last migrations, which are there again afterwards."""
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    try:
        yield newest
    finally:
        migrate(*newest)


@pytest.fixture
def batches_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module(f"copilot.migrations.{SEALED[1]}"), "BATCH", 2)


def rows(models: Any) -> Any:
    return models.get_model("copilot", "MaskedValue").objects.order_by("pk")


def test_an_upgrade(newest: list[tuple[str, str]]) -> None:
    old = migrate(("copilot", "0006_model_calls"))
    ticket = cast.new_ticket(text="I am Tomas. Ask ana@mail.example or bo@mail.example.")
    drafts = old.get_model("copilot", "Draft").objects
    kept = {"ticket_id": ticket.pk, "message_id": ticket.messages.get().pk, "state": "ready"}
    draft = drafts.create(text="Hi <NAME>, I wrote to <EMAIL_2> [1].", **kept)
    numbered = migrate(NUMBERED)
    assert list(rows(numbered).values_list("placeholder", "value")) == [("EMAIL_2", "bo@mail.example")]
    migrate(*newest)
    assert shown_text(Draft.objects.get(pk=draft.pk)) == "Hi Tomas, I wrote to bo@mail.example [1]."


@pytest.fixture
def clear(newest: Any, batches_of_two: None) -> Ticket:
    """A ticket of the version that did not encrypt: more rows than fit into one batch."""
    models, ticket = migrate(CLEAR), cast.new_ticket()
    for number, name in enumerate(NAMES, 1):
        rows(models).create(ticket_id=ticket.pk, placeholder=f"EMAIL_{number}", value=f"{name}@mail.example")
    return ticket


def test_all_values_are_encrypted_and_found(clear: Ticket) -> None:
    kept = [value for _, value in rows(migrate(SEALED)).values_list("placeholder", "value")]
    assert len(kept) == len(NAMES) and [value for value in kept if "@" in value] == []
    assert list(values.known(clear).values()) == [f"{name}@mail.example" for name in NAMES]
    found = values.customers_with({f"{name}@mail.example" for name in NAMES})
    assert sorted(found) == [(f"{name}@mail.example", clear.customer_id) for name in NAMES]


def test_the_way_back(clear: Ticket, settings: Any) -> None:
    """What cannot be opened becomes its own placeholder, which is what a draft shows of it anyway."""
    migrate(SEALED)
    settings.SECRET_KEY, before = "another-Kq3Wd8Xz1Mv6Tb4Rn9Lc2Hy7Gj5Fs0Pe", settings.SECRET_KEY
    values.add(clear.pk, {"EMAIL_6": "fay@mail.example"})
    settings.SECRET_KEY = before
    kept = dict(rows(migrate(CLEAR)).values_list("placeholder", "value"))
    expected = {f"EMAIL_{number}": f"{name}@mail.example" for number, name in enumerate(NAMES, 1)}
    assert kept == expected | {"EMAIL_6": "<EMAIL_6>"}
