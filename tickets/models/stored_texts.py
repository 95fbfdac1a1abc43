"""Reasons and errors that rows store in English, shown in the language of the page.

Intake, the mail reader and the mail server's answers write English, so that logs, commands and the database agree.
`shown` recognizes the sentence and translates it. A text that is not in TEXTS is shown as it is stored.
"""

import re
from functools import cache

from django.utils.translation import gettext, gettext_noop

TEXTS = (
    # InboundMail.reason: mail that nobody has to answer (tickets/mail/automatic.py)
    gettext_noop("Our own mail came back to us"),
    gettext_noop("Sent from our own address"),
    gettext_noop("Read receipt"),
    gettext_noop("Complaint report from a mail provider"),
    gettext_noop("Delivery report: %(detail)s"),
    gettext_noop("Bounce"),
    gettext_noop("Bounce: %(detail)s"),
    gettext_noop("Possibly a bounce: %(detail)s"),
    gettext_noop("Marked as automatic (%(header)s)"),
    gettext_noop("Marked as automatic (%(header)s), but replies go to somebody else"),
    gettext_noop("Marked as automatic (%(header)s), but it answers a mail of ours"),
    gettext_noop("Marked as bulk mail (%(header)s), and the text says that it is automatic"),
    gettext_noop("Marked as bulk mail (%(header)s), with no other sign of an automatic mail"),
    gettext_noop("Sent with an empty return path"),
    gettext_noop("Automatic reply, by its subject"),
    gettext_noop("Automatic reply, by its subject and text"),
    gettext_noop("Possibly an automatic reply, by its subject"),
    gettext_noop("Mailing list"),
    gettext_noop("Mailing list %(list)s"),
    gettext_noop("Newsletter (List-Unsubscribe)"),
    # InboundMail.reason: mail in quarantine (tickets/mail/intake.py, reader.py, mime/parsing.py)
    gettext_noop("The mail is empty"),
    gettext_noop("No sender address"),
    gettext_noop("The database refused the mail"),
    gettext_noop("An error in Copydesk (%(error)s)"),
    gettext_noop("The mail cannot be read (%(error)s)"),
    gettext_noop("The structure of the mail cannot be read (%(error)s)"),
    gettext_noop("Reading it takes too much computing time"),
    gettext_noop("Reading it takes too much memory"),
    gettext_noop("The mail reader crashes on this mail (status %(status)s)"),
    gettext_noop("Reading it ends the mail reader (status %(status)s)"),  # in older rows
    gettext_noop("The mail reader gave an unexpected answer"),
    gettext_noop("Decided by a member. Before: %(reason)s"),
    # Attachment.refused (tickets/mail/attachments.py); the first also for mails
    gettext_noop("Larger than %(size)s MB"),
    gettext_noop("Programs are not stored"),
    gettext_noop("Programs are not stored (.%(ending)s)"),
    gettext_noop("Programs are not stored (recognized by the content)"),
    gettext_noop("Too many attachments"),
    gettext_noop("Empty"),
    # OutgoingMail.error (tickets/mail/writing.py, bounces.py, tickets/delivery.py)
    gettext_noop("The file %(name)s is missing in the storage."),
    gettext_noop("The file %(name)s cannot be read (%(error)s)."),
    gettext_noop("The mail server cannot be reached (%(error)s)."),
    gettext_noop("The mail server closed the connection without an answer."),
    gettext_noop("The mail server answered %(code)s: %(answer)s"),
    gettext_noop("The mail server does not accept this mail (%(error)s)."),
    gettext_noop("The mail server cannot send to this address, because it has letters beyond ASCII (no SMTPUTF8)."),
    gettext_noop("The connection to the mail server broke (%(error)s)."),
    gettext_noop("This mail cannot be written (%(error)s)."),
    gettext_noop("The sending process stopped before it knew the outcome."),
    gettext_noop("The mail came back. %(reason)s"),
)
_PLACEHOLDER = re.compile(r"%\\?\((\w+)\\?\)s")


def shown(text: str) -> str:
    """A stored text in the language of the page."""
    for message, pattern in _patterns():
        if found := pattern.fullmatch(text):
            values = {name: shown(value) if name == "reason" else value for name, value in found.groupdict().items()}
            return gettext(message) % values
    return text


def beginnings(words: str) -> list[str]:
    """For a search in another language: how the stored texts begin whose translation contains these words."""
    wanted, translated = words.lower(), ((text, gettext(text)) for text in TEXTS)
    found = (text for text, shown in translated if shown != text and wanted in _PLACEHOLDER.sub("", shown).lower())
    return [text.partition("%(")[0] for text in found]


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    escaped = ((text, _PLACEHOLDER.sub(r"(?P<\1>.+)", re.escape(text))) for text in TEXTS)
    return tuple((text, re.compile(pattern, re.DOTALL)) for text, pattern in escaped)
