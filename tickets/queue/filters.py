"""Filters: conditions on the fields of a ticket, as an address holds them, and as a query. Pure, but for the words.

In an address: `priority=4,3&tag!=7&created=7d`. Values of one field are alternatives, fields add up, `!` turns
one round. What is no field or no value of it is left out and told.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext as _

from tickets.models import Ticket
from tickets.queue import periods
from tickets.queue.fields import NOT, Asked, Field, Kind
from tickets.queue.ticket_fields import FIELDS, NONE, RESERVED

MOST_VALUES = 500  # of one field
BETWEEN = ","  # the values of a field with choices, none of which holds one


@dataclass(frozen=True)
class Condition:
    key: str
    values: tuple[str, ...]
    negated: bool = False

    @property
    def name(self) -> str:
        return f"{self.key}{NOT}" if self.negated else self.key

    @property
    def field(self) -> Field:
        return FIELDS[self.key]

    def where(self, asked: Asked) -> Q:
        found = self.field.where(self.values, asked)
        return ~found if self.negated else found


@dataclass(frozen=True)
class Filters:
    """Conditions in the order of FIELDS. `unknown`: what was asked for and does not exist."""

    conditions: tuple[Condition, ...] = ()
    unknown: tuple[str, ...] = field(default=(), compare=False)

    def where(self, asked: Asked) -> Q:
        found = Q()
        for condition in self.conditions:
            found &= condition.where(asked)
        return found

    def values(self, name: str) -> tuple[str, ...]:
        return next((each.values for each in self.conditions if each.name == name), ())

    def without(self, *names: str) -> "Filters":
        return replace(self, conditions=tuple(each for each in self.conditions if each.name not in names))

    def statuses(self) -> list[str]:
        """Which of them a ticket may have that passes."""
        asked, but = self.values("status") or Ticket.Status.values, self.values("status" + NOT)
        return [status for status in Ticket.Status.values if status in asked and status not in but]

    def same_as(self, other: "Filters") -> bool:
        """The order of values says nothing."""
        return _sets(self) == _sets(other)

    def within(self, other: "Filters") -> bool:
        """Every ticket that passes these passes the others, as far as the conditions themselves say."""
        mine, theirs = _sets(self), _sets(other)
        return all(
            name in mine and (mine[name] >= values if name.endswith(NOT) else mine[name] <= values)
            for name, values in theirs.items()
        )

    def pairs(self) -> list[tuple[str, str]]:
        """For an address. Only fields with choices have several values."""
        return [(each.name, BETWEEN.join(each.values)) for each in self.conditions]

    def as_json(self) -> dict[str, list[str]]:
        return {each.name: list(each.values) for each in self.conditions}


def _sets(filters: Filters) -> dict[str, set[str]]:
    return {each.name: set(each.values) for each in filters.conditions}


def of(**values: str) -> Filters:
    """For filters in code: `of(status="open", assignee="me")`."""
    return from_mapping({key: [value] for key, value in values.items()})


def from_address(given: QueryDict) -> Filters:
    """What an address or a form asks for.

    A form may have the ends of a period in two fields, `created_from` and `created_to`, and `not=tag` for `tag!`.
    """
    turned = set(given.getlist("not"))
    asked: dict[str, list[str]] = {}
    for name in (name for name in given if name not in RESERVED):
        asked.setdefault(name + NOT if name in turned else name, []).extend(given.getlist(name))
    for each in (each for each in FIELDS.values() if each.kind is Kind.PERIOD):
        start, end = (asked.pop(f"{each.key}_{part}", [""])[-1] for part in ("from", "to"))
        if (start or end) and not any(asked.get(each.key, ())):
            asked[each.key] = [periods.between(start, end) or f"{start} {end}"]
    return from_mapping(asked)


def from_mapping(given: Mapping[str, object]) -> Filters:
    conditions, unknown = [], []
    names = {name: each for each in FIELDS.values() for name in each.names}
    for name, each in names.items():
        values, wrong = _read(each, given.get(name, ()))
        unknown += [f"{each.label}: {value}"[:60] for value in wrong]
        if values:
            conditions.append(Condition(each.key, values, name != each.key))
    unknown += [name[:60] for name in given if name not in names]
    return Filters(tuple(conditions), tuple(unknown))


def _read(each: Field, given: object) -> tuple[tuple[str, ...], list[str]]:
    """The values that the field knows, and what it does not. An empty field of a form is neither."""
    values = given if isinstance(given, list | tuple) else [given]
    texts = [part for value in values for part in (str(value).split(BETWEEN) if each.may_be_negated else [str(value)])]
    asked = list(dict.fromkeys(text.strip() for text in texts if text.strip()))
    wrong = [value for value in asked if not each.reads(value)]
    known = [value for value in asked if each.reads(value)]
    if len(known) > MOST_VALUES:
        wrong.append(_("only the first %(count)d are used") % {"count": MOST_VALUES})
    return tuple(known[:MOST_VALUES] if each.may_be_negated else known[-1:]), wrong


def words(condition: Condition) -> str:
    """For the list of filters: "Tag: refund, billing"."""
    name, values = condition.field.label, ", ".join(condition.field.labels(condition.values))
    if condition.negated and condition.values == (NONE,):
        return _("%(name)s: any") % {"name": name}
    text = _("%(name)s: not %(values)s") if condition.negated else _("%(name)s: %(values)s")
    return text % {"name": name, "values": values}
