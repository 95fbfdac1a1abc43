"""Versioned prompts: texts in, chat messages out.

All that a model reads is in `<name>.toml` or `languages.toml`, and the version is a hash over both, so that a changed
text is a changed version. Leads may put a version of their own in the place of a file (copilot/text_changes). This
module only puts the pieces together.
"""

import logging
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from copilot.llm import ChatMessage
from copilot.models import TextVersion
from copilot.prompts import checks
from copilot.texts import active, version_of

log = logging.getLogger(__name__)

HERE = Path(__file__).parent
LANGUAGES = "languages.toml"
FALLBACK = "en"  # where a message's language is not known, or has no name in languages.toml


@dataclass(frozen=True)
class Prompt:
    """`turn`: layout of material and instruction; `items`: one line of each kind of list; `asks`: the instructions;
    `refusal`: what the model writes when the material does not answer."""

    version: str
    refusal: str
    prefix: tuple[ChatMessage, ...]
    turn: str
    items: Mapping[str, str]
    asks: Mapping[str, str]
    languages: Mapping[str, str]

    @property
    def name(self) -> str:
        return self.version.partition("@")[0]

    def messages(self, ask: str, language: str = "", **material: str | Sequence[str]) -> list[ChatMessage]:
        """The prefix never changes, so that the model server reads it only once."""
        content = self.content(ask, language, material)
        return [dict(message) for message in self.prefix] + [{"role": "user", "content": content}]

    def content(self, ask: str, language: str, material: Mapping[str, str | Sequence[str]]) -> str:
        """One layout for examples and real questions. The instruction comes last, where models follow it best."""
        wanted = self.asks[ask].format(language=self.languages.get(language, self.languages[FALLBACK]))
        return self.turn.format(ask=wanted, **{name: self._set_out(name, value) for name, value in material.items()})

    def _set_out(self, name: str, value: str | Sequence[str]) -> str:
        if not isinstance(value, str):
            value = "".join(self.items[name].format(number=at, text=text) for at, text in enumerate(value, start=1))
        return value.strip()


# What a trial reads instead of what is in use, in its own tasks only.
_tried: ContextVar[Mapping[str, Prompt]] = ContextVar("tried prompts", default=MappingProxyType({}))


def load(name: str) -> Prompt:
    """The version in use. A stored one that cannot be used gives way to the file."""
    if name in (tried := _tried.get()):
        return tried[name]
    stored = active.stored(name)
    return (usable(stored) if stored else None) or shipped(name)


def is_as_shipped(name: str) -> bool:
    """Whether the prompt is the one that our figures were measured with: with another they mean nothing."""
    return load(name).version == shipped(name).version


@contextmanager
def using(prompt: Prompt) -> Iterator[None]:
    """Inside, `load` gives this prompt for its name."""
    token = _tried.set({**_tried.get(), prompt.name: prompt})
    try:
        yield
    finally:
        _tried.reset(token)


@cache
def shipped(name: str) -> Prompt:
    return read(HERE, name)


def read(folder: Path, name: str) -> Prompt:
    return parsed(name, *sources(folder, name))


def sources(folder: Path, name: str) -> tuple[str, str]:
    """The texts of a file, and of the languages."""
    return (folder / f"{name}.toml").read_bytes().decode(), (folder / LANGUAGES).read_bytes().decode()


def usable(stored: TextVersion) -> Prompt | None:
    """None if it is broken: drafts go on, the page says so (copilot/text_changes)."""
    return _usable(stored.name, stored.texts, stored.languages)


@lru_cache(maxsize=32)
def _usable(name: str, texts: str, languages: str) -> Prompt | None:
    try:
        faults = checks.faults(name, tomllib.loads(texts), tomllib.loads(sources(HERE, name)[0]))
        prompt = None if faults else parsed(name, texts, languages)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OSError):
        prompt = None
    if prompt is None:
        log.error("stored prompt cannot be used, its file is: name=%s", name)
    return prompt


def parsed(name: str, texts: str, languages: str) -> Prompt:
    data = tomllib.loads(texts)
    prompt = Prompt(
        version=version_of(name, texts, languages),
        refusal=data["refusal"],
        prefix=(),
        turn=data["turn"].strip(),
        items=data["items"],
        asks={ask: text.strip() for ask, text in data["asks"].items()},
        languages=tomllib.loads(languages),
    )
    return _with_prefix(prompt, data["system"], data["examples"])


def _with_prefix(prompt: Prompt, system: str, examples: Sequence[Mapping[str, Any]]) -> Prompt:
    """The system text and the examples, each with its material, its instruction and the right answer."""
    prefix: list[ChatMessage] = [{"role": "system", "content": system.strip()}]
    for example in examples:
        material = {name: text for name, text in example.items() if name not in {"ask", "language", "answer"}}
        content = prompt.content(example["ask"], example.get("language", ""), material)
        prefix += [{"role": "user", "content": content}, {"role": "assistant", "content": example["answer"].strip()}]
    return replace(prompt, prefix=tuple(prefix))
