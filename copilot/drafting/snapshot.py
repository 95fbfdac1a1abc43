"""A ticket's latest draft as the browser gets it."""

from collections.abc import Mapping, Sequence
from typing import Any

from copilot.drafting import min_score, notices, reasons
from copilot.drafting.citations import strip_citations
from copilot.drafting.record import shown_text
from copilot.evidence.gathering import for_customers
from copilot.grounding.verdicts import NOT_CHECKED, Support
from copilot.models import Citation, Draft, DraftRecord
from copilot.redaction import restore
from copilot.redaction.values import values_of
from tickets.models import Message, OutgoingMail, Ticket

State = Draft.State
FINISHED = {State.READY, State.STOPPED, State.FAILED}


def snapshot(ticket: Ticket) -> dict[str, Any]:
    """`{"draft": …, "notice": …}`: read by static/js/draft/draft.js."""
    drafts = ticket.drafts.visible()
    number = drafts.count()
    draft = drafts.select_related("record", "ticket__customer").prefetch_related("citations").first()
    return {
        "draft": None if draft is None else as_json(draft, number=number, of=number),
        "notice": notices.notice(draft),
    }


def as_json(draft: Draft, number: int, of: int) -> dict[str, Any]:
    text = shown_text(draft) if draft.state_now == draft.state else ""
    record = getattr(draft, "record", None) if text and draft.state in FINISHED else None
    checked = sentences(draft, record) if record else []
    return {
        "id": draft.pk,
        "state": draft.state_now,
        "attempt": draft.attempts,
        "text": text,
        "error": notices.error_text(draft),
        "retryable": draft.retryable,
        "outdated": draft.outdated,
        "answered": answered(draft),
        "origin": draft.origin,
        "review": draft.review,
        "number": number,
        "of": of,
        "withdrawn": withdrawn(draft),
        "citations": [_citation(each) for each in draft.citations.all()],
        "form": record.form if record else "",
        "insisted": bool(record and record.insisted),
        "sentences": checked,
        "questions": questions(draft, record) if record else [],
        "figures": figures(draft, text, record, checked),
    }


def _citation(citation: Citation) -> dict[str, Any]:
    return {
        "number": citation.number,
        "title": citation.title,
        "heading_path": citation.heading_path,
        "internal": citation.internal,
        "score": round(citation.score, 2),
        "cited": citation.cited,
        "article": citation.article_id,
    }


def sentences(draft: Draft, record: DraftRecord) -> list[dict[str, Any]]:
    """The checked parts of the text, with offsets in the text as it is shown."""
    values = values_of(draft.ticket, draft.text)
    there = [each for each in record.sentences if each["start"] < len(draft.text)]
    return [_sentence(draft.text, each, values) for each in there]


def _sentence(text: str, checked: dict[str, Any], values: dict[str, str]) -> dict[str, Any]:
    """The last one of a stopped draft may be cut off: what is left of it was not checked."""
    cut = checked["end"] > len(text)
    return {
        "start": len(restore(text[: checked["start"]], values)),
        "end": len(restore(text[: checked["end"]], values)),
        "support": Support.WEAK if cut else checked["support"],
        "reason": reasons.text(NOT_CHECKED if cut else checked["reason"], checked["words"]),
    }


def questions(draft: Draft, record: DraftRecord) -> list[dict[str, Any]]:
    """What the customer asked, with real values instead of placeholders."""
    values = values_of(draft.ticket, " ".join(each["text"] for each in record.questions))
    return [{"text": restore(each["text"], values), "answered": bool(each["units"])} for each in record.questions]


def answered(draft: Draft) -> bool:
    """Somebody has replied since the draft was requested, so it must not be offered for sending."""
    replies = draft.ticket.messages.filter(kind=Message.Kind.REPLY, created_at__gt=draft.created_at)
    return replies.exclude(outgoing__state=OutgoingMail.State.UNDONE).exists()


def withdrawn(draft: Draft) -> list[int]:
    """Cited numbers whose article is no longer published for customers: the draft may be wrong now."""
    if not draft.text or draft.state == State.WRITING or draft.review != Draft.Review.PENDING:
        return []
    cited = {citation.number: citation.article_id for citation in draft.citations.all() if citation.cited}
    known = {article_id for article_id in cited.values() if article_id}
    good = set(for_customers(known).values_list("pk", flat=True)) if known else set()
    return [number for number, article_id in cited.items() if article_id not in good]


def figures(
    draft: Draft, text: str, record: DraftRecord | None, checked: Sequence[Mapping[str, Any]]
) -> dict[str, Any] | None:
    """The composer's line of figures; None until there is something to count. `checked`: the sentences."""
    if draft.state not in FINISHED or not text:
        return None
    asked = record.questions if record else []
    return {
        "words": len(strip_citations(text).split()),
        "seconds": round(record.total_ms / 1000, 1) if record and record.total_ms else None,
        "first_token_seconds": round(record.first_token_ms / 1000, 1) if record and record.first_token_ms else None,
        "sources": sum(1 for citation in draft.citations.all() if citation.cited),
        "supported": sum(1 for each in checked if each["support"] == Support.SUPPORTED),
        "sentences": len(checked),
        "questions": len(asked),
        "answered": sum(1 for each in asked if each["units"]),
        "sure": record is not None and min_score.is_sure(record.answers),
    }
