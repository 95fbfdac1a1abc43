"""The other tickets of a customer that are shown, each with the line that is kept of what was asked on it.

As many queries for one ticket as for all of them. Reads only.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db.models import Case, Exists, OuterRef, Value, When, prefetch_related_objects

from copilot.models import Escalation
from copilot.summaries import keeping, thread
from copilot.summaries.quoted import About, Line
from tickets.access import visible_tickets
from tickets.models import Ticket, User
from tickets.views.pages import OTHER_TICKETS

Status = Ticket.Status
PUT_OFF = (Status.PENDING, Status.SNOOZED)
FIRST = Case(When(status=Status.OPEN, then=Value(0)), When(status__in=PUT_OFF, then=Value(1)), default=Value(2))


@dataclass(frozen=True)
class Earlier:
    """`asked`: with real values; None if nothing is kept, or nobody has asked anything.

    `missing`: nothing is kept although somebody wrote before our first reply, so there is something to sum up.
    """

    ticket: Ticket
    escalated: bool
    asked: Line | None
    missing: bool


def shown(ticket: Ticket, user: User) -> list[Earlier]:
    """Those that are not closed first, then the newest. Only tickets that this user may see."""
    others = visible_tickets(user).filter(customer=ticket.customer_id).exclude(pk=ticket.pk)
    escalated = Exists(Escalation.objects.standing().filter(ticket=OuterRef("pk")))
    rows = list(others.annotate(escalated=escalated).order_by(FIRST, "-created_at", "-pk")[:OTHER_TICKETS])
    for each in rows:
        each.customer = ticket.customer  # the same for all, without a query for each
    kept = _kept(rows)
    begun = thread.newest_of([each for each in rows if each.pk not in kept], opening=True)
    return [Earlier(each, each.escalated, kept.get(each.pk), each.pk in begun) for each in rows]  # type: ignore[attr-defined]


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


def _kept(tickets: Sequence[Ticket]) -> dict[int, Line | None]:
    """By ticket; None: nobody asked anything."""
    rows = keeping.latest_of(tickets, opening=True)
    kept = [each for each in tickets if each.pk in rows]
    prefetch_related_objects(kept, "masked_values")
    return {each.pk: asked(keeping.shown(rows[each.pk], each), each) for each in kept}
