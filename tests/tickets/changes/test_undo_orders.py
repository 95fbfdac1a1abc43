"""Undo after what others did meanwhile, one undo after the other, and what the answer says."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from copilot.escalation import loops
from tests import cast
from tests.qa.test_escalations import escalated, read
from tests.tickets.undoing import DUE, now, post_undo, tags, undo_events
from tickets import assignment, lifecycle, outbox
from tickets.changes import bulk, undo
from tickets.models import Tag, Team, Ticket, TicketEvent, User

pytestmark = pytest.mark.django_db


class TestChains:
    def test_two_changes_of_status_undone_one_after_the_other(self, ticket: Ticket, mira: User) -> None:
        first = lifecycle.set_status(ticket, "pending", mira)
        second = lifecycle.close(ticket, mira, [])
        assert undo_events(second, mira).undone == [ticket.pk]
        outcome = undo_events([first], mira)
        assert (outcome.undone, outcome.left) == ([ticket.pk], {})
        assert now().status == "open"

    def test_two_changes_of_status_in_one_undo(self, ticket: Ticket, mira: User) -> None:
        first = lifecycle.set_status(ticket, "pending", mira)
        second = lifecycle.close(ticket, mira, [])
        assert undo_events([first, *second], mira).left == {}

    def test_priority(self, ticket: Ticket, mira: User) -> None:
        events = [lifecycle.set_priority(ticket, 3, mira), lifecycle.set_priority(ticket, 4, mira)]
        assert undo_events(events, mira).left == {}
        assert now().priority == 2

    def test_assignee_and_team(self, ticket: Ticket, mira: User, jonas: User) -> None:
        events = [assignment.assign(ticket, jonas, mira), assignment.set_team(ticket, cast.team("Billing"), mira)]
        assert undo_events(events, mira).left == {}
        assert (now().team, now().assignee) == (None, None)


class TestReplies:
    def test_a_reply_to_a_ticket_that_waits_already(self, ticket: Ticket, mira: User, jonas: User) -> None:
        """Mira: waiting for customer. Jonas replies (then pending: no status event). Mira undoes."""
        event = lifecycle.set_status(ticket, "pending", mira)
        outbox.write_reply(Ticket.objects.get(), jonas, "Here you are.", submission=None)
        outcome = undo_events([event], mira)
        assert (now().status, outcome.undone) == ("pending", []), (now().status, now().waiting_since)

    def test_a_reply_to_a_closed_ticket_that_closes(self, ticket: Ticket, mira: User, jonas: User) -> None:
        events = lifecycle.close(ticket, mira, [])
        outbox.write_reply(Ticket.objects.get(), jonas, "Here you are.", submission=None, then="closed")
        undo_events(events, mira)
        assert now().status == "closed"

    def test_status_of_a_reply_is_not_undone_without_its_mail(self, ticket: Ticket, mira: User) -> None:
        outbox.write_reply(ticket, mira, "Hello", submission=None)
        outcome = undo_events(ticket.events.all(), mira)
        assert (now().status, outcome.undone) == ("pending", [])

    def test_status_of_a_transfer_is_not_undone_without_it(self, ticket: Ticket, mira: User) -> None:
        lifecycle.set_status(ticket, "pending")
        assignment.transfer(ticket, cast.team("Billing"), "yours", mira)
        outcome = undo_events(ticket.events.filter(kind="status"), mira)
        assert (now().status, outcome.undone) == ("open", [])


class TestEscalation:
    def test_assigned_then_another_status_then_undo_of_the_assignment(self, ticket: Ticket, mira: User) -> None:
        Ticket.objects.update(handoff_due_at=DUE)
        event = assignment.assign(ticket, mira, mira)
        lifecycle.set_status(ticket, "pending", mira)
        assert undo_events([event], mira).undone == [ticket.pk]
        assert (now().assignee, now().handoff_due_at) == (None, DUE)

    def test_both_undone_at_once(self, ticket: Ticket, mira: User) -> None:
        Ticket.objects.update(handoff_due_at=DUE)
        event = assignment.assign(ticket, mira, mira)
        status = lifecycle.set_status(ticket, "pending", mira)
        undo_events([event, status], mira)
        assert (now().status, now().assignee, now().handoff_due_at) == ("open", None, DUE)

    def test_undo_of_a_closing_after_somebody_took_it(self, ticket: Ticket, mira: User, jonas: User) -> None:
        Ticket.objects.update(handoff_due_at=DUE)
        events = lifecycle.close(ticket, mira, [])
        assignment.assign(ticket, jonas, jonas)
        undo_events(events, mira)
        assert (now().assignee, now().handoff_due_at) == (jonas, None)

    def test_undo_of_a_closing_after_another_team_got_it(self, ticket: Ticket, mira: User, jonas: User) -> None:
        Ticket.objects.update(handoff_due_at=DUE)
        events = lifecycle.close(ticket, mira, [])
        assignment.set_team(ticket, cast.team("Billing"), jonas)
        undo_events(events, mira)
        assert (now().team.name, now().handoff_due_at) == ("Billing", None)

    def test_undo_of_a_team_after_a_reply(self, ticket: Ticket, mira: User, jonas: User) -> None:
        Ticket.objects.update(handoff_due_at=DUE)
        event = assignment.set_team(ticket, cast.team("Billing"), mira)
        outbox.write_reply(Ticket.objects.get(), jonas, "Here you are.", submission=None)
        undo_events([event], mira)
        assert now().handoff_due_at is None

    def test_undo_of_a_team_after_closing(self, ticket: Ticket, mira: User, jonas: User) -> None:
        Ticket.objects.update(handoff_due_at=DUE)
        event = assignment.set_team(ticket, cast.team("Billing"), mira)
        lifecycle.close(Ticket.objects.get(), jonas, [])
        undo_events([event], mira)
        assert (now().status, now().handoff_due_at) == ("closed", None)


class TestWho:
    def test_not_to_one_who_no_longer_works_tickets(self, ticket: Ticket, mira: User, jonas: User, rosa: User) -> None:
        assignment.assign(ticket, jonas, rosa)
        event = assignment.assign(ticket, rosa, mira)
        User.objects.filter(pk=jonas.pk).update(role=User.Role.AUDITOR)
        undo_events([event], mira)
        assert now().assignee == rosa

    def test_not_to_a_team_that_is_gone(self, ticket: Ticket, mira: User) -> None:
        assignment.set_team(ticket, cast.team("Old"), mira)
        event = assignment.set_team(ticket, cast.team("Billing"), mira)
        Team.objects.get(name="Old").delete()
        outcome = undo_events([event], mira)
        assert outcome.undone == [] and now().team is not None


class TestTags:
    def test_second_undo_leaves_what_a_colleague_added_since(self, ticket: Ticket, mira: User, jonas: User) -> None:
        event = lifecycle.change_tags(ticket, mira, add=["refund"])
        undo_events([event], mira)
        lifecycle.change_tags(ticket, jonas, add=["refund"])
        undo_events([event], mira)
        assert tags() == {"refund"}

    def test_removed_and_added_by_a_colleague(self, ticket: Ticket, mira: User, jonas: User) -> None:
        event = lifecycle.change_tags(ticket, mira, add=["refund"])
        lifecycle.change_tags(ticket, jonas, remove=["refund"])
        lifecycle.change_tags(ticket, jonas, add=["refund"])
        undo_events([event], mira)
        assert tags() == {"refund"}

    def test_the_same_tag_comes_back(self, ticket: Ticket, mira: User) -> None:
        Tag.objects.create(name="VIP")
        ticket.tags.add(Tag.objects.create(name="vip"))
        event = lifecycle.change_tags(ticket, mira, remove=["vip"])
        undo_events([event], mira)
        assert tags() == {"vip"}

    def test_both_spellings_are_removed(self, ticket: Ticket, mira: User) -> None:
        ticket.tags.add(Tag.objects.create(name="VIP"), Tag.objects.create(name="vip"))
        lifecycle.change_tags(ticket, mira, remove=["vip"])
        assert tags() == set()

    def test_many_tags_can_still_be_changed(self, ticket: Ticket, mira: User, client: Client) -> None:
        names = [f"{number:02d}" + "x" * 48 for number in range(12)]
        lifecycle.change_tags(ticket, mira, add=names)
        client.force_login(mira)
        fields = {"tags": ",".join(names[1:]), "was": ",".join(names)}
        assert client.post(reverse("tickets:tags", args=[ticket.pk]), fields).status_code == 200


class TestTold:
    def test_a_part_that_was_undone_is_no_failure(self, ticket: Ticket, mira: User, jonas: User) -> None:
        """Closing and tagging: the tags are gone, the status is not: this is not nothing."""
        events = lifecycle.close(ticket, mira, ["refund"])
        lifecycle.set_status(ticket, "pending", jonas)
        response = post_undo(mira, [event.pk for event in events])
        assert tags() == set()
        assert response.status_code == 200

    def test_every_ticket_that_stays_is_named(self, mira: User, jonas: User) -> None:
        tickets = [cast.new_ticket(subject=str(number)) for number in range(2)]
        events = [lifecycle.set_priority(each, 4, mira) for each in tickets]
        for each in tickets:
            lifecycle.set_priority(each, 3, jonas)
        response = post_undo(mira, [event.pk for event in events])
        assert len(response.json().get("left", [])) == 2

    def test_too_old_ones_are_told(self, mira: User) -> None:
        tickets = [cast.new_ticket(subject=str(number)) for number in range(2)]
        event = lifecycle.set_priority(tickets[0], 4, mira)
        old = TicketEvent.objects.create(
            ticket=tickets[1],
            kind="priority",
            actor=mira,
            data={"was": 1, "now": 2},
            at=timezone.now() - timedelta(hours=2),
        )
        outcome = undo_events([event, old], mira)
        assert tickets[1].pk in outcome.left

    def test_closed_already_is_the_same(self, ticket: Ticket, mira: User, jonas: User) -> None:
        lifecycle.close(ticket, jonas, [])
        outcome = bulk.change(Ticket.objects.all(), [ticket.pk], mira, bulk.close([], False), uuid4())
        assert (outcome.same, outcome.left) == ([ticket.pk], {})

    def test_ticket_gone_in_the_middle(self, ticket: Ticket, mira: User, monkeypatch: pytest.MonkeyPatch) -> None:
        event = lifecycle.set_priority(ticket, 4, mira)
        real = undo._undo

        def gone(event: Any, actor: Any) -> None:
            Ticket.objects.all().delete()
            real(event, actor)

        monkeypatch.setattr(undo, "_undo", gone)
        assert undo_events([event], mira).undone == []

    def test_one_that_fails_stops_no_other(self, mira: User) -> None:
        tickets = [cast.new_ticket(subject=str(number)) for number in range(3)]

        def make(ticket: Ticket, actor: User) -> list[TicketEvent | None]:
            if ticket == tickets[1]:
                raise OperationalError("deadlock detected")
            return [lifecycle.set_priority(ticket, 4, actor)]

        outcome = bulk.change(Ticket.objects.all(), [each.pk for each in tickets], mira, make, uuid4())
        assert len(outcome.changed) == 2


class TestMetrics:
    def test_an_undone_assignment_does_not_take_an_escalation(self, mira: User) -> None:
        row = escalated(sent=timezone.now() - timedelta(hours=5))
        Ticket.objects.filter(pk=row.ticket_id).update(handoff_due_at=row.due_at, team=row.team)
        event = assignment.assign(Ticket.objects.get(pk=row.ticket_id), mira, mira)
        undo_events([event], mira)
        assert Ticket.objects.get(pk=row.ticket_id).handoff_due_at
        assert read().now.rows[0].taken_at is None

    def test_an_undone_closing_does_not_take_an_escalation(self, mira: User) -> None:
        row = escalated(sent=timezone.now() - timedelta(hours=5))
        Ticket.objects.filter(pk=row.ticket_id).update(handoff_due_at=row.due_at, team=row.team)
        undo_events(lifecycle.close(Ticket.objects.get(pk=row.ticket_id), mira, []), mira)
        assert read().now.rows[0].taken_at is None

    def test_undone_team_counts_nowhere(self, mira: User) -> None:
        row = escalated(sent=timezone.now() - timedelta(hours=5))
        Ticket.objects.filter(pk=row.ticket_id).update(handoff_due_at=row.due_at, team=row.team)
        ticket = Ticket.objects.get(pk=row.ticket_id)
        before = loops.moves(ticket)
        event = assignment.set_team(ticket, cast.team("Legal"), mira)
        assert event and not read().now.rows[0].waits
        undo_events([event], mira)
        assert loops.moves(ticket) == before
        assert read().now.rows[0].waits


class TestRules:
    def test_after_an_undo_rules_may_still_move_the_ticket(self, ticket: Ticket, mira: User) -> None:
        undo_events([assignment.set_team(ticket, cast.team("Billing"), mira)], mira)
        assert assignment.to_team(Ticket.objects.get(), cast.team("Legal"))
