"""Has the model write what was asked, tried and failed, and checks every line of it."""

import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from copilot import calls, prompts
from copilot.calls import Call, ModelRequest, Purpose
from copilot.grounding import checking
from copilot.grounding.verdicts import BothWays
from copilot.llm import Model, Priority, Sampling
from copilot.models import ThreadSummary
from copilot.summaries import checks, quoted
from copilot.summaries.checks import Claim
from copilot.summaries.quoted import MOST_LINES, About, Line, Part
from copilot.summaries.thread import Thread

PROMPT = "summary-1"
MOST_TOKENS = 180
MOST_WRITTEN = 8  # lines that are read
_BREAK = re.compile(r"\s*\n\s*(?=\[)")
ENOUGH = "enough"


@dataclass
class _Work:
    """A summary that is being made. `pending`: lines that only the model can judge."""

    thread: Thread
    model: Model
    row: ThreadSummary | None
    priority: Priority
    shown: list[Line] = field(default_factory=list)
    pending: list[Claim] = field(default_factory=list)

    def request(self, purpose: Purpose, version: str, messages: list[dict[str, str]]) -> ModelRequest:
        return ModelRequest(purpose, version, messages, summary=self.row, recorded=self.row is not None)

    def has_room(self, about: About) -> bool:
        return sum(each.about == about for each in [*self.shown, *self.pending]) < MOST_LINES


async def summarise(
    thread: Thread, model: Model, row: ThreadSummary | None, priority: Priority = "interactive"
) -> AsyncGenerator[Line]:
    """Each line as soon as it is known to be right; what nothing right was written about is quoted, at the end.

    Raises ModelError. Without a row it is a measurement and not recorded.
    """
    if not thread.sentences:
        return
    work = _Work(thread, model, row, priority)
    async with aclosing(_written(work)) as texts:
        async for text in texts:
            if (line := _at_once(work, text)) is not None:
                yield _noted(work, line)
    for given, said in zip(work.pending, await _asked(work), strict=True):
        right = checks.holds(given, thread.language, said, checking.weights_of_writer())
        yield _noted(work, checks.written(given) if right else checks.in_own_words(given))
    for line in _missing(work):
        yield line


def _noted(work: _Work, line: Line) -> Line:
    work.shown.append(line)
    return line


def _missing(work: _Work) -> list[Line]:
    """Quotes of what no line is about: a question, or another message than those that have a line in the section."""
    lines: list[Line] = []
    for about in About:
        for found in quoted.found(work.thread, about):
            line = quoted.quote(about, found)
            own = [each for each in [*work.shown, *lines] if each.about == about]
            known = {message for each in own for message in each.messages} if about != About.ASKED else set()
            if len(own) < MOST_LINES and not checks.has(line, [*work.shown, *lines]) and not known >= {*line.messages}:
                lines.append(line)
    return lines


async def _written(work: _Work) -> AsyncGenerator[str]:
    """The lines of the answer; the last one only if it is whole."""
    prompt = prompts.load(PROMPT)
    parts = enumerate(quoted.parts(work.thread), start=1)
    material = "".join(
        prompt.items["part"].format(number=number, about=part.about.upper(), text=_unmarked(part))
        for number, part in parts
    )
    messages = prompt.messages("summary", work.thread.language, parts=material)
    call = Call(work.request(Purpose.SUMMARY, prompt.version, messages))
    sampling = Sampling(temperature=0, max_tokens=MOST_TOKENS)
    read = 0
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
    """Numbers that stand on a line of their own belong to the one before."""
    return _BREAK.sub(" ", output).split("\n")


def _unmarked(part: Part) -> str:
    """Only our own numbers stand in brackets."""
    return " ".join(each.text for each in part.sentences).replace("[", "(").replace("]", ")")


def _at_once(work: _Work, text: str) -> Line | None:
    """The line, if no model needs to be asked about it."""
    given = checks.claim(text, work.thread)
    if given is None or not work.has_room(given.about) or checks.has(given, work.shown):
        return None
    if checks.objects(given, work.thread.language):
        line = checks.in_own_words(given)
        return None if checks.has(line, work.shown) else line
    if checks.is_word_for_word(given):
        return checks.written(given)
    work.pending.append(given)
    return None


async def _asked(work: _Work) -> Sequence[BothWays | None]:
    """What the model says of each pending line: do its sentences state it, and does it state them? All at once."""
    if checking.weights_of_writer() is None:
        return [None] * len(work.pending)
    prompt = prompts.load(checking.PROMPT)
    pairs = [(given.units[-1], given.text) for given in work.pending]
    asked = [
        work.request(Purpose.VERIFY, prompt.version, prompt.messages("stated", source=source, claim=text))
        for one, other in pairs
        for source, text in ((one, other), (other, one))
    ]
    found = await calls.yes_or_nos(asked, work.model, work.priority)
    answers = zip(found[::2], found[1::2], strict=True)
    return [None if one is None or other is None else BothWays(one, other) for one, other in answers]
