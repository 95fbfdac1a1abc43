"""Stops asking a model server that does not answer, and asks it again after a pause. One for each server and process.

Closed: requests go through. After FAILURES in a row, or at once if the server hangs, it opens, and nobody waits for a
server that will not answer. After the pause one request tries it; if it fails too, the next pause is twice as long. An
answer closes it. The state is in memory: a new process finds out again within a few requests.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext_noop

from copilot.llm.errors import ModelError

FAILURES = 3
FIRST_PAUSE, LONGEST_PAUSE = 15.0, 240.0  # seconds
RESTING = gettext_noop("The model does not answer. Drafts wait until it does.")
# Errors that count against the server; a refused request or a missing model file does not.
SERVER_FAULTS = frozenset({"unavailable", "timeout", "broken"})


class Breaker:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures = 0
        self._pause = FIRST_PAUSE
        self._open_until: float | None = None
        self._probing = False

    @property
    def resting(self) -> float:
        """Seconds until the server is asked again; 0 while requests go through. While one tries it, others wait."""
        with self._lock:
            return max(self._left(), 1.0 if self._probing else 0.0)

    def _left(self) -> float:
        return 0.0 if self._open_until is None else max(0.0, self._open_until - time.monotonic())

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Wraps one request. Raises ModelError instead of letting it through; counts how it ends.

        A request that is cancelled (a stopped draft) counts neither way.
        """
        probe = self._admit()
        try:
            yield
        except ModelError as error:
            if error.code in SERVER_FAULTS:
                self.failed(error.hangs, probe)
            else:
                self.answered()
            raise
        finally:
            if probe:
                self._probing = False

    def _admit(self) -> bool:
        with self._lock:
            if self._open_until is None:
                return False
            left = self._left()
            if left or self._probing:
                raise ModelError("resting", RESTING, retryable=True, retry_after=max(1.0, left))
            self._probing = True
            return True

    def answered(self) -> None:
        """The server works."""
        with self._lock:
            self._failures, self._pause, self._open_until = 0, FIRST_PAUSE, None

    def failed(self, hangs: bool = False, probe: bool = False) -> None:
        """Requests that were under way when it opened say nothing new."""
        with self._lock:
            self._failures += 1
            if probe:
                self._pause = min(2 * self._pause, LONGEST_PAUSE)
            elif self._open_until is not None or (self._failures < FAILURES and not hangs):
                return
            self._open_until = time.monotonic() + self._pause


_breakers: dict[str, Breaker] = {}
_breakers_lock = threading.Lock()


def of(base_url: str) -> Breaker:
    with _breakers_lock:
        return _breakers.setdefault(base_url.rstrip("/"), Breaker())


def forget() -> None:
    """As in a new process."""
    with _breakers_lock:
        _breakers.clear()
