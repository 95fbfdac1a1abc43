"""The evaluation: figures worked out by hand, files checked, nothing left behind."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from knowledge.evaluation.retrieval import score
from knowledge.index.embeddings import FakeEmbedder
from knowledge.index.vector_cache import embed_cached

DOCUMENTS = [
    {"id": "1", "text": "A refund reaches the card in ten days."},
    {"id": "2", "title": "Export", "body": "Download bookings as rows."},
    {"id": 3, "title": "Seats", "body_md": "Add a seat for a team member."},
]
QUESTIONS = [
    {"id": "a", "query": "when does my refund reach the card", "gold": ["1"]},
    {"id": "b", "query": "download bookings", "gold": ["2"]},
    {"id": "c", "query": "and that?", "gold": [3], "history": [{"text": "I need a seat for a member"}]},
]


def files(folder: Path) -> tuple[Path, Path]:
    corpus, queries = folder / "c.jsonl", folder / "q.jsonl"
    corpus.write_text("\n".join(map(json.dumps, DOCUMENTS)))
    queries.write_text("\n".join(map(json.dumps, QUESTIONS)))
    return corpus, queries


@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
def test_the_command_prints_the_contract(db: None, tmp_path: Path, settings: Any, mode: str) -> None:
    settings.EMBEDDING_MODEL, settings.VAR_DIR = "fake", tmp_path
    corpus, queries = files(tmp_path)
    out = StringIO()
    call_command(
        "evaluate_retrieval", corpus=[corpus], queries=queries, mode=mode, no_rerank=True, json=True, stdout=out
    )
    figures = json.loads(out.getvalue())
    keys = {"queries", "hit@1", "hit@5", "hit@10", "mrr@10", "ndcg@10", "p50_ms", "p95_ms", "index_seconds", "mode"}
    assert keys <= figures.keys()
    assert (figures["queries"], figures["mode"], figures["hit@1"]) == (3, mode, 1.0)
    with pytest.raises(Exception, match="evaluation_fulltext"), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM evaluation_fulltext")


def test_figures_by_hand() -> None:
    figures = score([["x", "g"], ["a", "b"]], [frozenset("g"), frozenset("z")], k=2)
    assert (figures["hit@1"], figures["hit@2"], figures["hit@10"], figures["mrr@10"]) == (0, 0.5, 0.5, 0.25)
    assert figures["ndcg@10"] == pytest.approx(0.6309 / 2, abs=1e-3)


@pytest.mark.parametrize("bad", ["{", '{"id": 1}', "[]"])
def test_a_bad_corpus_is_one_line_and_exit_2(db: None, tmp_path: Path, bad: str) -> None:
    corpus, queries = files(tmp_path)
    corpus.write_text(bad)
    errors = StringIO()
    with pytest.raises(SystemExit) as exit_:
        call_command("evaluate_retrieval", corpus=[corpus], queries=queries, json=True, stderr=errors)
    assert exit_.value.code == 2
    assert errors.getvalue().startswith(f"{corpus}:1:")


def test_vectors_are_embedded_once(tmp_path: Path) -> None:
    embedder = FakeEmbedder()
    asked: list[int] = []
    passages = embedder.embed_passages
    embedder.embed_passages = lambda texts: asked.append(len(texts)) or passages(texts)  # type: ignore[func-returns-value, method-assign, assignment]
    first = embed_cached(["a b", "c", "a b"], embedder, tmp_path)
    assert (embed_cached(["c", "a b"], embedder, tmp_path) == first[[1, 0]]).all()
    assert asked == [2]
