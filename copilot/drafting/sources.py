"""The citations of a draft by article, as the list of its sources shows them. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from copilot.models import Citation
from knowledge.models import Article


@dataclass(frozen=True)
class Source:
    """One article: the units that the draft cites, those that it does not, and those that were sent before."""

    title: str
    article: Article | None
    internal: bool
    withdrawn: bool
    cited: list[Citation] = field(default_factory=list)
    other: list[Citation] = field(default_factory=list)
    sent: list[Citation] = field(default_factory=list)


def by_article(citations: Iterable[Citation], withdrawn: Sequence[int]) -> list[Source]:
    """In the order of their first citation; cited articles come first."""
    found: dict[int | str, list[Citation]] = {}
    for citation in citations:
        found.setdefault(citation.article_id or citation.title, []).append(citation)
    sources = [_source(units, withdrawn) for units in found.values()]
    return sorted(sources, key=lambda source: not source.cited)


def _source(units: list[Citation], withdrawn: Sequence[int]) -> Source:
    first = units[0]
    return Source(
        title=first.title,
        article=first.article,
        internal=first.internal,
        withdrawn=any(unit.number in withdrawn for unit in units),
        cited=[unit for unit in units if unit.cited],
        other=[unit for unit in units if not unit.cited and not unit.sent_at],
        sent=[unit for unit in units if unit.sent_at],
    )
