"""With real weights: guesses change nothing that the model says, and questions get the same probabilities as a chat.

With one thread this model computes a token in a step of many as it does alone, so texts can be compared. With several
threads, with larger models, and with other sequences in the cache sums are added in another order. That can tip a
choice between two tokens that are nearly as likely (test_engine.py); there the promise ends.
"""

import math
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from copilot.engine.guessing import Costs
from tests.copilot.tiny import SYSTEM, Running, tiny_settings

pytestmark = pytest.mark.model

PARAGRAPH = (
    "Orders can be changed until they are packed. Open Orders, then Details, and select Change address. "
    "A parcel that is on its way cannot be sent to another address."
)
QUOTING = f"{PARAGRAPH}\n\nWrite the same again without a change."
FREE = "Tell me a story about a fox."


@pytest.fixture(scope="module")
def exact() -> Iterator[Running]:
    """It learns nothing from the time that steps take: on a busy machine that would decide whether it guesses."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Costs, "step", lambda costs, tokens, seconds: None)
        running = Running(tiny_settings(threads=1, batch_threads=1))
        yield running
        running.stop()


def said(running: Running) -> list[str]:
    """At temperature 0, and above it with a seed."""
    heated = [(text, heat) for text in (QUOTING, FREE) for heat in (0, 0.5)]
    return [running.text(text, max_tokens=24, temperature=heat, seed=7) for text, heat in heated]


def test_with_guesses_every_text_is_the_same(exact: Running):
    without = Running(tiny_settings(threads=1, batch_threads=1, guess=False))
    try:
        assert said(exact) == said(without)
    finally:
        without.stop()
    metrics = exact.engine.metrics
    assert 10 < metrics.right <= metrics.guessed < metrics.written
    assert without.engine.metrics.guessed == 0


CLAIMS = ["A spade is for digging.", "A rake is a boat.", "Twine binds plants.", "Shears are made of wood."]


def ask(running: Running, words: list[str], **options: Any) -> list[dict[str, Any]]:
    chats = [[{"role": "user", "content": f"{claim} Yes or No?"}] for claim in CLAIMS]
    body = {"messages": [{"role": "system", "content": SYSTEM}], "chats": chats, "words": words} | options
    response = httpx.post(f"{running.url}/v1/first_tokens", json=body, timeout=60)
    assert response.status_code == 200, response.text
    return response.json()["data"]


def test_questions_get_the_probabilities_that_logprobs_give(exact: Running):
    """Each of the likeliest tokens, asked for as a word, is as probable as there."""
    for at, claim in enumerate(CLAIMS):
        answer = exact.ask(f"{claim} Yes or No?", max_tokens=1, logprobs=True, top_logprobs=20).json()
        (first,) = answer["choices"][0]["logprobs"]["content"]
        shares: dict[str, float] = {}
        for each in first["top_logprobs"]:
            word = each["token"].strip().lower()
            shares[word] = shares.get(word, 0) + math.exp(each["logprob"])
        words = [word for word in shares if word]
        got = ask(exact, words)[at]
        assert got["token"] == first["token"]
        for word in words:
            # Rarer spellings, which are not among the likeliest, count too.
            assert math.exp(got["logprobs"][word]) == pytest.approx(shares[word], rel=0.15, abs=1e-3)
        assert sum(map(math.exp, got["logprobs"].values())) <= 1.0001


def test_questions_cost_only_their_own_tokens(exact: Running):
    ask(exact, ["Yes", "No"])
    usage = [each["usage"] for each in ask(exact, ["Yes", "No"], chats=[
        [{"role": "user", "content": f"Is a {tool} a tool? Yes or No?"}] for tool in ("hoe", "cloud", "saw", "song")
    ])]  # fmt: skip
    assert all(each["prompt_tokens"] - each["prompt_tokens_details"]["cached_tokens"] < 25 for each in usage)
    assert len({each["prompt_tokens"] for each in usage}) <= 3


def test_a_word_that_no_token_spells_is_impossible(exact: Running):
    assert ask(exact, ["Yes", "antidisestablishmentarianism"])[0]["logprobs"]["antidisestablishmentarianism"] == -1e4


def test_how_the_engine_counts(exact: Running):
    exact.text("hi", max_tokens=2)
    said = httpx.get(f"{exact.url}/metrics")
    assert said.headers["content-type"].startswith("text/plain; version=0.0.4")
    values = dict(line.rsplit(" ", 1) for line in said.text.splitlines() if not line.startswith("#"))
    assert float(values["copydesk_model_written_tokens_total"]) > 0
    assert float(values["copydesk_model_step_seconds_sum"]) > 0 and values["copydesk_model_queued_requests"] == "0"


def test_a_timeout_ends_an_answer(exact: Running):
    response = exact.ask("Count.", max_tokens=1500, grammar='root ::= ([0-9] " ")+', timeout=0.3)
    assert (response.status_code, response.json()["error"]["code"]) == (504, "timeout")
    streamed = exact.ask("Count.", max_tokens=1500, grammar='root ::= ([0-9] " ")+', timeout=0.3, stream=True).text
    assert '"code": "timeout"' in streamed and "[DONE]" not in streamed
    assert not exact.engine.scheduler.active


def test_a_full_queue_answers_429():
    running = Running(tiny_settings(max_queue=0))
    try:
        response = running.ask("hi")
        assert (response.status_code, response.headers["retry-after"]) == (429, "1")
        assert response.json()["error"]["code"] == "queue_full"
    finally:
        running.stop()
