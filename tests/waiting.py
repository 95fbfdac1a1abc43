"""Tests never sleep: they poll for what they expect."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(fn: Callable[[], T], timeout: float = 5.0, every: float = 0.01) -> T:
    """The first truthy answer of `fn`; AssertionError after `timeout` seconds without one."""
    end = time.monotonic() + timeout
    while True:
        answer = fn()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"not within {timeout} s: {fn}")
        time.sleep(every)
