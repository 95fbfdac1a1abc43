"""Versions of prompts and voice, as leads save them."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from copilot.models import TextVersion
from copilot.text_changes import versions
from copilot.text_changes.kinds import Kind
from copilot.texts import active
from tests import cast


def kind(name: str) -> Kind:
    found = versions.kind_of(name)
    assert found is not None
    return found


def changed(name: str, change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """The shipped text with one change."""
    data: dict[str, Any] = copy.deepcopy(dict(kind(name).shipped))
    change(data)
    return data


def with_task(name: str, words: str = "Be brief.") -> dict[str, Any]:
    return changed(name, lambda data: data.update(system=f"{data['system']} {words}"))


def saved(name: str, data: dict[str, Any] | None = None, note: str = "shorter") -> TextVersion:
    return versions.save(kind(name), data or with_task(name), note, cast.rosa())


def put_into_use(name: str, number: int) -> bool:
    return versions.activate(kind(name), number, versions.in_use(kind(name)).place, cast.rosa())


@pytest.fixture
def looks(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process looks at what is in use each time, not only every two seconds."""
    monkeypatch.setattr(active, "FRESH", -1.0)
