"""Separates the new text of a mail from quotations and the signature. Pure.

A mail is read as lines (lines.py). attribution.py and header_blocks.py find what introduces a quotation, folding.py
decides which lines are quoted, and signatures.py cuts off the signature. The words of mail programs in 38 languages
are data (tickets/mail/words.toml). Nothing is dropped: what is not new text is kept as quoted, and where everything
would be quoted, everything is text. Reasons: docs/decisions/0013.
"""

import re
from dataclasses import dataclass, replace

from tickets.mail.html import sanitising
from tickets.mail.mime.body import Piece
from tickets.mail.quoting import folding, signatures
from tickets.mail.quoting.folding import Context
from tickets.mail.quoting.lines import ANGLED, Line, known, of_html, of_plain

__all__ = ["Context", "Split", "known", "split", "split_html", "split_plain"]


@dataclass(frozen=True)
class Split:
    """Together, `text`, `signature` and `quoted` hold every word of the original."""

    text: str
    quoted: str = ""
    signature: str = ""


def split(pieces: tuple[Piece, ...], context: Context | None = None) -> Split:
    """Of all pieces of a mail (tickets/mail/mime/body.py). A forwarded mail is new text, not a quotation."""
    context = context or Context()
    parts = [_split_piece(piece, context) for piece in pieces]
    text, quoted, signature = (
        "\n\n".join(filter(None, (getattr(part, name) for part in parts))) for name in ("text", "quoted", "signature")
    )
    return Split(text, quoted, signature) if text else Split(quoted or signature, "", signature if quoted else "")


def _split_piece(piece: Piece, context: Context) -> Split:
    if not piece.html.strip():
        return split_plain(piece.plain, context)
    from_html = split_html(piece.html, context)
    whole = len(from_html.text) + len(from_html.quoted) + len(from_html.signature)
    # The plain part may be empty, or only say "Your mail program cannot show HTML".
    if len(piece.plain.strip()) * 5 < whole:
        return from_html
    plain = split_plain(piece.plain, context)
    return plain if plain.quoted or not from_html.quoted else from_html


def split_html(html: str, context: Context | None = None) -> Split:
    """By the markup of mail programs, and by the words of the lines."""
    return _split(of_html(html), context or Context())


def split_plain(text: str, context: Context | None = None) -> Split:
    return _split(of_plain(text), context or Context())


def _split(lines: list[Line], context: Context) -> Split:
    folded = folding.fold(lines, context)
    whole = sanitising.tidy("\n".join(line.text for line in lines))
    new = [
        replace(line, text=f"> {line.text}") if folded.kept[at] and line.mark != ANGLED else line
        for at, line in enumerate(lines)
        if not folded.quoted[at]
    ]
    text = sanitising.tidy("\n".join(line.text for line in new))
    if not re.search(r"\w", text):
        return Split(whole)
    quoted = sanitising.tidy("\n".join(line.text for at, line in enumerate(lines) if folded.quoted[at]))
    if context.forwarded:
        return Split(text)
    cut = signatures.cut(text.split("\n"))
    return Split(cut.text, quoted, cut.signature)
