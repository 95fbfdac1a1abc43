"""The scheduler: what is decoded next, in which slot, sharing what. No model, no threads."""

import random
from collections.abc import Sequence

import pytest

from copilot.engine.batching import Scheduler, longest_step
from copilot.engine.guessing import Guesser
from copilot.engine.sequences import BACKGROUND, INTERACTIVE, Copy, MemoryOp, Truncate, Work
from copilot.engine.sequences import Sequence as Writing

PREFIX = list(range(1000, 1100))


def sequence(tail: Sequence[int] = (1, 2, 3), priority: int = INTERACTIVE, max_tokens: int = 10) -> Writing:
    return Writing([*PREFIX, *tail], max_tokens, priority)


def run_scheduler(scheduler: Scheduler, steps: int = 1) -> list[list[Work]]:
    """What a decode thread does, with tokens that come from nowhere."""
    done = []
    for _ in range(steps):
        scheduler.admit()
        work = scheduler.plan()
        finishing = [item.sequence for item in work if item.samples]
        done.append(work)
        scheduler.decoded(work)
        for sequence in finishing:
            sequence.tokens.append(7)
            if sequence.written >= sequence.max_tokens:
                scheduler.remove(sequence)
    return done


def test_prompts_are_read_in_chunks_and_answers_one_token_each():
    scheduler = Scheduler(1000, 2, chunk=64)
    scheduler.add(sequence())
    assert [work[0].count for work in run_scheduler(scheduler, 4)] == [64, 39, 1, 1]


def test_a_short_rest_is_read_along():
    scheduler = Scheduler(1000, 2, chunk=64)
    scheduler.add(Writing(list(range(96)), 5))
    assert run_scheduler(scheduler)[0][0].count == 96
    scheduler.add(Writing(list(range(500, 597)), 5))
    assert [item.count for item in run_scheduler(scheduler)[0]] == [1, 32]


def test_a_second_prompt_shares_the_beginning():
    scheduler = Scheduler(1000, 4)
    first, second = sequence(), sequence((4, 5))
    scheduler.add(first)
    run_scheduler(scheduler, 3)
    scheduler.add(second)
    ops = scheduler.admit()
    assert Copy(first.slot.number, second.slot.number, 100) in ops
    assert (second.done, second.cached) == (100, 100)


def test_a_prompt_waits_for_a_beginning_that_is_being_computed():
    scheduler = Scheduler(1000, 4, chunk=64)
    first, second = sequence(), sequence((4, 5))
    scheduler.add(first)
    scheduler.add(second)
    run_scheduler(scheduler, 2)
    assert second.slot is None
    scheduler.admit()
    assert second.slot is not None and second.cached == 100


def test_a_prompt_that_shares_nothing_does_not_wait():
    scheduler = Scheduler(1000, 4)
    scheduler.add(sequence())
    scheduler.add(Writing([1, 2, 3], 5))
    scheduler.admit()
    assert len(scheduler.active) == 2


def test_the_same_prompt_again_is_read_but_for_its_last_token():
    scheduler = Scheduler(1000, 2)
    scheduler.add(sequence(max_tokens=2))
    run_scheduler(scheduler, 5)
    assert not scheduler.active
    again = sequence()
    scheduler.add(again)
    ops = scheduler.admit()
    assert again.cached == 102
    assert ops[-1] == Truncate(again.slot.number, 102)


def test_a_shared_beginning_outlives_the_slots():
    scheduler = Scheduler(100_000, 2)
    for tail in range(3):
        scheduler.add(sequence((tail,)))
    run_scheduler(scheduler, 60)
    for number in range(30):
        scheduler.add(Writing([number * 10 + k for k in range(50)], 3))
    run_scheduler(scheduler, 200)
    assert not any(slot.tokens[:100] == PREFIX for slot in scheduler.slots)
    late = sequence((77,))
    scheduler.add(late)
    scheduler.admit()
    assert late.cached == 100


def test_background_pauses_while_anything_interactive_is_active():
    scheduler = Scheduler(1000, 2)
    background, person = sequence(priority=BACKGROUND), Writing([5, 6], 3)
    scheduler.add(background)
    run_scheduler(scheduler, 6)
    scheduler.add(person)
    during = [item.sequence for work in run_scheduler(scheduler, 3) for item in work]
    assert set(during) == {person}
    assert run_scheduler(scheduler)[0][0].sequence is background


def test_background_is_not_admitted_before_interactive():
    scheduler = Scheduler(1000, 1)
    scheduler.add(Writing([1], 1, BACKGROUND))
    scheduler.add(Writing([2], 1))
    scheduler.admit()
    assert [one.priority for one in scheduler.active] == [INTERACTIVE]


def test_background_never_takes_the_slots_of_interactive_requests():
    scheduler = Scheduler(10_000, 2)
    for number in range(5):
        scheduler.add(Writing([number, 1], 50, BACKGROUND))
    run_scheduler(scheduler, 3)
    scheduler.add(Writing([99, 1], 5))
    scheduler.admit()
    assert len(scheduler.of(background=True)) == 2 and len(scheduler.of(background=False)) == 1


def test_background_makes_room_and_continues_later():
    scheduler = Scheduler(200, 2)
    background, person = sequence(priority=BACKGROUND, max_tokens=20), Writing([5] * 100, 50)
    scheduler.add(background)
    run_scheduler(scheduler, 10)
    before = list(background.tokens)
    scheduler.add(person)
    scheduler.admit()
    assert scheduler.active == [person] and len(scheduler.waiting) == 1
    run_scheduler(scheduler, 90)
    assert background.tokens[: len(before)] == before
    assert background.written == 20


def test_background_is_not_interrupted_when_its_room_would_not_be_enough():
    scheduler = Scheduler(200, 2)
    first, background = Writing([5] * 100, 50), Writing([6], 20, BACKGROUND)
    scheduler.add(background)
    scheduler.admit()
    scheduler.add(first)
    scheduler.admit()
    scheduler.add(Writing([7] * 100, 50))
    scheduler.admit()
    assert set(scheduler.active) == {first, background}


def test_who_does_not_fit_waits_and_nobody_overtakes():
    scheduler = Scheduler(200, 4)
    big, bigger, small = Writing([1] * 90, 50), Writing([2] * 100, 50), Writing([3], 1)
    for one in (big, bigger, small):
        scheduler.add(one)
    scheduler.admit()
    assert scheduler.active == [big]


def test_eviction_forgets_the_idle_and_never_the_active():
    scheduler = Scheduler(1000, 2)
    scheduler.add(sequence(max_tokens=1))
    run_scheduler(scheduler, 4)
    active = Writing([1, 2, 3], 5)
    scheduler.add(active)
    run_scheduler(scheduler, 2)
    assert scheduler.evict() == Truncate(0, 0)
    assert scheduler.evict() is None
    assert active.slot.tokens


class Cells:
    """A fake unified cache: carries out the scheduler's operations and checks that they make sense."""

    def __init__(self, size: int) -> None:
        self.size, self.held = size, {}

    def apply(self, ops: Sequence[MemoryOp]) -> None:
        for op in ops:
            if isinstance(op, Copy):
                assert len(self.held.get(op.source, ())) >= op.length and not self.held.get(op.target)
                self.held[op.target] = self.held[op.source][: op.length]
            else:
                assert op.length <= len(self.held.get(op.target, ()))
                self.held[op.target] = self.held.get(op.target, ())[: op.length]

    def decode(self, work: Sequence[Work]) -> None:
        for item in work:
            one = item.sequence
            held = self.held.get(one.slot.number, ())
            assert held == tuple(one.tokens[: one.done]), "the cache holds other tokens than the scheduler believes"
            self.held[one.slot.number] = held + tuple(item.tokens)


def says(rng: random.Random, item: Work) -> list[int]:
    """A model that often repeats itself: the guessed tokens up to the first that it does not choose, and another."""
    right = next((at for at in range(len(item.guess)) if rng.random() < 0.3), len(item.guess))
    return [*item.guess[:right], rng.randrange(50)]


@pytest.mark.parametrize("seed", range(25))
def test_whatever_comes_the_cache_is_what_the_scheduler_expects_and_everybody_finishes(seed: int):
    rng = random.Random(seed)
    scheduler, cells = Scheduler(400, rng.choice([1, 2, 4]), chunk=16, shared_chunk=8), Cells(400)
    heads = [[rng.randrange(50) for _ in range(rng.randrange(0, 90))] for _ in range(3)]
    todo = [
        Writing(
            rng.choice(heads) + [rng.randrange(50) for _ in range(rng.randint(1, 60))],
            rng.choice([0, rng.randint(1, 30)]),
            rng.choice([INTERACTIVE, BACKGROUND, BACKGROUND + 1]),
            rng.choice([None, Guesser()]),
        )
        for _ in range(40)
    ]
    left = set(todo)
    for _ in range(20_000):
        if todo and rng.random() < 0.2:
            scheduler.add(todo.pop())
        if not todo and not scheduler.active and not scheduler.waiting:
            break
        cells.apply(scheduler.admit())
        work = scheduler.plan()
        assert work or not (scheduler.active or scheduler.waiting), "there is something to do, but nobody may do it"
        assert sum(item.size for item in work) <= longest_step(scheduler.writers, 16), "a step that no batch can hold"
        cells.decode(work)
        samples = [item for item in work if item.samples]
        scheduler.decoded(work)
        for item in samples:
            one, chosen = item.sequence, says(rng, item)
            cells.apply(scheduler.settle(item, len(chosen) - 1))
            assert one.reserve >= len(one.tokens) + len(item.guess), "more cells than were reserved"
            one.tokens += chosen if one.max_tokens else []
            if one.written >= one.max_tokens or rng.random() < 0.02:
                scheduler.remove(one)
                left.discard(one)
        if rng.random() < 0.05 and (op := scheduler.evict()):
            cells.apply([op])
    assert not left
