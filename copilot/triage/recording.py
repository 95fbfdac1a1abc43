"""Stores what the classifier said of a message, and gives its ticket the category. What an agent decided stays."""

from django.db import transaction
from django.utils import timezone

from copilot.models import Triage
from copilot.triage.classifier import CATEGORY, SENTIMENT, URGENCY
from copilot.triage.judging import Triaged
from tickets import lifecycle, live
from tickets.models import Category, Message, Ticket


def record(message: Message, triaged: Triaged) -> None:
    """Safe to run twice. A ticket has the category of the first message that has one, until an agent decides."""
    if not triaged.model and not triaged.signals:
        return
    category = Category.objects.filter(slug=triaged.category, active=True).first() if triaged.category else None
    with transaction.atomic():
        there = Triage.objects.get_or_create(message=message)[0]
        row = Triage.objects.select_for_update(of=("self",)).get(pk=there.pk)
        _say(row, triaged, category)
        row.save()
        if category:
            _categorise(message, category)
        live.ticket_changed(message.ticket_id, "triage")


def _say(row: Triage, triaged: Triaged, category: Category | None) -> None:
    """Without a classifier only the signals are new: what one said before is still true."""
    row.signals = [list(each) for each in triaged.signals]
    row.escalate = triaged.escalate if triaged.model else row.escalate or triaged.escalate
    if not triaged.model:
        return
    said = {CATEGORY: category, SENTIMENT: triaged.sentiment, URGENCY: triaged.urgency}
    for field, value in said.items():
        if field not in row.corrected:
            setattr(row, field, value)
    row.confidence, row.because, row.model_id = triaged.confidence, dict(triaged.because), triaged.model
    row.said = said | {CATEGORY: category.pk if category else "", "escalate": triaged.escalate}
    row.made_at = timezone.now()


def _categorise(message: Message, category: Category) -> None:
    """The ticket is locked first: it may have changed since the message was read. One that is closed stays as it is."""
    ticket = Ticket.objects.locked().get(pk=message.ticket_id)
    closed = ticket.status == Ticket.Status.CLOSED
    if not closed and ticket.category_id is None and not decided_by_person(ticket.pk):
        lifecycle.set_category(message.ticket, category)


def decided_by_person(ticket_id: int) -> bool:
    rows = Triage.objects.filter(message__ticket=ticket_id).values_list("corrected", flat=True)
    return any(CATEGORY in corrected for corrected in rows)
