"""What bench_lanes.py asks inside: read into the stack's asking process, or run in a shell of its own."""

import json
import time
from collections import Counter
from datetime import UTC, datetime

from django.db.models import Q
from django.utils import timezone  # noqa: F401 - for the questions asked
from django_q.models import Schedule, Task  # noqa: F401

from config import brokers
from config.lanes import JOB_LANES, SLOW, WORKER
from copilot.models import Draft


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def publish(number: int) -> float:
    """Seconds from `approve` until the vectors are stored and marked."""
    from knowledge import publishing
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


def drafts() -> dict[str, int]:
    """By state, of what was asked for here (the demo's history was never claimed); and messages with two."""
    rows = list(Draft.objects.filter(Q(attempts__gt=0) | Q(state="queued")).values_list("state", "message"))
    messages = Counter(message for _, message in rows)
    return {**Counter(state for state, _ in rows), "twice": sum(1 for count in messages.values() if count > 1)}


def twice() -> int:
    """Jobs that wait beside their equal. In Redis a key is a member of a set: there can be none."""
    from config.models import Job

    keys = Counter(brokers.key_of(job.lane, job.payload) for job in Job.objects.exclude(key=None))
    return sum(1 for count in keys.values() if count > 1)


def watch() -> None:
    assert set(JOB_LANES) == {WORKER, SLOW}
    while True:
        print(json.dumps({lane: brokers.of(lane).queue_size() for lane in JOB_LANES} | {"twice": twice()}), flush=True)
        time.sleep(0.5)
