"""What is found for an open ticket, and what is not: every hit is looked up in SQL."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from copilot.models import MaskedValue, SolvedTicket
from copilot.similar import finding, likeness, min_similarity
from copilot.similar.finding import SHOWN, Found, Hit, State, similar
from copilot.similar.min_similarity import Minimum, above, closest
from copilot.similar.reading import Asked
from knowledge.index.embeddings import EmbedderUnavailable, FakeEmbedder
from knowledge.index.vectors import Entry
from tests import cast
from tests.copilot.similar.conftest import ALIKE, ANSWER, ASKED, OTHER, TOLD, closed, kept, reopen, row_of
from tests.copilot.summaries.conftest import say
from tests.knowledge.fakes import MemoryStore
from tickets.models import Ticket, User

pytestmark = pytest.mark.django_db
LONGER = "Each file holds ten thousand rows at most. Choose the years one after the other and put the files together."
GERMAN = "Mein Export endet nach zehntausend Zeilen, und die Datei bricht mitten im Satz ab."


def asking(text: str = ALIKE, subject: str = "Export", **fields: Any) -> Ticket:
    return cast.new_ticket(cast.lena(), subject, text, **fields)


def found(ticket: Ticket, user: User | None = None) -> Found:
    return similar(ticket, user or cast.mira())


def numbers(ticket: Ticket, user: User | None = None) -> list[int]:
    return [hit.ticket_id for hit in found(ticket, user).hits]


@pytest.fixture
def solved(mira: User) -> Ticket:
    ticket = closed()
    kept(ticket)
    return ticket


def test_a_solved_ticket_with_how_it_was_solved(solved: Ticket) -> None:
    Ticket.objects.filter(pk=solved.pk).update(closed_at=solved.created_at + timedelta(minutes=9))
    SolvedTicket.objects.update(articles=[{"article": 1, "title": "Export limits"}], confirmed=True)
    [hit] = found(asking()).hits
    assert hit == Hit(solved.pk, "Export", TOLD, TOLD, "en", timedelta(minutes=9), True, ("Export limits",), 0)


def test_one_about_something_else_is_not_found(solved: Ticket) -> None:
    assert found(asking(OTHER, "Invoices")) == Found(State.NOTHING)


def test_the_ticket_itself_is_not_found(solved: Ticket) -> None:
    assert found(solved).state == State.NOTHING


@pytest.mark.parametrize("how", ["reopened", "deleted", "without an answer", "nothing to compare now"])
def test_a_vector_alone_is_no_hit(solved: Ticket, store: MemoryStore, how: str) -> None:
    """The walk will remove it; until then SQL decides."""
    match how:
        case "reopened":
            reopen(solved)
        case "deleted":
            solved.delete()
        case "without an answer":
            SolvedTicket.objects.update(answer="")
        case _:
            SolvedTicket.objects.update(text_hash="")
    assert store.entries and found(asking()) == Found(State.NOTHING)


@pytest.mark.parametrize("name", ["ken", "otto"])
def test_who_may_not_open_tickets_finds_none(solved: Ticket, name: str) -> None:
    assert numbers(asking(), getattr(cast, name)()) == []


def test_nothing_of_another_customer_is_put_back(mira: User) -> None:
    """Even where the open ticket has the same placeholder for a value of its own."""
    text = f"I am Tomas Okafor, my address is tomas@okafor.example and lea@firma.example. {ASKED}"
    kept(closed(text, f"Hi Tomas,\n\nwe wrote to lea@firma.example. {TOLD}"))
    ticket = asking()
    MaskedValue.objects.create(ticket=ticket, placeholder="EMAIL_1", value="sealed", fingerprint="x")
    [hit] = found(ticket).hits
    assert "<EMAIL_1>" in hit.answer
    assert not any(each in str(hit) for each in ("Tomas", "Okafor", "firma.example", "okafor.example"))


def test_equal_and_nearly_equal_answers_are_shown_once(mira: User) -> None:
    first = closed(ASKED, LONGER)
    tickets = [closed(ASKED, ANSWER), closed(ASKED, ANSWER.replace("Please", "Just")), closed(ASKED, ANSWER)]
    kept(first)
    hits = {hit.ticket_id: hit.more for hit in found(asking()).hits}
    assert hits == {tickets[-1].pk: 2, first.pk: 0}


def test_at_most_three_are_shown_and_the_most_similar_first(mira: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(min_similarity, "CLOSE", 1.0)
    for number in range(5):
        closed(f"{ASKED} {'Really. ' * number}", f"Answer {number}: {'abcde'[number] * 3} {LONGER[number * 9 :]}")
    best = closed(ALIKE, "Take the streaming one, it has no limit of rows at all.")
    kept(best)
    monkeypatch.setattr(finding.telling, "same", lambda one, other: False)
    shown = numbers(asking())
    assert shown[0] == best.pk and len(shown) == SHOWN


def test_a_question_that_is_none_is_not_searched(solved: Ticket, store: MemoryStore) -> None:
    silent = Ticket.objects.create(customer=cast.lena(), subject="Export of ten thousand rows")
    assert found(asking("Hi,\n\nThanks!\n\nLena", "Hello")) == found(silent) == Found(State.NO_QUESTION)
    assert "query" not in store.calls


class TestDegraded:
    def test_without_chroma(self, solved: Ticket, store: MemoryStore) -> None:
        store.fail_after = 0
        assert found(asking()) == Found(State.UNAVAILABLE)

    def test_without_an_embedder(self, solved: Ticket, monkeypatch: pytest.MonkeyPatch) -> None:
        def fails(self: FakeEmbedder, texts: list[str]) -> np.ndarray:
            raise EmbedderUnavailable("No model.")

        monkeypatch.setattr(FakeEmbedder, "embed_passages", fails)
        assert found(asking()) == Found(State.UNAVAILABLE)

    def test_nothing_of_the_ticket_is_logged(
        self, solved: Ticket, store: MemoryStore, caplog: pytest.LogCaptureFixture
    ) -> None:
        ticket, store.fail_after = asking(), 0
        found(ticket)
        assert f"ticket={ticket.pk} error=IndexUnavailable" in caplog.text and "rows" not in caplog.text


class TestLanguages:
    def test_an_embedder_for_english_compares_within_a_language(self, mira: User, settings: Any) -> None:
        german = closed(GERMAN, "Bitte unter Einstellungen das Streaming einschalten und den Export neu starten.")
        kept(german)
        SolvedTicket.objects.update(language="fr")
        ticket = asking(GERMAN)
        assert numbers(ticket) == []
        settings.EMBEDDING_MULTILINGUAL = True
        assert numbers(ticket) == [german.pk]

    def test_in_a_language_that_it_does_not_know_words_must_be_shared(self, mira: User, store: MemoryStore) -> None:
        german = closed(GERMAN, "Bitte unter Einstellungen das Streaming einschalten und den Export neu starten.")
        kept(german)
        assert numbers(asking(GERMAN)) == [german.pk]
        ticket = asking("Wo finde ich bitte meine letzte Rechnung als Dokument zum Herunterladen?", "Frage")
        read = finding._read(ticket, FakeEmbedder())
        assert read.vector is not None
        store.upsert([Entry(german.pk, german.pk, row_of(german).text_hash, read.vector)])
        assert numbers(ticket) == []

    @pytest.mark.parametrize(
        ("one", "other", "multilingual", "margin"),
        [
            ("en", "en", False, 0.5),
            ("en", "de", False, None),
            ("de", "fr", False, None),
            ("de", "de", False, 0.5),
            ("de", "de", True, 0.5),
            ("en", "de", True, 0.75),
        ],
    )
    def test_each_pair_has_its_minimum(
        self, settings: Any, one: str, other: str, multilingual: bool, margin: float | None
    ) -> None:
        settings.EMBEDDING_MULTILINGUAL = multilingual
        told = above(0.9, Asked("Export", ALIKE, one), Asked("Export", ASKED, other), Minimum(0.8, 0.6))
        assert told == (None if margin is None else pytest.approx(margin))


class TestMinimum:
    def test_below_it_nothing_is_alike(self) -> None:
        both = Asked("Export", ALIKE), Asked("Export", ASKED)
        assert above(0.79, *both, Minimum(0.8, 0.8)) is None
        assert above(0.8, *both, Minimum(0.8, 0.8)) == 0.0
        assert above(1.0, *both, Minimum(0.8, 0.8)) == 1.0

    def test_those_far_behind_the_best_are_left_out(self) -> None:
        assert closest({1: 0.1, 2: 0.5, 3: 0.3, 4: 0.24}) == [2, 3]
        assert closest({7: 0.2, 9: 0.2}) == [9, 7], "the newer of two that are as similar"
        assert closest({}) == []

    def test_an_embedder_that_nobody_measured_has_a_cautious_one(self) -> None:
        assert 0.6 < min_similarity.of("fake").same < 0.95
        assert min_similarity.of("bge-small-en-v1.5-onnx").same == 0.81


def test_it_takes_a_constant_number_of_queries(mira: User, django_assert_num_queries: Any) -> None:
    kept(closed())
    ticket = Ticket.objects.select_related("customer").get(pk=asking().pk)
    with django_assert_num_queries(5):
        assert len(similar(ticket, mira).hits) == 1
    for number in range(6):
        closed(ASKED, f"{LONGER} {number}")
    kept()
    with django_assert_num_queries(2):
        assert similar(ticket, mira).hits


def test_a_question_is_read_and_embedded_once(solved: Ticket, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    vectors = likeness.vectors
    monkeypatch.setattr(likeness, "vectors", lambda asked, embedder: calls.append(1) or vectors(asked, embedder))
    ticket = asking()
    assert numbers(ticket) == numbers(ticket) == [solved.pk] and len(calls) == 1
    say(ticket, "customer", "It is the file of March.")
    numbers(ticket)
    assert len(calls) == 2
