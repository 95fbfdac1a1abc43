"""Reads and checks articles from a folder of Markdown with front matter, or from JSONL. Writes nothing."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from knowledge.articles import importing_state
from knowledge.articles.article_files import body
from knowledge.models import Article
from knowledge.text.front_matter import BadFrontMatter, parse
from knowledge.text.headings import split_id
from knowledge.text.markup import presentable, readable
from knowledge.text.parsing import blocks

ENDINGS = {".md", ".mdx", ".markdown"}
LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
STATES = set(Article.State.values)
AUDIENCES = set(Article.Audience.values)


class Unreadable(Exception):
    """Nothing at the path can be imported. The message names file and line."""


class BadRow(Exception):
    def __init__(self, message: str) -> None:
        super().__init__(message)


@dataclass(frozen=True)
class Place:
    file: str
    line: int
    root: Path | None = None  # the imported folder, which has the pictures too

    def error(self, message: str) -> dict[str, Any]:
        return {"file": self.file, "line": self.line, "error": message}


@dataclass(frozen=True)
class Row:
    """One article as it is in the file."""

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
    review_by: date | None = None
    expires_at: datetime | None = None
    review_in_days: int | None = None
    updated_days_ago: int | None = None
    # created_at, updated_at, published_at on the desk that exported it.
    times: dict[str, datetime] = field(default_factory=dict)
    path: str = ""  # of its file, relative to the import: links in other files use it
    held_back: str = ""  # the field that says so, e.g. "draft: true": imported as a draft, never published


def read(path: Path) -> Iterator[tuple[Place, Row | BadRow]]:
    """Every article at the path, or why one cannot be read. Raises Unreadable if none can."""
    try:
        if path.is_dir():
            files = sorted(each for each in path.rglob("*") if each.suffix.lower() in ENDINGS and each.is_file())
            if not files:
                raise Unreadable(f"{path}:0: " + _("This folder has no .md files."))
            yield from (_markdown(file, path) for file in files)
        else:
            with path.open("rb") as lines:
                yield from _jsonl(str(path), lines)
    except OSError as error:
        raise Unreadable(f"{path}:0: {error.strerror or error}") from error


def _markdown(file: Path, root: Path) -> tuple[Place, Row | BadRow]:
    place = Place(str(file), 1, root)
    try:
        with file.open(encoding="utf-8", newline="") as opened:  # line ends stay as they are
            text = opened.read()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or _("not UTF-8")
        return place, BadRow(_("The file cannot be read: %(reason)s") % {"reason": reason})
    try:
        values, markdown = parse(text)
        values.setdefault("id", file.stem)
        return place, row({**values, "body_md": markdown, "path": file.relative_to(root).as_posix()})
    except BadFrontMatter as error:
        return replace(place, line=error.line), BadRow(str(error))
    except BadRow as error:
        return place, error


def _jsonl(name: str, lines: Any) -> Iterator[tuple[Place, Row | BadRow]]:
    for number, raw in enumerate(lines, 1):
        if not raw.strip():
            continue
        try:
            values = json.loads(raw.decode("utf-8-sig"))
            if not isinstance(values, dict):
                raise BadRow(_("This is not a JSON object."))
            yield Place(name, number), row(values)
        except BadRow as error:
            yield Place(name, number), error
        except (ValueError, RecursionError) as error:
            yield Place(name, number), BadRow(_("This is not JSON: %(problem)s") % {"problem": error})


def row(values: dict[str, Any]) -> Row:
    """The article, checked. Raises BadRow with the problem."""
    title, markdown = _title_and_text(values)
    held_back = importing_state.reason(values, timezone.localdate())
    read = Row(
        external_id=_text(values, "id", 200, required=True),
        title=title,
        body_md=body(markdown),
        category=_text(values, "category", 40, exact=True, alternative="categories"),
        audience=_text(values, "audience", 10) or Article.Audience.PUBLIC,
        language=(_text(values, "language", 8, alternative="lang") or "en").lower(),
        state=_state(values, held_back),
        owner=_text(values, "owner", 150),
        tags=_text(values, "tags", 200, exact=True),
        product_version=_text(values, "product_version", 40, exact=True),
        translation_of=_text(values, "translation_of", 200),
        review_by=_date(values, "review_by"),
        expires_at=_time(values, "expires_at"),
        review_in_days=_days(values, "review_in_days", least=-36500),  # a day in the past: overdue
        updated_days_ago=_days(values, "updated_days_ago"),
        times={key: at for key in ("created_at", "updated_at", "published_at") if (at := _time(values, key))},
        path=_path(values),
        held_back=held_back,
    )
    if read.audience not in AUDIENCES:
        raise _not_one_of("audience", AUDIENCES)
    if read.state and read.state not in STATES:
        raise _not_one_of("state", STATES)
    return read


def _not_one_of(key: str, values: set[str]) -> BadRow:
    return BadRow(_("%(field)s must be one of: %(values)s") % {"field": key, "values": ", ".join(sorted(values))})


def _title_and_text(values: dict[str, Any]) -> tuple[str, str]:
    """The title from its field, else from the first heading, which is then removed from the text."""
    markdown = _text(values, "body_md", 500_000, required=True, alternative="body", exact=True)
    if (title := _text(values, "title", 200, exact=True)).strip():
        return title, markdown
    title, rest = _split_title(markdown)
    if not title:
        raise BadRow(_("The title is missing. Add `title: …` above the text, or start the text with a heading."))
    if len(title) > 200:
        raise BadRow(_("The title is missing, and the first heading is too long for a title."))
    return title, rest if rest.strip() else markdown


def _split_title(markdown: str) -> tuple[str, str]:
    """The text of the first heading, and the Markdown without it if it is a top-level heading."""
    for place, token in enumerate(parsed := blocks(presentable(markdown))):
        if token.type == "heading_open":
            heading, _ = split_id(parsed[place + 1].content)
            title = " ".join(readable(heading).replace("`", "").split())
            return title, _without_first_heading(markdown) if token.tag == "h1" else markdown
    return "", markdown


def _without_first_heading(markdown: str) -> str:
    first = next(iter(blocks(markdown)), None)
    if first is None or first.type != "heading_open" or first.map is None:
        return markdown
    lines = LINE.findall(markdown)
    return "".join(lines[first.map[1] :])


def _state(values: dict[str, Any], held_back: str) -> str:
    state = _text(values, "state", 10)
    return Article.State.DRAFT if held_back and state != Article.State.ARCHIVED else state


def _text(
    values: dict[str, Any], key: str, limit: int, required: bool = False, alternative: str = "", exact: bool = False
) -> str:
    """`exact` keeps spaces around the value: they were quoted in the file, so they are intended."""
    value = values.get(key)
    if value is None and alternative:
        value = values.get(alternative)
    if isinstance(value, list) and key in {"tags", "category"}:
        value = _joined(key, value)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if value is not None and not isinstance(value, str):
        raise BadRow(_("%(field)s must be text.") % {"field": key})
    text = (value or "").replace("\x00", "")
    if required and not text.strip():
        raise BadRow(_("%(field)s is missing.") % {"field": key})
    text = text if exact else text.strip()
    if len(text) > limit:
        raise BadRow(_("%(field)s is longer than %(limit)d characters.") % {"field": key, "limit": limit})
    return text


def _path(values: dict[str, Any]) -> str:
    path = values.get("path")
    return path[:1000] if isinstance(path, str) else ""


def _joined(key: str, listed: list[Any]) -> str:
    """All tags; of several categories only the first."""
    if any(isinstance(each, list | dict) for each in listed):
        raise BadRow(_("%(field)s must be a list of words.") % {"field": key})
    words = [str(each).strip() for each in listed if each is not None and str(each).strip()]
    return ", ".join(words if key == "tags" else words[:1])


def _days(values: dict[str, Any], key: str, least: int = 0) -> int | None:
    value = values.get(key)
    if value in (None, ""):
        return None
    try:
        days = int(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise BadRow(_("%(field)s must be a whole number of days.") % {"field": key}) from error
    if not least <= days <= 36500:
        raise BadRow(
            _("%(field)s must be between %(least)d and %(most)d.") % {"field": key, "least": least, "most": 36500}
        )
    return days


def _date(values: dict[str, Any], key: str) -> date | None:
    text = _text(values, key, 40)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise BadRow(
            _("%(field)s must be a date such as %(example)s.") % {"field": key, "example": "2026-03-31"}
        ) from error


def _time(values: dict[str, Any], key: str) -> datetime | None:
    text = _text(values, key, 40)
    try:
        found = datetime.fromisoformat(text) if text else None
        # A time without an offset is UTC.
        return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC) if found else None
    except (ValueError, OverflowError) as error:
        example = "2026-03-31T09:00:00+00:00"
        raise BadRow(_("%(field)s must be a time such as %(example)s.") % {"field": key, "example": example}) from error
