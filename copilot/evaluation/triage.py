"""Measures a classifier on labelled messages, and beside it what words alone would give. For `evaluate_triage`."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from copilot.triage import examples, figures, versions
from copilot.triage.classifier import CATEGORY, NONE, BadModel, Ready, from_bytes
from copilot.triage.examples import TEST, Example, parted, renamed
from knowledge.index.embeddings import Embedder

FILE, REPORT = "model.npz", "report.json"
BATCH = 256


def read_model(folder: Path | None, embedder: Embedder) -> Ready:
    """The one in the folder, without one the one in use. Raises BadModel."""
    if folder is None:
        number = versions.in_use(embedder.name)
        if not number:
            raise BadModel(f"No classifier is in use with {embedder.name}. Run `manage.py train_triage --activate`.")
        return versions.load(number)
    try:
        return Ready(from_bytes((folder / FILE).read_bytes()), embedder)
    except OSError as error:
        raise BadModel(f"{folder / FILE}: {error.strerror or error}") from error


def evaluate(ready: Ready, rows: Sequence[Example], out_of_scope: str) -> dict[str, Any]:
    """`out_of_scope`: the label of rows that belong to no category. Raises EmbedderUnavailable, BadModel."""
    began = time.monotonic()
    said: list[tuple[str, float]] = []
    for start in range(0, len(rows), BATCH):
        said += ready.categories([each.text for each in rows[start : start + BATCH]])
    seconds = time.monotonic() - began
    truth = _truth(rows, out_of_scope)
    names = [name for name, _ in said]
    report = figures.figures(truth, names, [likely for _, likely in said])
    scope = {"out_of_scope": _scope(truth, said)} if NONE in truth else {}
    return report | scope | {"rows_per_second": round(len(rows) / seconds, 1)}


def _scope(truth: Sequence[str], said: Sequence[tuple[str, float]]) -> dict[str, Any]:
    """In-scope accuracy: over the rows of a category, whether it was said. Recall: over the rows of none, whether none
    was said; at the threshold also whether the confidence was below it, so that a person looks first."""
    pairs = [(wanted, given, likely >= figures.SURE) for wanted, (given, likely) in zip(truth, said, strict=True)]
    inside = [(wanted == given, sure) for wanted, given, sure in pairs if wanted != NONE]
    outside = [(given == NONE, sure) for wanted, given, sure in pairs if wanted == NONE]
    return {
        "in_scope_rows": len(inside),
        "in_scope_accuracy": _share([right for right, _ in inside]),
        f"in_scope_coverage@{figures.SURE}": _share([sure for _, sure in inside]),
        f"in_scope_accuracy@{figures.SURE}": _share([right for right, sure in inside if sure]),
        "rows": len(outside),
        "recall": _share([right for right, _ in outside]),
        f"recall@{figures.SURE}": _share([right or not sure for right, sure in outside]),
        "precision": _share([wanted == NONE for wanted, given, _ in pairs if given == NONE]),
    }


def _truth(rows: Sequence[Example], out_of_scope: str) -> list[str]:
    return [each.labels[CATEGORY] for each in renamed(rows, out_of_scope)]


def words_alone(rows: Sequence[Example], out_of_scope: str) -> dict[str, Any]:
    """TF-IDF of words and pairs of words with a linear SVM, trained with what our classifier learns from."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    parts = parted(each for each in examples.seed() if CATEGORY in each.labels)
    learnt = [each for part, found in parts.items() if part != TEST for each in found]
    pipe = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LinearSVC())
    pipe.fit([each.text for each in learnt], [each.labels[CATEGORY] for each in learnt])
    truth = _truth(rows, out_of_scope)
    found = figures.figures(
        truth, [str(each) for each in pipe.predict([each.text for each in rows])], [1.0] * len(rows)
    )
    return {name: found[name] for name in ("accuracy", "macro_f1")}


def _share(right: Sequence[bool]) -> float | None:
    return round(sum(right) / len(right), 4) if right else None
