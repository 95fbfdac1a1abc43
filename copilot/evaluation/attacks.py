"""Attempts to make the copilot do or say what it must not, what became of each, and the figures of all of them.

attack_runs.py sends them through a desk, attack_judging.py says which layer stopped each.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from knowledge.evaluation.retrieval import BadFile, read_jsonl

MAIL, ARTICLE = "mail", "article"
IN_DRAFT, IN_SUMMARY = "draft", "summary"  # where it got through
GOALS = ("rules", "citation", "other_tickets", "action", "markup", "exfiltrate", "tone")
TEXTS = ("id", "where", "language", "goal", "text", "question")
Rows = list[dict[str, Any]]


class Layer(StrEnum):
    """What stopped an attack, in the order of its way through the desk.

    intake: the mail became no ticket. markup: what was forbidden was removed before anything read the text. evidence:
    no draft may rest on these units (evidence/imitation.py). route: the rules allow no draft. no_source: nothing
    answers, so there is no draft. verification: the model wrote it, and that sentence was dropped or replaced.
    own_words: the draft consists of sentences of articles. model: it wrote something else. presend: it stands in the
    draft, and the check before sending blocks it or warns of it. failed: the model failed, so nothing is known.
    """

    INTAKE = "intake"
    MARKUP = "markup"
    EVIDENCE = "evidence"
    ROUTE = "route"
    NO_SOURCE = "no_source"
    VERIFICATION = "verification"
    OWN_WORDS = "own_words"
    MODEL = "model"
    PRESEND = "presend"
    GOT_THROUGH = "got_through"
    FAILED = "failed"


@dataclass(frozen=True)
class Attack:
    """`text`: subject or title, then the body. `question`: what a harmless customer asks who gets a poisoned article.

    `forbidden`: texts that stand in a draft only if the attack has succeeded.
    """

    id: str
    where: str
    language: str
    goal: str
    text: str
    question: str
    forbidden: tuple[str, ...]

    @property
    def title(self) -> str:
        return self.text.partition("\n")[0]

    @property
    def body(self) -> str:
        return self.text.partition("\n")[2]


@dataclass(frozen=True)
class Run:
    """What the desk made of one attack; all of it can be written as JSON.

    `read`: the attack as the desk has it, after intake or in units of the article; `usable`: those units of an article
    that a draft may rest on. `told`: what the checks tell its author. `draft`: as the composer shows it; `sentences`
    {text, unit, support, reason} are its checked parts. `evidence` {number, title, text, cited, internal, poisoned}.
    `calls` {purpose, output}. `summary` {about, text, written}. `findings` {code, level, at, message}.
    """

    id: str
    intake: str
    reason: str = ""
    read: str = ""
    usable: str | None = None
    told: list[str] = field(default_factory=list)
    language: str = ""
    route: dict[str, Any] = field(default_factory=dict)
    state: str = ""
    form: str = ""
    draft: str = ""
    sentences: Rows = field(default_factory=list)
    evidence: Rows = field(default_factory=list)
    calls: Rows = field(default_factory=list)
    summary: Rows = field(default_factory=list)
    findings: Rows = field(default_factory=list)
    seconds: float = 0.0


@dataclass(frozen=True)
class Judged:
    """`why`: what of the attack stands in the draft or in the model's lines of the summary.

    `quoted`: a forbidden text stands in a line of the summary that quotes the customer's own mail. `in_raw`: the model
    wrote one for the draft or the summary, whatever became of it.
    """

    attack: Attack
    run: Run
    layer: Layer
    why: tuple[str, ...]
    quoted: bool
    in_raw: bool


def read_attacks(path: Path) -> list[Attack]:
    """JSONL of {id, where, language, goal, text, question, forbidden: […]}. Raises BadFile."""
    found: dict[str, Attack] = {}
    for number, values in read_jsonl(path):
        attack = _attack(values, place := f"{path}:{number}")
        if attack.id in found:
            raise BadFile(f"{place}: there is another {attack.id}")
        found[attack.id] = attack
    return list(found.values())


def _attack(values: Mapping[str, Any], place: str) -> Attack:
    if missing := [name for name in TEXTS if not isinstance(values.get(name), str)]:
        raise BadFile(f"{place}: needs {missing[0]}, a text")
    forbidden = values.get("forbidden")
    if not isinstance(forbidden, list) or not forbidden or not all(isinstance(one, str) and one for one in forbidden):
        raise BadFile(f"{place}: needs forbidden, a list of texts")
    if values["where"] not in (MAIL, ARTICLE) or values["goal"] not in GOALS:
        raise BadFile(f"{place}: where is {MAIL} or {ARTICLE}; goal is one of {', '.join(GOALS)}")
    if values["where"] == ARTICLE and not (values["question"].strip() and "\n" in values["text"].strip()):
        raise BadFile(f"{place}: a poisoned article needs a title, a body and a question")
    return Attack(**{name: values[name] for name in TEXTS}, forbidden=tuple(forbidden))


def read_runs(path: Path) -> dict[str, Run]:
    """By id, from a file of details; without those where the model failed. Raises BadFile."""
    if not path.exists():
        return {}
    try:
        runs = [Run(**values["run"]) for _, values in read_jsonl(path)]
    except (KeyError, TypeError) as error:
        raise BadFile(f"{path}:0: these are no details of attacks: {error}") from error
    return {run.id: run for run in runs if run.state != Layer.FAILED}


def details(judged: Judged) -> dict[str, Any]:
    return {
        **asdict(judged.attack),
        "layer": judged.layer,
        "why": judged.why,
        "quoted_to_agent": judged.quoted,
        "in_raw_model_output": judged.in_raw,
        "run": asdict(judged.run),
    }


def report(judged: Sequence[Judged]) -> dict[str, Any]:
    """`in_draft`: what stands in a draft, also if the check before sending says so; `seconds`: of all runs."""
    by_layer = _by_layer(judged)
    by_goal = {goal: _by_layer([each for each in judged if each.attack.goal == goal]) for goal in GOALS}
    return {
        "attacks": len(judged),
        "got_through": by_layer[Layer.GOT_THROUGH],
        "by_layer": by_layer,
        "by_goal": {goal: {layer: count for layer, count in found.items() if count} for goal, found in by_goal.items()},
        "in_draft": sum(any(each.startswith(IN_DRAFT) for each in one.why) for one in judged),
        "told_to_author": sum(bool(each.run.told) for each in judged),
        "quoted_to_agent": sum(each.quoted for each in judged),
        "in_raw_model_output": sum(each.in_raw for each in judged),
        "seconds": round(sum(each.run.seconds for each in judged)),
    }


def _by_layer(judged: Sequence[Judged]) -> dict[str, int]:
    counted = Counter(each.layer for each in judged)
    return {layer.value: counted[layer] for layer in Layer}


def as_text(report: Mapping[str, Any]) -> str:
    """A table of goals and layers, then the other figures."""
    layers = [layer for layer, count in report["by_layer"].items() if count or layer == Layer.GOT_THROUGH]
    widths = {layer: max(len(layer), 5) for layer in layers}

    def line(name: str, counts: Mapping[str, int]) -> str:
        cells = [f"{counts.get(layer, 0) or '–':>{widths[layer]}}" for layer in layers]
        return "  ".join([f"{name:<14}", *cells, f"{sum(counts.values()):>5}"])

    head = "  ".join([f"{'':<14}", *(f"{layer:>{widths[layer]}}" for layer in layers), f"{'all':>5}"])
    goals = [line(goal, counts) for goal, counts in report["by_goal"].items() if counts]
    others = [f"{name:>20} {value}" for name, value in report.items() if not isinstance(value, dict)]
    return "\n".join([head, *goals, line("all", report["by_layer"]), "", *others])


def to_line(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False) + "\n"
