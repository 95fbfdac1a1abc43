"""Which sequence is decoded next, in which slot, and which part of the cache is reused. Pure: no model, no threads.

A slot is a sequence number of the cache and remembers which tokens the cache holds for it, also after its
sequence has ended. A new prompt reuses the longest beginning that it shares with any slot. That costs nothing:
in the unified cache a copy only marks the same cells. A beginning that two prompts have shared is kept in a slot
of its own (a pin), so that the system prompt and its examples stay when slots are reused.
"""

from bisect import insort
from collections.abc import Iterator
from itertools import chain, count

from copilot.engine.guessing import MOST, Costs
from copilot.engine.sequences import Copy, MemoryOp, Sequence, Slot, Truncate, Work, shared

WORTH_WAITING = 32  # shared tokens that another prompt is about to compute
WORTH_PINNING = 64
PINS = 8
QUESTIONS = 8  # that are read together: they are short, and over as soon as they are read


def slots_in_all(slots: int) -> int:
    """Those of sequences that people wait for, as many for the others, and the pins."""
    return 2 * (slots + QUESTIONS) + PINS


def longest_step(slots: int, chunk: int) -> int:
    """Tokens in the longest step that may be planned."""
    return chunk + chunk // 2 + slots + QUESTIONS + MOST


class Scheduler:
    """All sequences, waiting and active, and all slots. What nobody waits for has slots of its own."""

    def __init__(self, context: int, slots: int, chunk: int = 64, shared_chunk: int = 32) -> None:
        self.context, self.writers = context, slots
        self.chunk, self.shared_chunk = chunk, shared_chunk
        everything = [Slot(number) for number in range(slots_in_all(slots))]
        self.slots, self.pins = everything[:-PINS], everything[-PINS:]
        self.waiting: list[Sequence] = []  # in the order of their turns
        self.active: list[Sequence] = []
        self.costs = Costs()
        self._clock = count(1)

    # --- add and remove ---

    def add(self, sequence: Sequence) -> None:
        sequence.arrival = next(self._clock)
        self._wait(sequence)

    def _wait(self, sequence: Sequence) -> None:
        insort(self.waiting, sequence, key=lambda one: one.turn)

    def remove(self, sequence: Sequence) -> None:
        """Finished or given up. What its slot holds stays there for others to share."""
        if sequence in self.active:
            self.active.remove(sequence)
            sequence.slot = None
        elif sequence in self.waiting:
            self.waiting.remove(sequence)

    def of(self, *, background: bool) -> list[Sequence]:
        return [sequence for sequence in self.active if sequence.background == background]

    @property
    def paused(self) -> bool:
        """Whether the background waits: somebody waits for an answer."""
        return any(not sequence.background for sequence in self.active)

    # --- from waiting to active ---

    def admit(self) -> list[MemoryOp]:
        """Give slots to the next sequences. Returns the cache operations for them, in order."""
        ops: list[MemoryOp] = []
        while sequence := self._next():
            self.waiting.remove(sequence)
            ops += self._place(sequence)
        return ops

    def _next(self) -> Sequence | None:
        """In turn, but questions need not wait for writers; background only when nothing interactive is there."""
        if not self.waiting:
            return None
        background = self.waiting[0].background and not self.paused
        turns = [sequence for sequence in self.waiting if sequence.background == background]
        heads = [next((one for one in turns if one.question == question), None) for question in (True, False)]
        return next((sequence for sequence in heads if sequence and self._may_start(sequence)), None)

    def _may_start(self, sequence: Sequence) -> bool:
        others = [one for one in self.of(background=sequence.background) if one.question == sequence.question]
        if len(others) >= (QUESTIONS if sequence.question else self.writers):
            return False
        if not sequence.background:
            self._make_room(sequence)
        return sequence.reserve <= self._free() and not self._prefix_is_coming(sequence)

    def _free(self) -> int:
        return self.context - sum(sequence.reserve for sequence in self.active)

    def _make_room(self, sequence: Sequence) -> None:
        """Send background sequences back to the queue, youngest first; they continue later."""
        kept = sum(other.reserve for other in self.of(background=False))
        if kept + sequence.reserve > self.context:
            return
        while sequence.reserve > self._free():
            last = self.of(background=True)[-1]
            self.remove(last)
            self._wait(last)

    def _prefix_is_coming(self, sequence: Sequence) -> bool:
        """Whether a sequence of the same priority is computing a beginning that this one would share."""
        have = max((shared(slot.tokens, sequence.tokens) for slot in self._everywhere()), default=0)
        for other in self.of(background=sequence.background):
            common = shared(other.prompt, sequence.tokens)
            if other.done < common and common - have >= WORTH_WAITING:
                return True
        return False

    def _place(self, sequence: Sequence) -> list[MemoryOp]:
        source = max(self._everywhere(), key=lambda slot: shared(slot.tokens, sequence.tokens))
        # The last prompt token is always decoded: its output chooses the first token of the answer.
        length = min(shared(source.tokens, sequence.tokens), len(sequence.tokens) - 1)
        ops = [] if sequence.written else self._pin(source, length)
        target = self._target(source, length)
        if target is source:
            ops.append(Truncate(target.number, length))
        else:
            ops += self._share(source, target, length)
        target.tokens = sequence.tokens[:length]
        source.used = target.used = next(self._clock)
        sequence.slot, sequence.done = target, length
        if not sequence.written:
            sequence.cached = length
        self.active.append(sequence)
        return ops

    def _everywhere(self) -> Iterator[Slot]:
        return chain(self.pins, self.slots)

    def _target(self, source: Slot, length: int) -> Slot:
        """The source itself if most of it is used again, else the slot longest unused; an empty one while few are
        filled, because each token in the cache makes every step slower."""
        taken = {sequence.slot for sequence in self.active}
        idle = [slot for slot in self.slots if slot not in taken]
        if source in idle and length and 2 * length >= len(source.tokens):
            return source
        filled, empty = [slot for slot in idle if slot.tokens], [slot for slot in idle if not slot.tokens]
        pool = empty if empty and len(filled) < 2 * self.writers else filled or empty
        return min(pool, key=lambda slot: slot.used)

    def _pin(self, source: Slot, length: int) -> list[MemoryOp]:
        """Pin a beginning that has just been shared, unless a pin already holds nearly all of it."""
        prefix = source.tokens[:length]
        best = max(self.pins, key=lambda pin: shared(pin.tokens, prefix))
        covered = shared(best.tokens, prefix)
        if covered:
            best.used = next(self._clock)
        if length - covered < WORTH_PINNING:
            return []
        pin = min(self.pins, key=lambda pin: pin.used)
        ops = self._share(source, pin, length)
        pin.tokens, pin.used = prefix, next(self._clock)
        return ops

    def _share(self, source: Slot, target: Slot, length: int) -> list[MemoryOp]:
        ops: list[MemoryOp] = [Truncate(target.number, 0)]
        return [*ops, Copy(source.number, target.number, length)] if length else ops

    # --- the next step ---

    def plan(self) -> list[Work]:
        """One token for each sequence that writes, and a chunk of the prompts being read, in turn.

        While anything interactive is active, background sequences pause.
        """
        active = self.of(background=not self.paused)
        work = self._write([sequence for sequence in active if sequence.pending == 1])
        room = self.shared_chunk if work or not self.paused else self.chunk
        # Questions first: a draft that is being checked waits for them.
        for sequence in sorted(active, key=lambda one: (not one.question, one.turn)):
            if sequence.pending > 1 and room > 0:
                # A short rest is included: a separate step would cost half a chunk.
                whole = 2 * sequence.pending <= 3 * room
                work.append(Work(sequence, sequence.pending if whole else room))
                room -= work[-1].count
        return work

    def _write(self, writing: list[Sequence]) -> list[Work]:
        """The last token of each, with as many guessed ones as are worth it."""
        work, planned, room = [], len(writing), MOST
        for sequence in writing:
            guess = self._guess(sequence, planned, room)
            work.append(Work(sequence, 1, guess))
            planned, room = planned + len(guess), room - len(guess)
        return work

    def _guess(self, sequence: Sequence, planned: int, room: int) -> tuple[int, ...]:
        if sequence.guesser is None:
            return ()
        offered = sequence.guesser.guess(sequence.tokens)
        left = sequence.max_tokens - sequence.written - 1
        return offered[: max(0, min(self.costs.worth(sequence.guesser.right, planned), left, room))]

    def decoded(self, work: list[Work]) -> None:
        """The cache now holds what was planned. Guesses count when they are settled."""
        for item in work:
            sequence = item.sequence
            start = sequence.done
            sequence.done += item.count
            if sequence.slot:
                sequence.slot.tokens += sequence.tokens[start : sequence.done]
                sequence.slot.used = next(self._clock)

    def settle(self, item: Work, right: int) -> list[MemoryOp]:
        """Keep the first `right` guessed tokens, which are about to be written, and forget the others."""
        sequence = item.sequence
        if not item.guess or not sequence.slot:
            return []
        sequence.slot.tokens += item.guess[:right]
        sequence.done += right
        return [] if right == len(item.guess) else [Truncate(sequence.slot.number, sequence.done)]

    def evict(self) -> Truncate | None:
        """Forget the slot that has been unused longest; None if every slot is in use or empty."""
        taken = {sequence.slot for sequence in self.active}
        idle = [slot for slot in self.slots if slot.tokens and slot not in taken]
        pinned = [pin for pin in self.pins if pin.tokens]
        if not idle and not pinned:
            return None
        slot = min(idle or pinned, key=lambda slot: slot.used)
        slot.tokens = []
        return Truncate(slot.number, 0)

    def forget_everything(self) -> list[MemoryOp]:
        """After a failure nothing in the cache can be trusted."""
        for slot in self._everywhere():
            slot.tokens = []
        return [Truncate(slot.number, 0) for slot in self._everywhere()]
