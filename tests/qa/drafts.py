"""Drafts for the figures to count, made without a model."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from copilot.models import Draft
from tests import cast
from tickets.models import Message, User


def at(day: date, hour: int = 10) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour)))


def days_ago(days: int, hour: int = 10) -> datetime:
    return at(timezone.localdate() - timedelta(days=days), hour)


def draft(
    review: str = "pending",
    shown: datetime | None = None,
    *,
    seconds: float = 30,
    by: User | None = None,
    text: str = "The receipt is under Billing [1].",
    sent: str = "The receipt is under Billing.",
    ticket: dict[str, Any] | None = None,
    **fields: Any,
) -> Draft:
    """A ready draft, shown at `shown` and reviewed `seconds` later. `sent` is the text of the reply, if any."""
    moment = shown or fields.get("finished_at") or days_ago(1)
    found = cast.new_ticket(**({"created_at": moment - timedelta(minutes=5)} | (ticket or {})))
    reviewed = review != "pending"
    by = by or (cast.mira() if reviewed else None)
    reply = None
    if review in {"accepted", "edited"}:
        reply = Message.objects.create(
            ticket=found, kind="reply", author=by, text=sent, created_at=moment + timedelta(seconds=seconds)
        )
    defaults: dict[str, Any] = {
        "state": "ready",
        "text": text,
        "finished_at": moment,
        "reviewed_by": by,
        "reviewed_at": moment + timedelta(seconds=seconds) if reviewed else None,
        "edit_distance": {"accepted": 0.0, "edited": 0.25}.get(review),
        "reason": "wrong" if review == "rejected" else "",
    }
    return Draft.objects.create(
        ticket=found,
        message=found.messages.first(),
        review=review,
        reply=reply,
        shown_at=shown,
        created_at=moment,
        **(defaults | fields),
    )
