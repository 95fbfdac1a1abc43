"""tickets/mail/html/showing.py takes linear time for any mail that it shows at all."""

import re
from collections.abc import Callable

import pytest

from tests.growth import assert_linear
from tickets.mail.html import sanitising
from tickets.mail.html.showing import show

# Characters. Each family stays below the limits above which a mail is not shown (tickets/mail/html/sanitising.py).
SIZES = (16_000, 64_000)

FAMILIES: dict[str, Callable[[int], str]] = {
    "paragraphs": lambda n: "<p>x word" * (n // 9),
    "lines of one paragraph": lambda n: "<p>" + "x word<br>" * (n // 10),
    "closed tags": lambda n: "<b>x</b>words " * (n // 15),
    "tags that never close": lambda n: "<span>x " * (n // 8),
    "deep nesting": lambda n: "<div><b>x words" * (n // 15),
    "deep nesting of blocks with styles": lambda n: '<div style="color:red">x' * (n // 24),
    "quotations": lambda n: "<blockquote>x" * (n // 13),
    "colors": lambda n: "".join(f'<font color="#{i:06x}">x</font>' for i in range(n // 31)),
    "colors inside of colors": lambda n: '<span style="color:#123456;background:#ffeedd">x' * (n // 52),
    "colors that are left out": lambda n: (
        '<span style="color:rgba(255,255,255,.5);background:white">x</span>' * (n // 66)
    ),
    "one style of many declarations": lambda n: f'<p style="{"color:red;" * (n // 10)}">x',
    "many styles of many declarations": lambda n: f'<p style="{"color:red;margin:0 1px;" * 80}">x</p>' * (n // 1850),
    "many unknown declarations": lambda n: f'<p style="{"a:b;" * 450}">x</p>' * (n // 1820),
    "styles without an end": lambda n: '<p style="border:1px solid rgb(1,1,1,">x' * (n // 40),
    "values of many parts": lambda n: f'<p style="margin:{"0 " * 900}">x</p>' * (n // 1825),
    "values of many brackets": lambda n: f'<p style="border:{"( " * 900}">x</p>' * (n // 1825),
    "values of many spaces": lambda n: f'<p style="border:{" " * 900}x{" (" * 450}">x</p>' * (n // 1830),
    "values of many digits": lambda n: f'<p style="margin:{"1" * 900} rgb({"1," * 400}">x</p>' * (n // 1730),
    "tables": lambda n: "<table><tr><td>x</table>" * (n // 24),
    "tables in tables": lambda n: "<table><tr><td>x" * (n // 16),
    "tables in tables again and again": lambda n: ("<table><tr><td>x" * 20 + "</table>" * 20) * (n // 480),
    "one table of many rows": lambda n: "<table>" + "<tr><td>x<td>" * (n // 13),
    "one table of many cells": lambda n: "<table><tr>" + "<td>x word" * (n // 10),
    "tables of data without words": lambda n: "<table><tr><td>.<td>.<tr><td>.<td>.</table>" * (n // 43),
    "pictures": lambda n: '<img src="cid:a@x">' * (n // 19),
    "pictures of other hosts": lambda n: '<img src="https://t.example/" alt="x">' * (n // 38),
    "pictures in links": lambda n: '<a href="https://a.example/"><img src="cid:a@x"></a>' * (n // 52),
    "pictures deep inside": lambda n: "<div>" * 110 + '<img src="cid:a@x">' * (n // 19),
    "descriptions of many entities": lambda n: f'<img src="cid:a@x" alt="{"&amp;" * 300}">' * (n // 1530),
    "links": lambda n: f'<a href="https://a.example/?{"a=1&amp;" * 100}">x</a>' * (n // 830),
    "one word": lambda n: "<p>" + "x" * n,
    "many words in one text": lambda n: "<p>" + "x " * (n // 2),
    "the same words again": lambda n: "<p>" + "x word other " * (n // 13),
    "different words": lambda n: "<p>" + " ".join(f"w{i}" for i in range(n // 6)),
    "entities": lambda n: "<p>" + "x&amp; " * (n // 7),
    "ampersands": lambda n: "<p>x " + "&" * n,
    "angle brackets as words": lambda n: "<p>" + "x &lt;b&gt; " * (n // 12),
    "markup as words": lambda n: "<p>" + '&lt;img data-cid="x" alt="" ' * (n // 29),
    "opened brackets": lambda n: "<p>" + "x [ (http://a " * (n // 14),
}


@pytest.mark.parametrize("name", FAMILIES)
def test_a_mail_is_shown_in_linear_time(name: str) -> None:
    def shown(html: str) -> None:
        sanitising.repair.cache_clear()
        words = re.findall(r"\b\w+\b", re.sub(r"<[^>]*>", " ", html))
        show(html, pictures={"other@x"})
        show(html, " ".join(words[: len(words) // 2]), folded=True)
        show(html, " ".join(words[:-1]), folded=True)
        show(html, " ".join(["none", *words]), folded=True)

    assert show(FAMILIES[name](SIZES[-1])).html
    assert_linear(shown, FAMILIES[name], SIZES)


TEXTS: dict[str, Callable[[int], str]] = {
    "brackets": lambda n: "[" * n,
    "addresses without an end": lambda n: "(<http://" * (n // 9),
    "one long address": lambda n: "https://" + "a" * n,
    "descriptions without an end": lambda n: "[image " * (n // 7),
    "words": lambda n: "x " * (n // 2),
    "one word": lambda n: "x" * n,
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_new_text_is_found_in_linear_time(name: str) -> None:
    assert_linear(lambda text: show("<p>x</p><p>word</p>", text, folded=True), TEXTS[name], (25_000, 100_000))
