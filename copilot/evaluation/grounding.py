"""Measures how well verdicts tell sentences that a source states from others, on labelled pairs.

Rules, alignment, model and thresholds are those of drafts. Run by `manage.py evaluate_grounding`; our own pairs, with
which the weights were fitted, are in `pairs.jsonl`.
"""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from asgiref.sync import async_to_sync

from copilot.evaluation import curves
from copilot.evidence.units import units
from copilot.grounding.checking import both_ways, unit_of
from copilot.grounding.verdicts import BothWays, Support, Verdict, decide
from copilot.grounding.weights import OfWriter
from copilot.llm import Model
from knowledge.evaluation.retrieval import BadFile, read_jsonl
from tickets import languages

PAIRS = Path(__file__).parent / "pairs.jsonl"
TRANSLATIONS = Path(__file__).parent / "translations.jsonl"  # of whole lines; for --data
AT_ONCE = 8  # claims asked at the same time, as many as a draft may have
_LANGUAGES = re.compile(r"(?P<source>[a-z]{2})(?:-(?P<claim>[a-z]{2}))?")
UNDECIDED = 0.5  # the score of a sentence that was not checked


@dataclass(frozen=True)
class Pair:
    """`language`: of the claim."""

    source: str
    claim: str
    supported: bool
    kind: str
    language: str
    source_language: str


@dataclass(frozen=True)
class Judged:
    pair: Pair
    verdict: Verdict
    said: BothWays | None = None

    @property
    def score(self) -> float:
        return UNDECIDED if self.verdict.score is None else self.verdict.score

    @property
    def passed(self) -> bool:
        return self.verdict.support is Support.SUPPORTED


def read_pairs(path: Path) -> list[Pair]:
    """JSONL of {source, claim, supported, kind?, language?}. Raises BadFile.

    `language` is "en", or "en-de" for a German claim and an English source; else it is read in the texts.
    """
    pairs = []
    for number, values in read_jsonl(path):
        texts = values.get("source"), values.get("claim")
        if not all(isinstance(text, str) and text.strip() for text in texts):
            raise BadFile(f"{path}:{number}: needs source and claim, two texts")
        if not isinstance(values.get("supported"), bool):
            raise BadFile(f"{path}:{number}: needs supported, true or false")
        pairs.append(_pair(values))
    return pairs


def _pair(values: dict[str, Any]) -> Pair:
    source, claim = values["source"], values["claim"]
    if given := _LANGUAGES.fullmatch(str(values.get("language"))):
        theirs, own = given["source"], given["claim"]
    else:
        theirs, own = languages.detect(source) or "en", languages.detect(claim)
    return Pair(source, claim, values["supported"], str(values.get("kind", "")), own or theirs, theirs)


def judge(
    pairs: Sequence[Pair], model: Model | None, weights: OfWriter | None, done: Callable[[Sequence[Judged]], object]
) -> tuple[list[Judged], float]:
    """The verdicts, and the seconds they took. Without a model only rules and alignment decide. Raises ModelError.

    `done` is called with those about one source, as soon as there are.
    """
    began = time.monotonic()
    found = []
    for group in _by_source(pairs):
        source = group[0].source
        said = [pair.claim for pair in group]
        parts = [unit.text for unit in units(source)]
        own = [unit_of(pair.claim, parts, pair.language == pair.source_language) for pair in group]
        answers = async_to_sync(both_ways)(said, source, own, model, "background") if model else [None] * len(said)
        found += (new := [judged(pair, parts, each, weights) for pair, each in zip(group, answers, strict=True)])
        done(new)
    return found, time.monotonic() - began


def judged(pair: Pair, parts: Sequence[str], said: BothWays | None, weights: OfWriter | None) -> Judged:
    verdict = decide(
        pair.claim,
        parts,
        pair.language,
        said=said,
        weights=weights,
        source_language=pair.source_language,
    )
    return Judged(pair, verdict, said)


def details(judged: Judged) -> dict[str, Any]:
    """One pair with what the model answered, for `fit_grounding`."""
    answers = asdict(judged.said) if judged.said else None
    verdict = {"verdict": judged.verdict.support.value, "score": judged.verdict.score}
    return {**asdict(judged.pair), "said": answers, **verdict}


def _by_source(pairs: Sequence[Pair]) -> Iterator[list[Pair]]:
    """Claims about the same source together, as in a draft."""
    groups: dict[str, list[Pair]] = {}
    for pair in pairs:
        groups.setdefault(pair.source, []).append(pair)
    for group in groups.values():
        for start in range(0, len(group), AT_ONCE):
            yield group[start : start + AT_ONCE]


def report(judged: Sequence[Judged], seconds: float, threshold: float | None) -> dict[str, Any]:
    """Pure. `threshold`: from which score on the shipped weights say "supported"; None without weights."""
    return {
        "rows": len(judged),
        "auc": curves.area((each.score, each.pair.supported) for each in judged),
        "threshold": threshold,
        "unsupported_passed": _share(each.passed for each in judged if not each.pair.supported),
        "supported_kept": _share(each.passed for each in judged if each.pair.supported),
        "per_kind": per_kind(judged),
        "ms_per_claim": round(1000 * seconds / len(judged), 1),
    }


def per_kind(judged: Sequence[Judged]) -> dict[str, dict[str, int]]:
    """How many sentences of each kind got which verdict."""
    kinds: dict[str, Counter[str]] = {}
    for each in judged:
        kinds.setdefault(each.pair.kind, Counter())[each.verdict.support] += 1
    return {
        kind: {"rows": sum(counts.values()), **{support.value: counts[support] for support in Support}}
        for kind, counts in sorted(kinds.items())
    }


def _share(given: Iterable[bool]) -> float | None:
    every = list(given)
    return round(sum(every) / len(every), 4) if every else None
