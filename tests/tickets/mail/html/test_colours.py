"""tickets/mail/html/colours.py: colours are shown, and none of them hides a word from the agent."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tickets.mail.html import colours
from tickets.mail.html.colours import INK, PAPER, READABLE, RGB, Pair, contrast, in_colours, opaque
from tickets.mail.html.showing import show


class Seen(HTMLParser):
    """Each word with the colour that it has and the one behind it, as a browser shows what is written."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.stack: list[Pair] = [Pair()]
        self.words: list[tuple[str, Pair]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"br", "hr", "img"}:
            return
        style = dict(part.split(":") for part in (dict(attrs).get("data-style") or "").split(";") if part)
        for name in {"color", "background-color"} & set(style):
            assert re.fullmatch(r"#[0-9a-f]{6}", style[name])
        pair = self.stack[-1]
        self.stack.append(Pair(_of(style.get("color")) or pair.text, _of(style.get("background-color")) or pair.behind))

    def handle_endtag(self, tag: str) -> None:
        self.stack.pop()

    def handle_data(self, data: str) -> None:
        self.words += [(word, self.stack[-1]) for word in data.split()]


def _of(written: str | None) -> RGB | None:
    if not written:
        return None
    red, green, blue = bytes.fromhex(written[1:])
    return red, green, blue


def seen(html: str) -> dict[str, Pair]:
    return dict(Seen(show(html).html).words)


NAVY: RGB = (0, 0, 0x60)

HIDING = [
    "color:#fff",
    "color:#ffff",
    "color:#ffffffff",
    "color:white",
    "color:WHITE !important",
    "color:window",
    "color:#fefefe",
    "color:#eeeeee",
    "color:#ffffe0",
    "color:lightyellow",
    "color:yellow",
    "color:rgb(255,255,255)",
    "color:rgb(250 250 250)",
    "color:rgb(100%, 100%, 100%)",
    "color:rgb(999,999,999)",
    "color:transparent",
    "color:#0000",
    "color:#00000000",
    "color:#00000001",
    "color:rgba(0,0,0,0)",
    "color:rgba(0,0,0,.01)",
    "color:rgba(0, 0, 0, 0.0)",
    "color:rgb(0 0 0 / 0%)",
    "color:rgb(0 0 0 / 1%)",
    "background:black",
    "background:#1b1f24",
    "background:navy",
    "background-color:rgb(0,0,0)",
    "color:black;background:black",
    "color:#c00;background:#c00",
    "color:#c00000;background:#c10000",
    "color:red;background:rgb(255, 0, 0)",
    "color:white;background:white",
    "color:white;background:transparent",
    "color:white;background:none",
    "color:white;background:rgba(0,0,0,.01)",
    "color:white;background:#0000",
    "color:white;background:unknownblue",
    "color:white;background:url(x.png)",
    "color:windowtext;background:black",
    "color:white;background:rgb(0,0)",
]


@pytest.mark.parametrize("style", HIDING)
def test_text_cannot_be_hidden_by_a_colour(style: str) -> None:
    shown = show(f"<p>Hello</p><p style='{style}'>hidden</p><p><span style='{style}'>again</span></p>")
    assert "color" not in shown.html and not shown.by_default


@pytest.mark.parametrize(
    "html",
    [
        "<font color=white>hidden</font>",
        "<font color='#FFFFFF'>hidden</font>",
        "<table><tr><td bgcolor=white><font color=white>hidden</font></td></tr></table>",
        "<table bgcolor='#ffffff'><tr><td style='color:#fff'>hidden</td></tr></table>",
        "<table><tr bgcolor=black><td>hidden</td></tr></table>",
        "<table><tr bgcolor=black><td style='color:black'>hidden</td></tr></table>",
        "<table><tr><td bgcolor=navy><font color=navy>hidden</font></td></tr></table>",
        "<table><tr><td bgcolor=navy style='color:white'>above<p style='color:navy'>hidden</p></td></tr></table>",
        "<div style='background:navy;color:white'>above<p style='background:white'>hidden</p></div>",
        "<div style='background:navy;color:white'>above<p style='color:navy'>hidden</p></div>",
        "<div style='background:navy;color:white'>above<b><i style='color:black'>hidden</i></b></div>",
        "<div style='background:navy;color:white'>above</div><p style='color:white'>hidden</p>",
        "<div style='color:white'><p><b>hidden</b></p></div>",
        "<div style='color:white'><p style='background:white'>hidden</p></div>",
        "<div style='color:red'><p style='background:red'>hidden</p></div>",
        "<a href='https://a.example/' style='color:white'>hidden</a>",
        "<ul style='color:#fdfdfd'><li>hidden</ul>",
    ],
)
def test_text_cannot_be_hidden_by_the_colours_around_it(html: str) -> None:
    found = seen(html)
    assert contrast(*found["hidden"]) > 3


@pytest.mark.parametrize("html", [
    "<p>Hello</p><p style='color:#fff'>hidden</p>",
    "<p>Hello</p><p style='color:rgba(255,0,0,.01)'>hidden</p>",
    "<p>Hello <span style='background:black'>hidden</span></p>",
    "<p>Hello <span style='background:rgba(255,255,0,.01)'>it</span></p>",
    "<p style='color:#1f497d'>Hello</p><p style='color:#1f497d'>this <font color=white>hidden</font></p>",
    "<p style='color:#1f497d'>Hello <span style='color:#fff'>hidden</span></p>",
    "<p>Hello</p><p style='color:notacolour'>hidden</p>",
])  # fmt: skip
def test_hidden_text_alone_is_no_reason_to_show_the_mail_as_it_was_sent(html: str) -> None:
    assert not show(html).by_default


def test_text_in_one_colour_is_in_one_colour_however_that_is_written() -> None:
    ways = (
        "red",
        "#f00",
        "#F00F",
        "#ff0000",
        "rgb(255,0,0)",
        "rgb(100% 0% 0%)",
        "rgba(255,0,0,1)",
        "rgb(255 0 0 / 100%)",
    )
    shown = show("".join(f"<p style='color:{way}'>words</p>" for way in ways))
    assert shown.html == '<p data-style="color:#ff0000">words</p>' * len(ways) and not shown.by_default
    assert show(f"{shown.html}<p style='color:red'>words</p><p>others</p>").by_default


@pytest.mark.parametrize(
    ("html", "pair"),
    [
        ("<p style='background:#000060;color:white'>words</p>", Pair(PAPER, NAVY)),
        ("<div style='background:#000060;color:#fff'><p>before</p><b>words</b></div>", Pair(PAPER, NAVY)),
        ("<table><tr><td bgcolor='#000060' style='color:white'>words</td></tr></table>", Pair(PAPER, NAVY)),
        ("<table><tr bgcolor='#000060' style='color:white'><td>words</td></tr></table>", Pair(PAPER, NAVY)),
        ("<div style='background:#000060;color:#fff'><p style='background:#fff;color:#000060'>words</p></div>",
         Pair(NAVY, PAPER)),
        ("<p style='color:red'>words</p>", Pair((255, 0, 0), PAPER)),
        ("<p style='background:yellow'>words</p>", Pair(INK, (255, 255, 0))),
        ("<p style='color:silver'>words</p>", Pair((0xC0, 0xC0, 0xC0), PAPER)),
        ("<p style='color:orange'>words</p>", Pair((0xFF, 0xA5, 0), PAPER)),
        ("<table><tr><td bgcolor='#1f4e79'><font color=white>words</font></td></tr></table>",
         Pair(PAPER, (0x1F, 0x4E, 0x79))),
        # Of a background that the text around it could not be read on, nothing is left.
        ("<table><tr><td bgcolor=navy><font color=white>words</font></td></tr></table>", Pair(INK, PAPER)),
        ("<p style='color:red'><b style='color:white'>words</b></p>", Pair((255, 0, 0), PAPER)),
    ],
)  # fmt: skip
def test_colours_that_can_be_read_stay(html: str, pair: Pair) -> None:
    assert seen(html)["words"] == pair


@pytest.mark.parametrize(
    ("written", "colour"),
    [
        ("red", (255, 0, 0)),
        ("#c00", (204, 0, 0)),
        ("#c00f", (204, 0, 0)),
        ("#c0a1b2", (0xC0, 0xA1, 0xB2)),
        ("#c0a1b2ff", (0xC0, 0xA1, 0xB2)),
        ("rgb(1,2,3)", (1, 2, 3)),
        ("rgb( 1, 2, 3 )", (1, 2, 3)),
        ("rgb(1 2 3)", (1, 2, 3)),
        ("rgb(300, 2.4, 3)", (255, 2, 3)),
        ("rgb(100%,50%,0%)", (255, 128, 0)),
        ("rgba(1,2,3,1)", (1, 2, 3)),
        ("rgba(1,2,3,1.0)", (1, 2, 3)),
        ("rgb(1 2 3 / 100%)", (1, 2, 3)),
        ("windowtext", (0, 0, 0)),
        *((wrong, None) for wrong in ("", "transparent", "inherit", "currentcolor", "none", "no", "#c0", "#c0c0c")),
        *((wrong, None) for wrong in ("#c00e", "#c0a1b2fe", "rgba(1,2,3,.99)", "rgba(1,2,3,0)", "rgb(1 2 3 / 99%)")),
        *((wrong, None) for wrong in ("rgb(1,2)", "rgb(1,2,3,4,5)", "rgb(1.2.3,2,3)", "rgb(,,,,)", "rgb(%%%%%)")),
    ],
)
def test_colours_in_every_notation(written: str, colour: RGB | None) -> None:
    assert opaque(written) == colour


def test_the_contrast_is_that_of_wcag() -> None:
    assert contrast((0, 0, 0), PAPER) == pytest.approx(21) and contrast(INK, INK) == 1
    assert contrast((0x77, 0x77, 0x77), PAPER) == pytest.approx(4.48, abs=0.01)
    assert contrast((0, 0, 255), PAPER) == contrast(PAPER, (0, 0, 255)) == pytest.approx(8.59, abs=0.01)


def test_other_styles_are_kept_in_their_order() -> None:
    assert in_colours("margin:0;color:white;border:1px solid white", Pair())[0] == "margin:0;border:1px solid white"
    assert in_colours("margin:0;border-left-color:white", Pair())[0] == "margin:0;border-left-color:white"
    assert in_colours("color:red;margin:0", Pair())[0] == "color:#ff0000;margin:0"


def test_the_ink_and_the_paper_are_those_of_the_page() -> None:
    from django.conf import settings

    tokens = (settings.BASE_DIR / "static/css/tokens.css").read_text()
    for name, colour in (("ink", INK), ("pane", PAPER)):
        assert f"--{name}: light-dark(#{bytes(colour).hex()}," in tokens


COLOURS = st.sampled_from([*colours._NAMES, "transparent", "inherit", "#0000", "rgba(9,9,9,.5)", "#777", "#888"]) | (
    st.tuples(*[st.integers(0, 255)] * 3).map(lambda each: f"rgb{each}")
)
STYLES = st.tuples(st.sampled_from(["", "color", "background", "both"]), COLOURS, COLOURS).map(
    lambda each: {
        "": "",
        "color": f"color:{each[1]}",
        "background": f"background:{each[2]}",
        "both": f"color:{each[1]};background-color:{each[2]}",
    }[each[0]]
)
TREE = st.recursive(
    st.just("word "),
    lambda inside: st.tuples(st.sampled_from(["div", "span", "font", "b"]), STYLES, st.lists(inside, max_size=3)).map(
        lambda each: f'<{each[0]} style="{each[1]}">word {"".join(each[2])}</{each[0]}>'
    ),
    max_leaves=12,
)


@given(TREE)
@example("<div style='color:#777'><b style='background:#888'>word</b></div>")
@example("<div style='background:#00f;color:white'><b style='color:transparent'>word</b></div>")
def test_every_word_can_be_read(html: str) -> None:
    words = Seen(show(html).html).words
    assert len(words) == html.count("word")
    assert all(contrast(*pair) >= READABLE for _word, pair in words)
