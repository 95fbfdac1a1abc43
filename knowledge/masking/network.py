"""IP and MAC addresses."""

import ipaddress
import re
from collections.abc import Iterator

from knowledge.masking.text import Span, Text

MAC = re.compile(
    r"(?<![\w:-])[0-9a-f]{2}(?:([:-])[0-9a-f]{2}(?:\1[0-9a-f]{2}){4}|[0-9a-f]{2}(?:\.[0-9a-f]{4}){2})(?![\w:-])"
)
FOUR = re.compile(r"(?<![\w.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9]|\.[0-9])")
SIX = re.compile(r"(?<![\w:.])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,8}(?![\w:])")
VERSION = re.compile(
    r"(?:versi\w{0,3}|vers[aã]o|ver[zs]\w{0,2}|wersj\w|release|build|firmware|update|app|ios|android|v)[ .:]{0,2}$"
)


def find(text: Text) -> Iterator[Span]:
    for found in MAC.finditer(text.low):
        yield Span(found.start(), found.end(), "MAC")
    for found in SIX.finditer(text.low):
        if len(found[0]) > 6 and _is_address(found[0]):
            yield Span(found.start(), found.end(), "IP")
    for found in FOUR.finditer(text.low):
        if _is_address(found[0]) and not VERSION.search(text.low, max(0, found.start() - 10), found.start()):
            yield Span(found.start(), found.end(), "IP")


def _is_address(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True
