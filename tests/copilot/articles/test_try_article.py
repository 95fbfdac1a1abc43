"""“Try it”: which of last month's questions a text would answer, and from which articles they would move."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from copilot import receivers, tasks
from copilot.articles.try_article import Outcome, outcome, try_text
from copilot.evidence import question_vectors
from copilot.models import QuestionVector
from knowledge.articles import publishing
from knowledge.models import Article
from knowledge.search import retrieval
from knowledge.sync import storing
from tests import cast
from tests.articles import indexed
from tests.knowledge.fakes import MemoryStore
from tickets.models import Message, Ticket, User

INVOICE = "How do I download an invoice as a PDF file?"
TEXT = "Open Billing and choose the invoice; download it as a PDF file.\n\n## Print\n\nThe browser prints it on paper."


@pytest.fixture
def store(settings: Any, monkeypatch: pytest.MonkeyPatch) -> MemoryStore:
    settings.EMBEDDING_MODEL = "fake"
    settings.RETRIEVAL_MIN_SCORE = 0.35
    memory = MemoryStore()
    for module in (retrieval, storing):
        monkeypatch.setattr(module, "get_store", lambda name: memory)
    monkeypatch.setattr(publishing, "queue", lambda job, *ids, lane: None)
    return memory


@pytest.fixture
def publish(store: MemoryStore, db: None) -> Callable[..., Article]:
    return indexed


@pytest.fixture
def asked(db: None) -> Ticket:
    return cast.new_ticket(subject="Invoice as a file", text=INVOICE)


@pytest.mark.parametrize(
    ("new", "old", "mine", "expected"),
    [
        (0.5, 0.3, False, Outcome.ANSWERED),
        (0.39, 0.3, False, None),
        (0.5, 0.45, False, Outcome.TAKEN),
        (0.46, 0.45, False, None),  # within the margin: it stays where it is
        (0.5, 0.45, True, Outcome.KEPT),
        (0.3, 0.45, True, Outcome.LOST),
        (0.5, 0.3, True, Outcome.ANSWERED),
        (0.3, 0.2, True, None),
    ],
)
def test_what_publishing_would_change(new: float, old: float, mine: bool, expected: Outcome | None) -> None:
    assert outcome(new, old, mine, 0.4) is expected


def test_a_question_nobody_answered_would_be(store: MemoryStore, asked: Ticket) -> None:
    assert question_vectors.fill() == 1
    trial = try_text("Download an invoice", TEXT, None)
    (found,) = trial.answered
    assert (found.ticket_id, found.subject, trial.asked) == (asked.pk, "Invoice as a file", 1)
    assert found.new > found.old


def test_a_question_is_taken_from_the_article_that_answered_it_less_well(
    publish: Callable[..., Article], asked: Ticket
) -> None:
    other = publish("How do I download a report?", "Reports are a PDF file as well.")
    question_vectors.fill()
    (found,) = try_text(INVOICE, INVOICE, None).taken
    assert found.other == other


def test_the_articles_own_questions_are_kept_or_lost(publish: Callable[..., Article], asked: Ticket) -> None:
    mine = publish("Download an invoice", TEXT)
    question_vectors.fill()
    assert len(try_text("Download an invoice", TEXT, mine.pk).kept) == 1
    assert len(try_text("Opening hours", "We sleep at night.", mine.pk).lost) == 1


def test_questions_are_masked_and_each_read_once(store: MemoryStore, tomas: Any) -> None:
    cast.new_ticket(subject="Tomas Okafor wants out", text="Write to tomas@okafor.example")
    assert question_vectors.fill() == 1
    assert question_vectors.fill() == 0
    assert "Okafor" not in QuestionVector.objects.get().subject


def test_only_first_messages_of_the_last_thirty_days(store: MemoryStore, asked: Ticket) -> None:
    old = cast.new_ticket(subject="Old", text="Old", created_at=timezone.now() - timedelta(days=40))
    Message.objects.create(ticket=asked, kind="customer", text="Any news?")
    Message.objects.create(ticket=old, kind="customer", text="Still waiting")
    question_vectors.fill()
    assert list(QuestionVector.objects.values_list("message__ticket", flat=True)) == [asked.pk]


def test_the_newest_are_kept_and_the_rest_forgotten(
    store: MemoryStore, asked: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    question_vectors.fill()
    newer = cast.new_ticket(subject="Newer", text="Newer")
    monkeypatch.setattr(question_vectors, "MAX_QUESTIONS", 1)
    question_vectors.fill()
    assert QuestionVector.objects.get().message.ticket == newer


def test_publishing_and_withdrawing_move_the_best_article(publish: Callable[..., Article], asked: Ticket) -> None:
    question_vectors.fill()
    assert QuestionVector.objects.get().best_article is None
    article = publish("Download an invoice", TEXT)
    assert tasks.score_questions(article.pk) == "1 better answered"
    assert QuestionVector.objects.get().best_article == article
    publishing.unpublish(article)
    tasks.score_questions(article.pk)
    assert QuestionVector.objects.get().best_article is None


def test_an_expired_article_answers_nothing(publish: Callable[..., Article], asked: Ticket) -> None:
    article = publish("Download an invoice", TEXT)
    question_vectors.fill()
    Article.objects.filter(pk=article.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    assert question_vectors.score_again() == 1
    assert QuestionVector.objects.get().best_article is None
    assert question_vectors.score_again() == 0


def test_without_a_vector_store_the_job_waits(publish: Callable[..., Article], store: Any, asked: Ticket) -> None:
    publish("Download an invoice", TEXT)
    store.fail_after = 0
    assert tasks.read_questions().startswith("waits:")
    assert not QuestionVector.objects.exists()


ALLOWED = {"rosa": 200, "ada": 200, "ken": 200, "otto": 403, "mira": 403}


@pytest.mark.parametrize(("who", "status"), ALLOWED.items())
def test_authors_may_try(client: Client, request: Any, store: MemoryStore, who: str, status: int) -> None:
    client.force_login(request.getfixturevalue(who))
    answer = client.post(reverse("copilot:try_article"), {"title": "x", "body_md": "y"})
    assert answer.status_code == status


def test_trying_is_post_only(client: Client, ken: User) -> None:
    client.force_login(ken)
    assert client.get(reverse("copilot:try_article")).status_code == 405


def test_the_panel_names_scores_sections_and_tickets(
    client: Client, rosa: User, ken: User, store: MemoryStore, asked: Ticket
) -> None:
    question_vectors.fill()
    posted = {"title": "Invoices", "body_md": f"# Download\n\n{INVOICE} That is how to download an invoice as a PDF."}
    link = reverse("tickets:ticket", args=[asked.pk])
    client.force_login(rosa)
    page = client.post(reverse("copilot:try_article"), posted).content.decode()
    assert link in page
    assert "Invoice as a file" in page
    assert "→" in page
    client.force_login(ken)
    page = client.post(reverse("copilot:try_article"), posted).content.decode()
    assert link not in page
    assert "Invoice as a file" in page


def test_a_text_without_words_and_a_desk_without_questions(client: Client, ken: User, store: MemoryStore) -> None:
    client.force_login(ken)
    url = reverse("copilot:try_article")
    assert "no text to try" in client.post(url, {"title": "x", "body_md": ""}).content.decode()
    assert "no questions to compare with" in client.post(url, {"title": "x", "body_md": "words"}).content.decode()


def test_without_a_model_it_says_so(client: Client, ken: User, settings: Any, asked: Ticket) -> None:
    QuestionVector.objects.create(message=asked.messages.get(), embedder="not-there", vectors=b"", best_score=0.1)
    settings.EMBEDDING_MODEL = "not-there"
    client.force_login(ken)
    page = client.post(reverse("copilot:try_article"), {"title": "x", "body_md": "words"}).content.decode()
    assert "You cannot try the text right now." in page


def test_a_changed_article_is_queued_only_if_there_are_questions(
    publish: Callable[..., Article],
    asked: Ticket,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    jobs: list[tuple[str, int]] = []
    monkeypatch.setattr(receivers, "queue", lambda job, object_id, lane: jobs.append((job, object_id)))
    with django_capture_on_commit_callbacks(execute=True):
        publish("Opening hours", "We sleep at night.")
    assert jobs == []
    question_vectors.fill()
    with django_capture_on_commit_callbacks(execute=True):
        article = publish("Download an invoice", TEXT)
    assert jobs == [("copilot.tasks.score_questions", article.pk)]
