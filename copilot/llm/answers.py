"""A model server's answers, checked field by field. Pure; anything malformed is a ModelError."""

import json
import math
import re
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from django.utils.translation import gettext_noop

from copilot.llm.errors import ModelError, broken
from copilot.llm.reading import ENDLESS, TOO_LATE, TextRepair, clean

MIN_SHARE = 0.05  # of all answers that were asked for together; below this the model did not answer the question
MIN_LOGPROB = -1e4
MAX_RETRY_AFTER = 3600  # seconds that a server may ask us to wait
MAX_TOKEN_COUNT = 10_000_000
REFUSED = gettext_noop("The model refused the request.")
TOO_LONG = gettext_noop("The ticket is too long for the model.")
gettext_noop("The conversation is too long for the model.")  # in older rows
BUSY = gettext_noop("Too many requests are waiting for the model. Try again later.")
NO_MODEL = gettext_noop("The model file is missing. Run `manage.py fetch_models` on the server.")
FINGERPRINT = re.compile(r"sha256:([0-9a-f]{64})")  # our own model process says which file answered


@dataclass(frozen=True)
class Usage:
    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    completion_tokens: int | None = None


@dataclass(frozen=True)
class Piece:
    """A bit of the answer; the last piece has no text but a finish reason and, where known, usage."""

    text: str = ""
    finish_reason: str = ""
    usage: Usage = field(default_factory=Usage)
    model: str = ""
    sha256: str = ""  # of the model's file, if the server gives it


@dataclass(frozen=True)
class FirstToken:
    """The answer to a question with one word for an answer.

    `logprobs`: the likeliest first tokens with the natural logarithm of their probability; empty if not given.
    """

    logprobs: tuple[tuple[str, float], ...] = ()
    text: str = ""
    finish_reason: str = ""
    usage: Usage = field(default_factory=Usage)
    model: str = ""
    sha256: str = ""

    @property
    def yes(self) -> float | None:
        """The probability of "yes" (share_of_yes); None if it was not given."""
        return share_of_yes(self.logprobs)


async def pieces(lines: AsyncIterator[str], longest: int = 200_000) -> AsyncIterator[Piece]:
    """Server-sent events to pieces. Raises ModelError if the stream ends without `[DONE]`, breaks or never ends.

    `longest`: characters of text; more than the requested tokens can hold means that the server does not stop.
    """
    repair, said = TextRepair(), 0
    async for line in lines:
        if not line.startswith("data:"):
            continue
        data = line[5:].strip()
        if data == "[DONE]":
            return
        event = parsed(data)
        if event.get("error"):
            raise interrupted(event)
        piece = parse_event(event, repair)
        said += len(piece.text)
        if said > longest:
            raise broken(ENDLESS)
        yield piece
    raise broken(gettext_noop("The model stopped in the middle of its answer."))


def parsed(data: str | bytes) -> dict[str, Any]:
    """A JSON object."""
    try:
        body = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise broken() from error
    if not isinstance(body, dict):
        raise broken()
    return body


def parse_event(event: dict[str, Any], repair: TextRepair | None = None) -> Piece:
    choice = _first_choice(event)
    delta = choice.get("delta")
    delta = {} if delta is None else delta
    text = (delta.get("content") if isinstance(delta, dict) else delta) or ""
    if not isinstance(text, str):
        raise broken()
    return Piece(
        text=(repair or TextRepair()).feed(text),
        finish_reason=_word(choice.get("finish_reason"), 20),
        usage=_usage(event.get("usage")),
        model=_word(event.get("model"), 120),
        sha256=_sha256(event),
    )


def _first_choice(body: dict[str, Any]) -> dict[str, Any]:
    choices = body.get("choices")
    if not choices and isinstance(choices, list | None):
        return {}
    if not isinstance(choices, list) or not isinstance(choices[0], dict):
        raise broken()
    return choices[0]


def _word(value: Any, longest: int) -> str:
    return clean(value)[:longest] if isinstance(value, str) else ""


def _sha256(body: dict[str, Any]) -> str:
    found = FINGERPRINT.fullmatch(_word(body.get("system_fingerprint"), 80))
    return found[1] if found else ""


def _usage(counts: Any) -> Usage:
    """Token counts for the record. An invalid one is left out; the answer stays usable."""
    if not isinstance(counts, dict):
        return Usage()
    details = counts.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else None
    return Usage(_count(counts.get("prompt_tokens")), _count(cached), _count(counts.get("completion_tokens")))


def _count(value: Any) -> int | None:
    good = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_TOKEN_COUNT
    return value if good else None


def first_token(body: dict[str, Any]) -> FirstToken:
    choice = _first_choice(body)
    message = choice.get("message")
    text = message.get("content") if isinstance(message, dict) else ""
    return FirstToken(
        logprobs=likeliest(body),
        text=_word(text, 200),
        finish_reason=_word(choice.get("finish_reason"), 20),
        usage=_usage(body.get("usage")),
        model=_word(body.get("model"), 120),
        sha256=_sha256(body),
    )


def first_tokens(body: dict[str, Any], words: Sequence[str], chats: int) -> list[FirstToken]:
    """Of several chats: the words that were asked for, each with the natural logarithm of its probability."""
    data = body.get("data")
    if not isinstance(data, list) or len(data) != chats:
        raise broken()
    return [_first_of(each, body, words) for each in data]


def _first_of(each: Any, body: dict[str, Any], words: Sequence[str]) -> FirstToken:
    found = each.get("logprobs") if isinstance(each, dict) else None
    if not isinstance(found, dict):
        raise broken()
    return FirstToken(
        logprobs=tuple((word, _logprob(found.get(word))) for word in words),
        text=_word(each.get("token"), 200),
        finish_reason="length",
        usage=_usage(each.get("usage")),
        model=_word(body.get("model"), 120),
        sha256=_sha256(body),
    )


def likeliest(body: dict[str, Any]) -> tuple[tuple[str, float], ...]:
    """The likeliest first tokens, each with the natural logarithm of its probability; empty if not given."""
    logprobs = _first_choice(body).get("logprobs") or {}
    content = (logprobs.get("content") if isinstance(logprobs, dict) else logprobs) or [{}]
    first = content[0] if isinstance(content, list) else None
    tops = (first.get("top_logprobs") or []) if isinstance(first, dict) else None
    if not isinstance(tops, list) or not all(isinstance(each, dict) for each in tops):
        raise broken()
    pairs = ((clean(str(each.get("token", "")))[:100], each.get("logprob")) for each in tops)
    return tuple((token, _logprob(value)) for token, value in pairs if _counts(token) or _is_logprob(value))


def share_of_yes(logprobs: Iterable[tuple[str, float]]) -> float | None:
    """P(yes) / (P(yes) + P(no)) over all spellings of both; None if their sum is below MIN_SHARE."""
    sums = {"yes": 0.0, "no": 0.0}
    for token, logprob in logprobs:
        if _counts(token):
            sums[token.strip().lower()] += math.exp(logprob)
    both = sum(sums.values())
    return sums["yes"] / both if both >= MIN_SHARE else None


def shares(logprobs: Iterable[tuple[str, float]], words: Sequence[str]) -> tuple[float, ...] | None:
    """The probability of each of `words` if the answer is one of them; None if their sum is below MIN_SHARE.

    A word that is not among the likeliest tokens counts as probable as it may be: the least of them, or what is left.
    """
    said: dict[str, float] = dict.fromkeys(words, 0.0)
    least = left = 1.0
    for token, logprob in logprobs:
        share = math.exp(logprob)
        least, left = min(least, share), left - share
        if token.strip() in said:
            said[token.strip()] += share
    if sum(said.values()) < MIN_SHARE:
        return None
    bounded = [share or max(0.0, min(least, left)) for share in said.values()]
    return tuple(share / sum(bounded) for share in bounded)


def _counts(token: str) -> bool:
    return token.strip().lower() in {"yes", "no"}


def _logprob(value: Any) -> float:
    """An impossible token gets a very small number, because JSON has no infinity."""
    if not _is_logprob(value):
        raise broken()
    return float(max(value, MIN_LOGPROB))


def _is_logprob(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value <= 0.01


def error_text(body: Any) -> str:
    error = body.get("error") if isinstance(body, dict) else None
    text = error.get("message") if isinstance(error, dict) else error
    return clean(text if isinstance(text, str) and text.strip() else REFUSED)[:250]


def interrupted(body: dict[str, Any]) -> ModelError:
    """The ModelError for an error in the middle of an answer."""
    error = body.get("error")
    if isinstance(error, dict) and error.get("code") == "timeout":
        return ModelError("timeout", TOO_LATE, retryable=True)
    return broken(error_text(body))


def refusal(status: int, raw: bytes, retry_after: str = "") -> ModelError:
    """The ModelError for an HTTP error: whether the same request may succeed later."""
    try:
        body = parsed(raw)
    except ModelError:
        body = {}
    error = body.get("error")
    text, code = error_text(body), error.get("code") if isinstance(error, dict) else ""
    if code == "context_length_exceeded" or status == 413:
        return ModelError("too_long", TOO_LONG, retryable=False)
    if status == 503 and code == "no_model":
        return ModelError("no_model", NO_MODEL, retryable=True)
    if status == 504 and code == "timeout":
        return ModelError("timeout", TOO_LATE, retryable=True)
    if status == 429:  # it works, and has too much to do
        return ModelError("busy", BUSY, retryable=True, retry_after=seconds(retry_after))
    if status in {408, 425} or status >= 500:
        return ModelError("unavailable", text, retryable=True, retry_after=seconds(retry_after))
    if status < 300:
        return broken()
    return ModelError("refused", text, retryable=False)


def seconds(retry_after: str) -> float | None:
    """A Retry-After header: a number of seconds or a date."""
    value = retry_after.strip()
    if value.isascii() and value.isdecimal() and len(value) < 10:
        return float(min(int(value), MAX_RETRY_AFTER))
    try:
        left = (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return None
    return min(max(0.0, left), MAX_RETRY_AFTER)
