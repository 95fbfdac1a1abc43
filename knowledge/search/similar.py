"""Published articles that say much the same as a text being written: improve one instead of writing another."""

from knowledge.search.retrieval import Passage, SearchResult, search
from knowledge.text.markup import readable

BEGINNING = 600  # characters of the text that, with the title, stand for it
SHOWN = 3
CLOSER = 0.12  # than a passage must be to answer a question: another subject of the same business is not news


def similar(title: str, body_md: str, article_id: int | None = None) -> list[Passage]:
    """The closest published articles, best first, each by its best passage; not the article itself."""
    query = f"{title}\n{readable(body_md)[:BEGINNING]}".strip()
    if len(query.split()) < 3:
        return []
    return closest(search(query, limit=8), article_id)


def closest(found: SearchResult, article_id: int | None) -> list[Passage]:
    """One passage for each other article that is close enough, as many as are shown. Pure."""
    best: dict[int, Passage] = {}
    for passage in found.passages:
        if passage.article_id != article_id:
            best.setdefault(passage.article_id, passage)
    ranked = sorted(best.values(), key=lambda each: -each.score)
    return [each for each in ranked if each.score >= found.min_score + CLOSER][:SHOWN]
