"""Raw bytes → the tree of parts, in time that grows with the mail and no faster.

The standard library's parser does the work. What makes it slow or deep is bounded before it sees it: how long
a header may be (its parameters are read in quadratic time), how many headers a part has, how many parts and
how many levels there are. Where a mail has more, the rest is left unread and the mail is attached whole.
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
MAX_MULTIPARTS = 60  # and so, of levels
CHUNK = 4096


@dataclass(frozen=True)
class Tree:
    message: Message
    whole: bool


class BoundedMessage(Message):
    """Keeps so many headers, and so much of each."""

    def set_raw(self, name: str, value: Any) -> None:
        if len(self._headers) >= MAX_HEADERS:  # type: ignore[attr-defined]
            return
        most = MAX_CONTENT_HEADER if name.lower().startswith("content-") else MAX_HEADER
        super().set_raw(name, value[:most] if isinstance(value, str) else value)  # type: ignore[misc]


class _Growth:
    """Makes the parts and counts them."""

    def __init__(self) -> None:
        self.parts: list[BoundedMessage] = []
        self.counted = self.multiparts = 0

    def __call__(self, policy: Policy = compat32) -> BoundedMessage:
        part = BoundedMessage(policy)
        self.parts.append(part)
        return part

    def too_big(self) -> bool:
        for part in self.parts[self.counted : -1]:
            self.multiparts += part.get_content_maintype() == "multipart" or part.get_content_maintype() == "message"
        self.counted = max(len(self.parts) - 1, self.counted)
        return len(self.parts) > MAX_PARTS or self.multiparts > MAX_MULTIPARTS


def grow(raw: bytes) -> Tree:
    growth = _Growth()
    parser = BytesFeedParser(growth, policy=_POLICY)
    for start in range(0, len(raw), CHUNK):
        if growth.too_big():
            return Tree(parser.close(), whole=False)
        parser.feed(raw[start : start + CHUNK])
    return Tree(parser.close(), whole=True)


_POLICY = Compat32()
