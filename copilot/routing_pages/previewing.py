"""What changed rules would have done with past tickets, as the page shows it. Of tickets only those listed are read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from config.numbers import whole
from copilot.models import Route
from copilot.redaction import restore
from copilot.redaction.values import values_of
from copilot.routing import wording
from copilot.routing.preview import Move, Preview, compare, past
from copilot.routing.rules import Handling, Rules
from copilot.routing_pages.choices import Choices
from copilot.routing_pages.differences import changed
from tickets.access import visible_tickets
from tickets.models import Ticket, User

PERIODS = (7, 30, 90)  # days
USUAL = 30
NEWEST = 50  # tickets that are listed
WORDS = 90  # characters of quoted words
WIDE = 1000  # a bar of all tickets


@dataclass(frozen=True)
class Bar:
    """`before` and `after` in tickets, the other two as lengths."""

    handling: str
    label: str
    before: int
    after: int
    was: int
    now: int


@dataclass(frozen=True)
class Moved:
    """`changes`: what it had and what it would have had. `why`: the rule that decides now."""

    ticket: Ticket
    changes: list[tuple[str, str]]
    why: str


@dataclass(frozen=True)
class Shown:
    """`error`: in one line, and then nothing else. `other_drafts`: of those that stay, with another kind of draft."""

    days: int
    error: str = ""
    edited: bool = False
    tickets: int = 0
    arrived: int = 0
    moved: int = 0
    bars: Sequence[Bar] = ()
    changes: Sequence[tuple[str, str, int]] = ()
    other_drafts: int = 0
    other_teams: int = 0
    newest: Sequence[Moved] = field(default_factory=list)

    @property
    def missing(self) -> int:
        return max(0, self.arrived - self.tickets)


def period(text: str) -> int:
    days = whole(text)
    return days if days in PERIODS else USUAL


def preview(old: Rules, new: Rules, days: int, choices: Choices, user: User) -> Shown:
    since = timezone.now() - timedelta(days=days)
    tickets = past(since)
    found = compare(tickets, old, new)
    same = [move for move in found.moves if move.was.handling == move.now.handling]
    other_drafts = sum(move.was.may != move.now.may for move in same)
    return Shown(
        days,
        edited=bool(changed(old, new)),
        tickets=found.tickets,
        arrived=Ticket.objects.filter(created_at__gte=since).count(),
        moved=len(found.moves),
        bars=_bars(found),
        changes=[(_label(was), _label(now), count) for (was, now), count in found.changes.items()],
        other_drafts=other_drafts,
        other_teams=len(same) - other_drafts,
        newest=_newest(found.moves[:NEWEST], choices, user),
    )


def _label(handling: str) -> str:
    return str(Handling(handling).label)


def _bars(found: Preview) -> list[Bar]:
    counts = [(each, found.before.get(each, 0), found.after.get(each, 0)) for each in Handling]
    most = max([1, *(max(before, after) for _each, before, after in counts)])
    return [
        Bar(each.value, str(each.label), before, after, WIDE * before // most, WIDE * after // most)
        for each, before, after in counts
    ]


def _newest(moves: Sequence[Move], choices: Choices, user: User) -> list[Moved]:
    """Four queries, however many there are."""
    tickets = visible_tickets(user).select_related("customer").prefetch_related("masked_values")
    there: Mapping[int, Ticket] = tickets.in_bulk([move.ticket for move in moves])
    return [_moved(move, there[move.ticket], choices) for move in moves if move.ticket in there]


def _moved(move: Move, ticket: Ticket, choices: Choices) -> Moved:
    was, now = move.was, move.now
    changes = []
    if was.handling != now.handling:
        changes.append((_label(was.handling), _label(now.handling)))
    elif was.may != now.may:
        changes.append((str(Route.May(was.may).label), str(Route.May(now.may).label)))
    if was.team != now.team:
        changes.append((_team(was.team, choices), _team(now.team, choices)))
    return Moved(ticket, changes, _why(move, ticket, choices))


def _why(move: Move, ticket: Ticket, choices: Choices) -> str:
    """Of the handling, or of the draft if only that changes."""
    now = move.now
    if move.was.handling == now.handling and (now.may != move.was.may):
        return wording.limit(now.may, now.because, choices.names) or _("Nothing limits the draft.")
    words = str(now.because.get("words", ""))
    real = Truncator(" ".join(restore(words, values_of(ticket, words)).split())).chars(WORDS)
    return wording.sentence(now.handling, {**now.because, "words": real}, choices.names)


def _team(team: int, choices: Choices) -> str:
    return choices.teams.get(str(team), "–") if team else _("no team")
