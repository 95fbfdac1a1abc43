"""Finds the Python codec for a declared charset, and guesses one if none is declared. Pure."""

import codecs
import re
from functools import lru_cache
from itertools import pairwise

# What senders declare → what they mean.
MEANT = {
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "ascii": "utf-8",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc-cn": "gb18030",
    "cp936": "gb18030",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "windows-31j": "cp932",
    "cswindows31j": "cp932",
    "ms-kanji": "cp932",
    "ks-c-5601-1987": "cp949",
    "ks-c-5601": "cp949",
    "ksc5601": "cp949",
    "euc-kr": "cp949",
    "uhc": "cp949",
    "big5": "cp950",
    "big-5": "cp950",
    "iso-2022-jp": "iso2022_jp_ext",
    "iso-2022-jp-ms": "iso2022_jp_ext",
    "csiso2022jp": "iso2022_jp_ext",
    "cp50220": "iso2022_jp_ext",
    "cp50221": "iso2022_jp_ext",
    "hz-gb-2312": "hz",
    "koi8": "koi8-r",
    "macintosh": "mac-roman",
    "mac": "mac-roman",
    "user-defined": "cp1252",
}
# Codecs that are not charsets of mail, or that can be made slow.
REFUSED = {"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "mbcs", "oem"}
_WINDOWS = re.compile(
    r"(?:windows|win|ms|ansi|ibm|dos|cp|microsoft)-?(?:cp|ansi)?-?0?(125\d|874|932|936|949|950|437|8\d\d)"
)
_ISO = re.compile(r"(?:iso)?-?8859-?([1-9]|1[0-6])(?!\d)")
_UTF = re.compile(r"(?:unicode-\d-\d-)?utf-?(7|8|16|32)(?!\d)-?(le|be)?")
ONE_BYTE = re.compile(r"^(?:cp(?:125\d|437|8\d\d)|iso8859-\d+|koi8-[rut]|mac-\w+)$")

# Escape sequences of 7-bit charsets. Other texts do not contain them.
_SEVEN_BIT = (
    (re.compile(rb"\x1b\$\)C"), "iso2022_kr"),
    (re.compile(rb"\x1b(?:\$[@B]|\(J|\(I|\$\([DOQ])"), "iso2022_jp_ext"),
    (re.compile(rb"~\{[!-w][!-~](?:[!-~]{2}){0,2000}~\}"), "hz"),
)
_MARKS = "“”„‘’‚–—…€«»°§"
_RUSSIAN = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё"
_UKRAINIAN = "оанивітреслкудмпзьягбчхцйжїюшєщфґ’"
# Charsets of undeclared 8-bit text, with the letters beyond ASCII of their languages, most frequent first. If several
# fit equally well, the first is taken.
_GUESSED = {
    "cp1252": ("äöüß", "éèêëàâçôîïùûœ", "áéíóúñü¿¡", "àèéìòù", "áâãàçéêíóôõúü", "åäöæøé", "ëïéèö"),
    "cp1250": ("áéíóúýčďěňřšťžů", "ąćęłńóśźż", "áéíóöőúüű", "ăâîşţ", "čšžćđ", "áäčďéíĺľňóôŕšťúýž"),
    "iso8859-2": ("áéíóúýčďěňřšťžů", "ąćęłńóśźż", "áéíóöőúüű", "ăâîşţ", "čšžćđ"),
    "cp1254": ("çğıöşüâİ",),
    "cp1257": ("ąčęėįšųūž", "āčēģīķļņšūž", "äõöüšž"),
    "cp1251": (_RUSSIAN, _UKRAINIAN),
    "koi8-r": (_RUSSIAN,),
    "koi8-u": (_UKRAINIAN,),
    "iso8859-5": (_RUSSIAN, _UKRAINIAN),
    "cp866": (_RUSSIAN,),
    "cp1253": ("αοιετσνηυρπκμλςόίάγέδήωχθύφβώξζψϊ",),
    "cp1255": ("יוהלאתרשמבנחדקעכפטגםזןסצךץף",),
    "cp1256": ("اليمونرتبةعدسفهكقحجشطصخذضغزثىءظئؤأإآ،؟",),
    "cp850": ("äöüß", "éèêëàâçôîïùû"),
}
# Charsets with two bytes a character: (codec, first bytes of kana, first bytes of the most frequent others).
_WIDE = (
    ("cp932", range(0x82, 0x84), range(0x88, 0x98)),
    ("euc_jp", range(0xA4, 0xA6), range(0xB0, 0xD0)),
    ("cp949", range(0), range(0xB0, 0xC9)),
    ("gb18030", range(0), range(0xB0, 0xD8)),
    ("big5", range(0), range(0xA4, 0xC7)),
)
SAMPLE = 6000  # bytes that a guess looks at


def codec_for(charset: str) -> str | None:
    """The codec for a declared charset, even if misspelled. None if there is none that can be trusted."""
    return _codec_for(charset[:80])


@lru_cache(maxsize=256)
def _codec_for(charset: str) -> str | None:
    name = re.sub(r"[\s_\u2010-\u2015:]+", "-", charset.strip().strip("\"';,").lower())
    name = re.sub(r"^(?:charset=)?[\"']?(?:x-)?", "", name).strip("\"';,-")
    if found := _WINDOWS.match(name):
        name = f"cp{found[1]}"
    elif found := _ISO.match(name):
        name = f"iso8859-{found[1]}"
    elif found := _UTF.match(name):
        name = "-".join(filter(None, ("utf", found[1], found[2])))
    elif re.match(r"(?:us-?|ansi-)?ascii|ansi-x3", name):
        name = "ascii"
    elif re.match(r"gb-?2312", name):
        name = "gb2312"
    name = MEANT.get(name, name)
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError, UnicodeError):
        return None
    known = info.name.replace("_", "-")
    return None if known in REFUSED or not getattr(info, "_is_text_encoding", True) else info.name


def seven_bit(data: bytes) -> str | None:
    """The 7-bit charset whose escape sequences are in the text."""
    if b"\x1b" not in data and b"~{" not in data:
        return None
    return next((codec for pattern, codec in _SEVEN_BIT if pattern.search(data)), None)


def sixteen_bit(data: bytes) -> str | None:
    """UTF-16, recognized by its byte order mark or by zeros in every other byte."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return "utf-16"
    sample = data[:400]
    if len(sample) >= 8 and sample.count(0) * 3 > len(sample):
        return "utf-16-be" if sample[0::2].count(0) > sample[1::2].count(0) else "utf-16-le"
    return None


def guess(data: bytes) -> str:
    """For 8-bit text that is not UTF-8 and has no declared charset: the codec with the highest score."""
    sample = data[:SAMPLE]
    scores = {
        codec: max(_narrow_score(sample, codec, letters) for letters in languages)
        for codec, languages in _GUESSED.items()
    }
    scores |= {codec: _wide_score(sample, codec, kana, rest) for codec, kana, rest in _WIDE}
    return max(scores, key=lambda codec: scores[codec])


def _narrow_score(sample: bytes, codec: str, letters: str) -> float:
    """At most 1: the share of frequent letters among those beyond ASCII. Less for rare letters and for capitals inside
    of words."""
    text = sample.decode(codec, "replace")
    beyond = [c for c in text if c > "\x7f" and c != "\xa0"]
    frequent = set(letters[:12])
    points = 0.0
    for c in beyond:
        small = c.lower()
        known = 1.0 if small in frequent else 0.7 if small in letters or c in _MARKS else -1.0
        points += known if c == small or known < 0 else known * 0.8
    inside = sum(1 for before, c in pairwise(text) if c > "\x7f" and before.islower() and c.isupper())
    return (points - inside) / max(len(beyond), 1)


def _wide_score(sample: bytes, codec: str, kana: range, common: range) -> float:
    """About 1 if most pairs of bytes are frequent characters, more for kana, -1 if the text is not made of pairs."""
    text = sample.decode(codec, "replace")
    wide = [c for c in text if c > "\x7f"]
    bad = text.count("\ufffd") - (1 if text.endswith("\ufffd") else 0)
    if bad > len(wide) // 50 or not wide:
        return -1.0
    points, usual = 0.0, 1.0 if kana else 1.05  # Japanese is never without kana for long
    for c in wide:
        first = c.encode(codec, "replace")
        points += 1.3 if first[0] in kana else usual if len(first) == 2 and first[0] in common else 0.3
        points -= 1.0 if len(first) == 1 else 0.0
    return points / len(wide)
