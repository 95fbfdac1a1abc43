"""The last step of a reply: claim it, send it, record what happened. At most once; see tickets/outbox.py."""

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from tickets import lifecycle, live, outbox, timeline
from tickets.mail import recipient_rows
from tickets.mail.writing import MailError, NotForAll, build, transmit
from tickets.models import Message, OutgoingMail, Ticket, TicketEvent, User

log = logging.getLogger(__name__)
State = OutgoingMail.State
Kind = TicketEvent.Kind

MAX_ATTEMPTS = 5
BACKOFF = [timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(minutes=30)]
# Longer than a slow mail server needs: EMAIL_TIMEOUT is 30 s for each step.
STALE = timedelta(minutes=2)


def deliver(outgoing_id: int) -> str:
    """Sends one reply if it is due and no other process does. Returns its state afterwards, or "gone"."""
    claimed = _claim(outgoing_id)
    if claimed is None:
        return str(OutgoingMail.objects.values_list("state", flat=True).filter(pk=outgoing_id).first() or "gone")
    try:
        transmit(build(claimed))
    except MailError as error:
        return _failed(claimed, error)
    return _sent(claimed)


def _claim(outgoing_id: int) -> OutgoingMail | None:
    """queued → sending, by one process only, and only after the undo window."""
    now = timezone.now()
    due = OutgoingMail.objects.filter(pk=outgoing_id, state=State.QUEUED, send_after__lte=now)
    row = due.select_related("message", "message__ticket", "message__ticket__customer").first()
    if row is None:
        return None
    changed = OutgoingMail.objects.filter(
        pk=outgoing_id, state=State.QUEUED, attempts=row.attempts, send_after__lte=now
    ).update(state=State.SENDING, claimed_at=now, attempts=row.attempts + 1)
    if not changed:
        return None
    row.state, row.claimed_at, row.attempts = State.SENDING, now, row.attempts + 1
    return row


def _mine(row: OutgoingMail, *states: str) -> dict[str, object]:
    return {"pk": row.pk, "state__in": states, "claimed_at": row.claimed_at}


def _sent(row: OutgoingMail) -> str:
    """Also from `uncertain`: `give_up_on_stale` may have been faster than a slow server that then accepted the mail."""
    with transaction.atomic():
        changed = OutgoingMail.objects.filter(**_mine(row, State.SENDING, State.UNCERTAIN)).update(
            state=State.SENT, sent_at=timezone.now(), error=""
        )
        recipient_rows.accept(row.message, keep_refused=not changed)  # not changed: a bounce was faster
        if changed:
            _note(row, Kind.SENT)
    log.info("reply sent: outgoing=%s attempts=%s", row.pk, row.attempts)
    return State.SENT


def _failed(row: OutgoingMail, error: MailError) -> str:
    log.warning("reply not sent: outgoing=%s kind=%s attempt=%s", row.pk, error.kind, row.attempts)
    if error.kind == "uncertain":
        return _uncertain(row, str(error))
    if isinstance(error, NotForAll):  # when it is sent again, only those get it who have not
        recipient_rows.accept(row.message, {email: str(why) for email, why in error.refusals.items()})
    if error.kind == "temporary" and row.attempts < MAX_ATTEMPTS:
        return _later(row, error)
    with transaction.atomic():
        changed = OutgoingMail.objects.filter(**_mine(row, State.SENDING)).update(
            state=State.FAILED, error=str(error)[:300]
        )
        if changed:
            _note(row, Kind.SEND_FAILED, error=str(error)[:200], attempts=row.attempts)
            _open(row, "reply not sent")
    return State.FAILED


def _later(row: OutgoingMail, error: MailError) -> str:
    row.send_after = timezone.now() + BACKOFF[min(row.attempts, len(BACKOFF)) - 1]
    with transaction.atomic():
        changed = OutgoingMail.objects.filter(**_mine(row, State.SENDING)).update(
            state=State.QUEUED, send_after=row.send_after, error=str(error)[:300]
        )
        if changed:
            outbox.enqueue(row)
            live.ticket_changed(row.message.ticket_id, "conversation")
    return State.QUEUED


def _uncertain(row: OutgoingMail, why: str) -> str:
    with transaction.atomic():
        changed = OutgoingMail.objects.filter(**_mine(row, State.SENDING)).update(
            state=State.UNCERTAIN, error=why[:300]
        )
        if changed:
            _note(row, Kind.SEND_UNCERTAIN, error=why[:200])
            _open(row, "reply uncertain")
    return State.UNCERTAIN


def _open(row: OutgoingMail, why: str) -> None:
    """The customer has no reply. A forward changes nothing on the ticket, also when it fails: its line says so."""
    if row.message.kind == Message.Kind.REPLY:
        lifecycle.set_status(row.message.ticket, Ticket.Status.OPEN, why=why)


def _note(row: OutgoingMail, kind: TicketEvent.Kind, actor: User | None = None, **data: object) -> None:
    if row.message.kind == Message.Kind.FORWARD:
        data["forward"] = True
    timeline.record(row.message.ticket, kind, actor, message=row.message_id, **data)
    live.ticket_changed(row.message.ticket_id, "conversation", "timeline")


def due() -> list[int]:
    """Replies that are due and that no job has taken, oldest first."""
    queued = OutgoingMail.objects.filter(state=State.QUEUED, send_after__lte=timezone.now())
    return list(queued.order_by("send_after").values_list("pk", flat=True)[:200])


def give_up_on_stale() -> int:
    """Mail whose sending process has died becomes uncertain: a member decides, it is never sent again by itself."""
    stale = OutgoingMail.objects.filter(state=State.SENDING, claimed_at__lt=timezone.now() - STALE)
    rows = list(stale.select_related("message", "message__ticket")[:200])
    return sum(
        _uncertain(row, "The sending process stopped before it knew the outcome.") == State.UNCERTAIN for row in rows
    )


def resolve(row: OutgoingMail, decision: str, actor: User) -> bool:
    """What a member decided about an uncertain or failed reply: `arrived`, or `again` to send it again."""
    open_states = [State.UNCERTAIN, State.FAILED]
    with transaction.atomic():
        waiting = OutgoingMail.objects.filter(pk=row.pk, state__in=open_states)
        if decision == "arrived":
            if not waiting.update(state=State.SENT, sent_at=timezone.now(), error=""):
                return False
            recipient_rows.accept(row.message)
            _note(row, Kind.SENT, actor, confirmed=True)
            if row.message.kind == Message.Kind.REPLY:
                lifecycle.set_status(row.message.ticket, Ticket.Status.PENDING, actor, why="reply arrived")
            return True
        # attempts=1: it may have arrived already, so sending it can no longer be undone.
        changed = waiting.update(state=State.QUEUED, send_after=timezone.now(), attempts=1, claimed_at=None, error="")
        if changed:
            recipient_rows.expect(row.message)
            _note(row, Kind.REPLIED, actor, again=True)
            row.refresh_from_db(fields=["send_after"])
            outbox.enqueue(row)
            if row.message.kind == Message.Kind.REPLY:
                lifecycle.set_status(row.message.ticket, Ticket.Status.PENDING, actor, why="reply sent again")
        return bool(changed)
