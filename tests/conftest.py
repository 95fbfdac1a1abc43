"""Fixtures for everybody: the cast by name, scratch mail, live updates in memory."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from channels.layers import channel_layers
from django.utils import translation

from copilot.llm import breaker
from tests import cast
from tickets.models import Customer, Ticket, User

# On a loaded machine the clock says nothing; tests/growth.py judges time, by the CPU's.
hypothesis.settings.register_profile("no clock", deadline=None)
hypothesis.settings.load_profile("no clock")


pytest_plugins = ["tests.no_skips", "tests.distribution"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    keep(config, items, touches_the_database if "DATABASE_URL" in os.environ else runs_anywhere)


def touches_the_database(item: pytest.Item) -> bool:
    """What the second run, on PostgreSQL, is for; the rest would only be the same again."""
    asked = {"db", "transactional_db", "django_db_setup"} & set(getattr(item, "fixturenames", ()))
    return bool(asked) or item.get_closest_marker("django_db") is not None


def runs_anywhere(item: pytest.Item) -> bool:
    return item.get_closest_marker("postgresql") is None


def keep(config: pytest.Config, items: list[pytest.Item], wanted: Callable[[pytest.Item], bool]) -> None:
    config.hook.pytest_deselected(items=[item for item in items if not wanted(item)])
    items[:] = [item for item in items if wanted(item)]


@pytest.fixture(autouse=True)
def scratch_places(settings: Any, tmp_path: Path) -> Iterator[None]:
    """Mail and attachments of a test die with it; live updates stay in memory."""
    settings.MAIL_DIR = tmp_path / "mail"
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "attachments"},
        }
    }
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    channel_layers.backends.clear()
    yield
    channel_layers.backends.clear()


@pytest.fixture(autouse=True)
def patient_breaker() -> None:
    """What a model server did in another test is forgotten."""
    breaker.forget()


@pytest.fixture(autouse=True)
def english() -> None:
    """A page leaves its language to the thread; the next test begins in English."""
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
