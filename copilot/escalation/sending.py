"""Hands a ticket to a team with its package. With judging.py the only writer of Escalation."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from copilot.escalation import loops, wording
from copilot.escalation.package import EDITABLE, FACTS, Package
from copilot.escalation.rules import Rules
from copilot.models import Escalation, EscalationRules
from copilot.redaction import Masker, values
from copilot.redaction.values import PlaceholderTaken, masker_of
from tickets import assignment, live
from tickets.assignment import Transfer
from tickets.models import Team, Ticket, User

ORDER = ("next", "customer", "triage", "signals", "asked", "tried", "failed", "open", "articles", "reply")
TRIES = 3  # another process may take the same placeholder at the same moment


class SameTeam(Exception):
    """The ticket is with this team already."""


class WouldLoop(Exception):
    """The team had the ticket before; the text says until when."""


@dataclass(frozen=True)
class Wanted:
    """What the agent decided. `seen`: the latest move that the page knew. `again`: although the team had it before."""

    team: Team
    reason: str
    texts: Mapping[str, str]
    seen: int | None = None
    again: bool = False


def send(
    ticket: Ticket, wanted: Wanted, by: User, package: Package, rules: tuple[int, Rules]
) -> tuple[Escalation, Transfer]:
    """Raises SameTeam, WouldLoop, and assignment.ChangedMeanwhile; then nothing has happened."""
    if ticket.team_id == wanted.team.pk:
        raise SameTeam
    had = loops.had_before(ticket).get(wanted.team.name)
    if had and not wanted.again:
        raise WouldLoop(wording.loop(wanted.team.name, had))
    told, now = edited(package, wanted.texts), timezone.now()
    for left in reversed(range(TRIES)):
        try:
            with transaction.atomic():
                return _send(ticket, wanted, by, told, rules, now)
        except PlaceholderTaken:
            if not left:
                raise
    raise AssertionError("unreachable")


def _send(
    ticket: Ticket, wanted: Wanted, by: User, told: Package, rules: tuple[int, Rules], now: datetime
) -> tuple[Escalation, Transfer]:
    number, in_use = rules
    due = now + in_use.takes(ticket.priority)
    was = assignment.transfer(ticket, wanted.team, as_text(told), by, seen=wanted.seen, due=due)
    masker = masker_of(ticket)
    escalation = Escalation.objects.create(
        ticket=ticket,
        note_id=was.note_id,
        team=wanted.team,
        from_team_id=was.team_id,
        by=by,
        reason=wanted.reason,
        triggers=list(dict.fromkeys(each.reason for each in told.triggers)),
        package=stored(told, masker),
        rules=EscalationRules.objects.filter(pk=number).first() if number else None,
        sent_at=now,
        due_at=due,
    )
    values.add(ticket.pk, masker.added)
    live.ticket_changed(ticket.pk, "triage")
    return escalation, was


def edited(package: Package, texts: Mapping[str, str]) -> Package:
    """With what the agent wrote in its place. A text that was changed is the agent's own."""
    said = {name: texts.get(name, "").strip() for name in EDITABLE}
    kept = {name: origin for name, origin in package.origins.items() if said.get(name) == package.texts[name].strip()}
    return replace(package, texts={**package.texts, **said}, origins=kept)


def stored(package: Package, masker: Masker) -> dict[str, Any]:
    """Personal data masked."""
    return {
        "texts": {name: masker.mask(package.texts[name]) for name in (*FACTS, *EDITABLE) if package.texts[name]},
        "origins": {name: origin for name, origin in package.origins.items() if origin and package.texts[name]},
        "articles": [{"number": each.number, "title": each.title, "use": each.use} for each in package.articles],
    }


def as_text(package: Package) -> str:
    """The note, for the search and for whoever reads it without this module."""
    articles = "\n".join(each.title for each in package.articles)
    parts = ((name, articles if name == "articles" else package.texts.get(name, "")) for name in ORDER)
    return "\n\n".join(f"{wording.LABELS[name]}\n{text}" for name, text in parts if text)


def undone(note_id: int) -> None:
    """The transfer was undone; whoever judged it meanwhile keeps the judgement, which no longer counts."""
    found = Escalation.objects.standing().filter(note=note_id).first()
    if found is not None:
        Escalation.objects.filter(pk=found.pk).update(undone_at=timezone.now())
        live.ticket_changed(found.ticket_id, "conversation", "triage")
