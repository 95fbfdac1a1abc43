"""The classifiers of this desk: which is in use, and when another one replaces it. The only writer of TriageModel."""

import hashlib
import logging
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.utils import timezone

from copilot.models import TriageModel
from copilot.triage.classifier import BadModel, Classifier, Ready, from_bytes, to_bytes
from knowledge.index import embeddings
from tickets.models import User

log = logging.getLogger(__name__)


def in_use(embedder: str) -> int:
    """The number of the classifier in use, 0 if there is none for this embedder."""
    active = TriageModel.objects.exclude(activated_at=None).filter(embedder=embedder)
    return active.order_by("-activated_at", "-pk").values_list("pk", flat=True).first() or 0


def tried_since(embedder: str, moment: datetime) -> bool:
    return TriageModel.objects.filter(embedder=embedder, created_at__gte=moment).exists()


def current() -> int:
    return in_use(embeddings.get_embedder().name)


@lru_cache(maxsize=2)
def load(number: int) -> Ready:
    """Each process reads it once. Raises BadModel."""
    stored = TriageModel.objects.filter(pk=number).values_list("file", "sha256").first()
    if stored is None:
        raise BadModel(f"There is no classifier {number}.")
    if hashlib.sha256(stored[0]).hexdigest() != stored[1]:
        raise BadModel(f"Classifier {number} is damaged.")
    return Ready(from_bytes(bytes(stored[0])), embeddings.get_embedder())


def keep(classifier: Classifier, report: dict[str, Any], by: User | None = None) -> TriageModel:
    file = to_bytes(classifier)
    return TriageModel.objects.create(
        file=file,
        sha256=hashlib.sha256(file).hexdigest(),
        embedder=classifier.embedder,
        report=report,
        trained_by=by,
    )


def activate(model: TriageModel, by: User | None = None) -> None:
    model.activated_at = timezone.now()
    model.save(update_fields=["activated_at"])
    log.info("classifier in use: number=%s by=%s", model.pk, by.pk if by else "-")
