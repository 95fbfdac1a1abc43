"""Does a file say of itself that it is not for readers? Pure.

Every publishing tool has its own word for it; a page that its authors kept back must never become public here.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

NO = frozenset({"false", "no", "n", "off", "0"})
# `draft: true`: kept back unless the value plainly says no.
KEPT_BACK = (
    *("draft", "is_draft", "isdraft", "unlisted", "hidden", "private", "unpublished", "headless", "wip", "archived"),
    *("exclude", "ignored", "eleventyexcludefromcollections"),
)
# `published: false`: kept back where the value plainly says no.
SHOWN = ("published", "publish", "public", "visible", "listed", "permalink", "is_published", "ispublished")
# `status: draft`
WORDS = ("status", "visibility", "publication_status", "publish_status", "workflow_state")
NOT_YET = frozenset(
    {
        *("draft", "hidden", "private", "unlisted", "unpublished", "pending", "review", "in review", "in_review"),
        *("in-review", "wip", "archived", "trash", "deleted", "obsolete", "deprecated", "scheduled", "future"),
        *("not published", "not_published", "work in progress", "internal draft", "inactive", "disabled"),
    }
)
FROM = ("publishdate", "publish_date", "publish-date", "publish_at", "date")
UNTIL = ("unpublishdate", "unpublish_date", "unpublish-date", "expirydate", "expiry_date", "expiry-date")


def reason(values: Mapping[str, Any], today: date) -> str:
    """The field that keeps the article back, as it stands in the file; "" where none does."""
    said = {key.lower(): _word(value) for key, value in values.items() if _word(value)}
    for key, value in said.items():
        if _keeps_back(key, value, today):
            return f"{key}: {value[:40]}"
    return ""


def _keeps_back(key: str, value: str, today: date) -> bool:
    if key in KEPT_BACK:
        return value not in NO
    if key in SHOWN:
        return value in NO or value in NOT_YET
    if key in WORDS:
        return value in NOT_YET
    at = _day(value) if key in FROM or key in UNTIL else None
    return at is not None and (at > today if key in FROM else at <= today)


def _word(value: Any) -> str:
    """A value of JSON or front matter as one word in small letters; "" for nothing, lists and mappings."""
    if isinstance(value, bool | int):
        return str(value).lower()
    return " ".join(value.split()).lower() if isinstance(value, str) else ""


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None
