"""Raw bytes → what a mail says. Pure: no database, no files, no settings.

The structure comes from the standard library's parser with its compat32 policy, and header
values are decoded here: the structured header parser behind `policy.default` raises half a
dozen kinds of exception on real junk and takes quadratic time on long headers
(tests/tickets/test_mime.py shows one of each).
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from email.utils import getaddresses, parsedate_to_datetime

from tickets import decoding, mime_body
from tickets.mime_body import Body, Part

MAX_HEADER = 20_000
_ID = re.compile(r"<\s*([^<>\s]{1,990})\s*>")
_ADDRESS = re.compile(r"^[^@\s<>\"(),:;\\\[\]]{1,64}@[^@\s<>\"(),:;\\]{1,253}$")
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
    """Not even the structure can be read. Permanent: the same bytes will never parse."""


@dataclass(frozen=True)
class Address:
    name: str
    email: str


@dataclass(frozen=True)
class Report:
    """What a multipart/report says about a mail of ours."""

    kind: str
    action: str = ""
    status: str = ""
    diagnostic: str = ""
    original_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class ParsedMail:
    message_id: str
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    senders: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    recipients: tuple[str, ...]
    subject: str
    date: datetime | None
    markers: dict[str, str]
    body: Body
    report: Report | None = None
    attachments: tuple[Part, ...] = field(default=())


def parse(raw: bytes) -> ParsedMail:
    """Everything the mail says, or UnreadableMail."""
    try:
        return _parse(message_from_bytes(raw, policy=compat32))
    except (RecursionError, ValueError, TypeError, LookupError, AttributeError, AssertionError) as error:
        raise UnreadableMail(f"the mail's structure cannot be read ({type(error).__name__})") from error


def parse_headers(raw: bytes) -> ParsedMail:
    """As `parse`, of the first lines only: for mails too big to be opened."""
    head = re.split(rb"\r?\n\r?\n", raw[: 64 * 1024], maxsplit=1)[0]
    head = b"\n".join(line for line in head.splitlines() if not line.lower().startswith(b"content-"))
    return parse(head + b"\n\n")


def _parse(message: Message) -> ParsedMail:
    headers = _headers(message)
    body, attachments = mime_body.read(message)
    return ParsedMail(
        message_id=next(iter(_ids(headers, "message-id")), ""),
        in_reply_to=_ids(headers, "in-reply-to"),
        references=_ids(headers, "references"),
        senders=_addresses(headers, "from") or _addresses(headers, "sender"),
        reply_to=_addresses(headers, "reply-to"),
        recipients=tuple(
            a.email.lower()
            for name in ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to")
            for a in _addresses(headers, name)
        ),
        subject=decoding.one_line(decoding.words(next(iter(headers.get("subject", [])), "")), 998),
        date=_date(headers),
        markers={
            name: decoding.one_line(decoding.words(headers[name][0]), 200) for name in _MARKERS if name in headers
        },
        body=body,
        report=_report(message),
        attachments=attachments,
    )


def _headers(message: Message) -> dict[str, list[str]]:
    """Raw values by lower-case name; the policy's own parsing is never asked."""
    found: dict[str, list[str]] = {}
    for name, value in message.raw_items():
        found.setdefault(name.strip().lower(), []).append(str(value)[:MAX_HEADER])
    return found


def _ids(headers: dict[str, list[str]], name: str) -> tuple[str, ...]:
    values = [decoding.header_bytes(value) for value in headers.get(name, [])]
    found = [decoding.storable(one) for value in values for one in _ID.findall(value)]
    if not found:  # some senders leave out the brackets
        found = [
            decoding.storable(word) for value in values for word in value.split() if "@" in word and len(word) < 990
        ]
    return tuple(dict.fromkeys(one for one in found if one))


def _addresses(headers: dict[str, list[str]], name: str) -> tuple[Address, ...]:
    """Split first, decode afterwards: a comma inside an encoded name separates nothing."""
    values = [decoding.header_bytes(value) for value in headers.get(name, [])]
    found = [a for value in values for a in _split_addresses(value)]
    return tuple(dict.fromkeys(found))


def _split_addresses(value: str) -> list[Address]:
    found = []
    for shown, email in getaddresses([value], strict=False) if _STRICT_KNOWN else getaddresses([value]):
        email = decoding.one_line(decoding.words(email), 300).strip("<>'\" ")
        if len(email) <= 254 and _ADDRESS.match(email):
            found.append(Address(decoding.one_line(decoding.words(shown), 200).strip("'\" "), email))
    if not found:
        pairs = re.findall(r"[^\s<>\"(),:;\\\[\]]{1,64}@[^\s<>\"(),:;\\\[\]@]{1,189}", value)
        found = [Address("", email) for email in pairs if _ADDRESS.match(email)][:1]
    return found


_STRICT_KNOWN = "strict" in getaddresses.__code__.co_varnames


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
    text = mime_body.report_text(message)

    def line(name: str) -> str:
        found = re.search(rf"^{name}:\s*(.+)$", text, re.MULTILINE | re.IGNORECASE)
        return decoding.one_line(found[1], 200) if found else ""

    ids = re.findall(r"^(?:message-id|original-message-id):\s*<([^<>\s]+)>", text, re.MULTILINE | re.IGNORECASE)
    return Report(kind, line("action").lower(), line("status"), line("diagnostic-code"), tuple(dict.fromkeys(ids)))
