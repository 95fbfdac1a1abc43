"""Rows that one writer at a time works on: claimed by compare-and-set, held by a lease, ended by whoever holds them.

Each function is one statement, safe under races, and tells whether it had an effect; whoever calls it puts what belongs
to it into the same transaction. A writer that dies leaves a lease that runs out. A writer that was stopped or replaced
finds that the row is not its own any more (`LeaseLost`), because each claim counts `attempts` up.
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
RENEW_EVERY = 3.0  # seconds: the work may be silent for long, a search as well as a model that reads
QUEUED, WRITING = "queued", "writing"


class LeaseLost(Exception):
    """The row was stopped or taken over while we worked on it."""


class Leased(models.Model):
    """queued -> writing -> one of the ends that the model names in its own `state`."""

    state = models.CharField(max_length=10, default=QUEUED)  # each model adds its own ends
    attempts = models.PositiveSmallIntegerField(default=0, help_text="how often it was claimed")
    # Renewed while writing; a row whose lease ran out was left by a dead process.
    lease_until = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def abandoned(self) -> bool:
        """Its writer is gone, whether or not anybody has noted it yet."""
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
    """Hold the row a little longer, and write `values` into it. Raises LeaseLost."""
    if not _held(row).update(lease_until=timezone.now() + LEASE, **values):
        raise LeaseLost


def end(row: Leased, state: str, **values: Any) -> bool:
    """writing -> `state`, for good."""
    return bool(_held(row).update(state=state, finished_at=timezone.now(), lease_until=None, **values))


def requeue(row: Leased, **values: Any) -> bool:
    """writing -> queued, for the next writer."""
    return bool(_held(row).update(state=QUEUED, lease_until=None, **values))


def take_over(row: Leased, **values: Any) -> bool:
    """Take an abandoned row from its dead writer; `values` say what becomes of it."""
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
    """Renews the lease while the body lasts; once the row is lost, cancels the body and raises LeaseLost."""
    body = asyncio.current_task()
    assert body is not None
    lost = False

    async def renew_now_and_then() -> None:
        nonlocal lost
        try:
            while True:
                await asyncio.sleep(RENEW_EVERY)
                await sync_to_async(_renew, thread_sensitive=False)(row)
        except LeaseLost:
            lost = True
            body.cancel()

    renewing = asyncio.create_task(renew_now_and_then())
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


async def run_shielded(requeue: Callable[[], object]) -> None:
    """What a writer does last when it is cancelled: to the end, in a thread of its own, the usual one may be busy."""

    def work() -> None:
        try:
            requeue()
        finally:
            connections.close_all()

    await asyncio.shield(sync_to_async(work, thread_sensitive=False)())


def _renew(row: Leased) -> None:
    """In a thread of its own, because the body may keep the usual one busy.

    A database that is busy for a while must not end what is being written: the next time will do.
    """
    try:
        renew(row)
    except OperationalError:
        log.info("lease not renewed, the database is busy: %s=%s", row._meta.model_name, row.pk)
    finally:
        connections.close_all()
