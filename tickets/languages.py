"""Which language a text is in, or "" when it cannot be said. Pure; the model loads once, lazily."""

import re
from functools import lru_cache
from typing import Any

from py3langid.langid import MODEL_FILE, LanguageIdentifier

LANGUAGES = ["cs", "da", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "sv", "tr", "zh"]
MIN_LETTERS = 24
MIN_WIDE = 4  # of Chinese, Japanese or Korean characters
MIN_CONFIDENCE = 0.8

_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
# Addresses, links and numbers are in no language.
_NO_WORDS = re.compile(r"\S*[@/]\S*|[\d_]+")


@lru_cache(maxsize=1)
def _identifier() -> Any:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(LANGUAGES)
    return identifier


def detect(text: str) -> str:
    """An ISO 639-1 code, or "" for a text too short or too unclear."""
    sample = _NO_WORDS.sub(" ", text[:4000])
    letters = sum(c.isalpha() for c in sample)
    if letters < MIN_LETTERS and len(_WIDE.findall(sample)) < MIN_WIDE:
        return ""
    language, confidence = _identifier().classify(" ".join(sample.split()))
    return str(language) if confidence >= MIN_CONFIDENCE else ""
