"""Parses a raw mail into the tree of its parts, in linear time.

Python's parser does the work, with limits on what makes it slow or deep: the length of a header (its parameters are
read in quadratic time), the number of headers of a part, the number of parts, and the number of levels. Of a larger
mail the rest is not read, and the whole mail is attached.
"""

from dataclasses import dataclass
from email.feedparser import BytesFeedParser
from email.message import Message
from email.policy import Compat32, Policy, compat32
from typing import Any

MAX_HEADER = 20_000
MAX_CONTENT_HEADER = 3000
MAX_HEADERS = 500  # of one part
MAX_PARTS = 1000
MAX_MULTIPARTS = 60  # and so at most as many levels
CHUNK = 4096


@dataclass(frozen=True)
class Tree:
    message: Message
    whole: bool


class BoundedMessage(Message):
    """Limits the number and the length of headers."""

    def set_raw(self, name: str, value: Any) -> None:
        if len(self._headers) >= MAX_HEADERS:  # type: ignore[attr-defined]
            return
        most = MAX_CONTENT_HEADER if name.lower().startswith("content-") else MAX_HEADER
        super().set_raw(name, value[:most] if isinstance(value, str) else value)  # type: ignore[misc]


class _Parts:
    """Creates the parts for the parser, and counts them."""

    def __init__(self) -> None:
        self.parts: list[BoundedMessage] = []
        self.counted = self.multiparts = 0

    def __call__(self, policy: Policy = compat32) -> BoundedMessage:
        part = BoundedMessage(policy)
        self.parts.append(part)
        return part

    def too_many(self) -> bool:
        for part in self.parts[self.counted : -1]:
            self.multiparts += part.get_content_maintype() == "multipart" or part.get_content_maintype() == "message"
        self.counted = max(len(self.parts) - 1, self.counted)
        return len(self.parts) > MAX_PARTS or self.multiparts > MAX_MULTIPARTS


def parse(raw: bytes) -> Tree:
    parts = _Parts()
    parser = BytesFeedParser(parts, policy=_POLICY)
    for start in range(0, len(raw), CHUNK):
        if parts.too_many():
            return Tree(parser.close(), whole=False)
        parser.feed(raw[start : start + CHUNK])
    return Tree(parser.close(), whole=True)


_POLICY = Compat32()
