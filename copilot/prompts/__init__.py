"""Versioned prompts: text files in, chat messages out. Pure but for reading the files.

All that a model reads is in `<name>.toml` or `languages.toml`, and the version is a hash over both, so that a changed
text is a changed version. This module only puts the pieces together.
"""

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from copilot.llm import ChatMessage

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


@cache
def load(name: str) -> Prompt:
    return read(HERE, name)


def read(folder: Path, name: str) -> Prompt:
    raw, raw_languages = (folder / f"{name}.toml").read_bytes(), (folder / LANGUAGES).read_bytes()
    data = tomllib.loads(raw.decode())
    prompt = Prompt(
        version=f"{name}@{hashlib.sha256(raw + raw_languages).hexdigest()[:10]}",
        refusal=data["refusal"],
        prefix=(),
        turn=data["turn"].strip(),
        items=data["items"],
        asks={ask: text.strip() for ask, text in data["asks"].items()},
        languages=tomllib.loads(raw_languages.decode()),
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
