"""Functions that bench_lanes.py runs inside Django, in the process of the stack or in a shell."""

import json
import os
import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from django.utils import timezone
from django_q.conf import Conf
from django_q.models import Schedule, Task  # noqa: F401
from django_q.scheduler import scheduler

from config.background import brokers
from config.background.lanes import JOB_LANES, SLOW, WORKER
from config.background.packages import key_of
from copilot.models import Draft


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def publish(number: int) -> float:
    """Seconds from `approve` until the vectors are stored and marked."""
    from knowledge.articles import publishing
    from knowledge.models import Article

    row = Article(title=f"Bench {number}", body_md=f"Room {number} is opened with the blue key number {number}.")
    publishing.save_revision(row)
    began = time.monotonic()
    publishing.approve(row)
    while not Article.objects.filter(pk=row.pk, indexed=row.published).exists():
        if time.monotonic() - began > 120:
            break
        time.sleep(0.01)
    return time.monotonic() - began


def run_schedules() -> None:
    """Queue what is due, as the slow lane does twice a minute."""
    Conf.CLUSTER_NAME = SLOW
    scheduler(broker=brokers.of(SLOW))


def drafts() -> dict[str, int]:
    """Drafts of this run by state, without the demo's history, and the number of messages with two."""
    lately = timezone.now() - timedelta(minutes=30)
    rows = list(Draft.objects.filter(created_at__gte=lately).values_list("state", "message"))
    messages = Counter(message for _, message in rows)
    return {**Counter(state for state, _ in rows), "twice": sum(1 for count in messages.values() if count > 1)}


def twice() -> int:
    """Jobs that wait twice. On Redis there can be none, because keys are members of a set."""
    from config.models import Job

    keys = Counter(key_of(job.lane, job.payload) for job in Job.objects.exclude(key=None))
    return sum(1 for count in keys.values() if count > 1)


def watch() -> None:
    """Print one line twice a second while somebody reads it."""
    assert set(JOB_LANES) == {WORKER, SLOW}
    with suppress(BrokenPipeError):
        while True:
            seen = {lane: brokers.of(lane).queue_size() for lane in JOB_LANES} | {"twice": twice()}
            print(json.dumps(seen), flush=True)
            time.sleep(0.5)
    os._exit(0)  # without writing again
