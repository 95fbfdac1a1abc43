"""The demo's data: complete, with consistent times, written once, never in production."""

import html
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import F

from copilot.models import Draft, ModelCall
from copilot.presend.check import check
from copilot.presend.gathering import facts_for
from demo import content, drafts, people, seeding
from knowledge.models import Article
from tickets import search
from tickets.models import Attachment, Message, OutgoingMail, Ticket, TicketEvent, User


@pytest.fixture(scope="module")
def history(django_db_setup: None, django_db_blocker: Any) -> Iterator[seeding.Seeded]:
    """Seeded once for the whole file, inside a transaction that is rolled back; each test has its own savepoint."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield seeding.seed()
        transaction.set_rollback(True)


@pytest.fixture
def seeded(history: seeding.Seeded, db: None) -> seeding.Seeded:
    return history


def test_everything_is_there(seeded: seeding.Seeded) -> None:
    assert seeded.tickets == len(content.tickets()) and seeded.customers == len(content.customers())
    assert set(User.objects.values_list("username", flat=True)) == {row[0] for row in people.STAFF}
    assert User.objects.get(username="mira").check_password(people.PASSWORD)
    assert TicketEvent.objects.values("ticket").distinct().count() == seeded.tickets
    replies = Message.objects.filter(kind=Message.Kind.REPLY).count()
    assert OutgoingMail.objects.filter(state="sent").count() == replies


def test_mails_have_pictures_in_place_and_files_beside_them(seeded: seeding.Seeded) -> None:
    pictures = Attachment.objects.exclude(content_id="")
    assert sorted(picture.filename for picture in pictures) == ["bank-statement.png", "import-result.png"]
    for picture in pictures:
        mail = picture.message
        assert mail.formatted and f'data-cid="{picture.content_id}"' in mail.html and picture.has_preview
        assert [word for word in mail.text.split() if word not in html.unescape(mail.html)] == []
    (invoice,) = Attachment.objects.filter(content_id="")
    assert invoice.content_type == "application/pdf" and not invoice.message.html


def test_every_article_is_imported_and_every_source_is_known(seeded: seeding.Seeded) -> None:
    assert seeded.articles == len(list(content.ARTICLES.rglob("*.md")))
    used = {slug for story in content.tickets() if story["draft"] for slug in story["draft"]["sources"]}
    assert used <= set(drafts.sources())


def test_times_are_consistent(seeded: seeding.Seeded) -> None:
    assert not Ticket.objects.filter(closed_at__lt=F("created_at")).exists()
    assert not Draft.objects.filter(finished_at__lt=F("created_at")).exists()
    assert not Draft.objects.filter(shown_at__lt=F("finished_at")).exists()
    assert not Draft.objects.filter(reviewed_at__lt=F("shown_at")).exists()
    assert not Ticket.objects.filter(first_response_at__lt=F("created_at")).exists()


def test_reviews_follow_from_the_texts(seeded: seeding.Seeded) -> None:
    for draft in Draft.objects.filter(review="accepted"):
        assert draft.edit_distance == 0 and draft.reply_id
    for draft in Draft.objects.filter(review="edited"):
        assert 0 < (draft.edit_distance or 0) <= 1 and draft.reply_id
    assert not Draft.objects.filter(review="rejected", reason="").exists()


def test_no_model_is_said_to_have_written_the_invented_drafts(seeded: seeding.Seeded) -> None:
    assert Draft.objects.exists() and not ModelCall.objects.exists()


def test_open_tickets_wait_for_the_real_model(seeded: seeding.Seeded) -> None:
    from copilot.drafting import drafter_queue

    waiting = drafter_queue.messages_without_draft()
    assert waiting and not Draft.objects.filter(message__in=waiting).exists()
    urgency = [message.ticket.priority for message in waiting]
    assert urgency == sorted(urgency, reverse=True)


def test_the_history_can_be_searched(seeded: seeding.Seeded) -> None:
    assert search.search_tickets("refund")


def test_a_second_time_does_nothing(seeded: seeding.Seeded, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("seed_demo", json=True)
    assert json.loads(capsys.readouterr().out)["seeded"] is False
    assert Ticket.objects.count() == seeded.tickets


def test_the_check_before_sending_has_little_to_say_to_good_replies(seeded: seeding.Seeded) -> None:
    """A warning too many is worse than none. Of these replies it objects to amounts that the agents worked out."""
    replies = Message.objects.filter(kind="reply", author__isnull=False).select_related("ticket__customer", "author")
    found = [
        (reply.pk, each.level, each.words)
        for reply in replies
        if reply.author
        for each in check(reply.text, facts_for(reply.ticket, reply.author, reply.text, sent=reply.pk))
    ]
    assert [each for each in found if each[1] == "block"] == []
    assert len({pk for pk, *_ in found}) <= 0.1 * len(replies)


def test_force_starts_over(seeded: seeding.Seeded, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("seed_demo", force=True, json=True)
    report = json.loads(capsys.readouterr().out)
    assert report["seeded"] and report["tickets"] == seeded.tickets
    assert Article.objects.count() == seeded.articles


@pytest.mark.parametrize("command", ["seed_demo", "demo_traffic"])
def test_production_is_refused(settings: Any, command: str) -> None:
    settings.MODE = "production"
    with pytest.raises(CommandError, match="production"):
        call_command(command)


def test_traffic_comes_in_as_mail(seeded: seeding.Seeded, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("demo_traffic", count=1, json=True)
    sent = json.loads(capsys.readouterr().out)
    assert sent["sent"] == 1
    assert Ticket.objects.get(pk=sent["tickets"][0]).subject == content.traffic()[0]["subject"]
