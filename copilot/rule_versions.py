"""The versions of rules that leads change on a page: the history, one version, and using an older one again."""

import re
from collections.abc import Callable, Sized
from dataclasses import dataclass
from typing import Any, Generic

from django.http import Http404
from django.utils.translation import gettext as _

from config.numbers import LARGEST
from config.versioned import VersionedRules
from copilot.rule_sets import Row, Rules, RuleSet

MOST = 50
# The note that `use` stores, in English.
RESTORED = re.compile(r"Back to (?:version (?P<number>\d{1,18})|the shipped rules)")


@dataclass(frozen=True)
class Version(Generic[Rules, Row]):
    """`changes`: in how many values it differs from the one before. `rules` is None if they cannot be read."""

    row: Row
    rules: Rules | None
    changes: int
    in_use: bool

    @property
    def note(self) -> str:
        return note_of(self.row)


def note_of(row: VersionedRules) -> str:
    """What the member wrote; one that `use` wrote is translated."""
    if found := RESTORED.fullmatch(row.note):
        number = found["number"]
        return _("Back to version %(number)s") % {"number": number} if number else _("Back to the shipped rules")
    return row.note


def history(
    rule_set: RuleSet[Rules, Row], changed: Callable[[Rules, Rules], Sized], in_use: int
) -> list[Version[Rules, Row]]:
    """The newest first. `changed`: the values in which two sets differ. One query."""
    rows = rule_set.history(MOST + 1)
    rules = [rule_set.of(row) for row in rows]
    found = []
    for place, row in enumerate(rows[:MOST]):
        before = next((each for each in rules[place + 1 :] if each is not None), rule_set.shipped)
        own = rules[place]
        found.append(Version(row, own, 0 if own is None else len(changed(before, own)), row.pk == in_use))
    return found


def get_rules(rule_set: RuleSet[Rules, Row], number: int) -> Rules:
    """The rules of this version, or 404."""
    rules = rule_set.numbered(number) if number <= LARGEST else None
    if rules is None:
        raise Http404
    return rules


def use(rule_set: RuleSet[Rules, Row], number: int, rules: Rules, seen: int, by: object) -> Row:
    """Save an older version as a new one. Raises Changed."""
    note = f"Back to version {number}" if number else "Back to the shipped rules"
    return rule_set.save(rules, seen, note=note, by=by)


def shown(rule_set: RuleSet[Rules, Row], number: int) -> dict[str, Any]:
    """What templates/copilot/rules/_version.html says of the version itself."""
    rows = rule_set.row.objects.select_related("created_by")  # type: ignore[attr-defined]
    row, newest = rows.filter(pk=number).first(), rule_set.newest()
    return {
        "version": row,
        "note": note_of(row) if row else "",
        "number": number,
        "seen": newest.pk if newest else 0,
    }
