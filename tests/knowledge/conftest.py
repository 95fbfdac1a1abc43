"""Fixtures of the knowledge tests: a fake embedder, a store in memory, articles, and a real Chroma."""

import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from knowledge.articles import publishing
from knowledge.index import vectors
from knowledge.models import Article
from knowledge.search import retrieval
from knowledge.sync import storing
from tests.knowledge.fakes import MemoryStore
from tests.modules import ROOT
from tests.waiting import wait_until

REFUNDS = """Refunds go to the card or the account you paid with; we cannot send money to any other card or account.

## When a refund is possible

You get your money back in these cases:

- Yearly plans: in full within 14 days of the renewal.
- Monthly plans: not refunded.

## How long it takes

A refund reaches the card in 5 to 10 business days; how long exactly depends on the bank that issued the card.
"""
EXPORT = """Open Settings and choose Export to download all bookings as a spreadsheet with rows.

## Row limit

An export holds at most 100,000 rows.
"""


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """The jobs that were queued, in a list instead of a queue."""
    jobs: list[tuple[Any, ...]] = []
    monkeypatch.setattr(publishing, "queue", lambda job, *ids, lane: jobs.append((job, *ids)))
    return jobs


@pytest.fixture
def store(settings: Any, monkeypatch: pytest.MonkeyPatch, queued: list[Any]) -> MemoryStore:
    settings.EMBEDDING_MODEL = "fake"
    settings.RETRIEVAL_MIN_SCORE = 0.2
    memory = MemoryStore()
    for module in (retrieval, storing):
        monkeypatch.setattr(module, "get_store", lambda name: memory)
    return memory


@pytest.fixture
def write(db: None, queued: list[Any]) -> Callable[..., Article]:
    """Makes an article, approved by default."""

    def make(title: str = "Refunds", body: str = REFUNDS, approve: bool = True, **fields: Any) -> Article:
        article = Article(title=title, body_md=body, **fields)
        publishing.save_revision(article)
        if approve:
            publishing.approve(article)
        return article

    return make


class Chroma:
    """A real server that tests can kill and start again on the same port and folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = [sys.executable, "-m", "knowledge.index.chroma_program", "run"]
        command = [*program, "--path", str(self.folder), "--host", "127.0.0.1", "--port", str(self.port)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self.answers, timeout=180, every=0.05)

    def answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/api/v2/heartbeat", timeout=1).status_code == 200
        except httpx.HTTPError:
            return False

    def kill(self) -> None:
        if self.process:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(10)
            self.process = None

    def lose_everything(self) -> None:
        self.kill()
        shutil.rmtree(self.folder)
        self.start()


@pytest.fixture(scope="session")
def one_chroma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chroma]:
    server = Chroma(tmp_path_factory.mktemp("chroma"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search waits for the server longer than its 3 s, after which it goes by words only: tests share two cores."""
    monkeypatch.setattr(vectors, "READ_TIMEOUT", 60.0)


@pytest.fixture
def chroma(one_chroma: Chroma, settings: Any, patient: None) -> Iterator[Chroma]:
    """The session's server, emptied. Tests that kill it or damage its files use `own_chroma`."""
    settings.CHROMA_URL = one_chroma.url
    vectors._forget()
    client = vectors._client(vectors.WRITE_TIMEOUT)
    for collection in client.list_collections():
        client.delete_collection(collection.name)
    vectors._forget()
    yield one_chroma
    vectors._forget()


@pytest.fixture
def own_chroma(tmp_path: Path, settings: Any, patient: None) -> Iterator[Chroma]:
    server = Chroma(tmp_path / "chroma")
    server.start()
    settings.CHROMA_URL = server.url
    vectors._forget()
    yield server
    server.kill()
    vectors._forget()
