"""A draft from its request to its end, with a fake model."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.utils import timezone

from copilot import leases, tasks
from copilot.drafting import answering, snapshot, states
from copilot.drafting import writing as drafting
from copilot.drafting.record import record_stopped, shown_text
from copilot.llm import ModelError
from copilot.models import Draft, DraftRecord, ModelCall
from knowledge.models import Article, Gap
from tests.cast import new_ticket
from tests.copilot.cancelling import Pause
from tests.copilot.conftest import ANSWER, CHARGES, GERMAN, withdraw
from tests.fakes import FakeModel
from tickets.models import Message, Ticket, TicketEvent, User

pytestmark = pytest.mark.django_db
AWAY = ModelError("unavailable", "The model is not running.", retryable=True)


def asked_for(ticket: Ticket, by: User | None = None) -> Draft:
    message = ticket.messages.get(kind=Message.Kind.CUSTOMER)
    return states.request_draft(ticket, message, Draft.Origin.REQUEST, by)[0]


def written(ticket: Ticket, model: FakeModel) -> Draft:
    draft = asked_for(ticket)
    async_to_sync(drafting.write)(draft.pk, model, "interactive")
    draft.refresh_from_db()
    return draft


def failing(stream: Callable[..., Any], error: ModelError) -> Callable[..., Any]:
    """A model's stream that ends with an error."""

    async def failed(*args: Any) -> Any:
        async for piece in stream(*args):
            if piece.text:
                yield piece
        raise error

    return failed


def test_a_ready_draft_has_text_citations_and_a_full_record(
    ticket: Ticket, model: FakeModel, searched: list[str]
) -> None:
    draft = written(ticket, model)
    assert draft.state == Draft.State.READY
    assert shown_text(draft).startswith("Hi Tomas,")
    assert draft.text == ANSWER
    assert [(c.number, c.excerpt, c.cited) for c in draft.citations.all()] == [
        (1, CHARGES[0], True),
        (2, CHARGES[1], True),
    ]
    call = ModelCall.objects.get(draft=draft)
    assert (call.purpose, call.model, call.model_sha256) == ("point", model.name, model.sha256)
    assert call.prompt_version.startswith("point-1@")
    record = DraftRecord.objects.get(draft=draft)
    assert (record.form, record.insisted) == ("evidence", False)
    assert [(each["units"], each["support"]) for each in record.sentences] == [([1], "supported"), ([2], "supported")]
    assert [draft.text[each["start"] : each["end"]] for each in record.sentences][1] == "It is never collected [2]."
    assert [each["units"] for each in record.questions] == [[1, 2]] and record.answers > 0.8
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
        assert private not in str(model.checked)
        assert private not in str(calls) + str(record.retrieval) + str(record.redactions)
        assert private not in draft.text
    assert model.checked and calls


def test_no_good_hit_ends_with_no_source_and_a_gap(ticket: Ticket, model: FakeModel, nothing_found: None) -> None:
    draft = written(ticket, model)
    assert draft.state == Draft.State.NO_SOURCE
    assert model.checked == []
    gap = Gap.objects.get()
    assert gap.best_score == 0.12
    assert gap.asked_in == f"ticket:{ticket.pk} message:{draft.message_id}"
    ticket.refresh_from_db()
    assert ticket.preparation == Ticket.Preparation.NO_SOURCE


def test_where_no_unit_answers_there_is_no_draft_but_a_gap(
    ticket: Ticket, searched: list[str], announced: list[dict[str, Any]]
) -> None:
    draft = written(ticket, FakeModel(points=()))
    assert (draft.state, draft.text, draft.record.answers < 0.5) == (Draft.State.NO_SOURCE, "", True)
    assert Gap.objects.count() == 1
    assert TicketEvent.objects.get(data__state="no_source").data["by"] == "check"
    assert not draft.citations.filter(cited=True).exists()


def test_who_asks_again_gets_what_comes_closest(ticket: Ticket, searched: list[str]) -> None:
    nothing = FakeModel(points=())
    assert written(ticket, nothing).state == Draft.State.NO_SOURCE
    draft = written(ticket, nothing)
    assert draft.state == Draft.State.READY and draft.text.startswith("Hi <NAME>,")
    assert draft.record.insisted and draft.record.answers < 0.5


def test_who_asks_again_after_an_article_was_written_did_not_insist(ticket: Ticket, searched: list[str]) -> None:
    assert written(ticket, FakeModel(points=())).state == Draft.State.NO_SOURCE
    draft = written(ticket, FakeModel())
    assert draft.text == ANSWER and draft.record.answers > 0.5
    assert not draft.record.insisted


def test_who_asks_again_while_the_model_is_away_still_insists(ticket: Ticket, searched: list[str]) -> None:
    assert written(ticket, FakeModel(points=())).state == Draft.State.NO_SOURCE
    draft = written(ticket, FakeModel(error=AWAY))
    assert draft.state == Draft.State.FAILED and draft.text and draft.record.insisted


def test_only_the_units_that_answer_are_in_the_draft(ticket: Ticket, searched: list[str]) -> None:
    draft = written(ticket, FakeModel(points=[2]))
    assert draft.text == "Hi <NAME>,\n\nIt is never collected [2]."
    assert list(draft.citations.filter(cited=True).values_list("number", flat=True)) == [2]


def test_a_draft_that_is_asked_for_again_says_more(ticket: Ticket, searched: list[str]) -> None:
    assert "[1]" not in written(ticket, FakeModel(points=[2])).text
    assert "[1]" in written(ticket, FakeModel(points=[2])).text


def test_a_server_without_logprobs_leaves_it_to_the_search(ticket: Ticket, searched: list[str], settings: Any) -> None:
    settings.DRAFT_MIN_SCORE = 0.1
    draft = written(ticket, FakeModel(logprobs=False))
    assert draft.state == Draft.State.READY and "[1]" in draft.text
    assert TicketEvent.objects.get(data__state="ready").data["model"] == ""


class TestAnotherLanguage:
    """The article is English, the customer is not."""

    @pytest.fixture(autouse=True)
    def in_german(self, ticket: Ticket, searched: list[str]) -> None:
        Message.objects.filter(ticket=ticket).update(text=GERMAN)

    def test_each_unit_is_said_in_it(self, ticket: Ticket) -> None:
        draft = written(ticket, FakeModel("Sie wird nie eingezogen.", points=[2]))
        assert draft.text == "Hallo <NAME>,\n\nSie wird nie eingezogen [2]."
        call = draft.calls.get(purpose="draft")
        assert call.prompt_version.startswith("say-1@") and CHARGES[1] in call.messages[-1]["content"]
        assert draft.record.form == "written"

    @pytest.mark.parametrize(
        ("ours", "checks", "support"), [(True, ["verify", "verify"], "supported"), (False, [], "weak")]
    )
    def test_a_writer_that_nobody_measured_is_not_asked_in_vain(
        self, ticket: Ticket, settings: Any, ours: bool, checks: list[str], support: str
    ) -> None:
        settings.LLM_EMBEDDED = ours
        draft = written(ticket, FakeModel("Sie wird nie eingezogen.", points=[2]))
        assert sorted(draft.calls.values_list("purpose", flat=True)) == ["draft", "point", "translate", *checks]
        assert draft.record.sentences[0]["support"] == support

    def test_a_wrong_number_is_not_said(self, ticket: Ticket) -> None:
        draft = written(ticket, FakeModel("Sie verschwindet nach 50 Tagen.", points=[1]))
        assert draft.text == f"Hallo <NAME>,\n\n{CHARGES[0][:-1]} [1]."
        (said,) = draft.record.sentences
        assert (said["support"], said["reason"]) == ("weak", "not_translated")
        assert draft.record.form == "evidence"

    def test_numbers_and_placeholders_that_the_model_made_up_are_left_out(self, ticket: Ticket) -> None:
        draft = written(ticket, FakeModel("Sie wird nie eingezogen [7], <PHONE>.", points=[2]))
        assert draft.text == "Hallo <NAME>,\n\nSie wird nie eingezogen, [2]."

    def test_a_model_that_fails_on_the_way_leaves_no_half_translation(self, ticket: Ticket, settings: Any) -> None:
        model = FakeModel("Sie wird nie", points=[2])
        broken = ModelError("broken", "The model stopped in the middle of its answer.", retryable=True)
        model.stream = failing(model.stream, broken)  # type: ignore[method-assign]
        draft = written(ticket, model)
        assert draft.state == Draft.State.FAILED
        assert draft.text == f"Hallo <NAME>,\n\n{CHARGES[1][:-1]} [2]."
        assert [each["reason"] for each in draft.record.sentences] == ["not_translated"]

    def test_the_stream_joined_by_offsets_is_the_text(
        self, ticket: Ticket, announced: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(drafting, "PUBLISH_EVERY", 0)
        draft = written(ticket, FakeModel("Sie wird nie. Nein, nie eingezogen.", points=[2]))
        deltas = [event for event in announced if event["type"] == "draft.delta"]
        seen = shown_text(draft)[: deltas[0]["at"]]
        for event in deltas:
            assert event["at"] == len(seen)
            seen += event["text"]
        assert len(deltas) > 3 and seen == shown_text(draft)


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
    draft = written(ticket, FakeModel(error=AWAY))
    assert draft.state == Draft.State.FAILED
    assert draft.retryable
    assert draft.error == "The model is not running."
    ticket.refresh_from_db()
    assert ticket.preparation == Ticket.Preparation.DELAYED


def test_without_a_model_there_is_what_the_sources_say(ticket: Ticket, searched: list[str], settings: Any) -> None:
    settings.DRAFT_MIN_SCORE = 0.1
    draft = written(ticket, FakeModel(error=AWAY))
    assert (draft.state, draft.retryable) == (Draft.State.FAILED, True)
    assert CHARGES[0][:-1] in draft.text
    assert draft.record.form == "evidence" and draft.citations.filter(cited=True).exists()


@pytest.mark.django_db(transaction=True)
def test_stop_ends_the_stream_and_keeps_what_was_written(
    mira: User, searched: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafting, "SAVE_EVERY", 0)
    monkeypatch.setattr(drafting, "PUBLISH_EVERY", 0)
    ticket = new_ticket(text=GERMAN)
    draft = asked_for(ticket)
    model = FakeModel("Eins zwei drei vier fünf sechs sieben", points=[2], pause_after=4)

    async def story() -> None:
        writing = asyncio.create_task(drafting.write(draft.pk, model, "interactive"))
        await model.paused.wait()
        assert await sync_to_async(states.stop)(draft, mira)
        model.resume.set()
        await writing

    async_to_sync(story)()
    draft.refresh_from_db()
    assert draft.state == Draft.State.STOPPED
    assert draft.text.startswith("Hallo <NAME>,\n\nEins zwei")
    assert "sieben" not in draft.text
    assert model.closed
    assert [each["start"] < len(draft.text) < each["end"] for each in draft.record.sentences] == [True]


@pytest.mark.parametrize("later", ["Something else.", ANSWER + " More."])
def test_the_record_of_a_stopped_draft_is_of_the_text_that_was_saved(
    ticket: Ticket, searched: list[str], later: str
) -> None:
    draft = states.claim(asked_for(ticket).pk)
    assert draft is not None
    progress = drafting.prepare(draft)
    said = answering.in_own_words(replace(progress.asked, insisted=True), [None])
    assert said.text == ANSWER
    progress.take(said)
    states.save_partial(progress)
    states.stop(draft)
    progress.take(replace(said, text=later))
    record_stopped(progress)
    assert len(draft.record.sentences) == draft.citations.filter(cited=True).count() == 2


@pytest.mark.django_db(transaction=True)
def test_stop_while_the_model_is_silent_ends_the_stream_too(
    mira: User, searched: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "RENEW_EVERY", 0.01)
    draft = asked_for(new_ticket())
    model = FakeModel(pauses=True)

    async def story() -> None:
        writing = asyncio.create_task(drafting.write(draft.pk, model, "background"))
        await model.paused.wait()
        assert await sync_to_async(states.stop)(draft, mira)
        await writing  # nothing of ours breaks, and nobody waits for the model

    async_to_sync(story)()
    draft.refresh_from_db()
    assert draft.state == Draft.State.STOPPED


@pytest.mark.django_db(transaction=True)
def test_the_lease_is_renewed_while_the_model_is_silent(searched: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "RENEW_EVERY", 0.01)
    draft = asked_for(new_ticket())
    model = FakeModel(pauses=True)

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
    model = FakeModel(pauses=True)

    async def story() -> None:
        writing = asyncio.create_task(drafting.write(draft.pk, model, "interactive"))
        await model.paused.wait()
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing

    async_to_sync(story)()
    draft.refresh_from_db()
    assert draft.state == Draft.State.QUEUED


@pytest.mark.django_db(transaction=True)
def test_a_writer_cancelled_while_it_claims_leaves_no_draft_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """The drafter is stopped while one of its drafts is only being claimed, in a thread that goes on without it."""
    draft, pause = asked_for(new_ticket()), Pause()
    claim = states.claim

    def slowly(draft_id: int) -> Draft | None:
        won = claim(draft_id)
        pause.here()
        return won

    monkeypatch.setattr(states, "claim", slowly)

    pause.cancel(drafting.write(draft.pk, FakeModel(), "background"))
    draft.refresh_from_db()
    assert (draft.state, draft.failures) == (Draft.State.QUEUED, 0)


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


class TestWhileItWaits:
    """A draft that waits for the model already has what the sources say, if that is likely to answer."""

    @pytest.fixture(autouse=True)
    def likely(self, settings: Any) -> None:
        settings.DRAFT_MIN_SCORE = 0.1

    def offered(self, ticket: Ticket) -> Draft:
        draft = asked_for(ticket)
        drafting.offer(draft.message)
        draft.refresh_from_db()
        return draft

    def test_it_shows_the_sources_own_words(self, ticket: Ticket, searched: list[str]) -> None:
        draft = self.offered(ticket)
        assert draft.state == Draft.State.QUEUED and CHARGES[0][:-1] in draft.text
        assert draft.citations.filter(cited=True).exists() and not ModelCall.objects.exists()

    def test_it_is_written_all_the_same(self, ticket: Ticket, searched: list[str]) -> None:
        draft = self.offered(ticket)
        async_to_sync(drafting.write)(draft.pk, FakeModel(points=[2]), "background")
        draft.refresh_from_db()
        assert (draft.state, draft.text) == (Draft.State.READY, "Hi <NAME>,\n\nIt is never collected [2].")
        assert list(draft.citations.filter(cited=True).values_list("number", flat=True)) == [2]

    def test_and_taken_away_if_nothing_answers(self, ticket: Ticket, searched: list[str], settings: Any) -> None:
        draft = self.offered(ticket)
        settings.DRAFT_MIN_SCORE = 0.5
        async_to_sync(drafting.write)(draft.pk, FakeModel(points=()), "background")
        draft.refresh_from_db()
        assert (draft.state, draft.text) == (Draft.State.NO_SOURCE, "")

    def test_what_is_hardly_likely_is_not_shown(self, ticket: Ticket, searched: list[str], settings: Any) -> None:
        settings.DRAFT_MIN_SCORE = 0.99
        assert self.offered(ticket).text == ""

    def test_a_draft_that_is_being_written_is_left_alone(self, ticket: Ticket, searched: list[str]) -> None:
        draft = asked_for(ticket)
        states.claim(draft.pk)
        drafting.offer(draft.message)
        draft.refresh_from_db()
        assert (draft.state, draft.text, draft.citations.count()) == (Draft.State.WRITING, "", 0)

    def test_a_source_that_is_withdrawn_meanwhile_is_named(self, ticket: Ticket, searched: list[str]) -> None:
        draft = self.offered(ticket)
        withdraw(Article.objects.earliest("pk"), "archive")
        assert snapshot.withdrawn(draft) == [1]

    def test_a_message_that_was_missed_gets_it_too(self, ticket: Ticket, searched: list[str]) -> None:
        draft = asked_for(ticket)
        Message.objects.update(created_at=timezone.now() - timedelta(minutes=2))
        tasks.prepare_waiting()
        draft.refresh_from_db()
        assert CHARGES[0][:-1] in draft.text

    def test_and_not_shown_any_more_when_the_draft_is_begun(self, ticket: Ticket, searched: list[str]) -> None:
        draft = self.offered(ticket)
        withdraw(Article.objects.earliest("pk"), "archive")
        assert states.claim(draft.pk) is not None
        draft.refresh_from_db()
        assert (draft.text, snapshot.withdrawn(draft)) == ("", [])

    def test_what_is_still_published_stays_when_the_draft_is_begun(self, ticket: Ticket, searched: list[str]) -> None:
        draft = self.offered(ticket)
        claimed = states.claim(draft.pk)
        assert claimed is not None and claimed.text == draft.text != ""

    @pytest.mark.parametrize("code", ["resting", "busy"])
    def test_it_stays_while_the_model_rests(self, ticket: Ticket, searched: list[str], code: str) -> None:
        """It was not read, so it counts as no try."""
        draft = self.offered(ticket)
        resting = ModelError(code, "The model does not answer.", retryable=True, retry_after=15.0)
        before = draft.text
        async_to_sync(drafting.write)(draft.pk, FakeModel(error=resting), "background")
        draft.refresh_from_db()
        assert (draft.state, draft.text) == (Draft.State.QUEUED, before) and draft.retry_at is not None
        assert draft.failures == 0
        assert draft.citations.filter(cited=True).exists()
