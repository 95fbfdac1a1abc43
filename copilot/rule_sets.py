"""Rules that leads change on a page: which set is in use, earlier ones, and saving another. Every change is a new row.

The newest row that can be read is in use; until there is one, the shipped rules are.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import IntegrityError, transaction

from config.versioned import VersionedRules

log = logging.getLogger(__name__)
TRIED = 20  # rows, until one can be read
Rules = TypeVar("Rules")
Row = TypeVar("Row", bound=VersionedRules)


class BadRules(ValueError):
    """Stored or sent rules that cannot be read. The text says what is wrong."""


class Changed(Exception):
    """Somebody else has saved rules since the page was opened."""


def nothing() -> None:
    """What follows a change of rules that nothing depends on."""


@dataclass(frozen=True)
class RuleSet(Generic[Rules, Row]):
    """`then` runs in the transaction that saves a row. `from_json` raises BadRules."""

    row: type[Row]
    shipped: Rules
    to_json: Callable[[Rules], dict[str, Any]]
    from_json: Callable[[Any], Rules]
    then: Callable[[], None] = nothing

    def current(self) -> tuple[int, Rules]:
        """Their number (0: the shipped ones) and the rules. A row that cannot be read does not count: the one before
        does."""
        for number, stored in self.row.objects.values_list("pk", "rules")[:TRIED]:  # type: ignore[attr-defined]
            try:
                return number, self.from_json(stored)
            except BadRules as error:
                log.error("rules cannot be read: kind=%s number=%s error=%s", self.row.__name__, number, error)
        return 0, self.shipped

    def numbered(self, wanted: int) -> Rules | None:
        """0: the shipped rules. None if there are none of this number, or they cannot be read."""
        if wanted == 0:
            return self.shipped
        row = self.row.objects.filter(pk=wanted).first()  # type: ignore[attr-defined]
        return None if row is None else self.of(row)

    def of(self, row: Row) -> Rules | None:
        """None if they cannot be read."""
        try:
            return self.from_json(row.rules)
        except BadRules:
            return None

    def newest(self) -> Row | None:
        """The newest row, whether or not it can be read."""
        return self.row.objects.select_related("created_by").first()  # type: ignore[attr-defined]

    def history(self, most: int) -> list[Row]:
        return list(self.row.objects.select_related("created_by")[:most])  # type: ignore[attr-defined]

    def save(self, rules: Rules, seen: int, *, note: str = "", by: Any = None) -> Row:
        """`seen`: the number of the newest row when the page was opened. Raises Changed, and BadRules for impossible
        ones.

        Two leads who save at the same moment: the later one is told.
        """
        stored = self.to_json(rules)
        self.from_json(stored)
        newest = self.newest()
        if (newest.pk if newest else 0) != seen:
            raise Changed
        place = newest.place + 1 if newest else 1
        with transaction.atomic():
            try:
                with transaction.atomic():
                    fields = {"rules": stored, "place": place, "note": note[:200], "created_by": by}
                    saved = self.row.objects.create(**fields)  # type: ignore[attr-defined]
            except IntegrityError:
                raise Changed from None
            self.then()
        return saved
