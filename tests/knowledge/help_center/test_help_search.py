"""Searching the help center: results, the page without any, what is recorded, votes, and what becomes a gap."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import pytest
from django.core import signing
from django.core.cache import cache
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from config.web.public_site import VISIT_COOKIE, VISIT_SALT
from knowledge import tasks
from knowledge.help_center import asking, visits
from knowledge.help_center.marking import excerpt
from knowledge.help_center.masking import mask
from knowledge.models import Article, Gap, HelpRead, HelpSearch, HelpVisit, HelpVote
from knowledge.sync import storing
from knowledge.text.markup import one_line
from tests.knowledge.conftest import EXPORT
from tests.knowledge.fakes import MemoryStore

Write = Callable[..., Article]
PART = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def empty_cache(settings: Any) -> None:
    settings.RETRIEVAL_MIN_SCORE = 0.3
    cache.clear()


@pytest.fixture
def kb(store: MemoryStore, write: Write) -> dict[str, Article]:
    found = {"refunds": write(category="billing"), "export": write("Export bookings", EXPORT, category="technical")}
    storing.sync_all()
    return found


def ask(client: Client, query: str, part: bool = False, status: int = 200, name: str = "search") -> str:
    answer = client.get(reverse(f"help:{name}", args=["en"]), {"q": query}, headers=PART if part else {})
    assert answer.status_code == status
    page = answer.content.decode()
    record_search(client, page)
    return page


def record_search(client: Client, page: str) -> int:
    """What static/js/help/visits.js does with a page of results; its status, 0 if there was nothing to record."""
    found = re.search(r'data-record-token="([^"]+)" data-record-url="([^"]+)"', page)
    return client.post(found[2], {"token": unescape(found[1])}).status_code if found else 0


def open_article(client: Client, path: str, via: str = "") -> Any:
    """Opens the page and does what its script does."""
    answer = client.get(f"{path}?from={via}" if via else path)
    url = re.search(r'data-read-url="([^"]+)"', answer.content.decode())
    assert url and client.post(url[1], {"from": via}).status_code == 204
    return answer


def later(**fields: Any) -> None:
    """Moves everything recorded so far into the past."""
    for row in HelpSearch.objects.all():
        HelpSearch.objects.filter(pk=row.pk).update(searched_at=row.searched_at - timedelta(**fields))


# --- Results ---------------------------------------------------------------------


def test_a_result_leads_to_its_section(client: Client, kb: dict[str, Article]) -> None:
    page = ask(client, "how long does a refund take to reach the card")
    assert f"articles/{kb['refunds'].pk}-refunds/?from=search#s-how-long-it-takes" in page
    assert "How long it takes" in page and "<mark>card</mark>" in page
    assert "noindex" in page


def test_a_script_gets_the_same_results_as_options(client: Client, kb: dict[str, Article]) -> None:
    page = ask(client, "how long does a refund take to reach the card", part=True)
    assert 'role="listbox"' in page and 'role="option"' in page and "<html" not in page
    assert 'data-status="' in page


def test_without_a_result_the_page_says_so_and_leads_to_the_contact_form(
    client: Client, kb: Any, settings: Any
) -> None:
    settings.RETRIEVAL_MIN_SCORE = 0.99
    for part in (False, True):
        page = ask(client, "zebra quantum", part=part)
        assert "No article answers this." in page and reverse("help:to_contact", args=["en"]) in page
    assert HelpSearch.objects.get().found == 0


def test_without_vectors_the_words_still_find_articles_and_no_error_is_shown(
    client: Client, kb: Any, store: MemoryStore
) -> None:
    store.fail_after = 0
    page = ask(client, "row limit of an export")
    assert "Export bookings" in page and "words only" not in page.lower()
    assert HelpSearch.objects.get().best_score is None


def test_an_empty_query_is_not_searched(client: Client, kb: Any) -> None:
    for query in ("", " ", "a"):
        assert "Type what you want to know." in ask(client, query)
    assert not HelpVisit.objects.exists()


def test_too_many_searches_must_wait(client: Client, kb: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "SEARCHES", 2)
    ask(client, "refund")
    ask(client, "export")
    assert "wait a minute" in ask(client, "refund again", status=429)
    assert "wait a minute" in ask(client, "refund again", part=True, status=429)
    assert HelpSearch.objects.count() == 2


def test_what_is_typed_is_escaped(client: Client, kb: Any) -> None:
    page = ask(client, "<script>alert(1)</script> refund card")
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page


def test_suggestions_are_three_articles_and_nothing_is_recorded(client: Client, kb: Any) -> None:
    page = ask(client, "how long does a refund take to reach the card", name="suggest")
    assert 1 <= page.count("<li>") <= 3 and "?from=contact" in page and 'target="_blank"' in page
    assert "<li>" not in ask(client, "", name="suggest")
    assert not HelpVisit.objects.exists()


def test_what_was_read_is_not_suggested_again(client: Client, kb: dict[str, Article]) -> None:
    asked = {"q": "how long does a refund take to reach the card"}
    address = reverse("help:suggest", args=["en"])
    assert f"articles/{kb['refunds'].pk}-" in client.get(address, asked).content.decode()
    page = client.get(address, asked | {"read": [str(kb["refunds"].pk), "x"]}).content.decode()
    assert f"articles/{kb['refunds'].pk}-" not in page


def test_an_unrelated_question_in_another_language_finds_nothing_and_is_recorded_as_unanswered(
    client: Client, store: MemoryStore, write: Write, settings: Any
) -> None:
    settings.RETRIEVAL_MIN_SCORE = 0.01  # an embedder that cannot read German calls everything German near
    write("Passwort zurücksetzen", "Der Link gilt 60 Minuten und nur einmal.", language="de")
    storing.sync_all()
    address = reverse("help:search", args=["de"])
    page = client.get(address, {"q": "Link zu einem Rezept für Apfelkuchen mit Zimt"}).content.decode()
    record_search(client, page)
    assert "Kein Artikel beantwortet das." in page and "Passwort" not in page
    assert (HelpSearch.objects.get().found, HelpSearch.objects.get().best_score) == (0, 0.0)
    assert "Passwort zurücksetzen" in client.get(address, {"q": "Passwort zurücksetzen"}).content.decode()


@given(st.text(max_size=600), st.text(max_size=60))
def test_an_excerpt_is_a_part_of_the_passage(passage: str, query: str) -> None:
    pieces = excerpt(passage, query)
    text = "".join(piece.text for piece in pieces)
    assert text.removeprefix("… ").removesuffix(" …") in one_line(passage)
    assert len(text) <= 270


def test_an_excerpt_has_no_markup() -> None:
    passage = "Check:\n\n| You see | It is |\n|---|---:|\n| A line | a hold |\n| Two | |\n\n- one\n* two\n1. three"
    assert one_line(passage) == "Check: • A line – a hold • Two • one • two 1. three"


def test_of_an_article_only_its_best_passage_is_shown(client: Client, kb: dict[str, Article]) -> None:
    page = ask(client, "how long does a refund take to reach the card")
    assert page.count(f"articles/{kb['refunds'].pk}-refunds/?from=search") == 1


def test_an_excerpt_starts_near_the_words_that_match() -> None:
    pieces = excerpt("filler " * 80 + "the export holds rows " + "filler " * 80, "exports")
    assert [piece.text for piece in pieces if piece.marked] == ["export"]
    assert "".join(piece.text for piece in pieces).startswith("… ")


# --- What is recorded ------------------------------------------------------------------


def test_the_first_search_starts_a_visit_with_a_cookie(client: Client, kb: Any) -> None:
    ask(client, "refund card")
    cookie = client.cookies[VISIT_COOKIE]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["max-age"] == 90 * 24 * 3600
    assert str(HelpVisit.objects.get().key) == cookie.value
    ask(client, "export rows")
    assert HelpVisit.objects.count() == 1 and HelpSearch.objects.count() == 2


def test_a_key_that_we_did_not_issue_starts_a_new_visit(client: Client, kb: Any) -> None:
    for forged in (str(uuid4()), "nonsense", "' OR 1=1"):
        client.cookies[VISIT_COOKIE] = forged
        ask(client, "refund card")
        assert client.cookies[VISIT_COOKIE].value != forged


def test_of_searches_while_typing_only_the_last_is_recorded(client: Client, kb: Any) -> None:
    for typed in ("ref", "refund ca", "refund card", "refund car"):
        ask(client, typed, part=True)
    assert HelpSearch.objects.get().query == "refund car"
    ask(client, "export rows")
    assert HelpSearch.objects.count() == 2


def test_more_words_half_a_minute_later_are_a_new_search(client: Client, kb: Any) -> None:
    ask(client, "refund")
    later(seconds=31)
    ask(client, "refund card")
    assert HelpSearch.objects.count() == 2


def test_personal_data_is_masked_before_it_is_stored(client: Client, kb: Any) -> None:
    ask(client, "refund to card 4111 1111 1111 11", part=True)
    ask(client, "refund to card 4111 1111 1111 1111 for lena@haas.example")
    assert HelpSearch.objects.get().query == "refund to card <card> for <email>"


@pytest.mark.parametrize(
    ("before", "now", "same"),
    [
        ("", "refund", True),
        ("ref", "refund my card", True),
        ("refund my card", "refund", True),
        ("card 12345", "card <number>", True),
        ("refund", "export", False),
        ("refund card", "refund export", False),
    ],
)
def test_typing_more_or_less_of_it_is_the_same_question(before: str, now: str, same: bool) -> None:
    assert visits.extends(before, now) is same


def test_an_article_opened_from_a_search_belongs_to_it(client: Client, kb: dict[str, Article]) -> None:
    ask(client, "refund card")
    path = f"/help/en/articles/{kb['refunds'].pk}-refunds/"
    open_article(client, path, "search")
    open_article(client, path, "search")
    read = HelpRead.objects.get()
    assert read.search == HelpSearch.objects.get() and read.article == kb["refunds"]
    open_article(client, f"/help/en/articles/{kb['export'].pk}-export-bookings/")
    assert HelpRead.objects.filter(search=None, article=kb["export"]).count() == 1
    ask(client, "refund card please")  # an opened search is final: this is another one
    assert HelpSearch.objects.count() == 2


def test_failing_statistics_never_keep_a_visitor_from_an_article(
    client: Client, kb: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*args: Any, **kwargs: Any) -> None:
        raise DatabaseError("locked")

    monkeypatch.setattr(visits, "record_search", locked)
    monkeypatch.setattr(visits, "record_read", locked)
    assert "Refunds" in ask(client, "how long does a refund take to reach the card")
    client.cookies[VISIT_COOKIE] = str(HelpVisit.objects.create().key)
    assert open_article(client, f"/help/en/articles/{kb['refunds'].pk}-refunds/").status_code == 200


def test_only_a_search_that_we_signed_is_recorded(client: Client, kb: Any) -> None:
    url = reverse("help:record_search", args=["en"])
    forged = signing.dumps(["made up", "en", 9, 1.0], salt="another")
    for bad in ("", "x", forged, "²"):
        assert client.post(url, {"token": bad}).status_code == 400
    assert client.get(url).status_code == 405 and not HelpVisit.objects.exists()


def test_a_search_page_without_its_script_records_nothing(client: Client, kb: Any) -> None:
    """A prefetched page, a robot, a link somebody shared: looking at a page writes nothing."""
    for _ in range(3):
        client.get(reverse("help:search", args=["en"]), {"q": "refund card"})
    assert not HelpVisit.objects.exists() and not client.cookies


def test_reading_alone_starts_no_visit(client: Client, kb: dict[str, Article]) -> None:
    open_article(client, f"/help/en/articles/{kb['refunds'].pk}-refunds/", "search")
    assert not HelpVisit.objects.exists() and not client.cookies


def test_going_to_the_contact_form_starts_no_visit(client: Client, kb: dict[str, Article]) -> None:
    assert passed_on(client, article=kb["refunds"].pk)["visit"] == ""
    assert not HelpVisit.objects.exists() and not client.cookies


SECRETS = st.one_of(
    st.from_regex(r"[a-z0-9.]{1,20}@[a-z0-9]{1,10}\.example", fullmatch=True),
    st.from_regex(r"\+?[0-9]{2,3}([ /-]?[0-9]){6,12}", fullmatch=True),
    st.from_regex(r"[0-9]{4}( [0-9]{4}){3}", fullmatch=True),
    st.from_regex(r"DE[0-9]{2}( ?[0-9]{4}){4} ?[0-9]{2}", fullmatch=True),
    st.from_regex(r"GB[0-9]{2}[A-Z]{4}[0-9]{14}", fullmatch=True),
)


@given(st.text(max_size=60), SECRETS, st.text(max_size=60))
def test_masking_leaves_nothing_of_a_secret(before: str, secret: str, after: str) -> None:
    masked = mask(f"{before} {secret} {after}")
    assert secret not in masked
    digits = "".join(each for each in secret if each.isdigit())
    if "@" not in secret:
        assert digits[-6:] not in "".join(each for each in masked if each.isascii())


@given(st.text(max_size=300))
def test_masking_is_final_and_one_line(text: str) -> None:
    once = mask(text)
    assert "\n" not in once and mask(once) == once


@pytest.mark.parametrize(
    "plain",
    [
        "error IMP-201",
        "export more than 100,000 rows",
        "plan for 2026",
        "in 5 to 10 days",
        "code BK-409 for what this team does",
    ],
)
def test_ordinary_questions_are_left_alone(plain: str) -> None:
    assert mask(plain) == plain


# --- Gaps ----------------------------------------------------------------------------


@pytest.fixture
def strict(kb: Any, settings: Any) -> None:
    settings.RETRIEVAL_MIN_SCORE = 0.99


def test_without_searches_there_are_no_gaps(strict: None) -> None:
    assert tasks.note_unanswered_searches() == "0 noted"


def test_a_search_that_found_nothing_becomes_a_gap_once(client: Client, strict: None) -> None:
    ask(client, "zebra quantum for lena@haas.example")
    assert tasks.note_unanswered_searches() == "0 noted"  # the visitor may still be typing
    later(minutes=3)
    assert tasks.note_unanswered_searches() == "1 noted"
    assert tasks.note_unanswered_searches() == "0 noted"
    gap = Gap.objects.get()
    search = HelpSearch.objects.get()
    assert (gap.asked_in, gap.query, gap.language) == (f"help:{search.pk}", "zebra quantum for <email>", "en")
    assert gap.best_score == search.best_score


def test_of_several_attempts_the_last_counts(client: Client, strict: None) -> None:
    ask(client, "zebra quantum")
    ask(client, "quantum for zebras")
    later(minutes=3)
    tasks.note_unanswered_searches()
    assert [gap.query for gap in Gap.objects.all()] == ["quantum for zebras"]


def test_a_later_search_that_finds_something_leaves_no_gap(client: Client, strict: None, settings: Any) -> None:
    ask(client, "zebra quantum")
    settings.RETRIEVAL_MIN_SCORE = 0.3
    ask(client, "how long does a refund take to reach the card")
    assert HelpSearch.objects.order_by("-pk")[0].found
    later(minutes=3)
    assert tasks.note_unanswered_searches() == "0 noted"


def test_a_search_by_words_alone_makes_no_gap(client: Client, strict: None, store: MemoryStore) -> None:
    store.fail_after = 0
    ask(client, "zebra quantum")
    later(minutes=3)
    assert tasks.note_unanswered_searches() == "0 noted"


def test_a_search_of_another_visitor_does_not_count(client: Client, strict: None) -> None:
    ask(client, "zebra quantum")
    ask(Client(), "quantum zebra")
    later(minutes=3)
    assert tasks.note_unanswered_searches() == "2 noted"


def test_old_visits_are_deleted_with_all_their_rows(client: Client, kb: dict[str, Article], settings: Any) -> None:
    settings.HELP_VISIT_DAYS = 90
    for days in (91, 89):
        visit = HelpVisit.objects.create(started_at=timezone.now() - timedelta(days=days))
        search = visit.searches.create(query="x", found=1)
        visit.reads.create(article=kb["refunds"], search=search)
        visit.votes.create(article=kb["refunds"], helped=True)
    assert tasks.forget_help_visits() == "1 forgotten"
    counts = [model.objects.count() for model in (HelpVisit, HelpSearch, HelpRead, HelpVote)]
    assert counts == [1, 1, 1, 1]


# --- Votes -----------------------------------------------------------------------------


def vote_url(article: Article) -> str:
    return reverse("help:vote", args=["en", article.pk])


def test_a_vote_without_scripts_is_asked_for_then_saved_and_shown(client: Client, kb: dict[str, Article]) -> None:
    url = vote_url(kb["refunds"])
    page = client.get(url, {"helped": "no"}).content.decode()
    assert 'value="no" checked' in page and not HelpVote.objects.exists()
    answer = client.post(url, {"helped": "no", "comment": "Mail me at lena@haas.example"}, follow=True)
    assert "You did not find this article helpful." in answer.content.decode()
    vote = HelpVote.objects.get()
    assert (vote.helped, vote.comment) == (False, "Mail me at <email>")


def test_a_vote_can_be_changed_and_counts_once(client: Client, kb: dict[str, Article]) -> None:
    url = vote_url(kb["refunds"])
    client.post(url, {"helped": "no"})
    assert 'value="no" checked' in client.get(url, {"change": "1"}).content.decode()
    page = client.post(url, {"helped": "yes"}, headers=PART).content.decode()
    assert "You found this article helpful." in page and "<html" not in page
    assert [vote.helped for vote in HelpVote.objects.all()] == [True]


def test_a_vote_needs_the_token_and_an_answer(kb: dict[str, Article]) -> None:
    assert Client(enforce_csrf_checks=True).post(vote_url(kb["refunds"]), {"helped": "yes"}).status_code == 403
    assert Client().post(vote_url(kb["refunds"]), {"helped": "perhaps"}).status_code == 200
    assert not HelpVote.objects.exists()


def test_an_article_page_has_no_csrf_token(client: Client, kb: dict[str, Article]) -> None:
    page = client.get(f"/help/en/articles/{kb['refunds'].pk}-refunds/")
    assert "csrfmiddlewaretoken" not in page.content.decode() and not page.cookies


# --- To the contact form -------------------------------------------------------------------


def passed_on(client: Client, **query: Any) -> Any:
    answer = client.get(reverse("help:to_contact", args=["en"]), query)
    assert answer.status_code == 302
    signed = dict(part.split("=", 1) for part in answer.headers["Location"].split("?")[1].split("&"))["read"]
    return signing.loads(unquote(signed), salt=VISIT_SALT)


def test_what_was_read_and_searched_is_passed_on_signed(client: Client, kb: dict[str, Article]) -> None:
    ask(client, "refund card")
    open_article(client, f"/help/en/articles/{kb['export'].pk}-export-bookings/")
    found = passed_on(client, article=kb["refunds"].pk)
    assert found["read"] == [[kb["refunds"].pk, "Refunds"], [kb["export"].pk, "Export bookings"]]
    assert found["query"] == "refund card" and found["visit"] == str(HelpVisit.objects.get().key)


@pytest.mark.parametrize("bad", ["x", "-1", "9" * 40, "٣", "987654"])
def test_a_wrong_article_is_left_out(client: Client, kb: Any, bad: str) -> None:
    assert passed_on(client, article=bad)["read"] == []
