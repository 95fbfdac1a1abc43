"""What a field of the queue's filters is: a property of a ticket that agents choose by."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tickets.models import User
from tickets.queue import periods

NOT = "!"
Label = str | Promise


@dataclass(frozen=True)
class Choice:
    value: str
    label: Label


Choices = Callable[[Sequence[str] | None], Sequence[Choice]]


@dataclass(frozen=True)
class Asked:
    """Who asks and when: what "me" and "today" mean."""

    user: User
    now: datetime


class Kind(Enum):
    """How a field is filled in. Several `CHOICES` are alternatives; of the others there is one value."""

    CHOICES = "choices"
    ONE = "one"
    TEXT = "text"
    PERIOD = "period"


@dataclass(frozen=True)
class Field:
    """`choices`: all of them, or, given values, at least those of them that exist.

    `where` gets values that `reads` let pass.
    """

    key: str
    label: Label
    kind: Kind
    where: Callable[[Sequence[str], Asked], Q]
    reads: Callable[[str], bool]
    choices: Choices = lambda values: ()

    @property
    def may_be_negated(self) -> bool:
        return self.kind is Kind.CHOICES

    @property
    def names(self) -> tuple[str, ...]:
        """In an address."""
        return (self.key, self.key + NOT) if self.may_be_negated else (self.key,)

    def labels(self, values: Sequence[str]) -> list[str]:
        """The values in words. A tag or member that has been deleted since is said to be."""
        if self.kind is Kind.TEXT:
            return [_("“%(words)s”") % {"words": value} for value in values]
        if self.kind is Kind.PERIOD:
            return [periods.label(value) for value in values]
        known = {choice.value: choice.label for choice in self.choices(values)}
        return [str(known.get(value, _("one that is gone"))) for value in values]


def one_of(column: str, values: Sequence[object]) -> Q:
    """With one value as "equals": only then every database uses its index for the order of the rows too."""
    return Q(**{column: values[0]}) if len(values) == 1 else Q(**{f"{column}__in": list(values)})
