"""Tests do not sleep for a fixed time: they poll for what they expect."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(fn: Callable[[], T], timeout: float = 60.0, every: float = 0.01) -> T:
    """The first truthy result of `fn`. AssertionError if there is none within `timeout` seconds."""
    end = time.monotonic() + timeout
    while True:
        answer = fn()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"not within {timeout} s: {fn}")
        time.sleep(every)
