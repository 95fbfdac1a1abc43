"""The prompt for an article from agents' answers: a versioned text file in, chat messages out."""

import hashlib
import tomllib
from collections.abc import Sequence
from functools import cache

from copilot.llm import ChatMessage
from copilot.prompts import HERE, LANGUAGES

PROMPT = "article-1"


def messages(questions: Sequence[str], answers: Sequence[str], language: str) -> list[ChatMessage]:
    numbered = "\n".join(f"[{number}] {text}" for number, text in enumerate(answers, start=1))
    return [dict(message) for message in _load()[1]] + [
        {"role": "user", "content": _turn("\n".join(f"- {text}" for text in questions), numbered, language)}
    ]


def version() -> str:
    """The file's name and the first digits of its hash: a changed text is a changed version."""
    return _load()[0]


def _turn(questions: str, answers: str, language: str) -> str:
    wanted = LANGUAGES.get(language, LANGUAGES["en"])
    return (
        f"Questions:\n{questions.strip()}\n\nAnswers that agents gave:\n{answers.strip()}\n\n"
        f"Write the help article in {wanted}, only from these answers."
    )


@cache
def _load() -> tuple[str, tuple[ChatMessage, ...]]:
    raw = (HERE / f"{PROMPT}.toml").read_bytes()
    data = tomllib.loads(raw.decode())
    prefix: list[ChatMessage] = [{"role": "system", "content": data["system"].strip()}]
    for example in data["examples"]:
        content = _turn(example["questions"], example["answers"], example.get("language", ""))
        prefix += [{"role": "user", "content": content}, {"role": "assistant", "content": example["answer"].strip()}]
    return f"{PROMPT}@{hashlib.sha256(raw).hexdigest()[:10]}", tuple(prefix)
