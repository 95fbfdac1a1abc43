"""Which servers answer the first tokens of many chats at once, as our own does. Found out once for each, per process.

An empty request is enough: a server that knows the address says what it misses, another one that there is no such
address. Whatever else it answers says nothing about that, and it is asked again next time.
"""

from typing import Any

FIRST_TOKENS = "/first_tokens"
LACKING = frozenset({404, 405, 501})
_known: dict[str, bool] = {}


def known(base_url: str) -> bool | None:
    return _known.get(base_url)


def learn(base_url: str, status: int, body: dict[str, Any]) -> bool:
    """From the answer to an empty request."""
    error = body.get("error")
    code = error.get("code") if isinstance(error, dict) else ""
    if status == 400 and code == "invalid_request":
        _known[base_url] = True
    elif status in LACKING:
        _known[base_url] = False
    return _known.get(base_url, False)


def forget() -> None:
    """As in a new process."""
    _known.clear()
