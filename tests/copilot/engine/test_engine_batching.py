"""The board: who is decoded next, in which slot, sharing what. No model, no threads."""

import random
from collections.abc import Sequence
from typing import Any

import pytest

from copilot.engine.batching import Board, Copy, MemoryOp, Truncate, Work
from copilot.engine.batching import Sequence as Writing

PREFIX = list(range(1000, 1100))


def sequence(tail: Sequence[int] = (1, 2, 3), priority: Any = "interactive", max_tokens: int = 10) -> Writing:
    return Writing([*PREFIX, *tail], max_tokens, priority)


def run_board(board: Board, steps: int = 1) -> list[list[Work]]:
    """What a decode thread does, with tokens that come from nowhere."""
    done = []
    for _ in range(steps):
        board.admit()
        work = board.plan()
        finishing = [item.sequence for item in work if item.samples]
        done.append(work)
        board.decoded(work)
        for sequence in finishing:
            sequence.tokens.append(7)
            if sequence.written >= sequence.max_tokens:
                board.remove(sequence)
    return done


def test_prompts_are_read_in_chunks_and_answers_one_token_each():
    board = Board(1000, 2, chunk=64)
    board.add(sequence())
    assert [work[0].count for work in run_board(board, 4)] == [64, 39, 1, 1]


def test_a_short_rest_is_read_along():
    board = Board(1000, 2, chunk=64)
    board.add(Writing(list(range(96)), 5))
    assert run_board(board)[0][0].count == 96
    board.add(Writing(list(range(500, 597)), 5))
    assert [item.count for item in run_board(board)[0]] == [1, 32]


def test_a_second_prompt_shares_the_beginning():
    board = Board(1000, 4)
    first, second = sequence(), sequence((4, 5))
    board.add(first)
    run_board(board, 3)
    board.add(second)
    ops = board.admit()
    assert Copy(first.slot.number, second.slot.number, 100) in ops
    assert (second.done, second.cached) == (100, 100)


def test_a_prompt_waits_for_a_beginning_that_is_being_computed():
    board = Board(1000, 4, chunk=64)
    first, second = sequence(), sequence((4, 5))
    board.add(first)
    board.add(second)
    run_board(board, 2)
    assert second.slot is None
    board.admit()
    assert second.slot is not None and second.cached == 100


def test_a_prompt_that_shares_nothing_does_not_wait():
    board = Board(1000, 4)
    board.add(sequence())
    board.add(Writing([1, 2, 3], 5))
    board.admit()
    assert len(board.active) == 2


def test_the_same_prompt_again_is_read_but_for_its_last_token():
    board = Board(1000, 2)
    board.add(sequence(max_tokens=2))
    run_board(board, 5)
    assert not board.active
    again = sequence()
    board.add(again)
    ops = board.admit()
    assert again.cached == 102
    assert ops[-1] == Truncate(again.slot.number, 102)


def test_a_shared_beginning_outlives_the_slots():
    board = Board(100_000, 2)
    for tail in range(3):
        board.add(sequence((tail,)))
    run_board(board, 60)
    for number in range(8):
        board.add(Writing([number * 10 + k for k in range(50)], 3))
    run_board(board, 60)
    assert not any(slot.tokens[:100] == PREFIX for slot in board.slots)
    late = sequence((77,))
    board.add(late)
    board.admit()
    assert late.cached == 100


def test_background_pauses_while_anything_interactive_is_active():
    board = Board(1000, 2)
    background, person = sequence(priority="background"), Writing([5, 6], 3)
    board.add(background)
    run_board(board, 6)
    board.add(person)
    during = [item.sequence for work in run_board(board, 3) for item in work]
    assert set(during) == {person}
    assert run_board(board)[0][0].sequence is background


def test_background_is_not_admitted_before_interactive():
    board = Board(1000, 1)
    board.add(Writing([1], 1, "background"))
    board.add(Writing([2], 1))
    board.admit()
    assert [one.priority for one in board.active] == ["interactive"]


def test_background_never_takes_the_slots_of_people():
    board = Board(10_000, 2)
    for number in range(5):
        board.add(Writing([number, 1], 50, "background"))
    run_board(board, 3)
    board.add(Writing([99, 1], 5))
    board.admit()
    assert len(board.of("background")) == 2 and len(board.of("interactive")) == 1


def test_background_gives_its_room_back_and_goes_on_later():
    board = Board(200, 2)
    background, person = sequence(priority="background", max_tokens=20), Writing([5] * 100, 50)
    board.add(background)
    run_board(board, 10)
    before = list(background.tokens)
    board.add(person)
    board.admit()
    assert board.active == [person] and board.queued == 1
    run_board(board, 90)
    assert background.tokens[: len(before)] == before
    assert background.written == 20


def test_background_is_left_in_peace_when_its_room_would_not_be_enough():
    board = Board(200, 2)
    first, background = Writing([5] * 100, 50), Writing([6], 20, "background")
    board.add(background)
    board.admit()
    board.add(first)
    board.admit()
    board.add(Writing([7] * 100, 50))
    board.admit()
    assert set(board.active) == {first, background}


def test_who_does_not_fit_waits_and_nobody_overtakes():
    board = Board(200, 4)
    big, bigger, small = Writing([1] * 90, 50), Writing([2] * 100, 50), Writing([3], 1)
    for one in (big, bigger, small):
        board.add(one)
    board.admit()
    assert board.active == [big]


def test_eviction_forgets_the_idle_and_never_the_active():
    board = Board(1000, 2)
    board.add(sequence(max_tokens=1))
    run_board(board, 4)
    active = Writing([1, 2, 3], 5)
    board.add(active)
    run_board(board, 2)
    assert board.evict() == Truncate(0, 0)
    assert board.evict() is None
    assert active.slot.tokens


class Cells:
    """Stands in for the unified cache: carries out the board's orders and checks that they make sense."""

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
            assert held == tuple(one.tokens[: one.done]), "the cache holds other tokens than the board believes"
            self.held[one.slot.number] = held + tuple(one.tokens[one.done : one.done + item.count])


@pytest.mark.parametrize("seed", range(25))
def test_whatever_comes_the_cache_is_what_the_board_believes_and_everybody_finishes(seed: int):
    rng = random.Random(seed)
    board, cells = Board(400, rng.choice([1, 2, 4]), chunk=16, shared_chunk=8), Cells(400)
    heads = [[rng.randrange(50) for _ in range(rng.randrange(0, 90))] for _ in range(3)]
    todo = [
        Writing(
            rng.choice(heads) + [rng.randrange(50) for _ in range(rng.randint(1, 60))],
            rng.randint(1, 30),
            rng.choice(["interactive", "background"]),
        )
        for _ in range(40)
    ]
    left = set(todo)
    for _ in range(20_000):
        if todo and rng.random() < 0.2:
            board.add(todo.pop())
        if not todo and not board.active and not board.queued:
            break
        cells.apply(board.admit())
        work = board.plan()
        assert work or not (board.active or board.queued), "there is something to do, but nobody may do it"
        assert sum(item.count for item in work) <= 16 + 8 + board.per_kind, "a step that no batch can hold"
        cells.decode(work)
        samples = [item.sequence for item in work if item.samples]
        board.decoded(work)
        for one in samples:
            one.tokens.append(rng.randrange(50))
            if one.written >= one.max_tokens or rng.random() < 0.02:
                board.remove(one)
                left.discard(one)
        if rng.random() < 0.05 and (op := board.evict()):
            cells.apply([op])
    assert not left
