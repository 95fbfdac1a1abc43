"""A knowledge base with a fake embedder and vectors in memory."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache

from knowledge.articles import publishing
from knowledge.models import Article
from knowledge.search import retrieval
from knowledge.sync import storing
from tests.articles import indexed
from tests.knowledge.fakes import MemoryStore

CHARGES = "A second charge in March is often a pending authorisation.\n\n## Refunds\n\nWe refund double payments."
Publish = Callable[..., Article]


@pytest.fixture
def store(settings: Any, monkeypatch: pytest.MonkeyPatch) -> MemoryStore:
    settings.EMBEDDING_MODEL = "fake"
    settings.RETRIEVAL_MIN_SCORE = 0.2
    memory = MemoryStore()
    for module in (retrieval, storing):
        monkeypatch.setattr(module, "get_store", lambda name: memory)
    monkeypatch.setattr(publishing, "queue", lambda job, *ids, lane: None)
    cache.clear()
    return memory


@pytest.fixture
def publish(store: MemoryStore) -> Publish:
    def make(title: str = "Charged twice", body: str = CHARGES, **fields: Any) -> Article:
        return indexed(title, body, **fields)

    return make
