"""Whose mail it is, and whether it is one that we have. Pure."""

import re

from tickets.mail.automatic import is_own
from tickets.mail.mime.addresses import Address
from tickets.mail.mime.parsing import ParsedMail

_NOBODY = re.compile(
    r"(?:^|[.+_=-])(?:no[._-]?repl(?:y|ies)|no[._-]?responder|no[._-]?contestar|do[._-]?not[._-]?(?:reply|respond)"
    r"|nicht[._-]?antworten|keine[._-]?antwort|ne[._-]?pas[._-]?repondre|non[._-]?rispondere|nao[._-]?responda"
    r"|unattended|mailer[._-]?daemon|bounces?)(?:$|[.+_=@-]|\d)",
    re.IGNORECASE,
)
_LIST_ADDRESS = re.compile(r"mailto:([^\s>?,]{3,254})", re.IGNORECASE)
LEAST = 20  # letters: a shorter text inside a longer one is chance


def correspondent(mail: ParsedMail, own_address: str) -> Address | None:
    """Whom we answer, and so whose ticket it is: Reply-To, where a person could be there, else From.

    A form writes as itself, as no-reply or even as us, with the customer in Reply-To. Not used: an address of
    ours, one that nobody reads, and the list that a mail came through.
    """
    first = mail.senders[0] if mail.senders else None
    for wanted in mail.reply_to:
        if not _unusable(wanted, mail, own_address):
            return _with_name(wanted, first)
    return first


def as_received(mail: ParsedMail, own_address: str) -> bool:
    """Whether somebody else wrote this mail although it says that we did."""
    sender, first = correspondent(mail, own_address), mail.senders[0] if mail.senders else None
    return first is not None and is_own(first.email, own_address) and sender != first


def _unusable(wanted: Address, mail: ParsedMail, own_address: str) -> bool:
    email = wanted.email.lower()
    return is_own(email, own_address) or bool(_NOBODY.search(email.partition("@")[0])) or _is_list(email, mail)


def _is_list(email: str, mail: ParsedMail) -> bool:
    """The list's own address: it is named as such, or it is a list's mail and was sent to it."""
    posting = mail.markers.get("list-post", "").lower()
    if email in _LIST_ADDRESS.findall(posting):
        return True
    name = mail.markers.get("list-id", "").lower().rpartition("<")[2].strip("> ")
    if name and email.replace("@", ".") == name:
        return True
    return bool(posting or name or "mailing-list" in mail.markers) and email in mail.recipients


def _with_name(wanted: Address, first: Address | None) -> Address:
    """The name that stands with it; the sender's, if it is clearly the same person's second address."""
    if wanted.name or first is None or not first.name:
        return wanted
    if first.email.lower() == wanted.email.lower():
        return Address(first.name, wanted.email)
    local, domain = wanted.email.lower().split("@")
    names = [word for word in re.split(r"\W+", first.name.lower()) if len(word) > 2]
    same = first.email.lower().partition("@")[0] == local and not _NOBODY.search(local)
    same = same or any(word in local for word in names)
    return Address(first.name, wanted.email) if same else wanted


def same_text(one: str, other: str) -> bool:
    """The same words, or the one inside the other: lists and scanners add a line above or below."""
    a, b = " ".join(one.split()), " ".join(other.split())
    short, long = sorted((a, b), key=len)
    return a == b or (len(short) >= LEAST and (long.startswith(short) or long.endswith(short)))
