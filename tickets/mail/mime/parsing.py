"""Parses a raw mail. Pure: no database, no files, no settings.

The structure comes from Python's parser with its compat32 policy (tree.py). Header values are decoded here
(decoding.py, addresses.py), because the header parser behind `policy.default` raises many kinds of exceptions on real
mails and takes quadratic time on long headers (examples: tests/tickets/mail/test_mime.py).
"""

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime

from tickets.mail.mime import addresses, decoding, serialising
from tickets.mail.mime import body as mime_body
from tickets.mail.mime import tree as mime_tree
from tickets.mail.mime.addresses import Address
from tickets.mail.mime.body import Body, Part

MAX_HEADER = mime_tree.MAX_HEADER
MAX_REPEATS = 10  # of one header; more are ignored
_ID = re.compile(r"<\s{0,9}([^<>\s]{1,990})\s{0,9}>")
_ORIGINAL = re.compile(r"^(?:original-)?message-id:[ \t]{0,99}<([^<>\s]{1,990})>", re.MULTILINE | re.IGNORECASE)
_FAILED = re.compile(
    r"^(?:final|original)-recipient:[ \t]{0,99}rfc822;[ \t]{0,99}<?([^\s<>;]{3,254})", re.MULTILINE | re.IGNORECASE
)
# A report has a group of lines for each recipient, with a blank line between them (RFC 3464).
_BLANK_LINE = re.compile(r"\n[ \t\r]{0,20}\n")
_ACTION_FAILED = re.compile(r"^action:[ \t]{0,99}failed", re.MULTILINE | re.IGNORECASE)
MAX_FAILED = 100
_MARKERS = (
    "auto-submitted",
    "precedence",
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-auto-reply-from",
    "x-auto-response-suppress",
    "x-copydesk-loop",
    "list-id",
    "list-post",
    "list-unsubscribe",
    "mailing-list",
    "return-path",
    "x-failed-recipients",
    "x-ms-exchange-message-is-ndr",
    "feedback-id",
)


class UnreadableMail(Exception):
    """The mail cannot be read, and never will be: trying again makes no difference.

    The message is English (tickets/models/stored_texts.py).
    """


@dataclass(frozen=True)
class Report:
    """What a multipart/report says about a mail that we sent."""

    kind: str
    action: str = ""
    status: str = ""
    diagnostic: str = ""
    original_ids: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()  # addresses, in lower case


@dataclass(frozen=True)
class ParsedMail:
    message_id: str
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    senders: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    recipients: tuple[str, ...]  # with those that servers added, in lower case
    subject: str
    date: datetime | None
    markers: dict[str, str]
    body: Body
    report: Report | None = None
    attachments: tuple[Part, ...] = field(default=())


def parse(raw: bytes) -> ParsedMail:
    """The whole mail. Raises UnreadableMail."""
    try:
        tree = mime_tree.parse(raw)
        mail = _parse(tree.message)
    except (RecursionError, ValueError, TypeError, LookupError, AttributeError, AssertionError) as error:
        raise UnreadableMail(f"The structure of the mail cannot be read ({type(error).__name__})") from error
    if tree.whole:
        return mail
    rest = Part("whole mail.eml", "message/rfc822", raw)
    return replace(mail, attachments=(*mail.attachments, rest))


def parse_headers(raw: bytes) -> ParsedMail:
    """Like `parse`, but only the headers, for mails that are too large. Headers about the content are left out."""
    head = re.split(rb"\r?\n\r?\n", raw[: 64 * 1024], maxsplit=1)[0]
    kept: list[bytes] = []
    describes = False
    for line in head.splitlines():
        if not line.startswith((b" ", b"\t")):
            describes = line[:8].lower() == b"content-"
        if not describes:
            kept.append(line)
    return parse(b"\n".join(kept) + b"\n\n")


def _parse(message: Message) -> ParsedMail:
    headers = _headers(message)
    body, attachments = mime_body.read(message)
    return ParsedMail(
        message_id=next(iter(_ids(headers, "message-id")), ""),
        in_reply_to=_ids(headers, "in-reply-to"),
        references=_ids(headers, "references"),
        senders=_addresses(headers, "from") or _addresses(headers, "sender"),
        reply_to=_addresses(headers, "reply-to"),
        to=_addresses(headers, "to"),
        cc=_addresses(headers, "cc"),
        recipients=tuple(
            a.email.lower()
            for name in ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to")
            for a in _addresses(headers, name)
        ),
        subject=_subject(headers),
        date=_date(headers),
        markers={
            name: decoding.one_line(decoding.decode_words(headers[name][0]), 200)
            for name in _MARKERS
            if name in headers
        },
        body=body,
        report=_report(message),
        attachments=attachments,
    )


def _headers(message: Message) -> dict[str, list[str]]:
    """Raw values by lower-case name. `raw_items` avoids the parsing of the policy."""
    found: dict[str, list[str]] = {}
    for name, value in message.raw_items():
        values = found.setdefault(name.strip().lower(), [])
        if len(values) < MAX_REPEATS:
            values.append(str(value)[:MAX_HEADER])
    return found


def _subject(headers: dict[str, list[str]]) -> str:
    shown = decoding.one_line(decoding.decode_words(next(iter(headers.get("subject", [])), "")), 998)
    return decoding.one_line(addresses.plain_letters(shown), 998)


def _ids(headers: dict[str, list[str]], name: str) -> tuple[str, ...]:
    values = [decoding.header_bytes(value) for value in headers.get(name, [])]
    found = [decoding.storable(one) for value in values for one in _ID.findall(value)]
    if not found:  # some senders leave out the brackets
        found = [
            decoding.storable(word) for value in values for word in value.split() if "@" in word and len(word) < 990
        ]
    return tuple(dict.fromkeys(one for one in found if one))


def _addresses(headers: dict[str, list[str]], name: str) -> tuple[Address, ...]:
    return tuple(dict.fromkeys(one for value in headers.get(name, []) for one in addresses.read(value)))


def _date(headers: dict[str, list[str]]) -> datetime | None:
    for value in headers.get("date", []):
        try:
            found = parsedate_to_datetime(decoding.header_bytes(value))
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
    return None


def _report(message: Message) -> Report | None:
    if message.get_content_type() != "multipart/report":
        return None
    kind = str(message.get_param("report-type") or "").lower()
    text = serialising.report_text(message)

    def line(name: str) -> str:
        found = re.search(rf"^{name}:[ \t]{{0,99}}(.{{1,900}})$", text, re.MULTILINE | re.IGNORECASE)
        return decoding.one_line(found[1], 200) if found else ""

    ids = _ORIGINAL.findall(text)
    groups = [group for group in _BLANK_LINE.split(text) if _ACTION_FAILED.search(group)]
    failed = tuple(dict.fromkeys(each.lower() for group in groups for each in _FAILED.findall(group)))
    said = {"action": line("action").lower(), "status": line("status"), "diagnostic": line("diagnostic-code")}
    return Report(kind, **said, original_ids=tuple(dict.fromkeys(ids)), failed=failed[:MAX_FAILED])
