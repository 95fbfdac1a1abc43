"""The version before knows neither tickets that we started nor forwards."""

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests import cast
from tests.tickets.desk.test_migrating_mails import migrate
from tickets.models import OutgoingMail, Ticket, TicketEvent

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_way_back_leaves_nothing_that_the_version_before_does_not_know() -> None:
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    ticket, author = cast.new_ticket(), cast.mira()
    Ticket.objects.filter(pk=ticket.pk).update(channel="outgoing")
    for kind in ("started", "forwarded"):
        TicketEvent.objects.create(ticket=ticket, kind=kind, actor=author)
    forwarded = ticket.messages.create(kind="forward", author=author, text="Where is it?")
    OutgoingMail.objects.create(message=forwarded, subject="Fwd", state="queued")
    ticket.messages.create(kind="other", text="In Utrecht.", from_email="piet@vos.example")
    try:
        old: Any = migrate(("tickets", "0023_snooze"))
        assert not old.get_model("tickets", "TicketEvent").objects.exists()
        assert old.get_model("tickets", "Ticket").objects.get().channel == "email"
        messages = old.get_model("tickets", "Message").objects.order_by("pk")
        assert list(messages.values_list("kind", flat=True)) == ["customer", "note", "customer"]
        assert not old.get_model("tickets", "OutgoingMail").objects.exists(), "it would be sent as a reply"
    finally:
        migrate(*newest)
