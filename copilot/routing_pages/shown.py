"""What the form's template shows: each rule with its fields, their names for screen readers, and errors beside them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from copilot.routing import wording
from copilot.routing.rules import OTHERS
from copilot.routing_pages.choices import ASKED, NONE, SIGNALS, Choices
from copilot.routing_pages.entered import Entered, TeamRow
from copilot.rule_forms import Field, Options, at, list_field
from copilot.triage.wording import signal
from tickets.models import Customer

SPARE = 3  # empty rows for teams


@dataclass(frozen=True)
class Team:
    category: Field
    language: Field
    team: Field
    error: str
    note: str
    place: int


class Form:
    """The form as its template reads it. `more`: empty rows for teams than there were."""

    def __init__(self, entered: Entered, choices: Choices, errors: Mapping[str, str], more: int = 0) -> None:
        self.entered, self.choices, self.errors = entered, choices, errors
        self.lists, self.spare = choices.fields(), max(SPARE, entered.blank) + more
        self.note = entered.note

    def signals(self) -> list[Field]:
        return [self._list(at("signal", kind), signal(kind)) for kind in SIGNALS]

    def requests(self) -> list[Field]:
        return [self._list(at("signal", kind), signal(kind)) for kind in ASKED]

    def always(self) -> list[tuple[str, str, bool]]:
        """Short name, name, and whether it is checked."""
        return [(slug, name, slug in self.entered.always) for slug, name in self.choices.categories.items()]

    def tiers(self) -> list[Field]:
        return [self._list(at("tier", tier), str(label)) for tier, label in Customer.Tier.choices]

    def urgency(self) -> Field:
        return self._list("urgency", _("From urgency"))

    def sure(self) -> list[Field]:
        found = []
        for slug in self.choices.columns:
            name, label = at("sure", slug), self.choices.category(slug)
            found.append(Field(name, label, self._value(name), error=self.errors.get(name, ""), others=slug == OTHERS))
        return found

    def columns(self) -> list[str]:
        return [self.choices.category(slug) for slug in self.choices.columns]

    def matrix(self) -> list[tuple[str, list[Field]]]:
        columns = self.choices.columns
        return [
            (capfirst(str(name)), [self._cell(row, slug) for slug in columns]) for row, name in wording.ROWS.items()
        ]

    def may(self) -> list[Field]:
        return [self._list(at("may", each), self.choices.subject(each)) for each in self.choices.subjects]

    def teams(self) -> list[Team]:
        rows = [*self.entered.teams, *[TeamRow()] * self.spare]
        return [self._team(place, row) for place, row in enumerate(rows)]

    def wrong(self, *names: str) -> str:
        return next((self.errors[name] for name in names if name in self.errors), "")

    def always_error(self) -> str:
        return self.wrong("always")

    def note_error(self) -> str:
        return self.wrong("note")

    def teams_error(self) -> str:
        return self.wrong("teams")

    def _cell(self, row: str, slug: str) -> Field:
        label = _("%(column)s, %(row)s") % {"column": self.choices.category(slug), "row": wording.ROWS[row]}
        return self._list(at("matrix", row, slug), label, others=slug == OTHERS)

    def _list(self, name: str, label: str, **more: Any) -> Field:
        return list_field(name, label, self._value(name), self.lists[name], self.errors.get(name, ""), **more)

    def _value(self, name: str) -> str:
        return self.entered.fields.get(name, "")

    def _team(self, place: int, row: TeamRow) -> Team:
        names = {"number": place + 1}
        categories: Options = {"": _("any category"), **self.choices.categories}
        if row.category not in categories:
            categories = {**categories, row.category: self.choices.category(row.category)}
        lost = not row.team and bool(row.category or row.language)
        return Team(
            Field("team_category", _("Category of row %(number)d") % names, row.category, list(categories.items())),
            Field("team_language", _("Language of row %(number)d") % names, row.language),
            Field("team", _("Team of row %(number)d") % names, row.team, [*NONE.items(), *self.choices.teams.items()]),
            self.errors.get(at("team", str(place)), ""),
            _("Without a team this row is not saved.") if lost else "",
            place,
        )
