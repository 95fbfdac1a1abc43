"""Who works through the background jobs, and how much waits: one place for `up`, `/health` and `doctor`."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone


def alive() -> list[Any]:
    """The clusters whose heartbeat (twice a second, kept three seconds) is fresh."""
    from django_q.brokers import get_broker
    from django_q.status import Stat

    return list(Stat.get_all(get_broker()))


def heartbeat_is_all() -> bool:
    """Whether every worker's heartbeat is seen here: on one machine (SQLite), or through Redis."""
    return bool(settings.REDIS_URL) or connection.vendor == "sqlite"


def waiting() -> int:
    """Jobs that no worker has taken yet."""
    from django_q.brokers import get_broker

    return int(get_broker().queue_size())


def oldest() -> timedelta | None:
    """How long the oldest job has waited; the Redis broker does not tell."""
    if settings.REDIS_URL:
        return None
    from django_q.models import OrmQ

    now = timezone.now()
    first: datetime | None = OrmQ.objects.filter(lock__lte=now).order_by("lock").values_list("lock", flat=True).first()
    return now - first if first else None


def overdue() -> timedelta | None:
    """How late the most overdue schedule is: the sign that crosses machines, unlike the heartbeat."""
    from django_q.models import Schedule

    now = timezone.now()
    first = Schedule.objects.filter(next_run__lt=now).order_by("next_run").values_list("next_run", flat=True).first()
    return now - first if first else None
