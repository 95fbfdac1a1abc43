"""Whether replies leave: under a message, in the composer and in the header. Asked while there is news to come."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from config.running import doctor
from tickets import overdue
from tickets.access import AgentRequest, agent_required, get_ticket
from tickets.models import Message

# What a lane that is not well means for agents.
WORDS = {
    ("worker", "dead"): "No worker is running: replies wait",
    ("worker", "late"): "The worker is behind: replies may be late",
    ("drafter", "dead"): "No drafter is running: drafts on demand only",
    ("slow", "dead"): "Slow jobs wait: nobody groups questions or compares articles",
}


@require_safe
@agent_required
def delivery(request: AgentRequest, message_id: int) -> HttpResponse:
    """The line under one reply."""
    replies = Message.objects.select_related("outgoing").filter(outgoing__isnull=False)
    message = get_object_or_404(replies, pk=message_id)
    get_ticket(request.user, message.ticket_id)
    overdue.explain([message.outgoing])
    return render(request, "tickets/_delivery.html", {"message": message, "mail": message.outgoing})


@require_safe
@agent_required
def unsent(request: AgentRequest, ticket_id: int) -> HttpResponse:
    """The composer's line: a reply of this ticket that has not left."""
    ticket = get_ticket(request.user, ticket_id)
    rows = list(overdue.overdue().filter(message__ticket=ticket).select_related("message")[:1])
    overdue.explain(rows)
    return render(request, "tickets/_unsent.html", {"rows": rows})


@require_safe
@agent_required
def state(request: AgentRequest) -> HttpResponse:
    """The header's line: late replies first, else a lane that is not well, else nothing."""
    late = overdue.late()
    told = [WORDS[lane] for lane in WORDS if doctor.lane_states().get(lane[0]) == lane[1]]
    return render(request, "tickets/_sending_state.html", {"late": late, "told": "" if late else next(iter(told), "")})
