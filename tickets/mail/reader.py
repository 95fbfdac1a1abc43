"""Reads mails in a process that may be killed, so that no mail can stop the one that takes it in.

One child for each process that takes mail in, started with the first mail and kept: a normal mail costs a
fraction of a millisecond more. A plain subprocess, because the jobs of django-q may have no children of
`multiprocessing`, and because a fork of a process with threads may hang.
"""

import atexit
import io
import logging
import os
import pickle
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import is_dataclass
from threading import Lock
from typing import IO, Any

from django.conf import settings

from tickets.mail import reader_process
from tickets.mail.mime.parsing import UnreadableMail
from tickets.mail.reading import Letter

log = logging.getLogger(__name__)

SECONDS = 5.0  # of CPU time for one mail
HEADER_SECONDS = 1.0
PATIENCE = 90.0  # seconds on the clock: a machine with much to do gives the child little
HEAD = 64 * 1024


class _Ended(Exception):
    """The child ended before it answered."""


class _TooLong(Exception):
    """No answer within PATIENCE."""


class _Answer(pickle.Unpickler):
    """Only what a Letter is made of: the child has read a stranger's bytes, and may not be ours any more."""

    def find_class(self, module: str, name: str) -> Any:
        found = super().find_class(module, name) if module.startswith("tickets.") or module == "datetime" else None
        if isinstance(found, type) and (is_dataclass(found) or found.__module__ == "datetime"):
            return found
        raise pickle.UnpicklingError(f"{module}.{name}")


class Reader:
    """The child and the pipes to it. One mail at a time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def ask(self, raw: bytes, seconds: float, only_headers: bool, said: Sequence[str] = ()) -> Letter:
        before = pickle.dumps(tuple(said)) if said else b""
        request = reader_process.REQUEST.pack(only_headers, seconds, len(raw), len(before)) + raw + before
        with self._lock:
            try:
                answer = self._once(request)
            except _Ended:  # by somebody else, perhaps for want of memory: the mail is not to blame
                answer = self._once(request, again=True)
        try:
            found = _Answer(io.BytesIO(answer)).load()
        except Exception as error:
            raise UnreadableMail("the reader answered what it should not") from error
        if isinstance(found, Letter):
            return found
        raise UnreadableMail(str(found))

    def _once(self, request: bytes, again: bool = False) -> bytes:
        child = self._running()
        try:
            return _exchange(child, request)
        except (_Ended, _TooLong, OSError) as error:
            status = self._end()
            if isinstance(error, _TooLong) or status == -signal.SIGPROF:
                raise UnreadableMail("reading it takes too much computing") from error
            if again:
                raise UnreadableMail(f"reading it ends the reader (status {status})") from error
            raise _Ended from error

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._owner != os.getpid():  # a fork: the child belongs to the parent
            self._child, self._owner = None, os.getpid()
        if self._child is None or self._child.poll() is not None:
            self._child = _start()
        return self._child

    def _end(self) -> int:
        """The child's exit status; negative: the signal that ended it."""
        child, self._child = self._child, None
        if child is None:
            return 0
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()
        try:
            status = child.wait(1)
        except subprocess.TimeoutExpired:
            child.kill()
            status = child.wait()
        log.warning("the mail reader ended: status=%s", status)
        return status

    def close(self) -> None:
        """With the process that started it."""
        if self._owner == os.getpid() and self._child is not None and self._child.stdin is not None:
            self._child.stdin.close()


def read(raw: bytes, said: Sequence[str] = ()) -> Letter:
    """The whole mail, or UnreadableMail. OSError: no process can be started now; try again later.

    `said`: the texts of the ticket that it continues (tickets/mail/reading.py).
    """
    return _reader.ask(raw, SECONDS, only_headers=False, said=said)


def read_headers(raw: bytes) -> Letter | None:
    """Of a mail that cannot be read whole: who wrote and about what, if even that can be said."""
    try:
        return _reader.ask(raw[:HEAD], HEADER_SECONDS, only_headers=True)
    except UnreadableMail:
        return None


def _start() -> "subprocess.Popen[bytes]":
    """With nothing of our environment but what Python needs: no key, no password."""
    environment = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TMPDIR") if name in os.environ}
    child = subprocess.Popen(
        [sys.executable, "-m", reader_process.__name__],
        cwd=settings.BASE_DIR,
        env=environment | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # a traceback could quote the mail
        bufsize=0,
    )
    assert child.stdin is not None  # noqa: S101 - it is a pipe
    os.set_blocking(child.stdin.fileno(), False)
    return child


def _exchange(child: "subprocess.Popen[bytes]", request: bytes) -> bytes:
    assert child.stdin is not None and child.stdout is not None  # noqa: S101 - both are pipes
    until = time.monotonic() + PATIENCE
    _give(child.stdin, request, until)
    size = reader_process.ANSWER.size
    (length,) = reader_process.ANSWER.unpack(_take(child.stdout.fileno(), size, until))
    return _take(child.stdout.fileno(), length, until)


def _give(pipe: IO[bytes], request: bytes, until: float) -> None:
    """All of it; _TooLong if nobody takes it."""
    view = memoryview(request)
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_WRITE)
        while view:
            if not selector.select(max(until - time.monotonic(), 0)):
                raise _TooLong
            view = view[pipe.write(view) or 0 :]


def _take(pipe: int, length: int, until: float) -> bytes:
    """Exactly so many bytes; _Ended if the child died, _TooLong if it does not answer."""
    found = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while len(found) < length:
            if not selector.select(max(until - time.monotonic(), 0)):
                raise _TooLong
            more = os.read(pipe, min(length - len(found), 1 << 20))
            if not more:
                raise _Ended
            found += more
    return bytes(found)


_reader = Reader()
atexit.register(_reader.close)
