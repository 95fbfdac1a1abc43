"""Drafts that are outdated before anybody used them: an article or a prompt has changed since.

They are prepared again with the lowest priority, a few at a time, and stay until the new one is there. Only where the
evidence really is another one: an article that is published outdates the search of every ticket, but hardly a draft.
"""

from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from copilot.drafting import drafter_queue, states
from copilot.drafting.reuse import prompts_key
from copilot.models import Draft
from tickets.models import Ticket

MOST = 20  # that wait at the same time: more of them are only queued when those are done
NOT_TRANSLATED = timedelta(minutes=10)  # after a draft whose question the writer was too slow to translate
LOOKED_AT = timedelta(minutes=30)  # after a draft is shown: nothing changes under the eyes of who reads it
REVIEWED = [each for each in Draft.Review if each != Draft.Review.PENDING]
OTHER_STATES = [each for each in Draft.State if each not in Draft.REPLACES]


def request(most: int = MOST) -> int:
    """Queue the next ones; returns how many."""
    now = timezone.now()
    room = most - Draft.objects.active().filter(origin=Draft.Origin.RENEWAL).count()
    queued = 0
    for draft in outdated(now)[: max(0, room)]:
        queued += states.request_draft(draft.ticket, draft.message, Draft.Origin.RENEWAL)[1]
    return queued


def outdated(now: datetime) -> QuerySet[Draft]:
    """The latest draft of each open ticket, if nobody uses it yet and it would be made from something else today.

    What was prepared while a part was down is no reason: it is prepared again soon. If the writer was too slow to
    translate the question, it is asked again once.
    """
    newer = Draft.objects.filter(ticket=OuterRef("ticket"), created_at__gt=OuterRef("created_at"))
    # Not "pending" and "ready": of all tickets there are many such drafts. So the few open tickets are read first.
    unused = ~Q(review__in=REVIEWED) & ~Q(state__in=OTHER_STATES) & Q(first_key_at=None, outdated=False)
    unread = Q(shown_at=None) | Q(shown_at__lt=now - LOOKED_AT)
    known = Q(message__prepared__answers_from__gt="", record__answers_from__gt="")  # not in rows of older versions
    prepared = known & Q(message__prepared__degraded="")
    changed = ~Q(record__answers_from=F("message__prepared__answers_from")) | ~Q(record__prompts=prompts_key())
    untranslated = Q(message__prepared__steps__translation__outcome__waits=True, finished_at__lt=now - NOT_TRANSLATED)
    reason = changed | (untranslated & ~Q(origin=Draft.Origin.RENEWAL))
    return (
        Draft.objects.filter(unused, unread, prepared, reason, ticket__status=Ticket.Status.OPEN)
        .exclude(Exists(newer))
        .exclude(drafter_queue.has_later_message("message", "message__created_at"))
        .select_related("ticket", "message")
        .order_by("-ticket__priority", "ticket__waiting_since", "pk")
    )
