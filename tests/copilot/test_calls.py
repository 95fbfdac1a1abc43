"""Every model call leaves one row, however it ended: enough to explain and to repeat it."""

import asyncio
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db import OperationalError

from config import catalogue
from copilot import calls, llm
from copilot.calls import Call, ModelRequest, Purpose
from copilot.drafting import asking, states, writing
from copilot.gap_articles import run as gap_articles_run
from copilot.llm import ChatMessage, HttpModel, ModelError, Priority, Sampling, FirstToken
from copilot.models import Draft, DraftRecord, GapArticleRun, ModelCall
from knowledge.models import GapTopic
from tests import cast
from tests.copilot.articles.test_gap_articles import ANSWER as ARTICLE
from tests.copilot.articles.test_gap_articles import answered, topic_of
from tests.copilot.conftest import ANSWER
from tests.fakes import FakeModel
from tickets.models import Ticket, User

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


def asked_for(ticket: Ticket) -> Draft:
    return states.request_draft(ticket, ticket.messages.get(), Draft.Origin.REQUEST)[0]


def written(ticket: Ticket, model: FakeModel) -> Draft:
    draft = asked_for(ticket)
    async_to_sync(writing.write)(draft.pk, model, "interactive")
    draft.refresh_from_db()
    return draft


class TestADraft:
    def test_the_check_and_the_reply_are_two_calls(self, ticket: Ticket, model: FakeModel, searched: list[str]) -> None:
        model.yes = 0.75
        draft = written(ticket, model)
        reply, check = draft.calls.all()
        assert (check.purpose, reply.purpose) == ("check", "draft")
        for call in (check, reply):
            assert (call.model, call.model_sha256) == (model.name, model.sha256)
            assert call.prompt_version.startswith("reply-1@") and not call.error
            assert call.first_token_ms is not None and call.total_ms is not None
        assert [check.messages] == model.checked and reply.messages == model.asked[0][0]
        assert (check.probability, check.output, check.settings) == (0.75, "Yes", llm.FIRST_TOKEN)
        assert [token for token, _ in check.logprobs] == ["Yes", "No"]
        assert (reply.output, reply.finish_reason, reply.probability) == (ANSWER, "stop", None)
        assert reply.settings == {"temperature": 0.1, "max_tokens": 220, "seed": 1}
        assert (reply.prompt_tokens, reply.cached_tokens) == (400, 350)
        assert reply.completion_tokens == len(ANSWER.split(" "))

    def test_a_refused_check_is_kept(self, ticket: Ticket, searched: list[str]) -> None:
        call = written(ticket, FakeModel(ANSWER, yes=0.1)).calls.get()
        assert (call.purpose, call.probability) == ("check", 0.1)

    def test_a_server_that_cannot_say_was_asked_all_the_same(self, ticket: Ticket, searched: list[str]) -> None:
        call = written(ticket, FakeModel(ANSWER, yes=None)).calls.get(purpose="check")
        assert (call.probability, call.logprobs, call.finish_reason) == (None, [], "no_logprobs")

    def test_where_nothing_is_found_nothing_is_asked(
        self, ticket: Ticket, model: FakeModel, nothing_found: None
    ) -> None:
        draft = written(ticket, model)
        assert not ModelCall.objects.exists()
        assert DraftRecord.objects.get(draft=draft).retrieval["best_score"] == 0.12

    def test_one_that_fails_keeps_what_had_come(self, ticket: Ticket, searched: list[str]) -> None:
        away = FakeModel("Well then", error=ModelError("broken", "It broke.", retryable=True))
        call = written(ticket, away).calls.get(purpose="draft")
        assert (call.error, call.output, call.finish_reason) == ("broken", "Well then", "")
        assert (call.model, call.model_sha256) == (away.name, away.sha256)

    def test_a_check_that_fails_is_kept(self, ticket: Ticket, searched: list[str]) -> None:
        class Gone(FakeModel):
            async def first_token(self, messages: Sequence[ChatMessage], priority: Priority) -> FirstToken:
                raise ModelError("unavailable", "The model is not running.", retryable=True)

        call = written(ticket, Gone(ANSWER)).calls.get()
        assert (call.purpose, call.error, call.probability) == ("check", "unavailable", None)
        assert call.messages and call.model == "fake-model"

    def test_one_that_was_long_enough_says_so(self, ticket: Ticket, searched: list[str]) -> None:
        call = written(ticket, FakeModel("It takes five days [1]. " * 60)).calls.get(purpose="draft")
        assert call.finish_reason == "long_enough" and not call.error

    def test_each_try_is_a_call(self, ticket: Ticket, model: FakeModel, searched: list[str]) -> None:
        written(ticket, model)
        written(ticket, model)
        assert list(ModelCall.objects.filter(purpose="draft").values_list("settings__seed", flat=True)) == [2, 1]

    def test_it_goes_with_its_ticket(self, ticket: Ticket, model: FakeModel, searched: list[str]) -> None:
        written(ticket, model)
        ticket.delete()
        assert not ModelCall.objects.exists() and not DraftRecord.objects.exists()


@pytest.mark.django_db(transaction=True)
class TestInTheMiddle:
    """A draft that has begun, and what may happen to it then."""

    def interrupted(self, draft: Draft, meanwhile: Any) -> None:
        model = FakeModel("One two three four", pause_after=2)

        async def story() -> None:
            task = asyncio.create_task(writing.write(draft.pk, model, "interactive"))
            await model.paused.wait()
            await meanwhile(task)
            model.resume.set()
            await asyncio.gather(task, return_exceptions=True)

        async_to_sync(story)()

    def test_stopped_by_a_person(self, mira: User, searched: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(writing, "SAVE_EVERY", 0)
        draft = asked_for(cast.new_ticket())

        async def stop(task: Any) -> None:
            await sync_to_async(states.stop)(draft, mira)

        self.interrupted(draft, stop)
        call = draft.calls.get(purpose="draft")
        assert (call.finish_reason, call.error) == ("stopped", "") and call.output.startswith("One two")

    def test_the_process_ends(self, searched: list[str]) -> None:
        draft = asked_for(cast.new_ticket())

        async def cancel(task: "asyncio.Task[None]") -> None:
            task.cancel()

        self.interrupted(draft, cancel)
        draft.refresh_from_db()
        assert draft.state == Draft.State.QUEUED
        assert draft.calls.get(purpose="draft").finish_reason == "stopped"

    def test_its_ticket_is_erased(self, searched: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(writing, "SAVE_EVERY", 0)
        draft = asked_for(cast.new_ticket())

        async def erase(task: Any) -> None:
            await Ticket.objects.all().adelete()

        self.interrupted(draft, erase)
        assert not Draft.objects.exists() and not ModelCall.objects.exists()

    def test_a_record_that_cannot_be_written_costs_no_draft(
        self, ticket: Ticket, model: FakeModel, searched: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def locked(self: ModelCall, **kwargs: Any) -> None:
            raise OperationalError("database is locked")

        monkeypatch.setattr(ModelCall, "save", locked)
        draft = asked_for(ticket)
        async_to_sync(writing.write)(draft.pk, model, "interactive")
        draft.refresh_from_db()
        assert draft.state == Draft.State.READY and not ModelCall.objects.exists()


@pytest.mark.django_db(transaction=True)
class TestAnArticle:
    def run_of(self, model: FakeModel) -> GapArticleRun:
        topic: GapTopic = topic_of(answered())
        run, _ = gap_articles_run.request(topic, cast.ken())
        async_to_sync(gap_articles_run.write)(run.pk, model)
        run.refresh_from_db()
        return run

    def test_is_a_call_like_any_other(self) -> None:
        model = FakeModel(ARTICLE)
        call = self.run_of(model).calls.get()
        assert (call.purpose, call.output, call.model_sha256) == ("gap_article", ARTICLE, model.sha256)
        assert call.messages == model.asked[0][0] and call.settings["max_tokens"] == 420

    def test_also_when_it_fails(self) -> None:
        call = self.run_of(FakeModel("# T", error=ModelError("timeout", "Late.", retryable=True))).calls.get()
        assert (call.error, call.output) == ("timeout", "# T")

    def test_a_drafter_that_stops_requeues_it(self) -> None:
        run, _ = gap_articles_run.request(topic_of(answered()), cast.ken())
        model = FakeModel(ARTICLE, pause_after=2)

        async def story() -> None:
            task = asyncio.create_task(gap_articles_run.write(run.pk, model))
            await model.paused.wait()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        async_to_sync(story)()
        run.refresh_from_db()
        assert (run.state, run.text, run.calls.get().finish_reason) == ("queued", "", "stopped")


class TestMeasuring:
    def test_leaves_no_row(self, model: FakeModel) -> None:
        assert async_to_sync(asking.answerable)(["Cards are taken."], "Which cards?", model, "background") == 1.0
        assert model.checked and not ModelCall.objects.exists()


class TestTheServer:
    """What is on record is what was sent, and who answered."""

    def call(self, monkeypatch: pytest.MonkeyPatch, base_url: str = "", **told: Any) -> tuple[dict[str, Any], Call]:
        sent: list[dict[str, Any]] = []
        event = {"choices": [{"delta": {"content": "Hi"}, "finish_reason": "stop"}]} | told

        def answer(request: httpx.Request) -> httpx.Response:
            sent.append(json.loads(request.content))
            return httpx.Response(200, content=f"data: {json.dumps(event)}\n\ndata: [DONE]\n\n")

        client = httpx.AsyncClient
        transport = httpx.MockTransport(answer)
        monkeypatch.setattr(llm.httpx, "AsyncClient", lambda **options: client(transport=transport, **options))
        call = Call(ModelRequest(Purpose.DRAFT, "reply-1@x", [{"role": "user", "content": "Hello"}], recorded=False))

        async def read() -> None:
            async for _ in calls.stream(call, HttpModel(base_url), Sampling(0.3, 40, 2, ("END",)), "interactive"):
                pass

        async_to_sync(read)()
        return sent[0], call

    def test_the_settings_are_those_that_were_sent(self, monkeypatch: pytest.MonkeyPatch) -> None:
        sent, call = self.call(monkeypatch)
        for about_the_way in ("model", "messages", "stream", "stream_options"):
            sent.pop(about_the_way)
        assert call.settings == sent == {"temperature": 0.3, "max_tokens": 40, "seed": 2, "stop": ["END"]}

    def test_our_own_server_has_the_catalogues_hash(self, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
        _, call = self.call(monkeypatch)
        assert call.model == settings.COPILOT_MODEL
        assert call.sha256 == catalogue.get(settings.COPILOT_MODEL).sha256

    def test_a_model_process_elsewhere_gives_its_hash(self, monkeypatch: pytest.MonkeyPatch) -> None:
        told = {"model": "another-model", "system_fingerprint": f"sha256:{'ab' * 32}"}
        _, call = self.call(monkeypatch, "http://model.example/v1", **told)
        assert (call.model, call.sha256) == ("another-model", "ab" * 32)

    @pytest.mark.parametrize("told", [{}, {"system_fingerprint": "fp_44709d6fcb"}, {"system_fingerprint": ["x"]}])
    def test_another_server_that_gives_no_hash_has_none(
        self, monkeypatch: pytest.MonkeyPatch, told: dict[str, Any]
    ) -> None:
        _, call = self.call(monkeypatch, "http://model.example/v1", **told)
        assert call.sha256 == ""


def test_nobody_asks_a_model_but_through_the_record() -> None:
    """`model.stream` and `model.first_token` are called in copilot/calls.py alone."""
    calling = re.compile(r"\b(?!calls\b)\w+\.(?:stream|first_token)\(\s*[\w.]*messages")
    folders = ("config", "tickets", "knowledge", "copilot", "qa", "demo")
    callers = {
        str(file.relative_to(ROOT))
        for folder in folders
        for file in (ROOT / folder).rglob("*.py")
        if calling.search(file.read_text(encoding="utf-8"))
    }
    assert callers == {"copilot/calls.py"}
    named = re.compile(r"\bModelCall\(|ModelCall\.objects\.(?:create|bulk_create|get_or_create|update_or_create)")
    writers = {
        str(file.relative_to(ROOT))
        for folder in folders
        for file in (ROOT / folder).rglob("*.py")
        if named.search(file.read_text(encoding="utf-8").replace("class ModelCall(", ""))
    }
    assert writers == {"copilot/calls.py"}
