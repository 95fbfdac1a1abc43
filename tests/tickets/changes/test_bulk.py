"""Changing several tickets at once, and the ids of a list."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from tests import cast
from tests.tickets.undoing import post_undo
from tickets import lifecycle, live, outbox
from tickets.models import Tag, Ticket, User
from tickets.queue import paging
from tickets.search import index

pytestmark = pytest.mark.django_db
Post = Callable[..., HttpResponse]
LEFT = "The customer’s last message has no reply."


@pytest.fixture
def three(db: None) -> list[Ticket]:
    return [cast.new_ticket(subject=f"Ticket {number}") for number in range(3)]


@pytest.fixture
def post(client: Client, mira: User) -> Post:
    client.force_login(mira)

    def send(tickets: list[Ticket] | str, action: str, **fields: Any) -> HttpResponse:
        ids = tickets if isinstance(tickets, str) else ",".join(str(ticket.pk) for ticket in tickets)
        return client.post(reverse("tickets:bulk"), {"tickets": ids, "action": action, "submission": uuid4()} | fields)

    return send


def values(name: str) -> list[Any]:
    return list(Ticket.objects.order_by("pk").values_list(name, flat=True))


class TestActions:
    def test_assign(self, post: Post, three: list[Ticket], jonas: User) -> None:
        answer = post(three[:2], "assign", assignee=jonas.pk).json()
        assert (answer["changed"], answer["same"], answer["left"]) == ([three[0].pk, three[1].pk], [], [])
        assert values("assignee") == [jonas.pk, jonas.pk, None]
        assert post(three, "assign", assignee="").json()["same"] == [three[2].pk]
        assert values("assignee") == [None, None, None]

    def test_team(self, post: Post, three: list[Ticket]) -> None:
        billing = cast.team("Billing")
        assert len(post(three, "team", team=billing.pk).json()["changed"]) == 3
        assert set(values("team")) == {billing.pk}
        post(three[:1], "team", team="")
        assert values("team") == [None, billing.pk, billing.pk]

    def test_priority(self, post: Post, three: list[Ticket]) -> None:
        post(three, "priority", priority=4)
        assert values("priority") == [4, 4, 4]

    def test_status(self, post: Post, three: list[Ticket], mira: User) -> None:
        lifecycle.close(three[0], mira, [])
        post(three, "status", status="pending")
        assert values("status") == ["pending"] * 3
        post(three[:1], "status", status="open")
        assert values("status") == ["open", "pending", "pending"]

    def test_tags_are_added_and_removed(self, post: Post, three: list[Ticket]) -> None:
        post(three[:2], "tag", tags="Refund, march")
        answer = post(three, "untag", tags="march, never had").json()
        assert (answer["changed"], answer["same"]) == ([three[0].pk, three[1].pk], [three[2].pk])
        assert [[tag.name for tag in each.tags.all()] for each in three] == [["refund"], ["refund"], []]
        assert not Tag.objects.filter(name="never had").exists()

    def test_snooze_leaves_those_that_are_closed(self, post: Post, three: list[Ticket], mira: User) -> None:
        lifecycle.close(three[0], mira, [])
        answer = post(three, "snooze", until="tomorrow").json()
        assert answer["changed"] == [three[1].pk, three[2].pk]
        assert answer["left"] == [{"ticket": three[0].pk, "why": "This ticket is closed. Open it first."}]
        assert values("status") == ["closed", "snoozed", "snoozed"]
        post_undo(mira, answer["events"])
        assert values("status") == ["closed", "open", "open"]

    def test_close_leaves_those_without_a_reply(self, post: Post, three: list[Ticket], mira: User) -> None:
        outbox.write_reply(three[1], mira, "Here you are.", submission=None)
        answer = post(three[:2], "close", tags="done").json()
        assert (answer["changed"], answer["left"]) == ([three[1].pk], [{"ticket": three[0].pk, "why": LEFT}])
        assert values("status") == ["open", "closed", "open"]
        assert not three[0].tags.exists() and three[1].tags.get().name == "done"

    def test_close_them_too_if_asked(self, post: Post, three: list[Ticket]) -> None:
        assert post(three, "close", tags="", unanswered="1").json()["left"] == []
        assert values("status") == ["closed"] * 3

    def test_undo_of_all(self, post: Post, three: list[Ticket], mira: User) -> None:
        events = post(three, "close", tags="done", unanswered="1").json()["events"]
        assert len(events) == 6
        assert sorted(post_undo(mira, events).json()["undone"]) == [ticket.pk for ticket in three]
        assert values("status") == ["open"] * 3
        assert not Ticket.objects.filter(tags__isnull=False).exists()


class TestAnswersThatWereLost:
    """The same request again, with its `submission`."""

    SUBMISSION = "0b7a2c7e-3a52-4f0e-9b43-52a0d8a2f9a1"

    def test_it_tells_what_was_done(self, post: Post, three: list[Ticket], mira: User) -> None:
        asked: dict[str, Any] = {"tags": "done", "unanswered": "1", "submission": self.SUBMISSION}
        lost = post(three[:2], "close", **asked).json()
        again = post(three, "close", **asked).json()
        assert again["changed"] == [ticket.pk for ticket in three] and again["same"] == []
        assert len(again["events"]) == 6 and set(lost["events"]) < set(again["events"])
        post_undo(mira, again["events"])
        assert values("status") == ["open"] * 3

    def test_what_somebody_has_changed_since_stays(self, post: Post, three: list[Ticket], jonas: User) -> None:
        post(three, "priority", priority=4, submission=self.SUBMISSION)
        lifecycle.set_priority(three[0], 1, jonas)
        answer = post(three, "priority", priority=4, submission=self.SUBMISSION).json()
        assert values("priority") == [1, 4, 4] and len(answer["changed"]) == 3

    def test_another_member_cannot_get_the_events(
        self, post: Post, three: list[Ticket], client: Client, jonas: User
    ) -> None:
        post(three, "priority", priority=4, submission=self.SUBMISSION)
        client.force_login(jonas)
        answer = post(three, "priority", priority=4, submission=self.SUBMISSION).json()
        assert (answer["events"], len(answer["same"])) == ([], 3)

    def test_another_action_changes_them_again(self, post: Post, three: list[Ticket]) -> None:
        post(three, "priority", priority=4, submission=self.SUBMISSION)
        post(three, "priority", priority=1, submission=self.SUBMISSION.replace("0b", "1b"))
        assert values("priority") == [1, 1, 1]

    @pytest.mark.parametrize("submission", ["x", ""])
    def test_what_is_no_id_is_refused(self, post: Post, three: list[Ticket], submission: str) -> None:
        assert post(three, "priority", priority=4, submission=submission).status_code == 422
        assert values("priority") == [2, 2, 2]
        assert values("priority") == [2, 2, 2]


@pytest.mark.django_db(transaction=True)
class TestAnnounced:
    def test_each_ticket_once_and_the_queue_once(
        self, post: Post, three: list[Ticket], mira: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Closing and tagging are two changes of a ticket, and 300 browsers get every event of the queue."""
        sent: list[tuple[str, Any]] = []
        monkeypatch.setattr(live, "send", lambda group, event: sent.append((group, event.get("parts"))))
        events = post(three, "close", tags="done", unanswered="1").json()["events"]
        parts = ["header", "timeline", "queue"]
        expected = [*((live.ticket_group(ticket.pk), parts) for ticket in three), (live.QUEUE_GROUP, None)]
        assert sent == expected
        sent.clear()
        post_undo(mira, events)
        assert sorted(sent, key=str) == sorted(expected, key=str)
        sent.clear()
        lifecycle.set_priority(three[0], 4, mira)
        assert sent == [(live.ticket_group(three[0].pk), parts), (live.QUEUE_GROUP, None)]


class TestRefused:
    """A request with nonsense changes nothing."""

    @pytest.mark.parametrize(
        ("action", "fields"),
        [
            ("assign", {"assignee": "999"}),
            ("team", {"team": "999"}),
            ("team", {"team": "x"}),
            ("priority", {"priority": "5"}),
            ("priority", {}),
            ("status", {"status": "closed"}),
            ("status", {"status": "gone"}),
            ("tag", {"tags": " , "}),
            ("untag", {}),
            ("close", {"tags": "x" * 501}),
            ("snooze", {"until": "2020-01-01T09:00"}),
            ("snooze", {}),
            ("explode", {}),
            ("", {}),
        ],
    )
    def test_fields(self, post: Post, three: list[Ticket], action: str, fields: dict[str, str]) -> None:
        refused = post(three, action, **fields)
        assert refused.status_code == 422 and refused.json()["error"]
        assert values("events") == [None] * 3

    @pytest.mark.parametrize("ids", ["", "x", "1;2", "1,,x", "-1", ",".join(map(str, range(1, 52)))])
    def test_tickets(self, post: Post, three: list[Ticket], ids: str) -> None:
        assert post(ids, "priority", priority=4).status_code == 422
        assert values("priority") == [2, 2, 2]

    def test_who_does_not_work_tickets_changes_none(self, three: list[Ticket], client: Client, otto: User) -> None:
        client.force_login(otto)
        ids = ",".join(str(ticket.pk) for ticket in three)
        fields = {"tickets": ids, "action": "priority", "priority": "4"}
        assert client.post(reverse("tickets:bulk"), fields).status_code == 403
        assert values("priority") == [2, 2, 2]

    def test_a_ticket_that_is_gone_is_told(self, post: Post, three: list[Ticket]) -> None:
        answer = post(f"{three[0].pk},9999", "priority", priority=4).json()
        assert answer["changed"] == [three[0].pk]
        assert answer["left"] == [{"ticket": 9999, "why": "This ticket no longer exists."}]

    def test_a_ticket_named_twice_is_changed_once(self, post: Post, three: list[Ticket]) -> None:
        answer = post(f"{three[0].pk},{three[0].pk}", "priority", priority=4).json()
        assert answer["changed"] == [three[0].pk] and answer["same"] == []


class TestIds:
    def ids(self, client: Client, address: str) -> dict[str, Any]:
        found: dict[str, Any] = client.get(f"{reverse('tickets:queue_ids')}?{address}").json()
        return {key: found[key] for key in ("ids", "whole")}

    def test_it_says_of_which_list_they_are(self, client: Client, mira: User, three: list[Ticket]) -> None:
        """A view may be gone or another one since the page showed it."""
        client.force_login(mira)
        for address in ("view=open&priority=4", "view=saved-9", "q=charged"):
            found = client.get(f"{reverse('tickets:queue_ids')}?{address}").json()
            rows = client.get(f"{reverse('tickets:queue')}?{address}").content.decode()
            assert f'data-address="{escape(found["address"])}"' in rows, address
            assert f'data-meaning="{escape(found["meaning"])}"' in rows, address

    def test_of_a_list_in_its_order(self, client: Client, mira: User, three: list[Ticket]) -> None:
        client.force_login(mira)
        lifecycle.set_priority(three[1], 4)
        lifecycle.set_status(three[2], "pending")
        assert self.ids(client, "view=open") == {"ids": [three[1].pk, three[0].pk], "whole": True}
        both = self.ids(client, "status=open,pending&sort=new")
        assert both == {"ids": [ticket.pk for ticket in reversed(three)], "whole": True}

    def test_of_a_search(self, client: Client, mira: User, three: list[Ticket]) -> None:
        client.force_login(mira)
        index.index_tickets([ticket.pk for ticket in three])
        assert sorted(self.ids(client, "q=charged")["ids"]) == [ticket.pk for ticket in three]
        assert self.ids(client, "q=nothing+of+this")["ids"] == []

    def test_the_first_thousand_and_that_there_are_more(
        self, client: Client, mira: User, three: list[Ticket], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client.force_login(mira)
        index.index_tickets([ticket.pk for ticket in three])
        monkeypatch.setattr(paging, "BEST", 2)
        for address in ("view=open", "status=open,pending", "q=charged"):
            answer = self.ids(client, address)
            assert (len(answer["ids"]), answer["whole"]) == (2, False), address


class TestTagsOfOneTicket:
    """The page sends the tags that it showed: those that a colleague added meanwhile stay."""

    def tags(self, client: Client, ticket: Ticket, **fields: str) -> dict[str, Any]:
        answer: dict[str, Any] = client.post(reverse("tickets:tags", args=[ticket.pk]), fields).json()
        return answer

    def test_the_whole_list(self, client: Client, mira: User, ticket: Ticket) -> None:
        client.force_login(mira)
        assert self.tags(client, ticket, tags="Refund, march", was="")["tags"] == ["march", "refund"]
        answer = self.tags(client, ticket, tags="refund", was="march, refund")
        assert (answer["tags"], len(answer["events"])) == (["refund"], 1)
        assert self.tags(client, ticket, tags="refund", was="refund") == {"tags": ["refund"], "events": []}

    def test_a_colleagues_tag_stays(self, client: Client, mira: User, jonas: User, ticket: Ticket) -> None:
        client.force_login(mira)
        lifecycle.change_tags(ticket, jonas, add=["vip"])
        assert self.tags(client, ticket, tags="refund", was="")["tags"] == ["refund", "vip"]

    def test_too_long(self, client: Client, mira: User, ticket: Ticket) -> None:
        client.force_login(mira)
        assert "error" in self.tags(client, ticket, tags="x" * 5001)
        assert not ticket.tags.exists()
