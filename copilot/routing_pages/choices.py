"""What a lead can choose from, and the names of the form's fields. Two queries."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from copilot.routing import wording
from copilot.routing.rules import NEVER, OTHERS, ROWS, Handling, May
from copilot.rule_forms import Options, at
from copilot.triage.signals import REQUESTS, SENSITIVE, Kind
from copilot.triage.wording import signal
from tickets.models import Category, Customer, Team

NO_EFFECT = pgettext_lazy("rule", "no effect")
AS_OTHERS = pgettext_lazy("rule", "as others")
PERSON: Options = {"": NO_EFFECT, **{h.value: h.label for h in (Handling.AI_AND_HUMAN, Handling.HUMAN_NOW)}}
HANDLINGS: Options = {each.value: each.label for each in Handling}
MAYS: Options = {each.value: each.label for each in reversed(May)}
URGENCIES: Options = {**{str(each): str(each) for each in range(1, NEVER)}, str(NEVER): _("never")}
NONE: Options = {"": "–"}
SIGNALS = tuple(kind.value for kind in Kind if kind in SENSITIVE)
ASKED = tuple(kind.value for kind in REQUESTS)


@dataclass(frozen=True)
class Choices:
    """`categories`: the active ones in their order. `names`: of all categories. `teams`: names by id."""

    categories: Mapping[str, str]
    names: Mapping[str, str]
    teams: Mapping[str, str]

    @property
    def columns(self) -> list[str]:
        return [*self.categories, OTHERS]

    @property
    def subjects(self) -> list[str]:
        """Of rule 6. A category with the short name of a request has no row: the request has it."""
        return [*(slug for slug in self.columns if slug not in ASKED), *ASKED]

    def fields(self) -> dict[str, Options]:
        """Every list to choose from, by the name of its field."""
        return {
            **{at("signal", kind): PERSON for kind in (*SIGNALS, *ASKED)},
            **{at("tier", tier): PERSON for tier in Customer.Tier.values},
            "urgency": URGENCIES,
            **{at("matrix", row, slug): self.own(slug, HANDLINGS) for row in ROWS for slug in self.columns},
            **{at("may", subject): self.own(subject, MAYS) for subject in self.subjects},
        }

    def own(self, slug: str, options: Options) -> Options:
        """A named category may do without an own value."""
        return {"": AS_OTHERS, **options} if slug in self.categories else options

    def category(self, slug: str) -> str:
        return capfirst(wording.category(slug, self.names))

    def subject(self, subject: str) -> str:
        return signal(subject) if subject in ASKED else self.category(subject)


def load() -> Choices:
    rows = list(Category.objects.all())
    teams = {str(pk): name for pk, name in Team.objects.values_list("pk", "name")}
    return Choices({row.slug: row.label for row in rows if row.active}, {row.slug: row.label for row in rows}, teams)
