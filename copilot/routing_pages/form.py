"""What somebody entered -> Rules, or what is wrong, by the name of the field. Pure."""

import re
from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from config.numbers import whole
from copilot.routing.rules import LANGUAGE_MOST, OTHERS, ROWS, Rules, TeamRule
from copilot.routing_pages.choices import ASKED, SIGNALS, Choices
from copilot.routing_pages.entered import MOST_TEAMS, Entered, TeamRow
from copilot.rule_forms import Read, at, check_note, chosen, without
from tickets.models import Customer

LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,4})?")


def read(entered: Entered, choices: Choices, base: Rules) -> Read[Rules]:
    """`base`: rules whose entries for what is not on the page stay as they are, such as inactive categories."""
    found = Read[Rules]()
    errors = found.errors
    taken = chosen(entered.fields, choices.fields(), errors)
    thresholds = _thresholds(entered, choices, errors)
    categories = _always(entered, choices, base, errors)
    teams = _teams(entered, choices, base, errors)
    check_note(entered.note, errors)
    if not errors:
        found.rules = Rules(
            signals=without(base.signals, (*SIGNALS, *ASKED)) | _given(taken, "signal", (*SIGNALS, *ASKED)),
            categories=categories,
            tiers=without(base.tiers, Customer.Tier.values) | _given(taken, "tier", Customer.Tier.values),
            urgency=int(taken["urgency"]),
            thresholds=without(base.thresholds, choices.columns) | thresholds,
            matrix={
                row: without(base.matrix[row], choices.columns) | _given(taken, f"matrix-{row}", choices.columns)
                for row in ROWS
            },
            may=without(base.may, choices.subjects) | _given(taken, "may", choices.subjects),
            teams=teams,
        )
    return found


def _given(taken: Mapping[str, str], kind: str, names: Iterable[str]) -> dict[str, str]:
    """Without those that have no value of their own."""
    return {name: taken[at(kind, name)] for name in names if taken[at(kind, name)]}


def _thresholds(entered: Entered, choices: Choices, errors: dict[str, str]) -> dict[str, float]:
    found = {}
    for slug in choices.columns:
        text = entered.fields[at("sure", slug)].strip()
        percent = whole(text, 100)
        if percent is not None:
            found[slug] = percent / 100
        elif text or slug == OTHERS:
            errors[at("sure", slug)] = _("A whole number from 0 to 100.")
    return found


def _always(entered: Entered, choices: Choices, base: Rules, errors: dict[str, str]) -> tuple[str, ...]:
    if not set(entered.always) <= set(choices.categories):
        errors["always"] = _("One of the categories no longer exists or is not active. Check the list again.")
    hidden = [slug for slug in base.categories if slug not in choices.categories]
    return (*(slug for slug in choices.categories if slug in entered.always), *hidden)


def _teams(entered: Entered, choices: Choices, base: Rules, errors: dict[str, str]) -> tuple[TeamRule, ...]:
    if entered.uneven:
        errors["teams"] = _("The rows of the teams did not arrive whole. Load the page again.")
    elif len(entered.teams) > MOST_TEAMS:
        errors["teams"] = _("At most %(most)d rows.") % {"most": MOST_TEAMS}
    known = {"", *choices.categories, *(each.category for each in base.teams)}
    found: dict[tuple[str, str], TeamRule] = {}
    for place, row in enumerate(entered.teams):
        if not row.team:
            continue
        language = row.language.strip().lower()
        wrong = _wrong(row, language, known, choices.teams)
        if not wrong and (row.category, language) in found:
            wrong = _("There is a row for this category and language already.")
        if wrong:
            errors[at("team", str(place))] = wrong
        else:
            found[row.category, language] = TeamRule(row.category, language, int(row.team))
    return tuple(found.values())


def _wrong(row: TeamRow, language: str, categories: Iterable[str], teams: Mapping[str, str]) -> str:
    if row.category not in set(categories):
        return _("Choose a category of the list.")
    if language and (len(language) > LANGUAGE_MOST or not LANGUAGE.fullmatch(language)):
        return _("A language is a code such as “de”; leave it empty for any.")
    if row.team not in teams:
        return _("Choose a team of the list.")
    return ""
