"""Owners are reminded before the review date and when it has passed, in one mail."""

import logging
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import translation

from knowledge.articles import reminders
from knowledge.articles.reminders import is_reminder_due, remind
from knowledge.models import Article
from tickets.models import User

Write = Callable[..., Article]
DUE = date(2026, 6, 30)


@pytest.mark.parametrize(
    ("today", "reminded", "expected"),
    [
        (date(2026, 6, 15), None, False),
        (date(2026, 6, 16), None, True),  # 14 days before
        (date(2026, 6, 20), date(2026, 6, 16), False),
        (date(2026, 6, 30), date(2026, 6, 16), False),
        (date(2026, 7, 1), date(2026, 6, 16), True),  # overdue
        (date(2026, 7, 1), date(2026, 6, 30), True),
        (date(2026, 7, 9), date(2026, 7, 1), False),
        (date(2026, 9, 1), None, True),
        (date(2026, 6, 16), date(2026, 1, 5), True),  # reminded of an earlier date
    ],
)
def test_when_a_reminder_is_due(today: date, reminded: date | None, expected: bool) -> None:
    assert is_reminder_due(DUE, reminded, today) is expected


def test_one_mail_lists_all_with_links(write: Write, ken: User, settings: Any) -> None:
    settings.DESK_URL = "https://desk.example"
    late = write("Late one", owner=ken, review_by=DUE - timedelta(days=40))
    soon = write("Soon one", owner=ken, review_by=DUE, approve=False)
    write("Fine one", owner=ken, review_by=DUE + timedelta(days=90))
    report = remind(DUE)
    assert (report.mails, report.articles) == (1, 2)
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == (["ken@tallybird.example"], "2 articles to review, 1 overdue")
    for article in (late, soon):
        assert article.title in sent.body
        assert f"https://desk.example{reverse('admin:knowledge_article_change', args=[article.pk])}" in sent.body
    assert "Fine one" not in sent.body
    assert remind(DUE).mails == 0
    assert remind(DUE + timedelta(days=1)).articles == 1


def test_each_owner_is_written_to_in_his_language(
    write: Write, ken: User, rosa: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    User.objects.filter(pk=ken.pk).update(language="de")
    write("A", owner=ken, review_by=DUE)
    write("B", owner=rosa, review_by=DUE)
    monkeypatch.setattr(reminders, "subject", lambda *args: translation.get_language())
    remind(DUE)
    assert {(*sent.to, sent.subject) for sent in mail.outbox} == {(ken.email, "de"), (rosa.email, "en")}


def test_a_new_due_date_is_a_new_reminder(write: Write, ken: User) -> None:
    article = write(owner=ken, review_by=DUE)
    remind(DUE)
    Article.objects.filter(pk=article.pk).update(review_by=DUE + timedelta(days=180))
    assert remind(DUE + timedelta(days=100)).mails == 0
    assert remind(DUE + timedelta(days=170)).mails == 1


def test_owners_without_an_address_are_counted(
    write: Write, ken: User, rosa: User, caplog: pytest.LogCaptureFixture
) -> None:
    User.objects.filter(pk=rosa.pk).update(email="")
    write("A", owner=rosa, review_by=DUE)
    write("B", review_by=DUE)
    with caplog.at_level(logging.INFO, logger="knowledge.articles.reminders"):
        report = remind(DUE)
    assert (report.mails, report.without_address) == (0, 2)
    assert "without_address=2" in caplog.text
    assert Article.objects.filter(reminded_on__isnull=False).count() == 0


def test_archived_articles_need_no_review(write: Write, ken: User) -> None:
    from knowledge.articles import publishing

    publishing.archive(write(owner=ken, review_by=DUE))
    assert remind(DUE).mails == 0


def test_a_mail_that_fails_is_tried_again(write: Write, ken: User, monkeypatch: pytest.MonkeyPatch) -> None:
    write(owner=ken, review_by=DUE)

    def broken(*args: Any, **kwargs: Any) -> None:
        raise OSError("no mail server")

    monkeypatch.setattr(reminders, "send_mail", broken)
    assert remind(DUE).failed == 1
    monkeypatch.undo()
    assert remind(DUE).mails == 1
