"""Tickets of the version before get the columns, and snoozed ones are open for a version that does not know them."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from tests import cast
from tests.tickets.desk.test_migrating_mails import migrate
from tickets import lifecycle
from tickets.models import Ticket, User
from tickets.models.tickets import NEVER

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE = ("tickets", "0022_search")


def test_back_and_forward_with_rows(mira: User) -> None:
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    snoozed, marked, closed = (cast.new_ticket() for _ in range(3))
    lifecycle.snooze(marked, mira, timezone.now())
    lifecycle.wake(marked.pk, timezone.now())
    lifecycle.snooze(snoozed, mira, timezone.now() + timedelta(days=1))
    lifecycle.close(closed, mira, [])
    try:
        old: Any = migrate(BEFORE)
        found = old.get_model("tickets", "Ticket").objects.values_list("status", flat=True)
        assert sorted(found) == ["closed", "open", "open"]
    finally:
        migrate(*newest)
    assert set(Ticket.objects.values_list("wakes_at", "back_from_snooze")) == {(NEVER, False)}
    lifecycle.snooze(Ticket.objects.get(pk=snoozed.pk), mira, None)
