"""Asking for approval, scheduling publication, and KB_SECOND_PAIR_OF_EYES."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from knowledge import tasks
from knowledge.articles import proposals, publishing
from knowledge.models import Article
from tests.knowledge.test_admin import LIST, change, values
from tickets.models import User

Write = Callable[..., Article]


@pytest.fixture
def author(client: Client, ken: User, queued: list[Any]) -> Client:
    client.force_login(ken)
    return client


def by(article: Article, person: User, text: str) -> None:
    article.body_md = text
    publishing.save_revision(article, author=person)


def test_asking_for_approval_changes_nothing_for_readers(author: Client, ken: User, write: Write) -> None:
    article = write()
    page = author.post(change(article), values(article, body_md="Better.", _propose="1"), follow=True)
    article.refresh_from_db()
    assert article.published is not None and article.published.number == 1
    assert (article.proposed.number, article.proposed_by) == (2, ken)  # type: ignore[union-attr]
    html = page.content.decode()
    assert "waiting for another member’s approval" in html
    assert "Ken Adeyemi asks for approval of revision 2" in html
    assert "Refunds" in author.get(reverse(LIST), {"waiting": "approval"}).content.decode()
    assert "Refunds" not in author.get(reverse(LIST), {"waiting": "scheduled"}).content.decode()


def test_a_proposal_is_withdrawn(author: Client, ken: User, write: Write) -> None:
    article = write(approve=False)
    proposals.propose(article, by=ken)
    author.post(change(article), values(article, _withdraw="1"))
    article.refresh_from_db()
    assert (article.proposed, article.proposed_by, article.proposed_at) == (None, None, None)


def test_approving_clears_the_proposal(write: Write, ken: User, rosa: User) -> None:
    article = write(approve=False)
    proposals.propose(article, by=ken)
    publishing.approve(article, by=rosa)
    article.refresh_from_db()
    assert (article.state, article.proposed) == ("approved", None)


def test_saving_a_form_that_was_open_does_not_restore_a_cleared_proposal(write: Write, ken: User) -> None:
    article = write(approve=False)
    proposals.propose(article, by=ken)
    stale = Article.objects.get(pk=article.pk)
    proposals.withdraw(article)
    stale.body_md = "Newer."
    publishing.save_revision(stale)
    article.refresh_from_db()
    assert article.proposed is None


def test_a_scheduled_article_is_published_on_time(author: Client, write: Write) -> None:
    article = write(approve=False)
    when = timezone.localtime() + timedelta(hours=2)
    page = author.post(
        change(article), values(article, _schedule="1", publish_at=f"{when:%Y-%m-%dT%H:%M}"), follow=True
    )
    assert "is approved and will be published on" in page.content.decode()
    article.refresh_from_db()
    assert article.state == "draft"
    assert tasks.publish_due() == "0 published"
    Article.objects.filter(pk=article.pk).update(publish_at=timezone.now() - timedelta(seconds=1))
    assert tasks.publish_due() == "1 published"
    assert tasks.publish_due() == "0 published"
    article.refresh_from_db()
    assert (article.state, article.publish_at, article.chunks.exists()) == ("approved", None, True)


def test_it_is_the_approved_text_that_is_published_not_a_newer_one(write: Write, ken: User) -> None:
    article = write(approve=False)
    proposals.schedule(article, timezone.now() + timedelta(hours=1), by=ken)
    by(article, ken, "Not yet read by anybody.")
    Article.objects.filter(pk=article.pk).update(publish_at=timezone.now())
    proposals.publish_due()
    article.refresh_from_db()
    assert article.published is not None and article.published.number == 1


def test_a_past_time_means_now(write: Write, ken: User) -> None:
    article = write(approve=False)
    proposals.schedule(article, timezone.now() - timedelta(minutes=1), by=ken)
    article.refresh_from_db()
    assert article.state == "approved"


@pytest.mark.parametrize("when", ["", "soon", "2026-13-45T99:00"])
def test_a_time_that_cannot_be_read_is_asked_for_again(author: Client, write: Write, when: str) -> None:
    article = write(approve=False)
    page = author.post(change(article), values(article, _schedule="1", publish_at=when), follow=True)
    assert "Choose the day and time" in page.content.decode()
    article.refresh_from_db()
    assert (article.state, article.publish_at) == ("draft", None)


def test_an_unpublished_article_is_no_longer_scheduled(write: Write, ken: User) -> None:
    article = write()
    proposals.schedule(article, timezone.now() + timedelta(hours=1), by=ken)
    publishing.archive(article)
    article.refresh_from_db()
    assert article.publish_at is None


def test_an_empty_text_cannot_be_proposed(author: Client, write: Write) -> None:
    article = write(approve=False)
    page = author.post(change(article), values(article, body_md="<!-- later -->", _propose="1"), follow=True)
    assert "has no text" in page.content.decode()


# --- KB_SECOND_PAIR_OF_EYES ---


@pytest.fixture
def two_pairs(settings: Any) -> None:
    settings.KB_SECOND_PAIR_OF_EYES = True


def test_nobody_approves_his_own_text(author: Client, write: Write, two_pairs: None) -> None:
    article = write(approve=False)
    page = author.post(change(article), values(article, body_md="Mine.", _approve="1"), follow=True)
    assert "You wrote revision 2 yourself" in page.content.decode()
    article.refresh_from_db()
    assert (article.state, article.body_md) == ("draft", "Mine.")


def test_nobody_schedules_his_own_text_or_approves_it_in_the_list(
    author: Client, ken: User, write: Write, two_pairs: None
) -> None:
    article = write(approve=False)
    by(article, ken, "Mine.")
    with pytest.raises(publishing.NeedsAnotherPerson):
        proposals.schedule(article, timezone.now() + timedelta(hours=1), by=ken)
    author.post(reverse(LIST), {"action": "approve_selected", "_selected_action": [article.pk]})
    article.refresh_from_db()
    assert (article.state, article.publish_at) == ("draft", None)


def test_a_colleague_approves_and_a_command_may(write: Write, ken: User, rosa: User, two_pairs: None) -> None:
    article = write(approve=False)
    by(article, ken, "His.")
    publishing.approve(article, by=rosa)
    by(article, ken, "His again.")
    publishing.approve(article)
    article.refresh_from_db()
    assert article.published is not None and article.published.number == 3


def test_without_the_setting_one_person_is_enough(write: Write, ken: User) -> None:
    article = write(approve=False)
    by(article, ken, "Mine.")
    assert publishing.approve(article, by=ken).number == 2
