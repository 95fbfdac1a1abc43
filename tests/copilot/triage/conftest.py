"""A small classifier of messages that were written for it, with the embedder of the tests."""

from functools import cache as once
from typing import Any

import pytest
from django.core.cache import cache

from copilot.models import TriageModel
from copilot.triage import training, versions
from copilot.triage.classifier import CATEGORY, ESCALATE, NONE, SENTIMENT, URGENCY
from copilot.triage.examples import NO, YES, Example
from copilot.triage.training import Trained
from knowledge.index.embeddings import FakeEmbedder
from knowledge.search import retrieval
from tests.knowledge.fakes import MemoryStore

# By category: what a message is about, and how the customer sounds.
ABOUT = {
    "billing": "invoice refund charge card payment price receipt bank",
    "technical": "crash error screen frozen sync broken update slow",
    "account": "password login username email locked verify profile access",
    NONE: "weather recipe football holiday music birthday poem garden",
}
CALM, ANGRY = "could you please look at it", "this is urgent and terrible, fix it now"


def message(category: str, number: int, angry: bool) -> Example:
    words = ABOUT[category].split()
    first, second = words[number % 8], words[(number * 3 + 1) % 8]
    said = f"My {first} and the {second}, number {'x' * number}. {ANGRY if angry else CALM}"
    labels = {
        CATEGORY: category,
        SENTIMENT: "negative" if angry else "neutral",
        URGENCY: "5" if angry else "2",
        ESCALATE: YES if angry else NO,
    }
    return Example(said, labels)


def messages(each: int = 30) -> list[Example]:
    return [message(category, number, number % 3 == 0) for category in ABOUT for number in range(each)]


@once
def small() -> Trained:
    return training.train(messages(), FakeEmbedder())


@pytest.fixture
def store(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty knowledge base, searched with the embedder of the tests."""
    settings.EMBEDDING_MODEL = "fake"
    monkeypatch.setattr(retrieval, "get_store", lambda name: MemoryStore())
    cache.clear()
    versions.load.cache_clear()


@pytest.fixture
def classifier(store: None, db: None) -> TriageModel:
    """In use."""
    model = versions.keep(small().classifier, small().report)
    versions.activate(model)
    return model
