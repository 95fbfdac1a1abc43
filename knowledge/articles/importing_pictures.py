"""Stores the pictures of imported articles and points the text to them."""

import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from config.picture_formats import NotAPicture, recognise
from knowledge.articles.article_files import IMAGE
from knowledge.text import images


def localise(markdown: str, folder: Path, root: Path, *, write: bool, by: Any = None) -> tuple[str, list[str]]:
    """The text with our own picture addresses, and the pictures that failed. Without `write` nothing is stored."""
    problems: list[str] = []

    def one(found: Any) -> str:
        before, address, after = found.groups()
        try:
            return f"{before}{_kept(unquote(address), folder, root, write, by)}{after}"
        except (NotAPicture, OSError, ValueError) as error:
            text = _("Picture %(address)s: %(problem)s")
            problems.append(text % {"address": address, "problem": getattr(error, "strerror", None) or error})
            return found[0]

    return IMAGE.sub(one, markdown), problems


def _kept(address: str, folder: Path, root: Path, write: bool, by: Any) -> str:
    file = (folder / address).resolve()
    if not file.is_relative_to(root.resolve()):
        raise NotAPicture(_("It is outside the imported folder."))
    if file.stat().st_size > settings.ARTICLE_IMAGE_MAX_BYTES:
        raise images.TooLarge(settings.ARTICLE_IMAGE_MAX_BYTES)
    data = file.read_bytes()
    if write:
        return images.address(images.keep(data, by=by))
    return reverse("knowledge:image", args=[hashlib.sha256(data).hexdigest(), recognise(data).extension])
