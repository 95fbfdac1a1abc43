"""Replies that should have been sent by now, and why they have not. Reads only; the reasons are for agents."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

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
    """A reply written before this should have been sent."""
    return now - PATIENCE - timedelta(seconds=max(0, settings.UNDO_SEND_SECONDS))


def overdue() -> QuerySet[OutgoingMail]:
    written = OutgoingMail.objects.filter(state__in=[State.QUEUED, State.SENDING])
    return written.filter(message__created_at__lt=late_by(timezone.now())).order_by("message__created_at")


def is_late(row: OutgoingMail, now: datetime) -> bool:
    return row.state in {State.QUEUED, State.SENDING} and row.message.created_at < late_by(now)


def reason(row: OutgoingMail, worker: Lane, now: datetime) -> str:
    """Pure: why this reply has not been sent, without a full stop: it is put after a colon."""
    if worker.state == "dead":
        return _("no worker is running")
    if row.error:
        return _retried(row.error_shown.rstrip("."), row.send_after - now)
    jobs = worker.waiting + worker.running
    if row.state == State.QUEUED and jobs:
        return ngettext("the worker is busy with %(count)d job", "the worker is busy with %(count)d jobs", jobs) % {
            "count": jobs
        }
    return _("the mail server has not answered yet") if row.state == State.SENDING else _("it is about to be sent")


def _retried(error: str, wait: timedelta) -> str:
    if wait <= timedelta(0):
        return _("%(error)s. Trying again now") % {"error": error}
    minutes = max(1, round(wait / timedelta(minutes=1)))
    return _("%(error)s. Next attempt in %(count)d min") % {"error": error, "count": minutes}


def explain(rows: list[OutgoingMail]) -> None:
    """Sets `why_late` on each late row; asks about the worker once for all."""
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
