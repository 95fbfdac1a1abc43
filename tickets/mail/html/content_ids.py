"""The names by which a mail's HTML shows the pictures that came with it (RFC 2392). Pure."""

import html
from urllib.parse import unquote

from tickets.mail.html.tokens import Token


def of_image(image: Token) -> str:
    """The Content-ID that the image names; "" for a picture of another host."""
    source = html.unescape(image.attributes.get("src", "")).strip()
    return source[4:].strip() if source.lower().startswith("cid:") else ""


def plain(content_id: str) -> str:
    """To compare: mail programs write the same id with other letters, in angle brackets or encoded for an address."""
    return unquote(content_id).strip("<> ").lower()
