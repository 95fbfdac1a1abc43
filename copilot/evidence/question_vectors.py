"""Last month's questions as vectors, and which article answers each best. The only writer of QuestionVector.

Filled in the background, a few at a time; nothing here runs in a request.
"""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from copilot.evidence.question import question_of
from copilot.evidence.question_scores import best
from copilot.models import QuestionVector
from knowledge.index.embeddings import get_embedder
from knowledge.models import Article, Chunk
from knowledge.search import configuration
from knowledge.search.questions import read
from knowledge.search.retrieval import Degradation, search
from knowledge.text.chunking import passage_text
from tickets.models import Message

DAYS = 30
MAX_QUESTIONS = 500  # questions kept: the newest
BATCH = 40  # made in one run of the minute's job: about a second of embedding


class NoVectors(Exception):
    """Only word search was available, and its scores cannot be compared. The next run continues."""


def window(now: datetime) -> datetime:
    return now - timedelta(days=DAYS)


def first_messages(since: datetime) -> QuerySet[Message]:
    """The customer's first message of each ticket, newest first."""
    earlier = Message.objects.filter(
        ticket=OuterRef("ticket"), kind=Message.Kind.CUSTOMER, created_at__lt=OuterRef("created_at")
    )
    found = Message.objects.filter(kind=Message.Kind.CUSTOMER, created_at__gte=since).exclude(Exists(earlier))
    return found.order_by("-created_at", "-id")


def fill(batch: int = BATCH) -> int:
    """Delete what is too old or from another embedder, then create what is missing. Returns how many."""
    embedder = get_embedder()
    wanted = list(first_messages(window(timezone.now())).values_list("id", flat=True)[:MAX_QUESTIONS])
    QuestionVector.objects.exclude(message__in=wanted, embedder=embedder.name).delete()
    known = set(QuestionVector.objects.values_list("message_id", flat=True))
    todo = [message_id for message_id in wanted if message_id not in known][:batch]
    messages = Message.objects.filter(pk__in=todo).select_related("ticket__customer")
    for message in messages:
        query = question_of(message.ticket, message).query
        asked = read(query).searches
        vectors = [np.asarray(embedder.embed_query(each.text), dtype=np.float32) for each in asked]
        article_id, score = best_today(query)
        QuestionVector.objects.update_or_create(
            message=message,
            defaults={
                "subject": query.partition("\n")[0][:200],
                "embedder": embedder.name,
                "vectors": b"".join(vector.tobytes() for vector in vectors),
                "best_article_id": article_id,
                "best_score": score,
            },
        )
    return len(todo)


def best_today(query: str) -> tuple[int | None, float]:
    """The article with the best score, however low. Without the reranker, which changes the order, not the score."""
    found = search(query, limit=1, mode="dense", min_score=0, using=replace(configuration.current(), rerank=False))
    if found.degradation == Degradation.WORDS_ONLY:
        raise NoVectors(found.cause)
    first = max(found.candidates, key=lambda each: each.score, default=None)
    return (first.article_id, first.score) if first else (None, 0.0)


def score_again(batch: int = BATCH) -> int:
    """Search again for questions whose best article is gone (withdrawn, expired, erased). Returns how many."""
    gone = (
        QuestionVector.objects.filter(best_score__gt=0)
        .exclude(best_article__in=Article.objects.published())
        .select_related("message__ticket__customer")[:batch]
    )
    for row in gone:
        _ask_again(row)
    return len(gone)


def score_article(article_id: int) -> int:
    """An article was published or withdrawn: it may answer some questions better, and its own less well."""
    for row in QuestionVector.objects.filter(best_article=article_id).select_related("message__ticket__customer"):
        _ask_again(row)
    chunks = list(
        Chunk.objects.filter(
            article=article_id, article__in=Article.objects.published(), revision=F("article__published")
        ).select_related("revision")
    )
    embedder = get_embedder()
    rows = list(QuestionVector.objects.filter(embedder=embedder.name)) if chunks else []
    if not rows:
        return 0
    texts = [passage_text(chunk.revision.title, chunk.heading_path, chunk.text) for chunk in chunks]
    passages = embedder.embed_passages(texts)
    better = []
    for row in rows:
        score, _ = best(bytes(row.vectors), passages)
        if score > (row.best_score or 0.0):
            row.best_article_id, row.best_score = article_id, round(score, 4)
            better.append(row)
    QuestionVector.objects.bulk_update(better, ["best_article", "best_score"])
    return len(better)


def _ask_again(row: QuestionVector) -> None:
    row.best_article_id, row.best_score = best_today(question_of(row.message.ticket, row.message).query)
    row.save(update_fields=["best_article", "best_score"])
