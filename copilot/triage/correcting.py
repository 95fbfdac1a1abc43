"""What an agent knows better than the classifier. Each correction is something that the next one can learn from."""

from django.db import transaction
from django.utils import timezone

from copilot.models import Triage
from copilot.triage.classifier import CATEGORY, SENTIMENT, URGENCY
from tickets import lifecycle, live, timeline
from tickets.models import Category, Message, Ticket, TicketEvent, User


class NothingToCorrect(Exception):
    """The customer has not written anything."""


class NoSuchSignal(NothingToCorrect):
    """No message of the ticket has it."""


def shown(ticket: Ticket) -> tuple[Triage | None, Triage | None]:
    """Of the message that gave the ticket its category (else its first), and of the latest."""
    rows = list(
        Triage.objects.filter(message__ticket=ticket)
        .select_related("category", "corrected_by", "message")
        .defer("message__text")
        .order_by("message__created_at", "message_id")
    )
    decided = (each for each in rows if each.category_id or CATEGORY in each.corrected or each.said.get(CATEGORY))
    return next(decided, rows[0] if rows else None), rows[-1] if rows else None


def correct_category(ticket: Ticket, category: Category | None, by: User, *, forget: bool = False) -> bool:
    """None: none of the categories. Confirming what the classifier said is a correction too: somebody has looked.

    `forget`: this undoes a correction before which nobody had decided anything, so nobody has again.
    False if the ticket has this category already. Raises NothingToCorrect.
    """
    with transaction.atomic():
        row = _row(ticket, shown(ticket)[0])
        row.category = category
        if forget:
            _forget(row, CATEGORY)
        else:
            _save(row, by, CATEGORY)
        live.ticket_changed(ticket.pk, "triage")
        return lifecycle.set_category(ticket, category, by)


def correct_tone(ticket: Ticket, by: User, sentiment: str | None = None, urgency: int | None = None) -> None:
    """Of the latest message. Raises NothingToCorrect."""
    with transaction.atomic():
        row = _row(ticket, shown(ticket)[1])
        chosen = {SENTIMENT: sentiment, URGENCY: urgency}
        fields = [name for name, value in chosen.items() if value is not None]
        for name in fields:
            setattr(row, name, chosen[name])
        _save(row, by, *fields)
        live.ticket_changed(ticket.pk, "triage")


def dismiss(ticket: Ticket, kind: str, by: User, *, undo: bool = False) -> bool:
    """A signal that rules found is none, or, with `undo`, is one after all. A later message with it counts anew.

    Who said so is kept beside the kind. `corrected` stays as it is: that is what the next classifier learns from.
    False if all messages say so already. Raises NoSuchSignal.
    """
    with transaction.atomic():
        rows = Triage.objects.select_for_update(of=("self",)).filter(message__ticket=ticket).order_by("pk")
        having = [row for row in rows if kind in dict(row.signals)]
        if not having:
            raise NoSuchSignal
        changing = [row for row in having if (kind in row.dismissed) is undo]
        for row in changing:
            others = {each: who for each, who in dict(row.dismissed).items() if each != kind}
            row.dismissed = others if undo else others | {kind: by.pk}
            row.save(update_fields=["dismissed"])
        if changing:
            timeline.record(ticket, TicketEvent.Kind.SIGNAL, by, signal=kind, dismissed=not undo)
        live.ticket_changed(ticket.pk, "triage", "timeline")
    return bool(changing)


def _row(ticket: Ticket, there: Triage | None) -> Triage:
    """The row, locked: a new one if nothing has classified the message yet."""
    if there is None:
        message = ticket.messages.filter(kind=Message.Kind.CUSTOMER).order_by("created_at", "pk").first()
        if message is None:
            raise NothingToCorrect
        there = Triage.objects.get_or_create(message=message)[0]
    return Triage.objects.select_for_update(of=("self",)).get(pk=there.pk)


def _save(row: Triage, by: User, *fields: str) -> None:
    row.corrected = sorted({*row.corrected, *fields})
    row.corrected_by, row.corrected_at = by, timezone.now()
    row.save(update_fields=[*fields, "corrected", "corrected_by", "corrected_at"])


def _forget(row: Triage, field: str) -> None:
    row.corrected = [each for each in row.corrected if each != field]
    if not row.corrected:
        row.corrected_by = row.corrected_at = None
    row.save(update_fields=[field, "corrected", "corrected_by", "corrected_at"])
