"""Checks that a parser takes linear time. Measured in CPU time, so that a busy machine does not matter.

    assert_linear(quoting.split_plain, lambda n: "-" * n)

For four times the text a quadratic pattern takes sixteen times as long, linear code four times. Code far above that
fails. Code that does not return is stopped after `MOST` seconds of CPU time and fails too.
"""

import gc
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

SIZES = (12_500, 50_000)
MOST = 10.0  # CPU seconds that one call may take
FLOOR = 0.0078  # CPU seconds; shorter times mean nothing, because of caches and memory
SLACK = 2.0  # 4 × the input may take 8 × the time; quadratic code takes 16 ×
TRIES = 4

Input = str | bytes


class TooSlow(AssertionError):
    """The call took more CPU time than allowed for any input."""


def assert_linear(
    function: Callable[[Any], object],
    family: Callable[[int], Input],
    sizes: Sequence[int] = SIZES,
    slack: float = SLACK,
) -> None:
    """Fails if the time of `function(family(n))` grows faster than the input, from the first size to the last.

    `family(n)` returns an input of about `n` letters or bytes. Exceptions are not caught: pass a function that
    catches those it may raise.
    """
    small, large = family(sizes[0]), family(sizes[-1])
    growth = len(large) / max(len(small), 1)
    before = after = float("inf")
    for _ in range(TRIES):
        after = min(after, cpu_seconds(function, large))
        if after <= FLOOR * growth * slack:
            return  # however short the time for the small input is
        before = min(before, cpu_seconds(function, small))
        if after <= before * growth * slack:
            return
    raise AssertionError(
        f"{growth:.1f} × the input took {after / before:.1f} × the time "
        f"({len(small)} → {len(large)}: {before * 1000:.0f} → {after * 1000:.0f} ms): {large[:60]!r} …"
    )


def cpu_seconds(function: Callable[[Any], object], given: Input, most: float = MOST) -> float:
    """CPU seconds of this thread for one call. Raises TooSlow after `most`."""
    with _no_longer_than(most, given), _no_collection():
        started = time.thread_time()
        function(given)
        return time.thread_time() - started


@contextmanager
def _no_longer_than(seconds: float, given: Input) -> Iterator[None]:
    """Regular expressions check for signals while they match, so this can stop them."""

    def stop(*_: object) -> None:
        raise TooSlow(f"more than {seconds} s of CPU time for {len(given)} letters: {given[:60]!r} …")

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
