"""Which language a text is in, or "" if that is not certain. Pure; the model is loaded once, when first needed.

First the letters: the writing system, then letters that only one of several close languages has. Then the model
(py3langid), if its probability is high enough. Close languages that it confuses (Danish and Norwegian, Czech and
Slovak, …) are decided by common words. If they do not decide either the answer is "": then the ticket uses the
customer's language, which is better than a draft in a wrong one. `close` says which ones it may be.
"""

import re
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

from py3langid.langid import MODEL_FILE, LanguageIdentifier

MAX_TEXT = 4000
MIN_LETTERS = 24
MIN_WIDE = 4  # of Chinese, Japanese or Korean characters
SURE, SURE_IF_SHORT = 0.8, 0.95  # probabilities of the model, 0 to 1
SHORT = 60  # letters

LATIN = "af bs ca cs da de en es et fi fr gl hr hu id is it lt lv ms nl nn no pl pt ro sk sl sq sv tr vi".split()  # noqa: SIM905
# Numbers belong to no language.
_NUMBERS = re.compile(r"[\d_]+")
_WORD = re.compile(r"[^\W\d_]+")

_SCRIPTS = {
    "cyrillic": re.compile("[\u0400-\u04ff]"),
    "arabic": re.compile("[\u0600-\u06ff]"),
    "kana": re.compile("[\u3040-\u30ff]"),
    "han": re.compile("[\u3400-\u9fff]"),
    "ko": re.compile("[\uac00-\ud7af]"),
    "el": re.compile("[\u0370-\u03ff]"),
    "he": re.compile("[\u0590-\u05ff]"),
    "th": re.compile("[\u0e00-\u0e7f]"),
    "ka": re.compile("[\u10a0-\u10ff]"),
    "hy": re.compile("[\u0530-\u058f]"),
    "latin": re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]"),
}
_WIDE = {"kana", "han", "ko"}
# For `close`, of scripts that several languages have.
_SCRIPT_OF = {
    "cyrillic": ("ru", "uk", "bg", "sr", "mk", "be"),
    "arabic": ("ar", "fa", "ur"),
    **{script: (script,) for script in ("el", "he", "th", "ka", "hy")},
}

_FAMILY = {
    **dict.fromkeys(("da", "no", "nn", "sv"), "scandinavian"),
    **dict.fromkeys(("cs", "sk"), "czech"),
    **dict.fromkeys(("bs", "hr", "sr", "sl"), "yugoslav"),
    **dict.fromkeys(("es", "pt", "gl", "ca"), "iberian"),
    **dict.fromkeys(("id", "ms"), "malay"),
    **dict.fromkeys(("nl", "af"), "dutch"),
}
# Letters that decide within a family. If letters of two languages occur the answer is "".
_LETTERS = {
    "scandinavian": {"sv": "äö"},
    "czech": {"cs": "řěů", "sk": "ľĺŕôä"},
    "iberian": {"pt": "ãõ", "es": "¿¡"},
}
_DISTINGUISHED = {"iberian", "czech", "dutch"}  # families whose languages the model can tell apart


def warm() -> None:
    """Loads the model, which takes half a second."""
    _identifier()


def detect(text: str) -> str:
    """An ISO 639-1 code, or "" for a text that is too short or not clear."""
    sample, counts = _read(text)
    script, most = counts.most_common(1)[0]
    if script in _WIDE and most + counts["han"] >= MIN_WIDE:
        return _east_asian(counts)
    if sum(c.isalpha() for c in sample) < MIN_LETTERS:
        return ""
    letters = set(sample.lower())
    if script == "cyrillic":
        return _cyrillic(letters, sample.lower())
    if script == "arabic":
        return _arabic(letters)
    if script == "latin":
        return _latin(sample, letters)
    return script if script not in _WIDE else ""


def close(text: str) -> tuple[str, ...]:
    """Where `detect` cannot tell: languages of which the text is in one. () if not even that is certain."""
    sample, counts = _read(text)
    script, most = counts.most_common(1)[0]
    if script != "latin":
        return _SCRIPT_OF.get(script, ()) if most >= MIN_WIDE else ()
    if sum(c.isalpha() for c in sample) < MIN_LETTERS:
        return ()
    family, share = _family(_ranked(sample))
    sure = family and share >= (SURE if len(sample) >= SHORT else SURE_IF_SHORT)
    return tuple(language for language, other in _FAMILY.items() if other == family) if sure else ()


def _read(text: str) -> tuple[str, Counter[str]]:
    """The words that belong to a language, and how many letters of each script they have."""
    words = (word for word in text[:MAX_TEXT].split() if "@" not in word and "/" not in word)
    sample = " ".join(_NUMBERS.sub(" ", " ".join(words)).split())
    return sample, Counter({name: len(pattern.findall(sample)) for name, pattern in _SCRIPTS.items()})


def _east_asian(counts: Counter[str]) -> str:
    """A Korean or Japanese text may have many Chinese characters; a Chinese text has no others."""
    if counts["ko"] > counts["kana"]:
        return "ko"
    return "ja" if counts["kana"] * 10 >= counts["han"] else "zh"


def _cyrillic(letters: set[str], sample: str) -> str:
    found = [language for language, only in _CYRILLIC.items() if letters & set(only)]
    if found:
        clear = len(found) == 1 and found != ["others"] and not (found == ["uk"] and letters & set("ыэё"))
        return found[0] if clear else ""
    if letters & set("ыэё"):  # Belarusian has no и
        return "be" if "і" in letters else "ru" if "и" in letters else ""
    if "і" in letters:
        return "uk"
    # In Russian the hard sign stands only before е, ё, ю, я; in Bulgarian it is a vowel.
    if re.search(r"ъ(?![еёюя])", sample):
        return "bg"
    return _among("cyrillic", sample, letters)


_CYRILLIC = {"uk": "їєґ", "be": "ў", "sr": "ћђ", "mk": "ѓќѕ", "others": "әқңғүұһөҳҷӣӯ"}


def _arabic(letters: set[str]) -> str:
    if letters & set("ٹڈڑںے"):
        return "ur"
    if letters & set("پچژگ"):
        return "fa"
    return "ar" if letters & set("ةىيك") and not letters & set("کی") else ""


def _latin(sample: str, letters: set[str]) -> str:
    ranked = _ranked(sample)
    best = ranked[0][0]
    family, share = _family(ranked)
    if share < (SURE if len(sample) >= SHORT else SURE_IF_SHORT):
        return ""
    if not family:
        return best
    distinguished = family in _DISTINGUISHED
    found = _among(family, sample, letters, best if distinguished and ranked[0][1] >= SURE_IF_SHORT else "")
    return "" if distinguished and found != best else found


def _ranked(sample: str) -> list[tuple[str, float]]:
    return [(str(language), float(share)) for language, share in _identifier().rank(sample)[:6]]


def _family(ranked: list[tuple[str, float]]) -> tuple[str, float]:
    """The family of the most probable language, "" if it is alone, and how probable it is altogether."""
    best, share = ranked[0]
    family = _FAMILY.get(best, "")
    return family, sum(part for language, part in ranked if _FAMILY.get(language) == family) if family else share


def _among(family: str, sample: str, letters: set[str], trusted: str = "") -> str:
    """The language of the family whose own words occur most, if the next one has less than half as many.

    `trusted`: the model's answer, if it can tell this family apart; it wins if no other language has more words.
    """
    by_letter = [language for language, only in _LETTERS.get(family, {}).items() if letters & set(only)]
    if len(by_letter) == 1:
        return by_letter[0]
    words = Counter(_WORD.findall(sample.lower()))
    scores = Counter({one: sum(min(words[word], 3) for word in own) for one, own in _close(family).items()})
    (best, most), (_, next_most) = scores.most_common(2)
    if by_letter:
        return ""
    if trusted and scores[trusted] == most:
        return trusted
    return best if most >= 2 * next_most + 1 else ""


@cache
def _close(family: str) -> dict[str, frozenset[str]]:
    """Language → common words that no other language of the family has."""
    text = Path(__file__).with_name("language_words.toml").read_text(encoding="utf-8")
    words = {language: set(listed.split()) for language, listed in tomllib.loads(text)[family].items()}
    shared = {word for word, count in Counter(word for own in words.values() for word in own).items() if count > 1}
    return {language: frozenset(own - shared) for language, own in words.items()}


@cache
def _identifier() -> Any:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(LATIN)
    return identifier
