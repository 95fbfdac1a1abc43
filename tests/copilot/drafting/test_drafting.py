"""A draft from its request to its end, with a fake model."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async

from copilot import leases
from copilot.drafting import states
from copilot.drafting import writing as drafting
from copilot.drafting.record import long_enough, shown_text
from copilot.llm import ModelError
from copilot.models import Draft, DraftRecord, ModelCall
from knowledge.models import Gap
from tests.cast import new_ticket
from tests.fakes import FakeModel
from tickets.models import Message, Ticket, TicketEvent, User

pytestmark = pytest.mark.django_db


def asked_for(ticket: Ticket, by: User | None = None) -> Draft:
    message = ticket.messages.get(kind=Message.Kind.CUSTOMER)
    return states.request_draft(ticket, message, Draft.Origin.REQUEST, by)[0]


def written(ticket: Ticket, model: FakeModel) -> Draft:
    draft = asked_for(ticket)
    async_to_sync(drafting.write)(draft.pk, model, "interactive")
    draft.refresh_from_db()
    return draft


def test_a_ready_draft_has_text_citations_and_a_full_record(
    ticket: Ticket, model: FakeModel, searched: list[str]
) -> None:
    draft = written(ticket, model)
    assert draft.state == Draft.State.READY
    assert shown_text(draft).startswith("Hi Tomas,")
    assert [(c.number, c.cited) for c in draft.citations.all()] == [(1, True), (2, True)]
    call = ModelCall.objects.get(draft=draft, purpose="draft")
    assert (call.model, call.model_sha256) == (model.name, model.sha256)
    assert call.prompt_version.startswith("reply-1@")
    assert call.prompt_tokens == 400
    record = DraftRecord.objects.get(draft=draft)
    assert record.first_token_ms is not None
    assert record.total_ms is not None
    assert record.retrieval["hits"][0]["score"] == 0.8
    ticket.refresh_from_db()
    assert ticket.preparation == Ticket.Preparation.READY
    assert ticket.events.filter(kind=TicketEvent.Kind.PREPARED, data__state="ready").exists()


def test_no_personal_value_reaches_the_model_or_the_record(
    ticket: Ticket, model: FakeModel, searched: list[str]
) -> None:
    Message.objects.filter(ticket=ticket).update(
        text="I am Tomas Okafor, tomas@okafor.example, card 4111 1111 1111 1111. Why two charges?"
    )
    draft = written(ticket, model)
    record, calls = DraftRecord.objects.get(draft=draft), list(ModelCall.objects.values())
    for private in ("Okafor", "tomas@okafor.example", "4111"):
        assert private not in str(model.asked)
        assert private not in str(calls) + str(record.retrieval) + str(record.redactions)
        assert private not in draft.text


def test_numbers_that_do_not_exist_never_reach_the_text(ticket: Ticket, searched: list[str]) -> None:
    draft = written(ticket, FakeModel("It takes 5 days [1]. Or 9 days [4]."))
    assert draft.text == "It takes 5 days [1]. Or 9 days."
    assert DraftRecord.objects.get(draft=draft).dropped_citations == [4]


def test_no_good_hit_ends_with_no_source_and_a_gap(ticket: Ticket, model: FakeModel, nothing_found: None) -> None:
    draft = written(ticket, model)
    assert draft.state == Draft.State.NO_SOURCE
    assert model.asked == []
    gap = Gap.objects.get()
    assert gap.best_score == 0.12
    assert gap.asked_in == f"ticket:{ticket.pk} message:{draft.message_id}"
    ticket.refresh_from_db()
    assert ticket.preparation == Ticket.Preparation.NO_SOURCE


def test_the_models_own_no_answer_is_a_gap_too_and_is_never_shown(
    ticket: Ticket, searched: list[str], announced: list[dict[str, Any]]
) -> None:
    draft = written(ticket, FakeModel("NO ANSWER"))
    assert draft.state == Draft.State.NO_SOURCE
    assert draft.text == ""
    assert Gap.objects.count() == 1
    assert not [event for event in announced if event["type"] == "draft.delta"]


def test_the_stream_joined_by_offsets_is_the_text(
    ticket: Ticket,
    model: FakeModel,
    searched: list[str],
    announced: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(drafting, "PUBLISH_EVERY", 0)
    draft = written(ticket, model)
    seen = ""
    for event in announced:
        if event["type"] == "draft.delta":
            assert event["at"] == len(seen)
            seen += event["text"]
    assert seen
    assert shown_text(draft).startswith(seen.rstrip())


def test_two_agents_on_one_ticket_share_one_draft(ticket: Ticket, mira: User, jonas: User) -> None:
    first = asked_for(ticket, mira)
    second, created = states.request_draft(ticket, first.message, Draft.Origin.REQUEST, jonas)
    assert second == first
    assert not created


def test_a_draft_is_claimed_once(ticket: Ticket) -> None:
    draft = asked_for(ticket)
    assert states.claim(draft.pk) is not None
    assert states.claim(draft.pk) is None


def test_a_missing_model_delays_the_draft_and_says_so(ticket: Ticket, searched: list[str]) -> None:
    away = FakeModel("Well", error=ModelError("unavailable", "The model is not running.", retryable=True))
    draft = written(ticket, away)
    assert draft.state == Draft.State.FAILED
    assert draft.retryable
    assert draft.error == "The model is not running."
    ticket.refresh_from_db()
    assert ticket.preparation == Ticket.Preparation.DELAYED


def test_a_second_draft_of_the_same_message_may_differ(ticket: Ticket, model: FakeModel, searched: list[str]) -> None:
    written(ticket, model)
    written(ticket, model)
    first, second = (sampling for _, sampling, _ in model.asked)
    assert first.seed != second.seed
    assert first.temperature < second.temperature <= 0.3


@pytest.mark.django_db(transaction=True)
def test_stop_ends_the_stream_and_keeps_what_was_written(
    mira: User, searched: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafting, "SAVE_EVERY", 0)
    ticket = new_ticket()
    draft = asked_for(ticket)
    model = FakeModel("One two three four five six seven", pause_after=4)

    async def story() -> None:
        writing = asyncio.create_task(drafting.write(draft.pk, model, "interactive"))
        await model.paused.wait()
        assert await sync_to_async(states.stop)(draft, mira)
        model.resume.set()
        await writing

    async_to_sync(story)()
    draft.refresh_from_db()
    assert draft.state == Draft.State.STOPPED
    assert draft.text.startswith("One two")
    assert "seven" not in draft.text
    assert model.closed


@pytest.mark.django_db(transaction=True)
def test_stop_while_the_model_is_silent_ends_the_stream_too(
    mira: User, searched: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "RENEW_EVERY", 0.01)
    draft = asked_for(new_ticket())
    model = FakeModel("One two three [1]", pause_after=1)

    async def story() -> None:
        writing = asyncio.create_task(drafting.write(draft.pk, model, "background"))
        await model.paused.wait()
        assert await sync_to_async(states.stop)(draft, mira)
        await writing  # nothing of ours breaks, and nobody waits for the model

    async_to_sync(story)()
    draft.refresh_from_db()
    assert draft.state == Draft.State.STOPPED
    assert model.closed


@pytest.mark.django_db(transaction=True)
def test_the_lease_is_renewed_while_the_model_is_silent(searched: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "RENEW_EVERY", 0.01)
    draft = asked_for(new_ticket())
    model = FakeModel("One two three [1]", pause_after=1)

    async def lease() -> Any:
        return await sync_to_async(lambda: Draft.objects.get(pk=draft.pk).lease_until)()

    async def story() -> None:
        writing = asyncio.create_task(drafting.write(draft.pk, model, "background"))
        await model.paused.wait()
        before = await lease()
        for _ in range(500):
            if await lease() > before:
                break
        else:
            raise AssertionError("the lease was not renewed")
        model.resume.set()
        await writing

    async_to_sync(story)()
    draft.refresh_from_db()
    assert draft.state == Draft.State.READY


@pytest.mark.django_db(transaction=True)
def test_a_cancelled_writer_requeues_the_draft(searched: list[str]) -> None:
    draft = asked_for(new_ticket())
    model = FakeModel("One two three", pause_after=1)

    async def story() -> None:
        writing = asyncio.create_task(drafting.write(draft.pk, model, "interactive"))
        await model.paused.wait()
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing

    async_to_sync(story)()
    draft.refresh_from_db()
    assert draft.state == Draft.State.QUEUED


def test_a_late_writer_cannot_overwrite_a_draft_that_was_taken_over(ticket: Ticket) -> None:
    draft = asked_for(ticket)
    late = states.claim(draft.pk)
    assert late is not None
    Draft.objects.filter(pk=draft.pk).update(attempts=2)  # another process took it over
    assert not states.finish(late, Draft.State.READY, text="too late")
    draft.refresh_from_db()
    assert draft.text == ""


def test_announcements_wait_for_the_commit(
    ticket: Ticket, announced: list[dict[str, Any]], on_commit: Callable[..., Any]
) -> None:
    with on_commit():
        asked_for(ticket)
        assert announced == []
    assert any(event["type"] == "draft.changed" for event in announced)


def test_a_draft_that_cites_nothing_is_no_draft(ticket: Ticket, searched: list[str]) -> None:
    draft = written(ticket, FakeModel("I am sure it takes two days."))
    assert (draft.state, draft.text) == (Draft.State.NO_SOURCE, "")


def test_a_draft_ends_in_time_with_a_whole_sentence(ticket: Ticket, searched: list[str]) -> None:
    draft = written(ticket, FakeModel("It takes five days [1]. " * 60))
    assert draft.state == Draft.State.READY
    assert 95 <= len(draft.text.split()) <= 120
    assert draft.text.endswith("[1].")


def test_a_long_draft_does_not_end_with_the_number_of_a_list() -> None:
    assert not long_enough("word " * 100 + "\n2.")
    assert long_enough("word " * 100 + "so it is.")
    assert long_enough("word " * 100 + "[1].")
