"""The broker on Redis: see brokers.py for what both have in common."""

from datetime import datetime, timedelta
from time import sleep
from typing import Any
from uuid import uuid4

from django.utils import timezone
from django_q.brokers import redis_broker
from django_q.conf import Conf
from django_q.utils import close_old_django_connections

from config.background import lanes
from config.background.lanes import Load
from config.background.packages import Handed, key_of

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
