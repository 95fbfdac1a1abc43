"""Which tokens are guessed, and how many: pure. And that no text changes through it, whoever else is being written."""

import random
from collections.abc import Sequence
from queue import SimpleQueue
from typing import Any

import pytest

from copilot.engine.batching import Scheduler
from copilot.engine.decoding import Decoder
from copilot.engine.guessing import MOST, SIZES, Costs, Guesser
from copilot.engine.jobs import Writing
from copilot.engine.metrics import Metrics
from copilot.engine.sequences import BACKGROUND, INTERACTIVE, Copy, MemoryOp, Work
from copilot.engine.sequences import Sequence as Tokens
from copilot.engine.tokens import TextStream


def known(small: float, large: float) -> Costs:
    costs = Costs()
    costs.step(1, small)
    costs.step(61, large)
    return costs


CPU = known(0.1, 0.8)  # one token more costs an eighth of a step
GPU = known(0.01, 0.012)


def test_what_followed_the_same_tokens_last_time_is_guessed():
    guesser = Guesser()
    assert guesser.guess([1, 2, 3, 4, 5, 9, 1, 2, 3]) == (4, 5, 9, 1, 2, 3)
    assert guesser.guess([1, 2, 3, 4, 5, 9, 1, 2, 3, 7]) == ()


def test_the_longest_match_counts_and_then_the_latest():
    guesser = Guesser()
    assert guesser.guess([1, 2, 3, 4, 8, 2, 3, 5, 1, 2, 3])[:1] == (4,)
    assert guesser.guess([1, 2, 3, 4, 8, 2, 3, 5, 1, 2, 3, 6, 2, 3])[:1] == (6,)


def test_a_text_may_repeat_itself():
    assert Guesser().guess([7, 7, 7, 7])[:1] == (7,)
    assert Guesser().guess([1]) == Guesser().guess([]) == ()


def test_guesses_that_were_right_make_more_likely_and_wrong_ones_less():
    guesser, prompt = Guesser(), [1, 2, 3, 4, 5, 6, 1, 2, 3]
    before = guesser.right
    guesser.guess(prompt)
    guesser.learn([4, 5])
    after = guesser.right
    assert after > before
    guesser.guess(prompt)
    guesser.learn([9])
    assert guesser.right < after
    guesser.learn([4])  # nothing was guessed
    assert guesser.right < after


def test_on_a_cpu_a_writer_alone_guesses_much_when_it_is_mostly_right_and_nothing_when_mostly_wrong():
    assert CPU.worth(0.97, 1) == MOST
    assert CPU.worth(0.6, 1) == SIZES[0]
    assert CPU.worth(0.1, 1) == 0


def test_many_together_fill_a_step_without_guesses():
    """Each token costs nearly as much as without the others, so only good guesses pay."""
    assert CPU.worth(0.6, 1) > 0 == CPU.worth(0.6, 16)


@pytest.mark.parametrize("writers", [1, 8, 16])
def test_on_a_gpu_guesses_cost_next_to_nothing(writers: int):
    assert GPU.worth(0.5, writers) > 0


def test_a_machine_that_gains_nothing_from_larger_steps_guesses_nothing():
    assert known(0.1, 6.1).worth(0.9, 1) == 0


class Quoter:
    """A model whose next token depends on all that its cache holds: it quotes, and now and then strays."""

    def __init__(self) -> None:
        self.held: dict[int, list[int]] = {}
        self.said: list[tuple[int, ...]] = []

    def apply(self, ops: Sequence[MemoryOp]) -> None:
        for op in ops:
            source = op.source if isinstance(op, Copy) else op.target
            self.held[op.target] = self.held.get(source, [])[: op.length]

    def decode(self, work: Sequence[Work]) -> bool:
        self.said = []
        for item in work:
            held = self.held.setdefault(item.sequence.slot.number, [])
            for token in item.tokens:
                held.append(token)
                self.said.append(tuple(held))
        return True

    def sample(self, index: int) -> int:
        context = self.said[index]
        before = [at for at in range(1, len(context) - 1) if context[at - 1 : at + 1] == context[-2:]]
        strays = random.Random(hash(context)).random() < 0.1
        return hash(context) % 25 if strays or not before else context[before[-1] + 1]

    def piece(self, token: int) -> bytes:
        return bytes([97 + token])

    def is_end(self, token: int) -> bool:
        return token == 24

    def close(self) -> None: ...


def written(prompts: Sequence[tuple[list[int], int]], *, guess: bool) -> tuple[list[str], Metrics]:
    quoter, metrics, texts = Quoter(), Metrics(), [""] * len(prompts)
    decoder: Any = Decoder(quoter, Scheduler(600, 3, 16, 8), SimpleQueue(), metrics, lambda job: None)
    decoder.scheduler.costs.step(1, 0.1)
    decoder.scheduler.costs.step(61, 0.2)
    for at, (prompt, priority) in enumerate(prompts):

        def hear(event: Any, at: int = at) -> None:
            texts[at] += getattr(event, "text", "")

        sequence = Tokens(prompt, 40, priority, Guesser() if guess else None)
        decoder.inbox.put([Writing(sequence, hear, lambda: None, float("inf"), quoter, TextStream(["zz"]))])
    decoder.step()
    while decoder.jobs:
        decoder.step()
    return texts, metrics


@pytest.mark.parametrize("seed", range(8))
def test_whoever_is_written_at_the_same_time_guesses_change_no_text(seed: int):
    rng = random.Random(seed)
    head = [rng.randrange(24) for _ in range(40)]
    prompts = [
        (head[: rng.randrange(40)] + [rng.randrange(24) for _ in range(rng.randint(1, 60))], priority)
        for priority in (INTERACTIVE, BACKGROUND) * 6
    ]
    texts, plain = written(prompts, guess=False)
    guessed, metrics = written(prompts, guess=True)
    assert guessed == texts and any(texts)
    assert metrics.guessed > metrics.right > 20 and plain.guessed == 0
    assert sum(metrics.steps.values()) < sum(plain.steps.values())
