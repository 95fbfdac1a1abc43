"""A mail as it was sent, with the pictures that came with it in their places."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from tickets.mail.html import content_ids
from tickets.models import Attachment, Message

_PICTURE = re.compile(r'<img data-cid="([^"]*)" alt="([^"]*)"(?: width="(\d+)")?(?: height="(\d+)")?([^>]*)>')


_COLORED = re.compile(r'<[^<>]* data-style="[^"]*color:')
_REST = re.compile(r'<[^<>]* class="(?:tight )?rest[ "]')
WIDTH, HEIGHT = 640, 480  # pixels; larger pictures are shown smaller, and open in full size


@dataclass(frozen=True)
class AsSent:
    """`html` is safe. `placed`: ids of the attachments that stand in it; `in_rest`: those in quotations and below the
    signature, such as a logo. `folded`: a part of it is folded. `colored`: it has colours, made for white paper.
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
    pictures = {content_ids.plain(each.content_id): each for each in message.attachments.all() if each.content_id}
    placed: dict[int, bool] = {}
    shown = _PICTURE.sub(lambda found: _place(found, pictures, placed), message.html)
    in_rest = frozenset(pk for pk, rest in placed.items() if rest)
    folded = bool(_REST.search(shown))
    # Written by tickets/mail/html/showing.py, and what is added here is escaped.
    return AsSent(mark_safe(shown), frozenset(placed), in_rest, folded, bool(_COLORED.search(shown)))  # noqa: S308


def _place(found: re.Match[str], pictures: Mapping[str, Attachment], placed: dict[int, bool]) -> str:
    """`placed` gets the picture: whether it stands only in the rest."""
    picture = pictures.get(content_ids.plain(html.unescape(found[1])))
    if picture is None or not picture.file or not picture.picture or picture.is_huge:
        text = f"[image: {found[2]}, attached]" if found[2] else "[image, attached]"
        return f"<span{found[5]}>{text}</span>"
    placed[picture.pk] = placed.get(picture.pk, True) and 'class="rest' in found[5]
    width, height = _size(picture, int(found[3] or 0), int(found[4] or 0))
    values: dict[str, object] = {"src": reverse("tickets:picture", args=[picture.pk]), "title": picture.filename}
    values |= {"width": width, "height": height, "loading": "lazy", "decoding": "async"}
    if picture.has_preview and "linked" not in found[5]:  # one in a link follows the link
        values |= {"data-picture": values["src"], "data-file": reverse("tickets:attachment", args=[picture.pk])}
        values |= {"tabindex": 0, "role": "button"}
    written = "".join(f' {name}="{html.escape(str(value))}"' for name, value in values.items())
    return f'<img alt="{found[2] or html.escape(picture.filename)}"{written}{found[5]}>'


def _size(picture: Attachment, width: int, height: int) -> tuple[int, int]:
    """As the mail says, else the picture's own; in its own proportions, so that its place is kept while it loads."""
    if width:
        height = height or round(width * picture.height / picture.width)
    elif height:
        width = round(height * picture.width / picture.height)
    else:
        width, height = picture.width, picture.height
    scale = min(1, WIDTH / width, HEIGHT / max(height, 1))
    return max(1, round(width * scale)), max(1, round(height * scale))
