"""What is shown of an answer at first sight, and which answers are the same. Pure."""

from dataclasses import dataclass

from copilot.evidence.lengths import cut
from copilot.grounding.words import NEGATIONS, tokens
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


@dataclass(frozen=True)
class Gist:
    """What an answer is compared by: its words, and what turns them into something else."""

    words: frozenset[str]
    decisive: frozenset[str]  # numbers and words such as "not"


def gist(answer: str) -> Gist:
    said = tokens(answer)
    decisive = {each for each in said if each in NEGATIONS or any(map(str.isdigit, each))}
    return Gist(frozenset(map(stem, content_words(answer, ANSWER_WORDS))), frozenset(decisive))


def same(one: Gist, other: Gist) -> bool:
    """Do two answers say the same, but for some words? "Within 14 days" and "not within 14 days" do not."""
    shared = len(one.words & other.words) >= SAME * len(one.words | other.words)
    return shared and one.decisive == other.decisive
