"""tickets/mail/html/showing.py: a mail as it was sent is safe, keeps every word, and is folded below the new text."""

import html as entities
import re
from html.parser import HTMLParser

import nh3
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.tickets.mails import multipart, raw, text_part
from tickets.mail import reading
from tickets.mail.html import sanitising
from tickets.mail.html.showing import show

TAGS = set(
    "a abbr b blockquote br caption code dd del div dl dt em h1 h2 h3 h4 h5 h6 hr i img ins li ol p pre q s small span "  # noqa: SIM905
    "strike strong sub sup table tbody td tfoot th thead tr u ul".split()
)
VOID = {"br", "hr", "img"}
EVERYWHERE = {"class", "data-style"}
ATTRIBUTES = {
    "a": EVERYWHERE | {"href", "rel", "target"},
    "td": EVERYWHERE | {"colspan", "rowspan"},
    "th": EVERYWHERE | {"colspan", "rowspan"},
    "img": {"class", "data-cid", "data-style", "alt", "width", "height"},
}
STYLE = re.compile(r"[a-z0-9 #%.,()/:;-]+")
CLASSES = {"tight", "rest", "tight rest", "linked", "rest linked", "remote", "rest remote"}


class Page(HTMLParser):
    """What a browser makes of it: start tags with their attributes, and each text with whether it is in the rest."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.starts: list[tuple[str, dict[str, str]]] = []
        self.tags: list[str] = []
        self.texts: list[tuple[str, bool]] = []
        self.pictures: dict[str, bool] = {}  # Content-ID, and whether it is in the rest
        self.open: list[tuple[str, bool]] = []
        self.feed(html)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        assert len(given) == len(attrs), "an attribute twice"
        self.starts.append((tag, given))
        self.tags.append(tag)
        rest = "rest" in given.get("class", "").split() or bool(self.open and self.open[-1][1])
        if tag not in VOID:
            self.open.append((tag, rest))
        elif tag == "img":
            self.texts.append((f" {given['alt']} ", rest))
            self.pictures[given["data-cid"]] = rest

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1][0] == tag, f"</{tag}> closes nothing"
        self.tags.append(f"/{tag}")
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.texts.append((data, bool(self.open and self.open[-1][1])))

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    handle_decl = unknown_decl = handle_pi = handle_comment

    def words(self, *, rest: bool | None = None) -> list[str]:
        """Of the new text (`rest` is False), of the rest, or of all."""
        return " ".join(text for text, folded in self.texts if rest is None or folded is rest).split()


def new(html: str) -> str:
    return " ".join(Page(html).words(rest=False))


def folded(html: str) -> str:
    return " ".join(Page(html).words(rest=True))


def assert_safe(html: str) -> None:
    page = Page(html)
    for tag, attributes in page.starts:
        assert tag in TAGS and set(attributes) <= ATTRIBUTES.get(tag, EVERYWHERE), (tag, attributes)
        assert STYLE.fullmatch(attributes.get("data-style", "-")), attributes
        assert attributes.get("class", "rest") in CLASSES, attributes
        assert attributes.get("href", "http:").lower().startswith(("http:", "https:", "mailto:", "tel:")), attributes
        assert all(re.fullmatch(r"[1-9]\d{0,3}", attributes.get(name, "1")) for name in ("width", "height")), attributes
        if tag == "a" and "href" in attributes:
            assert attributes["target"] == "_blank" and attributes["rel"] == "noopener nofollow"
    # What stands between the cells of a table, a browser moves; it ends a link where another begins.
    assert set(_as_browsers_read(html)) == {*page.tags, "h6", "/h6"}


def _as_browsers_read(html: str) -> list[str]:
    """The tags of the mail and of the page below it, as a browser repairs them: the mail stays in its own element."""
    again = nh3.clean(
        f"<div><div>{html}</div><h6>below</h6></div>",
        tags=TAGS,
        attributes={tag: ATTRIBUTES.get(tag, EVERYWHERE) - {"rel"} for tag in TAGS},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener nofollow",
    )
    assert again.startswith("<div><div>") and again.endswith("</div><h6>below</h6></div>")
    tags = Page(again).tags
    return [*tags[2:-4], *tags[-3:-1]]


# Safe, whatever is in the mail.

WORDS = st.text(alphabet="<>/=\"' abdipsrc&;:!-\n\x00é", max_size=20)
FRAGMENTS = st.sampled_from(
    [
        *(
            f"<{tag}>"
            for tag in ("p", "div", "b", "a", "font", "table", "tr", "td", "blockquote", "li", "pre", "tbody")
        ),
        *(f"</{tag}>" for tag in ("p", "div", "b", "a", "font", "table", "tr", "td", "blockquote", "li", "pre")),
        "<br>",
        "<hr class=mso>",
        "<p style='",
        '<td style="',
        "color:red;background:url(//evil.example)",
        "border:1px solid red red red url(//evil.example)",
        "margin:0;position:fixed",
        ' bgcolor="red',
        " data-style='position:fixed' ",
        " class=rest data-cid=1@x ",
        "<font color=red>",
        '<a href="https://a.example/x?a=1&amp;copy=2">',
        "<a href=javascript:alert(1)>",
        "<a href=cid:1@x>",
        "<img src=cid:1@x alt=shot width=40 height=99999>",
        "<img src='cid:\"&lt;x&gt;' alt='\"&lt;y&gt;'>",
        "<img src=//evil.example/x alt='<b>'>",
        "<script>",
        "<!--",
        "<svg><style>",
        "&lt;img src=x&gt;",
        "&quot;",
        "one two ",
        "three",
    ]
)
WILD = st.lists(WORDS | FRAGMENTS, max_size=25).map("".join)


@given(WILD, st.integers(0, 12))
def test_any_markup_is_safe_and_well_formed(html: str, new_words: int) -> None:
    text = " ".join(sanitising.to_text(html).split()[:new_words])
    assert_safe(show(html, text, folded=True).html)
    assert_safe(show(html).html)


def _read(html: str) -> list[str]:
    """The words that a browser shows, without pictures."""
    found: list[str] = []
    parser = HTMLParser(convert_charrefs=True)
    parser.handle_data = found.append  # type: ignore[method-assign]
    parser.feed(html)
    parser.close()
    return "".join(found).split()


@given(WILD, st.integers(0, 12))
@example("<p>a<img src='//t.example' alt='our logo'>b</p>", 1)
def test_no_word_of_the_mail_is_lost(html: str, new_words: int) -> None:
    text = " ".join(sanitising.to_text(html).split()[:new_words])
    shown = re.sub(r'<span class="(?:rest )?remote">[^<]*</span>', "", show(html, text, folded=True).html)
    assert _read(shown) == _read(sanitising.safe(html))


@pytest.mark.parametrize(
    "attack",
    [
        "<p style='background:url(//evil.example/x)'>x</p>",
        "<p style='background:url(//evil.example/x) red'>x</p>",
        "<p style='border:1px solid red red red url(//evil.example/x)'>x</p>",
        r"<p style='background:\75rl(//evil.example/x)'>x</p>",
        "<p style='background:u/**/rl(//evil.example/x)'>x</p>",
        "<p style='background:&#117;rl(//evil.example/x)'>x</p>",
        "<p style='color:red&quot; onclick=&quot;alert(1)'>x</p>",
        "<p style='color:red&amp;quot; onclick=&amp;quot;alert(1)'>x</p>",
        "<p style='position:fixed;inset:0;z-index:9'>x</p>",
        "<p style='width:expression(alert(1))'>x</p>",
        "<p style='behavior:url(x.htc)'>x</p>",
        "<p data-style='position:fixed'>x</p>",
        "<p data-style='background:url(//evil.example/x)' style=''>x</p>",
        "<p class='rest is-whole'>x</p>",
        "<p class=rest>x</p>",
        "<p class='linked'>x</p>",
        "<p data-picture='//evil.example/x' data-file='//evil.example/x' role=button tabindex=0>x</p>",
        "<img data-cid='1@x' data-picture='//evil.example/x'>",
        "<img data-cid='1@x' src='//evil.example/x' class=rest>",
        "<p hx-get='//evil.example/x' data-show=plain id=composer>x</p>",
        "<font color='red;background:url(//evil.example/x)'>x</font>",
        "<font color='url(//evil.example/x)'>x</font>",
        "<td bgcolor='url(//evil.example/x)'>x</td>",
        "<table background='//evil.example/x'><tr><td background='//evil.example/x'>x</td></tr></table>",
        "<td width='9999'>x</td>",
        "<p align='left;position:fixed'>x</p>",
        "<a href='javascript:alert(1)' style='position:fixed'>x</a>",
        "<a href='&#106;avascript:alert(1)'>x</a>",
        "<a href='data:text/html,x'>x</a>",
        "<a href='//evil.example/x'>x</a>",
        "<a href='cid:1@x'>x</a>",
        "<img src='//evil.example/x' style='position:fixed'>",
        "<img srcset='//evil.example/x 1x' src='data:image/png;base64,x'>",
        "<img src='https://evil.example/cid:1@x'>",
    ],
)
def test_attacks_through_attributes_leave_nothing(attack: str) -> None:
    html = show(f"<p>before</p>{attack}<p>after</p>", "before", folded=True).html
    assert_safe(html)
    assert "before" in html and "after" in html
    bare = html.replace(' class="rest"', "").lower()
    for bad in ("evil.example", "style", "class", "cid", "data", "url", "alert", "src", "role", "id="):
        assert bad not in bare, bad


def test_classes_of_the_sender_are_not_ours() -> None:
    assert show("<p class='MsoNormal rest linked'>x</p>").html == '<p class="tight">x</p>'
    assert show("<p class='rest'>x</p>").html == "<p>x</p>"
    assert (
        show("<span class='remote'>x</span><span class='rest remote'>y</span>").html == "<span>x</span><span>y</span>"
    )


def test_words_that_look_like_our_markup_stay_words() -> None:
    for words in ('<img data-cid="1@x" alt="">', '<p class="rest">', '<p data-style="color:red">', "</mail-view>"):
        html = show(f"<p>{entities.escape(words)}</p>").html
        assert_safe(html)
        assert Page(html).tags == ["p", "/p"] and entities.unescape(html[3:-4]) == words


@pytest.mark.parametrize(
    "cid", ['a"b', "a'b", "a>b<c", 'x" onerror="alert(1)', '"><script>alert(1)</script>', "a&b", "é@x"]
)
def test_a_content_id_can_have_any_letters(cid: str) -> None:
    html = show(f'<img src="cid:{entities.escape(cid)}" alt="shot">').html
    assert_safe(html)
    assert Page(html).starts == [("img", {"data-cid": cid, "alt": "shot"})]


@pytest.mark.parametrize(
    "alt", ['a "b"', "a 'b'", "a > b < c", 'x" onerror="alert(1)', '"><script>alert(1)</script>', "R&D"]
)
def test_a_description_can_have_any_letters(alt: str) -> None:
    ours = show(f'<img src="cid:1@x" alt="{entities.escape(alt)}">').html
    assert_safe(ours)
    assert Page(ours).starts == [("img", {"data-cid": "1@x", "alt": alt})]
    remote = show(f'<img src="//t.example/x" alt="{entities.escape(alt)}">').html
    assert_safe(remote)
    assert Page(remote).words() == alt.split() and Page(remote).starts == [("span", {"class": "remote"})]


@pytest.mark.parametrize("alt", ["a &lt; b", "R&amp;D", "https://a.example/?a=1&section=2&copy=3"])
def test_a_description_is_said_as_it_was_written(alt: str) -> None:
    ours = show(f'<img src="cid:1@x" alt="{entities.escape(alt)}">').html
    assert Page(ours).starts == [("img", {"data-cid": "1@x", "alt": alt})]


def test_a_content_id_is_read_as_it_was_written() -> None:
    cid = "a&copy=1@x"
    assert Page(show(f'<img src="cid:{entities.escape(cid)}">').html).starts[0][1]["data-cid"] == cid


def test_a_link_keeps_its_address() -> None:
    address = "https://a.example/x?a=1&copy=2&lt;=%22"
    shown = show(f'<a href="{entities.escape(address)}">x</a>').html
    assert Page(shown).starts[0][1]["href"] == address


@pytest.mark.parametrize("size", ["0", "-1", "99999", "50%", "1e3", "40px", "٣", "²", '"', ""])
def test_sizes_that_are_no_pixels_are_left_out(size: str) -> None:
    html = f'<img src="cid:1@x" width="{entities.escape(size)}" height="{entities.escape(size)}">'
    assert Page(show(html).html).starts == [("img", {"data-cid": "1@x", "alt": ""})]


def test_sizes_in_pixels_are_kept() -> None:
    html = '<img src="cid:1@x" width="640" height="48" alt="shot">'
    assert show(html).html == '<img data-cid="1@x" alt="shot" width="640" height="48">'


# What Tomas writes.

MAIL = "Hello Mira,\n\nthe export stops at page three.\nCan you look again?"
SAID = "Please sign in again and reload the page. Then press Export once more."
ATTRIBUTION = (
    "On Mon, Nov 16, 2026 at 4:10 PM Mira Lindqvist &lt;<a href='mailto:s@t.example'>s@t.example</a>&gt; wrote:"
)

GMAIL = f"""<div dir="ltr"><div>Hello Mira,</div><div><br></div><div>the export stops at page three.</div>
<div>Can you look again?</div><div><br></div><span class="gmail_signature_prefix">-- </span><br>
<div dir="ltr" class="gmail_signature">Tomas Okafor<br>Okafor Yoga</div></div><br>
<div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">{ATTRIBUTION}<br></div>
<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204)">
<div dir="ltr">Hello Tomas,<div>{SAID}</div><div>Mira</div></div></blockquote></div>"""

OUTLOOK = f"""<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style><!--
p.MsoNormal {{margin:0cm; font-size:11.0pt}} --></style></head><body lang=EN-GB><div class=WordSection1>
<p class=MsoNormal><span style='font-size:11.0pt'>Hello Mira,<o:p></o:p></span></p>
<p class=MsoNormal><o:p>&nbsp;</o:p></p>
<p class=MsoNormal>the export stops at page three.<o:p></o:p></p><p class=MsoNormal>Can you look again?<o:p></o:p></p>
<p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>Kind regards<o:p></o:p></p>
<p class=MsoNormal>Tomas Okafor<o:p></o:p></p><p class=MsoNormal>Okafor Yoga<o:p></o:p></p>
<div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal><b>From:</b> Mira
Lindqvist &lt;s@t.example&gt;<br><b>Sent:</b> Monday, 16 November 2026 16:10<br><b>To:</b> Tomas<br>
<b>Subject:</b> Re: Export<o:p></o:p></p></div><p class=MsoNormal>Hello Tomas,<o:p></o:p></p>
<p class=MsoNormal>{SAID}<o:p></o:p></p><p class=MsoNormal>Mira<o:p></o:p></p></div></body></html>"""

OUTLOOK_WEB = f"""<div class="elementToProof" style="font-family:Aptos; color:rgb(0, 0, 0)">Hello Mira,</div>
<div class="elementToProof"><br></div><div class="elementToProof">the export stops at page three.</div>
<div class="elementToProof">Can you look again?</div><div id="appendonsend"></div>
<hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri"
color="#000000"><b>From:</b> Mira Lindqvist &lt;s@t.example&gt;<br><b>Sent:</b> Monday, 16 November 2026 16:10<br>
<b>To:</b> Tomas<br><b>Subject:</b> Re: Export</font><div>&nbsp;</div></div><div>{SAID}</div>"""

APPLE = f"""<html><body style="overflow-wrap: break-word;">Hello Mira,<div><br></div>
<div>the export stops at page three.</div><div>Can you look again?<br id="lineBreakAtBeginningOfMessage"><div><br>
<blockquote type="cite"><div>On 16 Nov 2026, at 16:10, Mira Lindqvist &lt;s@t.example&gt; wrote:</div>
<br class="Apple-interchange-newline"><div><div>Hello Tomas,<br><br>{SAID}<br></div></div></blockquote></div><br></div>
</body></html>"""

APPLE_TELEPHONE = f"""<html><body dir="auto">Hello Mira,<div><br></div><div>the export stops at page three.</div>
<div>Can you look again?</div><div><br><br id="lineBreakAtBeginningOfSignature"><div dir="ltr">Sent from my iPhone</div>
<div dir="ltr"><br><blockquote type="cite">On 16 Nov 2026, at 16:10, Mira Lindqvist &lt;s@t.example&gt; wrote:<br><br>
</blockquote></div><blockquote type="cite"><div dir="ltr">{SAID}</div></blockquote></div></body></html>"""

THUNDERBIRD = f"""<html><body><p>Hello Mira,<br></p><p>the export stops at page three.<br>Can you look again?<br></p>
<div class="moz-signature">-- <br>Tomas Okafor<br>Okafor Yoga</div>
<div class="moz-cite-prefix">On 11/16/26 4:10 PM, Mira Lindqvist wrote:<br></div>
<blockquote type="cite" cite="mid:abc@t.example"><p>Hello Tomas,</p><p>{SAID}</p></blockquote></body></html>"""

YAHOO = f"""<div class="ydp1yahoo-style-wrap" style="font-family:Helvetica"><div dir="ltr">Hello Mira,</div>
<div><br></div><div dir="ltr">the export stops at page three.</div><div dir="ltr">Can you look again?</div>
<div><br></div></div><div id="yahoo_quoted_1" class="yahoo_quoted"><div style="color:#26282a">
<div>On Monday, November 16, 2026 at 04:10:02 PM GMT+1, Mira Lindqvist &lt;s@t.example&gt; wrote: </div>
<div><br></div><div>{SAID}</div></div></div>"""

LINE_BREAKS = f"""<p>Hello Mira,<br><br>the export stops at page three.<br>Can you look again?<br>
<br>-- <br>Tomas Okafor<br>Okafor Yoga<br><br>On Mon, Nov 16, 2026 at 4:10 PM Mira Lindqvist &lt;s@t.example&gt;
wrote:<br>&gt; {SAID}<br>&gt; Mira</p>"""

PROGRAMS = {
    "Gmail": GMAIL,
    "Outlook": OUTLOOK,
    "Outlook on the web": OUTLOOK_WEB,
    "Apple Mail": APPLE,
    "Apple Mail on a telephone": APPLE_TELEPHONE,
    "Thunderbird": THUNDERBIRD,
    "Yahoo": YAHOO,
    "all in one paragraph": LINE_BREAKS,
}


def read(html: str, plain: str = "", subject: str = "Re: Export") -> reading.MailContent:
    """The HTML as the only part, or beside a plain part."""
    kind = "Content-Type: text/html; charset=utf-8\n\n" + html
    if plain:
        return reading.read(
            multipart("alternative", text_part(plain), kind, subject=subject, in_reply_to="<a@t.example>")
        )
    html_only = "text/html; charset=utf-8"
    return reading.read(raw(html, content_type=html_only, subject=subject, in_reply_to="<a@t.example>"))


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("with_plain", [False, True])
def test_below_the_new_text_everything_is_folded(program: str, with_plain: bool) -> None:
    html = PROGRAMS[program]
    quoted = "\n".join(f"> {line}" for line in SAID.split(". "))
    plain = f"{MAIL}\n\nOn Mon, Nov 16, 2026 at 4:10 PM Mira Lindqvist <s@t.example> wrote:\n{quoted}"
    found = read(html, plain if with_plain else "")
    assert found.text.split() == MAIL.split()
    assert_safe(found.html)
    assert new(found.html) == " ".join(MAIL.split())
    assert SAID in folded(found.html) and "Mira Lindqvist" in folded(found.html)
    if "Okafor" in html:
        assert "Okafor Yoga" in folded(found.html)
    assert _read(found.html) == _read(sanitising.safe(html))
    assert _as_browsers_read(found.html) == [*Page(found.html).tags, "h6", "/h6"]
    assert not found.formatted


@pytest.mark.parametrize("program", PROGRAMS)
def test_inside_the_rest_nothing_is_marked_again(program: str) -> None:
    html = show(PROGRAMS[program], MAIL, folded=True).html
    assert "Mira Lindqvist" in folded(html) and "Mira Lindqvist" not in new(html)
    opened: list[bool] = []
    for tag in re.findall(r"<[^>]*>", html):
        marked = bool(re.search(r'class="[^"]*\brest\b', tag))
        assert not (marked and any(opened)), tag
        if tag.startswith("</"):
            opened.pop()
        elif not re.match(r"<(?:br|hr|img)\b", tag):
            opened.append(marked)


def test_one_paragraph_is_cut_at_its_line_break() -> None:
    html = show("<p>New words<br>quoted <b>words</b><br>of ours</p><div>and more</div>", "New words", folded=True).html
    assert html == (
        '<p>New words<br class="rest"><span class="rest">quoted </span><b class="rest">words</b><br class="rest">'
        '<span class="rest">of ours</span></p><div class="rest">and more</div>'
    )


def test_closing_tags_belong_to_what_they_close() -> None:
    html = show("<div><div><b>New words</b></div></div><p>quoted</p>", "New words", folded=True).html
    assert html == '<div><div><b>New words</b></div></div><p class="rest">quoted</p>'


def test_a_line_is_not_cut_in_the_middle() -> None:
    html = show("<p>New <i>words</i>: <u>!</u></p><p>quoted</p>", "New words", folded=True).html
    assert html == '<p>New <i>words</i>: <u>!</u></p><p class="rest">quoted</p>'


def test_pictures_and_lines_of_the_rest_are_folded_too() -> None:
    mail = "<p>New words</p><hr>Tomas<img src='cid:logo@x'><img src='//t.example/x' alt='Facebook'><p>quoted</p>"
    assert show(mail, "New words", folded=True).html == (
        '<p>New words</p><hr class="rest"><span class="rest">Tomas</span><img data-cid="logo@x" alt="" class="rest">'
        '<span class="rest remote">Facebook</span><p class="rest">quoted</p>'
    )


@pytest.mark.parametrize(
    "end",
    [
        "<p>I see this: <img src='cid:shot@x' alt='image.png'></p>",
        "<p>I see this:<br><img src='cid:shot@x' alt='image.png'></p>",
        "<p>I see this:</p><p><img src='cid:shot@x' alt='image.png'></p>",
        "<div>I see this:<div><br></div><div><b><img src='cid:shot@x' alt='image.png'></b></div><br></div>",
        "<p>I see this:</p><a href='https://a.example/'><img src='cid:shot@x' alt='image.png'></a>",
        "<p>I see this:</p><p><img src='cid:one@x' alt='image.png'></p><p>&nbsp;</p><p><img src='cid:shot@x'></p>",
    ],
)
@pytest.mark.parametrize("rest", ["quotation", "signature"])
def test_a_picture_below_the_last_words_is_part_of_the_new_text(end: str, rest: str) -> None:
    quotation = (
        f'<div class="gmail_quote"><div>{ATTRIBUTION}</div><blockquote>{SAID}<img src="cid:logo@x"></blockquote></div>'
    )
    below = quotation if rest == "quotation" else "<p>-- <br><img src='cid:logo@x'>Tomas Okafor</p>"
    html = f"<p>The export stops.</p>{end}{below}"
    shown = show(html, "The export stops.\n\nI see this:\n\n[image.png]", folded=True, pictures={"shot@x"})
    page = Page(shown.html)
    assert page.pictures["logo@x"] and not page.pictures["shot@x"]
    assert shown.by_default and new(shown.html) == "The export stops. I see this: image.png"
    assert folded(shown.html).endswith("Tomas Okafor" if rest == "signature" else SAID)


def test_a_picture_in_a_link_is_marked() -> None:
    html = show('<a href="https://a.example/"><b><img src="cid:1@x" alt="shot"></b></a><img src="cid:2@x">').html
    assert [attributes.get("class") for tag, attributes in Page(html).starts if tag == "img"] == ["linked", None]


def test_text_that_occurs_again_in_the_quotation_is_cut_at_the_first_place() -> None:
    mail = f"<p>Can you look again?</p><blockquote>{ATTRIBUTION}<p>Can you look again?</p><p>Yes.</p></blockquote>"
    html = show(mail, "Can you look again?", folded=True).html
    assert new(html) == "Can you look again?" and folded(html).endswith("Can you look again? Yes.")


@pytest.mark.parametrize(
    "mail",
    [
        f"<blockquote type=cite><p>{ATTRIBUTION}</p><p>Which program, and which version of it do you use now?</p>"
        "</blockquote><p>The web page.</p><blockquote type=cite><p>Since when does it stop, and where does it?</p>"
        "</blockquote><p>Since Monday, on all.</p>",
        f'<div class="gmail_quote"><div class="gmail_attr">{ATTRIBUTION}</div><blockquote class="gmail_quote">'
        f"<div>{SAID} Do you use the web page?</div></blockquote><div>Yes, and I have done that.</div></div>",
    ],
)
def test_answers_between_and_below_quotations_are_not_folded(mail: str) -> None:
    found = read(mail)
    assert "rest" not in found.html
    assert _read(found.html) == _read(sanitising.safe(mail))


IN_QUOTATION = f"<div>{ATTRIBUTION}</div><blockquote>{{said}}</blockquote>"
CITED = f"<blockquote>{ATTRIBUTION}<br>{{said}}</blockquote>"
HEADERS = """<div><b>From:</b> Mira Lindqvist &lt;s@t.example&gt;<br><b>Sent:</b> Monday, 16 November 2026 16:10<br>
<b>To:</b> Tomas<br><b>Subject:</b> Re: Export</div><p>{said}</p><hr>"""
SHORT_HEADERS = "<p>From: Mira Lindqvist<br>Sent: Monday 16:10<br>Subject: Export</p><p>{said}</p>"


@pytest.mark.parametrize("quotation", [IN_QUOTATION, CITED, HEADERS, SHORT_HEADERS, "<blockquote>{said}</blockquote>"])
@pytest.mark.parametrize("answer", ["Yes", "Ok", "Thanks", "Yes, thanks", "Ok, I will try"])
def test_a_short_answer_below_a_quotation_is_not_folded(quotation: str, answer: str) -> None:
    """Its words are in the quotation too."""
    for said in (f"{answer},<br>{SAID}", f"{answer}, you can. {SAID}", f"{SAID} {answer}?"):
        html = quotation.format(said=said) + f"<p>{answer}</p>"
        assert "rest" not in show(html, answer, folded=True).html
        assert new(show(f"{html}<p>-- <br>Tomas</p>", answer, folded=True).html).endswith(f"{answer} -- Tomas")


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_short_answer_above_a_quotation_is_followed_by_the_fold(program: str) -> None:
    before, _, after = PROGRAMS[program].partition("Hello Mira,")
    html = f"{before}Yes{after.replace('the export stops at page three.', '').replace('Can you look again?', '')}"
    shown = show(html, "Yes", folded=True).html
    assert new(shown) == "Yes" and SAID in folded(shown)


def test_a_quotation_without_a_word_is_no_answer_above() -> None:
    shown = show(f"<blockquote><br>&nbsp;</blockquote><p>Yes</p><p>{SAID}</p>", "Yes", folded=True).html
    assert new(shown) == "Yes" and folded(shown) == SAID


def test_a_mail_without_a_quotation_is_not_folded() -> None:
    html = "<p>Hello Mira,</p><p>the export stops at page three.</p>"
    assert read(html).html == html
    assert show(html, "Hello Mira,").html == html


def test_a_mail_that_is_all_new_is_not_folded() -> None:
    assert "rest" not in show("<p>Hello</p><p>&nbsp;</p>", "Hello", folded=True).html


@pytest.mark.parametrize(
    "text", ["", "Something else entirely, which the HTML never says", "...", "[image] https://a.example"]
)
def test_a_mail_whose_plain_part_says_something_else_is_not_folded(text: str) -> None:
    html = "<p>Hello Mira,</p><p>the export stops.</p><blockquote type=cite>Please reload.</blockquote>"
    assert "rest" not in show(html, text, folded=True).html
    assert "rest" not in read(html, f"Please read this in a browser.\n\n{ATTRIBUTION}\n> Please reload.").html


def test_addresses_and_descriptions_that_only_the_text_has_do_not_matter() -> None:
    mail = f"""<p>See <a href="https://a.example/one">this page</a><img src="cid:1@x" alt="shot"></p><p>{SAID}</p>"""
    html = show(mail, "See this page <https://a.example/one> [image: shot one]", folded=True).html
    assert new(html) == "See this page shot" and folded(html) == SAID


# What agents see first.


@pytest.mark.parametrize(
    "html",
    [
        "<p>See this:</p><img src='cid:shot@x'><p>What now?</p>",
        "<p>See this:</p><a href='https://a.example'><img src='CID:shot@x'></a><p>What now?</p>",
        "<img src='cid:&lt;shot@x&gt;'><p>What now?</p>",
        "<table><tr><td>Day</td><td>Hours</td></tr><tr><td>Monday</td><td>3</td></tr></table>",
        "<table><tbody><tr><th>Day</th><th>Hours</th></tr></tbody><tbody><tr><td>Monday</td><td>3</td></tr></tbody></table>",
        "<table><tr><td><p>Day</p></td><td><p>Hours</p></td></tr><tr><td><b>Monday</b></td><td>3</td></tr></table>",
        "<p>Take <s>three</s> four</p>",
        "<p>Take <strike>three</strike> four</p>",
        "<p>Take <del>three</del> four</p>",
        "<p>Take <del><b>three</b></del> four</p>",
        "<p>Take <span style='text-decoration:line-through'>three</span> four</p>",
        "<p>Take <span style='text-decoration-line:line-through'>three</span> four</p>",
        "<p style='text-decoration:line-through'>Cancel it</p><p>Keep it</p>",
        "<p>Only <span style='background-color:yellow'>this</span> one</p>",
        "<p>Only <span style='background:#ffff00'>this</span> one</p>",
        "<p>Only <span style='background-color:rgb(255, 255, 0)'>this</span> one</p>",
        "<p>Only <b style='background:#ff0'>this</b> one</p>",
        "<p>Which program?</p><p><font color=red>The web page.</font></p>",
        "<p>Which program?</p><p style='color:#c00000'>The web page.</p>",
        "<p>Which program?</p><p><span style='color:rgb(192, 0, 0)'>The web page.</span></p>",
        "<p style='color:black'>Which program?</p><p style='color:red'>The web page.</p>",
        "<div style='color:red'>The web page. <span style='color:black'>Which program?</span></div>",
        "<p style='color:blue'>Which program?</p><p style='color:red'>The web page.</p>",
    ],
)
def test_what_the_text_does_not_say_is_shown_at_once(html: str) -> None:
    assert show(html, pictures={"shot@x"}).by_default
    quotation = "<blockquote type=cite>Please reload.</blockquote>"
    assert show(html + quotation, sanitising.to_text(html), folded=True, pictures={"shot@x"}).by_default
    above = f"<p>Hello Mira,</p><blockquote type=cite>{html}</blockquote>"
    assert not show(above, "Hello Mira,", folded=True).by_default


def test_pictures_tables_and_colors_of_the_quotation_are_no_reason_to_show_the_mail_as_it_was_sent() -> None:
    quoted = "<img src='cid:shot@x'><p>Do <s>not</s> reload, <font color=red>please</font></p>"
    shown = show(
        f"<p>Hello Mira,</p><p>On Monday you wrote:</p>{quoted}", "Hello Mira,", folded=True, pictures={"shot@x"}
    )
    assert not shown.by_default and Page(shown.html).pictures == {"shot@x": True}


BLACK = ["black", "#000", "#000000", "rgb(0,0,0)", "rgb(0, 0, 0)", "windowtext", "#1f1f1f", "#222", "rgb(33,33,33)"]


@pytest.mark.parametrize(
    "html",
    [
        "",
        "<p>The export stops.</p><p>What now?</p>",
        "<p>It <b>still</b> <i>stops</i>, and <u>now</u> <em>earlier</em>.</p>",
        "<p style='font-weight:700;font-style:italic;text-decoration:underline'>It stops</p><p>again</p>",
        "<ul><li>one</li><li>two<ol><li>three</li></ol></li></ul>",
        "<h1>Export</h1><blockquote>It stops</blockquote><hr><pre>error 42</pre>",
        "<div style='color:#1f497d'><p>The export stops.</p><p>What now?</p></div>",
        "<p style='color:#1f497d'>The export stops.</p><p><font color='#1F497D'>What now?</font></p>",
        "".join(f"<p style='color:{color}'>The export stops.</p>" for color in BLACK) + "<p>What now?</p>",
        "<p>The export stops.</p><p style='color:red'>!</p>",
        "<p>The export stops.</p><p style='color:red'>&nbsp;</p>",
        "<p>Only <span style='background:white'>this</span> <span style='background-color:#fff'>one</span></p>",
        "<p>Only <span style='background:rgb(255,255,255)'>this</span> <b style='background:transparent'>one</b></p>",
        "<div style='background:#f0f0f0'>All of it</div>",
        "<body bgcolor=yellow><div style='background:yellow'>All of it</div>",
        "<p>Take <s> </s> four</p>",
        "<p>See <a href='https://a.example/' style='color:blue'>this <span style='color:#0563c1'>page</span></a></p>",
        "<p>See <a href='https://a.example/'><font color=red>this page</font></a></p>",
        "<p>See this:</p><img src='https://t.example/shot.png' alt='shot' width=600 height=400>",
        "<p>See this:</p><img src='https://t.example/p.gif' width=1 height=1>",
        "<p>See this:</p><img src='cid:pixel@x' width=1 height=1>",
        # Tables that are only layout.
        "<table><tr><td>The export stops.</td></tr><tr><td>What now?</td></tr></table>",
        "<table><tr><td>The export stops.</td><td>What now?</td></tr></table>",
        "<table><tr><td></td><td>The export stops.</td></tr><tr><td> </td><td>What now?</td></tr></table>",
        "<table><tr><td><table><tr><td>a</td></tr></table></td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>",
        f"<table><tr><td>{'word ' * 60}</td><td>x</td></tr><tr><td>{'word ' * 60}</td><td>y</td></tr></table>",
    ],
)
def test_what_the_text_says_as_well_is_not(html: str) -> None:
    assert not show(html, pictures={"shot@x"}).by_default


@pytest.mark.parametrize(
    "signature",
    [
        "<p>Kind regards<br>Tomas Okafor<br><img src='cid:logo@x' alt='Okafor Yoga'></p>",
        "<p style='color:#7f7f7f'>Kind regards<br>Tomas Okafor<br><font color=red>Okafor Yoga</font></p>",
        "<p>Kind regards</p><table><tr><td>Tel</td><td>0151 2</td></tr><tr><td>Fax</td><td>0151 3</td></tr></table>",
        "-- <br><div><img src='cid:logo@x'><span style='color:blue'>Tomas Okafor</span></div>",
    ],
)
def test_a_signature_is_no_reason_to_show_the_mail_as_it_was_sent(signature: str) -> None:
    mail = f"<p>Hello Mira,</p><p>the export stops at page three.</p>{signature}"
    found = read(mail, subject="Export")
    shown = show(mail, found.text, folded=True, pictures={"logo@x"})
    assert found.text == "Hello Mira,\n\nthe export stops at page three."
    assert not shown.by_default and not found.formatted
    assert new(shown.html) == "Hello Mira, the export stops at page three."
