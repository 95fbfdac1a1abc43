"""Search: checked again in SQL, says when nothing is relevant, and works when a part is down."""

import importlib
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from knowledge.articles import publishing
from knowledge.index.embeddings import EmbedderUnavailable
from knowledge.index.lexical import INDEX
from knowledge.models import Article
from knowledge.search.fusion import fuse
from knowledge.search.passages import PER_ARTICLE
from knowledge.search.questions import QUERY_LIMIT, one_line, read
from knowledge.search.retrieval import search
from knowledge.sync import storing
from tests.growth import assert_linear
from tests.knowledge.conftest import EXPORT
from tests.knowledge.fakes import MemoryStore

Write = Callable[..., Article]


@pytest.fixture
def kb(store: MemoryStore, write: Write) -> dict[str, Article]:
    articles = {
        "refunds": write(category="billing"),
        "export": write("Export bookings", EXPORT, category="technical"),
        "internal": write("Refunds for agents", "A lead may approve a refund by goodwill.", audience="internal"),
    }
    storing.sync_all()
    return articles


def titles(query: str, **options: Any) -> list[str]:
    return list(dict.fromkeys(hit.title for hit in search(query, **options).passages))


def test_a_hit_says_where_it_is_from_and_why(kb: dict[str, Article]) -> None:
    result = search("how long does a refund take to reach my card")
    hit = result.passages[0]
    assert (hit.title, hit.heading_path, hit.article_id) == ("Refunds", "How long it takes", kb["refunds"].pk)
    assert hit.revision_id == kb["refunds"].published_id
    assert "words: " in hit.why
    assert "refund" in hit.why
    assert hit.why.startswith(f"meaning {hit.similarity:.2f}")
    assert (result.mode, result.degradation) == ("hybrid", None)
    assert result.best_score is not None
    assert result.best_score >= hit.score


def test_internal_articles_are_marked_and_can_be_left_out(kb: dict[str, Article]) -> None:
    hits = search("goodwill refund lead").passages
    assert [hit.internal for hit in hits if hit.title == "Refunds for agents"] == [True]
    assert "Refunds for agents" not in titles("goodwill refund lead", audience=("public",))


def test_nothing_relevant_finds_nothing_and_gives_the_best_score(kb: dict[str, Article], settings: Any) -> None:
    settings.RETRIEVAL_MIN_SCORE = 0.9
    result = search("refund for penguins")
    assert result.passages == ()
    assert result.best_score is not None
    assert 0 < result.best_score < 0.9
    assert all(each.left_out for each in result.candidates)


@pytest.mark.parametrize("query", ["", "   ", "\x00", "?!", '"" OR (', "a" * 5000, "NEAR(x, 2) AND *", "the of and"])
def test_any_query_is_answered(kb: dict[str, Article], query: str) -> None:
    result = search(query)
    assert result.passages or all(each.left_out for each in result.candidates)


@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text(max_size=200))
def test_no_text_breaks_a_search(kb: dict[str, Article], query: str) -> None:
    assert len(search(query, min_score=0).passages) <= 5


def test_unpublishing_hides_at_once_even_with_stale_vectors(kb: dict[str, Article], store: MemoryStore) -> None:
    vectors = len(store.entries)
    publishing.unpublish(kb["refunds"])
    assert "Refunds" not in titles("refund card", min_score=0)
    assert len(store.entries) == vectors


def test_an_old_revisions_chunk_is_never_shown(kb: dict[str, Article]) -> None:
    article = kb["export"]
    stale = article.chunks.first()
    assert stale is not None
    other = publishing.Revision.objects.create(article=article, number=9, title="x", body_md="x", content_hash="x")
    type(stale).objects.filter(pk=stale.pk).update(revision=other)
    assert stale.pk not in {hit.chunk_id for hit in search("export bookings rows", min_score=0).passages}


def test_an_expired_article_is_not_found(kb: dict[str, Article]) -> None:
    Article.objects.filter(pk=kb["export"].pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert "Export bookings" not in titles("export bookings rows", min_score=0)


def test_making_an_article_internal_takes_effect_at_once(kb: dict[str, Article]) -> None:
    Article.objects.filter(pk=kb["export"].pk).update(audience="internal")
    assert "Export bookings" not in titles("export bookings rows", audience=("public",), min_score=0)


def test_with_chroma_down_words_answer_and_the_result_says_so(kb: dict[str, Article], store: MemoryStore) -> None:
    store.fail_after = 0
    result = search("refund reaches the card")
    assert result.degradation == "words_only"
    assert result.mode == "lexical"
    assert result.cause == "Chroma does not answer at http://fake."
    assert result.message.startswith("This search used words only") and result.message.endswith(result.cause)
    assert result.passages[0].title == "Refunds"
    assert result.min_score <= result.passages[0].score <= 1


def test_without_an_embedding_model_words_answer_and_the_result_says_what_to_do(
    kb: dict[str, Article], settings: Any
) -> None:
    settings.EMBEDDING_MODEL = "/nowhere/model"
    result = search("refund reaches the card")
    assert "manage.py fetch_models" in result.message
    assert result.passages


def test_an_emptied_store_is_a_degradation(kb: dict[str, Article], store: MemoryStore) -> None:
    store.entries.clear()
    result = search("refund reaches the card")
    assert result.degradation == "words_only"
    assert "being filled" in result.message
    assert result.passages


def test_by_words_alone_an_unrelated_question_finds_nothing(kb: dict[str, Article], store: MemoryStore) -> None:
    store.fail_after = 0
    assert search("which card game do penguins prefer on icebergs").passages == ()


def test_a_passage_too_new_for_a_vector_is_found_by_its_words(kb: dict[str, Article], write: Write) -> None:
    write("Vouchers", "Gift vouchers are valid for 36 months.")
    hit = search("gift vouchers valid").passages[0]
    assert (hit.title, hit.dense_rank) == ("Vouchers", None)
    assert hit.why.startswith("words:")


def test_chroma_may_fail_between_two_requests(kb: dict[str, Article], store: MemoryStore) -> None:
    store.fail_after = 1
    assert search("refund card").passages


def test_one_article_does_not_fill_the_list(kb: dict[str, Article], write: Write) -> None:
    write("Long", "\n\n".join(f"## Refund {i}\n\n" + f"refund card money {i} " * 20 for i in range(6)))
    storing.sync_all()
    hits = search("refund card money", limit=10, min_score=0).passages
    assert sum(hit.title == "Long" for hit in hits) == PER_ARTICLE
    assert len({hit.title for hit in hits}) > 1


def test_language_and_category_move_articles_up_and_exclude_none(kb: dict[str, Article], write: Write) -> None:
    write("Refunds DE", "refund card money", language="de", category="billing")
    write("Refunds EN", "refund card money", language="en", category="billing")
    storing.sync_all()
    assert titles("refund card money", language="de")[0] == "Refunds DE"
    assert titles("refund card money", language="en")[0] == "Refunds EN"
    found = search("refund card money", language="de").candidates
    assert "Refunds EN" in {each.title for each in found}, "told apart from its twin, not excluded"


def test_the_number_of_queries_does_not_grow_with_hits(
    kb: dict[str, Article], write: Write, django_assert_max_num_queries: Any
) -> None:
    for i in range(10):
        write(f"Refund {i}", f"refund card money {i}")
    storing.sync_all()
    with django_assert_max_num_queries(5):
        assert len(search("refund card money", limit=10, min_score=0).passages) == 10


def test_the_conversation_before_a_question_helps_to_find(kb: dict[str, Article]) -> None:
    assert titles("and how many at most?", history=["I want to export bookings rows"])[0] == "Export bookings"


def test_queries_are_cut_between_words() -> None:
    cleaned = one_line("word " * 1000)
    assert len(cleaned) <= QUERY_LIMIT
    assert cleaned.endswith("word")


def test_fusion_prefers_what_both_sides_found() -> None:
    ranked = fuse([(1, 0.9), (2, 0.8)], [(2, 5.0), (3, 4.0)])
    assert [each.id for each in ranked] == [2, 1, 3]
    assert (ranked[0].dense_rank, ranked[0].lexical_rank, ranked[0].similarity) == (2, 1, 0.8)
    assert [each.id for each in fuse([], [(7, 1.0), (8, 0.5)])] == [7, 8]


def test_a_missing_model_names_the_command_that_fetches_it(settings: Any) -> None:
    from knowledge.index.embeddings import get_embedder

    settings.EMBEDDING_MODEL = "/nowhere/model"
    with pytest.raises(EmbedderUnavailable, match="manage.py fetch_models"):
        get_embedder().embed_query("x")


def test_an_embedder_of_english_answers_from_the_customers_language_and_from_english(
    store: MemoryStore, write: Write, settings: Any
) -> None:
    for language in ("en", "es", "fr"):
        write(title=f"Refund card {language}", language=language)
    storing.sync_all()
    found = {hit.language for hit in search("refund card", language="es", min_score=0).passages}
    assert found == {"en", "es"}
    assert {hit.language for hit in search("refund card", min_score=0, limit=10).candidates} == {"en", "es", "fr"}
    settings.EMBEDDING_MULTILINGUAL = True
    found = {hit.language for hit in search("refund card", language="es", min_score=0, limit=10).candidates}
    assert found == {"en", "es", "fr"}


MANY_SCRIPTS = {
    "Receipts": "領収書の再発行は、設定の請求ページから行えます。",
    "Invoices": "您可以在设置的账单页面重新开具发票。",
    "Clients": "The C++ client needs a compiler. The C# client and the .NET package do not.",
    "Errors": "Error 0x80070005 means that the folder of LEDGER-77120 may not be written.",
    "Hotels": "La réservation de l'hôtel est annulée depuis Réglages.",
    "Letters": "The letter c alone, and a sharp one.",
}


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("再発行", "Receipts"),
        ("領収書をもう一度発行してください", "Receipts"),
        ("发票", "Invoices"),
        ("怎么重新开具发票", "Invoices"),
        ("C++", "Clients"),
        ("C#", "Clients"),
        (".NET", "Clients"),
        ("0x80070005", "Errors"),
        ("LEDGER-77120", "Errors"),
        ("reservation hotel", "Hotels"),
    ],
)
def test_words_of_every_script_are_found_by_words_alone(
    store: MemoryStore, write: Write, query: str, first: str
) -> None:
    for title, body in MANY_SCRIPTS.items():
        write(title, body)
    found = search(query, mode="lexical")
    assert found.passages and found.passages[0].title == first
    assert found.passages[0].why.startswith("words: ")


def test_passages_of_an_older_version_are_found_after_the_migration(store: MemoryStore, write: Write) -> None:
    article = write("Receipts", MANY_SCRIPTS["Receipts"])
    INDEX.clear()
    migration: Any = importlib.import_module("knowledge.migrations.0006_words_of_every_script")
    migration.index_anew(apps, SimpleNamespace(connection=connection))
    assert [hit.article_id for hit in search("再発行", mode="lexical").passages] == [article.pk]


@pytest.mark.parametrize("unit", ["\n", "-\n", "Thanks ", "AAAA ", "? ", "What now? ", "再発行", "a", "Hi, ", "\r"])
def test_a_question_without_end_is_read_in_time(unit: str) -> None:
    assert_linear(read, lambda size: unit * (size // len(unit)), sizes=(25_000, 100_000))
