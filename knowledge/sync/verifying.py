"""Do SQL and both indexes agree? `gather` reads the facts, `compare` is pure, `repair` calls the modules that write.

SQL says which passages exist; the full-text table and the vector store must have exactly these. An article that is
just being published counts as a disagreement until the worker has stored it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from knowledge.articles import publishing
from knowledge.index.lexical import INDEX
from knowledge.index.vectors import VectorStore
from knowledge.models import Article, Chunk
from knowledge.sync import storing
from knowledge.text.chunking import chunk


class Kind(StrEnum):
    """What can differ, counted in articles or in passages (chunks)."""

    PASSAGES = "articles whose passages are not those of the published text"
    WORDS_MISSING = "passages without words in the full-text table"
    WORDS_EXTRA = "rows of the full-text table without a passage"
    VECTORS_MISSING = "passages without a vector"
    VECTORS_OUTDATED = "vectors of another text than the passage has"
    VECTORS_EXTRA = "vectors without a passage"
    MARKS = "articles that wait for the index"


@dataclass(frozen=True)
class Facts:
    """`cut`: article id -> content hashes of its published text, split now; none if it is not published.

    `passages`: article id -> content hashes of its rows, in order; "" for a row of a revision that is not published.
    `marks`: article id -> (published, indexed). `chunks` and `vectors`: chunk id -> content hash.
    """

    cut: Mapping[int, tuple[str, ...]]
    passages: Mapping[int, tuple[str, ...]]
    marks: Mapping[int, tuple[int | None, int | None]]
    chunks: Mapping[int, str]
    words: frozenset[int]
    vectors: Mapping[int, str]


@dataclass(frozen=True)
class Report:
    """`found` has only what disagrees: sorted ids of articles or chunks."""

    articles: int
    passages: int
    words: int
    vectors: int
    found: Mapping[Kind, tuple[int, ...]]

    @property
    def agrees(self) -> bool:
        return not self.found

    def as_dict(self, examples: int) -> dict[str, Any]:
        return {
            "agrees": self.agrees,
            "articles": self.articles,
            "passages": self.passages,
            "words": self.words,
            "vectors": self.vectors,
            "disagreements": {
                kind.name.lower(): {"what": kind.value, "count": len(ids), "examples": list(ids[:examples])}
                for kind, ids in self.found.items()
            },
        }


def verify(store: VectorStore) -> Report:
    """Raises IndexUnavailable."""
    facts = gather(store)
    published = sum(1 for revision, _ in facts.marks.values() if revision)
    return Report(published, len(facts.chunks), len(facts.words), len(facts.vectors), compare(facts))


def compare(facts: Facts) -> dict[Kind, tuple[int, ...]]:
    """Pure."""
    articles = facts.cut.keys() | facts.passages.keys()
    chunks, vectors = facts.chunks.keys(), facts.vectors.keys()
    found: dict[Kind, Iterable[int]] = {
        Kind.PASSAGES: (each for each in articles if facts.cut.get(each, ()) != facts.passages.get(each, ())),
        Kind.WORDS_MISSING: chunks - facts.words,
        Kind.WORDS_EXTRA: facts.words - chunks,
        Kind.VECTORS_MISSING: chunks - vectors,
        Kind.VECTORS_OUTDATED: (each for each in chunks & vectors if facts.chunks[each] != facts.vectors[each]),
        Kind.VECTORS_EXTRA: vectors - chunks,
        Kind.MARKS: (each for each, (published, indexed) in facts.marks.items() if published != indexed),
    }
    listed = {kind: tuple(sorted(ids)) for kind, ids in found.items()}
    return {kind: ids for kind, ids in listed.items() if ids}


def gather(store: VectorStore) -> Facts:
    """Splitting all texts takes longest and comes first, so that the rest is read at nearly the same time."""
    store.count()  # without a vector store there is nothing to compare
    cut = dict(_cut())
    marks = {
        article_id: (published, indexed)
        for article_id, published, indexed in Article.objects.values_list("id", "published_id", "indexed_id")
    }
    rows = Chunk.objects.order_by("article_id", "ordinal")
    chunks: dict[int, str] = {}
    passages: dict[int, list[str]] = {}
    for chunk_id, article_id, revision_id, key in rows.values_list("id", "article_id", "revision_id", "content_hash"):
        chunks[chunk_id] = key
        ours = marks.get(article_id, (None, None))[0] == revision_id
        passages.setdefault(article_id, []).append(key if ours else "")
    owned = {article_id: tuple(keys) for article_id, keys in passages.items()}
    return Facts(cut, owned, marks, chunks, frozenset(INDEX.ids()), store.hashes())


def _cut() -> Iterator[tuple[int, tuple[str, ...]]]:
    texts = Article.objects.filter(published__isnull=False).order_by("id")
    fields = texts.values_list("id", "published__title", "published__body_md")
    for article_id, title, body in fields.iterator(chunk_size=500):
        yield article_id, tuple(piece.content_hash(title) for piece in chunk(body, title))


def repair(report: Report) -> None:
    """Split articles again whose chunks are wrong, write missing full-text rows, then let `sync` fix the vectors.

    Raises IndexUnavailable or EmbedderUnavailable.
    """
    INDEX.delete(report.found.get(Kind.WORDS_EXTRA, ()))
    without_words = report.found.get(Kind.WORDS_MISSING, ())
    articles = set(report.found.get(Kind.PASSAGES, ()))
    for start in range(0, len(without_words), storing.BATCH):
        part = Chunk.objects.filter(pk__in=without_words[start : start + storing.BATCH])
        articles |= set(part.values_list("article_id", flat=True))
    for article_id in sorted(articles):
        if (article := Article.objects.filter(pk=article_id).only("id").first()) is not None:
            publishing.rechunk(article)
    storing.repair()
