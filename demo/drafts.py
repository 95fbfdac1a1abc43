"""The drafts of the history, with their sources and reviews.

They were written by hand, so there are no model calls for them.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from copilot.drafting.citations import strip_citations
from copilot.models import Citation, Draft
from copilot.redaction import Masker, Person
from copilot.review import edit_distance
from demo.history import Story
from knowledge.models import Article, Chunk, Gap, Revision
from tickets.models import TicketEvent

WORD = re.compile(r"\w{4,}")
USED = (Draft.Review.ACCEPTED, Draft.Review.EDITED)


@dataclass(frozen=True)
class Source:
    article: Article
    revision: Revision
    chunks: list[Chunk]


def replies(stories: list[dict[str, Any]]) -> dict[str, str]:
    """The texts for “=draft”: the draft as the customer reads it."""
    return {story["key"]: strip_citations(story["draft"]["text"]) for story in stories if story["draft"]}


def sources() -> dict[str, Source]:
    """Articles by slug, with the revision that drafts use as a source."""
    articles = Article.objects.select_related("published").prefetch_related("chunks", "revisions")
    found = {}
    for article in articles:
        revision = article.published or next(iter(article.revisions.all()), None)
        if revision is not None:
            found[str(article.external_id)] = Source(article, revision, list(article.chunks.all()))
    return found


def write(stories: list[Story], known: dict[str, Source]) -> list[TicketEvent]:
    """Write drafts, citations and gaps. Returns their timeline events."""
    with_draft = [story for story in stories if story.data["draft"]]
    drafts = Draft.objects.bulk_create([_draft(story) for story in with_draft], batch_size=100)
    pairs = list(zip(with_draft, drafts, strict=True))
    Citation.objects.bulk_create(
        [row for story, draft in pairs for row in _citations(story, draft, known)], batch_size=100
    )
    Gap.objects.bulk_create([_gap(story, draft) for story, draft in pairs if draft.state == Draft.State.NO_SOURCE])
    return [event for story, draft in pairs for event in _events(story, draft)]


def _draft(story: Story) -> Draft:
    data = story.data["draft"]
    asked = story.messages[data["for_message"]]
    written = asked.created_at + timedelta(minutes=data["age_minutes_after_message"])
    finished = written + timedelta(seconds=2 + len(data["text"]) / 140)
    reply = story.reply_after(data["for_message"])
    review = data["review"] or Draft.Review.PENDING
    draft = Draft(
        ticket=story.ticket,
        message=asked,
        state=data["state"],
        text=data["text"],
        error="The model did not answer in time." if data["state"] == Draft.State.FAILED else "",
        attempts=1,
        created_at=written,
        finished_at=finished,
        review=review,
        reason=(data.get("reason") or "") if review == Draft.Review.REJECTED else "",
    )
    if review != Draft.Review.PENDING:
        _review(draft, story, finished, data["review_seconds"] or 30)
    if reply is not None and review in USED:
        draft.reply, draft.edit_distance = reply, edit_distance(draft.text, reply.text)
    return draft


def _review(draft: Draft, story: Story, finished: datetime, seconds: float) -> None:
    """Set the times shown, first key and reviewed, in this order and not before the draft was finished."""
    reply = story.reply_after(story.data["draft"]["for_message"])
    by = reply.author if reply else story.ticket.assignee
    ended = reply.created_at if reply else finished + timedelta(minutes=9)
    draft.shown_at = max(finished, ended - timedelta(seconds=seconds))
    draft.reviewed_at = max(ended, draft.shown_at)
    draft.reviewed_by = by
    if draft.review == Draft.Review.EDITED:
        draft.first_key_at = draft.shown_at + (draft.reviewed_at - draft.shown_at) / 4


def _citations(story: Story, draft: Draft, known: dict[str, Source]) -> list[Citation]:
    rows = []
    for number, slug in enumerate(story.data["draft"]["sources"], 1):
        source = known.get(slug)
        if source is None:  # an article that could not be imported: the draft has no such source
            continue
        chunk, shared = _best(source.chunks, draft.text)
        rows.append(
            Citation(
                draft=draft,
                number=number,
                article=source.article,
                revision=source.revision,
                chunk=chunk,
                title=source.revision.title,
                heading_path=chunk.heading_path if chunk else "",
                excerpt=chunk.text if chunk else source.revision.body_md[:900],
                internal=source.article.audience == Article.Audience.INTERNAL,
                score=round(0.45 + 0.4 * shared, 3),
                cited=f"[{number}]" in draft.text,
            )
        )
    return rows


def _best(chunks: list[Chunk], text: str) -> tuple[Chunk | None, float]:
    """The chunk that shares most words with the draft, and the share of the draft's words in it."""
    wanted = set(WORD.findall(text.lower()))
    if not chunks or not wanted:
        return (chunks[0] if chunks else None), 0.0
    scored = [
        (len(wanted & set(WORD.findall(chunk.text.lower()))) / len(wanted), -chunk.ordinal, chunk) for chunk in chunks
    ]
    share, _, chunk = max(scored, key=lambda row: row[:2])
    return chunk, share


def _gap(story: Story, draft: Draft) -> Gap:
    return Gap(
        query=masked(story),
        category=story.ticket.category_id or "",
        language=story.ticket.language,
        best_score=0.21,
        tier=story.ticket.customer.tier,
        value=story.ticket.customer.lifetime_value,
        asked_in=f"ticket:{story.ticket.pk}",
        asked_at=draft.created_at,
    )


def masked(story: Story) -> str:
    """Subject and question as a gap stores them, without personal data."""
    customer = story.ticket.customer
    masker = Masker(Person(customer.name, customer.email, customer.phone))
    asked = story.messages[story.data["draft"]["for_message"]]
    return f"{masker.mask(story.ticket.subject)}\n{masker.mask(asked.text)}"


def _events(story: Story, draft: Draft) -> list[TicketEvent]:
    Kind = TicketEvent.Kind
    prepared = TicketEvent(
        ticket=story.ticket,
        kind=Kind.PREPARED,
        data={"draft": draft.pk, "state": draft.state},
        at=draft.finished_at or draft.created_at,
    )
    if draft.review not in (*USED, Draft.Review.REJECTED):
        return [prepared]
    data: dict[str, Any] = {"draft": draft.pk, "review": draft.review}
    data |= {"reason": draft.reason} if draft.reason else {"distance": draft.edit_distance}
    reviewed = TicketEvent(
        ticket=story.ticket,
        kind=Kind.REVIEWED,
        actor=draft.reviewed_by,
        data=data,
        at=draft.reviewed_at or draft.created_at,
    )
    return [prepared, reviewed]
