"""A mail as it was sent, with the pictures that came with it in their places."""

import html
import re
from dataclasses import dataclass
from functools import cached_property

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from tickets.mail.html import content_ids
from tickets.message_details import previews
from tickets.models import Attachment, Message

_PICTURE = re.compile(r'<img data-cid="([^"]*)" alt="([^"]*)"(?: width="(\d+)")?(?: height="(\d+)")?([^>]*)>')
_REMOTE = re.compile(r'(<span class="(?:rest )?remote">)([^<]*)</span>')
_COLORED = re.compile(r'<[^<>]* data-style="[^"]*color:')
_REST = re.compile(r'<[^<>]* class="(?:tight )?rest[ "]')
WIDTH, HEIGHT = 640, 480  # pixels; larger pictures are shown smaller, and open in full size
MOST_PLACED = 100  # in one mail, counting one that stands there twice as two; the others are said in words
LOGO = 150  # pixels of the smaller side. What is larger, below a signature or in a quotation, may be a screenshot


@dataclass(frozen=True)
class AsSent:
    """`html` is safe. `placed`: ids of the attachments that stand in it, so that they need not be listed below it;
    `in_rest`: those of them that are only in quotations and below the signature, such as a logo. `folded`: a part of it
    is folded. `colored`: it has colours, made for white paper.
    """

    html: SafeString
    placed: frozenset[int]
    in_rest: frozenset[int]
    folded: bool
    colored: bool


def of(message: Message) -> AsSent | None:
    """None for a message without HTML. Reads the attachments that are there already."""
    if not message.html:
        return None
    page = _Page(list(message.attachments.all()))
    shown = _REMOTE.sub(page.describe, _PICTURE.sub(page.place, message.html))
    # Written by tickets/mail/html/showing.py, and what is added here is escaped.
    return AsSent(
        html=mark_safe(shown),  # noqa: S308
        placed=frozenset(page.above | page.logos),
        in_rest=frozenset(page.logos - page.above),
        folded=bool(_REST.search(shown)),
        colored=bool(_COLORED.search(shown)),
    )


class _Page:
    """Puts in the pictures. `above`: those that stand in the new text; `logos`: small ones in the rest."""

    def __init__(self, files: list[Attachment]) -> None:
        self.pictures = {content_ids.plain(each.content_id): each for each in files if each.content_id}
        self.shown = previews.of(files) | {each.pk for each in files if previews.is_mark(each)}
        self.left = MOST_PLACED
        self.above: set[int] = set()
        self.logos: set[int] = set()
        self.written: dict[tuple[int, bool], str] = {}

    @cached_property
    def words(self) -> tuple[str, str, str]:
        """For a picture with a name, for one without, and for one of another host."""
        named, unnamed = _("[picture: %(name)s, attached]"), _("[picture, attached]")
        remote = _("[picture of another host, not loaded: %(name)s]")
        return html.escape(named), html.escape(unnamed), html.escape(remote)

    def describe(self, found: re.Match[str]) -> str:
        return f"{found[1]}{self.words[2] % {'name': found[2]}}</span>"

    def place(self, found: re.Match[str]) -> str:
        picture = self.pictures.get(content_ids.plain(html.unescape(found[1])))
        if picture is None or picture.pk not in self.shown or not self.left:
            named, unnamed, _remote = self.words
            return f"<span{found[5]}>{named % {'name': found[2]} if found[2] else unnamed}</span>"
        self.left -= 1
        if 'class="rest' not in found[5]:
            self.above.add(picture.pk)
        elif min(picture.width, picture.height) <= LOGO:
            self.logos.add(picture.pk)
        width, height = size_of(picture, int(found[3] or 0), int(found[4] or 0))
        attributes = self.attributes(picture, opens=picture.has_preview and "linked" not in found[5])
        alt = found[2] or html.escape(picture.filename)
        return f'<img alt="{alt}" width="{width}" height="{height}"{attributes}{found[5]}>'

    def attributes(self, picture: Attachment, opens: bool) -> str:
        """Worked out once: a mail can show one picture again and again. One in a link opens the link, not itself."""
        key = picture.pk, opens
        if key not in self.written:
            address, name = reverse("tickets:picture", args=[picture.pk]), picture.filename
            values = {"src": address, "title": name, "loading": "lazy", "decoding": "async"}
            if opens:
                file = reverse("tickets:attachment", args=[picture.pk])
                values |= {"data-picture": address, "data-file": file, "data-name": name}
                values |= {"tabindex": "0", "role": "button"}
            self.written[key] = "".join(f' {each}="{html.escape(value)}"' for each, value in values.items())
        return self.written[key]


def size_of(picture: Attachment, width: int, height: int) -> tuple[int, int]:
    """As the mail says, else the picture's own; in its own proportions, so that its place is kept while it loads."""
    own_width, own_height = max(1, picture.width), max(1, picture.height)
    if width:
        height = height or round(width * own_height / own_width)
    elif height:
        width = round(height * own_width / own_height)
    else:
        width, height = own_width, own_height
    width, height = max(1, width), max(1, height)
    scale = min(1, WIDTH / width, HEIGHT / height)
    return max(1, round(width * scale)), max(1, round(height * scale))
