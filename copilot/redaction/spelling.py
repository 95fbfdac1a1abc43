"""One value is written in several ways: "DE89 3704" and "DE893704" are the same account. Pure."""

import re

_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")


def bare(text: str) -> str:
    """Only letters and digits, in small letters."""
    return _NOT_ALPHANUMERIC.sub("", text.casefold())


def key(value: str) -> str:
    """The same for all ways to write a number; an address stays as it is."""
    return value.casefold() if "@" in value else bare(value)
