"""Reads what a model server sends, within a time for the whole answer and a size for every part of it."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable
from typing import TypeVar

import httpx

from copilot.llm_errors import ModelError, broken

MAX_LINE = 256 * 1024
MAX_BODY = 1024 * 1024  # of an answer that comes in one piece
MAX_STREAM = 8 * 1024 * 1024
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
T = TypeVar("T")


class Deadline:
    """The time for one whole answer, whatever trickles in meanwhile."""

    def __init__(self, seconds: float) -> None:
        self.end = time.monotonic() + seconds

    async def wait(self, awaited: Awaitable[T]) -> T:
        """Raises ModelError when the time is over."""
        try:
            return await asyncio.wait_for(awaited, max(0.001, self.end - time.monotonic()))
        except TimeoutError as error:
            raise ModelError("timeout", "The model did not answer in time.", retryable=True) from error


async def body(response: httpx.Response, deadline: Deadline) -> bytes:
    """The whole answer."""
    read = bytearray()
    async for chunk in _chunks(response, deadline):
        read += chunk
        if len(read) > MAX_BODY:
            raise broken("The model's answer is too large.")
    return bytes(read)


async def lines(response: httpx.Response, deadline: Deadline) -> AsyncIterator[str]:
    """One line after the other. What stands behind the last line end is half a line and is not given."""
    rest, total = b"", 0
    async for chunk in _chunks(response, deadline):
        total += len(chunk)
        if total > MAX_STREAM:
            raise broken("The model's answer has no end.")
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line.decode("utf-8", errors="replace").rstrip("\r")
        if len(rest) > MAX_LINE:
            raise broken("A line of the model's answer has no end.")


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
