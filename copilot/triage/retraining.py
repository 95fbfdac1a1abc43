"""A new classifier from the seed and from what agents corrected, and whether it may replace the one in use.

Both are measured on the same messages, which neither has learnt from: examples.py puts a text into the same part in
every training.
"""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone

from copilot.models import Preparation, Triage, TriageModel
from copilot.triage import features, figures, versions
from copilot.triage.classifier import CATEGORY, NONE, SENTIMENT, URGENCY, BadModel
from copilot.triage.examples import Example, seed
from copilot.triage.training import Rows, measure, train
from knowledge.index.embeddings import Embedder, get_embedder
from tickets.models import Category, User

log = logging.getLogger(__name__)
# The gate: what a classifier must reach to be used at all, and how much less than the one in use it may have.
ACCURACY, CALIBRATION = 0.6, 0.15
WORSE, CLASS_WORSE, ENOUGH_ROWS = 0.01, 0.1, 20
TRY_AGAIN = timedelta(days=1)


def corrections() -> list[Example]:
    """What agents decided, with the masked text of the message. A confirmed category counts as one."""
    rows = Triage.objects.exclude(corrected_at=None).order_by("pk")
    prepared = Preparation.objects.filter(message__triage__in=rows)
    asked = dict(prepared.values_list("message_id", "steps__mask__outcome__asked"))
    return [_corrected(row, text) for row in rows if (text := asked.get(row.message_id))]


def _corrected(row: Triage, asked: str) -> Example:
    decided = {CATEGORY: row.category_id or NONE, SENTIMENT: row.sentiment, URGENCY: str(row.urgency)}
    return Example(asked, {name: label for name, label in decided.items() if name in row.corrected})


def examples(corrected: Sequence[Example]) -> list[Example]:
    """The corrections and then the seed, of categories that are in use. A correction counts before the same text."""
    known = {NONE, *Category.objects.filter(active=True).values_list("slug", flat=True)}
    by_text: dict[str, Example] = {}
    for each in [*reversed(corrected), *seed()]:
        if each.labels.get(CATEGORY, NONE) in known:
            by_text.setdefault(each.text, each)
    return list(by_text.values())


def retrain(by: User | None = None) -> TriageModel:
    """Trains, compares and keeps; does not activate. Raises TooFew, EmbedderUnavailable."""
    embedder, corrected = get_embedder(), corrections()
    trained = train(examples(corrected), embedder)
    before = _in_use(embedder, trained.tested)
    report = trained.report | {"corrections": len(corrected), "before": before}
    reasons = against(report, before)
    kept = versions.keep(trained.classifier, report | {"against": reasons}, by)
    log.info("classifier trained: number=%s accuracy=%s against=%s", kept.pk, report["accuracy"], len(reasons))
    return kept


def _in_use(embedder: Embedder, tested: Rows) -> dict[str, Any] | None:
    """The figures of the classifier in use on these messages: the same embeddings, the words that it knows."""
    number = versions.in_use(embedder.name)
    if not number or not tested.examples:
        return None
    texts = [features.read(each.text) for each in tested.examples]
    try:
        ready = versions.load(number)
        rows = Rows(tested.examples, ready.features.of(texts, tested.numbers.vectors))
    except BadModel as error:
        log.warning("classifier in use not measured: %s", error)
        return None
    return {"number": number, **measure(ready.classifier, rows)}


def against(report: dict[str, Any], before: dict[str, Any] | None) -> list[str]:
    """Why this classifier may not be used: codes with figures, empty if it passes the gate."""
    found = []
    if (report["accuracy"] or 0) < ACCURACY:
        found.append(f"accuracy {report['accuracy']} is below {ACCURACY}")
    if (report["ece"] or 0) > CALIBRATION:
        found.append(f"calibration error {report['ece']} is above {CALIBRATION}")
    if before is None:
        return found
    for name in ("accuracy", "macro_f1"):
        if (report[name] or 0) < (before[name] or 0) - WORSE:
            found.append(f"{name} falls from {before[name]} to {report[name]}")
    for label, had in before["per_class"].items():
        has = report["per_class"].get(label, figures.NOTHING)
        if had["rows"] >= ENOUGH_ROWS and has["recall"] < had["recall"] - CLASS_WORSE:
            found.append(f"recall of {label} falls from {had['recall']} to {has['recall']}")
    return found


def keep_one() -> TriageModel | None:
    """A classifier for the embedder in use, trained and used if there is none. None if there is one, or if one was
    trained today that may not be used."""
    if versions.current() or versions.tried_since(get_embedder().name, timezone.now() - TRY_AGAIN):
        return None
    model = retrain()
    if not model.report["against"]:
        versions.activate(model)
    return model
