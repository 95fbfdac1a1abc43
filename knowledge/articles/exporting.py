"""Articles as Markdown files with front matter, and their pictures. Importing them gives the same articles again.

Of an approved article the published text is exported. The report names articles whose newer draft was left out.
"""

import hashlib
import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db.models import QuerySet
from django.utils.text import slugify

from knowledge.articles.article_files import compose
from knowledge.models import Article, ArticleImage
from knowledge.text.rendering import LOCAL_IMAGE

SHOWN = re.compile(r"(!\[[^\[\]]*\]\()" + LOCAL_IMAGE.pattern)
Put = Callable[[str, bytes], object]  # relative path, content


@dataclass
class ExportReport:
    articles: int = 0
    pictures: int = 0
    warnings: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return vars(self)


def export_folder(articles: QuerySet[Article], folder: Path) -> ExportReport:
    """Write into the folder, creating it if needed. Files of the same name are replaced."""

    def put(name: str, content: bytes) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    return export(articles, put)


def export_zip(articles: QuerySet[Article]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        export(articles, archive.writestr)
    return buffer.getvalue()


def export(articles: QuerySet[Article], put: Put) -> ExportReport:
    report = ExportReport()
    set_missing_ids()
    pictures: dict[str, str] = {}
    rows = articles.select_related("owner", "published", "translation_of").order_by("external_id")
    for article in rows.iterator(chunk_size=100):
        text = _file(article, report, pictures)
        put(file_name(article.external_id or ""), text.encode())
        report.articles += 1
    missing = _put_pictures(pictures, put)
    report.pictures = len(pictures) - len(missing)
    report.warnings += [f"picture {name} is missing: its file does not exist" for name in missing]
    return report


def set_missing_ids() -> None:
    """Give each article without an external id one, so that a later import finds it again."""
    for article in Article.objects.filter(external_id__isnull=True).only("id", "title"):
        name = f"{slugify(article.title)[:60] or 'article'}-{article.pk}"
        if Article.objects.filter(external_id=name).exists():
            name = f"{name}-{hashlib.sha256(article.title.encode()).hexdigest()[:8]}"
        Article.objects.filter(pk=article.pk, external_id__isnull=True).update(external_id=name)


def file_name(external_id: str) -> str:
    """Safe on every file system, and different for every id."""
    safe = re.sub(r"[^a-z0-9_.-]+", "-", external_id.lower()).strip(".-")[:100]
    if safe == external_id:
        return f"{safe}.md"
    return f"{safe or 'article'}-{hashlib.sha256(external_id.encode()).hexdigest()[:8]}.md"


def _file(article: Article, report: ExportReport, pictures: dict[str, str]) -> str:
    shown = article.published if article.state == Article.State.APPROVED else None
    title, markdown = (shown.title, shown.body_md) if shown else (article.title, article.body_md)
    if (title, markdown) != (article.title, article.body_md):
        report.warnings.append(f"{article.external_id}: its latest text is not approved and was left out")

    def beside(found: re.Match[str]) -> str:
        name = found[0][len(found[1]) :].rsplit("/", 1)[-1]
        pictures[found["sha256"]] = name
        return f"{found[1]}images/{name}"

    return compose(fields(article, title), SHOWN.sub(beside, markdown))


def fields(article: Article, title: str) -> dict[str, str]:
    """The front matter, most useful fields first."""
    return {
        "id": article.external_id or "",
        "title": title,
        "category": article.category,
        "audience": article.audience,
        "language": article.language,
        "state": article.state,
        "owner": article.owner.username if article.owner else "",
        "tags": article.tags,
        "product_version": article.product_version,
        "translation_of": (article.translation_of.external_id or "") if article.translation_of else "",
        "review_by": article.review_by.isoformat() if article.review_by else "",
        "expires_at": _iso(article.expires_at),
        "created_at": _iso(article.created_at),
        "updated_at": _iso(article.updated_at),
        "published_at": _iso(article.published_at),
    }


def _iso(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat() if at else ""


def _put_pictures(pictures: dict[str, str], put: Put) -> list[str]:
    """Returns the pictures whose file is missing."""
    rows = {row.sha256: row for row in ArticleImage.objects.filter(sha256__in=pictures)}
    missing = []
    for sha256, name in sorted(pictures.items()):
        try:
            with rows[sha256].file.open("rb") as file:
                put(f"images/{name}", file.read())
        except (KeyError, OSError):
            missing.append(name)
    return missing
