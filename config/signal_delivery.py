"""How apps send each other signals: Django's, after commit, with ids only.

    send_on_commit(signals.ticket_closed, Ticket, ticket_id=ticket.pk)    where it happens, inside its transaction
    connect(signals.ticket_closed, receivers.on_ticket_closed)            in `ready()` of the receiving app's apps.py

A signal and its arguments are declared in its app's signals.py. After a rollback nothing is sent. A receiver that
fails is logged; the change stays and the other receivers are called. A later check must also find the receiver's work,
because a process may die between commit and signal.
tests/config/test_signal_delivery.py fails where a signal is sent or connected in another way.
"""

import logging
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import transaction
from django.dispatch import Signal

log = logging.getLogger(__name__)
Receiver = Callable[..., Any]


def send_on_commit(signal: Signal, sender: type, **ids: int | None) -> None:
    """Send `signal` after the transaction, or at once if there is none."""
    transaction.on_commit(lambda: _send(signal, sender, ids))


def _send(signal: Signal, sender: type, ids: dict[str, int | None]) -> None:
    for receiver, answer in signal.send_robust(sender, **ids):
        if isinstance(answer, Exception):
            # Only the type of the error: its message and traceback may contain what people wrote.
            log.error("receiver failed: receiver=%s ids=%s error=%s", _name(receiver), ids, _where(answer))


def connect(signal: Signal, receiver: Receiver, sender: Any = None) -> None:
    """Connect once, however often `ready()` runs."""
    signal.connect(receiver, sender=sender, dispatch_uid=_name(receiver))


def _where(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1:]
    return type(error).__name__ + "".join(f" in {Path(line.filename).name}:{line.lineno}" for line in last)


def _name(receiver: Receiver) -> str:
    return f"{receiver.__module__}.{receiver.__qualname__}"
