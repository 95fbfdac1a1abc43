"""tickets/mail/mime/addresses.py: names and addresses in headers, as mail programs write them."""

import pytest

from tests.tickets.mails import raw
from tickets.mail.mime import addresses, parsing


def pairs(value: str) -> list[tuple[str, str]]:
    return [(one.name, one.email) for one in addresses.read(value)]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("Haas, Lena <lena@haas.example>", [("Haas, Lena", "lena@haas.example")]),
        (
            "Haas, Lena, Dr. <lena@haas.example>, b@y.example",
            [("Haas, Lena, Dr.", "lena@haas.example"), ("", "b@y.example")],
        ),
        ('"Haas, Lena" <lena@haas.example>', [("Haas, Lena", "lena@haas.example")]),
        ("Haas, Lena (Berlin) <lena@haas.example>", [("Haas, Lena", "lena@haas.example")]),
        ("Tallybird: Lena Haas <lena@haas.example>", [("Tallybird: Lena Haas", "lena@haas.example")]),
        (
            "Team: lena@haas.example, Tomas <tomas@okafor.example>;",
            [("", "lena@haas.example"), ("Tomas", "tomas@okafor.example")],
        ),
        ("undisclosed-recipients:;", []),
        ("lena@haas.example (Lena Haas)", [("Lena Haas", "lena@haas.example")]),
        ("Lena Haas lena@haas.example", [("Lena Haas", "lena@haas.example")]),
        ("Lena Haas <lena@haas.example", [("Lena Haas", "lena@haas.example")]),
        ("<<lena@haas.example>>", [("", "lena@haas.example")]),
        ("Lena <mailto:lena@haas.example>", [("Lena", "lena@haas.example")]),
        ("lena @ haas.example", [("", "lena@haas.example")]),
        ("<@relay.example:lena@haas.example>", [("", "lena@haas.example")]),
        ("a@x.example; b@y.example", [("", "a@x.example"), ("", "b@y.example")]),
        ("lena@haas.example <lena@haas.example>", [("lena@haas.example", "lena@haas.example")]),
        ('"Lena \\"Le\\" Haas" <lena@haas.example>', [('Lena "Le" Haas', "lena@haas.example")]),
        ('"Lena Haas <lena@haas.example>', [("Lena Haas", "lena@haas.example")]),
        ("M&uuml;ller &amp; Co <m@x.example>", [("Müller & Co", "m@x.example")]),
        ("=?utf-8?q?Lena_Haas_=3Clena=40haas=2Eexample=3E?=", [("Lena Haas", "lena@haas.example")]),
        ("=?utf-8?q?Haas=2C_Lena?= <lena@haas.example>", [("Haas, Lena", "lena@haas.example")]),
        (r"Lena(my \) chief) <lena(hers)@haas.example(her host)>", [("Lena", "lena@haas.example")]),
        ("nobody", []),
        ("Lena <>", []),
    ],
)
def test_lists(value: str, found: list[tuple[str, str]]) -> None:
    assert pairs(value) == found


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("Lena@HAAS.example", "Lena@haas.example"),
        ("josé@haas.example", "josé@haas.example"),
        ("jose\u0301@haas.example", "josé@haas.example"),
        ("用户@例子.广告", "用户@例子.广告"),
        ("lena@xn--mller-kva.example", "lena@müller.example"),
        ("lena@MÜLLER.example", "lena@müller.example"),
        ("a@b@c", ""),
        ("a b.example", ""),
        ("a@-b.example", ""),
        ("é" * 40 + "@haas.example", ""),
        ("a@" + "b." * 140 + "example", ""),
        ("lena@haas.example\r\nBcc: x@y.example", ""),
    ],
)
def test_how_an_address_is_stored(written: str, stored: str) -> None:
    assert addresses.normal(written) == stored


def test_undeclared_bytes_in_a_name() -> None:
    mail = parsing.parse(b"From: J\xfcrgen M\xfcller <j@m.example>\r\n\r\nHi")
    assert [(a.name, a.email) for a in mail.senders] == [("Jürgen Müller", "j@m.example")]


def test_entities_in_a_subject() -> None:
    assert parsing.parse(raw(subject="Caf&eacute; &amp; Bar: how do I write &lt;b&gt;?")).subject == (
        "Café & Bar: how do I write &lt;b&gt;?"
    )
