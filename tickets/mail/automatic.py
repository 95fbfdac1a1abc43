"""Recognizes mail that nobody has to answer: bounces, automatic replies, lists, our own mail. Pure.

A person's mail is never ignored because of its topic, or because of a header that web forms and ticket systems
also set on what people write. Where a program and a person look the same, the mail goes to quarantine.
"""

import re
from dataclasses import dataclass

from tickets.mail import words
from tickets.mail.mime.parsing import ParsedMail

MAX_TEXT = 3000
MAX_NAME_WORDS = 8
MAX_FORM_LENGTH = 1500  # characters; what a web form sends is short
QUESTION_WORDS = 4  # so many words after "Automatic reply:" may be a question about automatic replies

# Only programs write from these addresses.
_PROGRAM_SENDERS = re.compile(
    r"^(?:mailer-daemon|mail-daemon|maildaemon|mdaemon|microsoftexchange[0-9a-f]{8,40})@", re.IGNORECASE
)
# Administrators write from these, too.
_SYSTEM_SENDERS = re.compile(
    r"^(?:postmaster|mailer|bounces?|no-?reply|daemon|mail-?system)\b[^@]{0,60}@", re.IGNORECASE
)
_BOUNCE_TEXT = re.compile(
    r"this is (?:the|an automatically generated) (?:mail|qmail|delivery|postfix|exim)"
    r"|created automatically by mail delivery software|i'm (?:sorry to have to inform|afraid i wasn't able)"
    r"|the following (?:address|recipient)s? (?:failed|had|have)|could not be delivered to one or more"
    r"|a message that you sent could not be delivered|delivery to the following recipients? failed"
    r"|\b[45]\d\d[ -][45]\.\d{1,3}\.\d{1,3}|\(?#[45]\.\d{1,3}\.\d{1,3}|status code: 5\d\d"
    r"|remote server (?:returned|said)"
)
_DELAYED = re.compile(
    r"\bdelay(?:ed)?\b|still being retried|warning: (?:could not send|message)"
    r"|verzögert|verzögerung|retardé|retraso|ritardo|vertraag|atraso"
)
# What may follow in the subject of an automatic reply. After anything else the text has to say it as well.
_AUTO_REPLY_ENDING = re.compile(
    r"\s{0,3}(?:$|[:：]|\d|(?:until|till|til|from|through|back|returning|bis|vom|ab|jusqu|du|au|hasta|del|fino|dal|até|tot|vanaf"
    r"|t/m|do|od|до|с|по)\b[^?]{0,25}\d)"
)
_WORD_ENDING = re.compile(r"\s{0,3}(?:$|[^\w\s])")
_TAGGED = re.compile(r"\s{0,9}[\[(]([^\[\]()]{3,40})[\])]")
_OUR_ID = re.compile(r"\d{1,12}\.[0-9a-f]{24}@")


@dataclass(frozen=True)
class Automatic:
    """`kind`: bounce, delayed, receipt, auto_reply, list, loop, own. For bulk and uncertain a member decides.

    `reason` is English (tickets/models/stored_texts.py).
    """

    kind: str
    reason: str


@dataclass(frozen=True)
class _Content:
    """What the rules look at: the subject without "Re:" and the text without quotations, both through words.plain."""

    mail: ParsedMail
    title: str
    text: str
    answers_us: bool

    @property
    def asks(self) -> bool:
        return "?" in self.text or "？" in self.text

    @property
    def says_absent(self) -> bool:
        return bool(words.within("absent").search(self.text))


def recognize(mail: ParsedMail, own_address: str, text: str = "") -> Automatic | None:
    """Why nobody has to answer this mail, or None. `text`: its new words (tickets/mail/quoting)."""
    ids = (*mail.in_reply_to, *mail.references[:40], *mail.references[-40:])
    answers_us = any(is_our_id(one, own_address) for one in ids)
    content = _Content(mail, _title(mail.subject), words.plain(text[:MAX_TEXT]), answers_us)
    return (
        _own_mail(mail, own_address) or _delivery_report(content) or _auto_reply(content) or _list(content, own_address)
    )


def is_own(email: str, own_address: str) -> bool:
    """Our address, with or without a `+token`."""
    local, _, domain = own_address.lower().partition("@")
    its_local, _, its_domain = email.lower().rpartition("@")
    return its_domain == domain and its_local.partition("+")[0] == local


def is_our_id(message_id: str, own_address: str) -> bool:
    """Whether tickets/outbox.py:new_message_id made it."""
    domain = own_address.lower().rpartition("@")[2]
    return bool(_OUR_ID.match(message_id)) and message_id.lower().rpartition("@")[2] == domain


def _own_mail(mail: ParsedMail, own_address: str) -> Automatic | None:
    loop = mail.markers.get("x-copydesk-loop", "")
    if (loop and loop.lower() == own_address.lower()) or is_our_id(mail.message_id, own_address):
        return Automatic("loop", "Our own mail came back to us")
    # A form of our web site with the customer in Reply-To does not come here as ours (intake._with_real_sender).
    if not mail.senders or not is_own(mail.senders[0].email, own_address):
        return None
    # A form may name the customer in its text only. What we send ourselves names us in Reply-To.
    replies_to_us = any(is_own(one.email, own_address) for one in mail.reply_to)
    form = not replies_to_us and mail.senders[0].email.lower() == own_address.lower()
    return Automatic("uncertain" if form else "own", "Sent from our own address")


def _delivery_report(content: _Content) -> Automatic | None:
    mail = content.mail
    if mail.report is not None:
        if mail.report.kind == "disposition-notification":
            return Automatic("receipt", "Read receipt")
        if mail.report.kind == "feedback-report":
            return Automatic("receipt", "Complaint report from a mail provider")
        if mail.report.action in {"delayed", "relayed", "delivered", "expanded"}:
            return Automatic("delayed", f"Delivery report: {mail.report.action}")
        detail = f"{mail.report.status} {mail.report.diagnostic}".strip()
        return Automatic("bounce", _one_line(f"Bounce: {detail}" if detail else "Bounce"))
    kind = _unmarked_report(content)
    if kind == "bounce" and _DELAYED.search(content.title):
        return Automatic("delayed", f"Delivery report: {mail.subject}"[:190])
    if kind == "uncertain":
        return Automatic(kind, f"Possibly a bounce: {mail.subject}"[:190])
    return Automatic(kind, f"Bounce: {mail.subject}"[:190]) if kind else None


def _unmarked_report(content: _Content) -> str:
    """A bounce without a machine-readable part, by its sender or by two of subject, text and a system address."""
    mail = content.mail
    sender = mail.senders[0].email if mail.senders else ""
    marked = mail.markers.get("x-failed-recipients") or "x-ms-exchange-message-is-ndr" in mail.markers
    if marked or _PROGRAM_SENDERS.match(sender):
        return "bounce"
    if _empty_return_path(mail) and words.within("bounced").search(content.title):
        return "bounce"
    by_subject = bool(words.opening("bounced").match(content.title))
    by_text = bool(_BOUNCE_TEXT.search(content.text[:1500]))
    by_sender = bool(_SYSTEM_SENDERS.match(sender))
    if by_subject + by_text + by_sender < 2:
        return ""
    return "bounce" if by_subject and not content.asks else "uncertain"


def _auto_reply(content: _Content) -> Automatic | None:
    """By headers (RFC 3834, and what mail programs used before it), by the subject, or by the return path."""
    header, by_subject = _automatic_header(content.mail), _auto_reply_by_subject(content)
    if header and not by_subject and content.answers_us:
        return _answer_marked_as_automatic(content, header)
    if header.endswith("auto-generated") and not by_subject and _replies_go_elsewhere(content.mail):
        return Automatic("uncertain", f"Marked as automatic ({header}), but replies go to somebody else")
    if header:
        return Automatic("auto_reply", f"Marked as automatic ({header})")
    if by_subject:
        return by_subject
    # X-Auto-Response-Suppress alone means nothing: it asks for no automatic answers, which we never send,
    # and shop systems set it on mails with a customer's question.
    return Automatic("auto_reply", "Sent with an empty return path") if _empty_return_path(content.mail) else None


def _automatic_header(mail: ParsedMail) -> str:
    """The header that says that a program wrote this mail, or ""."""
    submitted = mail.markers.get("auto-submitted", "").lower().split(";")[0].strip()
    if submitted and submitted != "no":
        return f"Auto-Submitted: {submitted}"
    for name in ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply-from"):
        if mail.markers.get(name, "").lower() not in {"", "no"}:
            return name.title()
    return "Precedence: auto_reply" if mail.markers.get("precedence", "").lower() == "auto_reply" else ""


def _answer_marked_as_automatic(content: _Content, header: str) -> Automatic | None:
    """Ticket systems of other companies also mark what people write. It is a person's mail (None) if it asks
    something, or if the header is one that programs set on other mails than automatic replies."""
    if content.says_absent or not re.search(r"\w", content.text):
        return Automatic("auto_reply", f"Marked as automatic ({header})")
    if content.asks or header.endswith(("auto-generated", "auto-notified")):
        return None
    return Automatic("uncertain", f"Marked as automatic ({header}), but it answers a mail of ours")


def _auto_reply_by_subject(content: _Content) -> Automatic | None:
    """People write about automatic replies, too: "Automatic reply does not send"."""
    tag = _TAGGED.match(content.mail.subject[:60])
    if tag and words.plain(tag[1]) in words.phrases("auto"):
        return Automatic("auto_reply", "Automatic reply, by its subject")
    found = words.opening("auto").match(content.title)
    rest = content.title[found.end() :] if found else ""
    if found and _AUTO_REPLY_ENDING.match(rest):
        return _auto_reply_or_question(content, rest.lstrip(":： "))
    found = found or words.opening("away").match(content.title)
    away = found and _WORD_ENDING.match(content.title[found.end() :])
    if (away or _says_sender_is_absent(content)) and content.says_absent:
        return Automatic("auto_reply", "Automatic reply, by its subject and text")
    return None


def _auto_reply_or_question(content: _Content, rest: str) -> Automatic:
    """A mail without such a header that answers nothing and asks something may be a person's question about them."""
    about = not rest or "?" in rest or (len(rest.split()) >= QUESTION_WORDS and not words.is_answer(rest))
    if about and content.asks and not content.answers_us:
        return Automatic("uncertain", "Possibly an automatic reply, by its subject")
    return Automatic("auto_reply", "Automatic reply, by its subject")


def _says_sender_is_absent(content: _Content) -> bool:
    """As Lotus Notes writes it: "AUTO: Lena Haas is out of the office (returning 12.01.)"."""
    found = words.within("absent").search(content.title)
    name = re.findall(r"\w+", words.plain(content.mail.senders[0].name)) if content.mail.senders else []
    if not found or not name or not _WORD_ENDING.match(content.title[found.end() :]):
        return False
    before = re.findall(r"\w+", content.title[: found.start()])
    return set(name) <= set(before) and len(before) <= MAX_NAME_WORDS


def _list(content: _Content, own_address: str) -> Automatic | None:
    """Mailing lists and newsletters, but not a list that is our own support address."""
    mail = content.mail
    domain = own_address.lower().rpartition("@")[2]
    posting = f"{mail.markers.get('list-post', '')} {mail.markers.get('list-id', '')}".lower()
    if own_address.lower() in posting or own_address.lower().replace("@", ".") in posting or f".{domain}>" in posting:
        return None
    # intake still accepts a list's mail that continues a ticket: a person's answer may come through a list.
    if posting.strip() or "mailing-list" in mail.markers:
        return Automatic("list", _one_line(f"Mailing list {mail.markers.get('list-id', '')}"))
    if "list-unsubscribe" in mail.markers:
        form = content.asks and len(content.text) <= MAX_FORM_LENGTH and _replies_go_elsewhere(mail)
        return Automatic("bulk" if form else "list", "Newsletter (List-Unsubscribe)")
    return _bulk(content)


def _bulk(content: _Content) -> Automatic | None:
    """Web forms set Precedence on customers' questions, too: their Reply-To names somebody else."""
    mail, precedence = content.mail, content.mail.markers.get("precedence", "").lower()
    if precedence not in {"bulk", "list", "junk"} or mail.markers.get("auto-submitted", "").lower().strip() == "no":
        return None
    header = f"Precedence: {precedence}"
    if content.says_absent and not content.asks:
        return Automatic("auto_reply", f"Marked as bulk mail ({header}), and the text says that it is automatic")
    sender = mail.senders[0].email.lower() if mail.senders else ""
    if any(one.email.lower() != sender for one in mail.reply_to):
        return None
    return Automatic("bulk", f"Marked as bulk mail ({header}), with no other sign of an automatic mail")


def _replies_go_elsewhere(mail: ParsedMail) -> bool:
    """Typical of web forms: Reply-To has another domain than the sender."""
    domains = {one.email.lower().rpartition("@")[2] for one in mail.senders}
    return any(one.email.lower().rpartition("@")[2] not in domains for one in mail.reply_to)


def _title(subject: str) -> str:
    """Without "Re:" and tags, to be compared."""
    return words.bare(subject).lstrip("*[(<#!- ")


def _empty_return_path(mail: ParsedMail) -> bool:
    return mail.markers.get("return-path", "").replace(" ", "") == "<>"


def _one_line(text: str) -> str:
    return " ".join(text.split())[:190]
