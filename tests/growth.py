"""Does a parser's time grow as its input grows? Measured in CPU time, so that a loaded machine does not matter.

    assert_linear(quoting.split_plain, lambda n: "-" * n)

A pattern that is quadratic in a line's length takes sixteen times as long for four times the text;
linear code takes four times as long. Whoever is far above that fails, whoever never comes back is
stopped after `MOST` seconds of CPU time and fails too.
"""

import gc
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

SIZES = (20_000, 40_000, 80_000)
MOST = 10.0  # CPU seconds that one call may take
FLOOR = 0.02  # CPU seconds that tell nothing: caches are warmed, memory is fetched
SLACK = 2.0  # 4 × the input may take 8 × the time; quadratic code takes 16 ×
TRIES = 4

Input = str | bytes


class RanAway(AssertionError):
    """The call took more CPU time than any input of this size may."""


def assert_linear(
    function: Callable[[Any], object],
    family: Callable[[int], Input],
    sizes: Sequence[int] = SIZES,
    slack: float = SLACK,
) -> None:
    """`function(family(n))` for the sizes given: from the first to the last, the time grows as the input does.

    `family(n)` gives an input of about `n` letters or bytes. Exceptions of `function` are not caught: pass a
    function that swallows those it is allowed to raise.
    """
    small, large = family(sizes[0]), family(sizes[-1])
    growth = len(large) / max(len(small), 1)
    before = after = float("inf")
    for _ in range(TRIES):
        before, after = min(before, cpu_seconds(function, small)), min(after, cpu_seconds(function, large))
        if after <= max(before, FLOOR) * growth * slack:
            return
    raise AssertionError(
        f"{growth:.1f} × the input took {after / before:.1f} × the time "
        f"({len(small)} → {len(large)}: {before * 1000:.0f} → {after * 1000:.0f} ms): {large[:60]!r} …"
    )


def cpu_seconds(function: Callable[[Any], object], given: Input, most: float = MOST) -> float:
    """CPU seconds of this thread for one call; RanAway after `most`."""
    with _no_longer_than(most, given), _no_collection():
        started = time.thread_time()
        function(given)
        return time.thread_time() - started


@contextmanager
def _no_longer_than(seconds: float, given: Input) -> Iterator[None]:
    """Python's patterns look for signals while they match, so that they can be stopped."""

    def stop(*_: object) -> None:
        raise RanAway(f"more than {seconds} s of CPU time for {len(given)} letters: {given[:60]!r} …")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@contextmanager
def _no_collection() -> Iterator[None]:
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
