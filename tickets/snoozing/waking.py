"""Tickets whose time has come."""

import time

from django.utils import timezone

from tickets import lifecycle
from tickets.models import Ticket

BATCH = 100


def wake_due(seconds: float) -> int:
    """Wakes them, the longest overdue first, for so many seconds. Each in a transaction of its own, so that two
    processes wake none twice."""
    now, until, woken = timezone.now(), time.monotonic() + seconds, 0
    due = Ticket.objects.snoozed().filter(wakes_at__lte=now).order_by("wakes_at", "pk")
    while time.monotonic() < until and (ids := list(due.values_list("pk", flat=True)[:BATCH])):
        woken += sum(lifecycle.wake(each, now) for each in ids)
    return woken
