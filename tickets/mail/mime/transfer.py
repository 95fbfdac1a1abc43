"""Decodes transfer encodings, even if gateways have damaged them. Pure, linear."""

import base64
import binascii
import quopri
import re
from email.message import Message

_BASE64 = re.compile(rb"[A-Za-z0-9+/]+={0,2}")
_WORD = re.compile(rb"[A-Za-z][a-z]{0,30}[.:!]?|[A-Z]{1,30}[.:!]?|-+")
_LONG = 56  # base64 has lines of 60 to 76 characters; words of a warning are shorter


def payload(part: Message) -> bytes:
    """The decoded content of a part without children. The name of the encoding may be misspelled."""
    text = raw_payload(part)
    if not isinstance(text, str):
        return b""
    encoding = re.sub(r"[\s;\"]", "", str(part.get("content-transfer-encoding") or "")[:200]).lower()
    data = text.encode("utf-8", "surrogateescape")
    if encoding in {"quotedprintable", "qp"} or encoding.startswith("quoted-printable"):
        return quopri.decodestring(data)
    if encoding.startswith("base64"):
        return unbase64(data)
    if encoding in {"x-uuencode", "uuencode", "uue", "x-uue"}:
        return unuu(data)
    return data


def raw_payload(part: Message) -> object:
    """The raw payload: text in which bytes beyond ASCII are surrogates, or a list of parts."""
    return part._payload  # type: ignore[attr-defined]


def unbase64(data: bytes) -> bytes:
    """Decodes the base64 in the data, without a gateway's warning around it. Other data is returned unchanged."""
    lines = [line.strip() for line in data.splitlines()]
    whole = b"".join(lines)
    if _BASE64.fullmatch(whole) and not any(_WORD.fullmatch(line) for line in (*lines[:4], *lines[-9:]) if line):
        return _decoded(whole)
    block = _block(lines)
    if len(block) * 2 < len(re.sub(rb"[^A-Za-z0-9+/]", b"", data)):
        return data
    # Segments that were encoded separately have padding inside.
    return b"".join(_decoded(segment) for segment in re.findall(rb"[A-Za-z0-9+/]+", block))


def _block(lines: list[bytes]) -> bytes:
    """The lines that are base64, joined."""
    found: list[bytes] = []
    padded = False
    for line in lines:
        letters = re.sub(rb"[^A-Za-z0-9+/=]", b"", line)
        if not line or not _like_base64(line, letters):
            continue
        if len(letters) < _LONG and (padded or _WORD.fullmatch(line)) and len(lines) > 1:
            continue  # a single word above or below
        found.append(letters)
        padded = letters.endswith(b"=")
    return b"".join(found)


def _like_base64(line: bytes, letters: bytes) -> bool:
    """No spaces, and few other characters."""
    return b" " not in line and b"\t" not in line and (len(line) - len(letters)) * 20 <= len(line)


def _decoded(letters: bytes) -> bytes:
    letters = letters.rstrip(b"=")
    letters = letters[:-1] if len(letters) % 4 == 1 else letters
    try:
        return base64.b64decode(letters + b"=" * (-len(letters) % 4))
    except (binascii.Error, ValueError):
        return b""


def unuu(data: bytes) -> bytes:
    """Decodes the first uuencoded file, from `begin` to `end`. Other data is returned unchanged."""
    lines = data.splitlines()
    first = next((i for i, line in enumerate(lines) if re.match(rb"begin \d+ \S", line)), None)
    last = next((i for i, line in enumerate(lines) if line.strip() == b"end" and first is not None and i > first), None)
    if first is None or last is None:
        return data
    out = []
    for line in lines[first + 1 : last]:
        decoded = _uu_line(line)
        if decoded is None:
            return data
        out.append(decoded)
    return b"".join(out)


def _uu_line(line: bytes) -> bytes | None:
    if not line.strip(b"` "):
        return b""
    wanted = ((line[0] - 32) & 63) * 4 // 3 + 5
    for candidate in (line, line[:wanted], line[: wanted - 4]):
        try:
            return binascii.a2b_uu(candidate)
        except binascii.Error:
            continue
    return None
