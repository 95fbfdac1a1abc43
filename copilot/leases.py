"""Rows that only one writer at a time works on: claimed by compare-and-set, held by a lease, ended by the holder.

Each function is one SQL statement, safe under races, and returns whether it had an effect; callers put related changes
into the same transaction. If a writer dies, its lease runs out. A writer that was stopped or replaced gets `LeaseLost`,
because each claim raises `attempts`.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar

from asgiref.sync import sync_to_async
from django.db import OperationalError, connections, models
from django.db.models import F, Q
from django.utils import timezone

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=15)
RENEW_EVERY = 3.0  # seconds; independent of the work, which may be silent for long (a search, a model reading)
QUEUED, WRITING = "queued", "writing"


class LeaseLost(Exception):
    """The row was stopped or taken over while we worked on it."""


class Leased(models.Model):
    """queued -> writing -> one of the end states that the subclass defines in `state`."""

    state = models.CharField(max_length=10, default=QUEUED)  # subclasses add their end states
    attempts = models.PositiveSmallIntegerField(default=0, help_text="how often it was claimed")
    # Renewed while writing; a row whose lease ran out was left by a dead process.
    lease_until = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def abandoned(self) -> bool:
        """Its writer has died, even if the row has not been recovered yet."""
        return self.state == WRITING and self.lease_until is not None and self.lease_until < timezone.now()


Row = TypeVar("Row", bound=Leased)


def abandoned(now: datetime) -> Q:
    """Rows whose writer has died."""
    return Q(state=WRITING, lease_until__lt=now)


def held(now: datetime) -> Q:
    """Rows whose writer is alive."""
    return Q(state=WRITING, lease_until__gte=now)


def claim(rows: models.QuerySet[Row], pk: int, **values: Any) -> bool:
    """queued -> writing; False if another writer was faster or it was stopped."""
    until = timezone.now() + LEASE
    won = rows.filter(pk=pk, state=QUEUED)
    return bool(won.update(state=WRITING, lease_until=until, attempts=F("attempts") + 1, **values))


def renew(row: Leased, **values: Any) -> None:
    """Extend the lease and write `values`. Raises LeaseLost."""
    if not _held(row).update(lease_until=timezone.now() + LEASE, **values):
        raise LeaseLost


def end(row: Leased, state: str, **values: Any) -> bool:
    """writing -> `state`, an end state."""
    return bool(_held(row).update(state=state, finished_at=timezone.now(), lease_until=None, **values))


def requeue(row: Leased, **values: Any) -> bool:
    """writing -> queued, for the next writer."""
    return bool(_held(row).update(state=QUEUED, lease_until=None, **values))


def take_over(row: Leased, **values: Any) -> bool:
    """Free an abandoned row from its dead writer; `values` set its new state."""
    left = _held(row).filter(abandoned(timezone.now()))
    return bool(left.update(lease_until=None, **values))


def stop(row: Leased, state: str) -> bool:
    """queued or writing -> `state`, whoever holds it; a writer notices when it renews its lease."""
    active = _rows(row).filter(pk=row.pk, state__in=(QUEUED, WRITING))
    return bool(active.update(state=state, finished_at=timezone.now(), lease_until=None))


def _held(row: Leased) -> models.QuerySet[Leased]:
    return _rows(row).filter(pk=row.pk, state=WRITING, attempts=row.attempts)


def _rows(row: Leased) -> models.QuerySet[Leased]:
    return type(row)._default_manager.all()


@asynccontextmanager
async def holding(row: Leased) -> AsyncIterator[None]:
    """Renews the lease while the body runs; if it is lost, cancels the body and raises LeaseLost."""
    body = asyncio.current_task()
    assert body is not None
    lost = False

    async def keep_renewing() -> None:
        nonlocal lost
        try:
            while True:
                await asyncio.sleep(RENEW_EVERY)
                await sync_to_async(_renew, thread_sensitive=False)(row)
        except LeaseLost:
            lost = True
            body.cancel()

    renewing = asyncio.create_task(keep_renewing())
    try:
        try:
            yield
        finally:
            renewing.cancel()
            await asyncio.wait({renewing})
    except asyncio.CancelledError:
        if lost and not body.uncancel():
            raise LeaseLost from None
        raise  # somebody else cancelled us


async def claimed(claim: Callable[[], Row | None], give_back: Callable[[Row], object]) -> Row | None:
    """What `claim` returns. Cancelled meanwhile, it waits for it (the thread goes on) and gives the row back."""
    claiming = asyncio.ensure_future(sync_to_async(claim)())
    try:
        return await asyncio.shield(claiming)
    except asyncio.CancelledError:
        await asyncio.wait({claiming})
        if claiming.exception() is None and (row := claiming.result()) is not None:
            await run_shielded(lambda: give_back(row))
        raise


async def run_shielded(step: Callable[[], object]) -> None:
    """The last step of a cancelled writer. It runs to its end, in its own thread, because the usual one may be busy."""

    def work() -> None:
        try:
            step()
        finally:
            connections.close_all()

    await asyncio.shield(sync_to_async(work, thread_sensitive=False)())


def _renew(row: Leased) -> None:
    """Runs in its own thread, because the body may keep the usual one busy.

    A busy database must not end the work: the next renewal will do.
    """
    try:
        renew(row)
    except OperationalError:
        log.info("lease not renewed, the database is busy: %s=%s", row._meta.model_name, row.pk)
    finally:
        connections.close_all()
