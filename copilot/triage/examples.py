"""Labelled messages to train and measure with: the seed that ships with the project, a file, or agents' corrections."""

import csv
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from django.conf import settings

from copilot.evidence.question_text import shortened
from copilot.triage.classifier import CATEGORY, ESCALATE, NONE, SENTIMENT, URGENCY
from copilot.triage.signals import REQUESTS
from knowledge.evaluation.retrieval import BadFile, read_jsonl

QUESTION_WORDS = 260  # as in the messages that are classified
TONE, ASKED = "sentiment.jsonl", "requests_?.jsonl"
# In messages of these categories nobody asks for money back or for access.
NO_REQUESTS = {NONE, "product_question", "feature_request"}
SENTIMENTS = ("positive", "neutral", "negative", "urgent")
YES, NO = "yes", "no"
TRAIN, DEV, TEST = "train", "dev", "test"
PARTS = (TRAIN,) * 8 + (DEV, TEST)


@dataclass(frozen=True)
class Example:
    """`labels`: what is known of it, by head. `because`: the words that decide."""

    text: str
    labels: dict[str, str] = field(default_factory=dict)
    because: str = ""

    @property
    def part(self) -> str:
        """Train, dev or test, 80/10/10. From the text alone: a message that was tested with is never trained with,
        in whatever file it comes again, so that the classifier in use and a new one can be compared."""
        plain = " ".join(self.text.lower().split())
        return PARTS[int.from_bytes(hashlib.sha256(plain.encode()).digest()[:4]) % len(PARTS)]


def seed() -> list[Example]:
    """What ships with the project. Some of it has only a sentiment."""
    folder = settings.BASE_DIR / "training" / "triage"
    tone = [replace(each, labels={SENTIMENT: each.labels[SENTIMENT]}) for each in read_file(folder / TONE, SENTIMENT)]
    requests = [each for path in sorted(folder.glob(ASKED)) for each in read_requests(path)]
    return [_without_requests(each) for each in read_file(folder)] + tone + requests


def read_requests(path: Path) -> list[Example]:
    """Rows that say which requests a message holds, and nothing else of it. Raises BadFile."""
    return [
        Example(
            shortened(row["text"], QUESTION_WORDS),
            {kind.value: YES if kind in row["requests"] else NO for kind in REQUESTS},
        )
        for _number, row in read_jsonl(path)
    ]


def _without_requests(each: Example) -> Example:
    """An example of the seed. Of other categories it is not known whether they hold one."""
    if each.labels[CATEGORY] not in NO_REQUESTS:
        return each
    return replace(each, labels=each.labels | dict.fromkeys(REQUESTS, NO))


def read_file(path: Path, label_field: str = CATEGORY) -> list[Example]:
    """Rows of a CSV or JSONL file (or of the `?.jsonl` in a folder) that have a label. Raises BadFile.

    A row has `text`, or `subject` and `body`; the label field; and may have `sentiment`, `urgency` and `escalate`.
    """
    paths = sorted(path.glob("?.jsonl")) if path.is_dir() else [path]
    found = [_example(row, where, label_field) for each in paths for where, row in rows(each)]
    kept = {each.text: each for each in found if each is not None}  # the last of the same texts counts
    if not kept:
        raise BadFile(f"{path}:0: no row has a text and a label in `{label_field}`")
    return list(kept.values())


def rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    if path.suffix.lower() != ".csv":
        yield from ((f"{path}:{number}", row) for number, row in read_jsonl(path))
        return
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, row in enumerate(csv.DictReader(file), 2):
                yield f"{path}:{number}", dict(row)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadFile(f"{path}:0: {error}") from error


def _example(row: dict[str, Any], where: str, label_field: str) -> Example | None:
    text = row.get("text") or f"{row.get('subject') or ''}\n{row.get('body') or ''}"
    label = row.get(label_field)
    if not isinstance(text, str) or not isinstance(label, str | None):
        raise BadFile(f"{where}: `text` and `{label_field}` must be words")
    if label_field not in row:
        raise BadFile(f"{where}: no `{label_field}`")
    if not text.strip() or not (label or "").strip():
        return None
    labels = {CATEGORY: str(label).strip(), **_other_labels(row, where)}
    return Example(shortened(text, QUESTION_WORDS), labels, str(row.get("because") or ""))


def _other_labels(row: dict[str, Any], where: str) -> dict[str, str]:
    found = {}
    if sentiment := row.get(SENTIMENT):
        found[SENTIMENT] = str(sentiment)
    if urgency := row.get(URGENCY):
        found[URGENCY] = str(urgency)
    if isinstance(row.get(ESCALATE), bool):
        found[ESCALATE] = YES if row[ESCALATE] else NO
    if found.get(SENTIMENT, "neutral") not in SENTIMENTS:
        raise BadFile(f"{where}: sentiment is one of {', '.join(SENTIMENTS)}")
    if found.get(URGENCY, "1") not in {"1", "2", "3", "4", "5"}:
        raise BadFile(f"{where}: urgency is a number from 1 to 5")
    return found


def renamed(examples: Iterable[Example], out_of_scope: str) -> list[Example]:
    """With NONE instead of the label that the file has for messages of no category."""
    return [
        replace(each, labels=each.labels | {CATEGORY: NONE}) if each.labels[CATEGORY] == out_of_scope else each
        for each in examples
    ]


def parted(examples: Iterable[Example]) -> dict[str, list[Example]]:
    parts: dict[str, list[Example]] = {TRAIN: [], DEV: [], TEST: []}
    for each in examples:
        parts[each.part].append(each)
    return parts


def labelled(examples: Sequence[Example], head: str) -> list[int]:
    """Places of the examples whose label for this head is known."""
    return [place for place, each in enumerate(examples) if head in each.labels]
