"""The bodies of requests, checked field by field. Pure."""

import json
import math
import secrets
from dataclasses import dataclass
from typing import Any

from copilot.engine.errors import BadRequest
from copilot.engine.sequences import BACKGROUND, INTERACTIVE, LAST

HEADER = {"": INTERACTIVE, "interactive": INTERACTIVE, "background": BACKGROUND}
ROLES = {"system", "user", "assistant"}
DEFAULT_MAX_TOKENS = 1024
MAX_STOPS = 16
MAX_LOGPROBS = 20
MAX_QUESTIONS, MAX_WORDS = 64, 64
LONGEST = 86_400  # seconds


@dataclass(frozen=True)
class Sampling:
    """How tokens are chosen. Temperature 0 takes the likeliest; a grammar (GBNF) or a JSON schema limits them."""

    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 40
    seed: int = 0
    grammar: str = ""
    json_schema: str = ""


@dataclass(frozen=True)
class ChatRequest:
    messages: tuple[dict[str, str], ...]
    sampling: Sampling
    max_tokens: int | None
    stops: tuple[str, ...]
    priority: int
    stream: bool
    include_usage: bool
    top_logprobs: int | None = None  # None: nobody asked for logprobs
    timeout: float = math.inf


@dataclass(frozen=True)
class FirstTokensRequest:
    """Several chats, and the words of which each answer may be one."""

    chats: tuple[tuple[dict[str, str], ...], ...]
    words: tuple[str, ...]
    priority: int
    timeout: float


def parse_chat(raw: bytes, priority: str) -> ChatRequest:
    """Raises BadRequest with a sentence that names the field. `priority`: the header, for a body without one."""
    body = _object(raw)
    _refuse_unsupported(body)
    options = body.get("stream_options") or {}
    return ChatRequest(
        messages=_messages(body.get("messages"), "messages"),
        sampling=_sampling(body),
        max_tokens=_max_tokens(body),
        stops=_stops(body.get("stop")),
        priority=_priority(body, priority),
        stream=bool(body.get("stream")),
        include_usage=isinstance(options, dict) and bool(options.get("include_usage")),
        top_logprobs=_top_logprobs(body),
        timeout=_timeout(body),
    )


def parse_first_tokens(raw: bytes, priority: str) -> FirstTokensRequest:
    """What all chats begin with may be given once, as `messages`; `chats` has what follows in each."""
    body = _object(raw)
    chats, words = body.get("chats"), body.get("words")
    if not isinstance(chats, list) or not 0 < len(chats) <= MAX_QUESTIONS:
        raise BadRequest(f"chats must be a list of 1 to {MAX_QUESTIONS} lists of messages.")
    if not isinstance(words, list) or not 0 < len(words) <= MAX_WORDS or not all(map(_is_word, words)):
        raise BadRequest(f"words must be a list of 1 to {MAX_WORDS} words.")
    common = _messages(body["messages"], "messages") if body.get("messages") else ()
    return FirstTokensRequest(
        chats=tuple(common + _messages(chat, f"chats[{at}]") for at, chat in enumerate(chats)),
        words=tuple(words),
        priority=_priority(body, priority),
        timeout=_timeout(body),
    )


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _object(raw: bytes) -> dict[str, Any]:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise BadRequest("The body is not JSON.") from error
    if not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object.")
    return body


def _refuse_unsupported(body: dict[str, Any]) -> None:
    if body.get("n") not in (None, 1):
        raise BadRequest("n must be 1: one answer per request.")
    for name in ("tools", "functions"):
        if body.get(name):
            raise BadRequest(f"{name} is not supported by this server.")


def _messages(value: Any, where: str) -> tuple[dict[str, str], ...]:
    if not isinstance(value, list) or not value:
        raise BadRequest(f"{where} must be a list with at least one message.")
    return tuple(_message(message, f"{where}[{at}]") for at, message in enumerate(value))


def _message(value: Any, where: str) -> dict[str, str]:
    role = value.get("role") if isinstance(value, dict) else None
    if not isinstance(role, str) or role not in ROLES:
        raise BadRequest(f"{where} must be an object with a role of {', '.join(sorted(ROLES))}.")
    return {"role": role, "content": _content(value.get("content"), where)}


def _content(value: Any, where: str) -> str:
    if isinstance(value, str):
        return value
    parts = value if isinstance(value, list) else [None]
    texts = [part["text"] for part in parts if isinstance(part, dict) and isinstance(part.get("text"), str)]
    if len(texts) != len(parts):
        raise BadRequest(f"{where}.content must be text or a list of text parts.")
    return "".join(texts)


def _sampling(body: dict[str, Any]) -> Sampling:
    seed = body.get("seed")
    if seed is not None and (not isinstance(seed, int) or isinstance(seed, bool)):
        raise BadRequest("seed must be a whole number.")
    return Sampling(
        temperature=_number(body, "temperature", 1.0, 0.0, 2.0),
        top_p=_number(body, "top_p", 1.0, 0.0, 1.0),
        top_k=int(_number(body, "top_k", 40, 0, 1_000_000)),
        seed=secrets.randbits(31) if seed is None else seed % 2**32,
        **_constraint(body),
    )


def _constraint(body: dict[str, Any]) -> dict[str, str]:
    """The grammar, or the JSON schema of `response_format`. The model checks whether it is valid."""
    grammar, wanted = body.get("grammar") or "", body.get("response_format") or {}
    if not isinstance(grammar, str) or not isinstance(wanted, dict):
        raise BadRequest("grammar must be text and response_format an object.")
    kind = wanted.get("type", "text")
    if grammar or kind == "text":
        return {"grammar": grammar}
    if kind == "json_object":
        return {"json_schema": '{"type": "object"}'}
    schema = wanted.get("json_schema")
    if kind != "json_schema" or not isinstance(schema, dict) or not isinstance(schema.get("schema"), dict):
        raise BadRequest("response_format must be text, json_object, or json_schema with a schema.")
    return {"json_schema": json.dumps(schema["schema"])}


def _max_tokens(body: dict[str, Any]) -> int | None:
    value = body.get("max_completion_tokens", body.get("max_tokens"))
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise BadRequest("max_tokens must be a whole number of at least 1.")
    return value


def _top_logprobs(body: dict[str, Any]) -> int | None:
    """Only for a single token: enough for questions with a one-word answer."""
    if not body.get("logprobs"):
        return None
    if _max_tokens(body) != 1 or body.get("stream"):
        raise BadRequest("logprobs are given for max_tokens 1 without stream.")
    return int(_number(body, "top_logprobs", 0, 0, MAX_LOGPROBS))


def _number(body: dict[str, Any], name: str, default: float, low: float, high: float) -> float:
    value = body.get(name)
    if value is None:
        return default
    if not isinstance(value, int | float) or isinstance(value, bool) or not low <= value <= high:
        raise BadRequest(f"{name} must be a number from {low} to {high}.")
    return float(value)


def _stops(value: Any) -> tuple[str, ...]:
    stops = [value] if isinstance(value, str) else value or []
    if not isinstance(stops, list) or len(stops) > MAX_STOPS or not all(isinstance(stop, str) for stop in stops):
        raise BadRequest(f"stop must be text or a list of at most {MAX_STOPS} texts.")
    return tuple(stop for stop in stops if stop)


def _priority(body: dict[str, Any], header: str) -> int:
    """A whole number as vLLM has it, lower is sooner; or the header X-Priority."""
    value = body.get("priority")
    if value is None:
        if header not in HEADER:
            raise BadRequest("X-Priority must be interactive or background.")
        return HEADER[header]
    if not isinstance(value, int) or isinstance(value, bool) or not -LAST <= value <= LAST:
        raise BadRequest(f"priority must be a whole number from {-LAST} to {LAST}.")
    return value


def _timeout(body: dict[str, Any]) -> float:
    """Seconds that the answer may take."""
    if body.get("timeout") is None:
        return math.inf
    seconds = _number(body, "timeout", 0, 0, LONGEST)
    if not seconds:
        raise BadRequest(f"timeout must be a number above 0, up to {LONGEST}.")
    return seconds
