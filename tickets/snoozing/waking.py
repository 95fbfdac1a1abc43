"""Tickets whose time has come."""

import logging
import time

from django.db import DatabaseError
from django.db.models import Q
from django.utils import timezone

from tickets import lifecycle
from tickets.models import Ticket

log = logging.getLogger(__name__)
BATCH = 100


def wake_due(seconds: float) -> int:
    """Wakes them, the longest overdue first, for so many seconds. Each in a transaction of its own, so that two
    processes wake none twice. One that cannot be woken is tried again with the next run, and stops no other."""
    now, until, woken = timezone.now(), time.monotonic() + seconds, 0
    due = Ticket.objects.snoozed().filter(wakes_at__lte=now).order_by("wakes_at", "pk")
    behind = Q()
    while rows := list(due.filter(behind).values_list("wakes_at", "pk")[:BATCH]):
        for at, number in rows:
            if time.monotonic() > until:
                return woken
            woken += _wake(number)
            behind = Q(wakes_at__gt=at) | Q(wakes_at=at, pk__gt=number)
    return woken


def _wake(number: int) -> bool:
    try:
        return lifecycle.wake(number, timezone.now())
    except DatabaseError as error:
        log.warning("ticket not woken: ticket=%s error=%s", number, type(error).__name__)
        return False
