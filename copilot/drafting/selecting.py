"""Decides which units answer a question, and how probable it is that they do. Pure.

Search (the unit's fit: shared words and reranker) and model (which reads all units together) err differently, so both
count for the choice. Whether anything answers only the model can tell: a question that nothing answers shares as many
words with the articles about its subject as one that they answer. Figures: docs/decisions/0025-drafts-from-evidence.md.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from copilot.drafting.pointing import Pointed
from copilot.evidence.lengths import size
from copilot.grounding.alignment import STRICT, closest

FIT_SHARE = 0.4  # of the search's fit, beside the model's log probability
MOST_UNITS = 4
MOST_WORDS = 90  # for one question
DRAFT_WORDS = 110  # for several together
ENOUGH = 0.92  # probability that the best unit is among those taken already
LEAST = 0.05  # probability of a unit that is taken
SMALL = 1e-4  # added to probabilities before their logarithm is taken
WITHOUT_MODEL = 0.78  # of what the search found, on the same cases


@dataclass(frozen=True)
class Calibration:
    """Logistic regression for "the evidence answers" on the log odds that some unit does, as the model says.

    As it stands it takes the model at its word. `foreign`: added to the bias where evidence and question are in two
    languages: there the model is less sure of what does answer.
    """

    bias: float = 0.0
    odds: float = 1.0
    foreign: float = 0.0

    def between_languages(self) -> "Calibration":
        return replace(self, bias=self.bias + self.foreign)

    def probability(self, said: float) -> float:
        """`said`: the probability that some unit answers, as the model says."""
        return 1 / (1 + math.exp(-(self.bias + self.odds * log_odds(said))))


# Fitted on 360 cases that the adapter of the default writer was not trained with: copilot/evaluation/drafts.jsonl, and
# the sets j and m of training/cases.
FITTED = Calibration(1.48, 0.85, foreign=0.91)


@dataclass(frozen=True)
class Selected:
    """Numbers of the units that answer, in reading order, and the probability that they do, 0 to 1."""

    numbers: tuple[int, ...]
    probability: float


def select(
    scores: Sequence[float],
    texts: Sequence[str],
    pointed: Pointed | None,
    extra: int = 0,
    questions: int = 1,
    calibration: Calibration = FITTED,
) -> Selected:
    """Choose units for one question, of `questions` that the draft answers.

    `extra`: how many more than usual, for a draft that is asked for again.
    """
    most_words = min(MOST_WORDS, DRAFT_WORDS / questions)
    shares = _shares(scores, pointed)
    ranked = sorted(range(len(shares)), key=lambda at: -shares[at])
    taken: list[int] = []
    words = sure = 0.0
    for at in islice(without_repeats(ranked, texts), MOST_UNITS + extra):
        words += size(texts[at])
        enough = sure >= ENOUGH or shares[at] < LEAST
        if taken and (words > most_words or (enough and len(taken) > extra)):
            break
        taken.append(at)
        sure += shares[at]
    return Selected(tuple(sorted(at + 1 for at in taken)), _probability(pointed, calibration) if taken else 0.0)


def without_repeats(places: Iterable[int], texts: Sequence[str]) -> Iterator[int]:
    """The places in their order, without those whose text says what an earlier one says already.

    Comparing takes a millisecond and more for each pair, so only what is asked for is compared.
    """
    kept: list[str] = []
    for place in places:
        if not kept or closest(texts[place], kept).distance > STRICT:
            kept.append(texts[place])
            yield place


def said_by(places: Iterable[int], texts: Sequence[str]) -> dict[int, int]:
    """For each place the one whose text says it: its own, or a longer one, for articles often share sentences."""
    found: dict[int, int] = {}
    kept: list[int] = []
    for place in sorted(places, key=lambda each: (-len(texts[each]), each)):
        near = closest(texts[place], [texts[each] for each in kept]) if kept else None
        if near is None or near.unit is None or near.distance > STRICT:
            kept.append(place)
            found[place] = place
        else:
            found[place] = kept[near.unit]
    return found


def _probability(pointed: Pointed | None, calibration: Calibration) -> float:
    if pointed is None:
        return WITHOUT_MODEL
    return calibration.probability(1 - pointed.none)


def _shares(scores: Sequence[float], pointed: Pointed | None) -> list[float]:
    """The probability of each unit that it answers best, if one does."""
    model = [math.log(share + SMALL) for share in pointed.units] if pointed else [0.0] * len(scores)
    weights = [FIT_SHARE * score + said for score, said in zip(scores, model, strict=True)]
    highest = max(weights, default=0.0)
    powers = [math.exp(weight - highest) for weight in weights]
    total = sum(powers)
    return [power / total for power in powers]


def log_odds(probability: float) -> float:
    return math.log(probability + SMALL) - math.log(1 - probability + SMALL)
