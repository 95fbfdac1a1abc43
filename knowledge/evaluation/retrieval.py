"""Measures how well questions find their documents, on a temporary index.

Chunker, embedder, word search and fusion are those of the real search. Two things differ: vectors are compared in
memory instead of by Chroma over HTTP, which saves about 2 ms, and there is no minimum score, since every question has
an answer.
"""

import json
import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.db import connection

from config.words.fulltext import FullTextIndex
from knowledge.index import lexical
from knowledge.index.embeddings import Embedder
from knowledge.index.vector_cache import embed_cached
from knowledge.search.fusion import DEPTH, Ranked, add_vote, fuse
from knowledge.search.questions import Asked, read
from knowledge.search.rerank import CANDIDATES, Reranker, shortened
from knowledge.text.chunking import chunk, passage_text

WORDS = FullTextIndex("evaluation_fulltext", lexical.INDEX.columns, lexical.INDEX.weights)
Progress = Callable[[str], None]


class BadFile(Exception):
    """The message has file and line."""


@dataclass(frozen=True)
class Document:
    id: str
    title: str
    body: str


@dataclass(frozen=True)
class Question:
    id: str
    query: str
    gold: frozenset[str]
    history: tuple[str, ...] = ()  # newest first


@dataclass(frozen=True)
class Corpus:
    """The chunks of all documents. `owners[i]` is the id of the document of chunk i."""

    owners: list[str]
    rows: list[tuple[str, str, str]]  # title, headings, text

    def texts(self) -> list[str]:
        return [passage_text(*row) for row in self.rows]


def read_documents(paths: Sequence[Path]) -> list[Document]:
    documents: dict[str, Document] = {}
    for path in paths:
        for number, values in read_jsonl(path):
            body = next((values[key] for key in ("text", "body_md", "body") if isinstance(values.get(key), str)), None)
            if "id" not in values or body is None:
                raise BadFile(f"{path}:{number}: needs id and text, or id, title and body or body_md")
            document = Document(str(values["id"]), str(values.get("title") or ""), body)
            documents[document.id] = document
    return list(documents.values())


def read_questions(path: Path, with_history: bool = True) -> list[Question]:
    found = []
    for number, values in read_jsonl(path):
        gold = values.get("gold")
        if not isinstance(values.get("query"), str) or not isinstance(gold, list) or not gold:
            raise BadFile(f"{path}:{number}: needs query and gold, a list of document ids")
        history = _history(values.get("history")) if with_history else ()
        found.append(Question(str(values.get("id", number)), values["query"], frozenset(map(str, gold)), history))
    return found


def _history(turns: Any) -> tuple[str, ...]:
    """Turns are texts or {"text": …}, oldest first in the file."""
    if not isinstance(turns, list):
        return ()
    texts = [turn.get("text") if isinstance(turn, dict) else turn for turn in turns]
    return tuple(text for text in reversed(texts) if isinstance(text, str))


def read_jsonl(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """`(line number, object)`. Raises BadFile."""
    try:
        with path.open("rb") as lines:
            for number, raw in enumerate(lines, 1):
                if not raw.strip():
                    continue
                try:
                    values = json.loads(raw.decode("utf-8-sig"))
                except ValueError as error:
                    raise BadFile(f"{path}:{number}: not JSON: {error}") from error
                if not isinstance(values, dict):
                    raise BadFile(f"{path}:{number}: not a JSON object")
                yield number, values
    except OSError as error:
        raise BadFile(f"{path}:0: {error.strerror or error}") from error


def evaluate(
    documents: list[Document],
    questions: list[Question],
    embedder: Embedder,
    *,
    mode: str = "hybrid",
    k: int = 10,
    reranker: Reranker | None = None,
    progress: Progress = lambda line: None,
) -> dict[str, Any]:
    """The figures that `manage.py evaluate_retrieval` prints. The reranker votes in hybrid mode only."""
    reranker = reranker if mode == "hybrid" else None
    started = time.monotonic()
    corpus = chunked(documents, progress)
    vectors = None if mode == "lexical" else _embed(corpus, embedder, progress)
    with _words(corpus, progress, wanted=mode != "dense"):
        index_seconds = time.monotonic() - started
        if vectors is not None:
            embedder.embed_query("warm up")  # loading the model does not count
        if reranker is not None:
            reranker.scores("warm up", ["warm up"])
        rankings, times = [], []
        for question in questions:
            before = time.perf_counter()
            asked = read(question.query, question.history)
            ranked = _rank(asked.whole.text, mode, embedder, vectors)
            ranked = _reranked(asked, ranked, corpus, reranker)
            rankings.append(best_documents(ranked, corpus.owners, max(k, 10)))
            times.append((time.perf_counter() - before) * 1000)
    figures = score(rankings, [question.gold for question in questions], k)
    return {
        "queries": len(questions),
        **figures,
        "p50_ms": round(float(np.percentile(times, 50)), 1) if times else None,
        "p95_ms": round(float(np.percentile(times, 95)), 1) if times else None,
        "index_seconds": round(index_seconds, 1),
        "mode": mode,
        "documents": len(documents),
        "chunks": len(corpus.owners),
        "dense": "exact, in memory",
        "rerank": reranker.name if reranker else None,
        "history": any(question.history for question in questions),
        "embedder": None if mode == "lexical" else embedder.name,
    }


def chunked(documents: Iterable[Document], progress: Progress = lambda line: None) -> Corpus:
    owners, rows = [], []
    for number, document in enumerate(documents, 1):
        for piece in chunk(document.body, document.title):
            owners.append(document.id)
            rows.append((document.title, piece.heading_path, piece.text))
        if number % 5000 == 0:
            progress(f"{number} documents cut")
    return Corpus(owners, rows)


def best_documents(ranked: Sequence[Ranked], owners: Sequence[str], limit: int) -> list[str]:
    """Documents in the order of their best chunk."""
    return list(dict.fromkeys(owners[each.id] for each in ranked))[:limit]


def score(rankings: Sequence[Sequence[str]], golds: Sequence[frozenset[str]], k: int = 10) -> dict[str, float]:
    """hit@n, mrr@n and ndcg@n, means over all questions, 0 to 1. Pure.

    hit@n: whether a gold document is among the first n. mrr@n: 1 / rank of the first gold document. ndcg@n: normalized
    discounted cumulative gain with gain 1 (Järvelin, Kekäläinen 2002).
    """
    total = max(1, len(rankings))
    figures: dict[str, float] = {}
    for depth in sorted({1, 5, 10, k}):
        hits = sum(bool(gold & set(ranking[:depth])) for ranking, gold in zip(rankings, golds, strict=True))
        figures[f"hit@{depth}"] = round(hits / total, 4)
    for depth in sorted({10, k}):
        figures[f"mrr@{depth}"] = round(sum(map(_reciprocal, rankings, golds, [depth] * total)) / total, 4)
        figures[f"ndcg@{depth}"] = round(sum(map(_ndcg, rankings, golds, [depth] * total)) / total, 4)
    return figures


def _reciprocal(ranking: Sequence[str], gold: frozenset[str], depth: int) -> float:
    return next((1 / rank for rank, each in enumerate(ranking[:depth], 1) if each in gold), 0.0)


def _ndcg(ranking: Sequence[str], gold: frozenset[str], depth: int) -> float:
    gained = sum(1 / math.log2(rank + 1) for rank, each in enumerate(ranking[:depth], 1) if each in gold)
    return gained / sum(1 / math.log2(rank + 1) for rank in range(1, min(len(gold), depth) + 1))


def _rank(asked: str, mode: str, embedder: Embedder, vectors: np.ndarray | None) -> list[Ranked]:
    words = [] if mode == "dense" else lexical.find(asked, DEPTH, WORDS)
    if vectors is None:
        return fuse([], words)
    return fuse(_nearest(vectors, embedder.embed_query(asked), DEPTH), words)


def _reranked(asked: Asked, ranked: list[Ranked], corpus: Corpus, reranker: Reranker | None) -> list[Ranked]:
    if reranker is None or not ranked:
        return ranked
    first = [each.id for each in ranked[:CANDIDATES]]
    logits = reranker.scores(asked.whole.brief, [shortened(*corpus.rows[id_]) for id_ in first])
    return add_vote(ranked, dict(zip(first, map(float, logits), strict=False)), asked.in_conversation)


def _nearest(vectors: np.ndarray, query: np.ndarray, limit: int) -> list[tuple[int, float]]:
    similarities = vectors @ query
    count = min(limit, len(similarities))
    top = np.argpartition(-similarities, count - 1)[:count] if count else np.array([], dtype=int)
    return [(int(i), float(similarities[i])) for i in sorted(top, key=lambda i: (-similarities[i], i))]


def _embed(corpus: Corpus, embedder: Embedder, progress: Progress) -> np.ndarray:
    folder = Path(settings.VAR_DIR) / "cache"
    return embed_cached(corpus.texts(), embedder, folder, lambda done, total: progress(f"{done} of {total} embedded"))


@contextmanager
def _words(corpus: Corpus, progress: Progress, wanted: bool) -> Iterator[None]:
    """A temporary full-text table, visible to this connection only."""
    if not wanted:
        yield
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"CREATE TEMP TABLE {WORDS.table} (rowid bigint PRIMARY KEY, document tsvector NOT NULL)")
            cursor.execute(f"CREATE INDEX {WORDS.table}_document ON {WORDS.table} USING gin (document)")
        else:
            cursor.execute(
                f"CREATE VIRTUAL TABLE temp.{WORDS.table} USING fts5({', '.join(WORDS.columns)}, "
                "tokenize = 'porter unicode61 remove_diacritics 2')"
            )
    try:
        for start in range(0, len(corpus.rows), 2000):
            part = corpus.rows[start : start + 2000]
            WORDS.put_many([(start + i, *row) for i, row in enumerate(part)])
        progress(f"{len(corpus.rows)} chunks in the word index")
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE {WORDS.table}")
