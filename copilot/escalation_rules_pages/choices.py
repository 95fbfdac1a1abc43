"""What a lead can choose from, and the names of the form's fields. One query."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from copilot.escalation.rules import PRIORITIES, TRIGGERS, Reason
from copilot.escalation_rules_pages.times import UNITS
from copilot.rule_forms import Options, at
from copilot.triage.signals import SENSITIVE, Kind
from copilot.triage.wording import signal
from tickets.models import Team, Ticket

AGENT = gettext_lazy("the agent chooses")
# Who asks for a person has a trigger of his own.
SIGNALS = tuple(kind.value for kind in Kind if kind in SENSITIVE and kind != Kind.HUMAN)
OTHERS = tuple(each for each in TRIGGERS if each != Reason.SIGNAL)
SUBJECTS = (*SIGNALS, Reason.SIGNAL.value, *OTHERS)  # of teams
TIMES = ("reply", "take")
LABELS: Options = {each.value: each.label for each in Reason}
PRIORITY: Mapping[int, str | Promise] = dict(Ticket.Priority.choices)
ANY_OTHER = pgettext_lazy("sensitive signal", "Any other signal")


@dataclass(frozen=True)
class Choices:
    """`teams`: names by id."""

    teams: Mapping[str, str]

    def lists(self) -> dict[str, Options]:
        """Every list to choose from, by the name of its field."""
        teams: Options = {"": AGENT, **self.teams}
        return {
            **{at(kind, str(priority), "unit"): UNITS for kind in TIMES for priority in PRIORITIES},
            **{at("team", subject): teams for subject in SUBJECTS},
        }

    def team(self, team: int) -> str:
        return self.teams.get(str(team), _("a deleted team")) if team else str(AGENT)


def load() -> Choices:
    return Choices({str(pk): name for pk, name in Team.objects.values_list("pk", "name")})


def subject(name: str) -> str:
    """Who gets tickets with this signal, or for this reason."""
    if name == Reason.SIGNAL:
        return str(ANY_OTHER)
    return str(LABELS[name]) if name in LABELS else signal(name)
