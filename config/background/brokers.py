"""Brokers for django-q with two additions: the same job never waits twice, and a job may have an earliest start.

Both hand out no more jobs than their cluster has free workers. So jobs wait here, where they are counted and compared,
and not inside a process.
"""

import hashlib
import json
from datetime import datetime, timedelta
from time import sleep
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone
from django_q.brokers import Broker, redis_broker
from django_q.conf import Conf, logger
from django_q.signing import SignedPackage
from django_q.utils import close_old_django_connections

from config.background import lanes
from config.background.lanes import Load
from config.models import Job

Handed = list[tuple[Any, Any]] | None


def of(lane: str, due: datetime | None = None) -> "Database | Redis":
    """The broker of a lane. Jobs that it queues are not handed out before `due`."""
    broker = Redis(lane) if settings.REDIS_URL else Database(lane)
    broker.due = due
    return broker


def load(lane: str) -> Load:
    return of(lane).load()


def key_of(lane: str, package: str) -> str:
    """A key that is the same for the same function and arguments in the same lane."""
    task = SignedPackage.loads(package)
    named = json.dumps([lane, str(task["func"]), task["args"], task.get("kwargs") or {}], default=str, sort_keys=True)
    return hashlib.sha256(named.encode()).hexdigest()


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


# KEYS: waiting (sorted by due), packages. ARGV: key, due, package. Of two times the earlier one counts.
PUT = """
redis.call('ZADD', KEYS[1], 'LT', ARGV[2], ARGV[1])
redis.call('HSETNX', KEYS[2], ARGV[1], ARGV[3])
"""
# KEYS: waiting, packages, running. ARGV: now, workers, until, name of this run, seconds to keep `running`.
TAKE = """
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', ARGV[1])
if redis.call('ZCARD', KEYS[3]) >= tonumber(ARGV[2]) then return false end
local first = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, 1)[1]
if not first then return false end
local package = redis.call('HGET', KEYS[2], first)
redis.call('ZREM', KEYS[1], first)
redis.call('HDEL', KEYS[2], first)
redis.call('ZADD', KEYS[3], ARGV[3], ARGV[4])
redis.call('EXPIRE', KEYS[3], ARGV[5])
return package
"""


class Redis(redis_broker.Redis):
    """Sorted sets by due time, on Redis. A job whose worker is killed is lost; a schedule does it later."""

    due: datetime | None = None

    def __init__(self, list_key: str | None = None) -> None:
        self.lane = list_key or str(Conf.CLUSTER_NAME)
        super().__init__(self.lane)
        self._name()

    def __getstate__(self) -> Any:
        return self.lane, super().__getstate__()

    def __setstate__(self, state: Any) -> None:
        self.lane, rest = state
        super().__setstate__(rest)
        self._name()

    def _name(self) -> None:
        self.pulse = lanes.Pulse(self.lane)
        start = f"{Conf.PREFIX}:{self.lane}"
        self.waiting, self.packages, self.running = f"{start}:waiting", f"{start}:packages", f"{start}:running:"

    def enqueue(self, task: str) -> str:
        key, due = key_of(self.lane, task), self.due or timezone.now()
        self.connection.eval(PUT, 2, self.waiting, self.packages, key, due.timestamp(), task)
        return key[:12]

    def dequeue(self) -> Handed:
        close_old_django_connections()
        self.pulse.beat()
        now, running, name = timezone.now().timestamp(), self.running + lanes.holder(), uuid4().hex
        retry = int(Conf.RETRY)
        values = (now, int(Conf.WORKERS), now + retry, name, retry)
        package = self.connection.eval(TAKE, 3, self.waiting, self.packages, running, *values)
        if package is None:
            sleep(Conf.POLL)
            return None
        return [(f"{running}|{name}", package)]

    def acknowledge(self, task_id: str) -> None:
        running, _, name = task_id.rpartition("|")
        self.connection.zrem(running, name)

    fail = delete = acknowledge

    def load(self) -> Load:
        now = timezone.now().timestamp()
        first = self.connection.zrange(self.waiting, 0, 0, withscores=True)
        oldest = now - first[0][1] if first and first[0][1] <= now else None
        running = sum(self.connection.zcount(each, now, "+inf") for each in self.connection.keys(f"{self.running}*"))
        return self.queue_size(), running, timedelta(seconds=oldest) if oldest is not None else None

    def queue_size(self) -> int:
        return int(self.connection.zcount(self.waiting, "-inf", timezone.now().timestamp()))

    def purge_queue(self) -> None:
        self.connection.delete(self.waiting, self.packages)

    def delete_queue(self) -> None:
        self.purge_queue()
