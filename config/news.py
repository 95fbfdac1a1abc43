"""News from one app to another, in one way: sent when what it tells is on disk, heard robustly, with ids only.

    news.tell(signals.ticket_closed, Ticket, ticket_id=ticket.pk)         where it happens, inside its transaction
    news.hear(signals.ticket_closed, receivers.on_ticket_closed)          in `ready()` of the apps.py of who listens

A signal is declared, with its arguments, in its app's signals.py. Nothing is told of what is rolled back. A receiver
that fails neither undoes nor hides what was done, nor keeps others from hearing of it: it is logged, and what it was to
do must be found by a later look (a process may also die between commit and news). tests/config/test_news.py sees to it
that nobody sends or connects signals in another way.
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


def tell(signal: Signal, sender: type, **ids: int | None) -> None:
    """On commit, at once where there is no transaction."""
    transaction.on_commit(lambda: _send(signal, sender, ids))


def _send(signal: Signal, sender: type, ids: dict[str, int | None]) -> None:
    for receiver, answer in signal.send_robust(sender, **ids):
        if isinstance(answer, Exception):
            # The kind of fault alone: its words and its traceback may hold what people wrote.
            log.error("news not heard: receiver=%s ids=%s error=%s", _name(receiver), ids, _where(answer))


def hear(signal: Signal, receiver: Receiver, sender: Any = None) -> None:
    """Once, however often the app is made ready."""
    signal.connect(receiver, sender=sender, dispatch_uid=_name(receiver))


def _where(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1:]
    return type(error).__name__ + "".join(f" in {Path(line.filename).name}:{line.lineno}" for line in last)


def _name(receiver: Receiver) -> str:
    return f"{receiver.__module__}.{receiver.__qualname__}"
