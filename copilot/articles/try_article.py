"""Which of last month's questions a text would answer if it were published: for authors, while they write."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from copilot.evidence.question_scores import best
from copilot.models import QuestionVector
from knowledge.index.embeddings import get_embedder
from knowledge.search import configuration
from knowledge.text.chunking import Piece, chunk, passage_text

TEXT_LIMIT = 60_000  # characters
PIECES = 40  # passages embedded at most: a longer article should be two
SHOWN = 30
MARGIN = 0.02  # how much the score must exceed another article's before a question counts as moved


class Outcome(StrEnum):
    ANSWERED = "answered"  # nothing reached the minimum score before
    TAKEN = "taken"  # another article answers it now, less well
    KEPT = "kept"  # this article answers it, and its new text does so too
    LOST = "lost"  # this article answers it, its new text does not


@dataclass(frozen=True)
class Answered:
    """A question whose answer would change; `section` is the best matching part of the text."""

    ticket_id: int
    subject: str  # masked: authors who may not open tickets read it too
    outcome: Outcome
    old: float
    new: float
    section: str
    other: Any = None  # the article it would be taken from


@dataclass(frozen=True)
class Trial:
    """`asked`: questions compared. Lists are complete, the largest change first; pages show the first few."""

    asked: int
    pieces: int
    found: Sequence[Answered]
    min_score: float

    def of(self, outcome: Outcome) -> list[Answered]:
        return [each for each in self.found if each.outcome == outcome]

    @property
    def answered(self) -> list[Answered]:
        return self.of(Outcome.ANSWERED)

    @property
    def taken(self) -> list[Answered]:
        return self.of(Outcome.TAKEN)

    @property
    def kept(self) -> list[Answered]:
        return self.of(Outcome.KEPT)

    @property
    def lost(self) -> list[Answered]:
        return self.of(Outcome.LOST)


def outcome(new: float, old: float, mine: bool, min_score: float) -> Outcome | None:
    """What publishing the text would change for one question.

    `new`: score of the text; `old`: today's best score of any article; `mine`: that article is this one. Scores are
    cosine similarities (copilot.evidence.question_scores). If the search scores differently, only this rule changes.
    """
    if old < min_score:
        return Outcome.ANSWERED if new >= min_score else None
    if mine:
        return Outcome.KEPT if new >= min_score else Outcome.LOST
    return Outcome.TAKEN if new >= min_score and new > old + MARGIN else None


def try_text(title: str, body_md: str, article_id: int | None) -> Trial:
    """Compare the text with last month's questions. Raises EmbedderUnavailable."""
    pieces = chunk(body_md[:TEXT_LIMIT], title)[:PIECES]
    min_score = configuration.current().min_score
    embedder = get_embedder()
    rows = list(
        QuestionVector.objects.filter(embedder=embedder.name, best_score__isnull=False)
        .select_related("message", "best_article")
        .defer("message__text", "message__html", "message__quoted", "best_article__body_md")
    )
    if not rows or not pieces:
        return Trial(len(rows), len(pieces), (), min_score)
    texts = [passage_text(title, piece.heading_path, piece.text) for piece in pieces]
    passages = embedder.embed_passages(texts)
    found = [each for row in rows if (each := _judge(row, passages, pieces, article_id, min_score))]
    found.sort(key=lambda each: each.old - each.new)
    return Trial(len(rows), len(pieces), found, min_score)


def _judge(
    row: QuestionVector, passages: np.ndarray, pieces: Sequence[Piece], article_id: int | None, min_score: float
) -> Answered | None:
    (new, place), old = best(bytes(row.vectors), passages), row.best_score or 0.0
    decided = outcome(new, old, article_id is not None and row.best_article_id == article_id, min_score)
    if decided is None:
        return None
    other = row.best_article if decided == Outcome.TAKEN else None
    return Answered(row.message.ticket_id, row.subject, decided, old, new, pieces[place].heading_path, other)
