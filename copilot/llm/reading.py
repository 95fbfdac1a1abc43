"""Reads a model server's answer, with a time limit for the whole and a size limit for every part."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

import httpx
from django.utils.translation import gettext_noop

from copilot.llm.errors import ModelError, broken

MAX_LINE = 256 * 1024
MAX_BODY = 1024 * 1024  # of an answer that comes in one piece
MAX_STREAM = 8 * 1024 * 1024
TOO_LATE = gettext_noop("The model did not answer in time.")
ENDLESS = gettext_noop("The model’s answer did not end.")
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
T = TypeVar("T")
Check = Callable[[], Awaitable[bool]]


class Deadline:
    """The time limit for one whole answer, with a shorter limit for silence.

    `still_there`, called after each silence, may allow another one: a server that is busy with agents' requests is
    silent to the others, but still answers that it is alive.
    """

    def __init__(self, seconds: float, silence: float | None = None, still_there: Check | None = None) -> None:
        self.end = time.monotonic() + seconds
        self.silence = silence or seconds
        self.still_there = still_there

    async def wait(self, awaited: Awaitable[T]) -> T:
        """Raises ModelError when the time is over, or when the server is no longer there."""
        waiting = asyncio.ensure_future(awaited)
        try:
            while not (await asyncio.wait({waiting}, timeout=self._most()))[0]:
                if time.monotonic() >= self.end or self.still_there is None:
                    raise ModelError("timeout", TOO_LATE, retryable=True)
                if not await self.still_there():
                    raise ModelError("timeout", TOO_LATE, retryable=True, hangs=True)
            return waiting.result()
        finally:
            if not waiting.done():  # its source may be closed only when nothing reads from it
                waiting.cancel()
                await asyncio.gather(waiting, return_exceptions=True)

    def _most(self) -> float:
        return max(0.001, min(self.silence, self.end - time.monotonic()))


async def body(response: httpx.Response, deadline: Deadline) -> bytes:
    """The whole answer."""
    read = bytearray()
    async for chunk in _chunks(response, deadline):
        read += chunk
        if len(read) > MAX_BODY:
            raise broken(gettext_noop("The model’s answer is too long."))
    return bytes(read)


async def lines(response: httpx.Response, deadline: Deadline) -> AsyncIterator[str]:
    """The lines. What follows the last line end is incomplete and left out."""
    rest, total = b"", 0
    async for chunk in _chunks(response, deadline):
        total += len(chunk)
        if total > MAX_STREAM:
            raise broken(ENDLESS)
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line.decode("utf-8", errors="replace").rstrip("\r")
        if len(rest) > MAX_LINE:
            raise broken(ENDLESS)


async def _chunks(response: httpx.Response, deadline: Deadline) -> AsyncIterator[bytes]:
    iterator = response.aiter_bytes()
    while True:
        try:
            yield await deadline.wait(anext(iterator))
        except StopAsyncIteration:
            return


class TextRepair:
    """Text that every database can keep: no NUL or other control characters, no half of a character.

    A character outside the first plane may come as two halves in two pieces; they are put together.
    """

    def __init__(self) -> None:
        self._half = ""

    def feed(self, text: str) -> str:
        text = self._half + text
        self._half = text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
        return clean(text[: len(text) - len(self._half)])


def clean(text: str) -> str:
    if CONTROL.search(text):
        text = CONTROL.sub("", text)
    return text if text.isascii() else text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
