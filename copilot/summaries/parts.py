"""The parts of a thread, each of which the model sums up in one line. Pure."""

from dataclasses import dataclass
from itertools import groupby

from copilot.models import ThreadSummary
from copilot.summaries.thread import Sentence, Thread

About = ThreadSummary.About
MOST = 7  # parts; each takes a line of the answer


@dataclass(frozen=True)
class Part:
    """Sentences that follow each other and are about the same."""

    about: About
    sentences: tuple[Sentence, ...]

    @property
    def text(self) -> str:
        """Only the numbers of parts stand in brackets."""
        return " ".join(each.text for each in self.sentences).replace("[", "(").replace("]", ")")


def parts(thread: Thread) -> list[Part]:
    """The first one and the newest ones. What a customer says after a reply of ours tells what failed."""
    replied = next((each.number for each in thread.sentences if each.by == "agent"), len(thread.sentences) + 1)

    def about(sentence: Sentence) -> tuple[About, bool]:
        if sentence.by != "customer":
            return About.TRIED, sentence.by == "note"
        return (About.ASKED if sentence.number < replied else About.FAILED), False

    made = [Part(which, tuple(said)) for (which, _), said in groupby(thread.sentences, key=about)]
    return made if len(made) <= MOST else [made[0], *made[1 - MOST :]]
