"""What an evaluation measured, to be kept, so that leads see it and what changed since. Some ships with Copydesk."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

from django.forms.models import model_to_dict

from copilot import prompts
from copilot.drafting import pointing, saying
from copilot.evaluation import curves
from copilot.evaluation.curves import Scored
from copilot.evaluation.grounding import Judged
from copilot.grounding import checking
from copilot.llm import Model
from copilot.models import EvaluationRun

Kind = EvaluationRun.Kind
RELEASED = Path(__file__).parent / "released"
FIRST_WORDS = 160  # characters of a case that are copied
# What became of a case, by whether that was right.
DRAFT = {True: "right", False: "wrong"}
NO_DRAFT = {True: "refused", False: "missing"}
TRUE = {True: "kept", False: "doubted"}
UNTRUE = {True: "caught", False: "passed"}
DRAFT_PROMPTS = {"point": pointing.PROMPT, "say": saying.PROMPT, "verify": checking.PROMPT}
GROUNDING_PROMPTS = {"verify": checking.PROMPT}


def of_drafts(
    details: Sequence[Mapping[str, Any]], figures: Mapping[str, Any], threshold: float, model: Model, cases: Path
) -> EvaluationRun:
    """Not saved. `details`: of each case, as `evaluate_drafts` writes them; `threshold`: the minimum score."""
    scored = [Scored(answers(each), each["answerable"]) for each in details]
    return EvaluationRun(
        kind=Kind.DRAFTS,
        figures={**figures, "auc": curves.area((each.score or 0.0, each.right) for each in scored)},
        threshold=threshold,
        curve=[astuple(point) for point in curves.curve(scored)],
        cases=[_draft(each) for each in details],
        **_made_with(model, DRAFT_PROMPTS, cases),
    )


def of_grounding(
    judged: Sequence[Judged], figures: Mapping[str, Any], threshold: float | None, model: Model | None, data: Path
) -> EvaluationRun:
    """Not saved. In the curve no translation passes, whatever the threshold: they have one of their own."""
    scored = [
        Scored(each.score if each.pair.language == each.pair.source_language else None, each.pair.supported)
        for each in judged
    ]
    return EvaluationRun(
        kind=Kind.GROUNDING,
        figures=figures,
        threshold=threshold,
        curve=[astuple(point) for point in curves.curve(scored)],
        cases=[_pair(each) for each in judged],
        **_made_with(model, GROUNDING_PROMPTS, data),
    )


def answers(details: Mapping[str, Any]) -> float:
    """The probability that drafts compare with the minimum score."""
    return max((each["probability"] for each in details["questions"]), default=0.0)


def _made_with(model: Model | None, named: Mapping[str, str], cases: Path) -> dict[str, Any]:
    return {
        "model": model.name if model else "",
        "model_sha256": model.sha256 if model else "",
        "prompts": {step: prompts.load(name).version for step, name in named.items()} if model else {},
        "case_file": cases.name[:120],
        "case_hash": hashlib.sha256(cases.read_bytes()).hexdigest()[:12],
    }


def _draft(details: Mapping[str, Any]) -> dict[str, Any]:
    right = details["answerable"] and details["hit"]
    outcome = DRAFT[right] if details["answered"] else NO_DRAFT[not details["answerable"]]
    return _case(details["id"], details["kind"], details["question"], outcome, outcome in {"right", "refused"})


def _pair(judged: Judged) -> dict[str, Any]:
    pair = judged.pair
    both = hashlib.sha256(f"{pair.source}\n{pair.claim}".encode()).hexdigest()[:10]
    outcome = TRUE[judged.passed] if pair.supported else UNTRUE[not judged.passed]
    return _case(both, pair.kind, pair.claim, outcome, outcome in {"kept", "caught"})


def _case(number: str, kind: str, text: str, outcome: str, right: bool) -> dict[str, Any]:
    words = " ".join(text.split())
    short = words if len(words) <= FIRST_WORDS else f"{words[: FIRST_WORDS - 1].rstrip()}…"
    return {"id": number, "kind": kind, "text": short, "outcome": outcome, "right": right}


def released(kind: str) -> EvaluationRun:
    """The run that ships with Copydesk, not saved: so that there is something to see, and to compare with."""
    return EvaluationRun(**json.loads((RELEASED / f"{kind}.json").read_text(encoding="utf-8")))


def release(run: EvaluationRun) -> None:
    values = model_to_dict(run, exclude=["id", "created_at"])
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    # A line for each case: a change can be read.
    (RELEASED / f"{run.kind}.json").write_text(text.replace('},{"id"', '},\n{"id"') + "\n", encoding="utf-8")
