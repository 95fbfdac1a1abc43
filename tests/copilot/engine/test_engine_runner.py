"""The decode thread with Parrot, a fake model that computes only when a test allows it."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from copilot.engine.batching import MemoryOp, Work
from copilot.engine.errors import ContextTooLong, EngineError, LoadFailed, NoModel, Overloaded, Stopping
from copilot.engine.jobs import Done, Event, Failed, Job, Text
from copilot.engine.requests import Sampling
from copilot.engine.runner import Engine
from copilot.engine.settings import EngineSettings
from tests.waiting import wait_until


class Parrot:
    """A model that says `line` after every prompt, letter by letter, and computes only when a test allows it."""

    def __init__(self, line: str = "Polly wants a cracker.", size: int = 200) -> None:
        self.line, self.size, self.longest = line.encode() + b"\0", size, size
        self.steps: list[list[Work]] = []
        self.refuse, self.fail, self.closed = 0, False, 0
        self.may_step = threading.Semaphore(0)
        self.free = False

    def let(self, steps: int) -> None:
        for _ in range(steps):
            self.may_step.release()

    def render(self, messages: list[dict[str, str]]) -> str:
        return "".join(message["content"] for message in messages)

    def tokenize(self, text: str, markup: bool) -> list[int]:
        return list(text.encode())

    def piece(self, token: int) -> bytes:
        return bytes([token])

    def is_end(self, token: int) -> bool:
        return token == 0

    def apply(self, ops: Sequence[MemoryOp]) -> None:
        pass

    def decode(self, work: Sequence[Work]) -> bool:
        if not self.free:
            self.may_step.acquire(timeout=10)
        if self.refuse:
            self.refuse -= 1
            return False
        if self.fail:
            self.fail = False
            raise RuntimeError("the parrot is dead")
        self.steps.append(list(work))
        return True

    def sampler(self, sampling: Sampling) -> "Beak":
        return Beak(self)

    def close(self) -> None:
        self.free = True


class Beak:
    def __init__(self, parrot: Parrot) -> None:
        self.parrot, self.said = parrot, 0

    def sample(self, index: int) -> int:
        self.said += 1
        return self.parrot.line[self.said - 1]

    def logprobs(self, index: int, chosen: int, count: int) -> list[tuple[int, float]]:
        return [(chosen, 0.0)]

    def close(self) -> None:
        self.parrot.closed += 1


@pytest.fixture
def parrot() -> Parrot:
    return Parrot()


@pytest.fixture
def engine(parrot: Parrot) -> Iterator[Engine]:
    engine = Engine(EngineSettings(Path("cage"), "parrot", slots=2, max_queue=5), load=lambda _: parrot)
    engine.start().result(timeout=5)
    yield engine
    parrot.free = True
    parrot.let(1)
    engine.stop()


Ask = Callable[..., tuple[Job, "Queue[Event]"]]


@pytest.fixture
def ask(engine: Engine, parrot: Parrot) -> Ask:
    def ask(prompt: str = "hello", **options: Any) -> tuple[Job, "Queue[Event]"]:
        events: Queue[Event] = Queue()
        sampler = parrot.sampler(Sampling())
        return engine.submit(list(prompt.encode()), sampler, events.put, **options), events

    return ask


def drain(events: "Queue[Event]") -> tuple[str, Event]:
    text = ""
    while isinstance(event := events.get(timeout=5), Text):
        text += event.text
    return text, event


def test_a_whole_answer(parrot: Parrot, ask: Ask):
    parrot.free = True
    parrot.let(1)
    text, last = drain(ask()[1])
    assert text == "Polly wants a cracker."
    assert last == Done("stop", prompt_tokens=5, cached_tokens=0, completion_tokens=23)
    assert parrot.closed == 1


def test_length_and_stop_string(parrot: Parrot, ask: Ask):
    parrot.free = True
    parrot.let(1)
    assert drain(ask(max_tokens=5)[1]) == ("Polly", Done("length", 5, 0, 5))
    text, last = drain(ask(stops=["ts a"])[1])
    assert text == "Polly wan" and last.reason == "stop"


def test_cancelling_ends_at_the_next_step(parrot: Parrot, ask: Ask):
    job, events = ask()
    parrot.let(3)
    assert [events.get(timeout=5) for _ in range(3)] == [Text("P"), Text("o"), Text("l")]
    job.cancel()
    parrot.let(1)  # the step that may be under way
    _, last = drain(events)
    assert last.reason == "cancelled" and last.completion_tokens <= 4


def test_cancelling_someone_who_waits(parrot: Parrot, ask: Ask):
    ask("abc")
    waiting, events = ask("def")
    waiting.cancel()
    parrot.let(2)
    assert drain(events) == ("", Done("cancelled", 3, 0, 0))


def test_interactive_goes_before_background(parrot: Parrot, engine: Engine, ask: Ask):
    background, later = ask("background", priority="background")
    parrot.let(2)
    later.get(timeout=5)
    person, events = ask("person")
    parrot.free = True
    parrot.let(1)
    drain(events)
    drain(later)
    order = [item.sequence.priority for step in parrot.steps for item in step]
    first, last = order.index("interactive"), len(order) - order[::-1].index("interactive")
    assert set(order[first:last]) == {"interactive"}


def test_a_full_cache_is_made_room_in(parrot: Parrot, engine: Engine, ask: Ask):
    parrot.free = True
    parrot.let(1)
    drain(ask("something to forget")[1])
    parrot.refuse = 1
    assert drain(ask("xyz")[1])[0] == "Polly wants a cracker."
    assert sum(bool(slot.tokens) for slot in engine.scheduler.slots) == 1


def test_a_failure_ends_those_who_were_active_and_no_others(parrot: Parrot, ask: Ask):
    _, unlucky = ask()
    parrot.fail = True
    parrot.let(1)
    _, last = drain(unlucky)
    assert isinstance(last, Failed) and "the parrot is dead" in str(last.error)
    parrot.free = True
    parrot.let(1)
    assert drain(ask()[1])[0] == "Polly wants a cracker."
    assert parrot.closed == 2


def test_too_many_are_turned_away(ask: Ask, parrot: Parrot, engine: Engine):
    for _ in range(5):
        ask()
    parrot.let(1)
    wait_until(lambda: engine.scheduler.queued + len(engine.scheduler.active) == 5)
    with pytest.raises(Overloaded):
        ask()


def test_too_long_is_said_at_once(ask: Ask):
    with pytest.raises(ContextTooLong):
        ask("x" * 200)


def test_stopping_fails_the_unfinished(engine: Engine, parrot: Parrot, ask: Ask):
    _, events = ask()
    parrot.let(1)
    events.get(timeout=5)
    parrot.free = True
    threading.Thread(target=engine.stop).start()
    parrot.let(1)
    last = drain(events)[1]
    assert isinstance(last, Done) or isinstance(last.error, Stopping)
    with pytest.raises(Stopping):
        ask()


def test_health_counts_the_busy_and_the_waiting(engine: Engine, parrot: Parrot, ask: Ask):
    for prompt in ("abc", "def", "ghi"):
        ask(prompt, max_tokens=20)
    parrot.let(1)
    wait_until(lambda: engine.health()["busy"] == 2)
    health = engine.health()
    assert (health["status"], health["queued"], health["slots"], health["context"]) == ("ok", 1, 2, 200)


def test_health_answers_while_the_model_is_loading(parrot: Parrot):
    loaded = threading.Event()
    engine = Engine(EngineSettings(Path("cage"), "parrot"), load=lambda _: loaded.wait(5) and parrot)
    ready = engine.start()
    assert engine.health()["status"] == "loading"
    assert engine.start() is ready
    loaded.set()
    ready.result(timeout=5)
    assert engine.health()["status"] == "ok"
    engine.stop()


def test_a_failed_load_may_be_tried_again(parrot: Parrot, tmp_path: Path):
    attempts: list[EngineError] = [LoadFailed("broken file"), NoModel("no file")]

    def load(_: EngineSettings) -> Parrot:
        if attempts:
            raise attempts.pop(0)
        return parrot

    engine = Engine(EngineSettings(tmp_path, "parrot"), load=load)
    with pytest.raises(LoadFailed):
        engine.start().result(timeout=5)
    assert engine.health()["status"] == "error"
    with pytest.raises(NoModel):
        engine.start().result(timeout=5)
    assert engine.health()["status"] == "no_model"
    engine.start().result(timeout=5)
    assert engine.health()["status"] == "ok"
    engine.stop()


@pytest.mark.parametrize(("cores", "threads"), [(1, (1, 1)), (2, (2, 2)), (32, (8, 32))])
def test_threads_follow_the_cores(monkeypatch: pytest.MonkeyPatch, cores: int, threads: tuple[int, int]):
    monkeypatch.setattr("copilot.engine.settings.cores", lambda: cores)
    settings = EngineSettings(Path("x"), "x")
    assert (settings.decode_threads, settings.prefill_threads) == threads
    assert EngineSettings(Path("x"), "x", threads=5, batch_threads=6).decode_threads == 5


async def test_a_client_that_leaves_before_the_answer_begins_costs_nothing(parrot: Parrot, engine: Engine):
    """Its connection is there when it asks and gone when the first byte is to be sent."""
    from copilot.engine.server import build_app

    body = b'{"messages":[{"role":"user","content":"hello"}],"stream":true,"max_tokens":20}'
    incoming = [{"type": "http.request", "body": body}, {"type": "http.disconnect"}]

    async def receive() -> Any:
        return incoming.pop(0)

    async def send(_: Any) -> None:
        await asyncio.Event().wait()

    scope = {"type": "http", "method": "POST", "path": "/v1/chat/completions", "query_string": b""}
    scope |= {"headers": [(b"content-type", b"application/json")], "asgi": {"spec_version": "2.3"}}
    await build_app(engine)(scope, receive, send)
    parrot.let(2)
    wait_until(lambda: parrot.closed == 1)
    assert not engine.scheduler.active and len(parrot.steps) < 20
