"""The first page of the demo is not empty: topics, findings and questions are made in advance."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from copilot.models import Preparation, QuestionVector, SolvedTicket, Triage
from copilot.triage import retraining
from demo import tasks
from knowledge.gaps.recording import record_gap
from knowledge.index.embeddings import EmbedderUnavailable
from knowledge.index.vectors import IndexUnavailable
from knowledge.models import GapTopic
from knowledge.sync.storing import SyncReport
from tests import cast
from tests.copilot.summaries.conftest import say
from tests.copilot.triage.conftest import messages
from tests.knowledge.fakes import MemoryStore
from tickets.models import Message, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    """A fake embedder and a complete index; these tests are about what comes after."""
    settings.EMBEDDING_MODEL, settings.VAR_DIR = "fake", tmp_path
    monkeypatch.setattr("knowledge.sync.storing.repair", lambda patience: SyncReport())
    monkeypatch.setattr("copilot.evidence.question_vectors.best_today", lambda query: (None, 0.0))
    monkeypatch.setattr(retraining, "seed", messages)
    store = MemoryStore()
    monkeypatch.setattr("copilot.similar.indexing.store_of", lambda embedder: store)


@pytest.fixture
def first_look(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """All its jobs, one after the other: what each said."""
    waiting: list[int] = []
    monkeypatch.setattr(tasks, "queue", lambda function, part, lane: waiting.append(part))

    def look() -> list[str]:
        said = [tasks.first_look()]
        while waiting:
            said.append(tasks.first_look(waiting.pop()))
        return said

    return look


def unanswered() -> None:
    for number in (1, 2):
        record_gap(f"help:{number}", "Can I pay by invoice?", language="en", best_score=0.2)


def test_topics_questions_and_preparations_are_made_one_after_the_other(
    models: None, first_look: Callable[[], list[str]]
) -> None:
    unanswered()
    cast.new_ticket(created_at=timezone.now() - timedelta(hours=1))
    assert first_look()[-1].endswith(tasks.FINISHED)
    assert Preparation.objects.count() == 1
    assert GapTopic.objects.count() == 1 and QuestionVector.objects.count() == 1
    first_look()
    assert GapTopic.objects.count() == 1 and QuestionVector.objects.count() == 1


def test_old_tickets_are_classified_and_corrected_where_the_classifier_is_wrong(
    models: None, first_look: Callable[[], list[str]]
) -> None:
    right = cast.new_ticket(text="The invoice and the refund are wrong", category_id="billing")
    wrong = cast.new_ticket(
        text="The invoice and the refund, a receipt", category_id="complaint", assignee=cast.jonas()
    )
    cast.mira()
    old = timezone.now() - timedelta(days=3)
    Ticket.objects.update(
        status="closed", closed_at=old + timedelta(hours=2), first_response_at=old + timedelta(hours=1)
    )
    Message.objects.update(created_at=old)
    assert first_look()[-1].startswith("2 old tickets classified")
    assert first_look()[-1].startswith("0 old tickets classified")
    agreed, corrected = (Triage.objects.get(message__ticket=ticket) for ticket in (right, wrong))
    assert agreed.corrected_at is None and agreed.category_id == "billing"
    assert corrected.category_id == "complaint" and corrected.said["category"] == "billing"
    assert corrected.corrected == ["category"] and corrected.corrected_by == cast.jonas()
    assert corrected.made_at < corrected.corrected_at == old + timedelta(hours=1)


def test_closed_tickets_are_compared_with_open_ones(models: None, first_look: Callable[[], list[str]]) -> None:
    ticket = cast.new_ticket(text="How can I change the card that my plan is paid with?")
    say(
        ticket,
        Message.Kind.REPLY,
        "Open Billing › Payment method, select Replace card and enter the number of the new card.",
    )
    Ticket.objects.update(status="closed", closed_at=timezone.now())
    assert "1 solved tickets read" in first_look() and "0 solved tickets read" in first_look()
    assert "Replace card" in SolvedTicket.objects.get().answer


def test_a_long_part_lets_other_jobs_run_between(
    models: None, monkeypatch: pytest.MonkeyPatch, first_look: Callable[[], list[str]]
) -> None:
    for _ in range(3):
        cast.new_ticket(text="The invoice and the refund are wrong", category_id="billing")
    Ticket.objects.update(status="closed", closed_at=timezone.now())
    monkeypatch.setattr(tasks, "MOST", 2)
    first, second = first_look()[-2:]
    assert first == "2 old tickets classified" and second.startswith("1 old tickets classified")


@pytest.mark.parametrize("error", [IndexUnavailable("no store"), EmbedderUnavailable("no file")])
def test_work_that_fails_now_is_left_to_the_schedules(
    models: None, monkeypatch: pytest.MonkeyPatch, error: Exception, first_look: Callable[[], list[str]]
) -> None:
    def fails(**kwargs: Any) -> None:
        raise error

    monkeypatch.setattr("knowledge.sync.storing.repair", fails)
    assert first_look() == [f"waits: {error}"]


def test_vectors_are_made_before_anything_serves(models: None) -> None:
    unanswered()
    tasks.embed_ahead()
    assert GapTopic.objects.count() == 1
