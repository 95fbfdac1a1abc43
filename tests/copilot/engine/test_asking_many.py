"""Several questions with one word for an answer: in one request where the server takes that, else each in its own."""

import json
import math
from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from copilot import calls
from copilot.calls import ModelRequest, Purpose
from copilot.llm import HttpModel, ModelError, offers
from copilot.llm.answers import first_tokens
from copilot.models import ModelCall
from tests.copilot.servers import Act, hangs, running, says
from tests.copilot.tiny import TINY, Running, messages, tiny_settings
from tests.fakes import FakeModel

CLAIMS = ["A spade is for digging.", "A rake is a boat.", "Twine binds plants."]
WORDS = ("Yes", "No")


def requests(recorded: bool = False) -> list[ModelRequest]:
    return [ModelRequest(Purpose.VERIFY, "verify-1@x", messages(claim), recorded=recorded) for claim in CLAIMS]


def answered(*shares: float) -> dict[str, Any]:
    logprobs = [{"Yes": math.log(share), "No": math.log(1 - share)} for share in shares]
    return {"data": [{"token": "Yes", "logprobs": each} for each in logprobs]}


class Asked:
    """A server: what it answers an empty request and a whole one, and how often it was asked what."""

    def __init__(self, offer: tuple[int, Any], many: Any = None, plain: Any = None, many_status: int = 200) -> None:
        self.answers = {"offer": offer, "many": (many_status, many), "plain": (200, plain)}
        self.asked: list[str] = []

    async def __call__(self, reader: Any, writer: Any) -> None:
        body = json.loads(await reader.readuntil(b"}") if not self.asked else await reader.read(65536))
        kind = "plain" if "messages" in body else "many" if body else "offer"
        self.asked.append(kind)
        status, answer = self.answers[kind]
        act: Act = says(json.dumps(answer).encode(), f"{status} X", "application/json")
        await act(reader, writer)


OURS = (400, {"error": {"code": "invalid_request", "message": "chats must be a list."}})
NOT_THERE = (404, {"detail": "Not Found"})
PLAIN = {"choices": [{"logprobs": {"content": [{"top_logprobs": [{"token": "Yes", "logprob": -0.1}]}]}}]}


async def test_one_request_asks_all_and_the_server_is_tried_only_once() -> None:
    act = Asked(OURS, answered(0.9, 0.2, 0.6))
    async with running(act) as server:
        for _ in range(2):
            model = HttpModel(server.url)
            found = await calls.yes_or_nos(requests(), model, "interactive")
            assert found == [pytest.approx(share) for share in (0.9, 0.2, 0.6)]
    assert act.asked == ["offer", "many", "many"]


async def test_a_server_without_it_is_asked_one_by_one() -> None:
    act = Asked(NOT_THERE, plain=PLAIN)
    async with running(act) as server:
        for _ in range(2):
            assert await calls.choices(requests(), HttpModel(server.url), "background", WORDS) == [
                pytest.approx((0.905, 0.095), abs=0.01)
            ] * len(CLAIMS)
    assert act.asked == ["offer", *["plain"] * 6]


@pytest.mark.parametrize(
    "offer", [(404, "Not Found"), (400, {"error": {"code": "bad"}}), (422, {}), (200, {}), (501, [])]
)
async def test_whoever_answers_something_else_does_not_have_it(offer: tuple[int, Any]) -> None:
    async with running(Asked(offer)) as server:
        assert not await HttpModel(server.url).answers_many()
        assert offers.known(server.url) is False


async def test_nobody_waits_long_for_a_server_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("copilot.llm.OFFER", 0.1)
    async with running(hangs) as server:
        assert not await HttpModel(server.url).answers_many()
        assert offers.known(server.url) is None and server.asked == 1


async def test_a_server_in_trouble_is_asked_again_what_it_can_do() -> None:
    act = Asked((503, {"error": {"code": "model_error"}}))
    async with running(act) as server:
        for _ in range(2):
            assert not await HttpModel(server.url).answers_many()
        act.answers["offer"] = OURS
        assert await HttpModel(server.url).answers_many() is True


async def test_another_server_in_its_place_gets_the_questions_one_by_one() -> None:
    act = Asked(OURS, answered(0.9, 0.2, 0.6), PLAIN)
    async with running(act) as server:
        await calls.yes_or_nos(requests(), HttpModel(server.url), "interactive")
        act.answers |= {"offer": NOT_THERE, "many": NOT_THERE}
        found = await calls.yes_or_nos(requests(), HttpModel(server.url), "interactive")
    assert found == [1.0] * 3 and offers.known(server.url) is False
    assert act.asked == ["offer", "many", "many", "offer", "plain", "plain", "plain"]


@pytest.mark.parametrize(
    "body",
    [{}, {"data": 3}, {"data": []}, {"data": [3]}, {"data": [{"logprobs": []}]}, {"data": [{"logprobs": {"Yes": 0}}]},
     {"data": [{"logprobs": {"Yes": "a", "No": -1}}]}, {"data": [{"logprobs": {"Yes": 5, "No": -1}}]}],
)  # fmt: skip
def test_whatever_it_answers_is_checked(body: dict[str, Any]) -> None:
    with pytest.raises(ModelError):
        first_tokens(body, WORDS, 1)


@pytest.mark.django_db(transaction=True)
async def test_every_question_leaves_its_row() -> None:
    await calls.yes_or_nos(requests(recorded=True), FakeModel(many=True, yes=0.75), "background")
    rows = [row async for row in ModelCall.objects.order_by("id")]
    assert [row.messages[-1]["content"] for row in rows] == CLAIMS[::-1]
    assert {(row.probability, row.finish_reason, row.error) for row in rows} == {(0.75, "length", "")}
    assert all(row.settings == {"words": ["Yes", "No"]} and row.prompt_tokens == 390 for row in rows)


@pytest.mark.django_db(transaction=True)
async def test_every_question_of_a_request_that_fails_leaves_its_row() -> None:
    away = FakeModel(many=True, error=ModelError("busy", "Too many.", retryable=True, retry_after=4))
    with pytest.raises(ModelError):
        await calls.choices(requests(recorded=True), away, "background", WORDS)
    assert await sync_to_async(lambda: [row.error for row in ModelCall.objects.all()])() == ["busy"] * 3


@pytest.fixture(scope="module")
def tiny() -> Iterator[Running]:
    server = Running(tiny_settings(threads=1, batch_threads=1))
    yield server
    server.stop()


@pytest.mark.model
async def test_our_own_server_says_the_same_either_way(tiny: Running) -> None:
    model = HttpModel(f"{tiny.url}/v1", TINY)
    assert await model.answers_many()
    chats = [messages(claim) for claim in CLAIMS]
    alone = [await model.first_token(chat, "interactive") for chat in chats]
    words = sorted({token.strip() for answer in alone for token, _ in answer.logprobs[:5]} - {""})
    together = await model.first_tokens(chats, words, "background")
    for one, other in zip(alone, together, strict=True):
        said = dict(other.logprobs)
        for token, logprob in one.logprobs[:5]:
            # At least as probable: other spellings of the word count too.
            assert token.strip() == "" or said[token.strip()] > logprob - 0.1
        assert (one.text, one.model, one.sha256) == (other.text, other.model, other.sha256)
        assert one.usage.prompt_tokens == other.usage.prompt_tokens
