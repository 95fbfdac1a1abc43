"""Mail that hides its words: damaged base64, winmail.dat, opaque signatures, bodies with a file name."""

import base64
import struct

import pytest

from tests.tickets.mails import file_part, multipart, raw, text_part
from tickets.mail.mime import parsing, transfer, winmail

SENTENCE = "Guten Tag, die Überweisung wird seit Freitag nicht mehr ausgeführt. Können Sie das bitte prüfen?"


def text_of(mail: parsing.ParsedMail) -> str:
    return "\n".join(piece.plain or piece.html for piece in mail.body.pieces).strip()


def lines_of(text: str) -> str:
    return base64.encodebytes(text.encode()).decode()


@pytest.mark.parametrize(
    "damaged",
    [
        lines_of(SENTENCE) + "\n-- \nThis mail was scanned by GateKeeper. No virus found.\n",
        lines_of(SENTENCE) + "\nScanned\n",
        "CAUTION: this mail comes from outside.\n\n" + lines_of(SENTENCE),
        "External\n" + lines_of(SENTENCE),
        lines_of(SENTENCE).rstrip("=\n"),
        lines_of(SENTENCE).replace("\n", "\n\n"),
        lines_of(SENTENCE).replace("\n", "!\n"),
        "".join(f"> {line}\n".replace("> ", ">") for line in lines_of(SENTENCE).splitlines()),
        base64.b64encode(SENTENCE.encode()[:10]).decode() + base64.b64encode(SENTENCE.encode()[10:]).decode(),
    ],
)
def test_damaged_base64_is_read_as_far_as_it_goes(damaged: str) -> None:
    found = text_of(parsing.parse(raw(damaged, content_transfer_encoding="base64")))
    assert found.startswith(SENTENCE[:-3]) and not any(ord(c) < 32 or "\x80" <= c <= "\x9f" for c in found)


def test_words_declared_as_base64_are_kept() -> None:
    assert text_of(parsing.parse(raw("Please call me back soon.", content_transfer_encoding="base64"))) == (
        "Please call me back soon."
    )


def test_a_uuencoded_file_without_an_end_is_left_as_it_is() -> None:
    assert transfer.unuu(b"begin 644 a\nfoo") == b"begin 644 a\nfoo"
    assert transfer.unuu(b"begin 644 a\n#0V%T\n`\nend\n") == b"Cat"


@pytest.mark.parametrize("headers", ["", "Content-Disposition: inline; filename=body.txt\n"])
def test_the_only_text_is_the_body_whatever_it_is_called(headers: str) -> None:
    named = f'Content-Type: text/plain; charset=utf-8; name="message.txt"\n{headers}\nWhen does the rest arrive?'
    mail = parsing.parse(multipart("mixed", named, file_part("a.pdf")))
    assert text_of(mail) == "When does the rest arrive?" and [a.filename for a in mail.attachments] == ["a.pdf"]


def test_a_mail_of_one_part_is_its_text_even_as_an_attachment() -> None:
    mail = parsing.parse(raw("When?", content_disposition='attachment; filename="x.txt"'))
    assert text_of(mail) == "When?" and not mail.attachments


def test_a_named_text_beside_a_body_stays_a_file() -> None:
    log = 'Content-Type: text/plain; name="error.log"\n\nTraceback'
    mail = parsing.parse(multipart("mixed", text_part("See the log."), log))
    assert text_of(mail) == "See the log." and [a.filename for a in mail.attachments] == ["error.log"]


def test_text_of_another_kind_is_read_if_there_is_no_other() -> None:
    assert text_of(parsing.parse(raw("*Hello*, where is it?", content_type="text/markdown"))) == "*Hello*, where is it?"


def test_html_declared_as_plain_text_and_the_reverse() -> None:
    assert parsing.parse(raw("<!DOCTYPE html><p>Hi</p>", content_type="text/plain")).body.pieces[0].html
    plain = parsing.parse(raw("Name: Ida\nCity: &Aring;lborg", content_type="text/html")).body.pieces[0]
    assert plain.plain.split() == ["Name:", "Ida", "City:", "Ålborg"] and "\n" in plain.plain


# --- winmail.dat ---------------------------------------------------------------------------


def entry(level: int, number: int, value: bytes) -> bytes:
    return struct.pack("<BIIs", level, number, len(value), b"")[:-1] + value + b"\0\0"


def properties(*pairs: tuple[int, int, bytes]) -> bytes:
    out = struct.pack("<I", len(pairs))
    for number, kind, value in pairs:
        out += struct.pack("<HHII", kind, number, 1, len(value)) + value + b"\0" * (-len(value) % 4)
    return out


def winmail_part(*entries: bytes, name: str = "winmail.dat") -> str:
    content = base64.encodebytes(winmail.SIGNATURE + b"\0\0" + b"".join(entries)).decode()
    return file_part(name, content, "application/ms-tnef")


RTF = (
    r"{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0{\fonttbl{\f0 Arial;}}{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 "
    r"Gr\'fc\'dfe, it stops at 5 \u8364?{\*\htmltag72 </p>}\htmlrtf\par}\htmlrtf0}"
)


def test_text_and_files_in_winmail() -> None:
    file = (
        entry(2, 0x69002, b"\0" * 14)
        + entry(2, 0x18010, b"A~1.PDF\0")
        + entry(2, 0x6800F, b"%PDF-1.4")
        + entry(2, 0x69005, properties((0x3707, 0x1F, "Bericht März.pdf\0".encode("utf-16-le"))))
    )
    mail = parsing.parse(multipart("mixed", text_part(" "), winmail_part(entry(1, 0x2800C, b"It stops.\0"), file)))
    assert text_of(mail) == "It stops."
    assert [(a.filename, a.content_type, a.content) for a in mail.attachments] == [
        ("Bericht März.pdf", "application/pdf", b"%PDF-1.4")
    ]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ((0x1000, 0x1F, "Der Export hält an.\0".encode("utf-16-le")), "Der Export hält an."),
        ((0x1013, 0x102, b"<p>It <b>stops</b></p>"), "It <b>stops</b>"),
        ((0x1009, 0x102, struct.pack("<II4sI", 0, len(RTF), b"MELA", 0) + RTF.encode()), "Grüße, it stops at 5 €"),
    ],
)
def test_the_body_in_winmail_in_each_of_its_forms(body: tuple[int, int, bytes], said: str) -> None:
    mail = parsing.parse(multipart("mixed", winmail_part(entry(1, 0x69003, properties(body)))))
    assert said in text_of(mail) and "\\" not in text_of(mail)


def test_compressed_rtf() -> None:
    """The example of the specification (MS-OXRTFCP)."""
    data = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a00726370673132354232 0af32068656c090020627705b06c647d0a800fa0"
    )
    from tickets.mail.mime import rtf

    assert rtf.decompress(data) == "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    assert rtf.to_text(rtf.decompress(data)).strip() == "hello world"


def test_a_file_that_is_not_winmail_stays_a_file() -> None:
    mail = parsing.parse(
        multipart("mixed", text_part("see file"), file_part("winmail.dat", "aGVsbG8=", "application/ms-tnef"))
    )
    assert [a.filename for a in mail.attachments] == ["winmail.dat"]


def test_duplicate_text_is_shown_once() -> None:
    mail = parsing.parse(multipart("mixed", text_part("It stops."), winmail_part(entry(1, 0x2800C, b"It stops.\0"))))
    assert text_of(mail) == "It stops." and not mail.attachments


# --- opaque signatures ---------------------------------------------------------------------


def der(tag: int, *values: bytes) -> bytes:
    content = b"".join(values)
    length = len(content)
    head = bytes([length]) if length < 128 else b"\x82" + length.to_bytes(2, "big")
    return bytes([tag]) + head + content


SIGNED, DATA, ENVELOPED = (bytes.fromhex(f"2a864886f70d01070{n}") for n in "213")
INNER = b"Content-Type: text/plain; charset=utf-8\r\n\r\nPlease cancel one seat.\r\n"


def smime(oid: bytes, octets: bytes) -> bytes:
    inside = der(0x30, der(6, DATA), der(0xA0, octets))
    signed = der(0x30, der(2, b"\x01"), der(0x31), inside, der(0x31))
    return der(0x30, der(6, oid), der(0xA0, signed))


def signed_mail(content: bytes, kind: str = "application/pkcs7-mime; smime-type=signed-data; name=smime.p7m") -> bytes:
    return raw(base64.encodebytes(content), content_type=kind, content_transfer_encoding="base64")


@pytest.mark.parametrize(
    "octets", [der(4, INNER), der(0x24, der(4, INNER[:20]), der(4, INNER[20:])), b"\x24\x80" + der(4, INNER) + b"\0\0"]
)
@pytest.mark.parametrize(
    "kind", ["application/pkcs7-mime", "application/x-pkcs7-mime", "application/octet-stream; name=a.p7m"]
)
def test_the_words_inside_a_signature_are_read(octets: bytes, kind: str) -> None:
    mail = parsing.parse(signed_mail(smime(SIGNED, octets), kind))
    assert text_of(mail) == "Please cancel one seat." and not mail.attachments


@pytest.mark.parametrize(
    ("name", "content"),
    [("contract.pdf.p7m", b"%PDF-1.4\n1 0 obj\n"), ("fattura.xml.p7m", b"<?xml version='1.0'?>\n<Fattura/>\n")],
)
def test_a_signed_file_is_no_mail_and_stays_a_file(name: str, content: bytes) -> None:
    signed = smime(SIGNED, der(4, content))
    part = file_part(name, base64.encodebytes(signed).decode())
    mail = parsing.parse(multipart("mixed", text_part("Please check the signed file."), part))
    assert text_of(mail) == "Please check the signed file."
    assert [(a.filename, a.content) for a in mail.attachments] == [(name, signed)]


def test_encrypted_mail_is_kept_as_a_file() -> None:
    mail = parsing.parse(signed_mail(smime(ENVELOPED, der(4, INNER))))
    assert text_of(mail) == "" and [a.filename for a in mail.attachments] == ["smime.p7m"]


def test_signatures_in_signatures_are_opened_a_few_times_only() -> None:
    content = INNER
    for _ in range(12):
        content = b"Content-Type: application/pkcs7-mime\nContent-Transfer-Encoding: base64\n\n" + base64.encodebytes(
            smime(SIGNED, der(4, content))
        )
    assert [a.content_type for a in parsing.parse(content).attachments] == ["application/pkcs7-mime"]
