"""In what two sets of rules differ, in words: “Matrix, Billing, negative: Person with draft → Person now”."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from config.formats import percent
from copilot.routing import wording
from copilot.routing.rules import NEVER, Handling, May, Rules
from copilot.routing_pages.choices import AS_OTHERS, NO_EFFECT, Choices
from copilot.rule_forms import Difference
from copilot.triage.wording import signal
from tickets.models import Customer

Key = tuple[str, ...]
Value = str | int | float | None


def values(rules: Rules) -> dict[Key, Value]:
    """Every value by its place, in the order of the page."""
    return {
        **{("signal", kind): wanted for kind, wanted in rules.signals.items()},
        **{("always", slug): "yes" for slug in rules.categories},
        **{("tier", tier): wanted for tier, wanted in rules.tiers.items()},
        ("urgency",): rules.urgency,
        **{("sure", slug): least for slug, least in rules.thresholds.items()},
        **{("matrix", row, slug): cell for row, cells in rules.matrix.items() for slug, cell in cells.items()},
        **{("may", subject): may for subject, may in rules.may.items()},
        **{("team", each.category, each.language): each.team for each in rules.teams},
    }


def changed(old: Rules, new: Rules) -> list[tuple[Key, Value, Value]]:
    was, now = values(old), values(new)
    keys = sorted({**was, **now}, key=lambda key: ORDER.index(key[0]))
    return [(key, was.get(key), now.get(key)) for key in keys if was.get(key) != now.get(key)]


def differences(old: Rules, new: Rules, choices: Choices) -> list[Difference]:
    return [
        Difference(_place(key, choices), _words(key, was, choices), _words(key, now, choices))
        for key, was, now in changed(old, new)
    ]


ORDER = ("signal", "always", "tier", "urgency", "sure", "matrix", "may", "team")


def _place(key: Key, choices: Choices) -> str:
    kind, *of = key
    first, last = (of or [""])[0], of[-1] if of else ""
    names = {"category": choices.category(first) if first else _("any category"), "language": last or _("any language")}
    tiers: Mapping[str, str] = {value: str(label) for value, label in Customer.Tier.choices}
    return {
        "signal": lambda: _("Signal or request, %(name)s") % {"name": signal(first)},
        "always": lambda: _("Always to a person, %(category)s") % names,
        "tier": lambda: _("Customer tier, %(tier)s") % {"tier": tiers.get(first, first)},
        "urgency": lambda: _("Urgency from which a person answers"),
        "sure": lambda: _("Confidence, %(category)s") % names,
        "matrix": lambda: _("Matrix, %(column)s, “%(row)s”") % _cell(first, last, choices),
        "may": lambda: _("What the copilot may prepare, %(name)s") % {"name": choices.subject(first)},
        "team": lambda: _("Team, %(category)s, %(language)s") % names,
    }[kind]()


def _cell(row: str, slug: str, choices: Choices) -> dict[str, str]:
    return {"column": choices.category(slug), "row": str(wording.ROWS[row])}


def _words(key: Key, value: Value, choices: Choices) -> str:
    kind = key[0]
    if kind == "always":
        return pgettext("rule", "yes") if value else pgettext("rule", "no")
    if kind == "team":
        return choices.teams.get(str(value), _("a deleted team")) if value else "–"
    if value is None:
        return str(AS_OTHERS if kind in ("sure", "matrix", "may") else NO_EFFECT)
    if kind == "urgency":
        return _("never") if value == NEVER else str(value)
    if kind == "sure":
        return percent(float(value))
    return str((May if kind == "may" else Handling)(str(value)).label)
