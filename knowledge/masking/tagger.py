"""A small language model that says of each word whether it is part of a name or of a street address.

It is Rampart (National Design Studio, CC BY 4.0): 15 MB, some 10 ms for a mail, many languages. What becomes of its
probabilities is decided in people.py and places.py. Without its file names of others are found by rules alone.
"""

import json
import logging
import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings

from config import catalogue
from knowledge.index.onnx import OnnxModel
from knowledge.masking.text import Word

logger = logging.getLogger(__name__)

MAX_TOKENS = 512
# It was trained on short texts: of longer ones a window is read at a time, with what is around it.
WINDOW, AROUND = 400, 60  # characters
DENSE_WINDOW, DENSE_AROUND = 100, 20  # of scripts in which a character can become several word pieces
# Of a longer text the beginning and the end are read, at 0.07 ms for a character. Between them are logs and quotations.
BEGINNING, ENDING = 9_000, 3_000
DENSE = re.compile("[\u0900-\u0dff\u0e00-\u0e7f\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
SURROGATE = re.compile("[\ud800-\udfff]")
SPACE = re.compile(r"\s")
SEEN = 0.05  # words below are as good as certainly neither
NAMES = ("GIVEN_NAME", "SURNAME")
PLACES = ("BUILDING_NUMBER", "STREET_NAME", "SECONDARY_ADDRESS", "CITY", "STATE", "ZIP_CODE")


class TaggerUnavailable(Exception):
    """Masking goes on with rules alone."""


class Tagger:
    """The model in a folder; it loads on first use."""

    def __init__(self, folder: Path) -> None:
        self.name = folder.name
        self.folder = folder
        self.failed = False  # at the latest text
        self._model = OnnxModel(folder, MAX_TOKENS)

    @property
    def present(self) -> bool:
        return self._model.present

    def words(self, text: str) -> tuple[Word, ...]:
        """The words of the text that may be part of a name or an address, in order."""
        if not text.strip():
            return ()
        text = SURROGATE.sub("\ufffd", text)  # the tokenizer takes none
        windows = list(_parts(text))
        try:
            encoded = self._model.encoded([text[start:end] for start, _, _, end in windows])
            rows = self._model.run_encoded(encoded, _probabilities)
            kinds = _kinds(self.folder)
        except Exception as error:  # a damaged file can raise anything
            self.failed = True
            raise TaggerUnavailable(f"The tagger at {self.folder} failed: {type(error).__name__}.") from error
        self.failed = False
        found = []
        for (start, first, last, _), each, row in zip(windows, encoded, rows, strict=True):
            found += [word for word in _of_window(each, row, kinds, start) if first <= word.start < last]
        return tuple(found)


def _parts(text: str) -> Iterator[tuple[int, int, int, int]]:
    if len(text) <= BEGINNING + ENDING:
        yield from _windows(text, 0, len(text))
    else:
        yield from _windows(text, 0, BEGINNING)
        yield from _windows(text, len(text) - ENDING, len(text))


def _windows(text: str, first: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Where each window starts; where its own part starts and ends; where it ends. Cut between words if possible."""
    while first < end:
        dense = DENSE.search(text, first, first + WINDOW)
        length, around = (DENSE_WINDOW, DENSE_AROUND) if dense else (WINDOW, AROUND)
        last = _cut(text, first + length) if first + length < end else end
        yield min(first, _cut(text, max(0, first - around))), first, last, min(len(text), _cut(text, last + around))
        first = last


def _cut(text: str, at: int) -> int:
    """The next white space, not far from `at`; 0 stays 0."""
    found = SPACE.search(text, at, at + 40) if at else None
    return found.start() if found else at


def _probabilities(logits: np.ndarray, mask: np.ndarray) -> np.ndarray:
    spread = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(spread / spread.sum(axis=-1, keepdims=True))


@cache
def _kinds(folder: Path) -> tuple[str, ...]:
    """The kind of each class: "B-SURNAME" and "I-SURNAME" are both SURNAME, "O" is empty."""
    labels = json.loads((folder / "config.json").read_text(encoding="utf-8"))["id2label"]
    return tuple(labels[str(number)][2:] for number in range(len(labels)))


def _of_window(encoded: Any, row: np.ndarray, kinds: Sequence[str], start: int) -> Iterator[Word]:
    """The words that are more than a little likely to be part of something; a word's pieces are averaged."""
    pieces: dict[int, list[int]] = {}
    for place, word in enumerate(encoded.word_ids):
        if word is not None:
            pieces.setdefault(word, []).append(place)
    names = [place for place, kind in enumerate(kinds) if kind in NAMES]
    places = [place for place, kind in enumerate(kinds) if kind in PLACES]
    for at in pieces.values():
        likely = row[at].mean(axis=0)
        name, address = float(likely[names].sum()), float(likely[places].sum())
        if name + address >= SEEN:
            part = kinds[max([*names, *places], key=lambda each: likely[each])]
            yield Word(start + encoded.offsets[at[0]][0], start + encoded.offsets[at[-1]][1], name, address, part)


def folder() -> Path:
    return catalogue.model_path(settings.REDACTION_MODEL)


@cache
def _tagger(folder: Path) -> Tagger:
    return Tagger(folder)


def get_tagger() -> Tagger | None:
    """None if REDACTION_MODEL is empty or its files are missing."""
    tagger = _tagger(folder()) if settings.REDACTION_MODEL else None
    return tagger if tagger and tagger.present else None


def name() -> str:
    """What names the reading of a text: empty without a tagger, or with a damaged one."""
    tagger = get_tagger()
    return tagger.name if tagger and not tagger.failed else ""


def words(text: str) -> tuple[Word, ...]:
    """The tagger's reading of the text; nothing without a tagger. Parts of one mail are read many times: remembered."""
    tagger = get_tagger()
    if tagger is None:
        return ()
    try:
        return _remembered(tagger, text)
    except TaggerUnavailable as error:
        logger.warning("%s", error)
        return ()


@lru_cache(maxsize=256)
def _remembered(tagger: Tagger, text: str) -> tuple[Word, ...]:
    return tagger.words(text)
