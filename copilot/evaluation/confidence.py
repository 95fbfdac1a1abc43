"""Drafts of an evaluation as examples that a writer's confidence is fitted with. Run by `manage.py fit_confidence`."""

from collections.abc import Mapping, Sequence
from typing import Any

from copilot.confidence import parts
from copilot.confidence.parts import PARTS, Asked
from copilot.evaluation.drafts import Case
from copilot.evaluation.fitting import Example, Fitted
from copilot.grounding.verdicts import Support

PENALTY = 10.0  # with few wrong drafts a smaller one fits chance (docs/decisions/0035)


def examples(lines: Sequence[Mapping[str, Any]], cases: Sequence[Case]) -> list[Example]:
    """Of each draft. `lines`: the details of `evaluate_drafts`, made with these cases."""
    groups = groups_of(cases)
    found = [(values_of(line), line) for line in lines if line["answered"]]
    return [
        Example(values, line["answerable"] and line["hit"], groups[line["id"]])
        for values, line in found
        if values is not None
    ]


def values_of(line: Mapping[str, Any]) -> parts.Values | None:
    asked = [Asked(each["probability"], each["pointed"] or (), bool(each["units"])) for each in line["questions"]]
    return parts.of_draft(asked, [each["support"] == Support.SUPPORTED for each in line["sentences"]])


def groups_of(cases: Sequence[Case]) -> dict[str, str]:
    """The group of each case, by its id: cases that share an article, directly or through others, have the same."""
    groups: list[set[str]] = []
    for case in cases:
        shared = {article for article, _, _ in case.articles}
        meeting = [group for group in groups if group & shared]
        groups = [group for group in groups if not group & shared] + [shared.union(*meeting)]
    names = {article: min(group) for group in groups for article in group}
    return {case.id: names[case.articles[0][0]] for case in cases if case.articles}


def as_toml(writer: str, prompt: str, fitted: Fitted) -> str:
    """As weights.toml has it."""
    measured, key = fitted.measured, f'["{writer}"'
    bins = ", ".join(f"[{each.count}, {each.said}, {each.right}]" for each in measured.bins)
    lines = [
        f"{key}]",
        f'prompt = "{prompt}"',
        f"constant = {fitted.constant:.3f}",
        "",
        f"{key}.usual]",
        *(f"{part} = {fitted.usual[part]:.3f}" for part in PARTS),
        "",
        f"{key}.weight]",
        *(f"{part} = {fitted.weight[part]:.3f}" for part in PARTS),
        "",
        f"{key}.measured]",
        f"cases = {measured.cases}",
        f"right = {measured.right:.3f}",
        f"area = {measured.area:.3f}",
        f"brier = {measured.brier:.3f}",
        f"error = {measured.error:.3f}",
        f"bins = [{bins}]",
    ]
    return "\n".join(lines)
