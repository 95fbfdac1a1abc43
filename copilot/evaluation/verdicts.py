"""Fits the weights that a writer's verdicts are made with (copilot/grounding/weights.toml), from an evaluation. Pure.

Run by `manage.py fit_grounding`. Only pairs that neither a rule nor the alignment decides are fitted with; what is
measured is of all pairs, each judged by weights that were fitted without it and without the pairs of its source.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from copilot.evaluation import curves, fitting
from copilot.evidence.units import units
from copilot.grounding.alignment import closest
from copilot.grounding.conditions import left_out
from copilot.grounding.verdicts import NOT_CHECKED, BothWays, decide
from copilot.grounding.weights import parts

# By the entry of weights.toml. Words of two languages cannot be compared.
PARTS = {"same": ("stated", "weaker", "distance", "near", "condition"), "other": ("stated", "weaker")}
THRESHOLDS = tuple(round(0.3 + step / 50, 2) for step in range(35))
MOST_PASSED, LEAST_KEPT = 0.02, 0.9  # of the unsupported, as supported; of the supported, as weak or better
FEWEST = 50  # pairs: with less the weights say nothing


@dataclass(frozen=True)
class Answered:
    """A pair and what the model says of it. `decided`: the score that it has without the model, if any."""

    supported: bool
    source: str
    kind: str
    parts: Mapping[str, float]
    decided: float | None


@dataclass(frozen=True)
class Fitted:
    """`said`: of each pair, by weights that were fitted without it."""

    constant: float
    weights: Mapping[str, float]
    said: Sequence[float]


def answered(lines: Sequence[Mapping[str, Any]], foreign: bool) -> list[Answered]:
    """Those of the details of `evaluate_grounding` that are in the language of their source, or those that are not.

    Raises KeyError for lines that are no such details, and ValueError if the server gave no probabilities.
    """
    return [_answered(line) for line in lines if (line["language"] != line["source_language"]) is foreign]


def _answered(line: Mapping[str, Any]) -> Answered:
    if line["said"] is None:
        raise ValueError("without the model's answers")
    texts = [unit.text for unit in units(line["source"])]
    without = decide(line["claim"], texts, line["language"], source_language=line["source_language"])
    said, distance = BothWays(**line["said"]), closest(line["claim"], texts).distance
    found = parts(said.stated, said.states, distance, left_out(line["claim"], texts))
    decided = None if without.reason == NOT_CHECKED else without.score
    return Answered(line["supported"], line["source"], line["kind"], found, decided)


def fit(pairs: Sequence[Answered], names: Sequence[str]) -> Fitted:
    """Raises ValueError if there are not both kinds of pairs to fit with."""
    open_ = [each for each in pairs if each.decided is None]
    if len({each.supported for each in open_}) < 2:  # noqa: PLR2004
        raise ValueError("without both kinds of pairs")
    rows = np.array([[each.parts[name] for name in names] for each in open_])
    right = np.array([float(each.supported) for each in open_])
    constant, weights = fitting.logistic(rows, right)
    apart = iter(fitting.cross_validated(rows, right, [each.source for each in open_], fitting.logistic))
    said = [float(next(apart)) if each.decided is None else each.decided for each in pairs]
    return Fitted(constant, dict(zip(names, map(float, weights), strict=True)), said)


def table(pairs: Sequence[Answered], said: Sequence[float]) -> list[tuple[float, float, float]]:
    """(threshold, share of the unsupported that reach it, share of the supported)."""
    scored = list(zip(pairs, said, strict=True))
    yes, no = ([score for each, score in scored if each.supported is wanted] for wanted in (True, False))
    return [(least, _share(no, least), _share(yes, least)) for least in THRESHOLDS]


def area(pairs: Sequence[Answered], said: Sequence[float]) -> float:
    return curves.area(zip(said, (each.supported for each in pairs), strict=True)) or 0.0


def _share(scores: Sequence[float], least: float) -> float:
    return sum(score >= least for score in scores) / len(scores) if scores else 0.0


def as_text(writer: str, which: str, pairs: Sequence[Answered], fitted: Fitted) -> str:
    """The entry for weights.toml, and what each threshold would keep and let pass."""
    curve = table(pairs, fitted.said)
    supported = next((least for least, passed, _ in curve if passed <= MOST_PASSED), 1.0)
    weak = max((least for least, _, kept in curve if kept >= LEAST_KEPT), default=THRESHOLDS[0])
    lines = [
        f"# {len(pairs)} pairs, cross-validated: area {area(pairs, fitted.said):.3f}",
        "# from   unsupported   supported",
        *(f"#  {least:.2f}      {passed:6.1%}      {kept:6.1%}" for least, passed, kept in curve),
        f'["{writer}".{which}]',
        f"constant = {fitted.constant:.3f}",
        *(f"{name} = {weight:.3f}" for name, weight in fitted.weights.items()),
        f"supported = {supported:.2f}",
        f"weak = {weak:.2f}",
    ]
    return "\n".join(lines)
