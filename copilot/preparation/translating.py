"""The question in the language in which most articles are, where the embedder does not know the customer's.

The step itself asks nobody: it says what is to be translated. Only who writes a draft waits for the writer (`ask`); its
translation is then stored as the step's outcome (pipeline.py), and everybody else searches with what is there.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from copilot import calls, prompts
from copilot.calls import Call, ModelRequest, Purpose
from copilot.evidence.lengths import size
from copilot.evidence.question_text import shortened
from copilot.llm import Model, Priority, Sampling
from copilot.models import Draft
from copilot.redaction import PLACEHOLDER
from knowledge.search import questions
from knowledge.search.questions import Translation
from tickets import languages

PROMPT = "say-1"  # the one with which lines of articles are translated does this too
# Then the search does without. An agent waits for an interactive one. In the background it is written while other
# prompts are read: on a CPU that takes up to ten times as long.
SECONDS: Mapping[Priority, float] = {"interactive": 20, "background": 120}
WORDS = 60  # of the message, in English words: more would take longer, and adds little
BEFORE_WORDS = 30  # of the message before it
FEWEST_TOKENS, TOKENS_PER_WORD = 40, 3
AFTERNOON = re.compile(r"\b(\d{1,2})((?:[:.]\d\d)?) ?p\.?m\b", re.IGNORECASE)
NUMBER = re.compile(r"\d+")
CODE = re.compile(r"\w*_\w*|[A-Z]{2,}-\d+", re.ASCII)


@dataclass(frozen=True)
class TranslationInput:
    """`texts`: one for each question that is searched. `into`: empty if nothing has to be translated."""

    texts: tuple[str, ...]
    language: str
    into: str


@dataclass(frozen=True)
class Translated:
    """`texts` is empty if there is no translation. `waits`: the writer has not been asked yet, or was too slow."""

    into: str
    texts: tuple[str, ...]
    waits: bool
    reason: str

    @property
    def translation(self) -> Translation | None:
        return Translation(self.into, self.texts) if self.texts else None


def input_of(query: str, history: Sequence[str], language: str, into: str) -> TranslationInput:
    """What the search reads, shortened."""
    if into not in prompts.load(PROMPT).languages:
        return TranslationInput((), language, "")
    read = questions.read(query, list(history))
    if read.parts:
        texts = tuple(shortened(part.text, WORDS) for part in read.parts)
    else:
        before = [shortened(_asked(each), BEFORE_WORDS) for each in history[:1]]
        texts = ("\n".join([shortened(_asked(query), WORDS), *before]),)
    return TranslationInput(texts, language, into)


def _asked(text: str) -> str:
    """Without greeting, thanks and empty lines."""
    return "\n".join(filter(None, map(str.strip, questions.essence(text).splitlines())))


def left_to_the_writer(given: TranslationInput) -> Translated:
    waits = bool(given.into)
    return Translated(given.into, (), waits, "left to the writer" if waits else "not needed")


async def ask(given: TranslationInput, model: Model, priority: Priority, draft: Draft) -> Translated:
    """Raises ModelError."""
    try:
        async with asyncio.timeout(SECONDS[priority]):
            said = [await _said(text, given.into, model, priority, draft) for text in given.texts]
    except TimeoutError:
        return Translated(given.into, (), True, f"took more than {SECONDS[priority]} seconds")
    problem = next(filter(None, map(objection, given.texts, said, [given.into] * len(said))), "")
    if problem:
        return Translated(given.into, (), False, problem)
    # Again without greeting and thanks: those of many languages are only known now.
    return Translated(given.into, tuple(map(_asked, said)), False, "translated by the writer")


async def _said(text: str, into: str, model: Model, priority: Priority, draft: Draft) -> str:
    """Empty if the answer would not end."""
    prompt = prompts.load(PROMPT)
    call = Call(ModelRequest(Purpose.TRANSLATE, prompt.version, prompt.messages("say", into, unit=text), draft=draft))
    sampling = Sampling(temperature=0, max_tokens=FEWEST_TOKENS + round(TOKENS_PER_WORD * size(text)))
    async with aclosing(calls.stream(call, model, sampling, priority)) as pieces:
        async for _ in pieces:
            pass
    return "" if call.finish_reason == "length" else call.output.strip()


def objection(text: str, said: str, into: str) -> str:
    """Why a translation is not used, "" if it is. A search does not need the placeholders, but none may be added."""
    if not said:
        return "the translation did not end"
    if said == text or languages.detect(said) not in {"", into}:
        return "not translated"
    if not set(PLACEHOLDER.findall(said)) <= set(PLACEHOLDER.findall(text)):
        return "a placeholder was added"
    if _numbers(text) != _numbers(said):
        return "numbers were changed"
    if not (_has_codes_of(text, said) and _has_codes_of(said, text)):
        return "codes were changed"
    return ""


def _numbers(text: str) -> set[int]:
    plain = AFTERNOON.sub(lambda found: f"{int(found[1]) % 12 + 12}{found[2]}", PLACEHOLDER.sub(" ", text))
    return {int(each) for each in NUMBER.findall(plain)}


def _has_codes_of(one: str, other: str) -> bool:
    """A search reads DOM-404 and DOM 404 alike."""
    codes = CODE.findall(PLACEHOLDER.sub(" ", one))
    return all(_close_up(code) in _close_up(other) for code in codes)


def _close_up(text: str) -> str:
    return re.sub(r"[-\s]", "", text).lower()
