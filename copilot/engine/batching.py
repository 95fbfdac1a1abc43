"""Which sequence is decoded next, in which slot, and which part of the cache is reused. Pure: no model, no threads.

A slot is a sequence number of the cache and remembers which tokens the cache holds for it, also after its
sequence has ended. A new prompt reuses the longest beginning that it shares with any slot. That costs nothing:
in the unified cache a copy only marks the same cells. A beginning that two prompts have shared is kept in a slot
of its own (a pin), so that the system prompt and its examples stay when slots are reused.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, count

from copilot.engine.requests import Priority

WORTH_WAITING = 32  # shared tokens that another prompt is about to compute
WORTH_PINNING = 64
PINS = 4


@dataclass(eq=False)
class Sequence:
    """One answer being written. `tokens` is the prompt and what was written so far; `done` are in the cache."""

    prompt: list[int]
    max_tokens: int
    priority: Priority = "interactive"
    tokens: list[int] = field(default_factory=list)
    done: int = 0
    cached: int = 0
    slot: "Slot | None" = None

    def __post_init__(self) -> None:
        self.tokens = list(self.prompt)

    @property
    def pending(self) -> int:
        return len(self.tokens) - self.done

    @property
    def written(self) -> int:
        return len(self.tokens) - len(self.prompt)

    @property
    def reserve(self) -> int:
        """Cells that it may need if it shares none, so that an admitted sequence can always finish."""
        return len(self.prompt) + self.max_tokens


@dataclass(eq=False)
class Slot:
    number: int
    tokens: list[int] = field(default_factory=list)
    used: int = 0


@dataclass(frozen=True)
class Copy:
    """Let `target` share the first `length` tokens of `source`."""

    source: int
    target: int
    length: int


@dataclass(frozen=True)
class Truncate:
    """Forget all but the first `length` tokens of a slot."""

    target: int
    length: int


MemoryOp = Copy | Truncate


@dataclass(frozen=True)
class Work:
    """Decode the next `count` tokens of a sequence."""

    sequence: Sequence
    count: int

    @property
    def samples(self) -> bool:
        """Whether this reaches the last token, after which the next one can be chosen."""
        return self.count == self.sequence.pending


def shared(one: list[int], other: list[int]) -> int:
    """Length of the common beginning."""
    limit = min(len(one), len(other))
    if one[:limit] == other[:limit]:
        return limit
    return next(at for at in range(limit) if one[at] != other[at])


class Scheduler:
    """All sequences, waiting and active, and all slots. Each priority has `slots` of its own."""

    def __init__(self, context: int, slots: int, chunk: int = 64, shared_chunk: int = 32) -> None:
        self.context, self.per_kind = context, slots
        self.chunk, self.shared_chunk = chunk, shared_chunk
        self.slots = [Slot(number) for number in range(2 * slots)]
        self.pins = [Slot(2 * slots + number) for number in range(PINS)]
        self.waiting: dict[Priority, deque[Sequence]] = {"interactive": deque(), "background": deque()}
        self.active: list[Sequence] = []
        self._clock = count(1)

    # --- add and remove ---

    def add(self, sequence: Sequence) -> None:
        self.waiting[sequence.priority].append(sequence)

    def remove(self, sequence: Sequence) -> None:
        """Finished or given up. What its slot holds stays there for others to share."""
        if sequence in self.active:
            self.active.remove(sequence)
            sequence.slot = None
        elif sequence in self.waiting[sequence.priority]:
            self.waiting[sequence.priority].remove(sequence)

    @property
    def queued(self) -> int:
        return sum(map(len, self.waiting.values()))

    def of(self, priority: Priority) -> list[Sequence]:
        return [sequence for sequence in self.active if sequence.priority == priority]

    # --- from waiting to active ---

    def admit(self) -> list[MemoryOp]:
        """Give slots to the next sequences. Returns the cache operations for them, in order."""
        ops: list[MemoryOp] = []
        while sequence := self._next():
            self.waiting[sequence.priority].popleft()
            ops += self._place(sequence)
        return ops

    def _next(self) -> Sequence | None:
        """First come, first served within a priority; background only when nothing interactive is there."""
        priority: Priority = "interactive" if self.waiting["interactive"] or self.of("interactive") else "background"
        if not self.waiting[priority] or len(self.of(priority)) >= self.per_kind:
            return None
        sequence = self.waiting[priority][0]
        if priority == "interactive":
            self._make_room(sequence)
        fits = sequence.reserve <= self._free()
        return sequence if fits and not self._prefix_is_coming(sequence) else None

    def _free(self) -> int:
        return self.context - sum(sequence.reserve for sequence in self.active)

    def _make_room(self, sequence: Sequence) -> None:
        """Send background sequences back to the queue, youngest first; they continue later."""
        kept = sum(other.reserve for other in self.of("interactive"))
        if kept + sequence.reserve > self.context:
            return
        while sequence.reserve > self._free():
            last = self.of("background")[-1]
            self.active.remove(last)
            last.slot = None
            self.waiting["background"].appendleft(last)

    def _prefix_is_coming(self, sequence: Sequence) -> bool:
        """Whether a sequence of the same priority is computing a beginning that this one would share."""
        have = max((shared(slot.tokens, sequence.tokens) for slot in self._everywhere()), default=0)
        for other in self.of(sequence.priority):
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
        """The source itself if most of it is used again, else the slot longest unused."""
        taken = {sequence.slot for sequence in self.active}
        idle = [slot for slot in self.slots if slot not in taken]
        if source in idle and length and 2 * length >= len(source.tokens):
            return source
        return min(idle, key=lambda slot: (len(slot.tokens) > 0, slot.used))

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
        """One token for each sequence that writes, and a chunk of the prompts being read, oldest first.

        While anything interactive is active, background sequences pause.
        """
        priority: Priority = "interactive" if self.of("interactive") else "background"
        writing = [sequence for sequence in self.of(priority) if sequence.pending == 1]
        alone = priority == "interactive" and not writing
        room = self.chunk if alone else self.shared_chunk
        work = [Work(sequence, 1) for sequence in writing]
        for sequence in self.of(priority):
            if sequence.pending > 1 and room > 0:
                # A short rest is included: a separate step would cost half a chunk.
                whole = 2 * sequence.pending <= 3 * room
                work.append(Work(sequence, sequence.pending if whole else room))
                room -= work[-1].count
        return work

    def decoded(self, work: list[Work]) -> None:
        """The cache now holds what was planned."""
        for item in work:
            sequence = item.sequence
            start = sequence.done
            sequence.done += item.count
            if sequence.slot:
                sequence.slot.tokens += sequence.tokens[start : sequence.done]
                sequence.slot.used = next(self._clock)

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
