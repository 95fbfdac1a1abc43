"""Whether a classifier is being trained because a lead asked for it, and what came of that.

Kept in the memory of the web process that was asked, for an hour. What a training made is read from the database.
"""

from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.utils import timezone

from config.jobs import SLOW, ended, queue
from copilot.models import TriageModel
from knowledge.index import embeddings
from tickets.models import User

JOB = "copilot.tasks.retrain_triage"
KEY, KEPT = "qa:triage:training", 3600  # seconds; longer than the lane lets a job run


@dataclass(frozen=True)
class Training:
    """`made`: the number of the new classifier. `refused`: why the job made none. `broke`: it ended with an error."""

    since: datetime | None = None
    made: int = 0
    refused: str = ""
    broke: bool = False

    @property
    def running(self) -> bool:
        return self.since is not None and not (self.made or self.refused or self.broke)


def state() -> Training:
    since: datetime | None = cache.get(KEY)
    if since is None:
        return Training()
    rows = TriageModel.objects.filter(embedder=embeddings.get_embedder().name, created_at__gte=since)
    if made := rows.order_by("-pk").values_list("pk", flat=True).first():
        return Training(since, made=made)
    over = ended(JOB, since)
    if over is None:
        return Training(since)
    return Training(since, refused=over.result.removeprefix("waits: ")) if over.success else Training(since, broke=True)


def start(by: User) -> None:
    """Not while one waits or runs."""
    if state().running:
        return
    cache.delete(KEY)
    if cache.add(KEY, timezone.now(), KEPT):
        queue(JOB, by.pk, lane=SLOW)
