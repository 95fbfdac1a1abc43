"""Undo of what a member changed: from the events of the timeline, and only what is still as the member left it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests import cast
from tests.tickets.desk.test_two_browsers import answer
from tests.tickets.undoing import DUE, SINCE, now, post_undo, tags, undo_events
from tickets import assignment, lifecycle, outbox
from tickets.changes import undo
from tickets.mail import message_creation
from tickets.models import Tag, Team, Ticket, TicketEvent, User
from tickets.views.wording import sentence

pytestmark = pytest.mark.django_db


def customer_writes() -> None:
    message_creation.add(answer(), now(), Ticket.Channel.EMAIL)


class TestStatus:
    def test_closing_with_all_it_did(self, ticket: Ticket, mira: User) -> None:
        lifecycle.change_tags(ticket, mira, add=["kept"])
        Ticket.objects.update(handoff_due_at=DUE)
        events = lifecycle.close(ticket, mira, ["Refund", "kept", " ", "refund "])
        assert (now().status, now().handoff_due_at, tags()) == ("closed", None, {"refund", "kept"})
        assert undo_events(events, mira).undone == [ticket.pk]
        after = now()
        assert (after.status, after.closed_at, after.waiting_since, after.handoff_due_at) == ("open", None, SINCE, DUE)
        assert tags() == {"kept"}

    def test_the_time_of_closing_comes_back_with_it(self, ticket: Ticket, mira: User, jonas: User) -> None:
        lifecycle.close(ticket, jonas, [])
        closed_at = now().closed_at
        opened = lifecycle.set_status(ticket, "open", mira)
        undo_events([opened], mira)
        after = now()
        assert (after.status, after.closed_at, after.waiting_since) == ("closed", closed_at, SINCE)

    def test_the_status_of_the_row_counts_not_that_of_the_page(self, ticket: Ticket, mira: User, jonas: User) -> None:
        page = now()
        lifecycle.set_status(ticket, "pending", jonas)
        undo_events(lifecycle.close(page, mira, []), mira)
        assert now().status == "pending"

    def test_a_ticket_that_is_open_again_stays_so_and_loses_the_tags(self, ticket: Ticket, mira: User) -> None:
        events = lifecycle.close(ticket, mira, ["refund"])
        lifecycle.set_status(ticket, "open", mira)
        opened = now()
        assert undo_events(events, mira).undone == [ticket.pk]
        assert (now().status, now().waiting_since, tags()) == ("open", opened.waiting_since, set())

    def test_not_after_a_colleague_has_changed_it(self, ticket: Ticket, mira: User, jonas: User) -> None:
        events = lifecycle.close(ticket, mira, ["refund"])
        lifecycle.set_status(ticket, "pending", jonas)
        outcome = undo_events(events, mira)
        assert (outcome.undone, outcome.left) == ([], {ticket.pk: "Somebody has changed this ticket since."})
        assert (now().status, tags()) == ("pending", set())

    @pytest.mark.parametrize("was", ["pending", "closed"])
    def test_a_customer_who_has_written_since_keeps_it_open(self, ticket: Ticket, mira: User, was: str) -> None:
        lifecycle.set_status(ticket, was, mira)
        opened = lifecycle.set_status(ticket, "open", mira)
        customer_writes()
        assert undo_events([opened], mira).left == {ticket.pk: "The customer has written since."}
        assert now().status == "open"

    def test_a_closing_can_be_undone_after_the_customer_wrote(self, ticket: Ticket, mira: User) -> None:
        """The message has opened it: there is nothing to do, and nothing to complain about."""
        events = lifecycle.close(ticket, mira, [])
        customer_writes()
        waits = now().waiting_since
        assert undo_events(events, mira).undone == [ticket.pk]
        assert (now().status, now().waiting_since) == ("open", waits)

    def test_an_event_of_an_earlier_version_cannot_be_undone(self, ticket: Ticket, mira: User) -> None:
        lifecycle.set_status(ticket, "pending", mira)
        old = TicketEvent.objects.create(
            ticket=ticket, kind="status", actor=mira, data={"was": "open", "now": "pending", "why": ""}
        )
        assert undo_events([old], mira).left == {ticket.pk: str(undo.GONE)}
        assert now().status == "pending"

    def test_the_timeline_says_so(self, ticket: Ticket, mira: User) -> None:
        undo_events([lifecycle.set_status(ticket, "pending", mira)], mira)
        undo_events(lifecycle.close(ticket, mira, []), mira)
        told = [sentence(event) for event in ticket.events.filter(kind="status")]
        assert told == [
            "Status: waiting for customer",
            "Status: open: undone",
            "Status: closed",
            "Status: open: closing undone",
        ]


class TestAssignee:
    def test_back_to_who_had_it(self, ticket: Ticket, mira: User, jonas: User, rosa: User) -> None:
        assignment.assign(ticket, jonas, rosa)
        event = assignment.assign(ticket, rosa, mira)
        assert undo_events([event], mira).undone == [ticket.pk]
        assert now().assignee == jonas

    def test_back_to_nobody_an_escalation_waits_again(self, ticket: Ticket, mira: User) -> None:
        Ticket.objects.update(handoff_due_at=DUE)
        event = assignment.assign(ticket, mira, mira)
        assert now().handoff_due_at is None
        undo_events([event], mira)
        assert (now().assignee, now().handoff_due_at) == (None, DUE)

    def test_not_after_somebody_else_took_it(self, ticket: Ticket, mira: User, jonas: User, rosa: User) -> None:
        event = assignment.assign(ticket, rosa, mira)
        assignment.assign(ticket, jonas, jonas)
        assert undo_events([event], mira).left == {ticket.pk: "Somebody has changed this ticket since."}
        assert now().assignee == jonas

    def test_twice_is_once(self, ticket: Ticket, mira: User, rosa: User) -> None:
        event = assignment.assign(ticket, rosa, mira)
        undo_events([event], mira)
        assert undo_events([event], mira).undone == [ticket.pk]
        assert (now().assignee, ticket.events.count()) == (None, 2)

    def test_not_to_a_member_who_has_left(self, ticket: Ticket, mira: User, jonas: User, rosa: User) -> None:
        assignment.assign(ticket, jonas, rosa)
        event = assignment.assign(ticket, rosa, mira)
        User.objects.filter(pk=jonas.pk).update(is_active=False)
        assert undo_events([event], mira).left == {ticket.pk: str(undo.GONE)}
        assert now().assignee == rosa


class TestTeam:
    @pytest.fixture
    def billing(self, ticket: Ticket) -> Team:
        return cast.team("Billing")

    def test_who_is_not_in_the_team_no_longer_has_the_ticket(self, ticket: Ticket, billing: Team, mira: User) -> None:
        assignment.assign(ticket, mira)
        assignment.set_team(ticket, billing, mira)
        assert (now().team, now().assignee) == (billing, None)

    def test_who_is_in_it_keeps_it(self, ticket: Ticket, mira: User) -> None:
        assignment.assign(ticket, mira)
        assignment.set_team(ticket, cast.team("Support"), mira)
        assert now().assignee == mira

    def test_back_with_assignee_and_escalation(self, ticket: Ticket, billing: Team, mira: User) -> None:
        assignment.set_team(ticket, cast.team("Support"), mira)
        assignment.assign(ticket, mira)
        Ticket.objects.update(handoff_due_at=DUE)
        event = assignment.set_team(ticket, billing, mira)
        assert now().handoff_due_at is None
        assert undo_events([event], mira).undone == [ticket.pk]
        after = now()
        assert (after.team, after.assignee, after.handoff_due_at) == (cast.team("Support"), mira, DUE)

    def test_out_of_every_team_and_back(self, ticket: Ticket, billing: Team, mira: User) -> None:
        assignment.set_team(ticket, billing, mira)
        event = assignment.set_team(ticket, None, mira)
        assert now().team is None
        undo_events([event], mira)
        assert now().team == billing

    def test_not_once_the_team_has_begun(self, ticket: Ticket, billing: Team, mira: User, jonas: User) -> None:
        event = assignment.set_team(ticket, billing, mira)
        assignment.assign(ticket, jonas, jonas)
        assert undo_events([event], mira).undone == []
        assert (now().team, now().assignee) == (billing, jonas)

    def test_a_transfer_has_an_undo_of_its_own(self, ticket: Ticket, billing: Team, mira: User) -> None:
        assignment.transfer(ticket, billing, "yours", mira)
        event = ticket.events.get(kind="handed_over")
        assert undo_events([event], mira).left == {ticket.pk: str(undo.GONE)}
        assert now().team == billing


class TestPriorityAndTags:
    def test_priority(self, ticket: Ticket, mira: User, jonas: User) -> None:
        event = lifecycle.set_priority(ticket, 4, mira)
        undo_events([event], mira)
        assert now().priority == 2
        event = lifecycle.set_priority(ticket, 4, mira)
        lifecycle.set_priority(ticket, 3, jonas)
        assert undo_events([event], mira).undone == []
        assert now().priority == 3

    def test_tags_one_by_one_those_of_a_colleague_stay(self, ticket: Ticket, mira: User, jonas: User) -> None:
        lifecycle.change_tags(ticket, mira, add=["refund", "march"])
        event = lifecycle.change_tags(ticket, mira, add=["vip"], remove=["march"])
        lifecycle.change_tags(ticket, jonas, add=["april"], remove=["refund"])
        assert undo_events([event], mira).undone == [ticket.pk]
        assert tags() == {"march", "april"}

    def test_the_timeline_names_tags_and_teams(self, ticket: Ticket, mira: User) -> None:
        added = lifecycle.change_tags(ticket, mira, add=["march", "refund"])
        both = lifecycle.change_tags(ticket, mira, add=["april"], remove=["march", "never had"])
        removed = lifecycle.change_tags(ticket, mira, remove=["april"])
        into = assignment.set_team(ticket, cast.team("Billing"), mira)
        out = assignment.set_team(ticket, None, mira)
        assert [sentence(event) for event in (added, both, removed, into, out) if event] == [
            "Tags added: march, refund",
            "Tags added: april; removed: march",
            "Tags removed: april",
            "Team: Billing, before: none",
            "Team: none, before: Billing",
        ]

    def test_names_are_the_same_with_capitals(self, ticket: Ticket, mira: User) -> None:
        ticket.tags.add(Tag.objects.create(name="IMP-207"))
        assert lifecycle.change_tags(ticket, mira, add=["imp-207"]) is None
        removed = lifecycle.change_tags(ticket, mira, remove=["imp-207"])
        assert removed and removed.data == {"removed": ["IMP-207"]} and tags() == set()
        undo_events([removed], mira)
        assert tags() == {"IMP-207"} and Tag.objects.count() == 1

    def test_a_tag_that_nobody_has_is_not_deleted(self, ticket: Ticket, mira: User) -> None:
        undo_events([lifecycle.change_tags(ticket, mira, add=["refund"])], mira)
        assert Tag.objects.filter(name="refund").exists() and tags() == set()


class TestWhose:
    def test_only_ones_own(self, ticket: Ticket, mira: User, jonas: User) -> None:
        event = lifecycle.set_priority(ticket, 4, jonas)
        assert event and post_undo(mira, [event.pk]).status_code == 409
        assert now().priority == 4

    def test_what_happened_by_itself_is_nobodys(self, ticket: Ticket, mira: User) -> None:
        event = lifecycle.set_priority(ticket, 4)
        assert event and post_undo(mira, [event.pk]).status_code == 409

    def test_for_an_hour(self, ticket: Ticket, mira: User, monkeypatch: pytest.MonkeyPatch) -> None:
        event = lifecycle.set_priority(ticket, 4, mira)
        later = timezone.now() + timedelta(seconds=undo.UNDO_SECONDS + 1)
        monkeypatch.setattr("tickets.changes.undo.timezone.now", lambda: later)
        assert undo_events([event], mira).undone == []
        assert now().priority == 4

    def test_a_reply_is_undone_where_its_mail_is(self, ticket: Ticket, mira: User) -> None:
        """Its event is none of those: outbox.undo also keeps the mail from being sent."""
        outbox.write_reply(ticket, mira, "Hello", submission=None)
        assert undo_events(ticket.events.filter(kind="replied"), mira).undone == []

    def test_of_several_tickets_those_that_can_be(self, ticket: Ticket, mira: User, jonas: User) -> None:
        other = cast.new_ticket(subject="Another one")
        events = [lifecycle.set_priority(each, 4, mira) for each in (ticket, other)]
        lifecycle.set_priority(other, 3, jonas)
        answered = post_undo(mira, [event.pk for event in events if event])
        why = "Somebody has changed this ticket since."
        assert answered.json() == {"undone": [ticket.pk], "left": [{"ticket": other.pk, "why": why}]}

    @pytest.mark.parametrize("events", ["", "x", "1,-2", ",".join(map(str, range(1, 302)))])
    def test_nonsense_is_refused(self, mira: User, events: str) -> None:
        assert post_undo(mira, events.split(",")).status_code == 422  # type: ignore[arg-type]
