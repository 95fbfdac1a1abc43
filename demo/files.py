"""Files that came with messages of the demo, from demo/attachments: pictures in the mail's text, others beside it."""

import html
import mimetypes
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tickets.mail import attachments
from tickets.mail.html.showing import show
from tickets.mail.mime.body import Part
from tickets.models import Message

FILES = Path(__file__).with_name("attachments")


def formatted(text: str, names: Iterable[str]) -> tuple[str, bool]:
    """The HTML of a mail with this text and, below it, its pictures; and whether agents see it first."""
    pictures = [part for part in map(_part, names) if part.content_id]
    if not pictures:
        return "", False
    paragraphs = "".join(f"<p>{html.escape(each).replace(chr(10), '<br>')}</p>" for each in text.split("\n\n"))
    images = "".join(f'<p><img src="cid:{part.content_id}" alt="{part.filename}"></p>' for part in pictures)
    shown = show(paragraphs + images, text, pictures=[part.content_id for part in pictures])
    return shown.html, shown.by_default


def attach(message: Message, entry: dict[str, Any]) -> None:
    """Stores the files of a message that is in the database."""
    attachments.store(message, map(_part, entry.get("files", ())), [])


def _part(name: str) -> Part:
    content_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    content_id = f"{name}@demo" if content_type.startswith("image/") else ""
    return Part(name, content_type, (FILES / name).read_bytes(), content_id)
