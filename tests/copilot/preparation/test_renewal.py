"""A draft that nobody uses yet is prepared again when what it rests on has changed; until then it stays."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import Client
from django.utils import timezone

from copilot import tasks
from copilot.drafting import drafter_queue, renewal, saying, snapshot, states, writing
from copilot.llm import ModelError
from copilot.models import Draft, Preparation
from copilot.preparation import pipeline
from knowledge.articles import publishing
from knowledge.models import Article
from tests import cast
from tests.copilot.conftest import withdraw
from tests.copilot.preparation.conftest import Publish
from tests.fakes import FakeModel
from tickets.models import Customer, Message, Ticket, TicketEvent, User

pytestmark = pytest.mark.django_db
State, Origin = Draft.State, Draft.Origin
MORE = ("Charged twice in March", "I was charged twice in March: we refund one of the payments within 5 days.")
AWAY = ModelError("unavailable", "The model is not running.", retryable=True)


def an_hour_ago(**fields: Any) -> Ticket:
    return cast.new_ticket(created_at=timezone.now() - timedelta(hours=1), **fields)


def write(draft: Draft, model: FakeModel | None = None) -> Draft:
    async_to_sync(writing.write)(draft.pk, model or FakeModel(points=[1]), "background")
    draft.refresh_from_db()
    return draft


@pytest.fixture
def draft(publish: Publish, settings: Any) -> Draft:
    """It is ready, and nobody has seen it."""
    settings.DRAFT_MIN_SCORE = 0.1
    publish()
    ticket = an_hour_ago()
    made = states.request_draft(ticket, ticket.messages.get(), Origin.ARRIVAL)[0]
    assert write(made).state == State.READY and "[1]" in made.text
    return made


def renewals() -> list[Draft]:
    return list(Draft.objects.filter(origin=Origin.RENEWAL))


def publish_more(draft: Draft, publish: Publish, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(*MORE)


def publish_anew(draft: Draft, publish: Publish, monkeypatch: pytest.MonkeyPatch) -> None:
    article = Article.objects.get()
    article.body_md = "A second charge in March is a pending authorisation, and the payments are never collected."
    publishing.save_revision(article)
    publishing.approve(article, sync=False)


def withdraw_it(draft: Draft, publish: Publish, monkeypatch: pytest.MonkeyPatch) -> None:
    withdraw(Article.objects.get(), "archive")


def mask_it_otherwise(draft: Draft, publish: Publish, monkeypatch: pytest.MonkeyPatch) -> None:
    """The customer's record has been corrected."""
    Customer.objects.update(name="March Okafor")
    pipeline.prepare(Message.objects.get())


def use_another_prompt(draft: Draft, publish: Publish, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saying, "PROMPT", "verify-1")


@pytest.mark.parametrize("change", [publish_more, publish_anew, withdraw_it, mask_it_otherwise, use_another_prompt])
def test_it_is_queued_when_what_it_rests_on_has_changed(
    draft: Draft, publish: Publish, change: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks.prepare_waiting()
    assert renewals() == []
    change(draft, publish, monkeypatch)
    assert tasks.prepare_waiting().endswith("1 drafts to be prepared again")
    (renewal_,) = renewals()
    assert (renewal_.message, renewal_.state, renewal_.text) == (draft.message, State.QUEUED, "")
    tasks.prepare_waiting()
    assert len(renewals()) == 1


def test_an_article_about_something_else_outdates_no_draft(draft: Draft, publish: Publish) -> None:
    publish("Garden trees", "Old gardens have many trees, which need water in summer.")
    assert tasks.prepare_waiting() == "1 prepared, 0 drafts to be prepared again"


def test_a_question_without_a_source_gets_one(publish: Publish, settings: Any) -> None:
    settings.DRAFT_MIN_SCORE = 0.1
    ticket = an_hour_ago()
    made = states.request_draft(ticket, ticket.messages.get(), Origin.ARRIVAL)[0]
    assert write(made).state == State.NO_SOURCE
    publish(*MORE)
    tasks.prepare_waiting()
    (renewal_,) = renewals()
    assert "within 5 days" in write(renewal_).text
    ticket.refresh_from_db()
    assert ticket.preparation == Ticket.Preparation.READY


def outdated(draft: Draft, publish: Publish) -> None:
    publish(*MORE)
    pipeline.prepare(draft.message)


USED: dict[str, dict[str, Any]] = {
    "typed into": {"first_key_at": timezone.now()},
    "being read": {"shown_at": timezone.now()},
    "rejected": {"review": "rejected", "reason": "wrong"},
    "sent": {"review": "accepted"},
    "stopped": {"state": "stopped"},
    "for an earlier message": {"outdated": True},
}


@pytest.mark.parametrize("how", USED)
def test_a_draft_that_is_used_is_left_alone(draft: Draft, publish: Publish, how: str) -> None:
    outdated(draft, publish)
    Draft.objects.update(**USED[how])
    assert renewal.request() == 0


def test_one_that_was_looked_at_long_ago_is_prepared_again(draft: Draft, publish: Publish) -> None:
    outdated(draft, publish)
    Draft.objects.update(shown_at=timezone.now() - 2 * renewal.LOOKED_AT)
    assert renewal.request() == 1


@pytest.mark.parametrize("how", ["closed", "answered", "degraded", "older version"])
def test_where_it_would_not_help_none_is_queued(draft: Draft, publish: Publish, mira: User, how: str) -> None:
    outdated(draft, publish)
    match how:
        case "closed":
            Ticket.objects.update(status="closed", closed_at=timezone.now())
        case "answered":
            Message.objects.create(ticket=draft.ticket, kind="reply", author=mira, text="Done.")
        case "degraded":
            Preparation.objects.update(degraded="words_only")
        case "older version":
            draft.record.answers_from = ""
            draft.record.save()
    assert renewal.request() == 0


def test_only_a_few_wait_at_the_same_time(draft: Draft, publish: Publish) -> None:
    for _ in range(3):
        ticket = an_hour_ago()
        write(states.request_draft(ticket, ticket.messages.get(), Origin.ARRIVAL)[0])
    publish(*MORE)
    for message in Message.objects.all():
        pipeline.prepare(message)
    assert [renewal.request(3), renewal.request(3)] == [3, 0]
    write(renewals()[0])
    assert renewal.request(3) == 1


class TestWhileItWaits:
    """The old draft stays; nobody sees the new one."""

    @pytest.fixture
    def new(self, draft: Draft, publish: Publish, announced: list[dict[str, Any]]) -> Draft:
        outdated(draft, publish)
        renewal.request()
        announced.clear()
        return renewals()[0]

    def seen(self, draft: Draft) -> tuple[int, str, int]:
        assert Ticket.objects.get().preparation == Ticket.Preparation.READY
        shown = snapshot.snapshot(draft.ticket)["draft"]
        return shown["id"], shown["state"], shown["of"]

    def test_it_comes_after_all_others(self, draft: Draft, new: Draft) -> None:
        Ticket.objects.update(priority=Ticket.Priority.URGENT)
        other = cast.new_ticket()
        arrived = states.request_draft(other, other.messages.get(), Origin.ARRIVAL)[0]
        assert list(drafter_queue.waiting(timezone.now())) == [arrived, new]

    def test_the_old_one_is_shown_until_the_new_one_is_ready(
        self, draft: Draft, new: Draft, announced: list[dict[str, Any]], django_capture_on_commit_callbacks: Any
    ) -> None:
        assert self.seen(draft) == (draft.pk, "ready", 1)
        with django_capture_on_commit_callbacks(execute=True):
            claimed = states.claim(new.pk)
        assert claimed and self.seen(draft) == (draft.pk, "ready", 1)
        assert [event for event in announced if event["type"].startswith("draft.")] == []
        states.requeue(claimed)
        announced.clear()
        with django_capture_on_commit_callbacks(execute=True):
            write(new)
        assert self.seen(draft) == (new.pk, "ready", 2) and "within 5 days" in new.text
        assert [event["state"] for event in announced if event["type"] == "draft.changed"] == ["ready"]

    def test_it_says_no_more_than_a_first_draft(self, draft: Draft, new: Draft) -> None:
        assert writing.prepare(new).asked.extra == 0

    def test_a_model_that_fails_leaves_the_old_one(self, draft: Draft, new: Draft) -> None:
        write(new, FakeModel(error=AWAY))
        assert new.state == State.FAILED and self.seen(draft) == (draft.pk, "ready", 1)
        assert not TicketEvent.objects.filter(data__draft=new.pk).exists()

    def test_it_is_offered_nothing(self, draft: Draft, new: Draft) -> None:
        writing.offer(new.message)
        new.refresh_from_db()
        assert new.text == ""

    def test_an_agent_who_asks_for_a_draft_gets_one_of_his_own(self, draft: Draft, new: Draft, mira: User) -> None:
        asked, created = states.request_draft(draft.ticket, draft.message, Origin.REQUEST, mira)
        new.refresh_from_db()
        assert created and (asked.origin, new.state) == (Origin.REQUEST, State.STOPPED)
        assert snapshot.snapshot(draft.ticket)["draft"]["id"] == asked.pk

    def test_one_renewal_does_not_replace_another(self, draft: Draft, new: Draft) -> None:
        assert states.request_draft(draft.ticket, draft.message, Origin.RENEWAL) == (new, False)

    def test_a_newer_message_stops_it(self, draft: Draft, new: Draft) -> None:
        newer = Message.objects.create(ticket=draft.ticket, kind="customer", text="One more thing")
        states.mark_outdated(draft.ticket_id, newer.pk)
        new.refresh_from_db()
        assert new.state == State.STOPPED

    def test_the_sources_are_those_of_the_old_one(self, draft: Draft, new: Draft, mira: User, client: Client) -> None:
        client.force_login(mira)
        page = client.get(f"/copilot/tickets/{draft.ticket_id}/sources").content.decode()
        assert "Charged twice" in page
