"""A raw mail → all that intake needs of it. Pure: no database, no settings, no Django.

It runs in a process of its own that may be killed (tickets/mail/reader.py): whatever is slow or greedy about a
mail happens here, outside every transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tickets import languages
from tickets.mail import quoting, words
from tickets.mail.html import sanitising
from tickets.mail.mime import parsing
from tickets.mail.mime.body import Part
from tickets.mail.mime.parsing import ParsedMail

MAX_TEXT = 60_000
MAX_QUOTED = 100_000


@dataclass(frozen=True)
class Letter:
    """What a mail says: the new words, what it quotes with the signature, and HTML that is safe to show."""

    mail: ParsedMail
    text: str = ""
    quoted: str = ""
    html: str = ""
    language: str = ""


def read(raw: bytes, said: Sequence[str] = ()) -> Letter:
    """Everything of it, or mime.UnreadableMail. Text too long to be read stays whole as an attachment.

    `said`: the texts of the ticket that the mail continues, so that what it quotes of them is known.
    """
    mail = parsing.parse(raw)
    pieces = mail.body.pieces
    everything = "\n".join(piece.plain or sanitising.to_text(piece.html) for piece in pieces)
    split = quoting.split(pieces, _circumstances(mail, everything, said))
    quoted = "\n\n".join(filter(None, (split.signature, split.quoted)))
    if len(split.text) > MAX_TEXT or len(quoted) > MAX_QUOTED:
        whole = Part("whole message.txt", "text/plain", everything.encode())
        mail = replace(mail, attachments=(whole, *mail.attachments))
    text = split.text[:MAX_TEXT]
    return Letter(
        mail=mail,
        text=text,
        quoted=quoted[:MAX_QUOTED],
        html=sanitising.clean("\n".join(piece.html for piece in pieces if piece.html.strip())),
        language=languages.detect(text),
    )


def _circumstances(mail: ParsedMail, everything: str, said: Sequence[str]) -> quoting.Mail:
    """A forwarded mail is news, whatever it answers. One that answers nothing has nothing of ours to quote."""
    answers = bool(said or mail.in_reply_to or mail.references or words.is_answer(mail.subject))
    forwarded = words.is_forward(mail.subject, everything[:20_000])
    return quoting.Mail(answers, forwarded, mail.subject, quoting.known(said))


def read_headers(raw: bytes) -> Letter:
    """Who wrote and about what: for mails that are too big, or that cannot be read whole."""
    return Letter(parsing.parse_headers(raw))
