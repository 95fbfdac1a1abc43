"""Once a minute a part of all tickets is looked at, so that whatever was missed is made up for.

What may be missed: a process was killed, a job was lost, tickets were imported, Chroma's folder was deleted, or there
is another embedder.

A part is a block of ticket numbers. The newest block comes first, then some others in turn, from where the last run
ended. Where that was is in the cache of this process; a new process begins anywhere, because processes are replaced
before they get through a million tickets.
"""

import logging
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Max

from copilot.similar import indexing, remembering
from knowledge.index.embeddings import Embedder, get_embedder
from knowledge.index.vectors import IndexDamaged, VectorStore
from knowledge.sync import recovery
from tickets.models import Ticket

log = logging.getLogger(__name__)

BLOCK = 500  # ticket numbers
BLOCKS = 10  # in one run, besides the newest
MOST = 64  # tickets read, and vectors made, in one run
PATIENCE = 10.0  # seconds: then other jobs of the lane run, and the next run continues
PLACE = "similar.place"  # the last number of the next block
FAILED, FAILED_FOR = "similar.failed", 3600  # seconds until a ticket that could not be read is tried again
TROUBLE = "tickets"  # noted apart from the trouble with the vectors of articles


@dataclass(frozen=True)
class Kept:
    """`left`: there is more to do in a block that was looked at."""

    read: int = 0
    stored: int = 0
    deleted: int = 0
    left: bool = False

    def __add__(self, other: "Kept") -> "Kept":
        left = self.left or other.left
        return Kept(self.read + other.read, self.stored + other.stored, self.deleted + other.deleted, left)


def keep(patience: float = PATIENCE) -> Kept:
    """Raises IndexUnavailable or EmbedderUnavailable; what was read until then is kept."""
    embedder = get_embedder()
    store = indexing.store_of(embedder)
    try:
        kept = _walk(embedder, store, time.monotonic() + patience)
    except IndexDamaged:
        if not recovery.start_over_if_damaged(store, TROUBLE):
            raise
        return Kept(left=True)
    recovery.forget(TROUBLE)
    return kept


def _walk(embedder: Embedder, store: VectorStore, deadline: float) -> Kept:
    newest = Ticket.objects.aggregate(last=Max("pk"))["last"] or 0
    # Also numbers above the newest: there may be vectors of tickets that were deleted.
    kept = _keep_block(max(1, newest - BLOCK + 1), newest + BLOCK, embedder, store, MOST, deadline)
    for first, last in blocks(newest, cache.get(PLACE)):
        if kept.left or time.monotonic() > deadline:
            break
        done = _keep_block(first, last, embedder, store, MOST - max(kept.read, kept.stored), deadline)
        cache.set(PLACE, last if done.left else first - 1, None)
        kept += done
    return kept


def blocks(newest: int, place: int | None) -> Iterator[tuple[int, int]]:
    """First and last numbers of the blocks of one run, downwards from `place`, and after 1 again from the newest."""
    last = random.randint(1, max(1, newest)) if place is None else place  # noqa: S311 - any place will do
    for _ in range(min(BLOCKS, newest // BLOCK)):
        last = last if 1 <= last <= newest else newest
        first = max(1, last - BLOCK + 1)
        yield first, last
        last = first - 1


def _keep_block(first: int, last: int, embedder: Embedder, store: VectorStore, most: int, deadline: float) -> Kept:
    failed = cache.get(FAILED, set())
    unread = [each for each in remembering.outdated(first, last) if each not in failed]
    read = 0
    for ticket_id in unread[:most]:
        if time.monotonic() > deadline:
            break
        read += _read(ticket_id)
    synced = indexing.sync(range(first, last + 1), embedder, store, most)
    return Kept(read, synced.stored, synced.deleted, bool(synced.left) or read < len(unread))


def _read(ticket_id: int) -> bool:
    try:
        return remembering.remember(ticket_id)
    except Exception as error:  # noqa: BLE001 - one bad ticket must not hold up the others
        log.warning("closed ticket not read: ticket=%s error=%s", ticket_id, type(error).__name__)
        cache.set(FAILED, cache.get(FAILED, set()) | {ticket_id}, FAILED_FOR)
        return False
