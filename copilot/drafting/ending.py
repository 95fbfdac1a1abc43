"""The good end of a draft: it is ready, or nothing answers, or the rules allow none."""

import logging

from django.conf import settings
from django.db import transaction

from copilot.drafting import drafter_queue, states
from copilot.drafting.record import Progress, elapsed_ms, forget_sources
from copilot.leases import LeaseLost
from copilot.models import Draft, DraftRecord, Route
from knowledge.gaps.recording import record_gap
from tickets import lifecycle
from tickets.models import Message, Ticket

log = logging.getLogger(__name__)

Preparation = Ticket.Preparation


def complete(progress: Progress) -> None:
    """End a run: the draft is ready; or, if the evidence does not answer, "no source".

    Raises LeaseLost or SourceWithdrawn, having written nothing.
    """
    draft, reply = progress.draft, progress.reply
    if reply is None or not reply.text:
        no_source(progress)
        return

    def act() -> None:
        progress.own_words = None  # it will not wait again
        states.keep(progress)
        lifecycle.set_preparation(draft.ticket_id, Preparation.READY)
        asked = not progress.reused and (reply.pointed or reply.form == DraftRecord.Form.WRITTEN)
        model = settings.COPILOT_MODEL if asked else ""
        states.log_event(draft, "ready", seconds=elapsed_ms(progress) / 1000, sources=len(reply.numbers), model=model)

    if not states.finish(draft, Draft.State.READY, act, text=progress.text):
        raise LeaseLost


def no_source(progress: Progress) -> None:
    """Nothing in the knowledge base answers this: end with "no source" and record the gap for the authors."""
    draft, found = progress.draft, progress.asked.evidence.found

    def act() -> None:
        states.keep_record(progress)
        record_gap(
            asked_in=f"ticket:{draft.ticket_id} message:{draft.message_id}",
            query=progress.question.query,
            category=draft.ticket.category_id or "",
            language=progress.question.language,
            best_score=found.best_score,
            tier=draft.ticket.customer.tier,
            value=draft.ticket.customer.lifetime_value,
        )
        lifecycle.set_preparation(draft.ticket_id, Preparation.NO_SOURCE)
        by = "search" if progress.reply is None else "check"
        states.log_event(draft, "no_source", best_score=found.best_score, by=by)

    states.finish(draft, Draft.State.NO_SOURCE, act, text="")


def by_rule(progress: Progress) -> None:
    """The rules allow no draft. Where they allow that, the agent sees what the articles say, as the draft's sources."""
    follow(progress.draft.message)
    if progress.may != Route.May.POLICY:
        return
    progress.reply = None
    with transaction.atomic():
        there = Draft.objects.select_for_update(of=("self",)).filter(pk=progress.draft.pk, state=Draft.State.BY_RULE)
        if there.exists():
            states.keep_record(progress)


def follow(message: Message) -> None:
    """Bring the drafts of a message in line with its route. Prepares nothing, so that a page can wait for it.

    Safe to run twice. Drafts that ended without a text before are history and stay, but for the latest.
    """
    route = Route.objects.filter(message=message).first()
    latest = message.drafts.visible().select_related("ticket").first()
    if route is None or latest is None:
        return
    waits = drafter_queue.unanswered(message)
    if route.drafted:
        if latest.state == Draft.State.BY_RULE and waits:
            states.request_draft(latest.ticket, message, Draft.Origin.ARRIVAL)
        return
    for draft in message.drafts.filter(review=Draft.Review.PENDING).select_related("ticket"):
        if draft.text or draft.state in Draft.ACTIVE or (waits and draft.pk == latest.pk):
            states.rule_out(draft)
    latest.refresh_from_db()
    if latest.state == Draft.State.BY_RULE and waits:
        lifecycle.set_preparation(latest.ticket_id, Preparation.BY_RULE)
        if route.may != Route.May.POLICY:
            forget_sources(latest)


def begin_again(progress: Progress, last: bool) -> bool:
    """After SourceWithdrawn: requeue, or, the last time, end with "no source". Returns whether to write again."""
    if last:
        progress.reply = None
        no_source(progress)
        return False
    log.info("draft begins again, a source was withdrawn: draft=%s", progress.draft.pk)
    states.requeue(progress.draft)
    return True
