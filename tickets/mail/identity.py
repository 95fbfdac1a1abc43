"""Who wrote a mail, and whether two texts are the same. Pure."""

import re

from tickets.mail.automatic import is_own
from tickets.mail.mime.addresses import Address
from tickets.mail.mime.parsing import ParsedMail

# Names before the @ of addresses that nobody reads.
_NO_REPLY = re.compile(
    r"(?:^|[.+_=-])(?:no[._-]?repl(?:y|ies)|no[._-]?responder|no[._-]?contestar|do[._-]?not[._-]?(?:reply|respond)"
    r"|nicht[._-]?antworten|keine[._-]?antwort|ne[._-]?pas[._-]?repondre|non[._-]?rispondere|nao[._-]?responda"
    r"|unattended|mailer[._-]?daemon|bounces?)(?:$|[.+_=@-]|\d)",
    re.IGNORECASE,
)
_LIST_ADDRESS = re.compile(r"mailto:([^\s>?,]{3,254})", re.IGNORECASE)
MIN_CONTAINED = 20  # characters: a shorter text may be part of a longer one by chance


def correspondent(mail: ParsedMail, own_address: str) -> Address | None:
    """Whom we answer, and so the customer: Reply-To if a person can be there, else From.

    Web forms write as themselves, as no-reply or even as us, with the customer in Reply-To. Not used: our own
    addresses, addresses that nobody reads, and the list that the mail came through.
    """
    first = mail.senders[0] if mail.senders else None
    for wanted in mail.reply_to:
        if not _unusable(wanted, mail, own_address):
            return _with_name(wanted, first)
    return first


def is_written_in_our_name(mail: ParsedMail, own_address: str) -> bool:
    """Whether somebody else wrote this mail with our address as sender, as web forms do."""
    sender, first = correspondent(mail, own_address), mail.senders[0] if mail.senders else None
    return first is not None and is_own(first.email, own_address) and sender != first


def _unusable(wanted: Address, mail: ParsedMail, own_address: str) -> bool:
    email = wanted.email.lower()
    return is_own(email, own_address) or bool(_NO_REPLY.search(email.partition("@")[0])) or _is_list(email, mail)


def _is_list(email: str, mail: ParsedMail) -> bool:
    """Whether this is the address of the list: the headers say so, or a list's mail was sent to it."""
    posting = mail.markers.get("list-post", "").lower()
    if email in _LIST_ADDRESS.findall(posting):
        return True
    name = mail.markers.get("list-id", "").lower().rpartition("<")[2].strip("> ")
    if name and email.replace("@", ".") == name:
        return True
    return bool(posting or name or "mailing-list" in mail.markers) and email in mail.recipients


def _with_name(wanted: Address, first: Address | None) -> Address:
    """The address with its own name, or with the sender's name if it is clearly the same person."""
    if wanted.name or first is None or not first.name:
        return wanted
    if first.email.lower() == wanted.email.lower():
        return Address(first.name, wanted.email)
    local, domain = wanted.email.lower().split("@")
    names = [word for word in re.split(r"\W+", first.name.lower()) if len(word) > 2]
    same = first.email.lower().partition("@")[0] == local and not _NO_REPLY.search(local)
    same = same or any(word in local for word in names)
    return Address(first.name, wanted.email) if same else wanted


def same_text(one: str, other: str) -> bool:
    """The same words, or one at the start or end of the other: lists and scanners add a line above or below."""
    a, b = " ".join(one.split()), " ".join(other.split())
    short, long = sorted((a, b), key=len)
    return a == b or (len(short) >= MIN_CONTAINED and (long.startswith(short) or long.endswith(short)))
