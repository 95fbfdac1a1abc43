"""Decides which units answer a question, and how probable it is that they do. Pure.

The reranker (which reads a question with one unit) and the model (which reads it with all of them) err differently, so
both count. Figures: docs/decisions/0025-drafts-from-evidence.md.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from copilot.drafting.pointing import Pointed
from copilot.evidence.lengths import size

RERANK_SHARE = 0.5  # of the reranker's logit, beside the model's log probability
MOST_UNITS = 3
MOST_WORDS = 90
ENOUGH = 0.85  # probability that the answer is among those taken already
LEAST = 0.08  # probability of a unit that is taken
SMALL = 1e-4  # added to probabilities before their logarithm is taken
EXTREME = 50.0  # log odds; beyond them a probability is 0 or 1, and its exponential would overflow


@dataclass(frozen=True)
class Weights:
    """Of the logistic regression for "the evidence answers": bias, the model's log odds, the best unit's logit."""

    bias: float
    model: float
    score: float

    def probability(self, pointed: Pointed | None, score: float) -> float:
        odds = _log_odds(1 - pointed.none) if pointed else 0.0
        total = self.bias + self.model * odds + self.score * score
        return 1 / (1 + math.exp(-max(-EXTREME, min(EXTREME, total))))


# Fitted on copilot/evaluation/drafts.jsonl with `evaluate_drafts --details`; without the model only the score counts.
WITH_MODEL = Weights(0.9, 0.35, 0.12)
WITHOUT_MODEL = Weights(0.9, 0.0, 0.25)


@dataclass(frozen=True)
class Selected:
    """Numbers of the units that answer, in reading order, and the probability that they do, 0 to 1."""

    numbers: tuple[int, ...]
    probability: float


def select(scores: Sequence[float], texts: Sequence[str], pointed: Pointed | None, extra: int = 0) -> Selected:
    """Choose units for one question. `extra`: how many more than usual, for a draft that is asked for again."""
    shares = _shares(scores, pointed)
    ranked = sorted(range(len(shares)), key=lambda at: -shares[at])
    taken: list[int] = []
    words = sure = 0.0
    for at in ranked[: MOST_UNITS + extra]:
        words += size(texts[at])
        enough = sure >= ENOUGH or shares[at] < LEAST
        if taken and (words > MOST_WORDS or (enough and len(taken) > extra)):
            break
        taken.append(at)
        sure += shares[at]
    weights = WITH_MODEL if pointed else WITHOUT_MODEL
    probability = weights.probability(pointed, scores[ranked[0]]) if ranked else 0.0
    return Selected(tuple(sorted(at + 1 for at in taken)), probability)


def _shares(scores: Sequence[float], pointed: Pointed | None) -> list[float]:
    """The probability of each unit that it answers best, if one does."""
    model = [math.log(share + SMALL) for share in pointed.units] if pointed else [0.0] * len(scores)
    weights = [RERANK_SHARE * score + said for score, said in zip(scores, model, strict=True)]
    highest = max(weights, default=0.0)
    powers = [math.exp(weight - highest) for weight in weights]
    total = sum(powers)
    return [power / total for power in powers]


def _log_odds(probability: float) -> float:
    return math.log(probability + SMALL) - math.log(1 - probability + SMALL)
