"""Mails that are made to keep a parser busy: the time is linear, and each becomes a message or is quarantined."""

import base64
import contextlib
import quopri
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.growth import assert_linear
from tests.tickets.mails import raw
from tickets.mail import reading
from tickets.mail.mime import addresses, charsets, decoding, parsing, rtf, signed_content, transfer, winmail

SIZES = (250_000, 500_000, 1_000_000)


def _part(kind: str, content: str, *headers: str) -> str:
    return "\n".join([f"Content-Type: {kind}", *headers, "", content])


def _nested(n: int) -> bytes:
    levels = n // 60
    return "".join(f'Content-Type: multipart/mixed; boundary="b{i}"\n\n--b{i}\n' for i in range(levels)).encode()


def _wrapped(n: int) -> bytes:
    return b"Content-Type: message/rfc822\n\n" * (n // 30)


def _winmail(n: int) -> bytes:
    return winmail.SIGNATURE + b"\0\0" + b"\x01\x0c\x80\x02\x00\x01\x00\x00\x00x\0\0" * (n // 12)


MAILS: dict[str, Callable[[int], bytes]] = {
    "one long line": lambda n: raw("x" * n),
    "lines of one letter": lambda n: raw("x\n" * (n // 2)),
    "a header that never ends": lambda n: raw(subject="x" * n),
    "folded headers": lambda n: raw(subject="x" + "\r\n x" * (n // 4)),
    "many headers": lambda n: b"X-A: b\n" * (n // 7) + raw(),
    "many content headers beyond ASCII": lambda n: b"Content-Type: \xff\n" * (n // 16) + raw(),
    "lines that are no headers": lambda n: b"x y\n" * (n // 4) + raw(),
    "parameters": lambda n: raw(content_type="text/plain" + ";a=b" * (n // 4)),
    "quotation marks in parameters": lambda n: raw(content_type="text/plain" + ';a="' * (n // 4)),
    "continued parameters": lambda n: raw(content_type="text/plain" + "".join(f";n*{i}=x" for i in range(n // 8))),
    "encoded words": lambda n: raw(subject="=?utf-8?q?a?= " * (n // 15)),
    "encoded words without an end": lambda n: raw(subject="=?utf-8?q?a" * (n // 11)),
    "openings of encoded words": lambda n: raw(subject="=?" * (n // 2)),
    "recipients": lambda n: raw(to=", ".join(f"a{i}@b.example" for i in range(n // 16))),
    "brackets in From": lambda n: raw(sender="(" * n + "<a@b.example>"),
    "escaped quotation marks in From": lambda n: raw(sender='"' + '\\"' * (n // 2)),
    "references": lambda n: raw(references="<a@b> " * (n // 6)),
    "open references": lambda n: raw(references="< " * (n // 2)),
    "spaces in a header": lambda n: raw(subject="a" + " " * n + "b"),
    "nested parts": _nested,
    "wrapped mails": _wrapped,
    "flat parts": lambda n: b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * (n // 7),
    "boundaries of nothing": lambda n: b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n" * (n // 4),
    "uuencoded beginnings": lambda n: raw("begin 6 a\n" * (n // 10), content_transfer_encoding="x-uuencode"),
    "base64 of single letters": lambda n: raw("A\n" * (n // 2), content_transfer_encoding="base64"),
    "base64 full of junk": lambda n: raw("A!" * (n // 2), content_transfer_encoding="base64"),
    "padding": lambda n: raw("QQ==" * (n // 4), content_transfer_encoding="base64"),
    "soft line ends": lambda n: raw("=\n" * (n // 2), content_transfer_encoding="quoted-printable"),
    "flowed lines": lambda n: raw("x \n" * (n // 3), content_type="text/plain; format=flowed; delsp=yes"),
    "escape sequences": lambda n: raw("\x1b$B" * (n // 3), content_type="text/plain"),
    "undeclared bytes": lambda n: raw(b"\xe4\xf6" * (n // 2), content_type="text/plain"),
    "reports": lambda n: raw(
        _part("message/delivery-status", "Action:" + "\n" * n), content_type="multipart/report; report-type=x"
    ),
    "forwarded mails": lambda n: (
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\nContent-Type: message/rfc822\n\nA: b\n\n" * (n // 42)
    ),
    "winmail.dat": lambda n: raw(
        base64.encodebytes(_winmail(n)), content_type="application/ms-tnef", content_transfer_encoding="base64"
    ),
}


def _read(given: bytes) -> None:
    with contextlib.suppress(parsing.UnreadableMail):
        parsing.parse(given)


@pytest.mark.parametrize("family", MAILS)
def test_time_is_linear_in_the_mail(family: str) -> None:
    assert_linear(_read, MAILS[family], SIZES)


PIECES: dict[str, tuple[Callable[..., object], Callable[[int], str | bytes]]] = {
    "opened tags of octets": (signed_content.signed_content, lambda n: bytes.fromhex("3080") * (n // 2)),
    "RTF groups": (rtf.to_text, lambda n: "{" * n),
    "RTF words": (rtf.to_html, lambda n: "\\fromhtml1" + "\\par" * (n // 4)),
    "RTF back references": (rtf.decompress, lambda n: b"\0" * 8 + b"LZFu" + b"\0" * 4 + b"\xff\x00\x0f" * (n // 3)),
    "a guess": (charsets.guess, lambda n: b"\xe4\xc4" * (n // 2)),
    "address lists": (addresses.read, lambda n: "a," * (n // 2)),
    "words": (decoding.decode_words, lambda n: "=?utf-8?b?QQ==?=" * (n // 16)),
    "uu": (transfer.unuu, lambda n: b"begin 6 a\n" * (n // 10)),
}


@pytest.mark.parametrize("family", PIECES)
def test_time_is_linear_in_what_a_part_contains(family: str) -> None:
    read, build = PIECES[family]
    assert_linear(read, build, SIZES)


@given(st.binary(max_size=600))
def test_any_bytes_can_be_unpacked_or_are_left_alone(data: bytes) -> None:
    winmail.unpack(winmail.SIGNATURE + data)
    signed_content.signed_content(b"\x30\x80\x06\x09" + bytes.fromhex("2a864886f70d010702") + data)
    rtf.to_html("\\fromhtml1" + rtf.decompress(b"\0" * 8 + b"LZFu" + data))
    transfer.unbase64(data)
    transfer.unuu(b"begin 644 a\n" + data + b"\nend\n")
    decoding.decode(data, "").encode()


@given(st.binary(max_size=200), st.text(max_size=30))
def test_bytes_in_any_charset_are_text(data: bytes, charset: str) -> None:
    text = decoding.decode(data, charset, charset)
    assert text.encode() is not None and not any("\x7f" <= c <= "\x9f" for c in text)


@given(st.text(max_size=300))
def test_any_header_is_a_list_of_addresses(value: str) -> None:
    for one in addresses.read(value):
        assert addresses.normal(one.email) == one.email and one.email.count("@") == 1


WORDS = st.integers(100, 999).map(lambda n: f"word{n}")
ENCODINGS = {
    "": lambda text: text.encode(),
    "8bit": lambda text: text.encode(),
    "binary": lambda text: text.encode(),
    "nonsense": lambda text: text.encode(),
    "base64": lambda text: base64.encodebytes(text.encode()),
    "BASE64 ": lambda text: base64.encodebytes(text.encode()),
    "quoted-printable": lambda text: quopri.encodestring(text.encode()),
}
LEAVES = st.builds(
    lambda word, kind, charset, encoding, disposition: (
        f"Content-Type: {kind}{charset}\nContent-Transfer-Encoding: {encoding}\n{disposition}\n".encode()
        + ENCODINGS[encoding](f"<p>{word} é</p>" if "html" in kind else f"{word} é\n"),
        (word,),
    ),
    WORDS,
    st.sampled_from(["text/plain", "text/html", "text/x-log", "application/pdf", "image/png", "nonsense"]),
    st.sampled_from(["", "; charset=utf-8", "; charset=us-ascii", "; charset=nonsense", '; name="a.txt"']),
    st.sampled_from(sorted(ENCODINGS)),
    st.sampled_from(["", "Content-Disposition: inline\n", 'Content-Disposition: attachment; filename="b.txt"\n']),
)


def _tree(kind: str, children: list[tuple[bytes, tuple[str, ...]]], closed: bool) -> tuple[bytes, tuple[str, ...]]:
    """A multipart with a unique boundary: text after the end of another with the same boundary would not be a part."""
    boundary = f"b{zlib.crc32(repr(children).encode())}".encode()
    body = b"".join(b"\n--" + boundary + b"\n" + content for content, _ in children)
    head = b"Content-Type: multipart/" + kind.encode() + b"; boundary=" + boundary + b"\n"
    return head + body + (b"\n--" + boundary + b"--\n" if closed else b"\n"), sum((words for _, words in children), ())


TREES = st.recursive(
    LEAVES,
    lambda inner: st.builds(
        _tree,
        st.sampled_from(["mixed", "related", "signed", "nonsense", "report"]),
        st.lists(inner, min_size=1, max_size=4),
        st.booleans(),
    ),
    max_leaves=8,
)


@given(TREES)
def test_no_word_of_a_mail_is_lost(tree: tuple[bytes, tuple[str, ...]]) -> None:
    content, words = tree
    mail = parsing.parse(b"From: a@b.example\n" + content)
    there = "".join(piece.plain + piece.html for piece in mail.body.pieces).encode()
    there += b"".join(part.content for part in mail.attachments)
    assert all(word.encode() in there for word in words)


@given(TREES, st.data())
def test_a_damaged_mail_is_read_or_refused(tree: tuple[bytes, tuple[str, ...]], data: st.DataObject) -> None:
    content = bytearray(b"From: a@b.example\nSubject: =?utf-8?q?x?=\n" + tree[0])
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    with contextlib.suppress(parsing.UnreadableMail):
        letter = reading.read(bytes(content))
        "".join([letter.text, letter.quoted, letter.html, letter.mail.subject]).encode()
