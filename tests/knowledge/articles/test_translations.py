"""Translations are linked, added, out of date when the original changes, and up to date again."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from knowledge.articles import publishing, translations
from knowledge.models import Article
from tests.knowledge.conftest import REFUNDS
from tests.knowledge.test_admin import ADD, LIST, change, values
from tickets.models import User

Write = Callable[..., Article]


@pytest.fixture
def author(client: Client, ken: User, queued: list[Any]) -> Client:
    client.force_login(ken)
    return client


@pytest.fixture
def pair(write: Write) -> tuple[Article, Article]:
    original = write("Refunds", category="billing")
    return original, write("Rückerstattungen", "Geld zurück.", translation_of=original, language="de")


def rewritten(article: Article, text: str) -> None:
    article.body_md = text
    publishing.save_revision(article)
    publishing.approve(article)


def test_approving_a_translation_notes_what_it_was_made_from(pair: tuple[Article, Article]) -> None:
    original, german = pair
    assert german.translated_revision == original.published
    assert not translations.out_of_date(german)


def test_a_newer_original_makes_it_out_of_date(author: Client, pair: tuple[Article, Article]) -> None:
    original, german = pair
    rewritten(original, REFUNDS.replace("14 days", "30 days"))
    page = author.get(change(german)).content.decode()
    assert "The original has changed" in page
    assert "<del>14</del>" in page
    assert "<ins>30</ins>" in page
    listed = author.get(reverse(LIST), {"translation": "outdated"}).content.decode()
    assert "Rückerstattungen" in listed
    assert "translation out of date" in listed
    assert f">{original.title}</a>" not in listed


def test_a_member_confirms_that_a_translation_is_up_to_date(author: Client, pair: tuple[Article, Article]) -> None:
    original, german = pair
    rewritten(original, REFUNDS + "\nA typo less.")
    author.post(change(german), values(german, language="de", translation_of=original.pk, _confirm="1"))
    german.refresh_from_db()
    assert german.translated_revision_id == Article.objects.get(pk=original.pk).published_id
    assert "The original has changed" not in author.get(change(german)).content.decode()


def test_approving_the_translation_confirms_it_too(pair: tuple[Article, Article]) -> None:
    original, german = pair
    rewritten(original, REFUNDS + "\nMore.")
    rewritten(Article.objects.get(pk=german.pk), "Geld zurück, und mehr.")
    german = Article.objects.select_related("translation_of").get(pk=german.pk)
    assert not translations.out_of_date(german)


def test_a_translation_that_was_never_compared_is_out_of_date(author: Client, pair: tuple[Article, Article]) -> None:
    _, german = pair
    Article.objects.filter(pk=german.pk).update(translated_revision=None)
    assert list(Article.objects.filter(translations.OUT_OF_DATE)) == [german]
    page = author.get(change(german)).content.decode()
    assert "do not know which text" in page
    assert "not compared with the original" in page


def test_an_unpublished_original_makes_no_translation_out_of_date(pair: tuple[Article, Article]) -> None:
    original, german = pair
    publishing.unpublish(original)
    assert not Article.objects.filter(translations.OUT_OF_DATE).exists()
    assert not translations.confirm(Article.objects.get(pk=german.pk))


def test_every_form_lists_all_translations(author: Client, pair: tuple[Article, Article]) -> None:
    original, german = pair
    for one, other, name in ((original, german, "Deutsch"), (german, original, "English")):
        page = author.get(change(one)).content.decode()
        assert f'href="{change(other)}">{name}</a>' in page


def test_a_new_translation_is_filled_in_from_the_original(author: Client, pair: tuple[Article, Article]) -> None:
    original, german = pair
    offered = dict(translations.to_add(german, translations.linked(german)))
    assert "Deutsch" not in offered
    assert offered["Español"].startswith(reverse(ADD))
    initial = author.get(offered["Español"]).context["adminform"].form.initial
    expected = {"language": "es", "category": "billing", "audience": "public", "title": "Refunds"}
    assert {key: initial[key] for key in expected} == expected
    assert str(initial["translation_of"]) == str(original.pk)


def test_a_translation_of_a_translation_belongs_to_the_original(author: Client, pair: tuple[Article, Article]) -> None:
    original, german = pair
    author.post(reverse(ADD), values(title="Remboursements", translation_of=german.pk, language="FR", _continue="1"))
    french = Article.objects.get(title="Remboursements")
    assert (french.translation_of, french.language) == (original, "fr")


def test_circles_are_refused(author: Client, pair: tuple[Article, Article]) -> None:
    original, german = pair
    for wrong in (original, german):
        page = author.post(change(original), values(original, translation_of=wrong.pk, _continue="1"))
        assert page.status_code == 200
    original.refresh_from_db()
    assert original.translation_of is None
