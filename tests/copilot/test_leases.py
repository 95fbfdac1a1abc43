"""A claimed row is held by one writer at a time, for drafts and for articles from agents' replies alike."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db import OperationalError
from django.utils import timezone

from copilot import leases
from copilot.leases import Leased, LeaseLost
from copilot.models import Draft, GapArticleRun
from knowledge.models import GapTopic
from tests import cast
from tests.copilot.cancelling import Pause

pytestmark = pytest.mark.django_db


def a_draft() -> Leased:
    ticket = cast.new_ticket()
    return Draft.objects.create(ticket=ticket, message=ticket.messages.get())


def an_article() -> Leased:
    return GapArticleRun.objects.create(topic=GapTopic.objects.create(name="Reminders"), requested_by=cast.ken())


@pytest.fixture(params=[a_draft, an_article])
def queued(request: Any, db: None) -> Leased:
    made: Leased = request.param()
    return made


@pytest.fixture
def claimed(queued: Leased) -> Leased:
    claim(queued)
    queued.refresh_from_db()
    return queued


def claim(row: Leased) -> bool:
    return leases.claim(type(row)._default_manager.all(), row.pk)


def let_it_run_out(row: Leased) -> None:
    type(row)._default_manager.update(lease_until=timezone.now() - timedelta(seconds=1))
    row.refresh_from_db()


class TestHolding:
    def test_of_two_writers_one_gets_it(self, queued: Leased) -> None:
        assert claim(queued) and not claim(queued)
        queued.refresh_from_db()
        assert (queued.state, queued.attempts) == ("writing", 1)

    def test_a_living_writer_keeps_it_and_a_dead_one_does_not(self, claimed: Leased) -> None:
        assert not claimed.abandoned and not leases.take_over(claimed, state="queued")
        let_it_run_out(claimed)
        assert claimed.abandoned and leases.take_over(claimed, state="queued")
        assert claim(claimed)

    def test_renewing_holds_it_longer_and_writes_what_there_is(self, claimed: Leased) -> None:
        let_it_run_out(claimed)
        leases.renew(claimed, text="Hi Tomas")
        claimed.refresh_from_db()
        assert not claimed.abandoned and claimed.text == "Hi Tomas"  # type: ignore[attr-defined]

    def test_what_is_requeued_can_be_claimed_again(self, claimed: Leased) -> None:
        assert leases.requeue(claimed) and claim(claimed)
        claimed.refresh_from_db()
        assert claimed.attempts == 2

    def test_ended_it_has_no_lease(self, claimed: Leased) -> None:
        assert leases.end(claimed, "ready", text="Hi Tomas")
        claimed.refresh_from_db()
        assert (claimed.state, claimed.lease_until) == ("ready", None) and claimed.finished_at is not None

    @pytest.mark.parametrize("meanwhile", ["stopped", "ended", "taken over"])
    def test_who_has_lost_it_writes_nothing_any_more(self, claimed: Leased, meanwhile: str) -> None:
        match meanwhile:
            case "stopped":
                assert leases.stop(claimed, "stopped")
            case "ended":
                assert leases.end(claimed, "failed")
            case "taken over":
                assert leases.requeue(claimed) and claim(claimed)
        with pytest.raises(LeaseLost):
            leases.renew(claimed, text="too late")
        assert not leases.end(claimed, "ready", text="too late")
        assert not leases.requeue(claimed, text="too late")
        claimed.refresh_from_db()
        assert claimed.text == ""  # type: ignore[attr-defined]

    def test_what_has_ended_cannot_be_stopped(self, claimed: Leased) -> None:
        leases.end(claimed, "ready")
        assert not leases.stop(claimed, "stopped")


@pytest.mark.django_db(transaction=True)
class TestWhileTheWorkLasts:
    @pytest.fixture(autouse=True)
    def often(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(leases, "RENEW_EVERY", 0.01)

    def during(self, row: Leased, meanwhile: Callable[[], object]) -> None:
        """Silent work, in which something happens to the row; it would last until it is cancelled."""

        async def story() -> None:
            async with leases.holding(row):
                await sync_to_async(meanwhile)()
                await asyncio.Event().wait()

        async_to_sync(story)()

    def test_the_lease_is_renewed(self, claimed: Leased) -> None:
        let_it_run_out(claimed)

        def gone() -> bool:
            claimed.refresh_from_db()
            return claimed.abandoned

        async def story() -> None:
            async with leases.holding(claimed):
                while await sync_to_async(gone)():  # noqa: ASYNC110 - it asks the database
                    await asyncio.sleep(0.005)

        async_to_sync(story)()
        assert not gone()

    def test_stopped_it_ends_by_itself(self, claimed: Leased) -> None:
        with pytest.raises(LeaseLost):
            self.during(claimed, lambda: leases.stop(claimed, "stopped"))

    def test_taken_over_it_ends_by_itself(self, claimed: Leased) -> None:
        def another_writer() -> None:
            leases.requeue(claimed)
            claim(claimed)

        with pytest.raises(LeaseLost):
            self.during(claimed, another_writer)

    def test_its_own_error_is_raised(self, claimed: Leased) -> None:
        def fault() -> None:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            self.during(claimed, fault)

    def test_cancelled_by_somebody_else_it_stays_cancelled(self, claimed: Leased) -> None:
        async def story() -> None:
            begun = asyncio.Event()

            async def work() -> None:
                async with leases.holding(claimed):
                    begun.set()
                    await asyncio.Event().wait()

            working = asyncio.create_task(work())
            await begun.wait()
            working.cancel()
            with pytest.raises(asyncio.CancelledError):
                await working

        async_to_sync(story)()
        claimed.refresh_from_db()
        assert claimed.state == "writing"  # what becomes of it is the writer's business

    def test_cancelled_while_it_claims_it_gives_the_row_back(self, queued: Leased) -> None:
        """A drafter that is stopped: the claim is under way in a thread, which cannot be cancelled."""
        pause = Pause()

        def slowly() -> Leased | None:
            pause.here()
            assert claim(queued)
            queued.refresh_from_db()
            return queued

        pause.cancel(leases.claimed(slowly, leases.requeue))
        queued.refresh_from_db()
        assert (queued.state, queued.attempts) == ("queued", 1)

    def test_cancelled_while_a_claim_fails_it_is_cancelled(self) -> None:
        pause = Pause()

        def busy() -> Leased | None:
            pause.here()
            raise OperationalError("database is locked")

        pause.cancel(leases.claimed(busy, leases.requeue))

    def test_a_busy_database_does_not_end_it(self, claimed: Leased, monkeypatch: pytest.MonkeyPatch) -> None:
        tried = asyncio.Event()
        count = 0

        def locked(row: Leased) -> None:
            nonlocal count
            count += 1
            if count == 3:
                loop.call_soon_threadsafe(tried.set)
            raise OperationalError("database is locked")

        monkeypatch.setattr(leases, "renew", locked)

        async def story() -> str:
            nonlocal loop
            loop = asyncio.get_running_loop()
            async with leases.holding(claimed):
                await tried.wait()
                return "found"

        loop: Any = None
        assert async_to_sync(story)() == "found"
