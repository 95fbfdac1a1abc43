"""Whatever the model server does: one typed error, within limits of time and size, and a pause for a dead one."""

import asyncio
import json
import math
import time
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from hypothesis import given
from hypothesis import strategies as st

from copilot import llm
from copilot.drafting import snapshot, states, writing
from copilot.engine.errors import BadRequest
from copilot.engine.requests import ChatRequest, parse_chat
from copilot.llm import HttpModel, ModelError, Sampling, breaker
from copilot.llm.answers import first_token, parsed, refusal
from copilot.models import Draft
from tests.copilot.servers import DONE, Act, event, hangs, line, repeats, resets, running, says
from tickets.models import Ticket

ASKED = [{"role": "user", "content": "How do I export?"}]


@pytest.fixture(autouse=True)
def patience(settings: Any) -> None:
    settings.LLM_TIMEOUT, settings.LLM_BACKGROUND_TIMEOUT = 20, 60


@pytest.fixture
def short_patience(patience: None, settings: Any) -> None:
    """For servers that are `late`, and what the background waits longer for."""
    settings.LLM_TIMEOUT = 0.6


@pytest.fixture
def no_patience(patience: None, settings: Any) -> None:
    """For servers that never come to an end: there the result is the same on any machine."""
    settings.LLM_TIMEOUT, settings.LLM_BACKGROUND_TIMEOUT = 0.2, 0.5


async def answer(url: str) -> str:
    return "".join([piece.text async for piece in HttpModel(url).stream(ASKED, Sampling(), "background")])


async def error_of(act: Act, health: Act | None = None, yes_or_no: bool = False) -> ModelError:
    async with running(act, health or says(b"{}", kind="application/json")) as server:
        began = time.monotonic()
        with pytest.raises(ModelError) as caught:
            if yes_or_no:
                await HttpModel(server.url).first_token(ASKED, "background")
            else:
                await answer(server.url)
        assert time.monotonic() - began < 60
    return caught.value


# --- what nobody waits for ---


def late(seconds: float) -> Act:
    """Silent for so long, as our engine is during agents' requests; then a whole answer."""

    async def act(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)
        await says(event("Hi") + DONE)(reader, writer)

    return act


@pytest.mark.usefixtures("short_patience")
async def test_a_background_answer_may_be_late_while_the_server_is_there() -> None:
    async with running(late(1.0), says(b"{}", kind="application/json")) as server:
        assert await answer(server.url) == "Hi"


@pytest.mark.usefixtures("short_patience")
async def test_nobody_waits_in_the_background_for_a_server_that_is_gone_silent() -> None:
    async with running(late(1.0)) as server:
        with pytest.raises(ModelError) as caught:
            await answer(server.url)
    assert (caught.value.code, caught.value.hangs) == ("timeout", True)


@pytest.mark.usefixtures("short_patience")
async def test_an_interactive_request_does_not_wait_so_long() -> None:
    async with running(late(1.0), says(b"{}", kind="application/json")) as server:
        with pytest.raises(ModelError) as caught:
            _ = [piece async for piece in HttpModel(server.url).stream(ASKED, Sampling(), "interactive")]
    assert caught.value.code == "timeout"


# --- wrong shapes and half answers ---

SHAPES = {
    "a list": line([]),
    "a number": line(7),
    "null": line(None),
    "text": line("hello"),
    "choices a word": line({"choices": "none"}),
    "choices of words": line({"choices": ["a"]}),
    "choices of null": line({"choices": [None]}),
    "content a number": event(7),
    "content a list": event(["a"]),
    "content an object": event({"a": 1}),
    "delta a list": line({"choices": [{"delta": ["a"]}]}),
    "no JSON": b"data: {not json\n\n",
    "deep JSON": b"data: " + b"[" * 50_000 + b"\n\n",
    "an error": line({"error": {"message": "out of memory"}}),
    "an error of another shape": line({"error": ["x"]}),
}


@pytest.mark.parametrize("shape", SHAPES)
async def test_an_answer_of_the_wrong_shape_is_broken(shape: str) -> None:
    error = await error_of(says(event("Hi") + SHAPES[shape] + DONE))
    assert (error.code, error.retryable) == ("broken", True)


HALVES = {
    "nothing": b"",
    "comments": b": wait\n\n" * 50,
    "half a line": event("Hi") + b'data: {"choices": [{"del',
    "no end": event("Hi"),
    "other events": b"event: ping\nid: 7\nretry: 3\n\n",
}


@pytest.mark.parametrize("half", HALVES)
async def test_an_answer_without_an_end_is_broken(half: str) -> None:
    error = await error_of(says(HALVES[half]))
    assert (error.code, error.retryable) == ("broken", True)


@pytest.mark.parametrize("kind", ["application/json", "text/html; charset=utf-8"])
async def test_what_is_no_stream_is_broken(kind: str) -> None:
    assert (await error_of(says(b"<html>Sign in</html>", kind=kind))).code == "broken"


async def test_strange_figures_beside_a_good_answer_do_no_harm() -> None:
    usage = {"prompt_tokens": -3, "completion_tokens": 10**30, "prompt_tokens_details": "none"}
    sent = event("Hi", usage=usage, model=["x"]) + line({"choices": [], "usage": "many"}) + DONE
    async with running(says(sent)) as server:
        assert await answer(server.url) == "Hi"


# --- text that no database keeps ---


async def test_nul_controls_and_halves_of_characters_are_removed() -> None:
    raw = b'data: {"choices": [{"delta": {"content": "a\\u0000b\\ud800c\\u0007"}}]}\n\n'
    halves = b'data: {"choices": [{"delta": {"content": "\\ud83d"}}]}\n\n' + event("\ude42!") + DONE
    async with running(says(raw + halves)) as server:
        text = await answer(server.url)
    assert text == "ab\ufffdc\U0001f642!"


async def test_the_question_may_hold_them_too() -> None:
    asked = [{"role": "user", "content": "a\x00b \ud800 c"}]
    async with running(says(event("Hi") + DONE)) as server:
        assert [piece.text async for piece in HttpModel(server.url).stream(asked, Sampling(), "background")] == ["Hi"]


async def test_bytes_that_are_no_utf8_are_replaced() -> None:
    async with running(says(b'data: {"choices": [{"delta": {"content": "gr\xfc\xdfe"}}]}\n\n' + DONE)) as server:
        assert await answer(server.url) == "gr\ufffd\ufffde"


# --- too much, too slow, never ---

FOREVER = {
    "comments": repeats(b": keep-alive\n\n", 0.01),
    "comments without a pause": repeats(b": keep-alive\n\n" * 500),
    "one byte now and then": repeats(b"d", 0.2),
    "empty pieces": repeats(event(""), 0.01),
    "nothing after the head": repeats(b"", 0.1),
    "one word, then nothing": repeats(b"", 0.1, first=event("Hi")),
}


@pytest.mark.usefixtures("no_patience")
@pytest.mark.parametrize("flood", FOREVER)
async def test_the_time_is_for_the_whole_answer(flood: str) -> None:
    error = await error_of(FOREVER[flood])
    assert (error.code, error.retryable) in {("timeout", True), ("broken", True)}


ENDLESS = {
    "words": repeats(event("word " * 50)),
    "a line": repeats(b"data: " + b"x" * 60_000),
    "a line of text": repeats(b"x" * 60_000, first=b'data: {"choices": [{"delta": {"content": "'),
}


@pytest.mark.parametrize("flood", ENDLESS)
async def test_an_endless_answer_ends_at_its_size(flood: str, settings: Any) -> None:
    settings.LLM_TIMEOUT = 30
    error = await error_of(ENDLESS[flood])
    assert (error.code, error.retryable) == ("broken", True)


@pytest.mark.usefixtures("no_patience")
async def test_a_head_that_never_comes_is_a_timeout() -> None:
    assert (await error_of(hangs)).code == "timeout"


async def test_a_connection_that_breaks_off_is_an_outage() -> None:
    error = await error_of(resets)
    assert (error.code, error.retryable) == ("unavailable", True)


@pytest.mark.parametrize("yes_or_no", [True, False])
@pytest.mark.parametrize(
    ("status", "body", "code", "retryable"),
    [
        ("500 Oops", b"<html>", "unavailable", True),
        ("502 Bad Gateway", b"", "unavailable", True),
        ("503 Busy", b'{"error": "no"}', "unavailable", True),
        ("503 None", b'{"error": {"code": "no_model", "message": "fetch it"}}', "no_model", True),
        ("429 Slow", b"[]", "busy", True),
        ("401 Key", b"{}", "refused", False),
        ("302 Found", b"", "refused", False),
        ("413 Large", b"", "too_long", False),
        ("204 Nothing", b"", "broken", True),
    ],
)
async def test_a_status_tells_retry_from_give_up(
    status: str, body: bytes, code: str, retryable: bool, yes_or_no: bool
) -> None:
    error = await error_of(says(body, status, "application/json"), yes_or_no=yes_or_no)
    assert (error.code, error.retryable) == (code, retryable)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7), ("999999", 3600), ("soon", None), ("-5", None), ("²", None), ("Wed, 01 Jan 2020 00:00:00 GMT", 0)],
)
def test_a_server_may_say_when_to_come_again(header: str, seconds: float | None) -> None:
    assert refusal(503, b"{}", header).retry_after == seconds


TOP = b'{"choices": [{"logprobs": {"content": [{"top_logprobs": [{"token": "yes", "logprob": %s}]}]}}]}'
YES_OR_NO = {
    "a list": b"[]",
    "no JSON": b"<html>",
    "choices a number": b'{"choices": 7}',
    "logprobs a list": b'{"choices": [{"logprobs": ["a"]}]}',
    "a word for a figure": TOP % b'"x"',
    "more than certain": TOP % b"9",
    "NaN": TOP % b"NaN",
    "too large": b'{"x": "' + b"x" * 1_100_000 + b'"}',
}


@pytest.mark.parametrize("shape", YES_OR_NO)
async def test_yes_or_no_of_the_wrong_shape_is_broken(shape: str) -> None:
    error = await error_of(says(YES_OR_NO[shape], kind="application/json"), yes_or_no=True)
    assert (error.code, error.retryable) == ("broken", True)


@pytest.mark.usefixtures("no_patience")
async def test_yes_or_no_has_the_same_time_limits() -> None:
    assert (await error_of(repeats(b" ", 0.05, kind="application/json"), yes_or_no=True)).code == "timeout"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["choices", "delta", "content", "logprobs", "top_logprobs", "token", "logprob", "messages", "role", "text",
             "max_tokens", "stop", "seed", "stream", "n", "response_format", "type", "json_schema", "temperature"]
        ),
        inner,
        max_size=4,
    ),
    max_leaves=20,
)  # fmt: skip


@given(JSON)
def test_any_json_is_an_answer_or_a_model_error(body: Any) -> None:
    try:
        sure = first_token(parsed(json.dumps(body))).yes
    except ModelError as error:
        assert error.code == "broken"
    else:
        assert sure is None or (0 <= sure <= 1 and not math.isnan(sure))


@given(JSON)
def test_our_own_server_understands_a_request_or_says_what_is_wrong(body: Any) -> None:
    try:
        assert isinstance(parse_chat(json.dumps(body).encode(), ""), ChatRequest)
    except BadRequest as error:
        assert error.body()["error"]["message"]


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe", b"[" * 100_000, b'{"messages": [{"role": [], "content": "x"}]}'])
def test_our_own_server_refuses_garbage_in_words(raw: bytes) -> None:
    with pytest.raises(BadRequest):
        parse_chat(raw, "")


@pytest.mark.parametrize(
    "act",
    [
        says(line({"error": {"code": "timeout", "message": "Longer than its timeout."}})),
        says(b'{"error": {"code": "timeout"}}', "504 Late", "application/json"),
    ],
)
async def test_the_servers_own_deadline_is_a_timeout(act: Act) -> None:
    error = await error_of(act)
    assert (error.code, error.retryable, error.hangs) == ("timeout", True, False)


# --- the breaker ---


class TestBreaker:
    @pytest.mark.usefixtures("no_patience")
    async def test_a_server_that_hangs_is_not_asked_again(self, settings: Any) -> None:
        async with running(hangs) as server:
            settings.LLM_BASE_URL, settings.LLM_EMBEDDED = server.url, False
            with pytest.raises(ModelError, match="in time"):
                await answer(server.url)
            before = server.connections
            for _ in range(20):
                with pytest.raises(ModelError, match="Drafts wait until it does") as caught:
                    await answer(server.url)
            assert (caught.value.code, caught.value.retryable) == ("resting", True)
            assert caught.value.retry_after and caught.value.retry_after <= breaker.FIRST_PAUSE
            found = await asyncio.to_thread(llm.health)
            assert (found.code, found.ready) == ("down", False) and "Copydesk tries again in" in found.text
            assert server.connections == before and server.asked == 1

    @pytest.mark.usefixtures("no_patience")
    async def test_one_slow_answer_of_a_living_server_does_not_open_it(self) -> None:
        async with running(hangs, says(b"{}", kind="application/json")) as server:
            with pytest.raises(ModelError, match="in time"):
                await answer(server.url)
            assert breaker.of(server.url).resting == 0

    @pytest.mark.parametrize("act", [resets, says(b"", "500 Oops"), says(event("Hi")), says(b"x")])
    async def test_three_failures_in_a_row_open_it(self, act: Act) -> None:
        async with running(act) as server:
            for _ in range(10):
                with pytest.raises(ModelError):
                    await answer(server.url)
            assert server.asked == breaker.FAILURES

    async def test_a_server_that_has_too_much_to_do_says_when_and_does_not_open_it(self) -> None:
        full = b'{"error": {"code": "queue_full", "message": "Too many requests are waiting."}}'
        async with running(says(full, "429 Full", "application/json", "Retry-After: 7\r\n")) as server:
            for _ in range(2 * breaker.FAILURES):
                with pytest.raises(ModelError, match="Too many") as caught:
                    await answer(server.url)
                assert (caught.value.code, caught.value.retryable, caught.value.retry_after) == ("busy", True, 7)
            assert server.asked == 2 * breaker.FAILURES

    async def test_a_server_that_is_away_is_left_alone_too(self) -> None:
        async with running(hangs) as server:
            url = server.url
        for expected in ["unavailable"] * breaker.FAILURES + ["resting"]:
            with pytest.raises(ModelError) as caught:
                await answer(url)
            assert caught.value.code == expected

    async def test_an_answer_between_counts_anew(self) -> None:
        broken = [True, True, False, True, True, False]

        async def act(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await says(event("Hi") + (b"" if broken.pop(0) else DONE))(reader, writer)

        async with running(act) as server:
            for failing in list(broken):
                if failing:
                    with pytest.raises(ModelError):
                        await answer(server.url)
                else:
                    assert await answer(server.url) == "Hi"
            assert breaker.of(server.url).resting == 0

    async def test_a_refused_request_says_nothing_against_the_server(self) -> None:
        async with running(says(b"{}", "401 Key")) as server:
            for _ in range(5):
                with pytest.raises(ModelError, match="refused"):
                    await answer(server.url)
            assert server.asked == 5

    async def test_after_the_pause_one_request_goes_ahead_and_an_answer_closes_it(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        go_on = asyncio.Event()

        async def act(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await go_on.wait()
            await says(event("Hi") + DONE)(reader, writer)

        async with running(act) as server:
            watched = breaker.of(server.url)
            monkeypatch.setattr(breaker, "FIRST_PAUSE", 0.0)
            watched.__init__()  # type: ignore[misc]
            watched.failed(hangs=True)
            probe = asyncio.create_task(answer(server.url))
            await server.was_asked.wait()
            with pytest.raises(ModelError, match="Drafts wait until it does"):
                await answer(server.url)
            go_on.set()
            assert await probe == "Hi"
            assert await answer(server.url) == "Hi"

    def test_each_failed_probe_doubles_the_pause_up_to_a_limit(self) -> None:
        watched, pauses = breaker.Breaker(), []
        for turn in range(8):
            watched.failed(hangs=True, probe=turn > 0)
            pauses.append(round(watched.resting))
        assert pauses == [15, 30, 60, 120, 240, 240, 240, 240]
        watched.answered()
        assert watched.resting == 0

    def test_what_was_under_way_when_it_opened_does_not_lengthen_the_pause(self) -> None:
        watched = breaker.Breaker()
        for _ in range(4):
            watched.failed(hangs=True)
        assert round(watched.resting) == breaker.FIRST_PAUSE

    async def test_a_stopped_draft_does_not_count_against_the_server(self, settings: Any) -> None:
        settings.LLM_TIMEOUT = 30
        async with running(hangs) as server:
            stopped = asyncio.create_task(answer(server.url))
            await server.was_asked.wait()
            stopped.cancel()
            with pytest.raises(asyncio.CancelledError):
                await stopped
            assert breaker.of(server.url).resting == 0

    async def test_who_reads_only_the_beginning_has_been_answered(self) -> None:
        async with running(repeats(event("Hi "), 0.01)) as server:
            breaker.of(server.url).failed()
            breaker.of(server.url).failed()
            source = HttpModel(server.url).stream(ASKED, Sampling(), "interactive")
            assert (await anext(source)).text == "Hi "
            await source.aclose()  # type: ignore[attr-defined]
            breaker.of(server.url).failed()
            assert breaker.of(server.url).resting == 0


# --- health ---


@pytest.mark.parametrize("embedded", [True, False])
@pytest.mark.parametrize(
    "act",
    [
        says(b"[]", kind="application/json"),
        says(b"7", kind="application/json"),
        says(b"<html>"),
        says(b'{"data": 7, "status": []}'),
        says(b'{"data": ["x"]}'),
        says(b'{"data": [{"id": []}], "model": 7}'),
        says(b"x" * 400_000),
        repeats(b" ", 0.05),
        resets,
        hangs,
    ],
)
async def test_health_never_raises_and_never_waits(act: Act, embedded: bool, settings: Any) -> None:
    async with running(hangs, act) as server:
        settings.LLM_BASE_URL, settings.LLM_EMBEDDED = server.url, embedded
        began = time.monotonic()
        found = await asyncio.to_thread(llm.health, 0.4)
        assert time.monotonic() - began < 15  # less than anything else waits; the server never ends by itself
        assert found.code in {"down", "ready"} and found.text


# --- what the desk says ---


@pytest.mark.usefixtures("no_patience")
@pytest.mark.django_db
def test_a_draft_that_met_a_hanging_model_may_be_tried_again_and_the_desk_says_why(
    ticket: Ticket, searched: list[str], settings: Any
) -> None:
    async def write(draft_id: int) -> None:
        async with running(hangs) as server:
            settings.LLM_BASE_URL, settings.LLM_EMBEDDED = server.url, False
            await writing.write(draft_id, HttpModel(), "background")

    draft, _ = states.request_draft(ticket, ticket.messages.get(), Draft.Origin.ARRIVAL)
    async_to_sync(write)(draft.pk)
    draft.refresh_from_db()
    assert (draft.state, draft.retryable) == (Draft.State.FAILED, True)
    assert "5 business days" in draft.text  # what the source says needs no model
    notice = snapshot.snapshot(ticket)["notice"]
    assert notice["code"] == "model_down" and "does not answer" in notice["text"]
