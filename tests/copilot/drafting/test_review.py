"""What became of a draft, measured."""

from datetime import timedelta

import pytest
from django.utils import timezone

from copilot import review
from copilot.models import Draft
from tests.cast import lena, new_ticket
from tickets.models import Message, Ticket, User

pytestmark = pytest.mark.django_db

TEXT = "Hi <NAME>,\n\nA pending authorisation disappears within 5 business days [1]."


@pytest.fixture
def draft(ticket: Ticket) -> Draft:
    message = ticket.messages.get()
    return Draft.objects.create(
        ticket=ticket,
        message=message,
        state=Draft.State.READY,
        text=TEXT,
        shown_at=timezone.now() - timedelta(seconds=20),
    )


def reply(ticket: Ticket, author: User, text: str) -> Message:
    return Message.objects.create(ticket=ticket, kind=Message.Kind.REPLY, author=author, text=text)


def test_a_reply_that_reads_the_same_is_accepted_unedited(draft: Draft, mira: User) -> None:
    sent = reply(draft.ticket, mira, "Hi Tomas,\n\nA pending authorisation disappears within 5 business days.")
    review.reply_was_written(sent, str(draft.pk))
    draft.refresh_from_db()
    assert (draft.review, draft.edit_distance, draft.reply, draft.reviewed_by) == ("accepted", 0, sent, mira)


def test_a_changed_reply_is_edited_with_its_distance(draft: Draft, mira: User) -> None:
    sent = reply(draft.ticket, mira, "Hi Tomas,\n\nA pending authorisation disappears within 7 business days.")
    review.reply_was_written(sent, str(draft.pk))
    draft.refresh_from_db()
    assert draft.review == "edited"
    assert draft.edit_distance is not None
    assert 0 < draft.edit_distance < 0.05


@pytest.mark.parametrize(
    ("state", "text", "outcome"), [("ready", TEXT, "ignored"), ("failed", TEXT, "ignored"), ("failed", "", "pending")]
)
def test_a_reply_made_without_the_shown_draft_means_it_was_ignored(
    draft: Draft, mira: User, state: str, text: str, outcome: str
) -> None:
    Draft.objects.filter(pk=draft.pk).update(state=state, text=text)
    review.reply_was_written(reply(draft.ticket, mira, "My own words."), "")
    draft.refresh_from_db()
    assert draft.review == outcome


def test_a_draft_nobody_saw_is_not_reviewed(draft: Draft, mira: User) -> None:
    Draft.objects.update(shown_at=None)
    review.reply_was_written(reply(draft.ticket, mira, "My own words."), "")
    draft.refresh_from_db()
    assert draft.review == "pending"


def test_another_tickets_draft_cannot_be_claimed(draft: Draft, mira: User) -> None:
    other = new_ticket(lena())
    review.reply_was_written(reply(other, mira, "Hello"), str(draft.pk))
    draft.refresh_from_db()
    assert draft.review == "pending"


@pytest.mark.parametrize("prepared", ["", "abc", "999999", "-1", "1; drop table"])
def test_a_nonsense_reference_reviews_nothing(draft: Draft, mira: User, prepared: str) -> None:
    Draft.objects.update(shown_at=None)
    review.reply_was_written(reply(draft.ticket, mira, "Hello"), prepared)
    draft.refresh_from_db()
    assert draft.review == "pending"


def test_rejecting_keeps_the_reason_and_happens_once(draft: Draft, mira: User, jonas: User) -> None:
    assert review.reject(draft, "wrong", mira)
    assert not review.reject(draft, "tone", jonas)
    draft.refresh_from_db()
    assert (draft.review, draft.reason, draft.reviewed_by) == ("rejected", "wrong", mira)


def test_what_a_colleague_rejects_while_the_reply_is_reviewed_stays_rejected(
    draft: Draft, mira: User, jonas: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = review.edit_distance

    def jonas_rejects_meanwhile(before: str, after: str) -> float:
        review.reject(draft, "wrong", jonas)
        return measured(before, after)

    monkeypatch.setattr(review, "edit_distance", jonas_rejects_meanwhile)
    review.reply_was_written(reply(draft.ticket, mira, "My own words."), str(draft.pk))
    draft.refresh_from_db()
    assert (draft.review, draft.reviewed_by, draft.reply) == ("rejected", jonas, None)
    judged = draft.ticket.events.filter(kind="reviewed").values_list("data__review", flat=True)
    assert list(judged) == ["rejected"]


def test_a_review_is_stored_whole_or_not_at_all(draft: Draft, mira: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*args: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(review.lifecycle, "set_preparation", fails)
    with pytest.raises(RuntimeError):
        review.reply_was_written(reply(draft.ticket, mira, "My own words."), str(draft.pk))
    draft.refresh_from_db()
    assert draft.review == "pending" and not draft.ticket.events.filter(kind="reviewed").exists()


def test_undoing_the_reply_reopens_the_review(draft: Draft, mira: User) -> None:
    sent = reply(draft.ticket, mira, "Hi Tomas,\n\nSomething else.")
    review.reply_was_written(sent, str(draft.pk))
    review.reply_was_undone(sent)
    draft.refresh_from_db()
    assert (draft.review, draft.reply, draft.edit_distance) == ("pending", None, None)


def test_shown_and_first_key_are_kept_from_the_first_time(draft: Draft) -> None:
    review.mark_first_key(draft)
    draft.refresh_from_db()
    first = draft.first_key_at
    review.mark_first_key(draft)
    draft.refresh_from_db()
    assert draft.first_key_at == first


def test_the_distance_ignores_citations_and_white_space() -> None:
    assert review.edit_distance("It takes 5 days [1].\n\nBye", "It takes 5 days. Bye") == 0
