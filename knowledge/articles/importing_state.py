"""Does an imported file say that it is not for readers? Pure.

Every publishing tool has its own field for that. A page that its authors held back must never become public here.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

NO = frozenset({"false", "no", "n", "off", "0"})
# `draft: true`: held back unless the value clearly says no.
HIDDEN = (
    *("draft", "is_draft", "isdraft", "unlisted", "hidden", "private", "unpublished", "headless", "wip", "archived"),
    *("exclude", "ignored", "eleventyexcludefromcollections"),
)
# `published: false`: held back if the value clearly says no.
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
    """The field that holds the article back, as it is in the file; "" if none does."""
    said = {key.lower(): _word(value) for key, value in values.items() if _word(value)}
    for key, value in said.items():
        if _holds_back(key, value, today):
            return f"{key}: {value[:40]}"
    return ""


def _holds_back(key: str, value: str, today: date) -> bool:
    if key in HIDDEN:
        return value not in NO
    if key in SHOWN:
        return value in NO or value in NOT_YET
    if key in WORDS:
        return value in NOT_YET
    at = _day(value) if key in FROM or key in UNTIL else None
    return at is not None and (at > today if key in FROM else at <= today)


def _word(value: Any) -> str:
    """A value of JSON or front matter in lower case; "" for null, lists and mappings."""
    if isinstance(value, bool | int):
        return str(value).lower()
    return " ".join(value.split()).lower() if isinstance(value, str) else ""


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None
