"""`manage.py verify_index` finds and repairs each kind of disagreement, and finds none where there is none."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.core.management import call_command

from knowledge.articles import publishing
from knowledge.index.lexical import INDEX
from knowledge.management.commands import verify_index
from knowledge.management.commands.reindex import ProgressLine
from knowledge.models import Article, Chunk
from knowledge.sync import storing, verifying
from knowledge.sync.verifying import Facts, Kind, compare
from tests.knowledge.conftest import EXPORT
from tests.knowledge.fakes import MemoryStore

Write = Callable[..., Article]
# Article 1 is published in revision 7 as chunks 10 and 11; article 2 is a draft.
AGREED = Facts(
    cut={1: ("a", "b")},
    passages={1: ("a", "b")},
    marks={1: (7, 7), 2: (None, None)},
    chunks={10: "a", 11: "b"},
    words=frozenset({10, 11}),
    vectors={10: "a", 11: "b"},
)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, {}),
        ({"cut": {1: ("a", "c")}}, {Kind.PASSAGES: (1,)}),
        ({"cut": {1: ("b", "a")}}, {Kind.PASSAGES: (1,)}),
        ({"cut": {}}, {Kind.PASSAGES: (1,)}),
        ({"cut": {1: ("a", "b"), 2: ("c",)}}, {Kind.PASSAGES: (2,)}),
        ({"passages": {1: ("a", "")}}, {Kind.PASSAGES: (1,)}),
        ({"words": frozenset({11})}, {Kind.WORDS_MISSING: (10,)}),
        ({"words": frozenset({10, 11, 12, 9})}, {Kind.WORDS_EXTRA: (9, 12)}),
        ({"vectors": {11: "b"}}, {Kind.VECTORS_MISSING: (10,)}),
        ({"vectors": {10: "a", 11: "b", 12: "c"}}, {Kind.VECTORS_EXTRA: (12,)}),
        ({"vectors": {10: "a", 11: "old"}}, {Kind.VECTORS_OUTDATED: (11,)}),
        ({"marks": {1: (8, 7), 2: (None, None)}}, {Kind.MARKS: (1,)}),
        ({"marks": {1: (7, None), 2: (None, 5)}}, {Kind.MARKS: (1, 2)}),
    ],
)
def test_what_differs_is_named(change: dict[str, Any], expected: dict[Kind, tuple[int, ...]]) -> None:
    assert compare(replace(AGREED, **change)) == expected


@pytest.fixture
def indexed(store: MemoryStore, write: Write, monkeypatch: pytest.MonkeyPatch) -> MemoryStore:
    """Two published articles and a draft, in every index."""
    monkeypatch.setattr(verify_index, "get_store", lambda name: store)
    write()
    write("Export", EXPORT)
    write("Plans", "Not yet said.", approve=False)
    storing.sync_all()
    return store


def verified(*flags: str) -> tuple[int, dict[str, Any]]:
    """Exit status and printed JSON."""
    out = io.StringIO()
    status = 0
    try:
        call_command("verify_index", "--json", *flags, stdout=out)
    except SystemExit as stop:
        status = int(stop.code or 0)
    return status, json.loads(out.getvalue() or "{}")


def first() -> Chunk:
    chunk = Chunk.objects.order_by("id").first()
    assert chunk is not None
    return chunk


def lose_words() -> None:
    INDEX.delete([first().pk])


def add_words() -> None:
    INDEX.put(999_999, ("ghost", "", "of an erased passage"))


def change_passage() -> None:
    Chunk.objects.filter(pk=first().pk).update(content_hash="of other words")


def lose_passage() -> None:
    first().delete()


def leave_passages_of_a_draft() -> None:
    article = first().article
    Article.objects.filter(pk=article.pk).update(state="draft", published=None, indexed=None)


def forget_mark() -> None:
    Article.objects.filter(pk=first().article_id).update(indexed=None)


def test_agreement(indexed: MemoryStore) -> None:
    status, report = verified()
    count = Chunk.objects.count()
    assert status == 0
    assert report == {
        "collection": "chunks-fake",
        "agrees": True,
        "articles": 2,
        "passages": count,
        "words": count,
        "vectors": count,
        "disagreements": {},
    }


@pytest.mark.parametrize(
    ("harm", "kinds"),
    [
        (lose_words, {"words_missing"}),
        (add_words, {"words_extra"}),
        (change_passage, {"passages", "vectors_outdated"}),
        (lose_passage, {"passages", "words_extra", "vectors_extra"}),
        (leave_passages_of_a_draft, {"passages"}),
        (forget_mark, {"marks"}),
    ],
)
def test_damage_in_the_database_is_found_and_repaired(
    indexed: MemoryStore, harm: Callable[[], None], kinds: set[str]
) -> None:
    harm()
    status, report = verified()
    assert (status, set(report["disagreements"])) == (1, kinds)
    status, report = verified("--repair")
    assert (status, report["agrees"], set(report["before"])) == (0, True, kinds)


def test_damage_in_the_vector_store_is_found_and_repaired(indexed: MemoryStore) -> None:
    lost, outdated, *_ = sorted(indexed.entries)
    extra = replace(indexed.entries.pop(lost), chunk_id=999_999)
    indexed.upsert([extra, replace(indexed.entries[outdated], content_hash="of other words")])
    _, report = verified()
    assert {kind: each["examples"] for kind, each in report["disagreements"].items()} == {
        "vectors_missing": [lost],
        "vectors_outdated": [outdated],
        "vectors_extra": [999_999],
    }
    assert verified("--repair")[0] == 0
    assert verified()[0] == 0


def test_an_article_that_waits_is_a_disagreement_until_it_is_indexed(indexed: MemoryStore, write: Write) -> None:
    article = write("New", "New words.")
    status, report = verified()
    assert status == 1
    assert report["disagreements"]["marks"]["examples"] == [article.pk]
    storing.sync_article(article.pk)
    assert verified()[0] == 0


def test_counts_are_complete_and_examples_few(indexed: MemoryStore) -> None:
    count = len(indexed.entries)
    indexed.entries.clear()
    _, report = verified("--examples", "1")
    assert report["disagreements"]["vectors_missing"]["count"] == count
    assert len(report["disagreements"]["vectors_missing"]["examples"]) == 1


def test_the_text_output(indexed: MemoryStore, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("verify_index")
    assert capsys.readouterr().out.endswith("They agree.\n")
    lose_words()
    call_command("verify_index", "--repair")
    said = capsys.readouterr().out
    assert "1 passages without words in the full-text table: " in said
    assert said.endswith("They agree.\n")


def test_without_chroma_it_says_so(settings: Any, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    settings.EMBEDDING_MODEL = "fake"
    settings.CHROMA_URL = "http://127.0.0.1:9"
    write()
    assert verified() == (2, {})
    assert verified("--repair") == (2, {})
    said = capsys.readouterr().err
    assert "Chroma does not answer at http://127.0.0.1:9." in said
    assert "Traceback" not in said


def test_without_an_embedder_it_still_compares(
    indexed: MemoryStore, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.EMBEDDING_MODEL = "not-here"
    assert verified()[0] == 0
    indexed.entries.clear()
    assert verified("--repair") == (1, {})
    assert "fetch_models" in capsys.readouterr().err


def test_repairing_a_deleted_article_is_no_error(indexed: MemoryStore) -> None:
    report = verifying.verify(indexed)
    found = {Kind.PASSAGES: (999_999,), Kind.WORDS_MISSING: (999_999,)}
    verifying.repair(replace(report, found=found))
    assert verifying.verify(indexed).agrees


def test_words_are_searchable_again_after_a_repair(indexed: MemoryStore) -> None:
    publishing.INDEX.clear()
    verified("--repair")
    assert INDEX.search("refund", 5)


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_reindex_shows_its_pace_on_a_terminal() -> None:
    screen, now = Screen(), [0.0]
    line = ProgressLine(screen, clock=lambda: now[0])
    for seconds, done in ((0, 400), (0.1, 410), (10, 500), (20, 1000)):
        now[0] = seconds
        line(storing.INDEXED, done, 1000)
    line.end()
    assert [each.strip() for each in screen.getvalue().split("\r")] == [
        "",
        "400 of 1,000 passages indexed",
        "500 of 1,000 passages indexed · 10 a second · 50 s left",
        "1,000 of 1,000 passages indexed · 30 a second",
    ]


def test_in_a_log_it_writes_a_line_now_and_then() -> None:
    log, now = io.StringIO(), [0.0]
    line = ProgressLine(log, clock=lambda: now[0])
    for done in range(26):
        now[0] = float(done)
        line(storing.INDEXED, done, 25)
    line(storing.INDEXED, 25, 25)
    line.end()
    assert [each.split(" of")[0] for each in log.getvalue().splitlines()] == ["0", "10", "20", "25"]
