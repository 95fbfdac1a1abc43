"""Which mails no person wrote to us: bounces, auto-replies, lists, our own. Pure.

A person's mail is never ignored for what its subject is about, or for a mark that form mailers and ticket
systems set on what people wrote: where a machine and a person cannot be told apart, a person looks.
"""

import re
from dataclasses import dataclass

from tickets.mail import words
from tickets.mail.mime.parsing import ParsedMail

MAX_TEXT = 3000
MAX_NAME_WORDS = 8
FORM_LETTERS = 1500
ASKED_WORDS = 4  # that many after "Automatic reply:" may be a question about one

# Nobody writes from these in person; from postmaster@ administrators do.
_MACHINES = re.compile(
    r"^(?:mailer-daemon|mail-daemon|maildaemon|mdaemon|microsoftexchange[0-9a-f]{8,40})@", re.IGNORECASE
)
_OFFICES = re.compile(r"^(?:postmaster|mailer|bounces?|no-?reply|daemon|mail-?system)\b[^@]{0,60}@", re.IGNORECASE)
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
# What may follow in the subject of an automatic reply. Anything else has to be borne out by the text.
_CLEAR = re.compile(
    r"\s{0,3}(?:$|[:：]|\d|(?:until|till|til|from|through|back|returning|bis|vom|ab|jusqu|du|au|hasta|del|fino|dal|até|tot|vanaf"
    r"|t/m|do|od|до|с|по)\b[^?]{0,25}\d)"
)
_LOOSE = re.compile(r"\s{0,3}(?:$|[^\w\s])")
_TAGGED = re.compile(r"\s{0,9}[\[(]([^\[\]()]{3,40})[\])]")
_OUR_ID = re.compile(r"\d{1,12}\.[0-9a-f]{24}@")


@dataclass(frozen=True)
class Automatic:
    """`kind`: bounce, delayed, receipt, auto_reply, list, loop, own; bulk and unsure: a person has to look."""

    kind: str
    reason: str


@dataclass(frozen=True)
class _Said:
    """What the rules look at: the subject without prefixes, the text without what it quotes, both made plain."""

    mail: ParsedMail
    title: str
    text: str
    answers_us: bool

    @property
    def asks(self) -> bool:
        return "?" in self.text or "？" in self.text

    @property
    def says_away(self) -> bool:
        return bool(words.within("absent").search(self.text))


def recognise(mail: ParsedMail, own_address: str, text: str = "") -> Automatic | None:
    """Why this mail is not a person's to answer, or None. `text`: its new words (tickets/quoting)."""
    ids = (*mail.in_reply_to, *mail.references[:40], *mail.references[-40:])
    answers_us = any(is_our_id(one, own_address) for one in ids)
    said = _Said(mail, _title(mail.subject), words.plain(text[:MAX_TEXT]), answers_us)
    return _ours(mail, own_address) or _report(said) or _marked(said) or _list(said, own_address)


def is_own(email: str, own_address: str) -> bool:
    """Our address, with or without a `+token`."""
    local, _, domain = own_address.lower().partition("@")
    its_local, _, its_domain = email.lower().rpartition("@")
    return its_domain == domain and its_local.partition("+")[0] == local


def is_our_id(message_id: str, own_address: str) -> bool:
    """As tickets/outbox.py:new_message_id makes them."""
    domain = own_address.lower().rpartition("@")[2]
    return bool(_OUR_ID.match(message_id)) and message_id.lower().rpartition("@")[2] == domain


def _ours(mail: ParsedMail, own_address: str) -> Automatic | None:
    loop = mail.markers.get("x-copydesk-loop", "")
    if (loop and loop.lower() == own_address.lower()) or is_our_id(mail.message_id, own_address):
        return Automatic("loop", "our own mail came back to us")
    # A form on our own web site with the customer to reply to is not ours any more (intake._as_written).
    if not mail.senders or not is_own(mail.senders[0].email, own_address):
        return None
    # One that names the customer only in its text still is: but what we send ourselves says to answer us.
    named_us = any(is_own(one.email, own_address) for one in mail.reply_to)
    form = not named_us and mail.senders[0].email.lower() == own_address.lower()
    return Automatic("unsure" if form else "own", "sent from our own address")


def _report(said: _Said) -> Automatic | None:
    mail = said.mail
    if mail.report is not None:
        if mail.report.kind == "disposition-notification":
            return Automatic("receipt", "a read receipt")
        if mail.report.kind == "feedback-report":
            return Automatic("receipt", "a complaint report of a mail provider")
        if mail.report.action in {"delayed", "relayed", "delivered", "expanded"}:
            return Automatic("delayed", f"delivery report: {mail.report.action}")
        return Automatic("bounce", _one_line(f"bounce: {mail.report.status} {mail.report.diagnostic}"))
    kind = _bare_report(said)
    if kind == "bounce" and _DELAYED.search(said.title):
        return Automatic("delayed", f"delivery report: {mail.subject}"[:190])
    return Automatic(kind, f"{'perhaps a ' if kind == 'unsure' else ''}bounce: {mail.subject}"[:190]) if kind else None


def _bare_report(said: _Said) -> str:
    """A bounce without a machine-readable part: its sender gives it away, or two other things."""
    mail = said.mail
    sender = mail.senders[0].email if mail.senders else ""
    marked = mail.markers.get("x-failed-recipients") or "x-ms-exchange-message-is-ndr" in mail.markers
    if marked or _MACHINES.match(sender):
        return "bounce"
    if _null_path(mail) and words.within("bounced").search(said.title):
        return "bounce"
    titled = bool(words.opening("bounced").match(said.title))
    told = bool(_BOUNCE_TEXT.search(said.text[:1500]))
    office = bool(_OFFICES.match(sender))
    if titled + told + office < 2:
        return ""
    return "bounce" if titled and not said.asks else "unsure"


def _marked(said: _Said) -> Automatic | None:
    """RFC 3834 and what mail programs did before it."""
    mark, away = _automatic_mark(said.mail), _is_away(said)
    if mark and not away and said.answers_us:
        return _answer_marked_as_automatic(said, mark)
    if mark.endswith("auto-generated") and not away and _is_for_another(said.mail):
        return Automatic("unsure", f"{mark}, but somebody else is to be answered")
    if mark:
        return Automatic("auto_reply", mark[:190])
    # X-Auto-Response-Suppress alone says "do not answer me by machine", which we never do:
    # shop systems set it on mails that carry a customer's question.
    return away or (Automatic("auto_reply", "sent with an empty return path") if _null_path(said.mail) else None)


def _automatic_mark(mail: ParsedMail) -> str:
    submitted = mail.markers.get("auto-submitted", "").lower().split(";")[0].strip()
    if submitted and submitted != "no":
        return f"Auto-Submitted: {submitted}"
    for name in ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply-from"):
        if mail.markers.get(name, "").lower() not in {"", "no"}:
            return f"marked as automatic reply ({name})"
    return "Precedence: auto_reply" if mail.markers.get("precedence", "").lower() == "auto_reply" else ""


def _answer_marked_as_automatic(said: _Said, mark: str) -> Automatic | None:
    """Ticket systems of other companies mark what their people write: it answers a mail of ours, asks
    something, or was made by a program that sends other mails than replies."""
    if said.says_away or not re.search(r"\w", said.text):
        return Automatic("auto_reply", mark[:190])
    if said.asks or mark.endswith(("auto-generated", "auto-notified")):
        return None
    return Automatic("unsure", f"{mark}, but it answers a mail of ours"[:190])


def _is_away(said: _Said) -> Automatic | None:
    """By its subject. People write about automatic replies, too: "Automatic reply does not send"."""
    tag = _TAGGED.match(said.mail.subject[:60])
    if tag and words.plain(tag[1]) in words.phrases("auto"):
        return Automatic("auto_reply", "an automatic reply, by its subject")
    found = words.opening("auto").match(said.title)
    rest = said.title[found.end() :] if found else ""
    if found and _CLEAR.match(rest):
        return _away_or_about(said, rest.lstrip(":： "))
    found = found or words.opening("away").match(said.title)
    if ((found and _LOOSE.match(said.title[found.end() :])) or _names_the_sender(said)) and said.says_away:
        return Automatic("auto_reply", "an automatic reply, by its subject and text")
    return None


def _away_or_about(said: _Said, rest: str) -> Automatic:
    """An unmarked mail that answers nothing and asks: perhaps a person's, who asks about automatic replies."""
    about = not rest or "?" in rest or (len(rest.split()) >= ASKED_WORDS and not words.is_answer(rest))
    if about and said.asks and not said.answers_us:
        return Automatic("unsure", "perhaps an automatic reply, by its subject")
    return Automatic("auto_reply", "an automatic reply, by its subject")


def _names_the_sender(said: _Said) -> bool:
    """Lotus: "AUTO: Lena Haas is out of the office (returning 12.01.)"."""
    found = words.within("absent").search(said.title)
    name = re.findall(r"\w+", words.plain(said.mail.senders[0].name)) if said.mail.senders else []
    if not found or not name or not _LOOSE.match(said.title[found.end() :]):
        return False
    before = re.findall(r"\w+", said.title[: found.start()])
    return set(name) <= set(before) and len(before) <= MAX_NAME_WORDS


def _list(said: _Said, own_address: str) -> Automatic | None:
    """Mailing lists and newsletters; not the list that is our own shared address."""
    mail = said.mail
    domain = own_address.lower().rpartition("@")[2]
    posting = f"{mail.markers.get('list-post', '')} {mail.markers.get('list-id', '')}".lower()
    if own_address.lower() in posting or own_address.lower().replace("@", ".") in posting or f".{domain}>" in posting:
        return None
    # A person's answer to a mail of ours may come through a list: it has our id, not bulk marks alone.
    if posting.strip() or "mailing-list" in mail.markers:
        return Automatic("list", _one_line(f"mailing list {mail.markers.get('list-id', '')}"))
    if "list-unsubscribe" in mail.markers:
        form = said.asks and len(said.text) <= FORM_LETTERS and _is_for_another(mail)
        return Automatic("bulk" if form else "list", "a newsletter (List-Unsubscribe)")
    return _bulk(said)


def _bulk(said: _Said) -> Automatic | None:
    """Form mailers set Precedence on what a customer asks; somebody else to reply to gives them away."""
    mail, precedence = said.mail, said.mail.markers.get("precedence", "").lower()
    if precedence not in {"bulk", "list", "junk"} or mail.markers.get("auto-submitted", "").lower().strip() == "no":
        return None
    if said.says_away and not said.asks:
        return Automatic("auto_reply", f"Precedence: {precedence}, and it says so")
    sender = mail.senders[0].email.lower() if mail.senders else ""
    if any(one.email.lower() != sender for one in mail.reply_to):
        return None
    return Automatic("bulk", f"Precedence: {precedence}, and no other mark of a machine")


def _is_for_another(mail: ParsedMail) -> bool:
    """A form mailer's mail: who is to be answered is at home elsewhere than its sender."""
    homes = {one.email.lower().rpartition("@")[2] for one in mail.senders}
    return any(one.email.lower().rpartition("@")[2] not in homes for one in mail.reply_to)


def _title(subject: str) -> str:
    """As it is compared: without "Re:" and tags."""
    return words.bare(subject).lstrip("*[(<#!- ")


def _null_path(mail: ParsedMail) -> bool:
    return mail.markers.get("return-path", "").replace(" ", "") == "<>"


def _one_line(text: str) -> str:
    return " ".join(text.split())[:190]
