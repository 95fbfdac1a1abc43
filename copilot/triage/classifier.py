"""The classifier: kernel ridge regression on the features of a message, one `Head` for each thing that it says.

A message gets a score for each label: how alike it is to the messages that were learnt from, weighted. Scores become
probabilities by a softmax. It is kept as one file of plain numbers and words (numpy's .npz, read without pickle), so
that reading a file that somebody else made runs no code.
"""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from copilot.triage.features import KINDS, SHARE, Features, Numbers, Words, read
from copilot.triage.signals import REQUESTS
from copilot.triage.tone import MEASURES
from knowledge.index.embeddings import Embedder

FORMAT, WITHOUT_TONE = 2, 1  # what is written, and what can be read as well
CATEGORY, SENTIMENT, URGENCY, ESCALATE = "category", "sentiment", "urgency", "escalate"
HEADS = (CATEGORY, SENTIMENT, URGENCY, ESCALATE, *(kind.value for kind in REQUESTS))
TONED = frozenset({SENTIMENT, URGENCY})  # the tone is no help for the others
NONE = "none"  # the label of messages that belong to no category


class BadModel(Exception):
    """The file is no classifier, or not one for the embedder in use."""


@dataclass(frozen=True)
class Head:
    """`weights`: for each message that was learnt from (`points` of the classifier), `terms`: for each term of Words;
    a column for each label. `temperature`: what scores are divided by, so that 0.8 is right 8 times in 10 (Guo et al.,
    On Calibration of Modern Neural Networks, 2017)."""

    labels: tuple[str, ...]
    weights: np.ndarray
    terms: np.ndarray
    temperature: float = 1.0

    def probabilities(self, near: np.ndarray, words: Any) -> np.ndarray:
        return softmax((near @ self.weights + SHARE * (words @ self.terms)) / self.temperature)


@dataclass(frozen=True)
class Classifier:
    """`points`: embeddings of the messages that were learnt from, `tones`: how they sound, None if it was stored before
    the tone was looked at; then its heads have been trained without it."""

    embedder: str
    words: tuple[Words, ...]
    points: np.ndarray
    tones: np.ndarray | None
    heads: Mapping[str, Head]

    def features(self, embedder: Embedder) -> Features:
        """Raises BadModel if the embedder is another one than it was trained with."""
        if embedder.name != self.embedder:
            raise BadModel(f"It was trained with the embedder {self.embedder}, not with {embedder.name}.")
        return Features(embedder, self.words)

    def probabilities(self, numbers: Numbers) -> dict[str, np.ndarray]:
        """By head: a row for each message, a column for each label."""
        near = numbers.near(self.points)
        toned = near if self.tones is None else near + numbers.attuned(self.tones)
        return {
            name: head.probabilities(toned if name in TONED else near, numbers.words)
            for name, head in self.heads.items()
        }


@dataclass(frozen=True)
class Ready:
    """A classifier with the embedder that it needs, and what of it is made once."""

    classifier: Classifier
    embedder: Embedder

    @cached_property
    def features(self) -> Features:
        return self.classifier.features(self.embedder)

    def read(self, texts: Sequence[str]) -> dict[str, np.ndarray]:
        """The probabilities of each text. Raises BadModel, EmbedderUnavailable."""
        return self.classifier.probabilities(self.features.of([read(text) for text in texts]))

    def categories(self, texts: Sequence[str]) -> list[tuple[str, float]]:
        """Category and confidence of each text. Raises BadModel, EmbedderUnavailable."""
        return likeliest(self.classifier.heads[CATEGORY], self.read(texts)[CATEGORY])


def likeliest(head: Head, probabilities: np.ndarray) -> list[tuple[str, float]]:
    best = probabilities.argmax(axis=1)
    return [(head.labels[place], float(row[place])) for row, place in zip(probabilities, best, strict=True)]


def softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def to_bytes(classifier: Classifier) -> bytes:
    about = {
        "format": WITHOUT_TONE if classifier.tones is None else FORMAT,
        "embedder": classifier.embedder,
        "measures": MEASURES,
        "terms": [list(each.terms) for each in classifier.words],
        "heads": {
            name: {"labels": head.labels, "temperature": head.temperature} for name, head in classifier.heads.items()
        },
    }
    arrays: dict[str, Any] = {
        "about": np.frombuffer(json.dumps(about).encode(), dtype=np.uint8),
        "points": classifier.points.astype(np.float16),
    }
    if classifier.tones is not None:
        arrays["tones"] = classifier.tones.astype(np.float16)
    arrays |= {f"rarity{place}": each.rarity.astype(np.float32) for place, each in enumerate(classifier.words)}
    for name, head in classifier.heads.items():
        arrays |= {f"{name}.weights": head.weights.astype(np.float32), f"{name}.terms": head.terms.astype(np.float16)}
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file.getvalue()


def from_bytes(stored: bytes) -> Classifier:
    """Raises BadModel."""
    try:
        with np.load(io.BytesIO(stored), allow_pickle=False) as arrays:
            about = json.loads(arrays["about"].tobytes())
            tones = _tones(about, arrays)
            words = tuple(Words(tuple(about["terms"][place]), arrays[f"rarity{place}"]) for place in range(len(KINDS)))
            heads = {name: _head(name, values, arrays) for name, values in about["heads"].items()}
            return Classifier(str(about["embedder"]), words, arrays["points"].astype(np.float32), tones, heads)
    except BadModel:
        raise
    except Exception as error:  # a damaged file fails in many ways
        raise BadModel(f"It is no classifier: {type(error).__name__}.") from error


def _tones(about: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> np.ndarray | None:
    if about["format"] == WITHOUT_TONE:
        return None
    if about["format"] != FORMAT:
        raise BadModel(
            f"It has the format {about['format']}; this version of Copydesk reads {WITHOUT_TONE} and {FORMAT}."
        )
    if about["measures"] != list(MEASURES):
        raise BadModel("It was trained with other measures of the tone.")
    return arrays["tones"].astype(np.float32)


def _head(name: str, values: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Head:
    terms = arrays[f"{name}.terms"].astype(np.float32)
    return Head(tuple(values["labels"]), arrays[f"{name}.weights"], terms, float(values["temperature"]))
