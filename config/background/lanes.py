"""The lanes in which background work runs, and how each is: dead, late, busy or empty.

`worker` does what a person waits for, `slow` what nobody waits for, `drafter` writes drafts (`manage.py draft`).
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
# How long the oldest job may wait before the lane is late.
PATIENCE = {WORKER: timedelta(seconds=60), SLOW: timedelta(minutes=20), DRAFTER: timedelta(minutes=30)}
BEAT_EVERY = 5.0  # seconds
ALIVE_FOR = timedelta(seconds=20)

# How many wait, how many are under way, and how long the first in line has waited.
Load = tuple[int, int, timedelta | None]
_measured: dict[str, Callable[[], Load]] = {}
State = Literal["dead", "late", "busy", "empty"]


@dataclass(frozen=True)
class Lane:
    """One lane at this moment. `oldest`: how long the first in line has waited."""

    name: str
    processes: int
    waiting: int
    running: int
    oldest: timedelta | None

    @property
    def state(self) -> State:
        if not self.processes:
            return "dead"
        if self.oldest is not None and self.oldest > PATIENCE[self.name]:
            return "late"
        return "busy" if self.waiting or self.running else "empty"


def lane(name: str) -> Lane:
    waiting, running, oldest = _measured[name]()
    return Lane(name, alive(name), waiting, running, oldest)


def measure(name: str, load: Callable[[], Load]) -> None:
    """Whoever keeps what waits in a lane says how full it is, from the `ready` of its app."""
    _measured[name] = load


def alive(name: str, within: timedelta = ALIVE_FOR) -> int:
    """How many processes take jobs of the lane, here or on another machine, by what they said within that time."""
    from config.models import Heartbeat

    return Heartbeat.objects.filter(lane=name, at__gte=timezone.now() - min(within, ALIVE_FOR)).count()


def holder() -> str:
    """A name for this process that no other has."""
    return f"{socket.gethostname()[:90]}:{os.getpid()}"


@dataclass
class Pulse:
    """Tells now and then that this process is alive; the caller may call `beat` as often as it likes."""

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
