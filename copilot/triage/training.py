"""Trains a classifier: 80 % of the examples to learn from, 10 % to choose settings with, 10 % to measure with.

The classifier that is kept and measured has learnt from the first two parts, with the settings that were best for the
second when it had learnt from the first. It never learns from the test part, nor does a later one, so that they can be
compared.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from copilot.triage import features, figures
from copilot.triage.classifier import CATEGORY, HEADS, NONE, TONED, Classifier, Head, likeliest, softmax
from copilot.triage.examples import DEV, TEST, TRAIN, Example, labelled, parted
from copilot.triage.features import Numbers
from knowledge.index.embeddings import Embedder

PENALTIES = (0.3, 1.0, 3.0)  # of kernel ridge regression: the larger, the less it follows single examples
TEMPERATURES = np.geomspace(0.02, 2, 60)
LEAST, CATEGORIES_AT_LEAST = 20, 2  # examples and categories to learn from
MOST = 12_000  # examples: memory and time grow with their square and cube


class TooFew(Exception):
    """There is not enough to learn from."""


@dataclass(frozen=True)
class Rows:
    """Examples as numbers."""

    examples: Sequence[Example]
    numbers: Numbers

    def truth(self, head: str) -> tuple[list[int], np.ndarray]:
        """Places of the examples with a label for this head, and those labels."""
        places = labelled(self.examples, head)
        return places, np.array([self.examples[place].labels[head] for place in places])


@dataclass(frozen=True)
class Trained:
    """`tested`: the examples that were measured with."""

    classifier: Classifier
    report: dict[str, Any]
    tested: Rows


@dataclass(frozen=True)
class Fitted:
    head: Head
    penalty: float
    loss: float


def train(examples: Sequence[Example], embedder: Embedder) -> Trained:
    """Raises TooFew, EmbedderUnavailable."""
    parts = parted(examples)
    parts[TRAIN] = parts[TRAIN][:MOST]
    _check(parts[TRAIN])
    texts = {part: [features.read(each.text) for each in rows] for part, rows in parts.items()}
    words = features.learn(texts[TRAIN] + texts[DEV])
    make = features.Features(embedder, words)
    rows = {part: Rows(parts[part], make.of(texts[part])) for part in parts}
    learnt = _both(rows[TRAIN], rows[DEV])
    chosen = _chosen(rows[TRAIN], rows[DEV])
    numbers = learnt.numbers
    classifier = Classifier(embedder.name, words, numbers.vectors, numbers.tones, _again(learnt, chosen))
    report = {
        "embedder": embedder.name,
        "split": {part: len(each) for part, each in parts.items()},
        "penalty": {name: each.penalty for name, each in chosen.items()},
        "temperature": {name: round(each.head.temperature, 3) for name, each in chosen.items()},
        **measure(classifier, rows[TEST]),
    }
    return Trained(classifier, report, rows[TEST])


def measure(classifier: Classifier, rows: Rows) -> dict[str, Any]:
    """Figures of the category, with its confusion table and reliability, and of the other heads."""
    found = classifier.probabilities(rows.numbers)
    measured = {
        head: _measured(classifier.heads[head], found[head], rows, head) for head in HEADS if head in classifier.heads
    }
    return {**measured.pop(CATEGORY), **measured}


def _measured(head: Head, probabilities: np.ndarray, rows: Rows, name: str) -> dict[str, Any]:
    places, truth = rows.truth(name)
    said = likeliest(head, probabilities[places])
    names, confidence = [label for label, _ in said], [likely for _, likely in said]
    report = figures.figures(list(truth), names, confidence)
    if name == CATEGORY:
        right = np.array([wanted == given for wanted, given in zip(truth, names, strict=True)], dtype=bool)
        report["confusion"] = figures.confusion(list(truth), names)
        report["reliability"] = figures.reliability(right, np.array(confidence))
    elif places and all(label.isdigit() for label in head.labels):
        away = np.abs(expected(head, probabilities[places]) - truth.astype(int))
        report |= {"mean_distance": round(float(away.mean()), 4), "within_one": round(float((away <= 1).mean()), 4)}
    return report


def expected(head: Head, probabilities: np.ndarray) -> np.ndarray:
    """The middle of numbered labels, such as urgency: half of the probability lies on each side."""
    numbers = np.array([int(label) for label in head.labels])
    return np.asarray(numbers[(probabilities.cumsum(axis=1) >= 0.5).argmax(axis=1)])


def _chosen(learnt: Rows, dev: Rows) -> dict[str, Fitted]:
    """Each head with the penalty that has the smallest loss on the dev part."""
    chosen = {}
    for name, alike in _likeness(learnt, [name for name in HEADS if _can_learn(learnt, name)]):
        tried = [
            _warmed(name, penalty, _regression(learnt, name, alike, penalty), learnt, dev) for penalty in PENALTIES
        ]
        chosen[name] = min(tried, key=lambda each: each.loss)
    return chosen


def _again(learnt: Rows, chosen: dict[str, Fitted]) -> dict[str, Head]:
    """With the same settings."""
    return {
        name: replace(_regression(learnt, name, alike, chosen[name].penalty), temperature=chosen[name].head.temperature)
        for name, alike in _likeness(learnt, chosen)
    }


def _likeness(learnt: Rows, heads: Iterable[str]) -> Iterator[tuple[str, np.ndarray]]:
    """How alike the messages are, as each head sees it. In place, because there may be many: use each at once."""
    numbers, heads = learnt.numbers, set(heads)
    alike = numbers.alike(numbers)
    yield from ((name, alike) for name in HEADS if name in heads - TONED)
    alike += numbers.attuned(numbers.tones)
    yield from ((name, alike) for name in HEADS if name in heads & TONED)


def _regression(rows: Rows, name: str, alike: np.ndarray, penalty: float) -> Head:
    """Kernel ridge regression on labels as 0 and 1 (Hastie et al., The Elements of Statistical Learning, 5.8)."""
    from scipy.linalg import solve

    places, truth = rows.truth(name)
    labels = np.unique(truth)
    wanted = (truth[:, None] == labels[None]).astype(alike.dtype)
    inside = alike[np.ix_(places, places)]
    inside[np.diag_indices_from(inside)] += penalty
    weights = np.zeros((len(rows.examples), len(labels)), dtype=np.float32)
    weights[places] = solve(inside, wanted, assume_a="pos", overwrite_a=True)
    return Head(tuple(map(str, labels)), weights, np.asarray(rows.numbers.words.T @ weights))


def _warmed(name: str, penalty: float, head: Head, learnt: Rows, dev: Rows) -> Fitted:
    """With the temperature that has the smallest mean loss on the dev part."""
    column = {label: place for place, label in enumerate(head.labels)}
    places, truth = dev.truth(name)
    known = [(place, column[label]) for place, label in zip(places, truth, strict=True) if label in column]
    if not known:
        return Fitted(head, penalty, 0.0)
    numbers = dev.numbers[[place for place, _ in known]]
    near = numbers.near(learnt.numbers.vectors)
    if name in TONED:
        near += numbers.attuned(learnt.numbers.tones)
    scores = np.log(head.probabilities(near, numbers.words))  # at temperature 1; softmax forgets what is the same
    wanted = [place for _, place in known]
    losses = [-np.log(softmax(scores / each)[np.arange(len(known)), wanted] + 1e-12).mean() for each in TEMPERATURES]
    best = int(np.argmin(losses))
    return Fitted(replace(head, temperature=float(TEMPERATURES[best])), penalty, float(losses[best]))


def _both(one: Rows, other: Rows) -> Rows:
    from scipy import sparse

    vectors = np.vstack([one.numbers.vectors, other.numbers.vectors])
    words = sparse.vstack([one.numbers.words, other.numbers.words]).tocsr()
    tones = np.vstack([one.numbers.tones, other.numbers.tones])
    return Rows([*one.examples, *other.examples], Numbers(vectors, words, tones))


def _can_learn(rows: Rows, head: str) -> bool:
    return len(set(rows.truth(head)[1])) > 1


def _check(examples: Sequence[Example]) -> None:
    labels = {each.labels[CATEGORY] for each in examples if CATEGORY in each.labels} - {NONE}
    if len(examples) < LEAST or len(labels) < CATEGORIES_AT_LEAST:
        raise TooFew(
            f"There are {len(examples)} messages of {len(labels)} categories to learn from; "
            f"at least {LEAST} of {CATEGORIES_AT_LEAST} are needed."
        )
