"""The one way to queue background work: `queue("tickets.tasks.send_reply", 12, lane=WORKER)`.

A job is the path of a function, and ids. It is queued when the transaction commits, into a lane (background/lanes.py).
The same job never waits twice in a lane. If it is queued while it runs, it runs once more.
What a broken broker loses, a schedule does later (background/schedules.py).
"""

import logging
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from config.background.lanes import JOB_LANES, SLOW, WORKER

__all__ = ["SLOW", "WORKER", "Ended", "ended", "queue"]
log = logging.getLogger(__name__)


def queue(function: str, *ids: int, lane: str, after: datetime | None = None) -> None:
    """Run `function(*ids)` in the lane, not before `after`. Never raises because of a broken broker."""
    if lane not in JOB_LANES:
        raise ValueError(f"There is no lane {lane}.")
    transaction.on_commit(lambda: _put(function, ids, lane, after))


def _put(function: str, ids: tuple[int, ...], lane: str, after: datetime | None) -> None:
    try:
        from django_q.tasks import async_task

        from config.background import brokers

        name = " ".join([function.rpartition(".")[2], *(str(each) for each in ids)])
        async_task(function, *ids, cluster=lane, broker=brokers.of(lane, after), task_name=name[:100])
    except Exception as error:  # noqa: BLE001 - errors of brokers share no base class
        log.warning("job not queued: job=%s ids=%s error=%s", function, ids, type(error).__name__)


@dataclass(frozen=True)
class Ended:
    """`result`: what the function returned, or the error."""

    success: bool
    result: str


def ended(function: str, since: datetime) -> Ended | None:
    """The last run of this function that ended since then; None if none has, or if it is forgotten (`save_limit`)."""
    from django_q.models import Task

    runs = Task.objects.filter(func=function, stopped__gte=since).order_by("-stopped")
    found = runs.values_list("success", "result").first()
    return Ended(found[0], str(found[1])) if found else None
