"""Each step of a draft is one transaction: all of it or nothing, and browsers are informed after commit."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from copilot.drafting import states
from copilot.llm import ModelError
from copilot.models import Draft
from tests import cast
from tickets import lifecycle, live
from tickets.models import Message, Ticket, TicketEvent, User

pytestmark = pytest.mark.django_db
State = Draft.State
BROKEN = ModelError("broken", "It broke.", retryable=True)


def long_ago() -> Any:
    return timezone.now() - timedelta(hours=1)


def claimed(draft: Draft) -> Draft:
    found = states.claim(draft.pk)
    assert found is not None
    return found


def restart(draft: Draft) -> Draft | None:
    return states.restart(draft.ticket_id, long_ago())


def recover(draft: Draft) -> str:
    Draft.objects.update(lease_until=long_ago())
    return states.recover(draft)


# The step, the state before it, the state after it.
STEPS: dict[str, tuple[Callable[[Draft], object], State, State]] = {
    "claim": (lambda draft: states.claim(draft.pk), State.QUEUED, State.WRITING),
    "give up": (lambda draft: states.give_up(draft, BROKEN, None), State.WRITING, State.FAILED),
    "requeue": (states.requeue, State.WRITING, State.QUEUED),
    "recover": (recover, State.WRITING, State.QUEUED),
    "stop": (states.stop, State.WRITING, State.STOPPED),
    "restart": (restart, State.STOPPED, State.QUEUED),
    "try again": (states.try_again, State.FAILED, State.QUEUED),
}


@pytest.fixture(params=STEPS)
def step(request: Any, ticket: Ticket) -> tuple[Callable[[Draft], object], Draft, State]:
    """A draft, brought to where the step begins."""
    act, before, after = STEPS[request.param]
    draft, _ = states.request_draft(ticket, ticket.messages.get(), Draft.Origin.ARRIVAL)
    if before != State.QUEUED:
        draft = claimed(draft)
    if before == State.STOPPED:
        states.stop(draft)
    if before == State.FAILED:
        states.give_up(draft, BROKEN, None)
    draft.refresh_from_db()
    assert draft.state == before
    return act, draft, after


def test_a_failed_step_changes_nothing(
    step: tuple[Callable[[Draft], object], Draft, State],
    announced: list[dict[str, Any]],
    on_commit: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The database fails where the ticket is updated."""
    act, draft, _ = step
    before, told = Draft.objects.values().get(), TicketEvent.objects.count()

    def fails(*args: Any) -> None:
        raise RuntimeError("gone")

    monkeypatch.setattr(lifecycle, "set_preparation", fails)
    with on_commit(), pytest.raises(RuntimeError):
        act(draft)
    after = Draft.objects.values().get()
    assert after | {"lease_until": None} == before | {"lease_until": None}  # `recover` let it run out first
    assert TicketEvent.objects.count() == told and announced == []


def test_a_step_is_announced_after_commit(
    step: tuple[Callable[[Draft], object], Draft, State], announced: list[dict[str, Any]], on_commit: Any
) -> None:
    act, draft, after = step
    with on_commit():
        act(draft)
        assert announced == []
    draft.refresh_from_db()
    assert draft.state == after
    group = live.ticket_group(draft.ticket_id)
    changed = {"type": "draft.changed", "draft": draft.pk, "state": str(after), "group": group}
    assert [event for event in announced if event["type"] == "draft.changed"] == [changed]


def test_what_comes_after_a_lost_claim_has_no_effect(ticket: Ticket, mira: User) -> None:
    draft = claimed(states.request_draft(ticket, ticket.messages.get(), Draft.Origin.ARRIVAL)[0])
    states.stop(draft, mira)
    states.give_up(draft, BROKEN, None)
    states.requeue(draft)
    assert states.recover(draft) == "kept"
    draft.refresh_from_db()
    assert draft.state == State.STOPPED
    assert list(TicketEvent.objects.filter(data__draft=draft.pk).values_list("data__state", flat=True)) == ["stopped"]


def test_undo_gives_way_to_a_draft_that_was_asked_for_meanwhile(
    ticket: Ticket, mira: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both at the same moment: the newer request comes after undo has read and before it writes."""
    message = ticket.messages.get()
    stopped = claimed(states.request_draft(ticket, message, Draft.Origin.ARRIVAL)[0])
    states.stop(stopped, mira)
    newer, _ = states.request_draft(ticket, message, Draft.Origin.REQUEST, mira)
    Draft.objects.filter(pk=newer.pk).update(created_at=long_ago())  # so that undo still finds the other one first
    assert restart(stopped) is None
    stopped.refresh_from_db()
    assert stopped.state == State.STOPPED and Draft.objects.active().get() == newer


def test_a_newer_message_stops_and_outdates_in_one(ticket: Ticket, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = claimed(states.request_draft(ticket, ticket.messages.get(), Draft.Origin.ARRIVAL)[0])
    newer = Message.objects.create(ticket=ticket, kind=Message.Kind.CUSTOMER, text="One more thing")

    def fails(*args: Any) -> None:
        raise RuntimeError("gone")

    with monkeypatch.context() as broken, pytest.raises(RuntimeError):
        broken.setattr(live, "ticket_changed", fails)
        states.mark_outdated(ticket.pk, newer.pk)
    draft.refresh_from_db()
    assert (draft.state, draft.outdated) == (State.WRITING, False)
    states.mark_outdated(ticket.pk, newer.pk)
    draft.refresh_from_db()
    assert (draft.state, draft.outdated) == (State.STOPPED, True)


def test_another_ticket_is_not_affected(ticket: Ticket) -> None:
    other = states.request_draft(
        other_ticket := cast.new_ticket(subject="Other"), other_ticket.messages.get(), Draft.Origin.ARRIVAL
    )[0]
    states.mark_outdated(ticket.pk, ticket.messages.get().pk)
    other.refresh_from_db()
    assert (other.state, other.outdated) == (State.QUEUED, False)
