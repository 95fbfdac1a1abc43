"""A knowledge base of one article, found by a search that needs no vectors."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone

from copilot import leases
from copilot.evidence import gathering
from copilot.evidence.gathering import EvidenceUnit
from copilot.evidence.units import Kind
from copilot.routing import configuration
from copilot.routing.rules import OTHERS, ROWS, SHIPPED, Handling, May
from knowledge.articles import publishing
from knowledge.models import Article
from knowledge.search.retrieval import Passage, SearchResult
from tests.articles import approved
from tests.fakes import FakeModel


def passage(number: int, text: str, **fields: Any) -> Passage:
    defaults: dict[str, Any] = {
        "chunk_id": None,
        "article_id": None,
        "revision_id": None,
        "title": f"Article {number}",
        "heading_path": "Charges",
        "text": text,
        "audience": "public",
        "category": "billing",
        "language": "en",
        "score": 0.8,
        "dense_rank": number,
        "lexical_rank": number,
        "updated_at": datetime(2026, 1, 1, tzinfo=UTC),
        "review_by": None,
        "similarity": 0.8,
    }
    return Passage(**(defaults | fields))


def unit(article: int, text: str, kind: Kind = Kind.SENTENCE, heading: str = "Charges", **fields: Any) -> EvidenceUnit:
    """A unit of evidence. `fields`: of its passage."""
    return EvidenceUnit(passage(article, text, article_id=article, **fields), None, heading, text, kind, 0, 0, (0.0,))


# What a draft says where both passages answer.
ANSWER = (
    "Hi <NAME>,\n\nA pending authorisation disappears from the card within 5 business days [1].\n\n"
    "It is never collected [2]."
)
GERMAN = "Warum sehe ich zwei Abbuchungen auf meiner Karte? Das verstehe ich leider überhaupt nicht."
CHARGES = ("A pending authorisation disappears from the card within 5 business days.", "It is never collected.")


def published(number: int, text: str) -> Passage:
    """The only passage of an article that is really there."""
    article = approved(f"Article {number}", text, category="billing")
    chunk = article.chunks.get()
    return passage(number, text, chunk_id=chunk.pk, article_id=article.pk, revision_id=chunk.revision_id)


@pytest.fixture(autouse=True)
def no_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine, a lease is only renewed in the tests that ask for it."""
    monkeypatch.setattr(leases, "RENEW_EVERY", 3600.0)


@pytest.fixture
def searched(db: None, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Queries asked of the knowledge base; what it finds is two passages about pending charges."""
    asked: list[str] = []
    found = tuple(published(number, text) for number, text in enumerate(CHARGES, start=1))

    def search(query: str, **options: Any) -> SearchResult:
        asked.append(query)
        return SearchResult(found, "hybrid", None, "", 3.0, 0.8, 0.35)

    monkeypatch.setattr(gathering, "search", search)
    return asked


@pytest.fixture
def nothing_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        gathering, "search", lambda query, **options: SearchResult((), "hybrid", None, "", 3.0, 0.12, 0.35)
    )


@pytest.fixture
def drafts_for_all(db: None) -> None:
    """Rules that allow a draft for every message, whatever the customer writes."""
    always = {row: {OTHERS: Handling.AI_AND_HUMAN} for row in ROWS}
    configuration.save(replace(SHIPPED, signals={}, matrix=always, may={OTHERS: May.DRAFT}), configuration.current()[0])


@pytest.fixture
def model() -> FakeModel:
    return FakeModel()


@pytest.fixture
def announced(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Every event sent to browsers, in order."""
    from tickets import live

    sent: list[dict[str, Any]] = []

    async def asend(group: str, event: dict[str, Any]) -> None:
        sent.append(event | {"group": group})

    monkeypatch.setattr(live, "asend", asend)
    monkeypatch.setattr(live, "send", lambda group, event: sent.append(event | {"group": group}))
    return sent


@pytest.fixture
def on_commit(django_capture_on_commit_callbacks: Any) -> Callable[..., Any]:
    return lambda: django_capture_on_commit_callbacks(execute=True)


def withdraw(article: Article, verb: str) -> None:
    """As an author or time itself would."""
    fresh = Article.objects.get(pk=article.pk)
    match verb:
        case "unpublish" | "archive":
            getattr(publishing, verb)(fresh)
        case "erase":
            fresh.delete()
        case "expire":
            Article.objects.filter(pk=fresh.pk).update(expires_at=timezone.now())
        case "make internal":
            Article.objects.filter(pk=fresh.pk).update(audience=Article.Audience.INTERNAL)
