"""What is shown of an answer at first sight, and which answers are the same. Pure."""

from copilot.evidence.lengths import cut
from copilot.models import ThreadSummary
from copilot.summaries.quoted import found, quote
from copilot.summaries.thread import Said, Thread, in_sentences
from knowledge.index.lexical import content_words, stem

MOST_WORDS = 35
SAME = 0.7  # share of the words of two answers that both have
ANSWER_WORDS = 200  # that are compared
TRIED = ThreadSummary.About.TRIED


def essence(question: str, answer: str) -> str:
    """The sentences of the answer that say most, above all in words of the question."""
    thread = Thread(None, in_sentences([Said(1, "customer", question), Said(2, "agent", answer)]))
    told = [quote(TRIED, said).text for said in found(thread, TRIED)]
    short = cut(told[0] if told else " ".join(answer.split()), MOST_WORDS)
    return short if not told or short == told[0] else f"{short} …"


def words(answer: str) -> frozenset[str]:
    """By which it is compared with others."""
    return frozenset(map(stem, content_words(answer, ANSWER_WORDS)))


def same(one: frozenset[str], other: frozenset[str]) -> bool:
    """Do two answers of these words say the same, but for some of them?"""
    return len(one & other) >= SAME * len(one | other)
