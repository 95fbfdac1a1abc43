"""What was asked on a ticket, and which reply solved it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from copilot.evidence.sentences import sentences
from copilot.similar.words import helped, told_words
from copilot.summaries.bare import body

MUCH, SOMETHING = 10, 4  # content words of a reply, in sentences that say something


@dataclass(frozen=True)
class Said:
    """A message. Of ours only those that the customer got or will get, and no notes."""

    message: int
    by: Literal["customer", "agent"]
    text: str


@dataclass(frozen=True)
class Solved:
    """`by`: the reply. `confirmed`: the customer wrote that it helped."""

    by: Said
    confirmed: bool = False


def asked(said: Sequence[Said]) -> list[Said]:
    """The customer's messages before our first reply; if we wrote first, those before our second one."""
    found: list[Said] = []
    for each in said:
        if each.by == "customer":
            found.append(each)
        elif found:
            break
    return found


def solved(said: Sequence[Said]) -> Solved | None:
    """By the last reply that answers since the customer wrote that it still fails, if he did.

    None if there is no such reply: one that asks back, or only thanks, answers nothing.
    """
    verdicts = {at: _verdict(each.text) for at, each in enumerate(said) if each.by == "customer"}
    failed = max((at for at, verdict in verdicts.items() if verdict is False), default=-1)
    place = _answer(said, range(failed + 1, len(said)))
    if place is None and any(verdicts[at] for at in verdicts if at > failed):
        place = _answer(said, range(failed))  # it did help in the end
    if place is None:
        return None
    return Solved(said[place], any(verdict for at, verdict in verdicts.items() if at > place))


def _answer(said: Sequence[Said], places: range) -> int | None:
    """The last reply among these that says much, or else something, after the customer has written."""
    first = next((at for at, each in enumerate(said) if each.by == "customer"), len(said))
    ours = {at: in_sentences(body(said[at].text)) for at in places if said[at].by == "agent" and at > first}
    told = {at: told_words(sentences) for at, sentences in ours.items()}
    for least in (MUCH, SOMETHING):
        if answers := [at for at, words in told.items() if words >= least]:
            return answers[-1]
    return None


def _verdict(text: str) -> bool | None:
    """Lines are looked at too: "Thanks!" often stands on a line of its own."""
    return helped([*in_sentences(text), *text.split("\n")])


def in_sentences(text: str) -> list[str]:
    """One line each."""
    return [" ".join(text[start:end].split()) for start, end in sentences(text)]
