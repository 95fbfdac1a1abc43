"""The categories of tickets were free text. Each word is a row after the upgrade, and the way back works too."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE, AFTER = ("tickets", "0012_admin_log_without_names"), ("tickets", "0015_remove_category_text")
# What tickets said, and which category that is.
SAID = {
    "": None,
    " ": None,
    "billing": "billing",
    "Billing": "billing",
    "product question": "product_question",
    "vip-club": "vip-club",
    "vip_club": "vip-club",
    "Größe & Maß": "groe_ma",
    "C": "C",
    "C++": "c_2",
    "問題": "category",
    "问题": "category_2",
    "none": "none_2",
    "x" * 40: "x" * 40,
}
RARE = ["r1", "r2", "r3"]


def migrate(*targets: tuple[str, str]) -> Any:
    executor = MigrationExecutor(connection)
    executor.migrate(list(targets))
    return MigrationExecutor(connection).loader.project_state(list(targets)).apps


@pytest.fixture
def old() -> Iterator[Any]:
    """The models of the version before, with tickets; afterwards the newest again."""
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    customer = cast.tomas()
    try:
        old = migrate(BEFORE)
        tickets = old.get_model("tickets", "Ticket").objects
        said = [*SAID, *SAID, *RARE]  # twice, so that they are used more often than the rare ones
        for number, category in enumerate(said):
            tickets.create(customer_id=customer.pk, subject=category, category=category, reply_token=f"t{number}")
        yield old
    finally:
        migrate(*newest)


def categories_by_subject(apps: Any, field: str = "category_id") -> dict[str, Any]:
    return dict(apps.get_model("tickets", "Ticket").objects.values_list("subject", field))


def test_every_word_becomes_a_category_and_back(old: Any) -> None:
    new = migrate(AFTER)
    assert categories_by_subject(new) == SAID | {name: name for name in RARE}
    rows = {row.slug: row for row in new.get_model("tickets", "Category").objects.all()}
    assert [row.slug for row in rows.values() if row.position < 100] == [
        *("billing", "technical", "account", "product_question", "feature_request", "complaint")
    ]
    assert (rows["vip-club"].name, rows["groe_ma"].name) == ("Vip-club", "Größe & maß")
    # At most 15 are active: those with the most tickets.
    assert sum(row.active for row in rows.values()) == 15 and len(rows) == 17
    assert [name for name in RARE if rows[name].active] == ["r1"]
    back = categories_by_subject(migrate(BEFORE), "category")
    assert back == {text: slug or "" for text, slug in SAID.items()} | {name: name for name in RARE}
    again = migrate(AFTER)
    assert categories_by_subject(again) == SAID | {name: name for name in RARE}
