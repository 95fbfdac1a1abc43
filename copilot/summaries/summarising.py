"""Has the model write what was asked, tried and failed, and checks every line of it."""

import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from copilot import calls, prompts
from copilot.calls import Call, ModelRequest, Purpose
from copilot.grounding import checking
from copilot.grounding.verdicts import BothWays
from copilot.grounding.words import content
from copilot.llm import Model, Priority, Sampling
from copilot.models import ThreadSummary
from copilot.summaries import checks, parts, quoted
from copilot.summaries.checks import Claim
from copilot.summaries.parts import Part
from copilot.summaries.quoted import MOST_LINES, About, Found, Line
from copilot.summaries.thread import Thread

PROMPT = "summary-1"
MOST_TOKENS = 180
MOST_WRITTEN = 8  # lines that are read
MENTIONED, TOLD = 0.6, 0.34  # of the words of a question, or of what a message says: then a line has it
ENOUGH = "enough"
_BREAK = re.compile(r"\s*\n\s*(?=\[)")


@dataclass
class _Work:
    """A summary that is being made. `pending`: lines that only the model can judge."""

    thread: Thread
    model: Model
    row: ThreadSummary | None
    priority: Priority
    shown: list[Line] = field(default_factory=list)
    pending: list[Claim] = field(default_factory=list)

    @cached_property
    def parts(self) -> list[Part]:
        return parts.parts(self.thread)

    @property
    def asked_for(self) -> dict[str, Any]:
        """As ModelRequest has it."""
        return {"summary": self.row, "recorded": self.row is not None}

    def of(self, about: About) -> list[Line]:
        return [each for each in self.shown if each.about == about]

    def new(self, line: Line | None) -> Line | None:
        """The line, unless there is one with its words."""
        return line if line is not None and not checks.has(line.text, self.shown) else None

    def noted(self, line: Line) -> Line:
        self.shown.append(line)
        return line


async def summarise(
    thread: Thread, model: Model, row: ThreadSummary | None, priority: Priority = "interactive"
) -> AsyncGenerator[Line]:
    """Each line as soon as it is known to be right; what no line is about is quoted, at the end.

    Raises ModelError. Without a row it is a measurement and not recorded.
    """
    if not thread.sentences:
        return
    work = _Work(thread, model, row, priority)
    async with aclosing(_written(work)) as texts:
        async for text in texts:
            if (line := _at_once(work, text)) is not None:
                yield work.noted(line)
    weights = checking.weights_of_writer()
    for given, said in zip(work.pending, await _asked(work), strict=True):
        right = checks.holds(given, thread.language, said, weights)
        if (line := work.new(checks.written(given) if right else checks.in_own_words(given))) is not None:
            yield work.noted(line)
    for line in _missing(work):
        yield work.noted(line)


async def _written(work: _Work) -> AsyncGenerator[str]:
    """The lines of the answer; the last one only if it is whole."""
    prompt = prompts.load(PROMPT)
    form = prompt.items["part"]
    numbered = enumerate(work.parts, start=1)
    material = "".join(form.format(number=at, about=each.about.upper(), text=each.text) for at, each in numbered)
    messages = prompt.messages("summary", work.thread.language, parts=material)
    call = Call(ModelRequest(Purpose.SUMMARY, prompt.version, messages, **work.asked_for))
    sampling, read = Sampling(temperature=0, max_tokens=MOST_TOKENS), 0
    async with aclosing(calls.stream(call, work.model, sampling, work.priority)) as pieces:
        async for _ in pieces:
            ended = _lines(call.output)[:-1]
            for text in ended[read:]:
                yield text
            read = len(ended)
            if read >= MOST_WRITTEN:
                call.finish_reason = ENOUGH
                return
    last = _lines(call.output)[read:]
    for text in last[:-1] if call.finish_reason == "length" else last:
        yield text


def _lines(output: str) -> list[str]:
    """A number on a line of its own belongs to the line before."""
    return _BREAK.sub(" ", output).split("\n")


def _at_once(work: _Work, text: str) -> Line | None:
    """The line, if no model needs to be asked about it."""
    given = checks.claim(text, work.parts, work.thread.language)
    if given is None or checks.has(given.text, work.shown) or any(each.text == given.text for each in work.pending):
        return None
    if checks.objects(given, work.thread.language):
        return work.new(checks.in_own_words(given))
    if checks.is_word_for_word(given):
        return work.new(checks.written(given))
    work.pending.append(given)
    return None


async def _asked(work: _Work) -> Sequence[BothWays | None]:
    """What the model says of each pending line: do its sentences state it, and does it state them? All at once."""
    if checking.weights_of_writer() is None:
        return [None] * len(work.pending)
    pairs = [pair for each in work.pending for pair in ((each.whole, each.text), (each.text, each.source))]
    asked = [checking.question(*pair, **work.asked_for) for pair in pairs]
    found = await calls.yes_or_nos(asked, work.model, work.priority)
    return checking.answers(zip(found[::2], found[1::2], strict=True))


def _missing(work: _Work) -> Iterator[Line]:
    """Quotes of what matters most in a message, if the section lacks it."""
    for about in About:
        for said in _by_need(work, about):
            left = [each for each in said if not checks.has(each.text, work.of(about))]
            if left and len(work.of(about)) < MOST_LINES[about] and not _is_there(work, about, left):
                yield quoted.quote(about, left)


def _by_need(work: _Work, about: About) -> Sequence[Found]:
    """What a section quotes; of replies and failures first those without a line, the newest first."""
    told = {message for line in work.of(about) for message in line.messages}
    found = quoted.found(work.thread, about)
    if about == About.ASKED:
        return found
    return sorted(found, key=lambda said: (said[0].message in told, -said[0].number))


def _is_there(work: _Work, about: About, said: Found) -> bool:
    """In a line of the section that is about the same message, unless it is a question; in whatever words."""
    text = " ".join(each.text for each in said)
    asked, words = about == About.ASKED, set(content(text))
    messages = {each.message for each in said}
    lines = [each for each in work.of(about) if asked or messages & set(each.messages)]
    mentioned = {word for line in lines for word in content(line.text)}
    least = MENTIONED if asked else TOLD
    return checks.has(text, lines) or len(words & mentioned) >= least * len(words) > 0
