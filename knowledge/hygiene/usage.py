"""What became of the drafts that used an article. The app that knows drafts registers a provider."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

DAYS = 90  # the default period


@dataclass(frozen=True)
class Usage:
    """Counts drafts, each once. `retrieved`: the model read the article; `cited`: the draft cited it.

    The other counts are of drafts that cited it: a rejected draft says nothing about an article that it did not use.
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
    """Called by the app that knows drafts when it is ready. The last provider is used."""
    if provider not in _providers:
        _providers.append(provider)


def usage(article_ids: Collection[int] | None, since: datetime) -> dict[int, Usage]:
    """By article id, for all given ids, or for every article that was used if None."""
    found = _providers[-1](article_ids, since) if _providers else {}
    return {each: found.get(each, Usage()) for each in article_ids} if article_ids is not None else found


def period(now: datetime, days: int = DAYS) -> datetime:
    return now - timedelta(days=days)
