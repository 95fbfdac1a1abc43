"""What was asked on a ticket, and which reply solved it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from copilot.evidence.sentences import sentences
from copilot.similar.words import SOMETHING, asks, helped, told_words
from copilot.summaries.bare import body

MUCH = 10  # content words of a reply, in sentences that say something


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
    """By the reply that the customer wrote had helped; else by the last that answers since he wrote that it fails.

    None if there is no such reply, and where it is in doubt: a reply that asks back, thanks or promises answers
    nothing, and what works without a reply of ours was not solved by one.
    """
    first = next((at for at, each in enumerate(said) if each.by == "customer"), len(said))
    verdicts = {at: _verdict(each.text) for at, each in enumerate(said) if each.by == "customer" and at > first}
    ours = [at for at, each in enumerate(said) if each.by == "agent" and at > first]
    failed = [at for at, verdict in verdicts.items() if verdict is False]
    worked = [at for at, verdict in verdicts.items() if verdict and ours and at > ours[0]]
    for at in worked:
        if (place := _praised(said, first, at, failed)) is not None:
            goes_on = asks(in_sentences(said[at].text))  # what fails later is then another matter
            return Solved(said[place], confirmed=True) if goes_on or max(failed, default=-1) < at else None
    place = None if worked else _answer(said, range(max([first, *failed]) + 1, len(said)))
    return None if place is None else Solved(said[place])


def _praised(said: Sequence[Said], first: int, at: int, failed: Sequence[int]) -> int | None:
    """The reply of which the customer writes at this place that it helped.

    It may be one of which he had written before that it failed, if we have written nothing since.
    """
    *earlier, since = [first, *(each for each in failed if each < at)]
    if earlier and all(each.by == "customer" for each in said[since:at]):
        return _answer(said, range(earlier[-1] + 1, since))
    return _answer(said, range(since + 1, at))


def _answer(said: Sequence[Said], places: range) -> int | None:
    """The last reply among these that answers; of several between which the customer asked nothing, one that says much.

    What he only tells or thanks for needs no answer, so that a short reply to it counts less than a long one before.
    """
    runs: list[dict[int, int]] = [{}]
    for at in places:
        if said[at].by == "agent":
            runs[-1][at] = told_words(in_sentences(body(said[at].text)))
        elif asks(in_sentences(said[at].text)):
            runs.append({})
    for run in reversed(runs):
        for least in (MUCH, SOMETHING):
            if answers := [at for at, words in run.items() if words >= least]:
                return answers[-1]
    return None


def _verdict(text: str) -> bool | None:
    cut = [text[start:end] for start, end in sentences(text)]
    return helped([[" ".join(each.split()), *each.split("\n")] for each in cut])


def in_sentences(text: str) -> list[str]:
    """One line each."""
    return [" ".join(text[start:end].split()) for start, end in sentences(text)]
