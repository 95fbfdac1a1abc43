"""tickets/mail/html/sanitising.py: nothing in a customer's HTML runs or loads anything, and no text disappears."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.mail.html import sanitising
from tickets.mail.html.showing import show


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "<a href='  jAvascript:alert(1)'>x</a>",
        "<iframe src=//evil.example></iframe>",
        "<svg><animate onbegin=alert(1)>",
        "<style>*{background:url(//evil.example)}</style>",
        "<div style='background:url(//evil.example/x)'>x</div>",
        "<form action=//evil.example><input></form>",
        "<base href=//evil.example>",
        "<link rel=stylesheet href=//evil.example>",
        "<meta http-equiv=refresh content='0;url=//evil.example'>",
        "<math><mi//xlink:href='data:x,<script>alert(4)</script>'></math>",
    ],
)
def test_attacks_leave_nothing_that_acts(attack: str) -> None:
    safe = show(f"<p>before</p>{attack}<p>after</p>").html.lower()
    assert "before" in safe and "after" in safe
    for bad in ("script", "onerror", "evil.example", "style", "<form", "<iframe", "<svg", "javascript"):
        assert bad not in safe


def test_no_image_is_ever_fetched() -> None:
    html = '<img src="https://t.example/p.gif"><img src="https://t.example/a.png" alt="our logo"><img src="cid:1@x" alt="shot">'  # noqa: E501
    safe = show(html).html
    assert "t.example" not in safe and "src" not in safe
    assert '<span class="remote">our logo</span>' in safe and '<img data-cid="1@x" alt="shot">' in safe


def test_links_open_in_a_new_tab_without_a_referrer() -> None:
    safe = show('<a href="https://a.example/x" onclick="y()">x</a>').html
    assert 'rel="noopener nofollow"' in safe and 'target="_blank"' in safe and "onclick" not in safe


def test_html_becomes_readable_text() -> None:
    html = (
        "<h1>Hi</h1><p>one<br>two</p><ul><li>a</li><li>b</li></ul><table><tr><td>x</td><td>y</td></tr></table>"
        "<p>see <a href='https://a.example/help'>our page</a></p><style>p{}</style>"
    )
    assert sanitising.to_text(html) == ("Hi\n\none\ntwo\n\n- a\n- b\nx y\n\nsee our page (https://a.example/help)")


def test_preformatted_text_keeps_its_lines() -> None:
    assert sanitising.to_text("<pre>a\n  b</pre>").split("\n")[1].endswith("b")


@pytest.mark.parametrize("html", ["<div>" * 14_000, "<" * 300_000, "<blockquote>" * 100_000, "&" * 390_000])
def test_heavy_html_is_read_in_seconds(html: str) -> None:
    started = time.thread_time()
    show(html)
    sanitising.text_runs(html)
    assert time.thread_time() - started < 15


@given(st.text(alphabet="<>/=\"' abdipsrc&;:!-\n\x00é", max_size=200))
def test_random_markup_never_raises(html: str) -> None:
    assert "\x00" not in show(html).html + sanitising.to_text(html)


@pytest.mark.parametrize("style", ["pre-wrap", "pre-line", "pre", "break-spaces"])
def test_lines_that_a_style_keeps_are_lines(style: str) -> None:
    html = f'<div style="white-space: {style} !important">Name: Lena\nCity: Berlin\n\nDo you ship?</div>'
    assert sanitising.to_text(html) == "Name: Lena\nCity: Berlin\n\nDo you ship?"
    assert show(html).html.count("<br>") == 3
    inside = f'<div style="white-space:{style}"><p>a\nb</p><p style="white-space:normal">c\nd</p></div>'
    assert sanitising.to_text(inside) == "a\nb\n\nc d"


def test_lines_that_a_style_sheet_keeps_are_lines() -> None:
    html = "<style>.msg, p.note {white-space:pre-wrap}</style><p class='note'>a\nb</p><p>c\nd</p>"
    assert sanitising.to_text(html) == "a\nb\n\nc d"


def test_indented_lines_of_preformatted_text_stay_indented() -> None:
    assert sanitising.to_text("<pre>if x:\n    stop</pre>") == "if x:\n    stop"


@pytest.mark.parametrize(
    "hidden",
    [
        '<div style="display:none">{}</div>',
        '<div style="DISPLAY: NONE !important; color:#fff"><p>{}</p></div>',
        '<span style="visibility:hidden">{}</span>',
        '<span style="font-size:0">{}</span>',
        '<span style="font-size:1px;line-height:1px;color:#ffffff">{}</span>',
        '<div style="max-height:0;overflow:hidden">{}</div>',
        '<div style="max-height:0px; overflow: hidden; mso-hide: all">{}</div>',
        '<div style="opacity:0">{}</div>',
        "<div hidden>{}</div>",
        "<style>.preheader {{display:none}}</style><div class='preheader x'>{}</div>",
        "<style>/* x */ td.pre, #pre {{ display : none !important; }}</style><div id=pre>{}</div>",
        "<center style='display:none'>{}</center>",
        "<table style='display:none'><tr><td>{}</td></tr></table>",
    ],
)
def test_preheaders_that_nobody_sees_are_not_the_customers_words(hidden: str) -> None:
    html = f"{hidden.format('Read this in your browser')}<p>Where is my parcel?</p>"
    assert sanitising.to_text(html) == "Where is my parcel?"
    assert "browser" not in show(html).html


@pytest.mark.parametrize(
    "shown",
    [
        '<td style="font-size:0"><span style="font-size:14px">{}</span></td>',
        "<style>@media (max-width:600px) {{ .wide {{display:none}} }}</style><p class=wide>{}</p>",
        '<div style="overflow:hidden">{}</div>',
        '<p style="display:block;mso-hide:all">{}</p>',
        '<p style="line-height:0;font-size:16px">{}</p>',
        "<div style='display:none'>{}</div>",  # nothing else is there: better to show it
    ],
)
def test_what_only_looks_hidden_is_read(shown: str) -> None:
    assert sanitising.to_text(shown.format("Where is my parcel?")) == "Where is my parcel?"


@pytest.mark.parametrize("size", ["0.3em", "0.875rem", "0.9em", "1em", "1.0em", "1rem", "1.2em", "14px", "100%"])
def test_letters_of_a_usual_size_are_read(size: str) -> None:
    html = f'<p>Hello</p><p style="font-size:{size}">Where is my parcel?</p>'
    assert sanitising.to_text(html) == "Hello\n\nWhere is my parcel?"
    assert "Where is my parcel?" in show(html).html


@pytest.mark.parametrize("size", ["0", "0px", "0em", "0.01em", ".1rem", "1px", "0.5px"])
def test_letters_too_small_to_be_seen_are_not(size: str) -> None:
    html = f'<p>Hello</p><p style="font-size:{size}">Read this in your browser</p>'
    assert sanitising.to_text(html) == "Hello" and "browser" not in show(html).html


@pytest.mark.parametrize(
    "shown",
    [
        "<style>.m {display:none}</style><div class=m style='display:block'>{}</div>",
        "<style>.m {display:none} .m {display:block}</style><div class=m>{}</div>",
        "<style>td {display:none} #top {display:table-cell}</style><table><tr><td id=top>{}</td></tr></table>",
        "<style>.m {visibility:hidden}</style><p class=m style='visibility:visible'>{}</p>",
        "<style>.m {opacity:0}</style><p class=m style='opacity:1'>{}</p>",
        "<style>.m {max-height:0; overflow:hidden}</style><p class=m style='max-height:none; overflow:visible'>{}</p>",
        "<div style='visibility:hidden'><p style='visibility:visible'>{}</p></div>",
        "<div hidden style='display:block'>{}</div>",
    ],
)
def test_text_that_a_nearer_rule_shows_again_is_read(shown: str) -> None:
    html = "<p>Hello</p>" + shown.replace("{}", "Where is my parcel?")
    assert sanitising.to_text(html) == "Hello\n\nWhere is my parcel?"
    assert "Where is my parcel?" in show(html).html


@pytest.mark.parametrize(
    "hidden",
    [
        "<div style='display:none'><p style='display:block'>{}</p></div>",
        "<div style='opacity:0'><p style='opacity:1'>{}</p></div>",
        "<div style='height:0; overflow:hidden'><p style='overflow:visible'>{}</p></div>",
        "<style>.m {display:none}</style><div class=m><p style='display:block'>{}</p></div>",
        "<style>.m {display:block} .m {display:none}</style><div class=m>{}</div>",
        # If one property hides text, another does not show it.
        "<style>.m {display:none}</style><p class=m style='visibility:visible; opacity:1; overflow:visible'>{}</p>",
        "<style>.m {visibility:hidden}</style><p class=m style='display:block'>{}</p>",
        "<style>.m {opacity:0}</style><p class=m style='display:block'>{}</p>",
    ],
)
def test_text_that_no_rule_shows_again_stays_hidden(hidden: str) -> None:
    html = "<p>Hello</p>" + hidden.replace("{}", "Read this in your browser")
    assert sanitising.to_text(html) == "Hello" and "browser" not in show(html).html


def test_invisible_filler_of_newsletters_goes() -> None:
    assert sanitising.to_text("<p>Hello" + "&zwnj;&nbsp;" * 50 + "</p><p>there</p>") == "Hello\n\nthere"
    assert sanitising.to_text("<p>می‌خواهم 👩‍💻</p>") == "می‌خواهم 👩‍💻"


def test_unclosed_tags_hide_no_text() -> None:
    for open_tag in ("<style>", "<script>", "<!-- ", "<title>", "<a href='x", "<textarea>", "<!DOCTYPE", "<table><tr>"):
        assert "Where is my parcel?" in sanitising.to_text(f"<p>Hi</p>{open_tag}<p>Where is my parcel?</p>")


def test_sections_and_old_tags_begin_lines() -> None:
    html = "<section>a</section><article>b</article><center>c</center><font>d</font>"
    assert sanitising.to_text(html) == "a\nb\nc\nd"
