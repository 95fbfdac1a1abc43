"""Similar solved tickets in the context pane of a ticket."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from copilot.similar import finding
from copilot.similar_pages.wording import facts
from tickets.access import AgentRequest, agent_required, get_ticket


@agent_required
@require_GET
def similar(request: AgentRequest, ticket_id: int) -> HttpResponse:
    ticket = get_ticket(request.user, ticket_id)
    found = finding.similar(ticket, request.user)
    hits = [(hit, facts(hit)) for hit in found.hits]
    return render(request, "copilot/_similar.html", {"ticket": ticket, "state": found.state, "hits": hits})
