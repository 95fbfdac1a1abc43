"""A ticket's latest draft as the browser gets it, and the notice that explains what is missing."""

from typing import Any

from django.utils import timezone

from config.background import lanes
from copilot import llm
from copilot.drafting import drafter_queue
from copilot.drafting.citations import coverage, strip_citations
from copilot.drafting.record import shown_text
from copilot.evidence.grounding import for_customers
from copilot.models import Draft
from knowledge.search.retrieval import Degradation
from tickets.models import Message, OutgoingMail, Ticket

State = Draft.State
NOW = "Press g to have it written now."


def snapshot(ticket: Ticket) -> dict[str, Any]:
    """`{"draft": …, "notice": …}` as in the contract of docs/architecture.md, 'The draft's addresses'."""
    number = ticket.drafts.count()
    draft = ticket.drafts.select_related("record", "ticket__customer").prefetch_related("citations").first()
    return {
        "draft": None if draft is None else as_json(draft, number=number, of=number),
        "notice": notice(draft),
    }


def as_json(draft: Draft, number: int, of: int) -> dict[str, Any]:
    text = shown_text(draft) if draft.state_now == draft.state else ""
    return {
        "id": draft.pk,
        "state": draft.state_now,
        "attempt": draft.attempts,
        "text": text,
        "error": draft.error,
        "retryable": draft.retryable,
        "outdated": draft.outdated,
        "answered": answered(draft),
        "origin": draft.origin,
        "review": draft.review,
        "number": number,
        "of": of,
        "withdrawn": withdrawn(draft),
        "citations": [
            {
                "number": citation.number,
                "title": citation.title,
                "heading_path": citation.heading_path,
                "internal": citation.internal,
                "score": round(citation.score, 2),
                "cited": citation.cited,
            }
            for citation in draft.citations.all()
        ],
        "figures": figures(draft, text),
    }


def answered(draft: Draft) -> bool:
    """Somebody has replied since it was asked for: it must not be what the next press of a key sends as well."""
    replies = draft.ticket.messages.filter(kind=Message.Kind.REPLY, created_at__gt=draft.created_at)
    return replies.exclude(outgoing__state=OutgoingMail.State.UNDONE).exists()


def withdrawn(draft: Draft) -> list[int]:
    """Numbers that a finished draft cites and whose article is no longer for customers: the text may be wrong now."""
    if draft.state not in {State.READY, State.STOPPED} or draft.review != Draft.Review.PENDING:
        return []
    cited = {citation.number: citation.article_id for citation in draft.citations.all() if citation.cited}
    known = {article_id for article_id in cited.values() if article_id}
    good = set(for_customers(known).values_list("pk", flat=True)) if known else set()
    return [number for number, article_id in cited.items() if article_id not in good]


def figures(draft: Draft, text: str) -> dict[str, Any] | None:
    """The composer's line of figures; None until there is something to count."""
    if draft.state not in {State.READY, State.STOPPED} or not text:
        return None
    record = getattr(draft, "record", None)
    cited, stated = coverage(text)
    return {
        "words": len(strip_citations(text).split()),
        "seconds": round(record.total_ms / 1000, 1) if record and record.total_ms else None,
        "first_token_seconds": round(record.first_token_ms / 1000, 1) if record and record.first_token_ms else None,
        "sources": sum(1 for citation in draft.citations.all() if citation.cited),
        "cited_sentences": cited,
        "sentences": stated,
    }


def notice(draft: Draft | None) -> dict[str, str] | None:
    """What is missing, in plain words, only where something is missing."""
    state = draft.state_now if draft is not None else None
    if state in {None, State.QUEUED, State.FAILED}:
        health = llm.health(timeout=0.8)
        if not health.ready:
            return {"code": f"model_{health.code}", "text": health.text}
    if draft is not None and state == State.QUEUED:
        return queued_notice(draft)
    retrieval = getattr(getattr(draft, "record", None), "retrieval", {}) if draft is not None else {}
    if retrieval.get("degradation") == Degradation.WORDS_ONLY:
        return {"code": "search_words_only", "text": "Searched by words only: search by meaning was not available."}
    return None


def queued_notice(draft: Draft) -> dict[str, str]:
    """Where a waiting draft stands in the queue, as it really is."""
    if draft.origin == Draft.Origin.REQUEST and draft.created_at > timezone.now() - drafter_queue.LOST:
        return {"code": "next", "text": "The draft is being started."}
    if not lanes.alive(lanes.DRAFTER):
        return {"code": "no_drafter", "text": f"No drafter is running, so this draft is not being written. {NOW}"}
    if draft.retry_at is not None and draft.retry_at > timezone.now():
        seconds = max(1, round((draft.retry_at - timezone.now()).total_seconds()))
        return {"code": "retry", "text": f"It is tried again in {seconds} s. {NOW}"}
    ahead = drafter_queue.ahead_of(draft)
    if not ahead:
        return {"code": "next", "text": "The drafter takes this draft next."}
    return {"code": "queue", "text": f"{ahead} draft{'s' if ahead > 1 else ''} before this one. {NOW}"}
