"""Hands a ticket to a team with its package. With judging.py the only writer of Escalation."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
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
from tickets.models import Message, Team, Ticket, TicketEvent, User

ORDER = ("next", "customer", "triage", "signals", "asked", "tried", "failed", "open", "articles", "reply")
LATELY = timedelta(days=1)
LEARNT = 20  # messages whose names are known when a package is masked
TRIES = 3  # another process may take the same placeholder at the same moment


class SameTeam(Exception):
    """The ticket is with this team already."""


class WouldLoop(Exception):
    """The team had the ticket before; the text says until when."""


class CustomerWrote(Exception):
    """There is a message that the agent has not seen."""

    def __init__(self, message_id: int) -> None:
        super().__init__(f"message {message_id}")
        self.message_id = message_id


@dataclass(frozen=True)
class Wanted:
    """What the agent decided. `texts` and `origins`: by part, as the page had them. `seen`, `upto`: the latest move and
    the customer's latest message that the page knew. `again`: although the team had the ticket before."""

    team: Team
    reason: str
    texts: Mapping[str, str]
    origins: Mapping[str, str] = field(default_factory=dict)
    seen: int | None = None
    upto: int | None = None
    again: bool = False


def send(
    ticket: Ticket, wanted: Wanted, by: User, package: Package, rules: tuple[int, Rules]
) -> tuple[Escalation, Transfer]:
    """Raises SameTeam, WouldLoop, CustomerWrote and assignment.ChangedMeanwhile; then nothing has happened."""
    _check(ticket, wanted)
    told, now = edited(package, wanted), timezone.now()
    for left in reversed(range(TRIES)):
        kept, masker = stored(ticket, told)
        try:
            with transaction.atomic():
                sent = _send(ticket, wanted, by, told, rules, now, kept)
                values.add(ticket.pk, masker.added)
                return sent
        except PlaceholderTaken:
            if not left:
                raise
    raise AssertionError("unreachable")


def _check(ticket: Ticket, wanted: Wanted) -> None:
    if ticket.team_id == wanted.team.pk:
        raise SameTeam
    latest = latest_of_customer(ticket)
    if wanted.upto is not None and latest > wanted.upto:
        raise CustomerWrote(latest)
    had = loops.had(wanted.team, loops.moves(ticket))
    if had and not wanted.again:
        raise WouldLoop(wording.loop(wanted.team.name, had))


def latest_of_customer(ticket: Ticket) -> int:
    """Id of the customer's latest message; 0 for none."""
    sent = ticket.messages.filter(kind=Message.Kind.CUSTOMER)
    return sent.order_by("-pk").values_list("pk", flat=True).first() or 0


def _send(
    ticket: Ticket,
    wanted: Wanted,
    by: User,
    told: Package,
    rules: tuple[int, Rules],
    now: datetime,
    kept: dict[str, Any],
) -> tuple[Escalation, Transfer]:
    number, in_use = rules
    due = now + in_use.takes(ticket.priority)
    was = assignment.transfer(ticket, wanted.team, as_text(told), by, seen=wanted.seen, due=due)
    escalation = Escalation.objects.create(
        ticket=ticket,
        note_id=was.note_id,
        team=wanted.team,
        from_team_id=was.team_id,
        by=by,
        reason=wanted.reason,
        triggers=list(dict.fromkeys(each.reason for each in told.triggers)),
        package=kept,
        rules=EscalationRules.objects.filter(pk=number).first() if number else None,
        sent_at=now,
        due_at=due,
    )
    live.ticket_changed(ticket.pk, "triage")
    return escalation, was


def edited(package: Package, wanted: Wanted) -> Package:
    """With what the agent wrote in its place, and where the page says that it comes from: nowhere, once changed."""
    said = {name: wanted.texts.get(name, "").strip() for name in EDITABLE}
    return replace(package, texts={**package.texts, **said}, origins=wanted.origins)


def stored(ticket: Ticket, package: Package) -> tuple[dict[str, Any], Masker]:
    """Personal data masked, with the names that the messages have; and the masker, which knows what is new."""
    masker, texts = masker_of(ticket), package.texts
    messages = ticket.messages.order_by("-pk").values_list("text", flat=True)[:LEARNT]
    masker.learn(ticket.subject, *messages, *texts.values())
    kept = {
        "texts": {name: masker.mask(texts[name]) for name in (*FACTS, *EDITABLE) if texts[name]},
        "origins": {name: origin for name, origin in package.origins.items() if origin and texts[name]},
        "articles": [asdict(each) for each in package.articles],
    }
    return kept, masker


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


def settle() -> None:
    """Escalations whose transfer was undone, if a process died between the two."""
    recent = dict(
        Escalation.objects.standing().filter(sent_at__gte=timezone.now() - LATELY).values_list("note", "ticket")
    )
    events = TicketEvent.objects.filter(ticket__in=set(recent.values()), kind=TicketEvent.Kind.TRANSFERRED)
    for data in events.filter(data__has_key="undone").values_list("data", flat=True) if recent else ():
        if data.get("note") in recent:
            undone(data["note"])
