"""Fixtures for all tests: the cast by name, temporary mail folders, live updates in memory."""

import gc
import math
import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from channels.layers import channel_layers
from channels.testing import WebsocketCommunicator
from django.utils import translation

from copilot.llm import breaker, offers
from copilot.texts import active
from tests import cast
from tickets.models import Customer, Ticket, User

# Wall-clock limits mean nothing on a busy machine; tests/growth.py measures CPU time.
hypothesis.settings.register_profile("no clock", deadline=None)
hypothesis.settings.load_profile("no clock")


# The test clients of sockets give up after a second by default.
_CLIENT = WebsocketCommunicator
for _waits in (_CLIENT.connect, _CLIENT.receive_from, _CLIENT.receive_json_from, _CLIENT.receive_output, _CLIENT.wait):
    _waits.__defaults__ = (60,)
_CLIENT.disconnect.__defaults__ = (1000, 60)  # code, seconds

# Thousands of tests are collected and kept: by default the garbage collector would look through them again and again.
gc.set_threshold(50_000, 20, 20)

pytest_plugins = ["tests.no_skips", "tests.distribution", "tests.databases.copies", "tests.databases.emptying"]


def pytest_collection_finish() -> None:
    gc.freeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    keep(config, items, touches_the_database if "DATABASE_URL" in os.environ else runs_anywhere)


def touches_the_database(item: pytest.Item) -> bool:
    """The tests of the second run, on PostgreSQL. All others would give the same result again."""
    if item.get_closest_marker("any_database") or item.get_closest_marker("sqlite"):
        return False
    asked = {"db", "transactional_db", "django_db_setup"} & set(getattr(item, "fixturenames", ()))
    return bool(asked) or item.get_closest_marker("django_db") is not None


def runs_anywhere(item: pytest.Item) -> bool:
    return item.get_closest_marker("postgresql") is None


def keep(config: pytest.Config, items: list[pytest.Item], wanted: Callable[[pytest.Item], bool]) -> None:
    config.hook.pytest_deselected(items=[item for item in items if not wanted(item)])
    items[:] = [item for item in items if wanted(item)]


@pytest.fixture(scope="session")
def unused_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Paths that nothing has used. Most tests write no file, so nothing is made for them, as `tmp_path` would."""
    parent = tmp_path_factory.mktemp("unused")
    return (parent / str(number) for number in count())


@pytest.fixture(autouse=True)
def temporary_folders(settings: Any, unused_folders: Iterator[Path]) -> Iterator[None]:
    """Each test has its own mail and attachments; live updates stay in memory."""
    folder = next(unused_folders)
    settings.MAIL_DIR = folder / "mail"
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": folder / "attachments"},
        }
    }
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    channel_layers.backends.clear()
    yield
    channel_layers.backends.clear()


@pytest.fixture(autouse=True)
def closed_breaker() -> None:
    """Forget failures of the model server in earlier tests, and what it can do."""
    breaker.forget()
    offers.forget()


@pytest.fixture(autouse=True)
def shipped_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prompts and voice are those of the files, unless a test looks for others (tests/copilot/texts)."""
    monkeypatch.setattr(active, "known", active.Known())
    monkeypatch.setattr(active, "FRESH", math.inf)


@pytest.fixture(autouse=True)
def english() -> None:
    """Start every test in English: a page leaves its language active in the thread."""
    translation.activate("en")


@pytest.fixture
def mira(db: None) -> User:
    return cast.mira()


@pytest.fixture
def jonas(db: None) -> User:
    return cast.jonas()


@pytest.fixture
def rosa(db: None) -> User:
    return cast.rosa()


@pytest.fixture
def ken(db: None) -> User:
    return cast.ken()


@pytest.fixture
def ada(db: None) -> User:
    return cast.ada()


@pytest.fixture
def otto(db: None) -> User:
    return cast.otto()


@pytest.fixture
def tomas(db: None) -> Customer:
    return cast.tomas()


@pytest.fixture
def lena(db: None) -> Customer:
    return cast.lena()


@pytest.fixture
def ticket(db: None) -> Ticket:
    return cast.new_ticket()
