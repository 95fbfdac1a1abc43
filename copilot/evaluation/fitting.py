"""Fits the weights of a writer's confidence, and measures what they are worth. Pure.

Logistic regression with a quadratic penalty. Each case is also judged by weights that were fitted without it, and
without the cases that share an article with it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from copilot.confidence.parts import PARTS, Values
from copilot.confidence.weights import BINS, Bin, Measured, scaled
from copilot.evaluation import curves

PENALTY = 3.0  # of the squared weights, for parts of unit variance
TINY = 1e-9  # a weight below it is none
STEPS = 30  # of Newton's method: five are enough
FOLDS, ROUNDS, SEED = 10, 10, 1
FALLS = {"places"}  # with this one the confidence falls, with every other part it rises
Numbers = NDArray[np.float64]
Fitting = Callable[[Numbers, Numbers], tuple[float, Numbers]]  # rows and what is right: constant and weights


@dataclass(frozen=True)
class Example:
    """`group`: examples that have it in common are never on both sides of a split."""

    values: Values
    right: bool
    group: str


@dataclass(frozen=True)
class Fitted:
    """As in weights.toml."""

    constant: float
    usual: dict[str, float]
    weight: dict[str, float]
    measured: Measured


def fit(examples: Sequence[Example], penalty: float = PENALTY) -> Fitted:
    rows = np.array([[scaled(part, each.values[part]) for part in PARTS] for each in examples])
    right = np.array([float(each.right) for each in examples])
    said = cross_validated(rows, right, [each.group for each in examples], partial(_fit, penalty=penalty))
    constant, weights = _fit(rows, right, penalty)
    usual, found = rows.mean(axis=0), bins(said, right)
    return Fitted(
        float(constant + weights @ usual),
        dict(zip(PARTS, map(float, usual), strict=True)),
        dict(zip(PARTS, map(float, weights), strict=True)),
        Measured(
            len(examples),
            float(right.mean()),
            curves.area(zip(map(float, said), right > 0, strict=True)) or 0.0,
            brier(said, right),
            error(found),
            found,
        ),
    )


def cross_validated(rows: Numbers, right: Numbers, groups: Sequence[str], fitted: Fitting) -> Numbers:
    """What is said of each example by weights fitted without its group, on average over several splits."""
    said, chance, names = np.zeros(len(rows)), np.random.default_rng(SEED), sorted(set(groups))
    for _ in range(ROUNDS):
        fold = {name: place % FOLDS for place, name in enumerate(chance.permutation(names))}
        folds = np.array([fold[group] for group in groups])
        for number in set(folds):
            there = folds == number
            constant, weights = fitted(rows[~there], right[~there])
            said[there] += _probability(constant + rows[there] @ weights)
    return said / ROUNDS


def _fit(rows: Numbers, right: Numbers, penalty: float) -> tuple[float, Numbers]:
    """The constant, and a weight for each part.

    One that seems to say the opposite of what it means is left out: with few drafts that is chance.
    """
    used, meant = np.ones(len(PARTS), dtype=bool), np.array([-1.0 if part in FALLS else 1.0 for part in PARTS])
    while True:
        weights = np.zeros(len(PARTS))
        constant, weights[used] = logistic(rows[:, used], right, penalty)
        if (weights * meant > -TINY).all():
            return constant, weights
        used &= weights * meant > -TINY


def logistic(rows: Numbers, right: Numbers, penalty: float = PENALTY) -> tuple[float, Numbers]:
    """The constant, and a weight for each column."""
    middle, scale = rows.mean(axis=0), rows.std(axis=0)
    scale[scale == 0] = 1.0
    columns = np.column_stack([np.ones(len(rows)), (rows - middle) / scale])
    held_back = penalty * np.diag([0.0, *np.ones(rows.shape[1])])
    found = np.zeros(columns.shape[1])
    for _ in range(STEPS):
        said = _probability(columns @ found)
        slope = columns.T @ (said - right) + held_back @ found
        bend = (columns * (said * (1 - said))[:, None]).T @ columns + held_back
        found -= np.linalg.solve(bend, slope)
    weights = found[1:] / scale
    return float(found[0] - weights @ middle), weights


def _probability(odds: Numbers) -> Numbers:
    return np.asarray(1 / (1 + np.exp(-odds)))


def brier(said: Numbers, right: Numbers) -> float:
    """The mean squared distance of what was said from what was so: 0 is perfect, ¼ is "one half" said always."""
    return float(((said - right) ** 2).mean())


def error(found: Sequence[Bin]) -> float:
    """Expected calibration error: how far what was said is from the share that was right, on average."""
    return sum(each.count * abs(each.said - each.right) for each in found) / sum(each.count for each in found)


def bins(said: Numbers, right: Numbers) -> tuple[Bin, ...]:
    """Those with an example in them."""
    places = np.minimum((said * BINS).astype(int), BINS - 1)
    found = []
    for place in range(BINS):
        there = places == place
        if there.any():
            count, given, good = int(there.sum()), float(said[there].mean()), float(right[there].mean())
            found.append(Bin(count, round(given, 4), round(good, 4)))
    return tuple(found)
