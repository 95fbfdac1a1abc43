"""An article that is withdrawn while a draft is being written: nothing of it stays in the draft."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async

from copilot.drafting import states
from copilot.drafting import writing as drafting
from copilot.evidence import gathering
from copilot.llm import ModelError
from copilot.models import Draft
from knowledge.articles import publishing
from knowledge.models import Article, Gap
from knowledge.search.retrieval import SearchResult
from tests.articles import approved
from tests.cast import new_ticket
from tests.copilot.conftest import passage, withdraw
from tests.fakes import FakeModel
from tickets.models import Message, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def published(db: None) -> dict[int, Article]:
    """Two published articles, of which the search finds those that still are."""
    bodies = enumerate(("It disappears within 5 business days.", "It is never collected."), start=1)
    return {number: approved(f"Article {number}", body) for number, body in bodies}


def written_while(ticket: Ticket, model: FakeModel, act: Callable[[], object] | None = None) -> Draft:
    """The draft, when `act` happens while the model thinks."""
    message = ticket.messages.get(kind=Message.Kind.CUSTOMER)
    draft, _ = states.request_draft(ticket, message, Draft.Origin.REQUEST)

    async def story() -> None:
        writing = asyncio.create_task(drafting.write(draft.pk, model, "interactive"))
        if act is not None:
            await model.paused.wait()
            await sync_to_async(act)()
            model.pauses = False
            model.resume.set()
        await writing

    async_to_sync(story)()
    draft.refresh_from_db()
    return draft


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("verb", ["unpublish", "archive", "erase", "expire", "make internal"])
def test_what_is_withdrawn_while_a_draft_is_written_is_not_in_it(
    verb: str, published: dict[int, Article], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "search", still_published)
    ticket, model = new_ticket(), FakeModel(pauses=True)
    draft = written_while(ticket, model, lambda: withdraw(published[1], verb))
    assert draft.state == Draft.State.READY
    assert draft.text == "Hi <NAME>,\n\nIt is never collected [1]."
    assert [citation.title for citation in draft.citations.all()] == ["Article 2"]
    assert len(model.checked) == 2
    assert "5 business days" not in str(model.checked[1][0][-1])
    assert draft.attempts == 2


@pytest.mark.django_db(transaction=True)
def test_what_is_withdrawn_while_the_model_fails_is_not_kept_for_the_agent(
    published: dict[int, Article], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.DRAFT_MIN_SCORE = 0.0
    monkeypatch.setattr(gathering, "search", still_published)
    away = ModelError("unavailable", "The model is not running.", retryable=True)
    ticket, model = new_ticket(), FakeModel(pauses=True, error=away)
    draft = written_while(ticket, model, lambda: withdraw(published[1], "archive"))
    assert (draft.state, draft.retryable, draft.text) == (Draft.State.FAILED, True, "")


@pytest.mark.django_db(transaction=True)
def test_a_draft_whose_only_source_is_withdrawn_ends_with_no_source(
    published: dict[int, Article], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "search", still_published)
    withdraw(published[2], "unpublish")
    ticket, model = new_ticket(), FakeModel(pauses=True)
    draft = written_while(ticket, model, lambda: withdraw(published[1], "unpublish"))
    assert (draft.state, draft.text) == (Draft.State.NO_SOURCE, "")
    assert len(model.checked) == 1
    assert not draft.citations.exists()
    assert Gap.objects.count() == 1
    ticket.refresh_from_db()
    assert ticket.preparation == Ticket.Preparation.NO_SOURCE


def test_a_draft_whose_sources_keep_going_is_given_up_in_the_end(
    ticket: Ticket, published: dict[int, Article], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "search", still_published)
    monkeypatch.setattr(states, "withdrawn", lambda evidence: True)
    model = FakeModel()
    draft = written_while(ticket, model)
    assert draft.state == Draft.State.NO_SOURCE
    assert len(model.checked) == states.MAX_ATTEMPTS


def test_what_is_published_anew_while_a_draft_is_written_stops_nothing(
    ticket: Ticket, published: dict[int, Article], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "search", still_published)
    real = states.withdrawn

    def and_a_new_revision(evidence: Any) -> bool:
        published[1].body_md += " More."
        publishing.save_revision(published[1])
        publishing.approve(published[1], sync=False)
        return real(evidence)

    monkeypatch.setattr(states, "withdrawn", and_a_new_revision)
    assert written_while(ticket, FakeModel()).attempts == 1


def still_published(query: str, **options: Any) -> SearchResult:
    articles = Article.objects.published().filter(audience=Article.Audience.PUBLIC).order_by("id")
    found = tuple(
        passage(number, article.body_md, article_id=article.pk, title=article.title)
        for number, article in enumerate(articles, start=1)
    )
    return SearchResult(found, "hybrid", None, "", 3.0, 0.8, 0.35)
