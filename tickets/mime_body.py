"""The parts of a mail: its text, its HTML, its attachments. Pure."""

import base64
import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from tickets import decoding

MAX_PARTS = 200
MAX_DEPTH = 40


@dataclass(frozen=True)
class Part:
    """Something attached."""

    filename: str
    content_type: str
    content: bytes
    content_id: str = ""


@dataclass(frozen=True)
class Piece:
    """A piece of the text as it was written: plain, HTML, or the same in both."""

    plain: str = ""
    html: str = ""


@dataclass(frozen=True)
class Body:
    pieces: tuple[Piece, ...] = ()


@dataclass
class _Walk:
    attachments: list[Part]
    seen: int = 0


def read(message: Message) -> tuple[Body, tuple[Part, ...]]:
    walk = _Walk([])
    pieces = [piece for piece in _pieces(message, walk, 0) if piece.plain.strip() or piece.html.strip()]
    if not pieces:
        pieces = _from_nested(message)
    return Body(tuple(pieces)), tuple(walk.attachments)


def _pieces(part: Message, walk: _Walk, depth: int) -> list[Piece]:
    walk.seen += 1
    _repair(part)
    if walk.seen > MAX_PARTS or depth > MAX_DEPTH:
        if walk.seen == MAX_PARTS + 1 or depth == MAX_DEPTH + 1:
            walk.attachments.append(Part("unread parts.eml", "message/rfc822", _flat(part)))
        return []
    kind = part.get_content_type()
    if kind.startswith("message/"):
        walk.attachments.append(Part(_filename(part) or _message_name(part), kind, _flat(part)))
        return []
    if part.is_multipart():
        children = [_pieces(child, walk, depth + 1) for child in _children(part)]
        return _alternative(children) if kind == "multipart/alternative" else [p for c in children for p in c]
    return _leaf(part, kind, walk)


def _repair(part: Message) -> None:
    """Undeclared 8-bit bytes in the headers that describe content: decoded in place."""
    for name, value in part.raw_items():
        if name.lower().startswith("content-") and any("\udc80" <= c <= "\udcff" for c in str(value)):
            part.replace_header(name, decoding.header_bytes(str(value)))


def _leaf(part: Message, kind: str, walk: _Walk) -> list[Piece]:
    name, disposition = _filename(part), _disposition(part)
    content = payload(part)
    # A multipart that fell apart (no boundary found) is shown as the text it is.
    shown = kind in {"text/plain", "text/html"} or kind.startswith("multipart/")
    if shown and not name and disposition != "attachment":
        text = decoding.decode(content, _charset(part, content))
        if kind == "text/html":
            return [Piece(html=text)]
        return [Piece(plain=_unflow(text, part) if kind == "text/plain" else text)]
    if content or name:
        content_id = decoding.one_line(str(part.get("content-id") or ""), 200).strip("<>")
        name = name or f"attachment{_EXTENSIONS.get(kind, '')}"
        walk.attachments.append(Part(name, kind, content, content_id))
    return []


def _alternative(children: list[list[Piece]]) -> list[Piece]:
    """The same thing said several ways: the first plain and the best HTML make one piece."""
    flat = [piece for child in children for piece in child]
    plain = [piece.plain for piece in flat if piece.plain.strip()]
    html = [piece.html for piece in flat if piece.html.strip()]
    if not plain and not html:
        return []
    return [Piece(plain[0] if plain else "", "\n".join(html))]


def _from_nested(message: Message) -> list[Piece]:
    """A mail that only forwards another as attachment says what the other one says."""
    for nested in message.walk():
        if nested is not message and nested.get_content_type() == "message/rfc822":
            for inner in _children(nested):
                found = _pieces(inner, _Walk([]), MAX_DEPTH // 2)
                if found:
                    return found
    return []


def _children(part: Message) -> Iterator[Message]:
    inner = part.get_payload()
    return (child for child in inner if isinstance(child, Message)) if isinstance(inner, list) else iter(())


def payload(part: Message) -> bytes:
    """The decoded content of a leaf, whatever the sender called its transfer encoding."""
    if not isinstance(part.get_payload(), str):
        return b""
    encoding = re.sub(r"[\s;\"]", "", str(part.get("content-transfer-encoding") or "")).lower()
    # Without that header the library gives the bytes as they came; with it, it guesses less well.
    del part["content-transfer-encoding"]
    data = part.get_payload(decode=True)
    part["content-transfer-encoding"] = encoding or "8bit"
    assert isinstance(data, bytes)  # noqa: S101 - what decode=True gives for a str payload
    if encoding in {"quoted-printable", "quotedprintable", "qp"} or encoding.startswith("quoted-printable"):
        return quopri.decodestring(data)
    if encoding.startswith("base64"):
        return _unbase64(data)
    if encoding in {"x-uuencode", "uuencode", "uue", "x-uue"}:
        return _unuu(data)
    return data


def _unbase64(data: bytes) -> bytes:
    """What is base64 of it; text that only claims to be base64 is given back as it is."""
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    strange = len(re.sub(rb"[A-Za-z0-9+/=\s]", b"", data))
    if strange > len(data) // 20:
        return data
    letters = letters[:-1] if len(letters) % 4 == 1 else letters
    try:
        return base64.b64decode(letters + b"=" * (-len(letters) % 4))
    except (binascii.Error, ValueError):
        return data


def _unuu(data: bytes) -> bytes:
    found = re.search(rb"^begin \d+ [^\n]*\n(.*?)^`?\s*\n?end", data, re.DOTALL | re.MULTILINE)
    if not found:
        return data
    out = []
    for line in found[1].splitlines():
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            wanted = (((line[0] - 32) & 63) * 4 + 5) // 3 if line else 0
            try:
                out.append(binascii.a2b_uu(line[:wanted]))
            except binascii.Error:
                return data
    return b"".join(out)


def _charset(part: Message, content: bytes) -> str:
    try:
        found = part.get_param("charset")
    except (ValueError, TypeError, LookupError):
        found = None
    charset = str(found[2] if isinstance(found, tuple) else found or "")
    if not charset and part.get_content_type() == "text/html":
        meta = re.search(rb"<meta[^>]{0,200}charset=[\"']?([\w.:-]{2,40})", content[:4096], re.IGNORECASE)
        charset = meta[1].decode("ascii", "replace") if meta else ""
    return charset


def _unflow(text: str, part: Message) -> str:
    """RFC 3676: lines that end in a space go on in the next one."""
    if str(part.get_param("format") or "").lower() != "flowed":
        return text
    joined: list[str] = []
    soft = False
    for line in text.split("\n"):
        quoted = line.startswith(">")
        line = line[1:] if line.startswith(" ") else line
        if soft and not quoted:
            joined[-1] += line
        else:
            joined.append(line)
        soft = line.endswith(" ") and line != "-- " and not quoted
        if soft and str(part.get_param("delsp") or "").lower() == "yes":
            joined[-1] = joined[-1][:-1]
    return "\n".join(joined)


def _disposition(part: Message) -> str:
    value = str(part.get("content-disposition") or "")
    return value.partition(";")[0].strip().lower()


def _filename(part: Message) -> str:
    try:
        found = part.get_filename() or ""
    except (ValueError, TypeError, LookupError, AttributeError):
        found = ""
    name = decoding.one_line(decoding.words(str(found)), 1000)
    name = re.split(r"[/\\]", name)[-1].strip(". ")
    return name[-200:]


def _message_name(part: Message) -> str:
    inner = next(_children(part), None)
    subject = decoding.one_line(decoding.words(str(inner.get("subject") or "")), 80) if inner is not None else ""
    return re.sub(r"[/\\]", "-", subject or "message") + ".eml"


def _flat(part: Message) -> bytes:
    """The bytes of a nested message, headers included."""
    inner = next(_children(part), part)
    try:
        return inner.as_bytes()
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError, UnicodeError):
        return payload(inner)


def report_text(message: Message) -> str:
    """The machine-readable parts of a multipart/report, as text."""
    kinds = {"message/delivery-status", "message/disposition-notification", "message/rfc822", "text/rfc822-headers"}
    out = []
    for part in message.walk():
        if part.get_content_type() in kinds:
            out.append(_flat_all(part))
    return decoding.storable("\n".join(out))[:200_000]


def _flat_all(part: Message) -> str:
    inner = list(_children(part))
    lines = [f"{name}: {decoding.header_bytes(str(value))}" for child in inner for name, value in child.raw_items()]
    return "\n".join(lines) if inner else decoding.decode(payload(part))


_EXTENSIONS = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/jpg": ".jpg",
    "image/gif": ".gif",
    "application/pdf": ".pdf",
    "text/plain": ".txt",
    "text/html": ".html",
    "text/calendar": ".ics",
}
