"""Reads the text, the HTML and the attachments of a mail. Pure."""

import html
import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from itertools import islice

from tickets.mail.mime import charsets, decoding, signed_content, tree, winmail
from tickets.mail.mime import serialising as mime_flat
from tickets.mail.mime.transfer import payload

MAX_PARTS = 200
MAX_DEPTH = 40
MAX_OPENED = 5
_TAG = re.compile(r"<[a-zA-Z!/][^<>]{0,2000}>")
_META = re.compile(rb"(?:<meta[^>]{0,200}charset=|<\?xml[^>]{0,99}encoding=)[\s\"']{0,9}([\w.:-]{2,40})", re.IGNORECASE)


@dataclass(frozen=True)
class Part:
    """An attachment."""

    filename: str
    content_type: str
    content: bytes
    content_id: str = ""


@dataclass(frozen=True)
class Piece:
    """A piece of the body: plain text, HTML, or the same text in both."""

    plain: str = ""
    html: str = ""


@dataclass(frozen=True)
class Body:
    pieces: tuple[Piece, ...] = ()


@dataclass
class _Walk:
    """What was found so far, and counters that limit what one mail may cost."""

    hint: str = ""
    attachments: list[Part] = field(default_factory=list)
    wrapped: list[Piece] = field(default_factory=list)  # the text in winmail.dat; most mails have it outside, too
    # Text parts with a file name. The first is the body if there is no other.
    named: list[tuple[Part, Piece]] = field(default_factory=list)
    seen: int = 0
    unwrapped: int = 0


def read(message: Message) -> tuple[Body, tuple[Part, ...]]:
    walk = _Walk(_hint(message))
    pieces = _not_empty(_pieces(message, walk, 0)) or _not_empty(walk.wrapped)
    if not pieces and walk.named:
        part, piece = walk.named[0]
        walk.attachments.remove(part)
        pieces = _not_empty([piece])
    if not pieces:
        pieces = _from_nested(message, walk)
    return Body(tuple(pieces)), tuple(walk.attachments)


def _not_empty(pieces: list[Piece]) -> list[Piece]:
    return [piece for piece in pieces if piece.plain.strip() or piece.html.strip()]


def _hint(message: Message) -> str:
    """A charset that the headers use: probably also that of a body that names none."""
    for name in ("subject", "from", "to"):
        found = re.search(r"=\?([^?\s*]{2,40})", str(message.get(name) or "")[:2000])
        if found:
            return found[1]
    return ""


def _pieces(part: Message, walk: _Walk, depth: int, within: str = "") -> list[Piece]:
    walk.seen += 1
    _repair(part)
    if walk.seen > MAX_PARTS or depth > MAX_DEPTH:
        if walk.seen == MAX_PARTS + 1 or depth == MAX_DEPTH + 1:
            walk.attachments.append(Part("unread parts.eml", "message/rfc822", mime_flat.flat(part)))
        return []
    kind = part.get_content_type()
    if kind.startswith("message/"):
        name = _filename(part) or _message_name(part)
        walk.attachments.append(Part(name, kind, mime_flat.flat(next(_children(part), part))))
        return []
    if part.is_multipart():
        children = [_pieces(child, walk, depth + 1, kind) for child in _children(part)]
        return _alternative(children) if kind == "multipart/alternative" else [p for c in children for p in c]
    return _leaf(part, kind, walk, depth, within)


def _repair(part: Message) -> None:
    """Decodes undeclared 8-bit bytes in the headers that describe the content."""
    for name in ("content-type", "content-disposition", "content-id", "content-transfer-encoding"):
        value = str(part.get(name) or "")
        raw = next((str(v) for n, v in part.raw_items() if n.lower() == name), "")
        if value and any("\udc80" <= c <= "\udcff" for c in raw):
            part.replace_header(name, decoding.header_bytes(raw))


def _leaf(part: Message, kind: str, walk: _Walk, depth: int, within: str) -> list[Piece]:
    name, disposition = _filename(part), _disposition(part)
    content = payload(part)
    found = _unwrapped(name, kind, content, walk, depth)
    if found is not None:
        return found
    # A multipart without its boundary is shown as text.
    shown = kind in {"text/plain", "text/html"} or kind.startswith("multipart/")
    piece = _text_piece(part, kind, content, walk.hint) if shown else Piece()
    if shown and (depth == 0 or disposition != "attachment" and (not name or within == "multipart/alternative")):
        return [piece]
    if content or name:
        content_id = decoding.one_line(str(part.get("content-id") or ""), 200).strip("<>")
        name = name or f"attachment{_EXTENSIONS.get(kind, '')}"
        attached = Part(name, kind, content, content_id)
        walk.attachments.append(attached)
        if disposition != "attachment" and (shown or _readable(kind)):
            walk.named.append((attached, piece if shown else _text_piece(part, kind, content, walk.hint)))
    return []


def _readable(kind: str) -> bool:
    """Text for people, in a type that we do not know."""
    return kind.startswith("text/") and kind not in {
        "text/calendar",
        "text/csv",
        "text/vcard",
        "text/x-vcard",
        "text/css",
    }


def _text_piece(part: Message, kind: str, content: bytes, hint: str) -> Piece:
    text = decoding.decode(content, _charset(part, content), hint)
    start = text[:300].lstrip().lower()
    if kind == "text/html" and not _TAG.search(text[:50_000]):
        return Piece(plain=html.unescape(text))  # declared as HTML, but plain: HTML would lose its line breaks
    if kind == "text/html" or (kind == "text/plain" and start.startswith(("<!doctype html", "<html"))):
        return Piece(html=text)
    return Piece(plain=_unflow(text, part) if kind == "text/plain" else text)


def _unwrapped(name: str, kind: str, content: bytes, walk: _Walk, depth: int) -> list[Piece] | None:
    """The content of winmail.dat or of an opaque signature, as if it had come without it."""
    wrapped = content[:4] == winmail.SIGNATURE or kind in {"application/pkcs7-mime", "application/x-pkcs7-mime"}
    wrapped = wrapped or name.lower().endswith(".p7m")
    walk.unwrapped += wrapped
    if not wrapped or walk.unwrapped > MAX_OPENED:
        return None
    if content[:4] == winmail.SIGNATURE:
        return _from_winmail(content, walk)
    inner = signed_content.signed_content(content)
    message = tree.parse(inner).message if inner is not None else None
    # A signed file (contract.pdf.p7m) is not a mail: it stays an attachment.
    return _pieces(message, walk, depth + 1) if message is not None and "content-type" in message else None


def _from_winmail(content: bytes, walk: _Walk) -> list[Piece] | None:
    inside = winmail.unpack(content)
    if inside is None or not (inside.plain.strip() or inside.html.strip() or inside.files):
        return None
    for file in inside.files[:MAX_PARTS]:
        kind = file.content_type or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        walk.attachments.append(Part(_file_name(file.name) or "attachment", kind, file.content, file.content_id))
    walk.wrapped.append(Piece(inside.plain, inside.html))
    return []


def _alternative(children: list[list[Piece]]) -> list[Piece]:
    """Alternatives of the same text: the first plain text and all HTML make one piece."""
    flat = [piece for child in children for piece in child]
    plain = [piece.plain for piece in flat if piece.plain.strip()]
    html_texts = [piece.html for piece in flat if piece.html.strip()]
    if not plain and not html_texts:
        return []
    return [Piece(plain[0] if plain else "", "\n".join(html_texts))]


def _from_nested(message: Message, walk: _Walk) -> list[Piece]:
    """The text of the attached mail, if the mail has no text of its own."""
    nested = (part for part in message.walk() if part is not message and part.get_content_type() == "message/rfc822")
    for part in islice(nested, MAX_OPENED):
        for inner in _children(part):
            found = _not_empty(_pieces(inner, _Walk(walk.hint), MAX_DEPTH // 2))
            if found:
                return found
    return []


def _children(part: Message) -> Iterator[Message]:
    inner = part.get_payload()
    return (child for child in inner if isinstance(child, Message)) if isinstance(inner, list) else iter(())


def _charset(part: Message, content: bytes) -> str:
    try:
        found = part.get_param("charset")
    except (ValueError, TypeError, LookupError):
        found = None
    charset = str(found[2] if isinstance(found, tuple) else found or "")
    if part.get_content_type() == "text/html" and charsets.codec_for(charset) is None:
        # The HTML may name it. By the rules of HTML, UTF-16 in a tag that is readable as ASCII means UTF-8.
        inside = _META.search(content[:4096])
        named = inside[1].decode("ascii", "replace") if inside else ""
        return "utf-8" if named.lower().startswith(("utf-16", "utf-32")) else named
    return charset


def _unflow(text: str, part: Message) -> str:
    """Joins lines that end in a space with the next one (format=flowed, RFC 3676)."""
    if str(part.get_param("format") or "").lower() != "flowed":
        return text
    delete = str(part.get_param("delsp") or "").lower() == "yes"
    joined: list[list[str]] = []
    soft = False
    for line in text.split("\n"):
        quoted = line.startswith(">")
        line = line[1:] if line.startswith(" ") else line
        if soft and not quoted:
            joined[-1].append(line)
        else:
            joined.append([line])
        soft = line.endswith(" ") and line != "-- " and not quoted
        if soft and delete:
            joined[-1][-1] = joined[-1][-1][:-1]
    return "\n".join("".join(line) for line in joined)


def _disposition(part: Message) -> str:
    value = str(part.get("content-disposition") or "")
    return value.partition(";")[0].strip().lower()


def _filename(part: Message) -> str:
    try:
        found = part.get_filename() or ""
    except (ValueError, TypeError, LookupError, AttributeError):
        found = ""
    return _file_name(decoding.decode_words(str(found)))


def _file_name(name: str) -> str:
    """The name without folders."""
    return re.split(r"[/\\]", decoding.one_line(name, 1000))[-1].strip(". ")[-200:]


def _message_name(part: Message) -> str:
    inner = next(_children(part), None)
    subject = decoding.one_line(decoding.decode_words(str(inner.get("subject") or "")), 80) if inner is not None else ""
    return re.sub(r"[/\\]", "-", subject or "message") + ".eml"


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
