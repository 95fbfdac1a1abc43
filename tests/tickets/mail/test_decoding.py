"""Text is decoded correctly even if the declared charset is wrong (tickets/mail/mime: decoding.py, charsets.py)."""

import pytest

from tests.tickets.mails import raw
from tickets.mail.mime import charsets, decoding, parsing

JAPANESE = "領収書をもう一度お願いします。"


def text_of(mail: parsing.ParsedMail) -> str:
    return "\n".join(piece.plain or piece.html for piece in mail.body.pieces).strip()


@pytest.mark.parametrize("encoding", ["iso2022_jp", "iso2022_kr", "hz"])
@pytest.mark.parametrize("declared", ["", "us-ascii", "utf-8", "x-unknown"])
def test_seven_bit_charsets_are_recognized_by_their_escapes(encoding: str, declared: str) -> None:
    written = {"iso2022_jp": JAPANESE, "iso2022_kr": "영수증을 다시 보내 주세요.", "hz": "请再发一次收据"}[encoding]
    content_type = f"text/plain; charset={declared}" if declared else "text/plain"
    assert text_of(parsing.parse(raw(written.encode(encoding), content_type=content_type))) == written


@pytest.mark.parametrize(
    ("charset", "text", "really"),
    [
        ("iso-8859-1", "„Grüße“ – 5 €", "cp1252"),
        ("iso-8859-9", "“İade” ğüşıöç", "cp1254"),
        ("iso-8859-2", "„Šťastný“ žluťoučký", "cp1250"),
        ("iso-8859-7", "«Καλημέρα» – ’", "cp1253"),
        ("iso-8859-15", "“œuvre” – Š", "cp1252"),
    ],
)
def test_windows_letters_in_iso_charsets(charset: str, text: str, really: str) -> None:
    found = decoding.decode(text.encode(really), charset)
    assert found == text and not any("\x80" <= c <= "\x9f" for c in found)


def test_windows_punctuation_in_an_iso_text_does_not_change_its_letters() -> None:
    data = "ąśź".encode("iso8859-2") + b" \x84\xb1\x94"  # the same letter is 0xb9 in windows-1250
    assert decoding.decode(data, "iso-8859-2") == "ąśź „ą”"


def test_control_characters_in_utf_8_become_windows_characters() -> None:
    assert decoding.decode("It\u0092s \u0093fine\u0094 \u0085".encode(), "utf-8") == "It’s “fine” …"


@pytest.mark.parametrize(
    ("written", "codec"),
    [
        ("ISO_8859-1:1987", "cp1252"),
        ("iso88592", "iso8859-2"),
        ("iso-8859-15-euro", "iso8859-15"),
        ("windows1251", "cp1251"),
        ("Win-1250", "cp1250"),
        ("cp-1252", "cp1252"),
        ("utf8", "utf-8"),
        ("utf–8", "utf-8"),
        ("'UTF-8';", "utf-8"),
        ("charset=utf-8", "utf-8"),
        ("x-gbk", "gb18030"),
        ("GB_2312-80", "gb18030"),
        ("KS_C_5601-1987", "cp949"),
        ("Shift-JIS", "cp932"),
        ("csISO2022JP", "iso2022_jp_ext"),
        ("x-mac-roman", "mac-roman"),
        ("unicode-1-1-utf-7", "utf-7"),
        ("iso-8859-8-i", "iso8859-8"),
        ("nonsense", None),
        ("unknown-8bit", None),
        ("idna", None),
        ("rot13", None),
    ],
)
def test_names_of_charsets(written: str, codec: str | None) -> None:
    assert charsets.codec_for(written) == codec


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Где мой заказ? Я жду уже неделю.", "cp1251"),
        ("Где мой заказ? Я жду уже неделю.", "koi8-r"),
        ("Kde je moje faktura? Čekám už týden, děkuji.", "cp1250"),
        ("Gdzie jest moja faktura? Czekam już tydzień, dziękuję.", "iso8859-2"),
        ("Πού είναι η παραγγελία μου; Περιμένω μια εβδομάδα.", "cp1253"),
        ("Siparişim nerede? Bir haftadır bekliyorum, teşekkür ederim.", "cp1254"),
        ("Où est ma commande ? J’attends depuis une semaine, à bientôt.", "cp1252"),
        ("Wo bleibt die Lieferung? Schöne Grüße", "cp1252"),
        ("איפה ההזמנה שלי? אני מחכה כבר שבוע", "cp1255"),
        ("أين طلبي؟ أنتظر منذ أسبوع", "cp1256"),
        (JAPANESE, "cp932"),
        (JAPANESE, "euc_jp"),
        ("我的订单在哪里？我已经等了一个星期", "gb18030"),
        ("我的訂單在哪裡？我已經等了一個星期", "big5"),
        ("제 주문은 어디에 있나요? 일주일째 기다립니다", "cp949"),
    ],
)
def test_undeclared_text_is_guessed(text: str, encoding: str) -> None:
    assert decoding.decode(text.encode(encoding)) == text


def test_the_charset_of_the_subject_helps_to_read_the_body() -> None:
    mail = parsing.parse(
        raw("Жду".encode("koi8-r"), subject="=?koi8-r?b?" + "5uTV?=", content_type="text/plain", sender="a@b.example")
    )
    assert text_of(mail) == "Жду"


@pytest.mark.parametrize("said", ["utf-16", "UTF-16LE", "utf-32", "nonsense"])
def test_a_readable_meta_tag_is_not_utf_16(said: str) -> None:
    page = f'<html><head><meta charset="{said}"></head><p>Grüße, my link expired</p>'.encode()
    assert "Grüße, my link expired" in text_of(parsing.parse(raw(page, content_type="text/html")))
    assert "Grüße, my link expired" in text_of(parsing.parse(raw(page, content_type=f"text/html; charset={said}")))


def test_utf_16_is_recognized_by_its_mark_or_its_zeros() -> None:
    assert decoding.decode("Grüße".encode("utf-16")) == "Grüße"
    assert decoding.decode("Please call me back".encode("utf-16-be")) == "Please call me back"


def test_utf_8_under_another_name() -> None:
    assert decoding.decode("我的订单在哪里".encode(), "gb2312") == "我的订单在哪里"
    assert decoding.decode("联通".encode("gb18030"), "gb2312") == "联通"  # by chance valid UTF-8


def test_encoded_words_with_text_between_and_damage() -> None:
    assert decoding.decode_words("Caf=?utf-8?q?=C3=A9?= =?utf-8?q?_cr=C3=A8me?= now") == "Café crème now"
    assert decoding.decode_words("=?utf-8?b?w6k=w6k=?=") == "éé"  # two padded words in one
    assert (
        decoding.decode_words("=?utf-8?b?w6?=") != ""
        and decoding.decode_words("=?utf-8?q?never ends") == "=?utf-8?q?never ends"
    )
