"""The only writer of a draft's `state` and `text`.

A draft is held by a lease (copilot/leases.py). Each step is one transaction: the compare-and-set of the state, which
locks the draft, and the changes to ticket, timeline and gaps that belong to it. Browsers are informed on commit.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from copilot import leases
from copilot.drafting.record import Progress, cites_withdrawn, elapsed_ms, record, store_citations
from copilot.evidence.gathering import withdrawn
from copilot.leases import LeaseLost
from copilot.llm import ModelError
from copilot.models import Draft, DraftRecord
from knowledge.gaps.recording import record_gap
from tickets import lifecycle, live, timeline
from tickets.models import Message, Ticket, TicketEvent, User

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 3  # in a row; writing starts again when a source is withdrawn meanwhile
# Pauses after each failure. After the last one only an agent can start it again.
PAUSES = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10))
MAX_FAILURES = len(PAUSES) + 1
INTERRUPTED = gettext_noop("Writing was interrupted.")
Preparation = Ticket.Preparation
State = Draft.State


class SourceWithdrawn(Exception):
    """An article that the model read was withdrawn meanwhile, so its text must not be shown."""


def request_draft(
    ticket: Ticket, message: Message, origin: Draft.Origin, requested_by: User | None = None
) -> tuple[Draft, bool]:
    """The ticket's active draft, or a new one in state queued. Returns (draft, created)."""
    try:
        with transaction.atomic():
            draft = Draft.objects.create(ticket=ticket, message=message, origin=origin, requested_by=requested_by)
            lifecycle.set_preparation(ticket.pk, Preparation.WAITING)
            announce(draft)
    except IntegrityError:
        active = Draft.objects.active().filter(ticket=ticket).first()
        if active is None:  # it ended between our insert and our query
            return request_draft(ticket, message, origin, requested_by)
        return active, False
    return draft, True


def mark_requested(draft: Draft, by: User) -> None:
    """An agent does not want to wait for the drafter: a queued draft becomes a requested one."""
    Draft.objects.filter(pk=draft.pk, state=State.QUEUED).update(
        origin=Draft.Origin.REQUEST, requested_by=by, retry_at=None, created_at=timezone.now()
    )


def announce(draft: Draft) -> None:
    """Inform everybody on the ticket, after commit, of the draft's new state."""
    event = {"type": "draft.changed", "draft": draft.pk, "state": draft.state}
    transaction.on_commit(lambda: live.send(live.ticket_group(draft.ticket_id), event))


def claim(draft_id: int) -> Draft | None:
    """queued -> writing; None if another process was faster or it was stopped."""
    with transaction.atomic():
        # What it was offered (`offer`) stays until there is something better.
        if not leases.claim(Draft.objects.all(), draft_id, error="", retry_at=None):
            return None
        draft = Draft.objects.select_related("ticket__customer", "message").get(pk=draft_id)
        if cites_withdrawn(draft):
            leases.renew(draft, text="")
        lifecycle.set_preparation(draft.ticket_id, Preparation.WORKING)
        announce(draft)
    return draft


def offer(progress: Progress) -> None:
    """A text for a draft that is still queued. Nothing, if it is no longer, or a source is withdrawn."""
    draft = progress.draft
    with transaction.atomic():
        waiting = Draft.objects.select_for_update().filter(pk=draft.pk, state=State.QUEUED, text="")
        if not progress.text or not waiting.exists() or withdrawn(progress.asked.evidence):
            return
        waiting.update(text=progress.text)
        store_citations(draft, progress.asked.evidence)
        _keep(progress)
        announce(draft)


def save_partial(progress: Progress) -> None:
    """Keep the text so far. Raises LeaseLost if the draft was stopped meanwhile."""
    leases.renew(progress.draft, text=progress.text)


def finish(draft: Draft, state: State, act: Callable[[], None] = lambda: None, **values: Any) -> bool:
    """writing -> `state`, with `act` in the same transaction; False if it was not ours."""
    with transaction.atomic():
        if not leases.end(draft, state, **values):
            return False
        act()
        draft.state = state
        announce(draft)
    return True


def complete(progress: Progress) -> None:
    """End a run: the draft is ready; or, if the evidence does not answer, "no source".

    Raises LeaseLost or SourceWithdrawn, having written nothing.
    """
    draft, reply = progress.draft, progress.reply
    if reply is None or not reply.text:
        no_source(progress)
        return

    def act() -> None:
        _keep(progress)
        lifecycle.set_preparation(draft.ticket_id, Preparation.READY)
        model = settings.COPILOT_MODEL if reply.pointed or reply.form == DraftRecord.Form.WRITTEN else ""
        log_event(draft, "ready", seconds=elapsed_ms(progress) / 1000, sources=len(reply.numbers), model=model)

    if not finish(draft, State.READY, act, text=progress.text):
        raise LeaseLost


def no_source(progress: Progress) -> None:
    """Nothing in the knowledge base answers this: end with "no source" and record the gap for the authors."""
    draft, found = progress.draft, progress.asked.evidence.found

    def act() -> None:
        record(progress)
        record_gap(
            asked_in=f"ticket:{draft.ticket_id} message:{draft.message_id}",
            query=progress.question.query,
            category=draft.ticket.category,
            language=progress.question.language,
            best_score=found.best_score,
            tier=draft.ticket.customer.tier,
            value=draft.ticket.customer.lifetime_value,
        )
        lifecycle.set_preparation(draft.ticket_id, Preparation.NO_SOURCE)
        by = "search" if progress.reply is None else "check"
        log_event(draft, "no_source", best_score=found.best_score, by=by)

    finish(draft, State.NO_SOURCE, act, text="")


def _keep(progress: Progress) -> None:
    """The record of a draft whose text is kept, and which of its units it cites."""
    if progress.text and withdrawn(progress.asked.evidence):
        raise SourceWithdrawn
    if progress.reply is not None:
        progress.draft.citations.filter(number__in=progress.reply.numbers).update(cited=True)
    record(progress)


def begin_again(progress: Progress, last: bool) -> bool:
    """After SourceWithdrawn: requeue, or, the last time, end with "no source". Returns whether to write again."""
    if last:
        no_source(progress)
        return False
    log.info("draft begins again, a source was withdrawn: draft=%s", progress.draft.pk)
    requeue(progress.draft)
    return True


def give_up(draft: Draft, error: ModelError, progress: Progress | None) -> None:
    """The model failed. If the reason is temporary the drafter tries again a few times, with growing pauses.

    Until then the agent has what the evidence says by itself, unless a source was withdrawn meanwhile.
    """
    try:
        _fail(draft, error, progress, progress.text if progress is not None else "")
    except SourceWithdrawn:
        _fail(draft, error, progress, "")


def _fail(draft: Draft, error: ModelError, progress: Progress | None, text: str) -> None:
    failures = draft.failures + 1
    again = error.retryable and failures < MAX_FAILURES

    def act() -> None:
        if progress is not None:
            (_keep if text else record)(progress)
        lifecycle.set_preparation(draft.ticket_id, Preparation.DELAYED if again else Preparation.NONE)
        log_event(draft, "failed", why=error.code)

    log.warning("draft failed: draft=%s code=%s failures=%s again=%s", draft.pk, error.code, failures, again)
    finish(
        draft,
        State.FAILED,
        act,
        text=text,
        error=error.message[:300],
        retryable=again,
        failures=failures,
        retry_at=timezone.now() + PAUSES[failures - 1] if again else None,
    )


def requeue(draft: Draft, after: float = 0.0) -> None:
    """Put the draft back into the queue; it may be claimed after `after` seconds."""
    retry_at = timezone.now() + timedelta(seconds=after) if after else None
    with transaction.atomic():
        if leases.requeue(draft, text="", retry_at=retry_at):
            _announce_waiting(draft)


def _announce_waiting(draft: Draft) -> None:
    """Update the ticket and the browsers for a draft that is queued again."""
    draft.refresh_from_db()
    lifecycle.set_preparation(draft.ticket_id, Preparation.WAITING)
    announce(draft)


def try_again(draft: Draft) -> bool:
    """failed -> queued after its pause, unless the ticket has another active draft by now."""
    failed = Draft.objects.filter(pk=draft.pk, state=State.FAILED, retryable=True)
    try:
        with transaction.atomic():
            if not failed.update(state=State.QUEUED, retryable=False, finished_at=None):
                return False
            _announce_waiting(draft)
    except IntegrityError:
        failed.update(retryable=False)
        return False
    return True


def stop(draft: Draft, by: User | None = None) -> bool:
    """End a draft that is waiting or being written; its writer notices when it renews its lease."""
    with transaction.atomic():
        if not leases.stop(draft, State.STOPPED):
            return False
        draft.refresh_from_db()
        lifecycle.set_preparation(draft.ticket_id, Preparation.NONE)
        log_event(draft, "stopped", by)
        announce(draft)
    return True


def restart(ticket_id: int, since: datetime) -> Draft | None:
    """stopped -> queued for the ticket's latest draft, if it was stopped after `since` and not reviewed.

    It is written from scratch. `attempts` keeps counting, so that a writer that has not noticed the stop yet loses its
    lease. Returns None also if another draft was requested at the same moment.
    """
    draft = Draft.objects.filter(ticket=ticket_id).first()
    if draft is None or draft.outdated or draft.finished_at is None or draft.finished_at < since:
        return None
    stopped = Draft.objects.filter(pk=draft.pk, state=State.STOPPED, review=Draft.Review.PENDING, outdated=False)
    fresh = {"text": "", "error": "", "failures": 0, "retry_at": None, "finished_at": None}
    try:
        with transaction.atomic():
            if not stopped.update(state=State.QUEUED, created_at=timezone.now(), **fresh):
                return None
            _announce_waiting(draft)
    except IntegrityError:
        return None
    return draft


def log_event(draft: Draft, state: str, actor: User | None = None, **data: Any) -> None:
    timeline.record(draft.ticket, TicketEvent.Kind.PREPARED, actor, draft=draft.pk, state=state, **data)
    live.ticket_changed(draft.ticket_id, "timeline", "context")


def recover(draft: Draft) -> str:
    """Requeue or fail an abandoned draft. Returns queued, failed, or kept if it was not abandoned."""
    now, failures = timezone.now(), draft.failures + 1
    end = failures >= MAX_FAILURES
    pause = PAUSES[failures - 2] if 1 < failures < MAX_FAILURES else timedelta(0)  # the first time none
    queued = {"state": State.QUEUED, "text": "", "retry_at": now + pause}
    failed = {"state": State.FAILED, "finished_at": now, "error": INTERRUPTED}
    with transaction.atomic():
        if not leases.take_over(draft, failures=failures, **(failed if end else queued)):
            return "kept"
        lifecycle.set_preparation(draft.ticket_id, Preparation.NONE if end else Preparation.WAITING)
        draft.state = State.FAILED if end else State.QUEUED
        announce(draft)
    return "failed" if end else "queued"


def mark_outdated(ticket_id: int, newest_message_id: int) -> None:
    """A newer customer message: drafts for earlier ones are outdated, unfinished ones are stopped."""
    earlier = Draft.objects.filter(ticket=ticket_id, review=Draft.Review.PENDING).exclude(message_id=newest_message_id)
    with transaction.atomic():
        for draft in earlier.active():
            stop(draft)
        if earlier.filter(outdated=False).update(outdated=True):
            live.ticket_changed(ticket_id, "draft")
