"""Articles from files: a folder of Markdown with front matter, or JSONL. Reading is pure; `import_articles` writes."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.db import DatabaseError, transaction
from django.utils import timezone

from knowledge import publishing
from knowledge.models import Article

FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\r?\n(?P<head>.*?)\r?\n---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
STATES = set(Article.State.values)
AUDIENCES = set(Article.Audience.values)


class Unreadable(Exception):
    """The path as a whole cannot be imported; the message names file and line."""


class BadRow(Exception):
    def __init__(self, message: str) -> None:
        super().__init__(message)


@dataclass(frozen=True)
class Place:
    file: str
    line: int

    def error(self, message: str) -> dict[str, Any]:
        return {"file": self.file, "line": self.line, "error": message}


@dataclass(frozen=True)
class Row:
    """One article as the file has it."""

    external_id: str
    title: str
    body_md: str
    category: str = ""
    audience: str = Article.Audience.PUBLIC
    language: str = "en"
    state: str = ""
    owner: str = ""
    tags: str = ""
    product_version: str = ""
    translation_of: str = ""
    review_in_days: int | None = None
    updated_days_ago: int | None = None


@dataclass
class ImportReport:
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    errors: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[dict[str, Any]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return vars(self)


def read(path: Path) -> Iterator[tuple[Place, Row | BadRow]]:
    """Every article of the path, or why it is none. Raises Unreadable for the path as a whole."""
    try:
        if path.is_dir():
            files = sorted(each for each in path.rglob("*.md") if each.is_file())
            if not files:
                raise Unreadable(f"{path}:0: no .md files in this folder")
            yield from (_markdown(file) for file in files)
        else:
            with path.open("rb") as lines:
                yield from _jsonl(str(path), lines)
    except OSError as error:
        raise Unreadable(f"{path}:0: {error.strerror or error}") from error


def _markdown(file: Path) -> tuple[Place, Row | BadRow]:
    place = Place(str(file), 1)
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return place, BadRow(f"cannot be read: {getattr(error, 'strerror', None) or 'not UTF-8'}")
    found = FRONT_MATTER.match(text)
    try:
        values = dict(_front_matter(found["head"])) if found else {}
        values.setdefault("id", file.stem)
        return place, row({**values, "body_md": text[found.end() :] if found else text})
    except BadRow as error:
        return place, error


def _front_matter(head: str) -> Iterator[tuple[str, str]]:
    """`key: value` lines; that is all our files use, so no YAML (nor its surprises) is needed."""
    for number, line in enumerate(head.splitlines(), 2):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        key, colon, value = line.partition(":")
        if not colon or not re.fullmatch(r"[\w-]+", key.strip()):
            raise BadRow(f"front matter, line {number}: expected `key: value`")
        yield key.strip(), value.strip().strip("\"'")


def _jsonl(name: str, lines: Any) -> Iterator[tuple[Place, Row | BadRow]]:
    for number, raw in enumerate(lines, 1):
        if not raw.strip():
            continue
        try:
            values = json.loads(raw.decode("utf-8-sig"))
            if not isinstance(values, dict):
                raise BadRow("not a JSON object")
            yield Place(name, number), row(values)
        except BadRow as error:
            yield Place(name, number), error
        except (ValueError, RecursionError) as error:
            yield Place(name, number), BadRow(f"not JSON: {error}")


def row(values: dict[str, Any]) -> Row:
    """A checked article; raises BadRow with what is wrong."""
    read = Row(
        external_id=_text(values, "id", 200, required=True),
        title=_text(values, "title", 200, required=True),
        body_md=_text(values, "body_md", 500_000, required=True, alternative="body"),
        category=_text(values, "category", 40),
        audience=_text(values, "audience", 10) or Article.Audience.PUBLIC,
        language=(_text(values, "language", 8, alternative="lang") or "en").lower(),
        state=_text(values, "state", 10),
        owner=_text(values, "owner", 150),
        tags=_text(values, "tags", 200),
        product_version=_text(values, "product_version", 40),
        translation_of=_text(values, "translation_of", 200),
        review_in_days=_days(values, "review_in_days", least=-36500),  # a past day: stale
        updated_days_ago=_days(values, "updated_days_ago"),
    )
    if read.audience not in AUDIENCES:
        raise BadRow(f"audience must be one of {', '.join(sorted(AUDIENCES))}")
    if read.state and read.state not in STATES:
        raise BadRow(f"state must be one of {', '.join(sorted(STATES))}")
    return read


def _text(values: dict[str, Any], key: str, limit: int, required: bool = False, alternative: str = "") -> str:
    value = values.get(key)
    if value is None and alternative:
        value = values.get(alternative)
    if isinstance(value, list) and key == "tags":
        value = ", ".join(str(each) for each in value)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if value is not None and not isinstance(value, str):
        raise BadRow(f"{key} must be text")
    text = (value or "").replace("\x00", "").strip()
    if required and not text:
        raise BadRow(f"{key} is missing")
    if len(text) > limit:
        raise BadRow(f"{key} is longer than {limit} characters")
    return text


def _days(values: dict[str, Any], key: str, least: int = 0) -> int | None:
    value = values.get(key)
    if value in (None, ""):
        return None
    try:
        days = int(value)
    except (TypeError, ValueError) as error:
        raise BadRow(f"{key} must be a whole number of days") from error
    if not least <= days <= 36500:
        raise BadRow(f"{key} must be between {least} and 36500")
    return days


# --- Writing ---------------------------------------------------------------------------


def import_articles(path: Path, *, approve: bool = False, dry_run: bool = False) -> ImportReport:
    """Create or update by external id. Nothing is published without `approve`; a file's own state may hold it back."""
    report = ImportReport()
    places: dict[str, Place] = {}
    translations: list[Row] = []
    for place, item in read(path):
        if isinstance(item, Row) and item.external_id in places:
            item = BadRow(f"id {item.external_id} occurs twice, first in {places[item.external_id].file}")
        if isinstance(item, BadRow):
            report.errors.append(place.error(str(item)))
            continue
        places[item.external_id] = place
        try:
            _import_one(item, place, report, approve, dry_run)
        except (DatabaseError, publishing.NothingToPublish) as error:
            report.errors.append(place.error(str(error)))
            continue
        if item.translation_of:
            translations.append(item)
    if report.errors and not places and path.is_file():
        first = report.errors[0]
        raise Unreadable(f"{first['file']}:{first['line']}: {first['error']}")
    if not dry_run:
        for item in translations:
            _link_translation(item, places[item.external_id], report)
    return report


def _import_one(item: Row, place: Place, report: ImportReport, approve: bool, dry_run: bool) -> None:
    article = Article.objects.filter(external_id=item.external_id).select_related("published").first()
    state = target_state(item, article, approve)
    if article and _same(article, item, state):
        report.unchanged += 1
        return
    report.created += article is None
    report.updated += article is not None
    if dry_run:
        return
    owner = get_user_model().objects.filter(username=item.owner).first() if item.owner else None
    if item.owner and owner is None:
        report.warnings.append(place.error(f"no user {item.owner}; the article has no owner"))
    with transaction.atomic():
        _write(article or Article(external_id=item.external_id), item, owner, state)


def target_state(item: Row, article: Article | None, approve: bool) -> str:
    """What the article should be after the import. Pure."""
    if item.state in {Article.State.DRAFT, Article.State.ARCHIVED}:
        return item.state
    if approve:
        return Article.State.APPROVED
    return article.state if article else Article.State.DRAFT


def _same(article: Article, item: Row, state: str) -> bool:
    fields = ("title", "body_md", "category", "audience", "language", "tags", "product_version")
    if article.state != state or any(getattr(article, name) != getattr(item, name) for name in fields):
        return False
    if state != Article.State.APPROVED or article.published is None:
        return True
    return article.published.content_hash == publishing.content_hash(item.title, item.body_md)


def _write(article: Article, item: Row, owner: Any, state: str) -> None:
    for name in ("title", "body_md", "category", "audience", "language", "tags", "product_version"):
        setattr(article, name, getattr(item, name))
    article.owner = owner or article.owner
    if item.review_in_days is not None:
        article.review_by = timezone.localdate() + timedelta(days=item.review_in_days)
    was = article.state
    revision = publishing.save_revision(article, author=owner, note="imported")
    if state == Article.State.APPROVED:
        # Text that was approved before stays approved only when the import may approve; see target_state.
        if was != state or article.published_id != revision.pk:
            publishing.approve(article, revision=revision, by=owner, sync=False)
    elif state == Article.State.ARCHIVED:
        publishing.archive(article)
    if item.updated_days_ago is not None:
        then = timezone.now() - timedelta(days=item.updated_days_ago)
        Article.objects.filter(pk=article.pk).update(updated_at=then)
        Article.objects.filter(pk=article.pk, published_at__isnull=False).update(published_at=then)
        article.revisions.filter(pk=revision.pk).update(created_at=then)


def _link_translation(item: Row, place: Place, report: ImportReport) -> None:
    original = Article.objects.filter(external_id=item.translation_of).first()
    if original is None:
        report.warnings.append(place.error(f"translation of {item.translation_of}, which is not here"))
        return
    Article.objects.filter(external_id=item.external_id).update(translation_of=original)
