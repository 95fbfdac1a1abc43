"""Brokers for django-q with two additions: the same job never waits twice, and a job may have an earliest start.

There is one for the database (here) and one for Redis (redis_broker.py). Both hand out no more jobs than their cluster
has free workers. So jobs wait there, where they are counted and compared, and not inside a process.
"""

from datetime import datetime, timedelta
from time import sleep
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone
from django_q.brokers import Broker
from django_q.conf import Conf, logger
from django_q.utils import close_old_django_connections

from config.background import lanes
from config.background.lanes import Load
from config.background.packages import Handed, key_of
from config.models import Job

if TYPE_CHECKING:
    from config.background.redis_broker import Redis


def of(lane: str, due: datetime | None = None) -> "Database | Redis":
    """The broker of a lane. Jobs that it queues are not handed out before `due`."""
    broker = _redis(lane) if settings.REDIS_URL else Database(lane)
    broker.due = due
    return broker


def _redis(lane: str) -> "Redis":
    from config.background.redis_broker import Redis  # 0.2 s that processes without Redis need not spend

    return Redis(lane)


def load(lane: str) -> Load:
    return of(lane).load()


class Database(Broker):
    """Rows of config.Job, on SQLite or PostgreSQL."""

    due: datetime | None = None

    def __init__(self, list_key: str | None = None) -> None:
        super().__init__(list_key)
        self.pulse = lanes.Pulse(self.list_key)

    def __setstate__(self, state: Any) -> None:
        super().__setstate__(state)
        self.pulse = lanes.Pulse(self.list_key)

    def enqueue(self, task: str) -> str:
        key, due = key_of(self.list_key, task), self.due or timezone.now()
        Job.objects.bulk_create([Job(lane=self.list_key, key=key, payload=task, due=due)], ignore_conflicts=True)
        Job.objects.filter(key=key, due__gt=due).update(due=due)
        return key[:12]

    def dequeue(self) -> Handed:
        """At most one job, if it is due and a worker of this cluster is free."""
        try:
            return self._next()
        except DatabaseError as error:
            # Raising would end django-q's pusher, and the next one would not know which jobs this cluster is running.
            logger.warning("the lane waits for the database: lane=%s error=%s", self.list_key, type(error).__name__)
            sleep(1)
            return None

    def _next(self) -> Handed:
        close_old_django_connections()
        self.pulse.beat()
        job = self._first()
        if job is None or not self._free() or not self._claim(job):
            sleep(Conf.POLL)
            return None
        return [(job.pk, job.payload)]

    def _free(self) -> bool:
        held = Job.objects.filter(held_by=lanes.holder(), due__gt=timezone.now())
        return held.count() < int(Conf.WORKERS)

    def _first(self) -> Job | None:
        return Job.objects.filter(lane=self.list_key, due__lte=timezone.now()).order_by("due", "pk").first()

    def _claim(self, job: Job) -> bool:
        """By compare-and-set. A job whose worker died is handed out again, within limits."""
        left = Job.objects.filter(pk=job.pk, due=job.due, begun=job.begun)
        again = job.key is None
        equal = again and Job.objects.filter(key=key_of(self.list_key, job.payload)).exists()
        if equal or job.begun >= int(Conf.MAX_ATTEMPTS):
            left.delete()
            logger.warning("job dropped: lane=%s begun=%s", self.list_key, job.begun)
            return False
        until = timezone.now() + timedelta(seconds=int(Conf.RETRY))
        return bool(left.update(key=None, due=until, held_by=lanes.holder(), begun=job.begun + 1))

    def acknowledge(self, task_id: int) -> None:
        self.delete(task_id)

    def fail(self, task_id: int) -> None:
        self.delete(task_id)

    def delete(self, task_id: int) -> None:
        Job.objects.filter(pk=task_id).delete()

    def load(self) -> Load:
        now = timezone.now()
        jobs = Job.objects.filter(lane=self.list_key)
        waiting = jobs.filter(due__lte=now)
        oldest = waiting.order_by("due").values_list("due", flat=True).first()
        return waiting.count(), jobs.filter(key=None, due__gt=now).count(), now - oldest if oldest else None

    def queue_size(self) -> int:
        return Job.objects.filter(lane=self.list_key, due__lte=timezone.now()).count()

    def lock_size(self) -> int:
        return Job.objects.filter(lane=self.list_key, due__gt=timezone.now()).count()

    def purge_queue(self) -> None:
        Job.objects.filter(lane=self.list_key).delete()

    def delete_queue(self) -> None:
        self.purge_queue()

    def ping(self) -> bool:
        return True

    def info(self) -> str:
        return "database"
