"""Every model call leaves one row, however it ended: enough to explain and to repeat it."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db import OperationalError

from config import catalogue
from copilot import calls, llm
from copilot.calls import Call, ModelRequest, Purpose
from copilot.drafting import states, writing
from copilot.gap_articles import run as gap_articles_run
from copilot.grounding import checking
from copilot.grounding.verdicts import BothWays
from copilot.llm import HttpModel, ModelError, Sampling
from copilot.models import Draft, DraftRecord, GapArticleRun, ModelCall
from knowledge.models import GapTopic
from tests import cast
from tests.copilot.articles.test_gap_articles import ANSWER as ARTICLE
from tests.copilot.articles.test_gap_articles import answered, topic_of
from tests.copilot.conftest import GERMAN
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
    def test_pointing_is_one_call(self, ticket: Ticket, model: FakeModel, searched: list[str]) -> None:
        call = written(ticket, model).calls.get()
        assert (call.purpose, call.model, call.model_sha256) == ("point", model.name, model.sha256)
        assert call.prompt_version.startswith("point-1@") and not call.error
        assert call.first_token_ms is not None and call.total_ms is not None
        assert [call.messages] == [messages for messages, _ in model.checked]
        assert (call.probability, call.output, call.settings) == (None, "1", llm.FIRST_TOKEN)
        assert {"0", "1", "2"} <= {token for token, _ in call.logprobs}
        assert (call.prompt_tokens, call.cached_tokens, call.completion_tokens) == (390, 350, 1)

    def test_so_are_each_translation_and_its_check(self, searched: list[str]) -> None:
        model = FakeModel("Sie wird nie eingezogen.", points=[2], yes=0.75)
        draft = written(cast.new_ticket(text=GERMAN), model)
        *checks, reply, point, question = draft.calls.all()
        assert (question.purpose, question.prompt_version.split("@")[0]) == ("translate", "say-1")
        assert (point.purpose, reply.purpose, *(each.purpose for each in checks)) == (
            "point",
            "draft",
            "verify",
            "verify",
        )
        assert reply.messages == model.asked[0][0]
        assert [each.messages for each in checks] == [model.checked[2][0], model.checked[1][0]]  # both ways
        assert (reply.output, reply.finish_reason, reply.probability) == (model.answer, "stop", None)
        assert (reply.settings["temperature"], reply.settings["seed"]) == (0, 1)
        assert (reply.prompt_tokens, reply.completion_tokens) == (400, 4)
        assert {(each.probability, each.prompt_version.split("@")[0]) for each in checks} == {(0.75, "verify-1")}

    def test_one_of_a_draft_that_nothing_answers_is_kept(self, ticket: Ticket, searched: list[str]) -> None:
        assert written(ticket, FakeModel(points=())).calls.get().purpose == "point"

    def test_a_server_that_cannot_say_was_asked_all_the_same(self, ticket: Ticket, searched: list[str]) -> None:
        call = written(ticket, FakeModel(logprobs=False)).calls.get()
        assert (call.logprobs, call.finish_reason) == ([], "no_logprobs")

    def test_where_nothing_is_found_nothing_is_asked(
        self, ticket: Ticket, model: FakeModel, nothing_found: None
    ) -> None:
        draft = written(ticket, model)
        assert not ModelCall.objects.exists()
        assert DraftRecord.objects.get(draft=draft).retrieval["best_score"] == 0.12

    def test_one_that_fails_keeps_what_had_come(self, searched: list[str]) -> None:
        class BreaksLater(FakeModel):
            async def stream(self, *asked: Any) -> Any:
                if self.checked:  # the question was translated before
                    self.error = ModelError("broken", "It broke.", retryable=True)
                async for piece in super().stream(*asked):
                    yield piece

        away = BreaksLater("Na dann", points=[2])
        call = written(cast.new_ticket(text=GERMAN), away).calls.get(purpose="draft")
        assert (call.error, call.output, call.finish_reason) == ("broken", "Na dann", "")
        assert (call.model, call.model_sha256) == (away.name, away.sha256)

    def test_one_that_fails_at_once_is_kept(self, ticket: Ticket, searched: list[str]) -> None:
        away = FakeModel(error=ModelError("unavailable", "The model is not running.", retryable=True))
        call = written(ticket, away).calls.get()
        assert (call.purpose, call.error, call.logprobs) == ("point", "unavailable", [])
        assert call.messages and call.model == "fake-model"

    def test_each_try_is_a_call(self, ticket: Ticket, model: FakeModel, searched: list[str]) -> None:
        written(ticket, model)
        written(ticket, model)
        assert ModelCall.objects.filter(purpose="point").count() == 2

    def test_it_goes_with_its_ticket(self, ticket: Ticket, model: FakeModel, searched: list[str]) -> None:
        written(ticket, model)
        ticket.delete()
        assert not ModelCall.objects.exists() and not DraftRecord.objects.exists()


@pytest.mark.django_db(transaction=True)
class TestInTheMiddle:
    """A draft that has begun, and what may happen to it then."""

    def interrupted(self, draft: Draft, meanwhile: Any) -> None:
        model = FakeModel("Eins zwei drei vier", points=[2], pause_after=2)

        async def story() -> None:
            task = asyncio.create_task(writing.write(draft.pk, model, "interactive"))
            await model.paused.wait()
            await meanwhile(task)
            model.resume.set()
            await asyncio.gather(task, return_exceptions=True)

        async_to_sync(story)()

    def test_stopped_by_a_person(self, mira: User, searched: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(writing, "SAVE_EVERY", 0)
        monkeypatch.setattr(writing, "PUBLISH_EVERY", 0)
        draft = asked_for(cast.new_ticket(text=GERMAN))

        async def stop(task: Any) -> None:
            await sync_to_async(states.stop)(draft, mira)

        self.interrupted(draft, stop)
        call = draft.calls.get(purpose="draft")
        assert (call.finish_reason, call.error) == ("stopped", "") and call.output.startswith("Eins zwei")

    def test_the_process_ends(self, searched: list[str]) -> None:
        draft = asked_for(cast.new_ticket(text=GERMAN))

        async def cancel(task: "asyncio.Task[None]") -> None:
            task.cancel()

        self.interrupted(draft, cancel)
        draft.refresh_from_db()
        assert draft.state == Draft.State.QUEUED
        assert draft.calls.get(purpose="draft").finish_reason == "stopped"

    def test_its_ticket_is_erased(self, searched: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(writing, "SAVE_EVERY", 0)
        monkeypatch.setattr(writing, "PUBLISH_EVERY", 0)
        draft = asked_for(cast.new_ticket(text=GERMAN))

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
        said = async_to_sync(checking.both_ways)(["Cards are taken."], "Cards.", ["Cards."], model, "background")
        assert said == [BothWays(1.0, 1.0)] and model.checked and not ModelCall.objects.exists()


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
        assert call.sha256 == catalogue.fingerprint(catalogue.get(settings.COPILOT_MODEL).sha256, catalogue.adapter())

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
    """A model's `stream`, `first_token` and `first_tokens` are called in copilot/calls.py, and by one that counts."""
    calling = re.compile(r"\b(?!calls\b)\w+\.(?:stream|first_tokens?)\(\s*(?:messages|[\w.]*messages|\[|chats)")
    folders = ("config", "tickets", "knowledge", "copilot", "qa", "demo")
    callers = {
        str(file.relative_to(ROOT))
        for folder in folders
        for file in (ROOT / folder).rglob("*.py")
        if calling.search(file.read_text(encoding="utf-8"))
    }
    measures = "copilot/management/commands/bench_drafts.py"  # no row: these are not the desk's data
    assert callers == {"copilot/calls.py", "copilot/evaluation/counting.py", measures}
    named = re.compile(r"\bModelCall\(|ModelCall\.objects\.(?:create|bulk_create|get_or_create|update_or_create)")
    writers = {
        str(file.relative_to(ROOT))
        for folder in folders
        for file in (ROOT / folder).rglob("*.py")
        if named.search(file.read_text(encoding="utf-8").replace("class ModelCall(", ""))
    }
    assert writers == {"copilot/calls.py"}
