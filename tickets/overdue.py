"""Replies that should have left by now, and why they have not. Reads only; the words are for agents."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from config.background import lanes
from config.background.lanes import Lane
from tickets.models import OutgoingMail

PATIENCE = timedelta(seconds=60)
State = OutgoingMail.State


@dataclass(frozen=True)
class Late:
    """For the header: how many replies are late, and why the first is."""

    count: int
    why: str


def late_by(now: datetime) -> datetime:
    """A reply written before this should have left."""
    return now - PATIENCE - timedelta(seconds=max(0, settings.UNDO_SEND_SECONDS))


def overdue() -> QuerySet[OutgoingMail]:
    written = OutgoingMail.objects.filter(state__in=[State.QUEUED, State.SENDING])
    return written.filter(message__created_at__lt=late_by(timezone.now())).order_by("message__created_at")


def is_late(row: OutgoingMail, now: datetime) -> bool:
    return row.state in {State.QUEUED, State.SENDING} and row.message.created_at < late_by(now)


def reason(row: OutgoingMail, worker: Lane, now: datetime) -> str:
    """Pure: what keeps this reply from leaving."""
    if worker.state == "dead":
        return "no worker is running"
    if row.error:
        minutes = max(1, round((row.send_after - now).total_seconds() / 60))
        again = f"tried again in {minutes} min" if row.send_after > now else "it is being tried again"
        return f"{row.error.rstrip('.')}; {again}"
    jobs = worker.waiting + worker.running
    if row.state == State.QUEUED and jobs:
        return f"the worker is busy with {jobs} job{'s' if jobs > 1 else ''}"
    return "the mail server has not answered yet" if row.state == State.SENDING else "it is about to be sent"


def explain(rows: list[OutgoingMail]) -> None:
    """Put the reason on each late row as `why_late`; one look at the worker for all."""
    now = timezone.now()
    late = [row for row in rows if is_late(row, now)]
    if not late:
        return
    worker = lanes.lane(lanes.WORKER)
    for row in late:
        row.why_late = reason(row, worker, now)  # type: ignore[attr-defined]


def late() -> Late | None:
    first = overdue().select_related("message").first()
    if first is None:
        return None
    return Late(overdue().count(), reason(first, lanes.lane(lanes.WORKER), timezone.now()))
