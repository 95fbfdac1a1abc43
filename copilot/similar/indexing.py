"""The vectors of solved tickets, in a collection of Chroma of their own. A cache: SQL says which tickets count.

Another embedder has another collection, which the walk fills (walking.py). Nothing here runs inside a transaction.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from copilot.models import SolvedTicket
from copilot.similar import likeness
from knowledge.index.embeddings import Embedder
from knowledge.index.vectors import ChromaStore, Entry, VectorStore, collection_name
from knowledge.sync.storing import plan


@dataclass(frozen=True)
class Synced:
    """`left`: vectors that are still missing."""

    stored: int = 0
    deleted: int = 0
    left: int = 0


def store_of(embedder: Embedder) -> VectorStore:
    return ChromaStore(f"{collection_name(embedder.name)}-tickets")


def counting() -> QuerySet[SolvedTicket]:
    """Those that may be shown: closed, with an answer, and with something to compare.

    By the time of closing, which only closed tickets have: by status, SQLite would look through all closed tickets.
    """
    return SolvedTicket.objects.filter(ticket__closed_at__isnull=False).exclude(answer="").exclude(text_hash="")


def sync(ticket_ids: Collection[int], embedder: Embedder, store: VectorStore, most: int) -> Synced:
    """Bring the vectors of these tickets up to date; at most so many are made, of the newest tickets.

    Raises IndexUnavailable or EmbedderUnavailable.
    """
    todo = plan(_wanted(ticket_ids), store.hashes(list(ticket_ids)))
    missing = sorted(todo.upserts, reverse=True)
    if entries := _entries(missing[:most], embedder):
        store.upsert(entries)
    # Asked again: a ticket may have been closed since the plan was made, and stored by another process.
    wanted = _wanted(todo.deletes)
    gone = [each for each in todo.deletes if each not in wanted]
    if gone:
        store.delete(gone)
    return Synced(len(entries), len(gone), len(missing[most:]))


def _wanted(ticket_ids: Collection[int]) -> dict[int, str]:
    return dict(counting().filter(ticket__in=ticket_ids).values_list("ticket_id", "text_hash"))


def _entries(ticket_ids: Sequence[int], embedder: Embedder) -> list[Entry]:
    rows = counting().filter(ticket__in=ticket_ids).order_by("ticket")
    asked = {row: parts for row in rows if (parts := likeness.parts(row.title, row.question))}
    if not asked:
        return []
    found = zip(asked, likeness.vectors(list(asked.values()), embedder), strict=True)
    return [Entry(row.ticket_id, row.ticket_id, row.text_hash, vector) for row, vector in found]
