"""How alike two questions are: the cosine of their vectors, made in the same way for kept tickets and the open one.

A question's vector is the mean of three: of subject and text together, of the subject, and of the text. A short subject
says what it is about, a text how. Measured on our own set, that finds half as many again as one vector of both does.
"""

import hashlib
from collections.abc import Sequence

import numpy as np

from copilot.redaction import PLACEHOLDER
from knowledge.index.embeddings import Embedder
from knowledge.index.lexical import content_words

VERSION = "1"  # of the parts and their mean: another one makes all vectors new
FEWEST_WORDS = 2  # content words of a question; "Hello?" is like nothing


def parts(title: str, question: str) -> list[str]:
    """The texts to embed, without placeholders; empty if there is nothing to compare."""
    title, question = _words(title), _words(question)
    both = f"{title}\n{question}".strip()
    if len(content_words(both)) < FEWEST_WORDS or not any(map(str.isalpha, both)):
        return []
    return list(dict.fromkeys(each for each in (both, title, question) if any(map(str.isalpha, each))))


def text_hash(title: str, question: str) -> str:
    """Of all that the vector depends on besides the embedder; "" if there is nothing to compare."""
    found = parts(title, question)
    return hashlib.sha256("\n\n".join([VERSION, *found]).encode()).hexdigest() if found else ""


def vectors(asked: Sequence[Sequence[str]], embedder: Embedder) -> list[np.ndarray]:
    """Of the parts of several questions, embedded in one go. Raises EmbedderUnavailable."""
    rows = embedder.embed_passages([text for each in asked for text in each])
    found, at = [], 0
    for each in asked:
        found.append(_mean(rows[at : at + len(each)]))
        at += len(each)
    return found


def _words(text: str) -> str:
    return "\n".join(filter(None, (" ".join(PLACEHOLDER.sub(" ", line).split()) for line in text.split("\n"))))


def _mean(rows: np.ndarray) -> np.ndarray:
    mean = rows.mean(axis=0)
    length = float(np.linalg.norm(mean))
    return np.asarray(mean / length if length else mean, dtype=np.float32)
