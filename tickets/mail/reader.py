"""Reads mails in a separate process that may be killed, so that no mail can block the process that receives it.

Each receiving process starts one child with its first mail and keeps it: that costs a fraction of a millisecond per
mail. A plain subprocess, because jobs of django-q cannot have `multiprocessing` children, and because forking a
process with threads can hang.
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
from tickets.mail.reading import MailContent

log = logging.getLogger(__name__)

SECONDS = 5.0  # of CPU time for one mail
HEADER_SECONDS = 1.0  # of CPU time for its headers
PATIENCE = 90.0  # seconds on the clock: on a busy machine the child gets little CPU time
HEAD = 64 * 1024  # bytes


class _Ended(Exception):
    """The child ended before it answered."""


class _TooLong(Exception):
    """No answer within PATIENCE."""


class _Answer(pickle.Unpickler):
    """Allows only the classes of MailContent: the child has read a stranger's bytes, and may have been taken over."""

    def find_class(self, module: str, name: str) -> Any:
        found = super().find_class(module, name) if module.startswith("tickets.") or module == "datetime" else None
        if isinstance(found, type) and (is_dataclass(found) or found.__module__ == "datetime"):
            return found
        raise pickle.UnpicklingError(f"{module}.{name}")


class Reader:
    """The child process and the pipes to it. Reads one mail at a time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def ask(self, raw: bytes, seconds: float, only_headers: bool, earlier: Sequence[str] = ()) -> MailContent:
        texts = pickle.dumps(tuple(earlier)) if earlier else b""
        request = reader_process.REQUEST.pack(only_headers, seconds, len(raw), len(texts)) + raw + texts
        with self._lock:
            try:
                answer = self._once(request)
            except _Ended:  # something else killed it, perhaps for lack of memory: try again
                answer = self._once(request, again=True)
        try:
            found = _Answer(io.BytesIO(answer)).load()
        except Exception as error:
            raise UnreadableMail("The mail reader gave an unexpected answer") from error
        if isinstance(found, MailContent):
            return found
        raise UnreadableMail(str(found))

    def _once(self, request: bytes, again: bool = False) -> bytes:
        child = self._running()
        try:
            return _exchange(child, request)
        except (_Ended, _TooLong, OSError) as error:
            status = self._end()
            if isinstance(error, _TooLong) or status == -signal.SIGPROF:
                raise UnreadableMail("Reading it takes too much computing time") from error
            if again:
                raise UnreadableMail(f"The mail reader crashes on this mail (status {status})") from error
            raise _Ended from error

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._owner != os.getpid():  # a fork: the child belongs to the parent
            self._child, self._owner = None, os.getpid()
        if self._child is None or self._child.poll() is not None:
            self._child = _start()
        return self._child

    def _end(self) -> int:
        """Ends the child. Returns its exit status (negative: the signal that ended it)."""
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
        """Ends the child with the process that started it."""
        if self._owner == os.getpid() and self._child is not None and self._child.stdin is not None:
            self._child.stdin.close()


def read(raw: bytes, earlier: Sequence[str] = ()) -> MailContent:
    """The whole mail. Raises UnreadableMail, or OSError if no process can be started now (try again later).

    `earlier`: the messages of the ticket that it continues (tickets/mail/reading.py).
    """
    return _reader.ask(raw, SECONDS, only_headers=False, earlier=earlier)


def read_headers(raw: bytes) -> MailContent | None:
    """Sender and subject of a mail that cannot be read as a whole. None if not even they can be read."""
    try:
        return _reader.ask(raw[:HEAD], HEADER_SECONDS, only_headers=True)
    except UnreadableMail:
        return None


def _start() -> "subprocess.Popen[bytes]":
    """The child gets only the environment that Python needs: no keys, no passwords."""
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
    _write(child.stdin, request, until)
    size = reader_process.ANSWER.size
    (length,) = reader_process.ANSWER.unpack(_read_exactly(child.stdout.fileno(), size, until))
    return _read_exactly(child.stdout.fileno(), length, until)


def _write(pipe: IO[bytes], request: bytes, until: float) -> None:
    """Writes all of it. Raises _TooLong if the child does not read it."""
    view = memoryview(request)
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_WRITE)
        while view:
            if not selector.select(max(until - time.monotonic(), 0)):
                raise _TooLong
            view = view[pipe.write(view) or 0 :]


def _read_exactly(pipe: int, length: int, until: float) -> bytes:
    """Raises _Ended if the child died, and _TooLong if it does not answer."""
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
