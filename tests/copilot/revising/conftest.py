"""A reply in the composer, as a browser sends it, and a model that rewrites by what it is given."""

import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from asgiref.sync import async_to_sync

from copilot.llm import ChatMessage, FirstToken, Piece, Priority, Sampling
from copilot.models import RevisedText
from copilot.redaction import Masker, Person
from copilot.revising.parts import Doc, Mark
from copilot.revising.revising import Asked, Step, revised
from copilot.revising.rewording import Order
from copilot.revising.sources import Key, Source
from tests.fakes import FakeModel

DRAFT = 7
Action = RevisedText.Action
TOMAS = Person("Tomas Okafor", "tomas@okafor.example", "")


@dataclass
class Rewriter(FakeModel):
    """Answers with what `says` has for a word of the sentence; a sentence without one comes back as it was.

    Asked whether a source states something that begins with `doubts` it says no.
    """

    says: Mapping[str, str] = field(default_factory=dict)
    doubts: str = ""

    async def first_token(self, messages: Sequence[ChatMessage], priority: Priority) -> FirstToken:
        doubted = self.doubts and f"Claim: {self.doubts}" in messages[-1]["content"]
        self.yes = 0.01 if doubted else self.yes
        return await super().first_token(messages, priority)

    async def stream(
        self, messages: Sequence[ChatMessage], sampling: Sampling, priority: Priority
    ) -> AsyncGenerator[Piece]:
        last = messages[-1]["content"]
        sentence = last.removeprefix("Sentence: ").partition("\n")[0]
        self.answer = next((said for word, said in self.says.items() if word in sentence), sentence)
        async for piece in super().stream(messages, sampling, priority):
            yield piece

    @property
    def sentences(self) -> list[str]:
        return [messages[-1]["content"].removeprefix("Sentence: ").partition("\n")[0] for messages, *_ in self.asked]


def doc(text: str) -> Doc:
    """Each "[n]" is a citation."""
    marks = [Mark(found.start(), int(found[1]), DRAFT) for found in re.finditer(r"\[(\d)\]", text)]
    return Doc(text, tuple(marks))


def sources(*units: str, **fields: Any) -> dict[Key, Source]:
    return {(DRAFT, number): Source(unit, "en", **fields) for number, unit in enumerate(units, start=1)}


def asked(action: Action, text: str, model: FakeModel | None = None, **fields: Any) -> Asked:
    language = fields.pop("language", "en")
    order = Order(
        action,
        language,
        fields.pop("target", language),
        Masker(TOMAS),
        model or FakeModel(),
        fields.pop("instruction", ""),
    )
    return Asked(doc(text), order, **fields)


def steps(given: Asked) -> list[Step]:
    async def collect() -> list[Step]:
        return [step async for step in revised(given)]

    return async_to_sync(collect)()


def result(given: Asked) -> Step:
    return steps(given)[-1]
