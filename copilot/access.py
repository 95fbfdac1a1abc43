"""A draft or an escalation may be opened by everybody who may open its ticket; prompts, voice and rules by those who
may change them."""

from django.http import Http404

from config.roles import Capability
from config.web.access import require
from copilot.models import Draft, Escalation
from tickets.access import visible_tickets
from tickets.models import User

texts_required = require(Capability.CHANGE_TEXTS)
routing_required = require(Capability.CHANGE_ROUTING)


def get_draft(user: User, draft_id: int) -> Draft:
    """The draft with its ticket and customer, or 404."""
    draft = (
        Draft.objects.filter(pk=draft_id, ticket__in=visible_tickets(user))
        .select_related("ticket__customer", "message")
        .first()
    )
    if draft is None:
        raise Http404
    return draft


def get_escalation(user: User, number: int) -> Escalation:
    """Or 404."""
    found = Escalation.objects.filter(pk=number, ticket__in=visible_tickets(user)).first()
    if found is None:
        raise Http404
    return found
