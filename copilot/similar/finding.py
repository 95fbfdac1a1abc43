"""Solved tickets that asked the same as a ticket: the nearest vectors, each looked up in SQL. Reads only."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import numpy as np
from django.core.cache import cache

from copilot.models import SolvedTicket
from copilot.similar import indexing, likeness, min_similarity, reading, telling
from copilot.similar.reading import Asked
from knowledge.index.embeddings import Embedder, EmbedderUnavailable, get_embedder
from knowledge.index.vectors import IndexUnavailable
from tickets.access import visible_tickets
from tickets.models import Ticket, User

log = logging.getLogger(__name__)

# Vectors: more than are shown, because some are of tickets that no longer count, or were solved the same way.
NEAREST = 40
SHOWN = 3
READ_FOR = 600  # seconds that the masked question of a ticket is kept


class State(StrEnum):
    FOUND = "found"
    NOTHING = "nothing"
    NO_QUESTION = "no_question"  # the customer has written nothing that could be compared
    UNAVAILABLE = "unavailable"  # Chroma or the embedder is down


@dataclass(frozen=True)
class Hit:
    """All texts are masked. `essence`: what the answer says, in short. `more`: further tickets with the same answer."""

    ticket_id: int
    title: str
    answer: str
    essence: str
    language: str
    took: timedelta
    confirmed: bool
    articles: tuple[str, ...]
    more: int = 0


@dataclass(frozen=True)
class Found:
    state: State
    hits: tuple[Hit, ...] = ()


@dataclass(frozen=True)
class _Read:
    """A ticket's question with its vector; None if there is nothing to compare."""

    asked: Asked
    vector: np.ndarray | None


def similar(ticket: Ticket, user: User) -> Found:
    """`ticket` comes with its customer."""
    try:
        embedder = get_embedder()
        read = _read(ticket, embedder)
        if read.vector is None:
            return Found(State.NO_QUESTION)
        rows = _alike(ticket, user, read.asked, read.vector, embedder)
    except (IndexUnavailable, EmbedderUnavailable) as error:
        log.warning("similar tickets not searched: ticket=%s error=%s", ticket.pk, type(error).__name__)
        return Found(State.UNAVAILABLE)
    hits = [_hit(same, read.asked) for same in _by_answer(rows)[:SHOWN]]
    return Found(State.FOUND if hits else State.NOTHING, tuple(hits))


def _read(ticket: Ticket, embedder: Embedder) -> _Read:
    newest, count = reading.messages(ticket.pk, ticket.pk).get(ticket.pk, (0, 0))
    key = f"similar.question.{embedder.name}.{likeness.VERSION}.{ticket.pk}.{newest}.{count}"
    read: _Read | None = cache.get(key)
    if read is None:
        asked = reading.asked(ticket)
        parts = likeness.parts(asked.title, asked.question)
        read = _Read(asked, likeness.vectors([parts], embedder)[0] if parts else None)
        cache.set(key, read, READ_FOR)
    return read


def _alike(ticket: Ticket, user: User, asked: Asked, vector: np.ndarray, embedder: Embedder) -> list[SolvedTicket]:
    """The most similar first."""
    store, minimum = indexing.store_of(embedder), min_similarity.of(embedder.name)
    near = {number: similarity for number, similarity in store.query(vector, NEAREST) if number != ticket.pk}
    seen = visible_tickets(user).filter(pk__in=near)
    rows = {row.ticket_id: row for row in indexing.counting().filter(ticket__in=seen).select_related("ticket")}
    found = {number: (near[number], _asked(row)) for number, row in rows.items()}
    return [rows[number] for number in min_similarity.closest(min_similarity.margins(found, asked, minimum))]


def _asked(row: SolvedTicket) -> Asked:
    return Asked(row.title, row.question, row.language)


def _by_answer(rows: Sequence[SolvedTicket]) -> list[list[SolvedTicket]]:
    """Tickets with the same answer together, in the order of the first of each."""
    found: dict[telling.Gist, list[SolvedTicket]] = {}
    for row in rows:
        gist = telling.gist(row.answer)
        same = next((each for each in found if telling.same(each, gist)), gist)
        found.setdefault(same, []).append(row)
    return list(found.values())


def _hit(same: Sequence[SolvedTicket], asked: Asked) -> Hit:
    row, ticket = same[0], same[0].ticket
    took = (ticket.closed_at or ticket.created_at) - ticket.created_at
    return Hit(
        row.ticket_id,
        row.title,
        row.answer,
        telling.essence(f"{asked.title}\n{asked.question}", row.answer),
        row.language,
        max(timedelta(), took),
        row.confirmed,
        tuple(each["title"] for each in row.articles),
        len(same) - 1,
    )
