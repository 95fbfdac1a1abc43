"""Every kind of personal data, wherever it enters: none reaches a model, a search, a gap, a record or a log."""

import logging
import re
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.apps import apps
from django.utils import timezone

from copilot.drafting import states, writing
from copilot.evidence import gathering, question, question_vectors
from copilot.gap_articles import run as gap_articles_run
from copilot.gap_articles import sources as gap_articles
from copilot.models import Draft, DraftRecord, GapArticleRun, ModelCall, Preparation, QuestionVector
from copilot.preparation import pipeline
from knowledge.articles import publishing
from knowledge.gaps.recording import record_gap
from knowledge.help_center import visits
from knowledge.masking.logs import MaskingFormatter
from knowledge.models import Article, Gap, GapTopic, HelpSearch, HelpVisit
from knowledge.search import retrieval
from knowledge.search.retrieval import SearchResult
from knowledge.sync import storing
from tests import cast
from tests.fakes import FakeModel
from tests.knowledge.fakes import MemoryStore
from tests.personal_data import KINDS, RECORDED
from tickets.models import Message, OutgoingMail

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("drafts_for_all")]
Door = Callable[[str], str]


def drafted(text: str, model: FakeModel) -> Draft:
    ticket = cast.new_ticket(subject="Nothing works", text=f"Hello, {text}. Why?")
    draft, _ = states.request_draft(ticket, ticket.messages.get(), Draft.Origin.ARRIVAL)
    async_to_sync(writing.write)(draft.pk, model, "background")
    return draft


@pytest.fixture
def subject(searched: list[str], model: FakeModel) -> Door:
    def through(text: str) -> str:
        ticket = cast.new_ticket(subject=" ".join(text.split())[:200], text="See above, why?")
        asked = question.question_of(ticket, ticket.messages.get())
        return asked.text + asked.query

    return through


# Digests and times are made by us and may hold any digits.
OURS = re.compile(r"[0-9a-f]{32,}|\d{4}-\d\d-\d\dT[\d:.+]+")


def words_in(value: Any) -> str:
    """All text in a row; its numbers and times are nobody's words."""
    if isinstance(value, dict):
        return "\n".join(f"{key}: {words_in(each)}" for key, each in value.items())
    if isinstance(value, list | tuple):
        return "\n".join(map(words_in, value))
    return OURS.sub("", value) if isinstance(value, str) else ""


@pytest.fixture
def draft(searched: list[str], model: FakeModel) -> Door:
    """What the model is asked, what is searched for, and what is recorded."""

    def through(text: str) -> str:
        made = drafted(text, model)
        assert model.checked and searched
        kept = [*DraftRecord.objects.filter(draft=made).values(), *ModelCall.objects.filter(draft=made).values()]
        # The draft's own and the pointing; in another language, more; what was asked before with other values, none.
        assert len(kept) >= 2 or made.record.reused_from
        return f"{model.checked}\n{searched}\n{words_in(kept)}\n{Draft.objects.get(pk=made.pk).text}"

    return through


@pytest.fixture
def history(monkeypatch: pytest.MonkeyPatch) -> Door:
    given: list[Any] = []

    def find(query: str, **options: Any) -> SearchResult:
        given.append(options["history"])
        return SearchResult((), "hybrid", None, "", 3.0, 0.1, 0.35)

    monkeypatch.setattr(gathering, "search", find)

    def through(text: str) -> str:
        ticket = cast.new_ticket(text=text)
        later = Message.objects.create(ticket=ticket, kind="customer", text="Any news?", created_at=timezone.now())
        gathering.find(question.question_of(ticket, later))
        assert given[-1]
        return str(given)

    return through


@pytest.fixture
def preparation(searched: list[str], settings: Any) -> Door:
    settings.EMBEDDING_MODEL = "fake"

    def through(text: str) -> str:
        ticket = cast.new_ticket(subject=" ".join(text.split())[:200], text=text)
        message = Message.objects.create(ticket=ticket, kind="customer", text=f"As I said: {text}. Any news?")
        pipeline.prepare(message)
        return words_in(Preparation.objects.values_list("steps", "made_with").get(message=message))

    return through


@pytest.fixture
def gap(nothing_found: None, model: FakeModel) -> Door:
    def through(text: str) -> str:
        drafted(text, model)
        return Gap.objects.latest("pk").query

    return through


@pytest.fixture
def gap_by_anybody() -> Door:
    return lambda text: record_gap("help:1", text).query


@pytest.fixture
def gap_article(nothing_found: None) -> Door:
    def through(text: str) -> str:
        ticket = cast.new_ticket(text=f"{text}. Can you send reminders?", subject=" ".join(text.split())[:90])
        said = f"Hi,\n\nyou wrote this: {text}\nSet them under Settings.\n\nBest regards\nMira"
        reply = Message.objects.create(
            ticket=ticket, kind="reply", author=cast.mira(), text=said, created_at=timezone.now()
        )
        OutgoingMail.objects.create(message=reply, subject="Re", state="sent")
        topic = GapTopic.objects.create(name="Reminders")
        kept = record_gap(f"ticket:{ticket.pk} message:1", "Can you send reminders?")
        # As an older version kept it.
        Gap.objects.filter(pk=kept.pk).update(topic=topic, query=f"Can you send reminders? {text}")
        sources = gap_articles.sources(topic)
        assert sources
        asked = gap_articles_run._model_request(GapArticleRun(topic=topic), sources)
        return str(asked.messages) + str([source.record for source in sources])

    return through


@pytest.fixture
def help_search() -> Door:
    def through(text: str) -> str:
        return visits.record_search(HelpVisit.objects.create(), text, "en", 0, 0.1).query

    return through


@pytest.fixture
def help_gap() -> Door:
    def through(text: str) -> str:
        kept = visits.record_search(HelpVisit.objects.create(), text, "en", 0, 0.1)
        HelpSearch.objects.filter(pk=kept.pk).update(searched_at=timezone.now() - 2 * visits.GAVE_UP_AFTER)
        visits.record_gaps()
        return Gap.objects.get(asked_in=f"help:{kept.pk}").query

    return through


@pytest.fixture
def vote() -> Door:
    def through(text: str) -> str:
        article = Article.objects.create(title="Refunds", body_md="x")
        return visits.vote(HelpVisit.objects.create(), article, False, text).comment

    return through


@pytest.fixture
def question_vector(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Door:
    settings.EMBEDDING_MODEL = "fake"
    memory = MemoryStore()
    for module in (retrieval, storing):
        monkeypatch.setattr(module, "get_store", lambda name: memory)
    monkeypatch.setattr(publishing, "queue", lambda job, *ids, lane: None)
    embedded: list[str] = []
    real = question_vectors.read

    def read(query: str) -> Any:
        embedded.append(query)
        return real(query)

    monkeypatch.setattr(question_vectors, "read", read)

    def through(text: str) -> str:
        cast.new_ticket(subject=" ".join(text.split())[:200], text=text)
        question_vectors.fill()
        assert embedded
        return str(embedded) + QuestionVector.objects.latest("pk").subject

    return through


@pytest.fixture
def log(searched: list[str], model: FakeModel, caplog: pytest.LogCaptureFixture) -> Door:
    caplog.set_level(logging.DEBUG)

    def through(text: str) -> str:
        caplog.clear()
        drafted(text, FakeModel())
        visits.record_search(HelpVisit.objects.create(), text, "en", 0, 0.1)
        return "\n".join(line for line in caplog.messages if not line.startswith("("))  # SQL is logged by tests alone

    return through


DOORS = (
    "draft",
    "subject",
    "history",
    "preparation",
    "gap",
    "gap_by_anybody",
    "gap_article",
    "help_search",
    "help_gap",
    "vote",
    "question_vector",
    "log",
)


@pytest.mark.any_database
@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_personal_goes_through(kind: str, door: str, request: pytest.FixtureRequest) -> None:
    through: Door = request.getfixturevalue(door)
    for each, written, secret in RECORDED:
        if each == kind:
            kept = through(written)
            assert secret not in kept and " ".join(secret.split()) not in kept


@pytest.mark.any_database
@pytest.mark.parametrize("kind", [each for each in KINDS if each[:2] != "IP" and each != "MAC"])
def test_a_line_of_the_log_that_quotes_somebody_is_masked(kind: str) -> None:
    for each, written, secret in RECORDED:
        if each == kind:
            line = logging.LogRecord("x", logging.ERROR, "x.py", 1, "could not read %s", (written,), None)
            assert secret not in MaskingFormatter("%(levelname)s %(message)s").format(line)


def test_the_log_masks_what_an_exception_quotes() -> None:
    try:
        int("password: hunter2")
    except ValueError as error:
        line = logging.LogRecord("x", logging.ERROR, "x.py", 1, "failed", (), (type(error), error, None))
    assert "hunter2" not in MaskingFormatter("%(message)s").format(line)


def test_the_desk_logs_through_the_masking_formatter(settings: Any) -> None:
    assert {each["()"] for each in settings.LOGGING["formatters"].values()} == {
        "knowledge.masking.logs.MaskingFormatter"
    }


def test_what_an_older_version_kept_is_masked_when_it_is_brought_up_to_date() -> None:
    kept = Gap.objects.create(asked_in="help:1", query="my password is sunshine. Why?")
    topic = GapTopic.objects.create(name="Call me at 0341 5550 1234")
    seen = HelpSearch.objects.create(visit=HelpVisit.objects.create(), query="iban DE89370400440532013000", found=0)
    import_module("knowledge.migrations.0005_mask_what_was_kept").mask_again(apps, None)
    kept.refresh_from_db()
    topic.refresh_from_db()
    seen.refresh_from_db()
    assert (kept.query, topic.name) == ("my password is <password>. Why?", "Call me at <phone>")
    assert seen.query == "iban <iban>"
