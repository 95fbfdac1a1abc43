"""The decode thread with Parrot, a fake model that computes only when a test allows it."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from copilot.engine.errors import ContextTooLong, EngineError, LoadFailed, NoModel, Overloaded, Stopping, TimedOut
from copilot.engine.guessing import Costs
from copilot.engine.jobs import Done, Event, Failed, Job, Text
from copilot.engine.requests import Sampling
from copilot.engine.runner import Engine
from copilot.engine.sequences import BACKGROUND, INTERACTIVE, MemoryOp, Work
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

    def spellings(self, word: str) -> list[int]:
        return list(word.encode()[:1])

    def likeliest(self, index: int) -> int:
        return self.line[0]

    def logprobs(self, index: int, words: Sequence[Sequence[int]]) -> list[float]:
        return [0.0 if self.line[0] in word else -5.0 for word in words]

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
def engine(parrot: Parrot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """It learns nothing from the time that steps take: on a busy machine that would decide whether it guesses."""
    monkeypatch.setattr(Costs, "step", lambda costs, tokens, seconds: None)
    engine = Engine(EngineSettings(Path("cage"), "parrot", slots=2, max_queue=5), load=lambda _: parrot)
    engine.start().result(timeout=60)
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
        return engine.write(list(prompt.encode()), sampler, events.put, **options), events

    return ask


def drain(events: "Queue[Event]") -> tuple[str, Event]:
    text = ""
    while isinstance(event := events.get(timeout=60), Text):
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
    assert [events.get(timeout=60) for _ in range(3)] == [Text("P"), Text("o"), Text("l")]
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
    background, later = ask("background", priority=BACKGROUND)
    parrot.let(2)
    later.get(timeout=60)
    person, events = ask("person")
    parrot.free = True
    parrot.let(1)
    drain(events)
    drain(later)
    order = [item.sequence.priority for step in parrot.steps for item in step]
    first, last = order.index(INTERACTIVE), len(order) - order[::-1].index(INTERACTIVE)
    assert set(order[first:last]) == {INTERACTIVE}


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


def test_too_many_are_turned_away_and_told_when_to_come_again(ask: Ask, parrot: Parrot, engine: Engine):
    for _ in range(5):
        ask()
    with pytest.raises(Overloaded) as refused:
        ask()
    assert refused.value.retry_after == 1  # nobody knows yet
    engine.metrics.pace.seconds = 7.3  # from one end to the next
    with pytest.raises(Overloaded) as refused:
        ask()
    assert refused.value.retry_after == 8


def test_the_background_takes_nobody_elses_place(ask: Ask, parrot: Parrot):
    for _ in range(5):
        ask(priority=BACKGROUND)
    ask()
    with pytest.raises(Overloaded):
        ask(priority=BACKGROUND + 1)


def test_within_a_priority_the_lower_number_is_sooner(ask: Ask, parrot: Parrot):
    _, first = ask("first")
    parrot.let(1)
    first.get(timeout=60)
    asked = [ask(str(number), priority=priority)[1] for number, priority in enumerate((0, 0, -1))]
    parrot.free = True
    parrot.let(1)
    for events in asked:
        drain(events)
    order = dict.fromkeys(bytes(item.sequence.prompt) for step in parrot.steps for item in step)
    assert list(order) == [b"first", b"2", b"0", b"1"]


def test_too_long_is_said_at_once(ask: Ask):
    with pytest.raises(ContextTooLong):
        ask("x" * 200)


def test_stopping_fails_the_unfinished(engine: Engine, parrot: Parrot, ask: Ask):
    _, events = ask()
    parrot.let(1)
    events.get(timeout=60)
    parrot.free = True
    threading.Thread(target=engine.stop).start()
    parrot.let(1)
    last = drain(events)[1]
    assert isinstance(last, Done) or isinstance(last.error, Stopping)
    with pytest.raises(Stopping):
        ask()


def test_quoting_takes_fewer_steps_and_says_the_same(parrot: Parrot, engine: Engine, ask: Ask):
    parrot.free = True
    parrot.let(1)
    text, last = drain(ask("He says: Polly wants a cracker.")[1])
    assert text == "Polly wants a cracker." and last == Done("stop", 31, 0, 23)
    assert len(parrot.steps) < 12
    assert engine.metrics.guessed >= engine.metrics.right > 11


def test_wrong_guesses_are_forgotten(parrot: Parrot, engine: Engine, ask: Ask):
    parrot.free = True
    parrot.let(1)
    assert drain(ask("Polly wanders. Polly wants no cracker, but a crab.")[1])[0] == "Polly wants a cracker."
    assert engine.metrics.guessed > engine.metrics.right
    assert any(bytes(slot.tokens).endswith(b"crab.Polly wants a cracker.") for slot in engine.scheduler.slots)


def test_a_guess_never_goes_past_the_end(parrot: Parrot, ask: Ask):
    parrot.free = True
    parrot.let(1)
    prompt = "Polly wants a cracker. Polly wants a cracker."
    assert drain(ask(prompt, max_tokens=9)[1]) == ("Polly wan", Done("length", 45, 0, 9))
    text, last = drain(ask(prompt, stops=["ts a"])[1])
    assert (text, last.reason, last.completion_tokens) == ("Polly wan", "stop", 13)


def questions(engine: Engine, prompts: Sequence[str], **options: Any) -> "Queue[tuple[int, Event]]":
    events: Queue[tuple[int, Event]] = Queue()
    words = [list(word.encode()) for word in ("P", "N")]
    engine.ask([list(prompt.encode()) for prompt in prompts], words, lambda at, e: events.put((at, e)), **options)
    return events


PREFIX = "Is this true of parrots, yes or no? "


def test_questions_share_their_beginning_and_are_answered_in_one_step(parrot: Parrot, engine: Engine):
    parrot.free = True
    parrot.let(1)
    events = questions(engine, [PREFIX + claim for claim in ("They talk", "They swim", "They fly", "They bark")])
    answered = dict(events.get(timeout=60) for _ in range(4))
    assert all(answer.token == "P" and answer.logprobs == (0.0, -5.0) for answer in answered.values())
    assert [answered[at].cached_tokens for at in range(4)] == [0, *[len(PREFIX) + len("They ")] * 3]
    assert [len(step) for step in parrot.steps] == [1, 3]
    assert parrot.steps[-1][0].count == len("swim")


def test_questions_do_not_wait_for_those_who_write(parrot: Parrot, engine: Engine, ask: Ask):
    for number in range(4):  # two slots
        ask(f"{number} writes", max_tokens=20)
    events = questions(engine, ["true?"])
    parrot.let(3)
    assert events.get(timeout=60)[1].token == "P"
    assert engine.queued == 2


def test_a_long_prompt_does_not_stop_those_who_write(parrot: Parrot, engine: Engine, ask: Ask):
    _, writing = ask("a", max_tokens=23)
    parrot.let(2)
    drained = [writing.get(timeout=60), writing.get(timeout=60)]
    _, reading = ask("x" * 150, max_tokens=5)
    parrot.free = True
    parrot.let(1)
    while isinstance(drained[-1], Text):
        drained.append(writing.get(timeout=60))
    drain(reading)
    during = [step for step in parrot.steps if any(item.count > 1 and item.sequence.prompt[0] == 120 for item in step)]
    assert len(during) >= 4 and all(len(step) == 2 for step in during)


def test_whoever_takes_too_long_ends_at_the_next_step(parrot: Parrot, engine: Engine, ask: Ask):
    job, events = ask()
    parrot.let(3)
    assert [events.get(timeout=60) for _ in range(2)] == [Text("P"), Text("o")]
    job.end = 0  # it is over now
    parrot.let(2)
    _, last = drain(events)
    assert isinstance(last, Failed) and isinstance(last.error, TimedOut) and parrot.closed == 1
    assert not engine.scheduler.active and len(parrot.steps) <= 5


def test_whoever_waits_too_long_ends_too(parrot: Parrot, ask: Ask):
    ask("one")
    ask("two")
    _, waiting = ask("three", timeout=1e-9)
    parrot.let(1)
    assert isinstance(drain(waiting)[1].error, TimedOut)


def test_how_prompts_begin_is_read_ahead(parrot: Parrot):
    parrot.free = True
    parrot.let(1)
    prefix = [{"role": "system", "content": PREFIX}]
    engine = Engine(EngineSettings(Path("cage"), "parrot"), load=lambda _: parrot, prefixes=[prefix])
    engine.start().result(timeout=60)
    wait_until(lambda: engine.metrics.requests["answered"] == 1)
    assert questions(engine, [PREFIX + "They talk"]).get(timeout=60)[1].cached_tokens == len(PREFIX)
    engine.stop()


def test_metrics_count(parrot: Parrot, engine: Engine, ask: Ask):
    parrot.free = True
    parrot.let(1)
    drain(ask("hello", max_tokens=5)[1])
    questions(engine, ["hello you"]).get(timeout=60)
    for _ in range(2):
        with pytest.raises(Overloaded):
            questions(engine, ["x"] * 6)
    said = engine.metrics.text(engine.busy, engine.queued)
    for line in (
        'copydesk_model_requests_total{outcome="length"} 1',
        'copydesk_model_requests_total{outcome="answered"} 1',
        'copydesk_model_requests_total{outcome="queue_full"} 12',
        "copydesk_model_prompt_tokens_total 14",
        "copydesk_model_cached_tokens_total 5",
        "copydesk_model_written_tokens_total 5",
        f"copydesk_model_step_seconds_count {len(parrot.steps)}",
    ):
        assert line in said.splitlines()


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
    ready.result(timeout=60)
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
        engine.start().result(timeout=60)
    assert engine.health()["status"] == "error"
    with pytest.raises(NoModel):
        engine.start().result(timeout=60)
    assert engine.health()["status"] == "no_model"
    engine.start().result(timeout=60)
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
