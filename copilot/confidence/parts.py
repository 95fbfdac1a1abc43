"""What is known of a finished draft, as the numbers that its confidence is computed from. Pure.

Measured and left out, because they say nothing more on our cases: how well the search's best unit fits, whether search
and model agree on a unit, the number of sentences and of articles, the length of the message, the share of the pointing
that the units used have, and the customer's language beyond what "supported" says of translations.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean

# `places`: how many units the model points at, as if evenly. `answers`: how probable it is that the evidence answers.
# `answered`: the share of the questions. `supported`: the share of the sentences.
PARTS = ("places", "answers", "answered", "supported")
Values = Mapping[str, float]


@dataclass(frozen=True)
class Asked:
    """One question of the customer.

    `probability`: that the evidence answers; `pointed`: the probability of each unit that it answers best, empty if the
    model was not asked; `used`: the draft has units that answer.
    """

    probability: float
    pointed: Sequence[float]
    used: bool


def of_draft(asked: Sequence[Asked], supported: Sequence[bool]) -> Values | None:
    """The number of each part. `supported`: of each sentence. None if the model has not read the evidence."""
    answered = [each for each in asked if each.used]
    if not answered or not supported or not all(sum(each.pointed) for each in answered):
        return None
    return {
        "places": math.exp(mean(_spread(each.pointed) for each in answered)),
        "answers": mean(each.probability for each in answered),
        "answered": len(answered) / len(asked),
        "supported": sum(supported) / len(supported),
    }


def _spread(pointed: Sequence[float]) -> float:
    """The entropy of the pointing: 0 if all of it is at one unit, ln 3 if it is evenly at three."""
    total = sum(pointed)
    shares = [each / total for each in pointed if each > 0]
    return -sum(share * math.log(share) for share in shares)
