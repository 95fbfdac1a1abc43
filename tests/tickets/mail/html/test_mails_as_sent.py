"""Mails as they were sent, from the mailbox to the page: tickets.mail.intake, tickets/message_details/formatted.py."""

from dataclasses import dataclass, field
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import example, given
from hypothesis import strategies as st

from tests.growth import assert_linear
from tests.tickets.pictures import head_of_png
from tickets.mail import intake, reading
from tickets.message_details import formatted, previews
from tickets.message_details.formatted import LOGO, MOST_PLACED
from tickets.models import Attachment, Message, Ticket, User

pytestmark = pytest.mark.django_db

GMAIL_QUOTATION = """<div class="gmail_quote"><div class="gmail_attr">On Mon, Nov 16, 2026 at 4:10 PM Mira Lindqvist
&lt;s@t.example&gt; wrote:<br></div><blockquote class="gmail_quote">Please sign in again.</blockquote></div>"""
SIGNATURE = '<p>Kind regards<br>Tomas Okafor<br><img src="cid:logo@x" alt="Okafor Yoga"></p>'


@dataclass(frozen=True)
class Part:
    """A picture or another file that comes with the mail."""

    content_id: str = ""
    content: bytes = field(default_factory=lambda: head_of_png(1280, 720))
    filename: str = "board.png"
    kind: str = "image/png"


def mail(html: str, *parts: Part, plain: str = "", subject: str = "Export", **headers: str) -> bytes:
    """A mail of Tomas."""
    message = EmailMessage()
    message["From"], message["To"] = "Tomas Okafor <tomas@okafor.example>", "support@tallybird.example"
    message["Subject"], message["Message-ID"] = subject, "<first@okafor.example>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    if plain:
        message.set_content(plain)
        message.add_alternative(html, subtype="html")
    else:
        message.set_content(html, subtype="html")
    body = message.get_body(("html",))
    assert isinstance(body, EmailMessage)
    for part in parts:
        main, sub = part.kind.split("/")
        if part.content_id:
            names = {"filename": part.filename, "cid": f"<{part.content_id}>", "disposition": "inline"}
            body.add_related(part.content, main, sub, **names)
        else:
            message.add_attachment(part.content, main, sub, filename=part.filename)
    return message.as_bytes()


def received(raw: bytes) -> Message:
    return Message.objects.get(pk=intake.receive(raw).message_id)


Element = tuple[str, dict[str, str]]


class Page(HTMLParser):
    """The elements of a page; which are in a <mail-view>, and which in the lists of attachments."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self.in_mail: list[Element] = []
        self.attached: list[Element] = []
        self.texts: list[str] = []
        self.inside = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = (tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        if tag == "mail-view" or "attachments" in element[1].get("class", "").split():
            self.inside = tag
        elif self.inside:
            (self.in_mail if self.inside == "mail-view" else self.attached).append(element)

    def handle_endtag(self, tag: str) -> None:
        self.inside = "" if tag == self.inside else self.inside

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def pictures(self) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.in_mail if tag == "img"]

    @property
    def listed(self) -> list[str]:
        """The classes of the entries in the lists of attachments."""
        return [attributes.get("class", "") for tag, attributes in self.attached if tag == "li"]

    @property
    def buttons(self) -> set[str]:
        return {attributes["data-show"] for _tag, attributes in self.elements if "data-show" in attributes}

    @property
    def shows(self) -> list[str]:
        return [attributes["data-shows"] for _tag, attributes in self.elements if "data-shows" in attributes]


@pytest.fixture
def desk(client: Client, mira: User) -> Client:
    client.force_login(mira)
    return client


def page_of(desk: Client, message: Message) -> Page:
    answer = desk.get(reverse("tickets:conversation", args=[message.ticket_id]))
    assert answer.status_code == 200
    return Page(answer.content.decode())


SHOT = '<p>The export stops here:</p><img src="cid:shot@x" alt="image.png"><p>What now?</p>'


def test_a_picture_stands_in_its_place(desk: Client) -> None:
    message = received(mail(SHOT, Part("shot@x")))
    page, file = page_of(desk, message), message.attachments.get()
    assert message.formatted and page.shows == ["formatted"] and page.buttons == {"formatted", "plain"}
    assert [tag for tag, _attributes in page.in_mail] == ["p", "img", "p"]
    (picture,) = page.pictures
    assert picture["src"] == picture["data-picture"] == reverse("tickets:picture", args=[file.pk])
    assert picture["data-file"] == reverse("tickets:attachment", args=[file.pk])
    assert (picture["alt"], picture["title"]) == ("image.png", "board.png")
    assert (picture["role"], picture["tabindex"], picture["loading"]) == ("button", "0", "lazy")
    assert "data-cid" not in picture


@pytest.mark.parametrize(
    ("said", "own", "shown"),
    [
        ("", (1280, 720), ("640", "360")),  # at most 640 × 480
        ("", (720, 1280), ("270", "480")),
        ("", (300, 200), ("300", "200")),
        ("", (12_000, 40), ("640", "2")),
        ('width="320"', (1280, 720), ("320", "180")),
        ('height="90"', (1280, 720), ("160", "90")),
        ('width="320" height="180"', (1280, 720), ("320", "180")),
        ('width="1280" height="720"', (1280, 720), ("640", "360")),
        ('width="9999" height="9999"', (1280, 720), ("480", "480")),
        ('width="1" height="9999"', (1280, 720), ("1", "480")),
        ('width="50%"', (1280, 720), ("640", "360")),
        ('width="0" height="0"', (1280, 720), ("640", "360")),
    ],
)
def test_its_place_is_kept_while_it_loads(
    desk: Client, said: str, own: tuple[int, int], shown: tuple[str, str]
) -> None:
    message = received(
        mail(f'<p>See:</p><img src="cid:shot@x" {said}><p>What now?</p>', Part("shot@x", head_of_png(*own)))
    )
    (picture,) = page_of(desk, message).pictures
    assert (picture["width"], picture["height"]) == shown


@given(st.integers(1, 12_000), st.integers(1, 12_000), st.integers(0, 9999), st.integers(0, 9999))
@example(12_000, 1, 0, 1)
@example(1, 12_000, 1, 0)
@example(12_000, 1, 0, 0)
def test_every_picture_has_a_place(own_width: int, own_height: int, width: int, height: int) -> None:
    shown = formatted.size_of(Attachment(width=own_width, height=own_height), width, height)
    assert 1 <= shown[0] <= formatted.WIDTH and 1 <= shown[1] <= formatted.HEIGHT


def test_a_picture_of_one_line_has_a_place_too(desk: Client) -> None:
    part = Part("line@x", head_of_png(1, 3000), "line.png")
    (picture,) = page_of(desk, received(mail('<p>See:</p><img src="cid:line@x" height="10"><p>x</p>', part))).pictures
    assert (picture["width"], picture["height"]) == ("1", "10")


def test_the_plain_text_is_one_click_away_and_has_the_thumbnail(desk: Client) -> None:
    message = received(mail(SHOT, Part("shot@x")))
    page = page_of(desk, message)
    assert "plain" in page.buttons and page.listed == ["is-placed"]
    thumbnails = [attributes for tag, attributes in page.attached if tag == "img"]
    assert [each["src"] for each in thumbnails] == [reverse("tickets:picture", args=[message.attachments.get().pk])]
    links = [attributes for tag, attributes in page.attached if tag == "a"]
    assert [each["data-name"] for each in links] == ["board.png"] == [each["data-name"] for each in page.pictures]
    assert "The export stops here:" in message.text


def test_files_that_do_not_stand_in_the_mail_are_listed(desk: Client) -> None:
    files = [Part(filename="ledger.csv", content=b"1,2", kind="text/csv"), Part(filename="other.png")]
    message = received(mail(SHOT, Part("shot@x"), *files))
    page = page_of(desk, message)
    assert sorted(page.listed) == ["", "", "is-placed"] and len(page.pictures) == 1
    assert "ledger.csv" in "".join(page.texts)


def test_the_logo_of_a_signature_is_not_listed_among_the_files(desk: Client) -> None:
    logo = Part("logo@x", head_of_png(200, 80), "logo.png")
    message = received(mail(f"<p>The export stops.</p>{SIGNATURE}", logo, Part("", head_of_png(300, 300), "shot.png")))
    page, found = page_of(desk, message), formatted.of(message)
    assert found is not None and found.folded and not message.formatted
    assert found.in_rest == {message.attachments.get(filename="logo.png").pk} == found.placed
    assert page.listed == ["is-rest", ""] and page.shows == ["plain"]
    assert page.pictures[0]["class"] == "rest"


@pytest.mark.parametrize("quoted", [False, True])
def test_a_screenshot_below_the_signature_is_listed_in_both_ways(desk: Client, quoted: bool) -> None:
    signature = SIGNATURE.replace("</p>", "<br><img src='cid:shot@x'></p>")
    html = f"<p>The export stops.</p>{signature}" + GMAIL_QUOTATION * quoted
    message = received(mail(html, Part("logo@x", head_of_png(900, LOGO), "logo.png"), Part("shot@x")))
    found = formatted.of(message)
    assert found is not None and found.folded and not message.formatted
    assert found.placed == found.in_rest == {message.attachments.get(filename="logo.png").pk}
    assert page_of(desk, message).listed == ["is-rest", ""] and len(page_of(desk, message).pictures) == 2


def test_a_picture_above_the_signature_and_in_it_is_listed(desk: Client) -> None:
    logo = '<p>Look at <img src="cid:logo@x"> in this.</p>'
    message = received(mail(f"<p>The export stops.</p>{logo}{SIGNATURE}", Part("logo@x", filename="logo.png")))
    found = formatted.of(message)
    assert found is not None and len(found.placed) == 1 and not found.in_rest
    assert page_of(desk, message).listed == ["is-placed"]


def test_a_picture_above_a_quotation_is_not_folded(desk: Client) -> None:
    html = f'<div>I see this:</div><div><img src="cid:shot@x" alt="image.png"></div><br>{GMAIL_QUOTATION}'
    message = received(mail(html, Part("shot@x"), subject="Re: Export", in_reply_to="<a@t.example>"))
    page, found = page_of(desk, message), formatted.of(message)
    assert found is not None and found.folded and not found.in_rest
    assert message.formatted and page.listed == ["is-placed"] and "class" not in page.pictures[0]


@pytest.mark.parametrize(
    ("part", "why"),
    [
        (None, "missing"),
        (Part("other@x"), "another"),
        (Part("shot@x", b"MZ\x90\x00 not to be run"), "refused"),
        (Part("shot@x", b"<html>hello</html>"), "no picture"),
        (Part("shot@x", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "board.svg", "image/svg+xml"), "no safe picture"),
        (Part("shot@x", head_of_png(12_000, 12_000)), "too large for a browser"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize(
    ("alt", "words"), [("the <board>", "[picture: the <board>, attached]"), ("", "[picture, attached]")]
)
def test_a_picture_that_cannot_be_shown_is_described(
    desk: Client, part: Part | None, why: str, alt: str, words: str
) -> None:
    described = alt.replace("<", "&lt;")
    html = f'<p>The export stops here:</p><img src="cid:shot@x" alt="{described}"><p>What now?</p>'
    message = received(mail(html, *filter(None, [part])))
    page, found = page_of(desk, message), formatted.of(message)
    assert found is not None and not found.placed
    assert page.pictures == [] and words in page.texts
    assert page.listed == [""] * message.attachments.count()


def test_what_is_said_in_place_of_pictures_is_translated_and_no_markup(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(formatted, "_", lambda text: f"<i>{text}</i>")
    html = """<p>The export stops:</p><img src="cid:a@x" alt="&lt;b&gt; 5%"><img src="cid:b@x">
    <img src="https://t.example/x.png" alt="&lt;s&gt; %(name)s"><p>What now?</p>"""
    found = formatted.of(received(mail(html)))
    assert found is not None
    said = [text for text in Page(f"<mail-view>{found.html}</mail-view>").texts if "picture" in text]
    assert said == [
        "<i>[picture: <b> 5%, attached]</i>",
        "<i>[picture, attached]</i>",
        "<i>[picture of another host, not loaded: <s> %(name)s]</i>",
    ]
    assert "<i>" not in found.html


def test_the_description_of_a_picture_of_another_host_is_folded_with_the_rest(desk: Client) -> None:
    far = '<img src="https://t.example/x.png" alt="far">'
    found = formatted.of(received(mail(f"<p>The export stops.</p>{far}{SIGNATURE.replace('</p>', far + '</p>')}")))
    said = "[picture of another host, not loaded: far]</span>"
    assert found is not None and found.folded
    assert f'<span class="remote">{said}' in found.html and f'<span class="rest remote">{said}' in found.html


def test_a_class_of_the_sender_does_not_make_a_word_a_picture(desk: Client) -> None:
    found = formatted.of(received(mail('<p>Hello</p><span class="remote">far</span><p class="rest remote">x</p>')))
    assert found is not None and found.html == "<p>Hello</p><span>far</span><p>x</p>"


# What one page may cost.


FACTS = {"picture": "image/png", "width": 640, "height": 480, "size": 9, "sha256": "0" * 64, "file": "x.bin"}


def attached(message: Message, *sizes: tuple[int, int]) -> list[Attachment]:
    """Pictures 0@x, 1@x …"""
    return [
        Attachment.objects.create(
            **FACTS | {"width": width, "height": height},
            message=message,
            content_id=f"{number}@x",
            filename=f"{number}.png",
        )
        for number, (width, height) in enumerate(sizes)
    ]


def placing(names: list[str]) -> str:
    return "".join(f'<img data-cid="{name}" alt="">' for name in names)


def test_a_picture_that_stands_there_again_and_again_costs_no_large_page(
    ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(formatted, "reverse", lambda name, args: asked.append(name) or f"/{name}/{args[0]}")
    raw = mail("<p>See:</p>" + "<img src=cid:a@x>" * 14_900, Part("a@x", filename="n" * 200 + ".png"))
    message = received(raw)
    found = formatted.of(message)
    assert found is not None and found.placed
    assert found.html.count("<img") == MOST_PLACED
    assert found.html.count("[picture, attached]") == 14_900 - MOST_PLACED
    assert len(found.html) < 2 * len(message.html) and len(asked) == 2


@pytest.mark.parametrize("sizes", [(2000, 8000)])
def test_putting_in_pictures_takes_linear_time(ticket: Ticket, sizes: tuple[int, int]) -> None:
    message = ticket.messages.create(kind=Message.Kind.CUSTOMER)
    attached(message, *[(640, 480)] * 60)
    message = Message.objects.prefetch_related("attachments").get(pk=message.pk)

    def show(html: str) -> None:
        message.html = html
        formatted.of(message)

    assert_linear(show, lambda n: placing([f"{each % 70}@x" for each in range(n)]), sizes)
    assert_linear(show, lambda n: '<span class="remote">far</span>' * n, sizes)


def test_pictures_are_shown_up_to_a_number_of_pixels(desk: Client, ticket: Ticket) -> None:
    message = ticket.messages.create(kind=Message.Kind.CUSTOMER, html=placing([f"{each}@x" for each in range(5)]))
    files = attached(message, (7000, 7000), (7000, 7000), (7000, 7000), (1000, 1000), (16, 16))
    shown = {each.pk for each in (files[0], files[1], files[3])}
    assert previews.of(files) == shown
    found, page = formatted.of(message), page_of(desk, message)
    assert found is not None and found.placed == shown | {files[4].pk}  # a mark costs nothing
    assert len(page.pictures) == 4 and page.texts.count("[picture, attached]") == 1
    thumbnails = [attributes for tag, attributes in page.attached if tag == "img"]
    assert [each["alt"] for each in thumbnails] == ["0.png", "1.png", "3.png"]
    assert len(page.listed) == 5


def test_so_many_pictures_are_shown_and_the_others_are_listed_as_files(desk: Client, ticket: Ticket) -> None:
    message = ticket.messages.create(kind=Message.Kind.CUSTOMER, text="See these")
    files = attached(message, *[(400, 300)] * (previews.MOST + 3))
    assert previews.of(files) == {each.pk for each in files[: previews.MOST]}
    page = page_of(desk, message)
    assert len([tag for tag, _attributes in page.attached if tag == "img"]) == previews.MOST
    assert len(page.listed) == len(files) and f"{len(files) - 1}.png" in page.texts


def test_a_line_of_many_pixels_is_no_mark(ticket: Ticket) -> None:
    message = ticket.messages.create(kind=Message.Kind.CUSTOMER, html=placing(["0@x", "1@x"]))
    line, rule = attached(message, (1_500_000, 32), (1200, 8))
    found = formatted.of(message)
    assert found is not None and found.placed == {rule.pk} and not previews.is_mark(line)


@pytest.mark.parametrize(
    ("content", "is_picture"),
    [
        (head_of_png(640, 480), True),
        (b"RIFF\x00\x10\x00\x00WEBPVP8 ".ljust(5000, b"\x00"), True),
        (b"RIFF\x00\x10\x00\x00WAVEfmt ".ljust(5000, b"\x00"), False),
        (b"RIFF".ljust(5000, b"\x00"), False),
    ],
)
def test_only_a_picture_is_worth_a_look(content: bytes, is_picture: bool) -> None:
    raw = mail(SHOT, Part("shot@x", content, "shot.webp", "image/webp"))
    assert reading.read(raw).formatted is is_picture


def test_a_small_mark_is_shown_but_opens_nothing(desk: Client) -> None:
    message = received(
        mail('<p>Done <img src="cid:tick@x"> so far</p>', Part("tick@x", head_of_png(16, 16, 400), "tick.png"))
    )
    (picture,) = page_of(desk, message).pictures
    assert (picture["width"], picture["height"], picture["alt"]) == ("16", "16", "tick.png")
    assert not {"role", "tabindex", "data-picture", "data-file"} & set(picture)
    assert not message.formatted


@pytest.mark.parametrize(
    ("written", "content_id"),
    [
        ("image001.png@01D9.AB", "image001.png@01D9.AB"),
        ("IMAGE001.png@01d9.ab", "image001.png@01D9.AB"),
        ("image001.png%4001D9.AB", "image001.png@01D9.AB"),
        ("two%20words@x", "two words@x"),
        ("%3Cshot@x%3E", "shot@x"),
        ("&lt;shot@x&gt;", "shot@x"),
        ("a&amp;b@x", "a&b@x"),
        ("100%25@x", "100%25@x"),
    ],
)
def test_content_ids_are_found_however_they_are_written(desk: Client, written: str, content_id: str) -> None:
    message = received(mail(f'<p>See:</p><img src="cid:{written}"><p>What now?</p>', Part(content_id)))
    found = formatted.of(message)
    assert found is not None and found.placed == {message.attachments.get().pk}
    assert len(page_of(desk, message).pictures) == 1
    assert message.formatted


def test_a_picture_in_a_link_follows_the_link(desk: Client) -> None:
    html = '<p>See:</p><a href="https://a.example/"><img src="cid:shot@x" alt="shot"></a><p>What now?</p>'
    message = received(mail(html, Part("shot@x")))
    page = page_of(desk, message)
    (picture,) = page.pictures
    assert picture["src"] and not {"role", "tabindex", "data-picture", "data-file"} & set(picture)
    link = next(attributes for tag, attributes in page.in_mail if tag == "a")
    assert (link["href"], link["target"], link["rel"]) == ("https://a.example/", "_blank", "noopener nofollow")


@pytest.mark.parametrize("name", ['"><script>alert(1)</script>.png', "a'b\".png", "a & b<i>.png", "&quot;x&lt;.png"])
@pytest.mark.parametrize("alt", ["", "&quot;&gt;&lt;script&gt;alert(2)&lt;/script&gt;"])
def test_names_of_files_are_never_markup(desk: Client, name: str, alt: str) -> None:
    message = received(mail(f'<p>See:</p><img src="cid:shot@x" alt="{alt}"><p>What now?</p>', Part("shot@x")))
    Attachment.objects.update(filename=name)
    page = page_of(desk, message)
    (picture,) = page.pictures
    assert picture["title"] == name
    assert picture["alt"] == ('"><script>alert(2)</script>' if alt else name)
    assert set(picture) == {
        *("alt", "src", "title", "width", "height", "loading", "decoding"),
        *("data-picture", "data-file", "data-name", "tabindex", "role"),
    }
    links = [attributes["data-name"] for tag, attributes in page.attached if tag == "a"]
    assert links == [picture["data-name"]] == [name]
    assert not [tag for tag, _attributes in page.in_mail + page.attached if tag in {"script", "i"}]


def test_names_of_files_come_as_they_were_sent(desk: Client) -> None:
    message = received(mail(SHOT, Part("shot@x", filename='the "board" <1>.png')))
    (picture,) = page_of(desk, message).pictures
    assert picture["title"] == message.attachments.get().filename


def test_what_a_customer_writes_does_not_place_a_picture(desk: Client) -> None:
    words = '&lt;img data-cid="shot@x" alt=""&gt; class="rest " data-style="color:red"'
    message = received(mail(f"<p>{words}</p>", Part("shot@x")))
    found = formatted.of(message)
    assert found is not None and not found.placed
    assert page_of(desk, message).pictures == []


@pytest.mark.parametrize("words", ['data-style="color:red"', 'class="rest "', 'class="tight rest"'])
def test_what_a_customer_writes_is_no_style_and_no_fold(words: str) -> None:
    found = formatted.of(received(mail(f"<p>How do I write {words} here?</p>")))
    assert found is not None and not found.folded and not found.colored


@pytest.mark.parametrize(
    ("html", "colored"),
    [
        ("<p>Only <span style='color:red'>this</span> one</p>", True),
        ("<p>Only <span style='background:yellow'>this</span> one</p>", True),
        ("<p style='margin:0;color:#1f497d'>All of it</p>", True),
        ("<p>Only <b>this</b> one</p>", False),
        ("<p style='margin:0'>Only this one</p>", False),
    ],
)
def test_a_mail_with_colors_is_shown_on_white(desk: Client, html: str, colored: bool) -> None:
    page = page_of(desk, received(mail(html)))
    (view,) = [attributes for tag, attributes in page.elements if tag == "mail-view"]
    assert ("is-paper" in view["class"].split()) is colored


def test_a_mail_of_plain_text_is_only_text(desk: Client) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "tomas@okafor.example", "support@tallybird.example", "Export"
    message.set_content("<p>The export stops.</p>")
    page = page_of(desk, received(message.as_bytes()))
    assert not [tag for tag, _attributes in page.elements if tag == "mail-view"]
    assert page.shows == [] and page.buttons == set()
    assert "<p>The export stops.</p>" in "".join(page.texts)


def test_an_old_message_is_still_there_as_it_was_sent(desk: Client, ticket: Ticket) -> None:
    """Its HTML was made safe before styles and pictures were kept."""
    html = '<p>fine <b>bold</b> <a href="https://a.example/" rel="noopener nofollow" target="_blank">x</a></p><hr><br>[image: shot, attached]'  # noqa: E501
    message = ticket.messages.create(kind=Message.Kind.CUSTOMER, text="fine bold", html=html)
    found, page = formatted.of(message), page_of(desk, message)
    assert found is not None and found.html == html
    assert not found.placed and not found.folded and not found.colored
    assert page.shows == ["plain"] and page.buttons == {"formatted", "plain"}


@pytest.mark.parametrize("html", ["", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"])
def test_what_is_quoted_can_be_shown_in_both_ways(desk: Client, html: str) -> None:
    mail_html = f"<div>It still stops.</div>{html}<br>{GMAIL_QUOTATION}"
    page = page_of(desk, received(mail(mail_html, subject="Re: Export", in_reply_to="<a@t.example>")))
    assert [attributes for _tag, attributes in page.elements if "data-whole" in attributes]
    assert [attributes for _tag, attributes in page.elements if "quoted-fold" in attributes.get("class", "")]
    assert not [tag for tag, _attributes in page.in_mail if tag == "script"]


def test_more_pictures_cost_no_more_queries(
    desk: Client, ticket: Ticket, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    def more(*names: str) -> None:
        message = ticket.messages.create(kind=Message.Kind.CUSTOMER, html=placing(list(names)))
        for name in names:
            Attachment.objects.create(message=message, content_id=name, filename="board.png", **FACTS)

    address = reverse("tickets:conversation", args=[ticket.pk])
    more("first@x")
    desk.get(address)
    with django_assert_max_num_queries(20) as before:
        desk.get(address)
    for number in range(5):
        more(f"{number}@x", f"{number}@y")
    with django_assert_num_queries(len(before)):
        page = Page(desk.get(address).content.decode())
    assert len(page.pictures) == 11
