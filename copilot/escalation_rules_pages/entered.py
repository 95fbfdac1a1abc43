"""What the fields of the form hold: from rules, or as somebody sent it, whether it makes sense or not."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import QueryDict

from copilot.escalation.rules import PRIORITIES, Rules
from copilot.escalation_rules_pages import times
from copilot.escalation_rules_pages.choices import SUBJECTS, TIMES, Choices
from copilot.rule_forms import MISSING, at, short


@dataclass(frozen=True)
class Entered:
    """`fields`: by name, all but `triggers`: those that are checked."""

    fields: Mapping[str, str]
    triggers: tuple[str, ...] = ()
    note: str = ""


def of_rules(rules: Rules, choices: Choices) -> Entered:
    """Instead of a deleted team the agent chooses."""
    fields = {"attempts": str(rules.attempts), "sure": str(round(rules.sure * 100))}
    for kind, there in zip(TIMES, (rules.reply_within, rules.take_within), strict=True):
        for priority, minutes in there.items():
            name = at(kind, str(priority))
            fields[name], fields[at(name, "unit")] = times.split(minutes)
    for subject in SUBJECTS:
        team = str(rules.teams.get(subject, ""))
        fields[at("team", subject)] = team if team in choices.teams else ""
    return Entered(fields, rules.triggers)


def of_post(data: QueryDict, choices: Choices) -> Entered:
    numbers = ("attempts", "sure", *(at(kind, str(priority)) for kind in TIMES for priority in PRIORITIES))
    fields = {name: data.get(name, MISSING) for name in choices.lists()} | {
        name: data.get(name, "") for name in numbers
    }
    return Entered(
        {name: short(text) for name, text in fields.items()},
        tuple(short(each) for each in data.getlist("trigger")),
        short(data.get("note", "")),
    )
