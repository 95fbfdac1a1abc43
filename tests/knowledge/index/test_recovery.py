"""A damaged index is moved aside and filled again automatically, while search goes by words only."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from config.running.doctor import examine
from knowledge.index import chroma_folder, chroma_server, vectors
from knowledge.index.embeddings import FakeEmbedder, get_embedder
from knowledge.index.vectors import Entry, IndexDamaged
from knowledge.models import Article, Chunk
from knowledge.search.retrieval import Degradation, search
from knowledge.sync import recovery, storing
from tests.browser.stack import ROOT, free_port
from tests.knowledge.fakes import MemoryStore
from tests.waiting import wait_until

Write = Callable[..., Article]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """As Chroma leaves it: a database and the folder of an index."""
    folder = tmp_path / "chroma"
    (folder / "segment").mkdir(parents=True)
    (folder / "segment" / "data_level0.bin").write_bytes(b"x" * 1000)
    with closing(sqlite3.connect(folder / "chroma.sqlite3")) as database:
        database.execute("CREATE TABLE t (a)")
        database.executemany("INSERT INTO t VALUES (?)", [("x" * 500,) for _ in range(500)])
        database.commit()
    return folder


def damage(folder: Path, how: str) -> None:
    database = folder / "chroma.sqlite3"
    content = database.read_bytes()
    match how:
        case "zero":
            database.write_bytes(b"")
        case "gone":
            database.unlink()
        case "garbage":
            database.write_bytes(os.urandom(len(content)))
        case "garbage inside":
            database.write_bytes(content[:4096] + os.urandom(len(content) - 4096))
        case "half":
            database.write_bytes(content[: len(content) // 2])


@pytest.mark.parametrize("how", ["zero", "gone", "garbage", "garbage inside", "half"])
def test_a_damaged_folder_is_set_aside_with_a_line_in_the_log(
    folder: Path, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(folder, how)
    chroma_server.prepare(folder.parent)
    assert not folder.exists()
    aside = chroma_folder.set_aside_before(folder)
    assert [(each / "segment" / "data_level0.bin").exists() for each in aside] == [True]
    line = capsys.readouterr().out
    assert line.count("\n") == 1
    assert line.startswith("The search index was damaged (") and aside[0].name in line


def test_a_file_in_its_place_is_set_aside_too(tmp_path: Path) -> None:
    (tmp_path / "chroma").write_text("no folder")
    chroma_server.prepare(tmp_path)
    assert not (tmp_path / "chroma").exists()


def test_an_intact_folder_stays(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "chroma.sqlite3")) as busy:
        busy.execute("BEGIN EXCLUSIVE")
        chroma_server.prepare(folder.parent)
    assert folder.is_dir()
    assert chroma_folder.set_aside_before(folder) == []


def test_a_missing_folder_is_no_damage(tmp_path: Path) -> None:
    chroma_server.prepare(tmp_path)
    (tmp_path / "chroma").mkdir()
    chroma_server.prepare(tmp_path)
    assert chroma_folder.set_aside_before(tmp_path / "chroma") == []


def test_only_the_last_two_are_kept(tmp_path: Path) -> None:
    folder = tmp_path / "chroma"
    for day in range(1, 6):
        folder.mkdir()
        chroma_folder.set_aside(folder, datetime(2026, 11, day))  # noqa: DTZ001
    kept = [each.name for each in chroma_folder.set_aside_before(folder)]
    assert kept == ["chroma.damaged-20261104-000000", "chroma.damaged-20261105-000000"]


@pytest.fixture
def var(tmp_path: Path, settings: Any) -> Path:
    settings.VAR_DIR = tmp_path
    return tmp_path


def test_lasting_damage_is_repaired_and_words_are_searched_meanwhile(
    var: Path, store: MemoryStore, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write()
    storing.sync_all()
    store.damaged = True
    found = search("how long does a refund take")
    assert (found.degradation, [hit.title for hit in found.passages]) == (Degradation.WORDS_ONLY, ["Refunds"])
    with pytest.raises(IndexDamaged):
        storing.sync_all()
    assert "start_over" not in store.calls  # one failure can be chance
    with pytest.raises(IndexDamaged):
        storing.sync_all()
    monkeypatch.setattr(recovery, "CHANCE", -1.0)
    assert storing.sync_all().upserted == Chunk.objects.count() > 0
    assert store.calls.count("start_over") == 1
    assert search("how long does a refund take").degradation is None


def test_damage_that_went_away_is_forgotten(
    var: Path, store: MemoryStore, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write()
    store.damaged = True
    with pytest.raises(IndexDamaged):
        storing.sync_all()
    store.damaged = False
    storing.sync_all()
    store.damaged = True
    monkeypatch.setattr(recovery, "CHANCE", -1.0)
    with pytest.raises(IndexDamaged):
        storing.sync_all()
    assert "start_over" not in store.calls


def test_reindex_repairs_it_immediately(var: Path, store: MemoryStore, write: Write) -> None:
    write()
    store.damaged = True
    assert storing.reindex().chunks == Chunk.objects.count()
    assert store.count() == Chunk.objects.count()


class Server:
    """The process of the Procfile, on a folder that a test may damage."""

    def __init__(self, var: Path) -> None:
        self.var, self.port, self.log = var, free_port(), var / "chroma.log"
        self.start()

    def start(self) -> None:
        env = os.environ | {"VAR_DIR": str(self.var), "CHROMA_HOST": "127.0.0.1", "CHROMA_PORT": str(self.port)}
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "knowledge.index.chroma_server"]
            self.process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)
        wait_until(self.answers, timeout=180, every=0.05)

    def answers(self) -> bool:
        try:
            address = f"http://127.0.0.1:{self.port}/api/v2/heartbeat"
            return httpx.get(address, timeout=1, trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(15)


@pytest.fixture
def server(var: Path, settings: Any, queued: list[Any]) -> Iterator[Server]:
    settings.EMBEDDING_MODEL = "fake"
    settings.RETRIEVAL_MIN_SCORE = 0.2
    running = Server(var)
    settings.CHROMA_URL, settings.CHROMA_EMBEDDED = f"http://127.0.0.1:{running.port}", True
    vectors._forget()
    yield running
    running.stop()
    vectors._forget()


def _damage_database_while_it_runs(server: Server) -> None:
    (server.var / "chroma" / "chroma.sqlite3").write_bytes(os.urandom(200_000))


def _damage_index_while_it_is_stopped(server: Server) -> None:
    """With so many vectors that Chroma writes them to separate files."""
    store = vectors.get_store(get_embedder().name)
    vector = np.ones(FakeEmbedder.dimension, dtype=np.float32)
    store.upsert([Entry(10_000 + number, 1, "x", vector) for number in range(1500)])
    files = wait_until(lambda: [file for file in (server.var / "chroma").rglob("*.bin") if file.stat().st_size])
    server.stop()
    for file in files:
        file.write_bytes(os.urandom(file.stat().st_size))
    server.start()


@pytest.mark.services
@pytest.mark.parametrize("damage_it", [_damage_database_while_it_runs, _damage_index_while_it_is_stopped])
def test_a_real_chroma_with_damaged_files_is_filled_again(
    db: None,
    var: Path,
    server: Server,
    write: Write,
    monkeypatch: pytest.MonkeyPatch,
    damage_it: Callable[[Server], None],
) -> None:
    monkeypatch.setattr(recovery, "CHANCE", -1.0)
    write()
    write("Export", "Open Settings and choose Export to download all bookings.")
    storing.sync_all()
    assert search("export all bookings").degradation is None
    damage_it(server)
    found = search("export all bookings")
    assert (found.degradation, found.passages[0].title) == (Degradation.WORDS_ONLY, "Export")
    assert examine("chroma")[0].state == "degraded"

    def repaired() -> bool:
        try:
            storing.sync_all()
            return vectors.get_store(get_embedder().name).count() == Chunk.objects.count()
        except vectors.IndexUnavailable:
            return False

    wait_until(repaired, timeout=180, every=0.1)
    assert search("export all bookings").degradation is None
    assert examine("chroma")[0].state == "ok"
    if damage_it is _damage_database_while_it_runs:
        assert "The search index was damaged" in server.log.read_text()
        assert "moved to chroma.damaged-" in examine("chroma")[0].why


@pytest.mark.services
def test_chroma_ends_with_its_process(var: Path, server: Server) -> None:
    server.stop()
    assert server.process.returncode == 0
    assert not server.answers()
