"""A draft may be opened by everybody who may open its ticket; prompts, voice and routing rules by those who may
change them."""

from django.http import Http404

from config.roles import Capability
from config.web.access import require
from copilot.models import Draft
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
