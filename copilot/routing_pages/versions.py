"""The saved rules as the history shows them, and the notes of versions that were used again."""

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from copilot.models import RoutingRules
from copilot.routing import configuration
from copilot.routing.rules import SHIPPED, Rules
from copilot.routing_pages.differences import changed

MOST = 50
# The note that `use` stores, in English.
RESTORED = re.compile(r"Back to (?:version (?P<number>\d{1,18})|the shipped rules)")


@dataclass(frozen=True)
class Version:
    """`changes`: in how many values it differs from the one before. `rules` is None if they cannot be read."""

    row: RoutingRules
    rules: Rules | None
    changes: int
    in_use: bool

    @property
    def note(self) -> str:
        return note_of(self.row)


def note_of(row: RoutingRules) -> str:
    """What the member wrote; one that `use` wrote is translated."""
    if found := RESTORED.fullmatch(row.note):
        number = found["number"]
        return _("Back to version %(number)s") % {"number": number} if number else _("Back to the shipped rules")
    return row.note


def history(in_use: int) -> list[Version]:
    """The newest first. One query."""
    rows = configuration.RULES.history(MOST + 1)
    rules = [configuration.RULES.of(row) for row in rows]
    found = []
    for place, row in enumerate(rows[:MOST]):
        before = next((each for each in rules[place + 1 :] if each is not None), SHIPPED)
        own = rules[place]
        found.append(Version(row, own, len(changed(before, own)) if own else 0, row.pk == in_use))
    return found


def use(number: int, rules: Rules, seen: int, by: object) -> RoutingRules:
    """Save an older version as a new one. Raises Changed."""
    note = f"Back to version {number}" if number else "Back to the shipped rules"
    return configuration.save(rules, seen, note=note, by=by)
