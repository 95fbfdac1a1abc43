"""What the team that got a ticket thinks of the escalation. With sending.py the only writer of Escalation."""

from django.db import transaction
from django.utils import timezone

from copilot.models import Escalation
from tickets import live, timeline
from tickets.models import TicketEvent, User


class OwnEscalation(Exception):
    """Who escalated a ticket does not judge that."""


class Undone(Exception):
    """The escalation was undone."""


def judge(escalation: Escalation, judgement: str, by: User) -> str:
    """`judgement`: one of Escalation.Judgement, "" to withdraw one. Returns the one before.

    Raises OwnEscalation and Undone.
    """
    with transaction.atomic():
        locked = Escalation.objects.select_for_update(of=("self",)).select_related("ticket").get(pk=escalation.pk)
        if locked.by_id == by.pk:
            raise OwnEscalation
        if locked.undone_at:
            raise Undone
        was = locked.judgement
        if was == judgement:
            return was
        locked.judgement = judgement
        locked.judged_by, locked.judged_at = (by, timezone.now()) if judgement else (None, None)
        locked.save(update_fields=["judgement", "judged_by", "judged_at"])
        timeline.record(locked.ticket, TicketEvent.Kind.JUDGED, by, judgement=judgement)
        live.ticket_changed(locked.ticket_id, "conversation", "timeline")
    return was
