"""What became of the drafts that rest on an article. Knowledge knows no drafts: whoever does registers a provider."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

DAYS = 90  # the period shown where nobody chose another


@dataclass(frozen=True)
class Usage:
    """Drafts, each counted once. `retrieved`: the article stood before the model; `cited`: the draft used it.

    The judgements are those of the drafts that cited it: nobody rejects an article for words it did not give.
    """

    retrieved: int = 0
    cited: int = 0
    accepted: int = 0
    edited: int = 0
    rejected: int = 0
    ignored: int = 0

    @property
    def judged(self) -> int:
        return self.accepted + self.edited + self.rejected + self.ignored


Provider = Callable[[Collection[int] | None, datetime], dict[int, Usage]]
_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Called once, when the app that knows drafts is ready; the last one registered answers."""
    if provider not in _providers:
        _providers.append(provider)


def usage(article_ids: Collection[int] | None, since: datetime) -> dict[int, Usage]:
    """By article id, a row for every id asked for; None asks for every article that was used at all."""
    found = _providers[-1](article_ids, since) if _providers else {}
    return {each: found.get(each, Usage()) for each in article_ids} if article_ids is not None else found


def period(now: datetime, days: int = DAYS) -> datetime:
    return now - timedelta(days=days)
