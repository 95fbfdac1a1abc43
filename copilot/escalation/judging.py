"""What the team that got a ticket thinks of the escalation. With sending.py the only writer of Escalation."""

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from config.roles import Capability, may
from copilot.models import Escalation
from tickets import live, timeline
from tickets.models import TicketEvent, User


class NotYours(Exception):
    """Somebody else judges it: who escalated a ticket does not, and members of other teams do not."""


class Judged(Exception):
    """Somebody else has judged it already. Leads may decide otherwise."""


class Undone(Exception):
    """The escalation was undone."""


def may_judge(escalation: Escalation, user: User, teams: Collection[int]) -> bool:
    """Members of its team, who the ticket is assigned to, and leads; never who sent it. `teams`: those of `user`."""
    if escalation.by_id == user.pk:
        return False
    takes = escalation.team_id in teams or escalation.ticket.assignee_id == user.pk
    return takes or may(user, Capability.CHANGE_ROUTING)


def judge(escalation: Escalation, judgement: str, by: User) -> str:
    """`judgement`: one of Escalation.Judgement, "" to withdraw one. Returns the one before.

    Raises NotYours, Judged and Undone.
    """
    with transaction.atomic():
        locked = Escalation.objects.select_for_update(of=("self",)).select_related("ticket").get(pk=escalation.pk)
        if locked.undone_at:
            raise Undone
        if not may_judge(locked, by, teams_of(by)):
            raise NotYours
        was = locked.judgement
        if was == judgement:
            return was
        if was and locked.judged_by_id != by.pk and not may(by, Capability.CHANGE_ROUTING):
            raise Judged
        locked.judgement = judgement
        locked.judged_by, locked.judged_at = (by, timezone.now()) if judgement else (None, None)
        locked.save(update_fields=["judgement", "judged_by", "judged_at"])
        timeline.record(locked.ticket, TicketEvent.Kind.JUDGED, by, judgement=judgement)
        live.ticket_changed(locked.ticket_id, "conversation", "timeline")
    return was


def teams_of(user: User) -> frozenset[int]:
    return frozenset(user.teams.values_list("pk", flat=True))
