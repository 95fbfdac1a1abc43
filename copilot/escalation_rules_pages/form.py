"""What somebody entered -> Rules, or what is wrong, by the name of the field. Pure."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from config.numbers import whole
from copilot.escalation.rules import MOST_ATTEMPTS, MOST_MINUTES, PRIORITIES, TRIGGERS, Rules
from copilot.escalation_rules_pages import times
from copilot.escalation_rules_pages.choices import SUBJECTS, Choices
from copilot.escalation_rules_pages.entered import Entered
from copilot.rule_forms import Read, at, check_note, chosen, without

Errors = dict[str, str]


def read(entered: Entered, choices: Choices, base: Rules) -> Read[Rules]:
    """`base`: rules whose teams for what is not on the page stay as they are, such as signals no longer known."""
    found = Read[Rules]()
    errors = found.errors
    triggers = _triggers(entered.triggers, errors)
    attempts = whole(entered.fields["attempts"].strip(), MOST_ATTEMPTS)
    if not attempts:
        errors["attempts"] = _("A whole number from 1 to %(most)d.") % {"most": MOST_ATTEMPTS}
    sure = whole(entered.fields["sure"].strip(), 100)
    if sure is None:
        errors["sure"] = _("A whole number from 0 to 100.")
    taken = chosen(entered.fields, choices.lists(), errors)
    reply, take = (_times(kind, entered.fields, taken, errors) for kind in ("reply", "take"))
    check_note(entered.note, errors)
    if not errors and attempts and sure is not None:
        teams = {subject: int(team) for subject in SUBJECTS if (team := taken[at("team", subject)])}
        found.rules = Rules(triggers, attempts, sure / 100, reply, take, without(base.teams, SUBJECTS) | teams)
    return found


def _triggers(sent: tuple[str, ...], errors: Errors) -> tuple[str, ...]:
    if not set(sent) <= set(TRIGGERS):
        errors["trigger"] = _("One of the triggers no longer exists. Check the list again.")
    return tuple(each for each in TRIGGERS if each in sent)


def _times(kind: str, fields: Mapping[str, str], taken: Mapping[str, str], errors: Errors) -> dict[int, int]:
    found = {}
    for priority in PRIORITIES:
        name = at(kind, str(priority))
        unit = taken.get(at(name, "unit"), str(times.MINUTE))
        minutes = times.minutes(fields[name], unit)
        if minutes is None:
            most = {"most": times.words(MOST_MINUTES)}
            errors[name] = _("A whole number, at least 1. The time is at most %(most)s.") % most
        else:
            found[priority] = minutes
    return found
