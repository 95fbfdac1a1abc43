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

    def messages(self, excerpts: Sequence[str], question: str, language: str = "") -> list[ChatMessage]:
        return [dict(message) for message in self.prefix] + [turn(excerpts, question, language)]


def turn(excerpts: Sequence[str], question: str, language: str = "") -> ChatMessage:
    numbered = "\n".join(f"[{number}] {text}" for number, text in enumerate(excerpts, start=1))
    return {"role": "user", "content": user_turn(numbered, question, language)}


def user_turn(numbered: str, question: str, language: str) -> str:
    """One shape for the worked examples and the real question; the language comes last, where it is heeded."""
    language = LANGUAGES.get(language, LANGUAGES["en"])
    asked = f"Excerpts:\n{numbered.strip()}\n\nMessage:\n{question.strip()}"
    return f"{asked}\n\nWrite the agent's reply in {language}: a greeting, then the answer with [n] after every fact."


@cache
def load(name: str) -> Prompt:
    raw = (HERE / f"{name}.toml").read_bytes()
    data = tomllib.loads(raw.decode())
    prefix: list[ChatMessage] = [{"role": "system", "content": data["system"].strip()}]
    for example in data["examples"]:
        content = user_turn(example["excerpts"], example["question"], example.get("language", ""))
        prefix += [{"role": "user", "content": content}, {"role": "assistant", "content": example["answer"].strip()}]
    return Prompt(f"{name}@{hashlib.sha256(raw).hexdigest()[:10]}", tuple(prefix))
