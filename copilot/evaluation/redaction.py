"""Measures how much personal data is masked before a model sees it, on labelled texts.

Finder, tagger and the customer's record are those of tickets. Run by `manage.py evaluate_redaction`.
"""

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from copilot.redaction import Masker, Person
from knowledge.evaluation.retrieval import BadFile, read_jsonl
from knowledge.masking import Span
from knowledge.masking.text import INVISIBLE

ENOUGH = 0.9  # share of a span's characters that must be masked


@dataclass(frozen=True)
class Row:
    """A text with what is personal in it, and words that only look like it (`keep`)."""

    text: str
    personal: tuple[Span, ...]
    keep: tuple[Span, ...]
    customer: Person


@dataclass(frozen=True)
class Masked:
    row: Row
    spans: tuple[Span, ...]

    @property
    def recalled(self) -> list[Span]:
        """What is personal and masked, whatever it was taken for."""
        hidden = bytearray(len(self.row.text))
        for span in self.spans:
            hidden[span.start : span.end] = b"\x01" * (span.end - span.start)
        return [
            span for span in self.row.personal if sum(hidden[span.start : span.end]) >= ENOUGH * (span.end - span.start)
        ]

    @property
    def false(self) -> list[Span]:
        return [span for span in self.spans if not _touches(span, self.row.personal)]

    @property
    def lost(self) -> list[Span]:
        """Words that should have stayed."""
        return [span for span in self.row.keep if _touches(span, self.spans)]


def _touches(span: Span, others: Iterable[Span]) -> bool:
    return any(span.start < other.end and other.start < span.end for other in others)


def read_rows(path: Path) -> list[Row]:
    """JSONL of {text, spans: [{type, start, end}]}. Raises BadFile.

    Instead of spans a row may have `entities` [{type, value}], which are personal wherever they stand in the text. It
    may also have `customer` {name, email}, the record that is known, and `keep`, words that should stay.
    """
    return [_row(values, f"{path}:{number}") for number, values in read_jsonl(path)]


def _row(values: dict[str, Any], place: str) -> Row:
    text = values.get("text")
    if not isinstance(text, str):
        raise BadFile(f"{place}: needs text")
    try:
        personal = [_span(each, text) for each in values.get("spans", ())]
        for each in values.get("entities", ()):
            personal += _occurrences(text, each["value"], each["type"].upper())
        keep = [span for word in values.get("keep", ()) for span in _occurrences(text, word, word)]
        person = values.get("customer") or {}
        customer = Person(person.get("name", ""), person.get("email", ""), person.get("phone", ""))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadFile(f"{place}: needs spans, a list of {{type, start, end}}: {error}") from error
    return Row(text, tuple(personal), tuple(span for span in keep if not _touches(span, personal)), customer)


def _span(values: dict[str, Any], text: str) -> Span:
    start, end = int(values["start"]), int(values["end"])
    if not 0 <= start < end <= len(text):
        raise ValueError(f"{start} to {end} is not inside the text")
    return Span(start, end, str(values["type"]).upper())


def _occurrences(text: str, value: str, kind: str) -> Iterator[Span]:
    at = text.find(value) if value else -1
    while at >= 0:
        yield Span(at, at + len(value), kind)
        at = text.find(value, at + len(value))


def mask(row: Row) -> Masked:
    masker = Masker(row.customer)
    _, spans = masker.found(row.text)
    places = [place for place, each in enumerate(row.text) if not INVISIBLE.match(each)]
    return Masked(row, tuple(Span(places[span.start], places[span.end - 1] + 1, span.kind) for span in spans))


def measure(rows: Sequence[Row]) -> tuple[list[Masked], float]:
    """What is masked of each, and the seconds it took."""
    mask(Row("Warm up.", (), (), Person()))  # loads the tagger
    began = time.perf_counter()
    masked = [mask(row) for row in rows]
    return masked, time.perf_counter() - began


def report(masked: Sequence[Masked], seconds: float) -> dict[str, Any]:
    """Recall by type and overall; precision: the share of masked spans that touch something personal."""
    personal = Counter(span.kind for each in masked for span in each.row.personal)
    recalled = Counter(span.kind for each in masked for span in each.recalled)
    found, false = sum(len(each.spans) for each in masked), sum(len(each.false) for each in masked)
    keep, lost = sum(len(each.row.keep) for each in masked), sum(len(each.lost) for each in masked)
    return {
        "rows": len(masked),
        "spans": dict(sorted(personal.items())),
        "recall": {kind: _share(recalled[kind], personal[kind]) for kind in sorted(personal)},
        "recall_overall": _share(recalled.total(), personal.total()),
        "precision": _share(found - false, found),
        "masked": found,
        "kept": _share(keep - lost, keep),
        "ms_per_text": round(1000 * seconds / len(masked), 2) if masked else None,
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def details(masked: Masked) -> dict[str, Any]:
    """What was missed, masked for nothing and lost, with the words around."""
    row, recalled = masked.row, set(masked.recalled)

    def shown(spans: Iterable[Span]) -> list[dict[str, str]]:
        return [{"kind": span.kind, "text": row.text[span.start : span.end]} for span in spans]

    missed = [span for span in row.personal if span not in recalled]
    return {"text": row.text, "missed": shown(missed), "false": shown(masked.false), "lost": shown(masked.lost)}
