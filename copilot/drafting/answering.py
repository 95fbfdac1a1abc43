"""Makes a reply from evidence: its own words at once, then those the model points at, then in the customer's language.

Knows no database, so that drafts and their evaluation are made by the same code. No model can add anything: it only
points at units and translates them, and each translation is checked against its unit.
"""

from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from copilot.drafting import composing, pointing, saying, selecting
from copilot.drafting.composing import Line, Sentence
from copilot.drafting.pointing import Pointed
from copilot.drafting.selecting import Calibration
from copilot.evidence.gathering import Evidence
from copilot.evidence.units import Kind
from copilot.grounding import checking, verdicts
from copilot.grounding.verdicts import BothWays, Support, Verdict
from copilot.llm import Model, ModelError, Priority
from copilot.models import Draft, DraftRecord

Form = DraftRecord.Form
NOT_TRANSLATED = "not_translated"  # a reason besides those of copilot.grounding


@dataclass(frozen=True)
class Asked:
    """What a reply is made from. `message` is masked, `known` are placeholders with a value.

    `before`: what was written before it, where that is to be read, too.
    `least`: the probability from which units count as an answer. `insisted`: an agent wants a draft although nothing
    answers. `extra`: how many more units than usual, for a draft that is asked for again. `calibration`: of the writer.
    `own_words`: the rules allow only what the sources say, so a translation that is not certain is not used. `guided`:
    the reply is the next step, so it asks whether steps help.
    """

    message: str
    language: str
    evidence: Evidence
    known: Collection[str] = ()
    least: float = 0.0
    insisted: bool = False
    extra: int = 0
    calibration: Calibration = selecting.FITTED
    own_words: bool = False
    guided: bool = False
    before: str = ""

    @property
    def questions(self) -> Sequence[str]:
        """A message that asks one thing is read whole, which says most about it."""
        return self.evidence.questions if len(self.evidence.questions) > 1 else (self.message,)

    def in_thread(self, text: str) -> str:
        return f"{self.before}\n\n{text}" if self.before else text

    @property
    def between_languages(self) -> bool:
        """Whether most of the evidence is in another language than the message."""
        foreign = [saying.foreign(unit, self.language) for unit in self.evidence.units]
        return 2 * sum(foreign) > len(foreign)


@dataclass(frozen=True)
class Question:
    """One thing that was asked, the numbers of the units that answer it (none: nothing does), how probable that is."""

    text: str
    numbers: tuple[int, ...]
    probability: float
    pointed: Pointed | None = None


@dataclass(frozen=True)
class Reply:
    """An empty text: nothing answers. `pointed`: the model has said which units answer."""

    questions: tuple[Question, ...]
    text: str = ""
    sentences: tuple[Sentence, ...] = ()
    form: Form = Form.EVIDENCE
    pointed: bool = False

    @property
    def numbers(self) -> tuple[int, ...]:
        return tuple(sentence.number for sentence in self.sentences)

    @property
    def probability(self) -> float:
        """Of the question that is answered best."""
        return max((question.probability for question in self.questions), default=0.0)


async def replies(asked: Asked, model: Model, priority: Priority, draft: Draft | None = None) -> AsyncGenerator[Reply]:
    """Ever better replies; the last one counts, also if it then raises ModelError: it is never half a translation.

    Without a draft it is a measurement and its model calls are not recorded.
    """
    if asked.evidence.speaks_alone:
        yield in_own_words(asked, [None for _ in asked.questions])
    questions = [asked.in_thread(each) for each in asked.questions]
    whole = asked.in_thread(asked.message)
    pointed = await pointing.point_in_context(asked.evidence.units, questions, whole, model, priority, draft)
    own = replace(in_own_words(asked, pointed), pointed=any(pointed))
    yield own
    if any(_to_translate(asked, number) for number in own.numbers):
        try:
            async with aclosing(_translated(asked, own, model, priority, draft)) as better:
                async for reply in better:
                    yield reply
        except ModelError:
            yield own
            raise


def in_own_words(asked: Asked, pointed: Sequence[Pointed | None]) -> Reply:
    """The units that answer, behind a greeting; no text where no question is answered.

    `pointed`: for each question what the model said of it, if it was asked.
    """
    questions = [_answered(asked, at, each) for at, each in enumerate(pointed)]
    texts = [unit.text for unit in asked.evidence.units]
    said = selecting.said_by({number - 1 for question in questions for number in question.numbers}, texts)
    by = {place + 1: other + 1 for place, other in said.items()}
    answered = tuple(
        replace(each, numbers=tuple(sorted({by[number] for number in each.numbers}))) for each in questions
    )
    return _reply(asked, answered, [_own_words(asked, number) for number in sorted(set(by.values()))])


def _answered(asked: Asked, at: int, pointed: Pointed | None) -> Question:
    units = asked.evidence.units
    scores, texts = [unit.scores[at] for unit in units], [unit.text for unit in units]
    calibration = asked.calibration.between_languages() if asked.between_languages else asked.calibration
    chosen = selecting.select(scores, texts, pointed, asked.extra, len(asked.questions), calibration)
    answers = asked.insisted or chosen.probability >= asked.least
    return Question(asked.questions[at], chosen.numbers if answers else (), chosen.probability, pointed)


def _own_words(asked: Asked, number: int) -> Line:
    unit = asked.evidence.units[number - 1]
    verdict = Verdict(Support.SUPPORTED, number - 1, verdicts.WORD_FOR_WORD)
    if _is_foreign(asked, number):
        verdict = Verdict(Support.WEAK, number - 1, NOT_TRANSLATED)
    return Line(number, unit.text, unit, verdict)


def _reply(asked: Asked, questions: tuple[Question, ...], lines: Sequence[Line], ended: bool = True) -> Reply:
    """`ended`: nothing more comes, so the closing does."""
    reply = Reply(questions)
    if not lines:
        return reply
    nothing_answers = asked.insisted and reply.probability < asked.least
    further = bool(asked.evidence.sent)
    opened = composing.opened(asked.language, asked.known, insisted=nothing_answers, further=further)
    text, sentences = composing.composed(opened, lines)
    if ended:
        steps = asked.guided and any(line.unit.kind is Kind.STEPS for line in lines)
        text = composing.closed(text, asked.language, steps)
    own = all(line.text == line.unit.text for line in lines)
    return Reply(questions, text, sentences, Form.EVIDENCE if own else Form.WRITTEN)


def _to_translate(asked: Asked, number: int) -> bool:
    return _is_foreign(asked, number) and saying.can_say(asked.language)


def _is_foreign(asked: Asked, number: int) -> bool:
    """Whether the customer may not understand the unit. Code needs no language."""
    unit = asked.evidence.units[number - 1]
    return saying.foreign(unit, asked.language) and saying.words_and_code(unit)[0] != ""


async def _translated(
    asked: Asked, reply: Reply, model: Model, priority: Priority, draft: Draft | None
) -> AsyncGenerator[Reply]:
    """Unit by unit, as it streams. A translation that is not supported is replaced by the unit's own words."""
    lines: list[Line] = []
    for number in reply.numbers:
        line = _own_words(asked, number)
        if _to_translate(asked, number):
            text = ""
            async with aclosing(saying.said(line.unit, asked.language, model, priority, draft)) as texts:
                async for text in texts:
                    if text.strip():
                        verdict = Verdict(Support.WEAK, number - 1, verdicts.NOT_CHECKED)
                        yield _shown(asked, reply, [*lines, replace(line, text=text, verdict=verdict, open=True)])
            line = await _checked(asked, line, text, model, priority, draft)
        lines.append(line)
        yield _shown(asked, reply, lines)


def _shown(asked: Asked, reply: Reply, lines: Sequence[Line]) -> Reply:
    ended = len(lines) == len(reply.numbers) and not lines[-1].open
    return replace(_reply(asked, reply.questions, lines, ended), pointed=reply.pointed)


async def _checked(asked: Asked, line: Line, text: str, model: Model, priority: Priority, draft: Draft | None) -> Line:
    """The line with its translation, or as it was.

    The model is asked only where no rule objects, and if its answer counts: that of one that nobody measured does not.
    """
    if not text:
        return line
    verdict = _verdict(asked, line, text, None)
    if verdict.support is not Support.UNSUPPORTED and checking.weights_of_writer() is not None:
        unit = line.unit.text
        (said,) = await checking.both_ways([text], unit, [unit], model, priority, draft)
        verdict = _verdict(asked, line, text, said)
    doubtful = {Support.UNSUPPORTED, Support.WEAK} if asked.own_words else {Support.UNSUPPORTED}
    if verdict.support in doubtful or verdict.reason == verdicts.WORD_FOR_WORD:  # or not translated at all
        return line
    return replace(line, text=text, verdict=replace(verdict, unit=line.number - 1))


def _verdict(asked: Asked, line: Line, text: str, said: BothWays | None) -> Verdict:
    weights, source = checking.weights_of_writer(), line.unit.passage.language
    return verdicts.decide(text, [line.unit.text], asked.language, said=said, weights=weights, source_language=source)
