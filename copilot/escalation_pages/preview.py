"""What the dialog shows before anything is sent. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from copilot.escalation import loops, wording
from copilot.escalation.package import FACTS, Package
from copilot.escalation.received import use
from copilot.escalation.rules import Rules
from copilot.escalation.sending import latest_of_customer
from copilot.models import Escalation
from copilot.routing import configuration as routing
from tickets import assignment
from tickets.models import Team, Ticket

ROWS = {"next": 2, "reply": 6}  # of the text fields; all others have this many
USUAL = 3


@dataclass(frozen=True)
class Choice:
    """A team. `loop`: what to say if it had the ticket before."""

    team: Team
    chosen: bool
    loop: str


@dataclass(frozen=True)
class Part:
    """One part of the package that can be edited."""

    name: str
    label: str
    text: str
    rows: int
    code: str  # where it comes from
    origin: str
    by_model: bool
    empty: str  # what the field says while it is empty


def preview(ticket: Ticket, package: Package, rules: Rules, now: datetime) -> dict[str, Any]:
    within = rules.takes(ticket.priority)
    return {
        "ticket": ticket,
        "package": package,
        "why": [wording.trigger(each.reason, each.seen) for each in package.triggers],
        "teams": _teams(ticket, suggested(ticket, package, rules)),
        "reasons": [(value, label, value == package.reason) for value, label in Escalation.Reason.choices],
        "due": now + within,
        "within": wording.duration(int(within.total_seconds() // 60)),
        "next": part(package, "next"),
        "facts": [(wording.LABELS[name], package.texts[name]) for name in FACTS if package.texts[name]],
        "told": [part(package, name) for name in ("asked", "tried", "failed", "open")],
        "articles": [(each.title, each.number, use(each.use)) for each in package.articles],
        "reply": part(package, "reply"),
        "seen": assignment.latest_move(ticket),
        "upto": latest_of_customer(ticket),
    }


def suggested(ticket: Ticket, package: Package, rules: Rules) -> int:
    """The team that the rules of escalation name, or else that of the routing rules; 0 for none. Not its own."""
    _number, routed = routing.current()
    wanted = (
        rules.team(package.reason, package.signal),
        routed.team(ticket.category_id or "", ticket.language),
    )
    there = set(Team.objects.filter(pk__in=wanted).values_list("pk", flat=True)) - {ticket.team_id}
    return next((team for team in wanted if team in there), 0)


def _teams(ticket: Ticket, wanted: int) -> Sequence[Choice]:
    moves = loops.moves(ticket)
    others = Team.objects.exclude(pk=ticket.team_id) if ticket.team_id else Team.objects.all()
    return [Choice(team, team.pk == wanted, _loop(team, moves)) for team in others]


def _loop(team: Team, moves: Sequence[loops.Move]) -> str:
    had = loops.had(team, moves)
    return wording.loop(team.name, had) if had else ""


def part(package: Package, name: str) -> Part:
    origin = package.origins.get(name, "")
    shown = str(wording.ORIGINS.get(origin, ""))
    rows, empty = ROWS.get(name, USUAL), str(wording.EMPTY.get(name, ""))
    return Part(name, str(wording.LABELS[name]), package.texts[name], rows, origin, shown, origin == "model", empty)
