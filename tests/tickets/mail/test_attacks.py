"""One anonymous mail must not stop the desk. Each of these took far too long once. Through the whole intake."""

import resource
from collections.abc import Callable

import pytest

from tests.tickets.mails import raw
from tickets.mail import intake, reader
from tickets.models import InboundMail, Message

pytestmark = pytest.mark.django_db

HTML = "text/html; charset=utf-8"


def _nested_boundaries(levels: int) -> bytes:
    return "".join(f'Content-Type: multipart/mixed; boundary="b{i}"\n\n--b{i}\n' for i in range(levels)).encode()


def _with_sender(mail: bytes) -> bytes:
    return b"From: Tomas Okafor <tomas@okafor.example>\nMIME-Version: 1.0\n" + mail


ATTACKS: dict[str, Callable[[], bytes]] = {
    "a line of dashes": lambda: raw("-" * 40_000),
    "scripts that never end": lambda: raw("<script " * 60_000, content_type=HTML),
    "uuencoded beginnings": lambda: raw("begin 6 a\n" * 60_000, content_transfer_encoding="x-uuencode"),
    "100,000 parts": lambda: _with_sender(b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 100_000),
    "100,000 levels": lambda: _with_sender(_nested_boundaries(100_000)),
    "wrapped a thousand times": lambda: _with_sender(b"Content-Type: message/rfc822\n\n" * 1000),
    "100,000 headers": lambda: b"X-A: b\r\n" * 100_000 + raw(),
    "a header of 5 MB": lambda: raw(subject="x" * 5_000_000),
    "parameters without end": lambda: raw(content_type="text/plain" + ';a="' * 200_000),
    "recipients without end": lambda: raw(to="a@b.example, " * 200_000),
    "references without end": lambda: raw(references="<a@b> " * 200_000),
    "encoded words without end": lambda: raw(subject="=?utf-8?q?a" * 200_000),
    "a huge attribute": lambda: raw(f'<p title="{"a" * 3_000_000}">Hi</p>', content_type=HTML),
    "attributes without end": lambda: raw("<a " + "a=1 " * 90_000 + ">Hi</a>", content_type=HTML),
    "nested tables": lambda: raw("<table><tr><td>" * 20_000, content_type=HTML),
    "nested quotations": lambda: raw("<blockquote>" * 30_000, content_type=HTML),
    "open formatting": lambda: raw(
        "".join(f'<b id="{i}">' for i in range(7000)) + "<p>x" * 7000, content_type=HTML
    ),
    "one long word": lambda: raw("x" * 59_000),
    "quoted marks": lambda: raw(">" * 60_000),
    "blank lines": lambda: raw("\n" * 500_000 + "x"),
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_it_is_received_or_quarantined_and_the_next_mail_becomes_a_ticket(attack: str) -> None:
    """Reading takes no more CPU time than the reader may use."""
    reader.read(raw())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    receipt = intake.receive(ATTACKS[attack]())
    ours = resource.getrusage(resource.RUSAGE_SELF).ru_utime - before
    assert receipt.action in {"created", "quarantined"}
    assert ours < reader.SECONDS
    assert InboundMail.objects.count() == 1
    assert intake.receive(raw(message_id="<next@okafor.example>")).action == "created"
    assert all(len(message.text) <= 60_000 for message in Message.objects.all())
