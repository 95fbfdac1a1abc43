"""The evaluations that were kept, and what changed from one to another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from config.numbers import whole
from copilot.evaluation import runs
from copilot.models import EvaluationRun

LISTED = 20
RELEASED = "released"  # in the address: the run that ships with Copydesk


@dataclass(frozen=True)
class Shown:
    """`now`: the newest run, or the released one. `before`: the run that it is compared with, None for the former."""

    now: EvaluationRun
    before: EvaluationRun | None
    choices: Sequence[EvaluationRun]
    unknown: bool = False

    @property
    def is_released(self) -> bool:
        return self.now.pk is None


@dataclass(frozen=True)
class Changes:
    """Of the cases that two runs share: how many there are, and those that got better or worse, now."""

    shared: int
    better: Sequence[Mapping[str, Any]]
    worse: Sequence[Mapping[str, Any]]


def read(kind: str, chosen: str) -> Shown:
    """`chosen`: the run to compare with, from the address; the one before the newest by default. Two queries."""
    light = EvaluationRun.objects.filter(kind=kind).defer("cases", "curve", "figures")
    newest, *earlier = [*light[:LISTED], runs.released(kind)]
    if not earlier:
        return Shown(newest, None, [])
    found = _chosen(earlier, chosen)
    before = found or earlier[0]
    full = EvaluationRun.objects.in_bulk([each.pk for each in (newest, before) if each.pk])
    return Shown(full[newest.pk], full[before.pk] if before.pk else before, earlier, bool(chosen) and found is None)


def _chosen(earlier: Sequence[EvaluationRun], chosen: str) -> EvaluationRun | None:
    wanted = None if chosen == RELEASED else whole(chosen) or 0
    return next((each for each in earlier if each.pk == wanted), None)


def changes(now: EvaluationRun, before: EvaluationRun) -> Changes:
    """Pure. A case is the same if its id and its text are."""
    earlier = {(case["id"], case["text"]): case["right"] for case in before.cases}
    shared = [(case, earlier[key]) for case in now.cases if (key := (case["id"], case["text"])) in earlier]
    return Changes(
        len(shared),
        [case for case, was_right in shared if case["right"] and not was_right],
        [case for case, was_right in shared if was_right and not case["right"]],
    )
