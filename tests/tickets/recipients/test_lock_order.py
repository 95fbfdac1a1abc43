"""On PostgreSQL (scripts/with_services.py): the outcome of a mail and its bounce at the same moment."""

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections, transaction

from tests.tickets.desk.test_locks import somebody_waits
from tests.waiting import wait_until
from tickets import delivery, outbox
from tickets.mail import bounces, recipient_rows
from tickets.mail.mime.addresses import Address
from tickets.mail.recipients import Recipients
from tickets.models import OutgoingMail, Ticket, User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


def test_a_bounce_and_the_outcome_do_not_lock_each_other_out(
    ticket: Ticket, mira: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.UNDO_SEND_SECONDS = 0
    to = Recipients((), (Address("", "anna@berg.example"),))
    message = outbox.write_reply(ticket, mira, "Hi", submission=None, recipients=to)
    claimed = delivery._claim(OutgoingMail.objects.get().pk)
    assert claimed is not None
    late: list[Future[Any]] = []
    really = recipient_rows.bounced

    def sent() -> str:
        try:
            return delivery._sent(claimed)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as other:

        def bounced(*given: Any, **how: Any) -> None:
            late.append(other.submit(sent))
            wait_until(somebody_waits)
            really(*given, **how)

        monkeypatch.setattr(recipient_rows, "bounced", bounced)
        with transaction.atomic():
            bounces._mark_as_bounced(message, "Bounce", ["anna@berg.example"])
        assert late[0].result(timeout=30) == "sent"  # no deadlock
