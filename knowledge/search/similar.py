"""Published articles like the one being written, so that an author can improve one instead of writing a second."""

from knowledge.search.retrieval import Passage, SearchResult, search
from knowledge.text.markup import readable

BEGINNING = 600  # characters of the text that are searched, after the title
SHOWN = 3
CLOSER = 0.12  # above the minimum score: articles of one company are all somewhat alike


def similar(title: str, body_md: str, article_id: int | None = None) -> list[Passage]:
    """Other published articles, closest first, each with its best passage."""
    query = f"{title}\n{readable(body_md)[:BEGINNING]}".strip()
    if len(query.split()) < 3:
        return []
    return closest(search(query, limit=8), article_id)


def closest(found: SearchResult, article_id: int | None) -> list[Passage]:
    """The best passage of each other article that is close enough, at most SHOWN. Pure."""
    best: dict[int, Passage] = {}
    for passage in found.passages:
        if passage.article_id != article_id:
            best.setdefault(passage.article_id, passage)
    ranked = sorted(best.values(), key=lambda each: -each.score)
    return [each for each in ranked if each.score >= found.min_score + CLOSER][:SHOWN]
