"""Which servers answer the first tokens of many chats at once, as our own does. Found out once for each, per process.

An empty request is enough: a server that knows the address says what it misses, and any other one something else. A
server that is in trouble, or wants another key, says nothing about it and is asked again next time.
"""

from copilot.llm.answers import parsed
from copilot.llm.errors import ModelError

FIRST_TOKENS = "/first_tokens"
LACKING = frozenset({404, 405, 501})
UNDECIDED = frozenset({401, 403, 408, 425, 429})
_known: dict[str, bool] = {}


def known(base_url: str) -> bool | None:
    return _known.get(base_url)


def learn(base_url: str, status: int, raw: bytes) -> bool:
    """From the answer to an empty request."""
    if status == 400 and _says(raw, "invalid_request"):
        _known[base_url] = True
    elif status in LACKING or (status < 500 and status not in UNDECIDED):
        _known[base_url] = False
    return _known.get(base_url, False)


def _says(raw: bytes, code: str) -> bool:
    try:
        error = parsed(raw).get("error")
    except ModelError:
        return False
    return isinstance(error, dict) and error.get("code") == code


def forget() -> None:
    """As in a new process."""
    _known.clear()
