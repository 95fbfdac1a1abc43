"""What somebody newly wrote, apart from what they quote and their signature. Pure.

A mail is read as lines (lines.py); attribution.py and header_blocks.py find what introduces a quotation,
folding.py decides which lines are one, signatures.py cuts the name below. The words of mail programs in
38 languages are data (tickets/mail/words.toml). Nothing is ever dropped: whatever is not new text is kept
as quoted, and where everything would be quoted, everything is text. docs/decisions/0013 says why.
"""

import re
from dataclasses import dataclass, replace

from tickets.mail.html import sanitising
from tickets.mail.mime.body import Piece
from tickets.mail.quoting import folding, signatures
from tickets.mail.quoting.folding import Mail
from tickets.mail.quoting.lines import ANGLED, Line, known, of_html, of_plain

__all__ = ["Mail", "Split", "known", "split", "split_html", "split_plain"]


@dataclass(frozen=True)
class Split:
    """`text` + `signature` + `quoted` hold every word of the original."""

    text: str
    quoted: str = ""
    signature: str = ""


def split(pieces: tuple[Piece, ...], mail: Mail | None = None) -> Split:
    """The pieces of a mail (tickets/mail/mime/body.py) as one. A forwarded mail is news, not a quotation."""
    mail = mail or Mail()
    parts = [_split_piece(piece, mail) for piece in pieces]
    text, quoted, signature = (
        "\n\n".join(filter(None, (getattr(part, name) for part in parts))) for name in ("text", "quoted", "signature")
    )
    return Split(text, quoted, signature) if text else Split(quoted or signature, "", signature if quoted else "")


def _split_piece(piece: Piece, mail: Mail) -> Split:
    if not piece.html.strip():
        return split_plain(piece.plain, mail)
    from_html = split_html(piece.html, mail)
    whole = len(from_html.text) + len(from_html.quoted) + len(from_html.signature)
    # "Your mail program cannot show HTML" is no text; nor is an empty plain part.
    if len(piece.plain.strip()) * 5 < whole:
        return from_html
    plain = split_plain(piece.plain, mail)
    return plain if plain.quoted or not from_html.quoted else from_html


def split_html(html: str, mail: Mail | None = None) -> Split:
    """By the marks that mail programs leave, and by what the lines say."""
    return _split(of_html(html), mail or Mail())


def split_plain(text: str, mail: Mail | None = None) -> Split:
    return _split(of_plain(text), mail or Mail())


def _split(lines: list[Line], mail: Mail) -> Split:
    folded = folding.fold(lines, mail)
    whole = sanitising.tidy("\n".join(line.text for line in lines))
    new = [
        replace(line, text=f"> {line.text}") if folded.context[at] and line.mark != ANGLED else line
        for at, line in enumerate(lines)
        if not folded.quoted[at]
    ]
    text = sanitising.tidy("\n".join(line.text for line in new))
    if not re.search(r"\w", text):
        return Split(whole)
    quoted = sanitising.tidy("\n".join(line.text for at, line in enumerate(lines) if folded.quoted[at]))
    if mail.forwarded:
        return Split(text)
    cut = signatures.cut(text.split("\n"))
    return Split(cut.text, quoted, cut.signature)
