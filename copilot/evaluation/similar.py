"""Measures how well similar tickets are found, on messages of which it is known which ask the same.

Each message is a query for all the others, as if they were closed tickets: texts, vectors, minimum similarity and what
is shown are those of the ticket page. Three things differ: nothing is masked, vectors are compared in memory, not by
Chroma, and equal answers are not shown as one. For `evaluate_similar`.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

from copilot.similar import likeness, min_similarity
from copilot.similar.finding import NEAREST, SHOWN
from copilot.similar.min_similarity import Minimum
from copilot.similar.reading import FALLBACK, Asked, asked_of
from copilot.triage.examples import rows as rows_of
from knowledge.evaluation.retrieval import BadFile
from knowledge.index.embeddings import Embedder
from tickets import languages

BATCH = 64
SEED = 7


@dataclass(frozen=True)
class Row:
    """`label`: what it asks; rows with the same one are alike."""

    label: str
    asked: Asked


@dataclass(frozen=True)
class Shown:
    """For one query: whether each ticket shown has its label, and whether any other row has it."""

    right: tuple[bool, ...]
    has_alike: bool


def read_rows(path: Path, label_field: str) -> list[Row]:
    """Rows of a CSV or JSONL file with `text`, or `subject` and `body`, and a label. Raises BadFile."""
    found = []
    for where, row in rows_of(path):
        subject, text = row.get("subject") or "", row.get("text") or row.get("body") or ""
        if label_field not in row or not isinstance(subject, str) or not isinstance(text, str):
            raise BadFile(f"{where}: needs `{label_field}`, and `text` or `subject` and `body` in words")
        label = str(row[label_field] or "").strip()
        if label and f"{subject}{text}".strip():
            language = row.get("language") or languages.detect(f"{subject}\n{text}") or FALLBACK
            found.append(Row(label, asked_of(subject, [text], str(language))))
    if not found:
        raise BadFile(f"{path}:0: no row has a text and a label in `{label_field}`")
    return found


def sample(rows: Sequence[Row], most: int) -> list[Row]:
    """At most so many, the same ones every time, in their order."""
    places = sorted(random.Random(SEED).sample(range(len(rows)), min(most, len(rows))))  # noqa: S311 - no secret
    return [rows[place] for place in places]


def half(rows: Sequence[Row], number: int) -> list[int]:
    """Places of the queries: of every other label, in the order of the file; the others are the other half's."""
    labels = {label: at for at, label in enumerate(dict.fromkeys(row.label for row in rows))}
    return [place for place, row in enumerate(rows) if number == 0 or labels[row.label] % 2 == number - 1]


def evaluate(
    rows: Sequence[Row],
    queries: Sequence[int],
    embedder: Embedder,
    minimum: Minimum,
    done: Callable[[int], object] = lambda count: None,
) -> dict[str, Any]:
    """Raises EmbedderUnavailable."""
    began = time.perf_counter()
    vectors = _vectors(rows, embedder, done)
    embedding = (time.perf_counter() - began) / len(rows)
    counts = Counter(row.label for row in rows)
    began = time.perf_counter()
    shown = [_shown(place, rows, vectors, minimum, counts) for place in queries]
    searching = (time.perf_counter() - began) / max(1, len(queries))
    return {"rows": len(rows), **_report(shown), "ms_per_query": round(1000 * (embedding + searching), 1)}


def _vectors(rows: Sequence[Row], embedder: Embedder, done: Callable[[int], object]) -> np.ndarray:
    """Zeros where there is nothing to compare."""
    found = np.zeros((len(rows), embedder.dimension), dtype=np.float32)
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        parts = {start + at: likeness.parts(row.asked.title, row.asked.question) for at, row in enumerate(batch)}
        parts = {at: each for at, each in parts.items() if each}
        for at, vector in zip(parts, likeness.vectors(list(parts.values()), embedder), strict=True):
            found[at] = vector
        done(len(batch))
    return found


def _shown(query: int, rows: Sequence[Row], vectors: np.ndarray, minimum: Minimum, counts: Counter[str]) -> Shown:
    similarities = vectors @ vectors[query]
    similarities[query] = -1.0
    nearest = np.argsort(-similarities)[:NEAREST]
    found = {int(at): (float(similarities[at]), rows[at].asked) for at in nearest}
    best = min_similarity.closest(min_similarity.margins(found, rows[query].asked, minimum))[:SHOWN]
    label = rows[query].label
    return Shown(tuple(rows[at].label == label for at in best), counts[label] > 1)


def _report(shown: Sequence[Shown]) -> dict[str, Any]:
    alike = [each for each in shown if each.has_alike]
    alone = [each for each in shown if not each.has_alike]
    return {
        "queries": len(shown),
        f"precision@{SHOWN}": _mean([mean(each.right) for each in shown if each.right]),
        "hit@1": _mean([each.right[:1] == (True,) for each in alike]),
        "found": _mean([any(each.right) for each in alike]),
        "nothing_shown": _mean([not each.right for each in shown]),
        "shown_per_query": round(sum(len(each.right) for each in shown) / max(1, len(shown)), 2),
        "alone": len(alone),
        "alone_shown": _mean([bool(each.right) for each in alone]),
    }


def _mean(values: Sequence[float]) -> float | None:
    return round(mean(values), 3) if values else None
