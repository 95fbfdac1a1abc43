"""Stores what the classifier said of a message, and gives its ticket the category. What an agent decided stays."""

from copilot.models import Triage
from copilot.triage.classifier import CATEGORY
from copilot.triage.judging import Triaged
from tickets import lifecycle, live
from tickets.models import Category, Message


def record(message: Message, triaged: Triaged) -> None:
    """Safe to run twice. The ticket has the category of its first message that has one, until an agent changes it."""
    if not triaged.model and not triaged.signals:
        return
    category = Category.objects.filter(slug=triaged.category, active=True).first() if triaged.category else None
    said = {
        "category": category.pk if category else "",
        "sentiment": triaged.sentiment,
        "urgency": triaged.urgency,
        "escalate": triaged.escalate,
    }
    values = {
        "category": category,
        "confidence": triaged.confidence,
        "sentiment": triaged.sentiment,
        "urgency": triaged.urgency,
        "escalate": triaged.escalate,
        "because": dict(triaged.because),
        "signals": [list(each) for each in triaged.signals],
        "said": said,
        "model_id": triaged.model or None,
    }
    row, created = Triage.objects.get_or_create(message=message, defaults=values)
    if not created and row.corrected_at is None:
        Triage.objects.filter(pk=row.pk, corrected_at=None).update(**values)
    if message.ticket.category_id is None and category and not decided_by_person(message.ticket_id):
        lifecycle.set_category(message.ticket, category)
    live.ticket_changed(message.ticket_id, "triage")


def decided_by_person(ticket_id: int) -> bool:
    rows = Triage.objects.filter(message__ticket=ticket_id).values_list("corrected", flat=True)
    return any(CATEGORY in corrected for corrected in rows)
