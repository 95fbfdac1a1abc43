"""Turns RTF from winmail.dat into text, or into the HTML that it was made from. Pure, in one pass, with limits."""

import re
import struct
from dataclasses import dataclass, replace

from tickets.mail.mime import decoding

MAX_RTF = 4_000_000
_START = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
    b"\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_TOKEN = re.compile(r"\\([a-zA-Z]{1,32})(-?\d{1,9})? ?|\\'([0-9a-fA-F]{2})|\\(.)|([{}])|([^\\{}]+)", re.DOTALL)
_HIDDEN = frozenset("fonttbl colortbl stylesheet info pict object header footer listtable generator xmlns".split())  # noqa: SIM905
_LETTERS = {
    "par": "\n", "line": "\n", "row": "\n", "tab": "\t", "cell": " ", "lquote": "‘", "rquote": "’", "ldblquote": "“",
    "rdblquote": "”", "endash": "–", "emdash": "—", "bullet": "•", "page": "\n",
}  # fmt: skip
_SYMBOLS = {"~": "\xa0", "_": "-", "{": "{", "}": "}", "\\": "\\", "\n": "\n", "\r": "\n"}


def decompress(data: bytes) -> str:
    """Decompresses RTF (MS-OXRTFCP). "" for other data. Each character of the result is one byte of the source."""
    if len(data) < 16:
        return ""
    _, size, kind = struct.unpack_from("<II4s", data)
    if kind == b"MELA":
        return data[16 : 16 + min(size, MAX_RTF)].decode("latin-1")
    return _unpacked(data).decode("latin-1") if kind == b"LZFu" else ""


def _unpacked(data: bytes) -> bytearray:
    """Each flag byte describes eight steps: a single byte, or a copy from the last 4096 bytes."""
    window, write = bytearray(_START.ljust(4096)), len(_START)
    out, at = bytearray(), 16
    while at < len(data) and len(out) < MAX_RTF:
        flags, at = data[at], at + 1
        for bit in range(8):
            if not flags >> bit & 1:
                stretch = [data[at]] if at < len(data) else []
                at += 1
                write = _put(stretch, window, write, out)
                continue
            if at + 2 > len(data):
                return out
            token, at = data[at] << 8 | data[at + 1], at + 2
            if token >> 4 == write:
                return out
            for step in range((token & 15) + 2):
                write = _put([window[((token >> 4) + step) % 4096]], window, write, out)
    return out


def _put(letters: list[int], window: bytearray, write: int, out: bytearray) -> int:
    for letter in letters:
        window[write] = letter
        out.append(letter)
        write = (write + 1) % 4096
    return write


def to_html(source: str) -> str:
    """The HTML that Outlook wrapped into RTF (`\\fromhtml1`). "" for RTF that was not made from HTML."""
    return _Walk(source, html=True).text() if "\\fromhtml1" in source[:2000] else ""


def to_text(source: str) -> str:
    return _Walk(source, html=False).text()


@dataclass(frozen=True)
class _Group:
    hidden: bool = False
    only_rtf: bool = False  # \\htmlrtf: part of the RTF, not of the HTML
    skip: int = 1  # how many characters replace one beyond the code page


class _Walk:
    """One pass over the tokens. Groups are nested, and their settings end with them."""

    def __init__(self, source: str, html: bool) -> None:
        self.source, self.html = source[:MAX_RTF], html
        page = re.search(r"\\ansicpg(\d{3,5})", source[:2000])
        self.codec = f"cp{page[1]}" if page else "cp1252"
        self.out: list[str] = []
        self.pending = bytearray()
        self.groups = [_Group()]
        self.starred = False
        self.skipping = 0

    def text(self) -> str:
        for token in _TOKEN.finditer(self.source):
            word, number, code, symbol, brace, text = token.groups()
            starred, self.starred = self.starred, symbol == "*"
            if brace == "{":
                self.groups.append(self.groups[-1])
            elif brace == "}":
                del self.groups[max(len(self.groups) - 1, 1) :]
            elif word:
                self.word(word, number, starred)
            elif self.shown and symbol != "*":
                self.letters(code, symbol, text)
        self.flush()
        # Characters beyond 65535 are written as surrogate pairs.
        return "".join(self.out).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

    @property
    def shown(self) -> bool:
        return not self.groups[-1].hidden and not self.groups[-1].only_rtf

    def word(self, word: str, number: str | None, starred: bool) -> None:
        if word in _HIDDEN or starred:
            self.groups[-1] = replace(self.groups[-1], hidden=not (self.html and word == "htmltag"))
        elif word == "htmlrtf" and self.html:
            self.groups[-1] = replace(self.groups[-1], only_rtf=number != "0")
        elif word == "uc":
            self.groups[-1] = replace(self.groups[-1], skip=min(int(number or 1), 9))
        elif self.shown and (word in _LETTERS or word == "u"):
            self.flush()
            self.out.append(chr(int(number or 0) % 65536) if word == "u" else _LETTERS[word])
            self.skipping = self.groups[-1].skip if word == "u" else self.skipping

    def letters(self, code: str | None, symbol: str | None, text: str | None) -> None:
        if symbol:
            self.flush()
            self.out.append(_SYMBOLS.get(symbol, ""))
            return
        given = bytes([int(code, 16)]) if code else re.sub(r"[\r\n]", "", text or "").encode("latin-1", "replace")
        used = min(self.skipping, len(given))
        self.skipping -= used
        self.pending += given[used:]

    def flush(self) -> None:
        """Decodes pending bytes together: characters of two bytes arrive one byte at a time."""
        self.out.append(decoding.decode(bytes(self.pending), self.codec))
        self.pending.clear()
