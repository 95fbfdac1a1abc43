"""Classified messages for the figures to count, and classifiers without a file."""

from datetime import datetime, timedelta
from typing import Any

from copilot.models import Preparation, Triage, TriageModel
from tests import cast
from tests.qa.drafts import days_ago
from tickets.models import Message, Ticket

REPORT: dict[str, Any] = {
    "split": {"train": 800, "dev": 100, "test": 100},
    "accuracy": 0.9,
    "macro_f1": 0.88,
    "ece": 0.03,
    "corrections": 0,
    "before": None,
    "against": [],
}


def classifier(**fields: Any) -> TriageModel:
    """Of the embedder of tests; `report` adds to REPORT."""
    report = REPORT | fields.pop("report", {})
    values = {"file": b"", "sha256": "", "embedder": "fake", "activated_at": days_ago(60), "created_at": days_ago(60)}
    return TriageModel.objects.create(report=report, **(values | fields))


def in_use() -> TriageModel:
    return TriageModel.objects.first() or classifier()


def classified(
    said: str = "billing",
    decided: str | None = None,
    at: datetime | None = None,
    *,
    confidence: float = 0.9,
    answered: bool = True,
    ticket: dict[str, Any] | None = None,
    **fields: Any,
) -> Triage:
    """The first message of a new ticket. `decided` by an agent, if not None; "" stands for none of the categories."""
    at = at or days_ago(2)
    found = cast.new_ticket(**({"created_at": at - timedelta(minutes=1)} | (ticket or {})))
    if answered:
        answer(found, at + timedelta(minutes=5))
    return classify(found.messages.order_by("created_at")[0], said, decided, at, confidence=confidence, **fields)


def classify(
    message: Message, said: str = "billing", decided: str | None = None, at: datetime | None = None, **fields: Any
) -> Triage:
    at = at or message.created_at
    tone = {"sentiment": "neutral", "urgency": 2}
    corrected = {} if decided is None else by_mira("category", at=at)
    values = {
        "model": in_use(),
        "category_id": (said if decided is None else decided) or None,
        "confidence": 0.9,
        "said": {"category": said, **tone, "escalate": False},
        "made_at": at,
        **tone,
        **corrected,
    }
    return Triage.objects.create(message=message, **(values | fields))


def by_mira(*fields: str, at: datetime) -> dict[str, Any]:
    return {"corrected": sorted(fields), "corrected_by": cast.mira(), "corrected_at": at + timedelta(minutes=3)}


def answer(ticket: Ticket, at: datetime) -> None:
    Message.objects.create(ticket=ticket, kind=Message.Kind.REPLY, author=cast.mira(), text="Hi", created_at=at)


def another_message(ticket: Ticket, at: datetime) -> Message:
    return Message.objects.create(ticket=ticket, kind=Message.Kind.CUSTOMER, text="And this?", created_at=at)


def prepared(row: Triage) -> None:
    """With the masked text that a classifier learns from."""
    Preparation.objects.create(message=row.message, steps={"mask": {"outcome": {"asked": "I was charged twice."}}})
