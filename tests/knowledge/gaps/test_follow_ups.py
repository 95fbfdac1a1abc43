"""What follows when articles are searchable: once for many, and never lost."""

from pathlib import Path
from typing import Any

import pytest

from knowledge import follow_ups, tasks
from knowledge.articles import publishing
from knowledge.hygiene import findings
from knowledge.index.embeddings import EmbedderUnavailable
from knowledge.models import Article, Finding
from knowledge.sync import storing
from tests.knowledge.fakes import MemoryStore

KEYS = "A workspace can have {} keys. Give each of your programs a key with a name of its own."


@pytest.fixture(autouse=True)
def places(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Jobs that follow-ups ask the worker for."""
    jobs: list[str] = []
    monkeypatch.setattr(tasks, "later", lambda job, *ids: jobs.append(job))
    return jobs


@pytest.fixture
def pair(store: MemoryStore, write: Any) -> tuple[Article, Article]:
    return write(title="Keys", body=KEYS.format(5)), write(title="Keys again", body=KEYS.format(3))


def test_only_what_is_searchable_is_followed_and_only_once(pair: tuple[Article, Article]) -> None:
    assert follow_ups.follow() == follow_ups.Report()
    storing.sync_all()
    assert list(follow_ups.waiting()) == [pair[1].pk, pair[0].pk]
    assert follow_ups.follow().articles == 2
    assert Finding.objects.filter(kind="contradiction").count() == 1
    assert follow_ups.follow().articles == 0


def test_many_are_compared_in_one_go(pair: tuple[Article, Article], monkeypatch: pytest.MonkeyPatch) -> None:
    storing.sync_all()
    went: list[list[int]] = []
    monkeypatch.setattr(findings, "refresh", lambda ids: went.append(sorted(ids)))
    follow_ups.follow()
    assert went == [[pair[0].pk, pair[1].pk]]


def test_a_new_revision_is_followed_again_and_an_archived_article_not(pair: tuple[Article, Article]) -> None:
    storing.sync_all()
    follow_ups.follow()
    pair[0].body_md = KEYS.format(4)
    publishing.save_revision(pair[0])
    publishing.approve(pair[0])
    publishing.archive(pair[1])
    storing.sync_all()
    assert list(follow_ups.waiting()) == [pair[0].pk]


def test_an_import_is_left_to_the_comparison_of_all(
    pair: tuple[Article, Article], asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    storing.sync_all()
    monkeypatch.setattr(follow_ups, "TOGETHER", 1)
    assert tasks.follow_up() == "2 articles followed, 0 questions answered"
    assert (asked, Finding.objects.count()) == (["check_hygiene"], 0)
    tasks.check_hygiene()
    assert Finding.objects.filter(kind="contradiction").count() == 1


def test_without_an_embedder_they_wait(pair: tuple[Article, Article], monkeypatch: pytest.MonkeyPatch) -> None:
    storing.sync_all()

    def fail(ids: Any) -> None:
        raise EmbedderUnavailable("Not here.")

    monkeypatch.setattr(findings, "refresh", fail)
    assert tasks.follow_up().startswith("waits")
    assert len(follow_ups.waiting()) == 2


def test_each_sync_asks_for_them(pair: tuple[Article, Article], asked: list[str]) -> None:
    tasks.sync_article(pair[0].pk)
    assert asked == ["follow_up"]
    tasks.sync_all()
    assert asked == ["follow_up"] * 2
    assert tasks.follow_up() == "2 articles followed, 0 questions answered"
    tasks.sync_all()
    assert asked == ["follow_up"] * 2
