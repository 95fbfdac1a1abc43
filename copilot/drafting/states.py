"""The only writer of a draft's `state` and `text`.

A draft is held by a lease (copilot/leases.py). Each step is one transaction: the compare-and-set of the state, which
locks the draft, and the changes to ticket, timeline and gaps that belong to it. Browsers are informed on commit.

A draft that waits again keeps what the sources say by themselves (record.py). One that is to replace another shows
nothing of itself, on the ticket or in browsers, until it is done (`Draft.hidden`).
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import DateTimeField, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_noop

from copilot import leases
from copilot.drafting.record import Progress, cite, forget, forget_sources, kept_words, number_units, record
from copilot.evidence.gathering import withdrawn
from copilot.llm import ModelError
from copilot.models import Draft
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
    """The ticket's active draft, or a new one in state queued. Returns (draft, created).

    A renewal, which nobody sees, gives way to a draft that somebody asks for.
    """
    try:
        with transaction.atomic():
            draft = Draft.objects.create(ticket=ticket, message=message, origin=origin, requested_by=requested_by)
            _show(draft, Preparation.WAITING)
    except IntegrityError:
        active = Draft.objects.active().filter(ticket=ticket).first()
        # Without one, it ended between our insert and our query.
        if active is not None and not (active.hidden and origin != Draft.Origin.RENEWAL and stop(active)):
            return active, False
        return request_draft(ticket, message, origin, requested_by)
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


def _show(draft: Draft, preparation: Preparation) -> None:
    """The draft's new state, for the ticket and for browsers."""
    if not draft.hidden:
        lifecycle.set_preparation(draft.ticket_id, preparation)
        announce(draft)


def claim(draft_id: int) -> Draft | None:
    """queued -> writing; None if another process was faster or it was stopped."""
    with transaction.atomic():
        # What it was offered (`offer`) stays until there is something better.
        if not leases.claim(Draft.objects.all(), draft_id, error="", retry_at=None):
            return None
        draft = Draft.objects.select_related("ticket__customer", "message").get(pk=draft_id)
        if draft.text:
            _keep_own_words(draft)
        _show(draft, Preparation.WORKING)
    return draft


def _keep_own_words(draft: Draft) -> None:
    """Inside the transaction that has changed the draft's state, which locks it."""
    draft.text = kept_words(draft)
    Draft.objects.filter(pk=draft.pk).update(text=draft.text)


def offer(progress: Progress) -> None:
    """A text for a draft that is still queued. Nothing, if it is no longer, or a source is withdrawn."""
    draft = progress.draft
    with transaction.atomic():
        waiting = Draft.objects.select_for_update().filter(pk=draft.pk, state=State.QUEUED, text="")
        if not progress.text or not waiting.exists() or withdrawn(progress.asked.evidence):
            return
        waiting.update(text=progress.text)
        keep(progress)
        announce(draft)


def save_partial(progress: Progress) -> None:
    """Keep the text so far. Raises LeaseLost if the draft was stopped meanwhile.

    Own words with all that belongs to them: if we die, the draft waits with them.
    """
    with transaction.atomic():
        leases.renew(progress.draft, text=progress.text)
        if progress.reply is progress.own_words:
            keep_record(progress)


def finish(draft: Draft, state: State, act: Callable[[], None] = lambda: None, **values: Any) -> bool:
    """writing -> `state`, with `act` in the same transaction; False if it was not ours."""
    with transaction.atomic():
        if not leases.end(draft, state, **values):
            return False
        act()
        draft.state = state
        if not draft.hidden:
            announce(draft)
    return True


def keep(progress: Progress) -> None:
    """The record of a draft whose text is kept, and which of its units it cites."""
    if progress.text and withdrawn(progress.asked.evidence):
        raise SourceWithdrawn
    keep_record(progress)


def keep_record(progress: Progress) -> None:
    """Citations and record, for the text that is stored in the same transaction."""
    number_units(progress)
    cite(progress.draft, progress.reply.numbers if progress.reply else ())
    record(progress)


def give_up(draft: Draft, error: ModelError, progress: Progress | None) -> None:
    """The model failed. If the reason is temporary the drafter tries again a few times, with growing pauses.

    Until then the agent has what the evidence says by itself, unless a source was withdrawn meanwhile.
    """
    if progress is None:
        _fail(draft, error, lambda: _keep_own_words(draft))
        return
    try:
        _fail(draft, error, lambda: keep(progress), text=progress.text)
    except SourceWithdrawn:
        _fail(draft, error, lambda: forget(draft), text="")


def _fail(draft: Draft, error: ModelError, keep: Callable[[], None], **text: str) -> None:
    failures = draft.failures + 1
    again = error.retryable and failures < MAX_FAILURES

    def act() -> None:
        keep()
        if not draft.hidden:
            lifecycle.set_preparation(draft.ticket_id, Preparation.DELAYED if again else Preparation.NONE)
            log_event(draft, "failed", why=error.code)

    log.warning("draft failed: draft=%s code=%s failures=%s again=%s", draft.pk, error.code, failures, again)
    finish(
        draft,
        State.FAILED,
        act,
        error=error.message[:300],
        retryable=again,
        failures=failures,
        retry_at=timezone.now() + PAUSES[failures - 1] if again else None,
        **text,
    )


def requeue(draft: Draft, after: float = 0.0) -> None:
    """Put the draft back into the queue; it may be claimed after `after` seconds."""
    retry_at = timezone.now() + timedelta(seconds=after) if after else None
    with transaction.atomic():
        if leases.requeue(draft, retry_at=retry_at):
            _wait_again(draft)


def _wait_again(draft: Draft) -> None:
    """Of what a draft says, keep the sources' own words; the writer begins anew. It is queued already."""
    _keep_own_words(draft)
    draft.refresh_from_db()
    _show(draft, Preparation.WAITING)


def try_again(draft: Draft) -> bool:
    """failed -> queued after its pause, unless the ticket has another active draft by now."""
    failed = Draft.objects.filter(pk=draft.pk, state=State.FAILED, retryable=True)
    try:
        with transaction.atomic():
            if not failed.update(state=State.QUEUED, retryable=False, finished_at=None):
                return False
            _wait_again(draft)
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
        _show(draft, Preparation.NONE)
        if not draft.hidden:
            log_event(draft, "stopped", by)
    return True


def rule_out(draft: Draft) -> bool:
    """Any state -> by_rule: the rules allow no draft for its message. Its text goes; a writer notices that.

    False if it is so already, or an agent has begun to use it. The ticket shows it if it is the latest one.
    """
    unused = Draft.objects.filter(pk=draft.pk, review=Draft.Review.PENDING, first_key_at=None)
    ended: dict[str, Any] = {"lease_until": None, "retry_at": None}
    ended |= {"finished_at": Coalesce("finished_at", Value(timezone.now(), output_field=DateTimeField()))}
    with transaction.atomic():
        ruled = unused.exclude(state=State.BY_RULE)
        if not ruled.update(state=State.BY_RULE, text="", error="", retryable=False, **ended):
            return False
        forget_sources(draft)
        draft.refresh_from_db()
        latest = Draft.objects.visible().filter(ticket=draft.ticket_id).first()
        if latest is not None and latest.pk == draft.pk:
            _show(draft, Preparation.BY_RULE)
            log_event(draft, "by_rule")
    return True


def restart(ticket_id: int, since: datetime) -> Draft | None:
    """stopped -> queued for the ticket's latest draft, if it was stopped after `since` and not reviewed.

    It is written anew. `attempts` keeps counting, so that a writer that has not noticed the stop yet loses its lease.
    Returns None also if another draft was requested at the same moment.
    """
    draft = Draft.objects.filter(ticket=ticket_id).first()
    if draft is None or draft.outdated or draft.finished_at is None or draft.finished_at < since:
        return None
    stopped = Draft.objects.filter(pk=draft.pk, state=State.STOPPED, review=Draft.Review.PENDING, outdated=False)
    fresh = {"error": "", "failures": 0, "retry_at": None, "finished_at": None}
    try:
        with transaction.atomic():
            if not stopped.update(state=State.QUEUED, created_at=timezone.now(), **fresh):
                return None
            _wait_again(draft)
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
    queued = {"state": State.QUEUED, "retry_at": now + pause}
    failed = {"state": State.FAILED, "finished_at": now, "error": INTERRUPTED}
    with transaction.atomic():
        if not leases.take_over(draft, failures=failures, **(failed if end else queued)):
            return "kept"
        _keep_own_words(draft)
        draft.state = State.FAILED if end else State.QUEUED
        _show(draft, Preparation.NONE if end else Preparation.WAITING)
    return "failed" if end else "queued"


def mark_outdated(ticket_id: int, newest_message_id: int) -> None:
    """A newer customer message: drafts for earlier ones are outdated, unfinished ones are stopped."""
    earlier = Draft.objects.filter(ticket=ticket_id, review=Draft.Review.PENDING).exclude(message_id=newest_message_id)
    with transaction.atomic():
        for draft in earlier.active():
            stop(draft)
        if earlier.filter(outdated=False).update(outdated=True):
            live.ticket_changed(ticket_id, "draft")
