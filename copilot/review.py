"""What became of a draft: shown, first key pressed, then accepted, edited, rejected or ignored.

The only writer of a draft's `review` and of the times and distances that belong to it.
"""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from rapidfuzz.distance import Levenshtein

from config.numbers import whole
from copilot.drafting.citations import strip_citations
from copilot.drafting.record import shown_text
from copilot.models import Draft
from tickets import lifecycle, live, timeline
from tickets.models import Message, Ticket, TicketEvent, User

Review = Draft.Review


def edit_distance(draft_text: str, sent_text: str) -> float:
    """Levenshtein distance divided by the length of the longer text (rapidfuzz), from 0 (same) to 1.

    It compares what a customer reads: the draft without its citations (the reply has none), with each run of white
    space as one space.
    """
    before, after = (" ".join(text.split()) for text in (strip_citations(draft_text), sent_text))
    return round(Levenshtein.normalized_distance(before, after), 4)


def mark_shown(draft: Draft) -> None:
    Draft.objects.filter(pk=draft.pk, shown_at__isnull=True).update(shown_at=timezone.now())


def mark_first_key(draft: Draft) -> None:
    now = timezone.now()
    mark_shown(draft)
    Draft.objects.filter(pk=draft.pk, first_key_at__isnull=True).update(first_key_at=now)


def reject(draft: Draft, reason: str, by: User) -> bool:
    """Reject the draft with a reason. False if it has been reviewed already or is not finished."""
    with transaction.atomic():
        done = Draft.objects.filter(pk=draft.pk, review=Review.PENDING).exclude(state__in=Draft.ACTIVE)
        if not done.update(review=Review.REJECTED, reason=reason, reviewed_by=by, reviewed_at=timezone.now()):
            return False
        mark_shown(draft)
        draft.refresh_from_db()
        lifecycle.set_preparation(draft.ticket_id, Ticket.Preparation.NONE)
        timeline.record(draft.ticket, TicketEvent.Kind.REVIEWED, by, draft=draft.pk, review="rejected", reason=reason)
        live.ticket_changed(draft.ticket_id, "draft", "timeline")
    return True


def reply_was_written(message: Message, prepared: str) -> None:
    """Review the ticket's drafts by the reply: its own draft was accepted or edited, the others were ignored."""
    used = prepared_draft(message, prepared)
    distance = edit_distance(shown_text(used), message.text) if used else 0.0  # before the transaction
    with transaction.atomic():
        if used is not None:
            accept(used, message, distance)
        others = Draft.objects.filter(ticket=message.ticket_id, review=Review.PENDING, shown_at__isnull=False)
        # A failed one with text had what the sources say by themselves.
        others.filter(Q(state=Draft.State.READY) | Q(state=Draft.State.FAILED, text__gt="")).update(
            review=Review.IGNORED, reviewed_by=message.author, reviewed_at=timezone.now()
        )
        lifecycle.set_preparation(message.ticket_id, Ticket.Preparation.NONE)


def prepared_draft(message: Message, prepared: str) -> Draft | None:
    """The draft that the composer started from, if it belongs to this ticket and is not reviewed yet."""
    draft_id = whole(prepared)
    if draft_id is None:
        return None
    return (
        Draft.objects.filter(pk=draft_id, ticket=message.ticket_id, review=Review.PENDING)
        .exclude(state__in=(*Draft.ACTIVE, Draft.State.BY_RULE))
        .select_related("ticket__customer")
        .first()
    )


def accept(draft: Draft, message: Message, distance: float) -> None:
    """Does nothing if somebody rejected the draft at the same moment."""
    review = Review.ACCEPTED if distance == 0 else Review.EDITED
    now = timezone.now()
    reviewed = Draft.objects.filter(pk=draft.pk, review=Review.PENDING).update(
        review=review,
        edit_distance=distance,
        reply=message,
        reviewed_by=message.author,
        reviewed_at=now,
        shown_at=draft.shown_at or now,
    )
    if reviewed:
        timeline.record(
            message.ticket, TicketEvent.Kind.REVIEWED, message.author, draft=draft.pk, review=review, distance=distance
        )


def reply_was_undone(message: Message) -> None:
    """The reply was undone, so its draft is open for review again."""
    with transaction.atomic():
        _reopen(message)


def _reopen(message: Message) -> None:
    reopened = Draft.objects.filter(reply=message).update(
        review=Review.PENDING, edit_distance=None, reply=None, reviewed_by=None, reviewed_at=None
    )
    Draft.objects.filter(ticket=message.ticket_id, review=Review.IGNORED, reviewed_at__gte=message.created_at).update(
        review=Review.PENDING, reviewed_by=None, reviewed_at=None
    )
    if reopened:
        lifecycle.set_preparation(message.ticket_id, Ticket.Preparation.READY)
        live.ticket_changed(message.ticket_id, "draft", "timeline")
