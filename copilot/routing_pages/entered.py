"""What the fields of the form hold: from rules, or as somebody sent it, whether it makes sense or not."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import QueryDict

from copilot.routing.rules import ROWS, Rules
from copilot.routing_pages.choices import ASKED, SIGNALS, Choices
from copilot.rule_forms import MISSING, at, short
from tickets.models import Customer

MOST_TEAMS = 200  # rows


@dataclass(frozen=True)
class TeamRow:
    category: str = ""
    language: str = ""
    team: str = ""


@dataclass(frozen=True)
class Entered:
    """`fields`: by name, all but `always`: categories that always go to a person. `blank`: empty rows after `teams`.

    `uneven`: parts of rows are missing.
    """

    fields: Mapping[str, str]
    always: tuple[str, ...] = ()
    teams: tuple[TeamRow, ...] = ()
    blank: int = 0
    note: str = ""
    uneven: bool = False


def of_rules(rules: Rules, choices: Choices) -> Entered:
    fields = {
        **{at("signal", kind): rules.signals.get(kind, "") for kind in (*SIGNALS, *ASKED)},
        **{at("tier", tier): rules.tiers.get(tier, "") for tier in Customer.Tier.values},
        "urgency": str(rules.urgency),
        **{at("sure", slug): _percent(rules.thresholds.get(slug)) for slug in choices.columns},
        **{at("matrix", row, slug): rules.matrix[row].get(slug, "") for row in ROWS for slug in choices.columns},
        **{at("may", slug): rules.may.get(slug, "") for slug in choices.subjects},
        **{at("may", kind): rules.may_do(kind) for kind in ASKED},
    }
    ids = [str(each.team) for each in rules.teams]  # of a deleted team the row stays, without a team
    known = [team if team in choices.teams else "" for team in ids]
    teams = tuple(TeamRow(each.category, each.language, team) for each, team in zip(rules.teams, known, strict=True))
    return Entered({name: str(value) for name, value in fields.items()}, rules.categories, teams)


def of_post(data: QueryDict, choices: Choices) -> Entered:
    fields = {name: data.get(name, MISSING) for name in choices.fields()}
    fields |= {name: data.get(name, "") for name in (at("sure", slug) for slug in choices.columns)}
    parts = [data.getlist(name)[: MOST_TEAMS + 1] for name in ("team_category", "team_language", "team")]
    rows = [TeamRow(*map(short, row)) for row in zip(*parts, strict=False)]
    used = next((place for place in range(len(rows), 0, -1) if rows[place - 1] != TeamRow()), 0)
    return Entered(
        {name: short(text) for name, text in fields.items()},
        tuple(short(slug) for slug in data.getlist("always")),
        tuple(rows[:used]),
        len(rows) - used,
        short(data.get("note", "")),
        len(set(map(len, parts))) > 1,
    )


def _percent(share: float | None) -> str:
    return "" if share is None else str(round(share * 100))
