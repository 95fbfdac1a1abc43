"""From what is typed to the tickets that have it, best first; with near words in place of what no ticket has."""

from collections.abc import Iterable
from dataclasses import dataclass

from tickets.models import TicketQuerySet
from tickets.search import vocabulary
from tickets.search.index import INDEX
from tickets.search.query import Query, Word, parse


@dataclass(frozen=True)
class Found:
    """`query` is what was searched. `replaced`: words that no ticket has, and what was searched instead, as written."""

    ids: list[int]
    query: Query
    replaced: tuple[tuple[str, tuple[str, ...]], ...] = ()


def search_tickets(query: str, limit: int = 100, among: TicketQuerySet | None = None) -> list[int]:
    """Ids of the tickets that have these words, best first. The end of a word may be missing; it has no typos."""
    return _ids(parse(query), limit, among)


def find(text: str, limit: int, among: TicketQuerySet | None = None) -> Found:
    """As `search_tickets`; a word that no ticket has may have a typo."""
    query = parse(text)
    ids = _ids(query, limit, among)
    if ids or not (near := _near(query.words)):
        return Found(ids, query)
    other = query.with_near({word: tuple(term for term, _ in terms) for word, terms in near.items()})
    if not (ids := _ids(other, limit, among)):
        return Found([], query)
    return Found(ids, other, tuple((word, tuple(said for _, said in terms)) for word, terms in near.items()))


def _ids(query: Query, limit: int, among: TicketQuerySet | None) -> list[int]:
    return INDEX.match(query.every, query.without, limit=limit, among=among)


def _near(words: Iterable[Word]) -> dict[str, list[tuple[str, str]]]:
    """For each word that no ticket has, not even as a beginning: near terms, and how they are written."""
    doubtful = [word for word in words if vocabulary.may_have_typo(word.written)]
    if not doubtful:
        return {}
    counts = INDEX.counts([word.choice for word in doubtful], 1)
    missing = [word.written for word, count in zip(doubtful, counts, strict=True) if not count]
    near = {word: [(each.term, each.written) for each in vocabulary.near(word, INDEX)] for word in missing}
    return {word: terms for word, terms in near.items() if terms}
