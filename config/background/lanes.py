"""The lanes of background work and the state of each: dead, late, busy or empty.

`worker` runs jobs that a member waits for, `slow` long jobs without a waiting member, `drafter` (`manage.py draft`)
writes drafts.
"""

import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from django.utils import timezone

WORKER, SLOW, DRAFTER = "worker", "slow", "drafter"
JOB_LANES = (WORKER, SLOW)
# How long the oldest job may wait before the lane counts as late.
LATE_AFTER = {WORKER: timedelta(seconds=60), SLOW: timedelta(minutes=20), DRAFTER: timedelta(minutes=30)}
BEAT_EVERY = 5.0  # seconds
ALIVE_FOR = timedelta(seconds=20)

# Number of waiting jobs, number of running jobs, how long the oldest job has waited.
Load = tuple[int, int, timedelta | None]
_measured: dict[str, Callable[[], Load]] = {}
State = Literal["dead", "late", "busy", "empty"]


@dataclass(frozen=True)
class Lane:
    """The current state of a lane. `oldest`: how long the oldest job has waited."""

    name: str
    processes: int
    waiting: int
    running: int
    oldest: timedelta | None

    @property
    def state(self) -> State:
        if not self.processes:
            return "dead"
        if self.oldest is not None and self.oldest > LATE_AFTER[self.name]:
            return "late"
        return "busy" if self.waiting or self.running else "empty"


def lane(name: str) -> Lane:
    waiting, running, oldest = _measured[name]()
    return Lane(name, alive(name), waiting, running, oldest)


def measure(name: str, load: Callable[[], Load]) -> None:
    """Register the function that counts the jobs of a lane. Called in `ready()` of the app that stores them."""
    _measured[name] = load


def alive(name: str, within: timedelta = ALIVE_FOR) -> int:
    """Number of processes of the lane, on any machine, with a heartbeat within that time."""
    from config.models import Heartbeat

    return Heartbeat.objects.filter(lane=name, at__gte=timezone.now() - min(within, ALIVE_FOR)).count()


def holder() -> str:
    """A unique name for this process."""
    return f"{socket.gethostname()[:90]}:{os.getpid()}"


@dataclass
class Pulse:
    """The heartbeat of this process. `beat` may be called often; it writes every BEAT_EVERY seconds."""

    lane: str
    last: float = float("-inf")

    def beat(self) -> None:
        from config.models import Heartbeat

        if time.monotonic() - self.last < BEAT_EVERY:
            return
        now = timezone.now()
        if self.last == float("-inf"):
            Heartbeat.objects.filter(at__lt=now - timedelta(days=1)).delete()
        self.last = time.monotonic()
        Heartbeat.objects.update_or_create(lane=self.lane, holder=holder(), defaults={"at": now})

    def end(self) -> None:
        from config.models import Heartbeat

        Heartbeat.objects.filter(lane=self.lane, holder=holder()).delete()
