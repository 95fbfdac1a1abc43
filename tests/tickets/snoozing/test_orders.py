"""Whatever happens to a ticket in whatever order, undo right after a change brings back what was before it."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests import cast
from tests.tickets.desk.test_two_browsers import answer
from tests.tickets.undoing import undo_events
from tickets import assignment, lifecycle, outbox
from tickets.mail import message_creation
from tickets.models import Ticket, TicketEvent, User
from tickets.models.tickets import NEVER

NOW = timezone.now()
TIMES = [NOW + timedelta(days=1), NOW + timedelta(days=2), None]
LAST = NOW + timedelta(days=2)
KEPT = (
    "status",
    "waiting_since",
    "wakes_at",
    "closed_at",
    "handoff_due_at",
    "back_from_snooze",
    "team_id",
    "assignee_id",
)


backs = st.booleans()


class Orders(RuleBasedStateMachine):
    mira: User

    @initialize(waits=st.booleans())
    def a_ticket(self, waits: bool) -> None:
        self.ticket = cast.new_ticket(waiting_since=NOW - timedelta(days=2))
        self.undos: list[Callable[[], Any]] = []
        if not waits:
            outbox.write_reply(self.ticket, self.mira, "Refunded.", submission=None)

    def now(self) -> Ticket:
        return Ticket.objects.get(pk=self.ticket.pk)

    def state(self) -> dict[str, Any]:
        return {name: getattr(self.now(), name) for name in KEPT}

    def changed(self, back: bool, before: dict[str, Any], undo: Callable[[], Any]) -> None:
        """`back`: undone at once, else perhaps later."""
        if not back:
            self.undos.append(undo)
            return
        undo()
        assert self.state() == before

    def noted(self, back: bool, make: Callable[[Ticket], Iterable[TicketEvent | None]]) -> None:
        """A change that is undone by its events."""
        before = self.state()
        if events := [event for event in make(self.now()) if event]:
            self.changed(back, before, lambda: undo_events(events, self.mira))
        else:
            assert self.state() == before

    @rule(until=st.sampled_from(TIMES), back=backs)
    def snooze(self, until: Any, back: bool) -> None:
        before = self.state()
        try:
            self.noted(back, lambda ticket: [lifecycle.snooze(ticket, self.mira, until)])
        except lifecycle.NotSnoozed:
            assert self.state() == before

    @rule(status=st.sampled_from(["open", "pending"]), back=backs)
    def by_hand(self, status: str, back: bool) -> None:
        self.noted(back, lambda ticket: [lifecycle.set_status(ticket, status, self.mira)])

    @rule(back=backs)
    def close(self, back: bool) -> None:
        self.noted(back, lambda ticket: lifecycle.close(ticket, self.mira, []))

    @rule(then=st.sampled_from(["pending", "open", "closed"]), back=backs)
    def reply(self, then: str, back: bool) -> None:
        before = self.state()
        message = outbox.write_reply(self.now(), self.mira, "I look into it.", submission=None, then=then)
        self.changed(back, before, lambda: outbox.undo(message.pk, self.mira))

    @rule(due=st.sampled_from([TIMES[0], None]), back=backs)
    def transfer(self, due: Any, back: bool) -> None:
        before = self.state()
        was = assignment.transfer(self.now(), cast.team("Billing"), "Yours", self.mira, due=due)
        self.changed(back, before, lambda: assignment.undo_transfer(self.now(), self.mira, was))

    @rule(somebody=st.booleans(), back=backs)
    def assign(self, somebody: bool, back: bool) -> None:
        self.noted(back, lambda ticket: [assignment.assign(ticket, self.mira if somebody else None, self.mira)])

    @rule(team=st.sampled_from(["Support", "Billing"]), back=backs)
    def set_team(self, team: str, back: bool) -> None:
        self.noted(back, lambda ticket: [assignment.set_team(ticket, cast.team(team), self.mira)])

    @rule()
    def customer_writes(self) -> None:
        with transaction.atomic():
            message_creation.add(answer(), Ticket.objects.locked().get(pk=self.ticket.pk), Ticket.Channel.EMAIL)
        assert self.now().status == "open"

    @rule()
    def reply_comes_back(self) -> None:
        lifecycle.set_status(self.now(), "open", why="reply came back")

    @rule()
    def time_comes(self) -> None:
        was = self.now()
        due = was.status == "snoozed" and was.wakes_at != NEVER
        assert lifecycle.wake(was.pk, was.wakes_at - timedelta(seconds=1)) is False
        assert [lifecycle.wake(was.pk, LAST), lifecycle.wake(was.pk, LAST)] == [due, False]
        assert not due or (self.now().status, self.now().back_from_snooze) == ("open", True)

    @precondition(lambda self: self.undos)
    @rule(data=st.data())
    def undo_of_an_earlier_change(self, data: st.DataObject) -> None:
        """It may be refused, but the ticket is one that there can be."""
        self.undos.pop(data.draw(st.integers(0, len(self.undos) - 1)))()

    @invariant()
    def nobody_is_waited_for_on_a_snoozed_ticket(self) -> None:
        assert self.now().status != "snoozed" or self.now().handoff_due_at is None


@pytest.mark.django_db
def test_any_order(mira: User) -> None:
    machine = type("OrdersOfTheDesk", (Orders,), {"mira": mira})
    few = settings(max_examples=12, stateful_step_count=8, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(machine, settings=few)
