"""What the forms have in common on which leads change rules: fields, what was read of them, and differences."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from copilot.rule_sets import Rules

Options = Mapping[str, str | Promise]
NOTE_MOST = 200  # characters
LONGEST = 300  # characters that are shown again of what somebody sent
MISSING = "-"  # a list that was not sent


@dataclass(frozen=True)
class Field:
    """`label` is for screen readers where the page shows the name elsewhere. `note`: beside it in small letters."""

    name: str
    label: str
    value: str
    options: Sequence[tuple[str, str | Promise]] = ()
    error: str = ""
    note: str = ""
    others: bool = False  # of all other categories


@dataclass
class Read(Generic[Rules]):
    """`rules` is None if something is wrong; `errors`: by the name of the field."""

    rules: Rules | None = None
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def said(self) -> str:
        """In one line."""
        count = len(self.errors)
        words = ngettext("%(count)d field needs a correction.", "%(count)d fields need a correction.", count)
        return words % {"count": count} if count else ""


@dataclass(frozen=True)
class Difference:
    place: str
    was: str
    now: str


def at(*parts: str) -> str:
    """The name of a field: "matrix-urgent-billing"."""
    return "-".join(parts)


def list_field(name: str, label: str, value: str, options: Options, error: str = "", **more: Any) -> Field:
    """With a value that is not in the list, nothing is chosen by itself."""
    there = list(options.items())
    if value not in options:
        value, there = MISSING, [(MISSING, "–"), *there]
    return Field(name, label, value, there, error, **more)


def chosen(fields: Mapping[str, str], lists: Mapping[str, Options], errors: dict[str, str]) -> dict[str, str]:
    """What is chosen in each list; whatever is not in the list becomes an error."""
    found = {}
    for name, options in lists.items():
        if (value := fields.get(name)) in options:
            found[name] = str(value)
        else:
            errors[name] = _("Choose one of the list.")
    return found


def check_note(note: str, errors: dict[str, str]) -> None:
    if len(note.strip()) > NOTE_MOST:
        errors["note"] = _("At most 200 characters.")
    elif any(unicodedata.category(each) == "Cc" for each in note.strip()):
        errors["note"] = _("One line of text, without control characters.")


def without(there: Mapping[str, Any], shown: Sequence[str]) -> dict[str, Any]:
    """Values that are not on the page, and stay as they are."""
    return {name: value for name, value in there.items() if name not in set(shown)}


def short(text: str) -> str:
    return text[:LONGEST]
