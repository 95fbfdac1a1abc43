"""Descriptions of pictures (alt texts) until the author has written one. Pure."""

import re
from pathlib import PurePosixPath

from django.utils.translation import gettext as _


def placeholder_alt() -> str:
    """Stands in Markdown as the description of a picture until the author writes one."""
    return _("describe the picture")


def description_from(filename: str) -> str:
    """A first description from the file's name, for the author to improve."""
    stem = re.sub(r"[\[\]()<>`*_\\!|\s-]+", " ", PurePosixPath(filename.replace("\\", "/")).stem).strip()
    return stem[:80] if stem.lower() not in {"", "image", "blob", "screenshot", "unnamed"} else placeholder_alt()
