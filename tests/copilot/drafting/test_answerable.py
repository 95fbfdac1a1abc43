"""Before a draft is written, the model says whether what was found answers at all."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from asgiref.sync import async_to_sync
from django.core.management import CommandError, call_command

from copilot import llm
from copilot.drafting import states
from copilot.drafting import writing as drafting
from copilot.evaluation import refusals
from copilot.llm import HttpModel, ModelError
from copilot.llm.answers import first_token, shares
from copilot.models import Draft
from knowledge.evaluation.answerability import Case
from tests.fakes import FakeModel
from tickets.models import Message, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def min_score(settings: Any) -> None:
    settings.DRAFT_MIN_SCORE = 0.5


def written(ticket: Ticket, model: FakeModel, origin: Draft.Origin = Draft.Origin.ARRIVAL) -> Draft:
    message = ticket.messages.get(kind=Message.Kind.CUSTOMER)
    draft, _ = states.request_draft(ticket, message, origin)
    async_to_sync(drafting.write)(draft.pk, model, "interactive")
    draft.refresh_from_db()
    return draft


class TestTheCheck:
    def test_what_answers_is_and_the_figure_is_kept(self, ticket: Ticket, searched: list[str]) -> None:
        draft = written(ticket, FakeModel())
        assert draft.state == Draft.State.READY and draft.record.answers > 0.8

    def test_it_can_be_switched_off(self, ticket: Ticket, searched: list[str], settings: Any) -> None:
        settings.DRAFT_MIN_SCORE = 0
        assert written(ticket, FakeModel(points=())).state == Draft.State.READY

    def test_who_asks_first_gets_the_reason(self, ticket: Ticket, searched: list[str]) -> None:
        assert written(ticket, FakeModel(points=()), Draft.Origin.REQUEST).state == Draft.State.NO_SOURCE


class TestTheQuestion:
    """What a server of the OpenAI kind answers to a question with one word for an answer."""

    def test_all_spellings_count_and_nothing_else(self) -> None:
        tops = [("Yes", 0.4), (" yes", 0.2), ("No", 0.2), ("Perhaps", 0.1)]
        assert first_token(answer(tops)).yes == pytest.approx(0.6 / 0.8)

    @pytest.mark.parametrize("body", [{}, {"choices": []}, {"choices": [{"logprobs": None}]}])
    def test_no_logprobs_no_figure(self, body: dict[str, Any]) -> None:
        assert first_token(body).yes is None

    def test_a_model_that_says_something_else_has_not_answered(self) -> None:
        assert first_token(answer([("Excerpts", 0.99), ("Yes", 0.001)])).yes is None

    def test_a_word_that_is_not_among_the_likeliest_may_be_as_probable_as_the_least(self) -> None:
        logprobs = first_token(answer([("3", 0.8), ("4", 0.1)])).logprobs
        assert shares(logprobs, ["0", "3", "4"]) == (pytest.approx(0.1), pytest.approx(0.8), pytest.approx(0.1))
        assert shares(logprobs, ["0", "5"]) is None

    @pytest.mark.parametrize(("status", "expected"), [(200, 0.75), (400, None), (422, None)])
    def test_a_server_without_logprobs_is_known_by_its_refusal(
        self, status: int, expected: float | None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        serve(monkeypatch, status, answer([("Yes", 0.6), ("No", 0.2)]))
        sure = async_to_sync(HttpModel("http://model/v1").first_token)([], "background").yes
        assert sure == (expected and pytest.approx(expected))

    @pytest.mark.parametrize(
        ("status", "body", "code", "retryable"),
        [
            (503, {}, "unavailable", True),
            (200, "no json", "broken", True),
            (404, {}, "refused", False),  # another model's name
            (400, {"error": {"code": "context_length_exceeded"}}, "too_long", False),
        ],
    )
    def test_other_troubles_are_troubles(
        self, status: int, body: Any, code: str, retryable: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        serve(monkeypatch, status, body)
        with pytest.raises(ModelError) as caught:
            async_to_sync(HttpModel("http://model/v1").first_token)([], "background")
        assert (caught.value.code, caught.value.retryable) == (code, retryable)


def answer(tops: Sequence[tuple[str, float]]) -> dict[str, Any]:
    rows = [{"token": token, "logprob": math.log(share)} for token, share in tops]
    return {"choices": [{"logprobs": {"content": [rows[0] | {"top_logprobs": rows}]}}]}


def serve(monkeypatch: pytest.MonkeyPatch, status: int, body: Any) -> None:
    content = body if isinstance(body, str) else json.dumps(body)
    transport = httpx.MockTransport(lambda request: httpx.Response(status, content=content))
    client = httpx.AsyncClient
    monkeypatch.setattr(llm.httpx, "AsyncClient", lambda **options: client(transport=transport, **options))


class TestMeasuring:
    CASES = (
        Case("Why two charges?", True, frozenset(), "plain"),
        Case("Is it raining?", False, frozenset(), "chatter"),
    )

    def test_what_search_does_not_find_scores_nothing(self, nothing_found: None) -> None:
        model = FakeModel()
        assert [each.score for each in refusals.judge(self.CASES, model)] == [0.0, 0.0]
        assert model.checked == []

    def test_what_search_finds_scores_what_the_model_says(self, searched: list[str]) -> None:
        told: list[int] = []
        high = refusals.judge(self.CASES, FakeModel(), lambda: told.append(1))
        low = refusals.judge(self.CASES, FakeModel(points=()))
        assert all(one.score > 0.8 > 0.5 > two.score for one, two in zip(high, low, strict=True)) and len(told) == 2

    def test_the_command(
        self, searched: list[str], tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        cases = tmp_path / "cases.jsonl"
        cases.write_text(
            "\n".join(json.dumps({"query": each.query, "answerable": each.answerable}) for each in self.CASES)
        )
        model = FakeModel()
        monkeypatch.setattr(llm, "HttpModel", lambda: model)
        call_command("evaluate_refusals", cases=cases, json=True)
        report = json.loads(capsys.readouterr().out)
        assert (report["cases"], report["answerable"], report["area_under_roc"]) == (2, 1, 0.5)
        assert report["in_use"] == report["in_use"] | {"threshold": 0.5, "recall": 1.0, "refused": 0.0}
        call_command("evaluate_refusals", cases=cases)
        assert "area under the ROC curve 0.500" in capsys.readouterr().out
        model.logprobs = False
        with pytest.raises(CommandError, match="no logprobs"):
            call_command("evaluate_refusals", cases=cases)

    def test_without_cases_there_is_nothing_to_measure(self, tmp_path: Path) -> None:
        (tmp_path / "none.jsonl").write_text("")
        with pytest.raises(CommandError, match="no cases"):
            call_command("evaluate_refusals", cases=tmp_path / "none.jsonl")
        with pytest.raises(SystemExit):
            call_command("evaluate_refusals", cases=tmp_path / "missing.jsonl")
