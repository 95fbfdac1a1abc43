"""Which mails no person wrote to us: bounces, auto-replies, lists, our own. Pure."""

import re
from dataclasses import dataclass

from tickets.mime import ParsedMail

_MACHINES = re.compile(r"^(?:mailer-daemon|postmaster|mail-daemon|maildaemon)@", re.IGNORECASE)
_AWAY = re.compile(
    r"^\W*(?:auto(?:matic|mated)?[ -]?(?:reply|response)|out of (?:the )?office|abwesend|abwesenheits"
    r"|automatische antwort|r[ée]ponse automatique|absence du bureau|respuesta autom[áa]tica|fuera de la oficina"
    r"|risposta automatica|automatisch antwoord|resposta autom[áa]tica|autosvar"
    r"|automatyczna odpowied|自動応答|自动回复|자동 회신)",
    re.IGNORECASE,
)
_BOUNCED = re.compile(
    r"undeliver|delivery (?:status notification|has failed|failure)|returned (?:to sender|mail)|mail delivery failed"
    r"|could not (?:be delivered|send)|unzustellbar",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Automatic:
    """`kind`: bounce, delayed, receipt, auto_reply, list, loop, own."""

    kind: str
    reason: str


def recognise(mail: ParsedMail, own_address: str) -> Automatic | None:
    """Why this mail is not a person's to answer, or None."""
    return _ours(mail, own_address) or _report(mail) or _marked(mail) or _list(mail, own_address)


def is_own(email: str, own_address: str) -> bool:
    """Our address, with or without a `+token`."""
    local, _, domain = own_address.lower().partition("@")
    its_local, _, its_domain = email.lower().rpartition("@")
    return its_domain == domain and its_local.partition("+")[0] == local


def _ours(mail: ParsedMail, own_address: str) -> Automatic | None:
    loop = mail.markers.get("x-copydesk-loop", "")
    if loop and loop.lower() == own_address.lower():
        return Automatic("loop", "our own mail came back to us")
    if mail.senders and is_own(mail.senders[0].email, own_address):
        return Automatic("own", "sent from our own address")
    return None


def _report(mail: ParsedMail) -> Automatic | None:
    sender = mail.senders[0].email if mail.senders else ""
    if mail.report is not None:
        if mail.report.kind == "disposition-notification":
            return Automatic("receipt", "a read receipt")
        if mail.report.kind == "feedback-report":
            return Automatic("receipt", "a complaint report of a mail provider")
        if mail.report.action in {"delayed", "relayed", "delivered", "expanded"}:
            return Automatic("delayed", f"delivery report: {mail.report.action}")
        return Automatic("bounce", _one_line(f"bounce: {mail.report.status} {mail.report.diagnostic}"))
    if mail.markers.get("x-failed-recipients"):
        return Automatic("bounce", "bounce: X-Failed-Recipients")
    if _MACHINES.match(sender) or (_null_path(mail) and _BOUNCED.search(mail.subject)):
        return Automatic("bounce", f"bounce: {mail.subject}"[:190])
    return None


def _marked(mail: ParsedMail) -> Automatic | None:
    """RFC 3834 and what mail programs did before it."""
    submitted = mail.markers.get("auto-submitted", "").lower().split(";")[0].strip()
    if submitted and submitted != "no":
        return Automatic("auto_reply", f"Auto-Submitted: {submitted}"[:190])
    for name in ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply-from"):
        if mail.markers.get(name, "").lower() not in {"", "no"}:
            return Automatic("auto_reply", f"marked as automatic reply ({name})")
    precedence = mail.markers.get("precedence", "").lower()
    if precedence in {"auto_reply", "junk"}:
        return Automatic("auto_reply", f"Precedence: {precedence}")
    if _AWAY.match(mail.subject):
        return Automatic("auto_reply", "an automatic reply, by its subject")
    # X-Auto-Response-Suppress alone says "do not answer me by machine", which we never do:
    # shop systems set it on mails that carry a customer's question.
    if _null_path(mail):
        return Automatic("auto_reply", "sent with an empty return path")
    return None


def _list(mail: ParsedMail, own_address: str) -> Automatic | None:
    """Mailing lists and newsletters; not the list that is our own shared address."""
    domain = own_address.lower().rpartition("@")[2]
    posting = f"{mail.markers.get('list-post', '')} {mail.markers.get('list-id', '')}".lower()
    if own_address.lower() in posting or own_address.lower().replace("@", ".") in posting or f".{domain}>" in posting:
        return None
    # A person's answer to a mail of ours may come through a list: it has our id, not bulk marks alone.
    if posting.strip() or "mailing-list" in mail.markers:
        return Automatic("list", _one_line(f"mailing list {mail.markers.get('list-id', '')}"))
    if mail.markers.get("precedence", "").lower() in {"bulk", "list"}:
        return Automatic("list", f"Precedence: {mail.markers['precedence'].lower()}")
    if "list-unsubscribe" in mail.markers:
        return Automatic("list", "a newsletter (List-Unsubscribe)")
    return None


def _null_path(mail: ParsedMail) -> bool:
    return mail.markers.get("return-path", "").replace(" ", "") == "<>"


def _one_line(text: str) -> str:
    return " ".join(text.split())[:190]
