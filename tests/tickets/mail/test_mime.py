"""tickets/mail/mime/parsing.py: any bytes are parsed, or raise UnreadableMail."""

import contextlib
import time
from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tickets.mails import bounce, file_part, multipart, raw, text_part
from tickets.mail.mime import decoding, parsing


def text_of(mail: parsing.ParsedMail) -> str:
    return "\n".join(piece.plain or piece.html for piece in mail.body.pieces).strip()


def test_a_plain_mail() -> None:
    mail = parsing.parse(
        raw(
            "Guten Tag",
            date="Tue, 03 Mar 2026 10:00:00 +0100",
            references="<a@x> <b@x>",
            in_reply_to="<b@x>",
            cc="other@okafor.example",
        )
    )
    assert mail.message_id == "first@okafor.example"
    assert mail.senders == (parsing.Address("Tomas Okafor", "tomas@okafor.example"),)
    assert mail.references == ("a@x", "b@x") and mail.in_reply_to == ("b@x",)
    assert mail.recipients == ("support@tallybird.example", "other@okafor.example")
    assert mail.date == datetime(2026, 3, 3, 9, tzinfo=UTC)
    assert text_of(mail) == "Guten Tag"


@pytest.mark.parametrize(
    ("charset", "encoded", "expected"),
    [
        ("iso-8859-1", "Grüße – ok".encode("cp1252"), "Grüße – ok"),
        ("utf-8", "Grüße".encode("cp1252"), "Grüße"),
        ("us-ascii", "Grüße".encode(), "Grüße"),
        ("windows-1251", "Привет, мир".encode(), "Привет, мир"),
        ("windows-1251", "Привет".encode("cp1251"), "Привет"),
        ("no-such-charset", "Grüße".encode(), "Grüße"),
        ("base64", b"plain", "plain"),
        ("unicode_escape", rb"\x41", r"\x41"),
        ("gb2312", "你好".encode("gb18030"), "你好"),
        ("iso-2022-jp", "すみません".encode("iso-2022-jp"), "すみません"),
        ("utf-8", b"A\x00B", "AB"),
    ],
)
def test_charsets_right_wrong_and_unknown(charset: str, encoded: bytes, expected: str) -> None:
    assert text_of(parsing.parse(raw(encoded, content_type=f"text/plain; charset={charset}"))) == expected


@pytest.mark.parametrize("encoding", ["7-bit", "plain", "", "x-unknown", "text/html", "8bits;"])
def test_unknown_transfer_encodings_leave_the_text(encoding: str) -> None:
    assert text_of(parsing.parse(raw("As it is", content_transfer_encoding=encoding))) == "As it is"


def test_text_declared_as_base64_is_shown_as_written() -> None:
    assert text_of(parsing.parse(raw("Hello, (this) is no base64! Really.", content_transfer_encoding="base64"))) != ""
    assert text_of(parsing.parse(raw("SGVsbG8", content_transfer_encoding="base64"))) == "Hello"


def test_encoded_words_join_and_junk_stays() -> None:
    assert decoding.decode_words("=?utf-8?b?w6Q=?= =?utf-8?q?=C3=B6?=") == "äö"
    assert decoding.decode_words("=?utf-8?b?4oI=?= =?utf-8?b?rA==?=") == "€"  # one character in two words
    assert decoding.decode_words("=?utf-8?b?%%%?= x") == "=?utf-8?b?%%%?= x" or "x" in decoding.decode_words(
        "=?utf-8?b?%%%?= x"
    )
    assert decoding.decode_words("=?nope?q?caf=C3=A9?=") == "café"


def test_names_with_commas_and_several_senders() -> None:
    mail = parsing.parse(raw(sender='=?utf-8?q?M=C3=BCller=2C_Eva?= <eva@m.example>, "B, C" <bc@m.example>'))
    assert [(a.name, a.email) for a in mail.senders] == [("Müller, Eva", "eva@m.example"), ("B, C", "bc@m.example")]


@pytest.mark.parametrize("sender", [None, "", "undisclosed-recipients:;", "nobody", "<>", "a@b@c"])
def test_no_usable_sender_is_no_sender(sender: str | None) -> None:
    found = parsing.parse(raw(sender=sender)).senders
    assert all("@" in one.email and one.email.count("@") == 1 for one in found)


def test_missing_headers_and_broken_date() -> None:
    mail = parsing.parse(raw(message_id=None, subject=None, date="yesterday at noon"))
    assert (mail.message_id, mail.subject, mail.date) == ("", "", None)


def test_alternative_nested_in_mixed_with_attachment() -> None:
    inner = (
        'Content-Type: multipart/alternative; boundary="inner"\n\n--inner\n'
        + text_part("plain text")
        + "\n--inner\nContent-Type: text/html\n\n<p>html text</p>\n--inner--"
    )
    mail = parsing.parse(multipart("mixed", inner, file_part("a.pdf", kind="application/pdf")))
    assert [(p.plain.strip(), p.html.strip()) for p in mail.body.pieces] == [("plain text", "<p>html text</p>")]
    assert [(a.filename, a.content) for a in mail.attachments] == [("a.pdf", b"hello")]


def test_file_names_lose_their_folders_and_decode() -> None:
    names = ["..\\\\..\\\\evil.txt", "/etc/passwd", "=?utf-8?q?Gr=C3=BC=C3=9Fe=2Etxt?="]
    mail = parsing.parse(multipart("mixed", *(file_part(name) for name in names)))
    assert [a.filename for a in mail.attachments] == ["evil.txt", "passwd", "Grüße.txt"]


def test_an_attached_mail_is_kept_and_its_text_is_used_if_there_is_no_other() -> None:
    nested = "Content-Type: message/rfc822\n\nSubject: The inner one\nFrom: a@b.example\n\nInner text"
    mail = parsing.parse(multipart("mixed", nested))
    assert mail.attachments[0].filename == "The inner one.eml"
    assert b"Inner text" in mail.attachments[0].content
    assert text_of(mail) == "Inner text"


def test_a_bounce_names_the_original() -> None:
    report = parsing.parse(bounce("7.abc@tallybird.example")).report
    assert report is not None
    assert (report.kind, report.action, report.status) == ("delivery-status", "failed", "5.1.1")
    assert report.original_ids == ("7.abc@tallybird.example",)


def test_winmail_is_an_attachment() -> None:
    mail = parsing.parse(
        multipart("mixed", text_part("see file"), file_part("winmail.dat", kind="application/ms-tnef"))
    )
    assert mail.attachments[0].filename == "winmail.dat" and text_of(mail) == "see file"


def test_flowed_text_is_joined() -> None:
    mail = parsing.parse(
        raw("One sentence \nin two lines.\n> quoted \n> line\n", content_type="text/plain; format=flowed")
    )
    assert text_of(mail).split("\n")[0] == "One sentence in two lines."


def test_deep_nesting_is_unreadable_or_read_but_quick() -> None:
    deep = "".join(f'Content-Type: multipart/mixed; boundary="b{i}"\n\n--b{i}\n' for i in range(3000)) + text_part("x")
    started = time.thread_time()
    with contextlib.suppress(parsing.UnreadableMail):
        parsing.parse(deep.encode())
    assert time.thread_time() - started < 10


def test_too_many_parts_end_in_an_attachment() -> None:
    mail = parsing.parse(multipart("mixed", *(text_part(f"part {i}") for i in range(500))))
    assert len(mail.body.pieces) < 500
    assert mail.attachments[-1].filename == "unread parts.eml"


def test_why_the_structured_header_parser_is_not_used() -> None:
    """The reason for compat32 and for our own decoding (see the docstring of the module)."""
    bad = raw(sender="=?utf-8?q?=?= <a@b.example>, , ;:<", subject="x", to="a@[")
    assert parsing.parse(bad).subject == "x"
    long = raw(to=", ".join(f"a{i}@b.example" for i in range(1500)))

    def seconds(read: object) -> float:
        started = time.thread_time()
        read()  # type: ignore[operator]
        return time.thread_time() - started

    ours = seconds(lambda: parsing.parse(long))
    theirs = seconds(lambda: message_from_bytes(long, policy=policy.default)["to"])
    assert ours < theirs


@given(st.binary(max_size=3000))
def test_random_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(parsing.UnreadableMail):
        mail = parsing.parse(data)
        assert "\x00" not in mail.subject
        "".join([mail.subject, mail.message_id, *(p.plain + p.html for p in mail.body.pieces)]).encode()


HEADERS = ["From", "To", "Subject", "Date", "Message-ID", "References", "Content-Type", "Content-Disposition",
           "Content-Transfer-Encoding", "Content-ID", "Auto-Submitted", "List-Id"]  # fmt: skip
JUNK = st.one_of(
    st.text(max_size=60),
    st.sampled_from([
        "=?utf-8?q?=?=", "multipart/mixed; boundary=x", "multipart/mixed", "message/rfc822", "a@b.example", '"', "<",
        "text/html; charset=\x00", "base64", "text/plain; charset*=x''%", "multipart/report; report-type=delivery-status",  # noqa: E501
        "attachment; filename*=utf-8''%FF", "multipart/alternative; boundary=\"x\"", "=?iso-2022-jp?b?/////w==?=",
    ]),
)  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(HEADERS), JUNK), max_size=8), st.binary(max_size=300))
def test_random_headers_are_read_or_refused(headers: list[tuple[str, str]], body: bytes) -> None:
    head = "\r\n".join(f"{name}: {value}" for name, value in headers).encode("utf-8", "surrogateescape")
    with contextlib.suppress(parsing.UnreadableMail):
        parsing.parse(head + b"\r\n\r\n--x\r\n" + body + b"\r\n--x--\r\n")


def test_the_headers_alone_say_who_wrote_about_what() -> None:
    content = raw("x" * 100, subject="Calendar\r\n empty", content_type="text/plain;\r\n charset=utf-8")
    mail = parsing.parse_headers(content)
    assert (mail.senders[0].email, mail.subject, mail.body.pieces) == ("tomas@okafor.example", "Calendar empty", ())
