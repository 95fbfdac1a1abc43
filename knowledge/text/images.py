"""Pictures of articles: kept once by content, named by it, shown with their size. The only writer of ArticleImage."""

import hashlib
import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils.safestring import SafeString

from knowledge.models import ArticleImage
from knowledge.text import article_links
from knowledge.text.image_formats import EXTENSIONS, NotAPicture, recognise
from knowledge.text.rendering import LOCAL_IMAGE, render


class TooLarge(NotAPicture):
    def __init__(self, limit: int) -> None:
        super().__init__(f"The picture is larger than {limit / 1024 / 1024:.3g} MB.")


def keep(data: bytes, *, by: Any = None) -> ArticleImage:
    """The row of these bytes, new or known. Raises NotAPicture, TooLarge among them."""
    if len(data) > settings.ARTICLE_IMAGE_MAX_BYTES:
        raise TooLarge(settings.ARTICLE_IMAGE_MAX_BYTES)
    picture = recognise(data)
    sha256 = hashlib.sha256(data).hexdigest()
    known = ArticleImage.objects.filter(sha256=sha256).first()
    if known and known.file.storage.exists(str(known.file.name)):
        return known
    values = {
        "file": ContentFile(data, name=f"{sha256}.{picture.extension}"),
        "content_type": picture.content_type,
        "width": picture.width,
        "height": picture.height,
        "size": len(data),
    }
    return ArticleImage.objects.update_or_create(
        sha256=sha256, defaults=values, create_defaults=values | {"uploaded_by": by}
    )[0]


def extension(image: ArticleImage) -> str:
    return next(name for name, content_type in EXTENSIONS.items() if content_type == image.content_type)


def address(image: ArticleImage) -> str:
    return reverse("knowledge:image", args=[image.sha256, extension(image)])


def words_of(filename: str) -> str:
    """A first description, from the file's name; the author writes a better one."""
    stem = re.sub(r"[\[\]()<>`*_\\!|\s-]+", " ", PurePosixPath(filename.replace("\\", "/")).stem).strip()
    return stem[:80] if stem.lower() not in {"", "image", "blob", "screenshot", "unnamed"} else "describe the picture"


def sizes(markdown: str) -> dict[str, tuple[int, int]]:
    """Width and height of the local pictures in a text, by sha256: one query, none where there are none."""
    wanted = {found["sha256"] for found in LOCAL_IMAGE.finditer(markdown)}
    if not wanted:
        return {}
    rows = ArticleImage.objects.filter(sha256__in=wanted).values_list("sha256", "width", "height")
    return {sha256: (width, height) for sha256, width, height in rows}


def render_article(markdown: str, known: Mapping[str, tuple[int, int]] | None = None) -> SafeString:
    """HTML in which a picture has its size before it has arrived, so that nothing jumps; links lead to articles."""
    return render(markdown, sizes(markdown) if known is None else known, article_links.resolve(markdown))
