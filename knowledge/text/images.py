"""Pictures of articles, stored once and named by the hash of their content. The only writer of ArticleImage."""

import hashlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from config.picture_formats import EXTENSIONS, NotAPicture, recognise
from knowledge.models import ArticleImage
from knowledge.text import article_links
from knowledge.text.rendering import LOCAL_IMAGE, render


class TooLarge(NotAPicture):
    def __init__(self, limit: int) -> None:
        size = number_format(Decimal(f"{limit / 1024 / 1024:.3g}"))
        super().__init__(_("The picture is larger than %(size)s MB.") % {"size": size})


def keep(data: bytes, *, by: Any = None) -> ArticleImage:
    """The row for these bytes, existing or new. Raises NotAPicture (TooLarge is one)."""
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


def sizes(markdown: str) -> dict[str, tuple[int, int]]:
    """Width and height of our pictures in a text, by sha256. One query, or none if there are no pictures."""
    wanted = {found["sha256"] for found in LOCAL_IMAGE.finditer(markdown)}
    if not wanted:
        return {}
    rows = ArticleImage.objects.filter(sha256__in=wanted).values_list("sha256", "width", "height")
    return {sha256: (width, height) for sha256, width, height in rows}


def render_article(markdown: str, known: Mapping[str, tuple[int, int]] | None = None) -> SafeString:
    """The article as HTML. Pictures have their size, so that nothing moves while they load; links lead to articles."""
    return render(markdown, sizes(markdown) if known is None else known, article_links.resolve(markdown))
