"""A message as numbers: its sentence embedding, which words and parts of words it has, its tone; how alike two are.

The embedding knows what is meant, whatever the words. Words and parts of words tell apart what means nearly the same,
and help with languages that the embedder does not know. The tone is for what is not about the matter: how the customer
feels, and how urgent it is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from copilot.redaction import PLACEHOLDER
from copilot.triage import tone
from knowledge.index.embeddings import Embedder

# Analyzer, from and to how many words or characters in a row.
KINDS = (("word", 1, 2), ("char_wb", 2, 5))
NARROW = 1.5  # how fast likeness falls with the distance of two embeddings
SHARE = 0.25  # of a kind of words in the likeness, beside that of the embeddings
# How fast likeness falls with the distance of two tones, and its share beside that of the embeddings.
TONE_NARROW, TONE_SHARE = 1.0, 0.25
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True)
class Words:
    """The words, or parts of words, of the training texts, and how rare each is."""

    terms: tuple[str, ...]
    rarity: np.ndarray  # inverse document frequency of each


@dataclass(frozen=True)
class Numbers:
    """A row for each message."""

    vectors: np.ndarray
    words: Any  # sparse, one column for each term
    tones: np.ndarray  # a column for each of tone.MEASURES

    def __len__(self) -> int:
        return len(self.vectors)

    def __getitem__(self, places: Any) -> "Numbers":
        return Numbers(self.vectors[places], self.words[places], self.tones[places])

    def near(self, points: np.ndarray) -> np.ndarray:
        """Likeness of the embeddings: 1 if they are the same (radial basis function)."""
        return np.asarray(np.exp(-NARROW * (2 - 2 * self.vectors @ points.T)))

    def attuned(self, tones: np.ndarray) -> np.ndarray:
        """Likeness of the tones, in the same way, as a part of the whole likeness."""
        squares = (self.tones**2).sum(axis=1)[:, None] + (tones**2).sum(axis=1) - 2 * self.tones @ tones.T
        return np.asarray(TONE_SHARE * np.exp(-TONE_NARROW * squares))

    def alike(self, others: "Numbers") -> np.ndarray:
        """Rows of this x rows of the others: near in meaning, plus words in common. Without the tone."""
        return self.near(others.vectors) + SHARE * (self.words @ others.words.T).toarray()


def read(text: str) -> str:
    """The text as it is classified: nothing personal, and no numbers, which mean nothing by themselves."""
    return _DIGITS.sub("0", PLACEHOLDER.sub(" ", text)).strip()


def learn(texts: Sequence[str]) -> tuple[Words, ...]:
    """One for each of KINDS. `texts`: as `read` gives them."""
    found = []
    for kind in KINDS:
        vectorizer = _vectorizer(kind)
        try:
            vectorizer.fit(texts)
        except ValueError:  # no word is in two texts
            found.append(Words((), np.zeros(0)))
            continue
        found.append(Words(tuple(vectorizer.get_feature_names_out()), vectorizer.idf_))
    return tuple(found)


@dataclass(frozen=True)
class Features:
    """Makes rows of numbers with the words that were learnt."""

    embedder: Embedder
    words: tuple[Words, ...]

    def of(self, texts: Sequence[str], vectors: np.ndarray | None = None) -> Numbers:
        """`texts`: as `read` gives them. `vectors`: their embeddings, if they are there. Raises EmbedderUnavailable."""
        if vectors is None:
            vectors = self.embedder.embed_passages(list(texts))
        from scipy import sparse  # slow to import, and only here needed

        parts = [each.transform(texts) for each in self._vectorizers]
        nothing = sparse.csr_matrix((len(texts), 0), dtype=np.float64)
        words = sparse.hstack([nothing, *parts]).tocsr().astype(np.float32)
        return Numbers(vectors.astype(np.float32), words, tone.measures(texts))

    @cached_property
    def _vectorizers(self) -> list[Any]:
        return [_known(kind, each) for kind, each in zip(KINDS, self.words, strict=True) if each.terms]


def _vectorizer(kind: tuple[str, int, int], **given: Any) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    analyzer, least, most = kind
    return TfidfVectorizer(analyzer=analyzer, ngram_range=(least, most), sublinear_tf=True, min_df=2, **given)


def _known(kind: tuple[str, int, int], words: Words) -> Any:
    vectorizer = _vectorizer(kind, vocabulary={term: place for place, term in enumerate(words.terms)})
    vectorizer.idf_ = words.rarity
    return vectorizer
