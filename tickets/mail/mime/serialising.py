"""Writes a part of a mail as bytes, and delivery reports as text. Pure. Linear, unlike Python's generator."""

from collections.abc import Iterator
from email.message import Message

from tickets.mail.mime import decoding
from tickets.mail.mime.transfer import payload, raw_payload

MAX_REPORT = 200_000
_REPORTS = {"message/delivery-status", "message/disposition-notification", "message/rfc822", "text/rfc822-headers"}


def flat(part: Message) -> bytes:
    """Headers and content as they came, except for line ends and text between the parts."""
    return "".join(_lines(part)).encode("utf-8", "surrogateescape")


def _lines(part: Message) -> Iterator[str]:
    """Not recursive: uses a stack."""
    todo: list[Message | str] = [part]
    while todo:
        one = todo.pop()
        if isinstance(one, str):
            yield one
            continue
        for name, value in one.raw_items():
            yield f"{name}: {value}\n"
        yield "\n"
        inner = raw_payload(one)
        if isinstance(inner, list):
            todo.extend(reversed(_between(one, [child for child in inner if isinstance(child, Message)])))
        else:
            yield str(inner or "")


def _between(part: Message, children: list[Message]) -> list[Message | str]:
    boundary = part.get_boundary("")
    if part.get_content_maintype() == "message" or not boundary:
        return list(children)
    out: list[Message | str] = []
    for child in children:
        out += [f"\n--{boundary}\n", child]
    return [*out, f"\n--{boundary}--\n"]


def report_text(message: Message) -> str:
    """The machine-readable parts of a multipart/report, as text. A blank line separates what is about different
    recipients."""
    found, size = [], 0
    for part in message.walk():
        if part.get_content_type() in _REPORTS and size < MAX_REPORT:
            found.append(_headers(part))
            size += len(found[-1])
    return decoding.storable("\n\n".join(found))[:MAX_REPORT]


def _headers(part: Message) -> str:
    inner = raw_payload(part)
    if not isinstance(inner, list):
        return decoding.decode(payload(part)[:MAX_REPORT])
    children = [child for child in inner if isinstance(child, Message)]
    return "\n\n".join(
        "\n".join(f"{name}: {decoding.header_bytes(str(value))}" for name, value in child.raw_items())
        for child in children
    )
