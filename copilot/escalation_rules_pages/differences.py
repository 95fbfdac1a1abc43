"""In what two sets of rules differ, in words: “Time to take the ticket, High: 1 hour → 2 hours”."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from config.formats import percent
from copilot.escalation.rules import TRIGGERS, Rules
from copilot.escalation_rules_pages import times
from copilot.escalation_rules_pages.choices import LABELS, PRIORITY, Choices, subject
from copilot.rule_forms import Difference

Key = tuple[str, str]
ORDER = ("trigger", "attempts", "reply", "sure", "take", "team")


def values(rules: Rules) -> dict[Key, float]:
    """Every value by its place, in the order of the page; of teams only those that are set."""
    return {
        **{("trigger", each): each in rules.triggers for each in TRIGGERS},
        ("attempts", ""): rules.attempts,
        **{("reply", str(priority)): minutes for priority, minutes in rules.reply_within.items()},
        ("sure", ""): rules.sure,
        **{("take", str(priority)): minutes for priority, minutes in rules.take_within.items()},
        **{("team", name): team for name, team in rules.teams.items()},
    }


def changed(old: Rules, new: Rules) -> list[tuple[Key, float, float]]:
    was, now = values(old), values(new)
    keys = sorted({**was, **now}, key=lambda key: ORDER.index(key[0]))
    return [(key, was.get(key, 0), now.get(key, 0)) for key in keys if was.get(key, 0) != now.get(key, 0)]


def differences(old: Rules, new: Rules, choices: Choices) -> list[Difference]:
    return [
        Difference(_place(*key), _words(key[0], was, choices), _words(key[0], now, choices))
        for key, was, now in changed(old, new)
    ]


def _place(kind: str, of: str) -> str:
    match kind:
        case "trigger":
            return _("Trigger, %(name)s") % {"name": LABELS[of]}
        case "attempts":
            return _("Replies after which the customer wrote again")
        case "reply":
            return _("Time for a reply, %(priority)s") % {"priority": PRIORITY[int(of)]}
        case "sure":
            return _("Minimum confidence of a draft")
        case "take":
            return _("Time to take the ticket, %(priority)s") % {"priority": PRIORITY[int(of)]}
        case _team:
            return _("Team, %(name)s") % {"name": subject(of)}


def _words(kind: str, value: float, choices: Choices) -> str:
    match kind:
        case "trigger":
            return pgettext("rule", "yes") if value else pgettext("rule", "no")
        case "attempts":
            return str(value)
        case "sure":
            return percent(value)
        case "reply" | "take":
            return times.words(int(value))
        case _team:
            return choices.team(int(value))
