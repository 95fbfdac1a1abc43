"""The other tickets of a customer that are shown, each with the line that is kept of what was asked on it.

As many queries for one ticket as for all of them. Reads only.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter

from django.db.models import Case, Exists, OuterRef, Q, Value, When, prefetch_related_objects

from copilot import prompts
from copilot.calls import Purpose
from copilot.models import Escalation, ThreadSummary
from copilot.summaries import keeping, thread
from copilot.summaries.quoted import About, Line
from copilot.summaries.summarising import PROMPT
from tickets.access import visible_tickets
from tickets.models import Message, OutgoingMail, Ticket, User
from tickets.views.pages import OTHER_TICKETS

Status = Ticket.Status
FIRST = Case(When(status=Status.OPEN, then=Value(0)), When(status=Status.PENDING, then=Value(1)), default=Value(2))


@dataclass(frozen=True)
class Earlier:
    """`asked`: with real values; None if nothing is kept, or nobody has asked anything."""

    ticket: Ticket
    escalated: bool
    asked: Line | None


def shown(ticket: Ticket, user: User) -> list[Earlier]:
    """Those that are not closed first, then the newest. Only tickets that this user may see."""
    others = visible_tickets(user).filter(customer=ticket.customer_id).exclude(pk=ticket.pk)
    escalated = Exists(Escalation.objects.standing().filter(ticket=OuterRef("pk")))
    rows = list(others.annotate(escalated=escalated).order_by(FIRST, "-created_at", "-pk")[:OTHER_TICKETS])
    for each in rows:
        each.customer = ticket.customer  # the same for all, without a query for each
    kept = _kept(rows)
    return [Earlier(each, each.escalated, kept.get(each.pk)) for each in rows]  # type: ignore[attr-defined]


def asked(lines: Sequence[Line], ticket: Ticket) -> Line | None:
    """The line that is shown of several: one that a model wrote, or else the first quote that says more than the
    subject, which stands above it."""
    own = [each for each in lines if each.about == About.ASKED]
    more = (each if each.written else _without_subject(each, ticket.subject) for each in own)
    best = sorted((each for each in more if each.text), key=lambda each: not each.written)
    return best[0] if best else own[0] if own else None


def _without_subject(line: Line, subject: str) -> Line:
    """Where the message does not say it, the subject is its first sentence (summaries/thread.py)."""
    said = " ".join(subject.split())
    rest = line.text.removeprefix(said)
    return replace(line, text=rest.lstrip(" …")) if said and _is_other_sentence(rest) else line


def _is_other_sentence(rest: str) -> bool:
    """Not "is missing", after the subject "The invoice"."""
    first = next((each for each in rest if each.isalnum()), "")
    return not rest or rest.startswith(" …") or (rest[0] == " " and not first.islower())


def _kept(tickets: Sequence[Ticket]) -> dict[int, Line]:
    """By ticket. What counts as kept is what `keeping.latest` gives of one ticket."""
    rows = _summaries(tickets)
    said = {message for row in rows.values() for line in row.lines for message in line["messages"]}
    gone = Message.objects.filter(pk__in=said, outgoing__state=OutgoingMail.State.UNDONE)
    undone = set(gone.values_list("ticket", flat=True)) if said else set()
    kept = [each for each in tickets if each.pk in rows and each.pk not in undone]
    prefetch_related_objects(kept, "masked_values")
    lines = {each.pk: asked(keeping.shown(rows[each.pk], each), each) for each in kept}
    return {number: line for number, line in lines.items() if line}


def _summaries(tickets: Sequence[Ticket]) -> dict[int, ThreadSummary]:
    """The newest finished one up to the last message before our first reply."""
    made = Q(calls__purpose=Purpose.SUMMARY, calls__prompt_version=prompts.load(PROMPT).version) | Q(calls=None)
    finished = ThreadSummary.objects.filter(upto__in=_openings(tickets), finished_at__isnull=False)
    return {row.ticket_id: row for row in finished.filter(made).order_by("pk")}


def _openings(tickets: Sequence[Ticket]) -> list[int]:
    """Of each ticket the last message before our first reply."""
    messages = thread.counted(Message.objects.filter(ticket__in=tickets)).order_by("ticket", "created_at", "pk")
    groups = groupby(messages.values_list("pk", "kind", "ticket"), key=itemgetter(2))
    before = [thread.before_reply(rows) for _ticket, rows in groups]
    return [rows[-1][0] for rows in before if rows]
