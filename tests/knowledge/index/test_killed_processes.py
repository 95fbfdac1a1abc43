"""`kill -9` of a reindex and of a worker, with real processes: search works on, the next run completes the index."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from knowledge.index.embeddings import model_folder
from tests.browser.stack import ROOT, Stack
from tests.waiting import wait_until

MODEL = "bge-small-en-v1.5-onnx"
pytestmark = [
    pytest.mark.services,
    pytest.mark.model,
    pytest.mark.skipif(
        not (model_folder(MODEL) / "model.onnx").is_file(),
        reason="the embedding model is not here: manage.py fetch_models",
    ),
]
ARTICLES = 36  # of five passages each: a second or two of embedding
CHANGE_EVERY_ARTICLE = """
from knowledge.articles import publishing
from knowledge.models import Article
for article in Article.objects.all():
    article.title += " again"
    publishing.save_revision(article)
    publishing.approve(article, sync=False)
publishing.queue_sync_all()
"""
PUBLISH_ANOTHER = """
from knowledge.articles import publishing
from knowledge.models import Article
article = Article(title="Parrots at the front desk", body_md="A parrot may stay at the front desk for an hour.")
publishing.save_revision(article)
publishing.approve(article, sync=False)
"""
COMPARED = """
def compared(*flags):
    from io import StringIO
    from django.core.management import call_command
    out, status = StringIO(), 0
    try:
        call_command("verify_index", "--json", *flags, stdout=out)
    except SystemExit as end:
        status = end.code
    return status, json.loads(out.getvalue())
"""
STORE = "__import__('knowledge.index.vectors').index.vectors.ChromaStore('chunks-bge-small-en-v1-5-onnx%s')"
SEARCH = (
    "(lambda r: [r.mode, *(p.title for p in r.passages)])"
    "(__import__('knowledge.search.retrieval').search.retrieval.search(%r))"
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Articles, all of them indexed. Each test leaves the indexes in agreement."""
    stack = Stack(tmp_path_factory.mktemp("deaths"), EMBEDDING_MODEL=MODEL, RERANK_MODEL="")
    stack.asker_code += COMPARED
    try:
        stack.prepare()
        stack.start("chroma")
        file = stack.var / "articles.jsonl"
        file.write_text("\n".join(json.dumps(article(number)) for number in range(ARTICLES)))
        stack.manage("import_articles", str(file), "--approve")
        assert compared(stack, "--repair")[0] == 0
        yield stack
    finally:
        stack.stop()


def article(number: int) -> dict[str, str]:
    """Five sections with headings."""
    parts = ("Opening hours", "Prices", "Parking", "Families", "Accessibility")
    text = "The museum of town {n} says about {part}: ask for leaflet {n} at the desk, it costs {n} cents to print."
    sections = "\n\n".join(f"## {part}\n\n{text.format(n=number, part=part.lower())}" for part in parts)
    return {"id": str(number), "title": f"Museum {number}", "body_md": sections}


def compared(stack: Stack, *flags: str) -> tuple[int, dict[str, Any]]:
    """The exit status and output of verify_index."""
    status, report = stack.ask(f"compared{flags!r}")
    return status, report


def found(stack: Stack, question: str) -> list[str]:
    """The mode of the search and the titles that it finds."""
    answer: list[str] = stack.ask(SEARCH % question)
    return answer


def vectors(stack: Stack, suffix: str = "") -> int:
    return int(stack.ask(f"{STORE % suffix}.count()"))


def collections(stack: Stack) -> set[str]:
    names = "[c.name for c in __import__('knowledge.index.vectors').index.vectors._client(3.0).list_collections()]"
    return set(stack.ask(names))


def test_a_killed_reindex_leaves_the_old_index_and_is_continued(desk: Stack) -> None:
    assert found(desk, "parking at museum 7")[0] == "hybrid"
    total = vectors(desk)
    log = (desk.var / "reindex.log").open("wb")
    command = [sys.executable, "manage.py", "reindex"]
    reindex = subprocess.Popen(command, cwd=ROOT, env=desk.env, stdout=log, stderr=log)
    wait_until(lambda: any(name.endswith(".building") for name in collections(desk)), 60, every=0.05)
    wait_until(lambda: vectors(desk, ".building") >= 64, 60)
    reindex.send_signal(signal.SIGKILL)
    assert reindex.wait(60) == -signal.SIGKILL
    kept = vectors(desk, ".building")
    assert kept < total

    assert found(desk, "parking at museum 7")[:2] == ["hybrid", "Museum 7"]
    assert compared(desk)[0] == 0
    # What is published now is found, though the half-built index does not know it.
    desk.code(PUBLISH_ANOTHER)
    status, report = compared(desk)
    assert (status, set(report["disagreements"])) == (1, {"marks", "vectors_missing"})
    assert found(desk, "may a parrot stay at the front desk")[1] == "Parrots at the front desk"

    again = json.loads(desk.manage("reindex", "--json"))
    assert again["reused"] >= kept
    assert again["chunks"] == total + 1
    assert compared(desk)[0] == 0
    assert collections(desk) == {"chunks-bge-small-en-v1-5-onnx"}
    assert found(desk, "may a parrot stay at the front desk")[:2] == ["hybrid", "Parrots at the front desk"]


def test_a_killed_worker_leaves_what_it_has_done_and_the_next_does_the_rest(desk: Stack) -> None:
    desk.code(CHANGE_EVERY_ARTICLE)
    # Every passage has a new title: its old vector goes, a new one comes.
    waiting = "Article.objects.exclude(indexed=models.F('published')).count()"
    assert desk.ask(waiting) >= ARTICLES
    desk.launch("slow")
    desk.wait_for(f"{waiting} < {ARTICLES}")
    desk.kill("slow")
    status, report = compared(desk)
    assert status == 1
    assert 0 < report["disagreements"]["marks"]["count"] < ARTICLES
    assert "passages" not in report["disagreements"]
    assert "words_missing" not in report["disagreements"]
    assert "Museum 30 again" in found(desk, "parking at museum 30")

    desk.code("from knowledge.articles import publishing; publishing.queue_sync_all()")
    desk.start("slow")
    desk.wait_for(f"{waiting} == 0")
    desk.kill("slow")
    assert compared(desk)[0] == 0
    assert found(desk, "parking at museum 30")[:2] == ["hybrid", "Museum 30 again"]
