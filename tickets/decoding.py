"""Bytes and encoded words → text that every database takes. Pure; never raises."""

import codecs
import re
from email.errors import HeaderParseError
from email.header import decode_header

# What senders write → what they mean.
MEANT = {
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "iso-8859-8-i": "iso-8859-8",
    "utf8mb4": "utf-8",
    "cp-850": "cp850",
}
# Text codecs that are no charsets of mail, or slow on purpose-made input.
NEVER = {"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "mbcs", "oem", "utf-7"}

# Control characters except tab and newline, and lone surrogates.
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_ONE_BYTE = re.compile(r"^(?:cp(?:125\d|437|8\d\d)|iso8859-\d+|koi8-[ru]|latin_?\d|mac-\w+)$")
_GLUED_WORDS = re.compile(r"(\?=)(=\?)")


def storable(text: str) -> str:
    """Newlines as `\\n`, no NUL, no other control characters, no lone surrogates."""
    return _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def one_line(text: str, limit: int) -> str:
    return " ".join(storable(text).split())[:limit].strip()


def codec_for(charset: str) -> str | None:
    """The codec for a declared charset; None if there is none to be trusted."""
    name = charset.strip().strip("\"'").lower()
    name = MEANT.get(name, name)
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError, UnicodeError):
        return None
    return None if info.name.replace("_", "-") in NEVER or not getattr(info, "_is_text_encoding", True) else info.name


def decode(data: bytes, charset: str = "") -> str:
    """The declared charset if it fits, else UTF-8 if that fits, else whichever damages least.

    UTF-8 that somebody declared as an 8-bit charset is UTF-8 all the same: hardly any other
    text is valid UTF-8 by chance.
    """
    declared = codec_for(charset) if charset else None
    for codec in ("utf-8", declared) if declared is None or _ONE_BYTE.match(declared) else (declared, "utf-8"):
        if codec is None:
            continue
        try:
            return storable(data.decode(codec))
        except (UnicodeError, ValueError):
            continue
    best = data.decode(declared or "cp1252", "replace")
    if declared in {None, "utf-8"}:
        # A few broken bytes in UTF-8 (a cut character) or another 8-bit charset altogether?
        as_utf8 = data.decode("utf-8", "replace")
        right = sum(ord(c) > 127 and c != "\ufffd" for c in as_utf8)
        best = as_utf8 if right > as_utf8.count("\ufffd") else data.decode("cp1252", "replace")
    return storable(best)


def header_bytes(value: str) -> str:
    """A raw header value (undeclared 8-bit bytes are surrogates in it) → text, unfolded."""
    if any("\udc80" <= c <= "\udcff" for c in value):
        value = decode(value.encode("utf-8", "surrogateescape"))
    return re.sub(r"\s*\r?\n\s*", " ", value).strip()


def words(value: str) -> str:
    """RFC 2047 words decoded; what cannot be decoded stays as it was written."""
    value = header_bytes(value)
    if "=?" not in value:
        return storable(value)
    try:
        parts = decode_header(_GLUED_WORDS.sub(r"\1 \2", value))
    except (HeaderParseError, ValueError, TypeError, AssertionError):
        return storable(value)
    merged: list[tuple[bytes | str, str]] = []
    for part, charset in parts:
        charset = charset or ""
        # One character may be cut in two between words of the same charset.
        if merged and charset and merged[-1][1] == charset and isinstance(part, bytes):
            merged[-1] = (merged[-1][0] + part, charset)  # type: ignore[operator]
        else:
            merged.append((part, charset))
    return storable("".join(part if isinstance(part, str) else decode(part, charset) for part, charset in merged))
