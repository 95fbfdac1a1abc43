"""What was asked, tried and failed, in the own words of those who wrote it. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from copilot.evidence import sentences
from copilot.evidence.question_text import QUESTION_MARKS
from copilot.evidence.question_text import WORDS as ASKING
from copilot.models import ThreadSummary
from copilot.summaries.thread import Sentence, Thread
from copilot.summaries.words import is_solved, is_sorry, is_trouble
from knowledge.index.lexical import content_words

About = ThreadSummary.About
Found = Sequence[Sentence]  # what one line quotes
MOST_QUESTIONS = 3
MOST_LINES = {About.ASKED: MOST_QUESTIONS + 1, About.TRIED: 3, About.FAILED: 3}
FIRST_QUESTIONS = 2  # of the first message, if the latest one has some too
MOST_WORDS = 35  # of a line, if it is of several sentences
SAME = 0.8  # of the words of a question: then it was asked before
FEW = 2  # content words: with fewer, a question is shown with the sentence before it
CUSTOMERS_WORD = 2  # as many as this count those words of ours that the customer has used


@dataclass(frozen=True)
class Line:
    """`text` is masked; `messages`: ids of those that say it; `written` by the model, otherwise quoted."""

    about: About
    text: str
    messages: tuple[int, ...]
    written: bool


def lines(thread: Thread) -> list[Line]:
    return [quote(about, each) for about in About for each in found(thread, about)]


def found(thread: Thread, about: About) -> list[Found]:
    """The sentences of each line of a section."""
    if about == About.ASKED:
        return _asked(thread)
    return _tried(thread) if about == About.TRIED else _failed(thread)


def quote(about: About, said: Found) -> Line:
    """A mark shows that something between two sentences is left out."""
    text = said[0].text
    for before, each in zip(said, said[1:], strict=False):
        text += (" " if each.number == before.number + 1 and each.message == before.message else " … ") + each.text
    return Line(about, text, tuple(dict.fromkeys(each.message for each in said)), False)


def open_questions(thread: Thread) -> list[str]:
    """What the customer has asked since our last reply, or ever if there was none."""
    replied = max((each.number for each in thread.sentences if each.by == "agent"), default=0)
    since = [each for each in _by_message(thread.sentences, "customer") if each[-1].number > replied]
    return [_text(each) for each in _different(_questions(since))]


def is_question(text: str) -> bool:
    return bool(QUESTION_MARKS & set(text.rstrip()[-4:]))


def may_fail(sentence: Sentence) -> bool:
    """Neither a question nor what says that all is well."""
    return not is_question(sentence.text) and not is_solved(sentence.text)


def _replied_before(thread: Thread, sentence: Sentence) -> bool:
    return any(each.by == "agent" and each.number < sentence.number for each in thread.sentences)


def _text(said: Found) -> str:
    return quote(About.ASKED, said).text


def _by_message(said: Iterable[Sentence], *by: str) -> list[list[Sentence]]:
    groups = [list(group) for _, group in groupby(said, key=lambda each: each.message)]
    return [group for group in groups if group[0].by in by]


def _asked(thread: Thread) -> list[Found]:
    """What the first message tells, and the questions of the customer's first and latest message."""
    own = _by_message(thread.sentences, "customer")
    if not own:
        return []
    first, latest = _different(_questions(own[:1])), _different(_questions(own[1:][-1:]))
    asked = _different([*(first[:FIRST_QUESTIONS] if latest else first), *latest])[:MOST_QUESTIONS]
    wishes = [each for each in own[0] if ASKING.search(each.text)]
    if not first:
        return [_most_telling(wishes or own[0], frozenset()), *asked]
    unanswered = [] if any(each.by == "agent" for each in thread.sentences) else own[1:][-1:]
    told = [said for message in [own[0], *unanswered] if (said := _told(message, asked))]
    return [*told[:1], *asked, *told[1:]][: MOST_LINES[About.ASKED]]


def _told(message: Found, asked: Sequence[Found]) -> Found:
    """The sentence that says what is wrong, or else the first one that is no question."""
    told = [each for each in message if not is_question(each.text) and not any(each in said for said in asked)]
    wrong = [each for each in told if is_trouble(each.text)]
    return (wrong or told)[:1]


def _questions(messages: Iterable[Found]) -> list[Found]:
    """Each with the sentence before it, if it means nothing alone."""
    return [_with_context(said, at) for said in messages for at, each in enumerate(said) if is_question(each.text)]


def _with_context(message: Found, at: int) -> Found:
    each, before = message[at], message[at - 1] if at else None
    if before is None or is_question(before.text):
        return [each]
    refers = sentences.joined(before.text, each.text) is not None
    return [before, each] if refers or len(content_words(each.text)) < FEW else [each]


def _different(said: Sequence[Found]) -> list[Found]:
    """Without those whose words were nearly all there before."""
    kept: list[Found] = []
    known: list[set[str]] = []
    for each in said:
        words = set(content_words(_text(each)))
        if not any(words == other or (words and len(words & other) >= SAME * len(words)) for other in known):
            kept.append(each)
            known.append(words)
    return kept


def _tried(thread: Thread) -> list[Found]:
    own = [each for each in thread.sentences if each.by == "customer"]
    theirs = frozenset(word for each in own for word in content_words(each.text))
    newest = _by_message(thread.sentences, "agent", "note")[-MOST_LINES[About.TRIED] :]
    return [_most_telling(each, theirs) for each in newest]


def _failed(thread: Thread) -> list[Found]:
    """Of each message after a reply the sentence that says that something is wrong, or else the most telling one."""
    said: list[Found] = []
    for message in _by_message(thread.sentences, "customer"):
        may = [each for each in message if may_fail(each)]
        wrong = [each for each in may if is_trouble(each.text)]
        asks = any(is_question(each.text) for each in message)
        if may and _replied_before(thread, may[0]) and (wrong or not asks):
            said.append(wrong[:1] or _most_telling(may, frozenset())[:1])
    return _different(said)[-MOST_LINES[About.FAILED] :]


def _most_telling(message: Found, theirs: frozenset[str]) -> Found:
    """The sentence with the most words that matter, and those behind it while there is room."""

    def weight(sentence: Sentence) -> float:
        words = content_words(sentence.text)
        return len(words) + CUSTOMERS_WORD * len(theirs & set(words))

    plain = [each for each in message if not is_sorry(each.text)] or message
    best = max(plain, key=lambda each: (weight(each), -each.number))
    said = [best]
    for each in plain:
        if each.number == said[-1].number + 1 and len(_text([*said, each]).split()) <= MOST_WORDS:
            said.append(each)
    return said
