"""Decodes bytes and encoded words into text that every database can store. Pure. Never raises."""

import base64
import binascii
import re

from tickets.mail.mime import charsets

# Control characters except tab and newline, and lone surrogates.
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
# 0x80 to 0x9f: quotes, dashes and € in the Windows charsets, control characters in the ISO ones.
_C1 = {code: bytes([code]).decode("cp1252", "ignore") or None for code in range(0x80, 0xA0)}
# ISO charsets whose Windows counterpart has other characters there.
_WINDOWS_OF = {
    "iso8859-2": "cp1250",
    "iso8859-4": "cp1257",
    "iso8859-5": "cp1251",
    "iso8859-7": "cp1253",
    "iso8859-8": "cp1255",
    "iso8859-13": "cp1257",
    "iso8859-15": "cp1252",
}
_LETTERS_THERE = frozenset(b"\x8a\x8c\x8d\x8e\x8f\x9a\x9c\x9d\x9e\x9f")
MAX_WORDS = 20_000


def storable(text: str) -> str:
    """Line breaks as `\\n`; no other control characters and no lone surrogates."""
    return _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def one_line(text: str, limit: int) -> str:
    return " ".join(storable(text[: limit * 20]).split())[:limit].strip()


def decode(data: bytes, charset: str = "", hint: str = "") -> str:
    """By the declared charset if it fits, else UTF-8 if that fits, else with the least damage.

    Valid UTF-8 is read as UTF-8 even if another charset is declared: other text is hardly ever valid UTF-8 by
    chance. `hint`: a charset that the mail uses elsewhere.
    """
    declared = charsets.codec_for(charset)
    for codec in _candidates(data, declared, hint):
        try:
            return _finish(data.decode(codec))
        except (UnicodeError, ValueError):
            continue
    return _finish(_damaged(data, declared))


def _candidates(data: bytes, declared: str | None, hint: str) -> list[str]:
    """Codecs to try in strict mode, in this order."""
    hidden = charsets.seven_bit(data) if declared in {None, "utf-8"} else None
    if hidden is not None and data.isascii():
        return [hidden, "utf-8"]
    wide = charsets.sixteen_bit(data)
    if declared is not None and declared.startswith(("utf-16", "utf-32")):
        # Text without a zero or a byte order mark is not UTF-16, whatever is declared.
        return [declared, *([wide] if wide else [])] if wide or b"\0" in data[:2000] else ["utf-8"]
    if declared is None and wide is not None:
        return [wide]
    beyond = sum(byte > 127 for byte in data[:2000])
    first = declared is None or charsets.ONE_BYTE.match(declared) is not None or beyond >= 9
    if declared is not None and declared.startswith(("iso2022", "hz", "utf-7")):
        first = False
    if declared in _WINDOWS_OF and not _LETTERS_THERE.isdisjoint(data):
        declared = _WINDOWS_OF[declared]
    found = ["utf-8", declared] if first else [declared, "utf-8"]
    hinted = charsets.codec_for(hint) if declared in {None, "utf-8"} else None
    return [codec for codec in (*found, hinted) if codec is not None]


def _damaged(data: bytes, declared: str | None) -> str:
    """If no codec fits without loss."""
    if declared not in {None, "utf-8"}:
        return data.decode(declared or "", "replace")
    # A few broken bytes in UTF-8 (a cut character) or another 8-bit charset altogether?
    as_utf8 = data.decode("utf-8", "replace")
    right = sum(c > "\x7f" and c != "\ufffd" for c in as_utf8)
    if right > as_utf8.count("\ufffd"):
        return as_utf8
    return data.decode(charsets.guess(data), "replace")


def _finish(text: str) -> str:
    return storable(text.removeprefix("\ufeff").translate(_C1))


def header_bytes(value: str) -> str:
    """Text of a raw header value, unfolded. Undeclared 8-bit bytes are surrogates in it."""
    if any("\udc80" <= c <= "\udcff" for c in value):
        value = decode(value.encode("utf-8", "surrogateescape"))
    elif "\x1b" in value:
        value = decode(value.encode("ascii", "replace"))
    if "\n" not in value and "\r" not in value:
        return value.strip()
    lines = (line.strip() for line in value.replace("\r", "\n").split("\n"))
    return " ".join(line for line in lines if line)


def decode_words(value: str) -> str:
    """Decodes RFC 2047 words. What cannot be decoded stays as written. Linear, unlike Python's own function."""
    value = header_bytes(value[:MAX_WORDS])
    if "=?" not in value:
        return storable(value)
    merged: list[tuple[bytes | str, str]] = []
    for part, charset in _split_words(value):
        if merged and charset and isinstance(part, bytes):
            between = merged[-1][0]
            if isinstance(between, str) and not between.strip() and len(merged) > 1:
                merged.pop()  # spaces between two encoded words are not part of the text
            before, its_charset = merged[-1]
            # A character may be split between two words of the same charset.
            if isinstance(before, bytes) and its_charset == charset:
                merged[-1] = (before + part, charset)
                continue
        merged.append((part, charset))
    return storable("".join(part if isinstance(part, str) else decode(part, charset) for part, charset in merged))


def _split_words(value: str) -> list[tuple[bytes | str, str]]:
    """Pairs (text, "") and (bytes, charset), in order."""
    found: list[tuple[bytes | str, str]] = []
    at = 0
    while (start := value.find("=?", at)) >= 0:
        head = _WORD_HEAD.match(value, start)
        end = value.find("?=", head.end()) if head else -1
        if head is None:
            found.append((value[at : start + 2], ""))
            at = start + 2
            continue
        if end < 0:
            break
        content = _word_bytes(head[2].lower(), value[head.end() : end])
        if start > at:
            found.append((value[at:start], ""))
        found.append((value[start : end + 2], "") if content is None else (content, head[1].partition("*")[0].lower()))
        at = end + 2
    found.append((value[at:], ""))
    return [pair for pair in found if pair[0]]


_WORD_HEAD = re.compile(r"=\?([^?\s]{1,80})\?([bBqQ])\?")


def _word_bytes(how: str, content: str) -> bytes | None:
    data = content.encode("utf-8", "surrogateescape" if how == "q" else "replace")
    if how == "q":
        return binascii.a2b_qp(data, header=True)
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    if len(letters) * 2 < len(data):
        return None
    if b"=" in data.rstrip(b"= "):  # several padded words joined into one
        parts = [_word_bytes("b", part.decode()) for part in re.findall(rb"[A-Za-z0-9+/]+", data)]
        return b"".join(part or b"" for part in parts)
    letters = letters[:-1] if len(letters) % 4 == 1 else letters
    try:
        return base64.b64decode(letters + b"=" * (-len(letters) % 4))
    except (binascii.Error, ValueError):
        return None
