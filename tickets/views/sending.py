"""Whether replies are being sent: shown below a message, in the composer and in the header."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from config.running import doctor
from tickets import overdue
from tickets.access import AgentRequest, agent_required, get_ticket
from tickets.message_details import addressing
from tickets.models import Message

# What the state of a lane means for agents.
WARNINGS = {
    ("worker", "dead"): _("No worker is running. Replies are waiting."),
    ("worker", "late"): _("The worker is busy. Replies may be late."),
    ("drafter", "dead"): _("No drafter is running. Drafts are written only on request."),
    ("slow", "dead"): _("Slow jobs are waiting. Questions are not grouped, articles are not compared."),
}


@require_safe
@agent_required
def delivery(request: AgentRequest, message_id: int) -> HttpResponse:
    """The line below one reply."""
    replies = Message.objects.select_related("outgoing", "ticket__customer").filter(outgoing__isnull=False)
    message = get_object_or_404(replies, pk=message_id)
    get_ticket(request.user, message.ticket_id)
    overdue.explain([message.outgoing])
    message.addressed = addressing.of(message)  # type: ignore[attr-defined]
    return render(request, "tickets/_delivery.html", {"message": message, "mail": message.outgoing})


@require_safe
@agent_required
def unsent(request: AgentRequest, ticket_id: int) -> HttpResponse:
    """The line above the composer: a reply of this ticket that has not been sent."""
    ticket = get_ticket(request.user, ticket_id)
    rows = list(overdue.overdue().filter(message__ticket=ticket).select_related("message")[:1])
    overdue.explain(rows)
    return render(request, "tickets/_unsent.html", {"rows": rows})


@require_safe
@agent_required
def state(request: AgentRequest) -> HttpResponse:
    """The line in the header: late replies, else a lane with a problem, else nothing."""
    late = overdue.late()
    states = doctor.lane_states()
    warnings = (text for (lane, state), text in WARNINGS.items() if states.get(lane) == state)
    return render(request, "tickets/_sending_state.html", {"late": late, "lane_warning": next(warnings, "")})
