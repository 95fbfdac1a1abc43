"""Versioned prompts: text files in, chat messages out. Pure but for reading the files."""

import hashlib
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from copilot.llm import ChatMessage

HERE = Path(__file__).parent
REFUSAL = "NO ANSWER"
LANGUAGES = {
    "en": "English",
    "de": "German", "es": "Spanish", "fr": "French", "it": "Italian", "nl": "Dutch", "pt": "Portuguese",
    "pl": "Polish", "sv": "Swedish", "da": "Danish", "zh": "Chinese", "ja": "Japanese", "ru": "Russian",
    "tr": "Turkish", "cs": "Czech", "fi": "Finnish", "no": "Norwegian", "uk": "Ukrainian", "ko": "Korean",
}  # fmt: skip


@dataclass(frozen=True)
class Prompt:
    """`version` names the file and the first digits of its hash: a changed text is a changed version."""

    version: str
    prefix: tuple[ChatMessage, ...]
    check: str

    def messages(self, excerpts: Sequence[str], question: str, language: str = "") -> list[ChatMessage]:
        return self._with(f"{quoted(number_all(excerpts), question)}\n\n{wish(language)}")

    def checking(self, excerpts: Sequence[str], question: str) -> list[ChatMessage]:
        """Do the excerpts answer at all? As long as possible the same as `messages`: it is read only once."""
        return self._with(f"{quoted(number_all(excerpts), question)}\n\n{self.check}")

    def _with(self, content: str) -> list[ChatMessage]:
        return [dict(message) for message in self.prefix] + [{"role": "user", "content": content}]


def number_all(excerpts: Sequence[str]) -> str:
    return "\n".join(f"[{number}] {text}" for number, text in enumerate(excerpts, start=1))


def quoted(numbered: str, question: str) -> str:
    """One shape for the worked examples and the real question."""
    return f"Excerpts:\n{numbered.strip()}\n\nMessage:\n{question.strip()}"


def wish(language: str) -> str:
    """What is to be written; the language comes last, where it is heeded."""
    language = LANGUAGES.get(language, LANGUAGES["en"])
    return f"Write the agent's reply in {language}: a greeting, then the answer with [n] after every fact."


@cache
def load(name: str) -> Prompt:
    raw = (HERE / f"{name}.toml").read_bytes()
    data = tomllib.loads(raw.decode())
    prefix: list[ChatMessage] = [{"role": "system", "content": data["system"].strip()}]
    for example in data["examples"]:
        content = f"{quoted(example['excerpts'], example['question'])}\n\n{wish(example.get('language', ''))}"
        prefix += [{"role": "user", "content": content}, {"role": "assistant", "content": example["answer"].strip()}]
    return Prompt(f"{name}@{hashlib.sha256(raw).hexdigest()[:10]}", tuple(prefix), data["check"].strip())
