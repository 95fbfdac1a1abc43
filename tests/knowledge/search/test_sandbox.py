"""/knowledge/sandbox/: every step of a search, compared with other settings, and saving them for everyone."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from knowledge.models import Article, RetrievalConfiguration
from knowledge.search import configuration
from knowledge.search.retrieval import search
from knowledge.search.sandbox import side_by_side
from knowledge.sync import storing
from tests.knowledge.conftest import EXPORT
from tests.knowledge.fakes import MemoryStore
from tickets.models import User

Write = Callable[..., Article]
PAGE = "/knowledge/sandbox/"
SAVE = "/knowledge/sandbox/save"
SETTINGS = {"rerank": "on", "min_score": "0.2", "language_boost": "1.25", "category_boost": "1.05", "note": ""}


@pytest.fixture
def kb(store: MemoryStore, write: Write) -> None:
    write()
    write(title="Export bookings", body=EXPORT)
    write(title="Refund cards for agents", audience="internal")
    storing.sync_all()


def page(client: Client, user: User, **data: str) -> str:
    client.force_login(user)
    response = client.get(PAGE, data)
    assert response.status_code == 200
    return response.content.decode()


def changed(**values: Any) -> configuration.Configuration:
    """The defaults, with some values changed."""
    return replace(configuration.defaults(), **values)


def redirected(response: Any) -> dict[str, list[str]]:
    """Where htmx is sent, as the values of its query."""
    assert response.status_code == 200
    return parse_qs(urlsplit(response.headers["HX-Redirect"]).query)


@pytest.mark.parametrize(("who", "status"), [("mira", 403), ("otto", 200), ("ken", 200), ("rosa", 200), ("ada", 200)])
def test_authors_and_leads_try_searches_and_auditors_look(
    client: Client, request: Any, store: MemoryStore, who: str, status: int
) -> None:
    client.force_login(request.getfixturevalue(who))
    assert client.get(PAGE).status_code == status


@pytest.mark.parametrize("url", [SAVE, "/knowledge/sandbox/0/use"])
@pytest.mark.parametrize("who", ["mira", "otto"])
def test_others_change_nothing(client: Client, request: Any, store: MemoryStore, url: str, who: str) -> None:
    client.force_login(request.getfixturevalue(who))
    assert client.post(url, SETTINGS | {"min_score": "0.9"}).status_code == 403
    assert not RetrievalConfiguration.objects.exists()


def test_strangers_log_in_first(client: Client, db: None) -> None:
    assert client.get(PAGE).headers["Location"].startswith("/login/")


def test_before_the_first_question_the_page_says_what_it_is_for(client: Client, ken: User, kb: None) -> None:
    shown = page(client, ken)
    assert "No question yet" in shown
    assert "Searches use the default settings." in shown


def test_a_question_shows_each_stage_and_why_a_passage_was_left_out(client: Client, ken: User, kb: None) -> None:
    shown = page(client, ken, q="How long does a refund to the card take?")
    for stage in ("Meaning", "Words", "Fusion", "Reranker", "Score"):
        assert f">{stage}</th>" in shown
    assert "How long it takes" in shown
    reasons = ("minimum score 0.20", "passages of this article are already shown", "says the same as")
    assert any(each in shown for each in reasons)


def test_personal_data_is_left_out_and_the_page_says_what_was_searched(client: Client, ken: User, kb: None) -> None:
    shown = page(client, ken, q="My name is Tamsin Oduya. How long does a refund take?")
    assert "Searched for: “My name is . How long does a refund take?”" in shown
    assert "Searched for:" not in page(client, ken, q="Hello,\n\nhow long  does a refund take?")


def test_a_question_of_nothing_but_a_name_is_searched(client: Client, ken: User, kb: None) -> None:
    assert "Searched for:" not in page(client, ken, q="Frau Oduya")


def test_internal_articles_are_left_out_where_only_public_ones_are_asked_for(
    client: Client, ken: User, kb: None
) -> None:
    assert "Refund cards for agents" in page(client, ken, q="refund card")
    assert "Refund cards for agents" not in page(client, ken, q="refund card", public="1")


def test_a_trial_is_compared_with_what_is_in_use_and_saves_nothing(client: Client, ken: User, kb: None) -> None:
    shown = page(client, ken, q="refund card", **(SETTINGS | {"min_score": "0.99"}))
    assert shown.count("not saved") == 2
    assert "Nothing relevant" in shown
    assert "gone" in shown
    assert not RetrievalConfiguration.objects.exists()


def test_without_a_trial_the_search_in_use_is_compared_with_the_one_before(
    client: Client, ken: User, kb: None, settings: Any
) -> None:
    configuration.save(changed(min_score=0.99), by=ken)
    shown = page(client, ken, q="refund card")
    assert "configuration " in shown
    assert "default settings" in shown
    assert "gone" in shown


def test_saving_changes_every_search_and_says_so_with_an_undo(client: Client, rosa: User, kb: None) -> None:
    client.force_login(rosa)
    values = redirected(client.post(SAVE, SETTINGS | {"q": "refund", "min_score": "0.99", "note": "too chatty"}))
    assert values == {"q": ["refund"], "done": ["saved"]}
    saved = RetrievalConfiguration.objects.get()
    assert (saved.min_score, saved.note, saved.created_by) == (0.99, "too chatty", rosa)
    assert search("refund card").passages == ()
    shown = page(client, rosa, q="refund", done="saved")
    assert "Undo" in shown
    assert "too chatty" in shown

    redirected(client.post("/knowledge/sandbox/0/use"))
    assert configuration.current().min_score == 0.2
    assert RetrievalConfiguration.objects.count() == 2, "going back adds a row and overwrites none"
    assert "Back to the defaults" in page(client, rosa)


@pytest.mark.parametrize(
    ("note", "shown"),
    [
        ("Back to configuration 12", "Back to configuration 12"),
        ("Back to default settings", "Back to the defaults"),
        ("Back to as shipped", "Back to the defaults"),
        ("Back to what we had", "Back to what we had"),
    ],
)
def test_the_stored_note_of_going_back_is_shown_in_plain_words(note: str, shown: str) -> None:
    assert configuration.Change(RetrievalConfiguration(note=note), configuration.Use.EARLIER).note == shown


def test_saving_what_is_in_use_already_says_so(client: Client, ken: User, kb: None) -> None:
    client.force_login(ken)
    assert redirected(client.post(SAVE, SETTINGS))["done"] == ["same"]
    assert not RetrievalConfiguration.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [("min_score", "1.5"), ("min_score", "many"), ("language_boost", "0"), ("note", "x" * 201)],
)
def test_bad_settings_are_explained_and_searching_goes_on_as_before(
    client: Client, ken: User, kb: None, field: str, value: str
) -> None:
    client.force_login(ken)
    sent = SETTINGS | {"q": "refund card", field: value}
    values = redirected(client.post(SAVE, sent))
    assert not RetrievalConfiguration.objects.exists()
    shown = page(client, ken, **{name: each[0] for name, each in values.items()})
    assert "errorlist" in shown
    assert "not saved" not in shown


def test_an_unknown_configuration_is_not_found(client: Client, ken: User, kb: None) -> None:
    client.force_login(ken)
    assert client.post("/knowledge/sandbox/999/use").status_code == 404


def test_a_question_is_shown_as_text(client: Client, ken: User, kb: None) -> None:
    assert "<script>alert" not in page(client, ken, q="</textarea><script>alert(1)</script> refund")


def test_several_questions_are_shown_one_by_one(client: Client, ken: User, kb: None) -> None:
    asked = "How long does a refund to my card take? And how do I export all bookings as a spreadsheet?"
    shown = page(client, ken, q=asked)
    assert "Searched as 2 questions" in shown


def test_side_by_side_keeps_the_order_of_now_and_adds_what_only_the_other_found(ken: User, kb: None) -> None:
    now = search("refund card", mode="lexical")
    then = search("export bookings", mode="lexical")
    rows = side_by_side(now, then)
    found = [row.passage.chunk_id for row in rows if row.now]
    assert found == [each.chunk_id for each in now.candidates]
    assert {row.passage.title for row in rows if row.now is None} == {"Export bookings"}
    assert all(row.moved in {"in", "out", ""} for row in rows)


def test_the_page_asks_the_database_the_same_number_of_times_however_much_there_is(
    client: Client, ken: User, kb: None, django_assert_max_num_queries: Any
) -> None:
    for number in range(5):
        configuration.save(changed(min_score=number / 10), by=ken)
    client.force_login(ken)
    with django_assert_max_num_queries(24):
        client.get(reverse("knowledge:sandbox"), {"q": "refund card"})


class TestOtherModels:
    """Ken saved a minimum score while another embedder was configured."""

    @pytest.fixture
    def older(self, ken: User, kb: None, settings: Any) -> configuration.Configuration:
        settings.EMBEDDING_MODEL = "bge-small-en-v1.5-onnx"
        saved = configuration.save(changed(min_score=0.77), note="for bge", by=ken)
        settings.EMBEDDING_MODEL = "fake"
        return saved

    def test_the_page_says_which_models_a_change_belongs_to_and_why_it_is_not_in_use(
        self, client: Client, ken: User, older: configuration.Configuration
    ) -> None:
        shown = page(client, ken)
        assert "These settings apply to the current models: fake, no reranker." in shown
        assert "bge-small-en-v1.5-onnx, no reranker" in shown
        assert "Not in use: made for other models" in shown
        assert "Nobody has changed the settings for fake, no reranker. Searches use the default settings." in shown
        assert f"/sandbox/{older.number}/use" not in shown

    def test_it_is_not_used_again_by_asking_for_it_either(
        self, client: Client, ken: User, older: configuration.Configuration
    ) -> None:
        client.force_login(ken)
        assert redirected(client.post(f"/knowledge/sandbox/{older.number}/use"))["done"] == ["other_models"]
        assert "made for other models, whose scores" in page(client, ken, done="other_models")
        assert RetrievalConfiguration.objects.count() == 1

    def test_a_change_made_now_is_in_use_above_it(
        self, client: Client, ken: User, older: configuration.Configuration
    ) -> None:
        client.force_login(ken)
        redirected(client.post(SAVE, SETTINGS | {"min_score": "0.3"}))
        shown = page(client, ken)
        assert shown.index("in use</span>") < shown.index("Not in use: made for other models")
        assert configuration.current().min_score == 0.3

    def test_the_page_says_that_an_embedder_was_not_measured_until_a_score_is_saved(
        self, client: Client, ken: User, older: configuration.Configuration, settings: Any
    ) -> None:
        warned = "No minimum score has been measured for fake"
        assert warned not in page(client, ken), "RETRIEVAL_MIN_SCORE is set"
        settings.RETRIEVAL_MIN_SCORE = None
        shown = page(client, ken)
        assert warned in shown
        assert "evaluate_answerability --save" in shown
        configuration.save(changed(min_score=0.3), by=ken)
        assert warned not in page(client, ken)
