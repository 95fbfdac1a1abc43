"""Reads all that intake needs from a raw mail. Pure: no database, no settings, no Django.

Runs in a separate process that may be killed (tickets/mail/reader.py), outside of every transaction, because a mail
can be made to take much time or memory.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tickets import languages
from tickets.mail import quoting, words
from tickets.mail.html import sanitising, showing
from tickets.mail.mime import parsing
from tickets.mail.mime.body import Part
from tickets.mail.mime.parsing import ParsedMail

MAX_TEXT = 60_000
MAX_QUOTED = 100_000
PICTURE = 1500  # bytes
PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8")  # how their content begins


@dataclass(frozen=True)
class MailContent:
    """`text`: the new words. `quoted`: quotations and the signature. `html`: safe to show; `formatted`: at once."""

    mail: ParsedMail
    text: str = ""
    quoted: str = ""
    html: str = ""
    formatted: bool = False
    language: str = ""


def read(raw: bytes, earlier: Sequence[str] = ()) -> MailContent:
    """The whole mail. Raises parsing.UnreadableMail. If the text is too long, all of it is attached as a file.

    `earlier`: the messages of the ticket that the mail continues, to recognize quotations of them.
    """
    mail = parsing.parse(raw)
    pieces = mail.body.pieces
    everything = "\n".join(piece.plain or sanitising.to_text(piece.html) for piece in pieces)
    split = quoting.split(pieces, _context(mail, everything, earlier))
    quoted = "\n\n".join(filter(None, (split.signature, split.quoted)))
    if len(split.text) > MAX_TEXT or len(quoted) > MAX_QUOTED:
        whole = Part("whole message.txt", "text/plain", everything.encode())
        mail = replace(mail, attachments=(whole, *mail.attachments))
    text = split.text[:MAX_TEXT]
    shown = showing.show(_html(mail), text, folded=bool(quoted), pictures=_pictures(mail))
    return MailContent(
        mail=mail,
        text=text,
        quoted=quoted[:MAX_QUOTED],
        html=shown.html,
        formatted=shown.by_default,
        language=languages.detect(text),
    )


def _html(mail: ParsedMail) -> str:
    return "\n".join(piece.html for piece in mail.body.pieces if piece.html.strip())


def _pictures(mail: ParsedMail) -> frozenset[str]:
    """Content-IDs of attached pictures that are more than a mark or a line."""
    named = (part for part in mail.attachments if part.content_id and len(part.content) >= PICTURE)
    return frozenset(part.content_id for part in named if _is_picture(part.content))


def _is_picture(content: bytes) -> bool:
    """RIFF holds sounds too."""
    return content.startswith(PICTURES) or (content[:4], content[8:12]) == (b"RIFF", b"WEBP")


def _context(mail: ParsedMail, everything: str, earlier: Sequence[str]) -> quoting.Context:
    """Only an answer can quote us. In a forwarded mail everything is new text."""
    answers = bool(earlier or mail.in_reply_to or mail.references or words.is_answer(mail.subject))
    forwarded = words.is_forward(mail.subject, everything[:20_000])
    return quoting.Context(answers, forwarded, mail.subject, quoting.known(earlier))


def read_headers(raw: bytes) -> MailContent:
    """Sender and subject, for mails that are too large or cannot be read as a whole."""
    return MailContent(parsing.parse_headers(raw))
