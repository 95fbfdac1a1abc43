"""To whom a reply goes: what the composer offers, and addresses while they are typed."""

from typing import Any

from django.db.models import Q
from django.http import JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tickets.access import AgentRequest, agent_required, get_ticket
from tickets.mail import recipient_rows
from tickets.mail.recipients import Choice, as_json
from tickets.models import Customer, Message, Ticket, User

MOST = 8
SHORTEST = 2  # characters


@require_safe
@agent_required
def recipients(request: AgentRequest, ticket_id: int) -> JsonResponse:
    ticket = get_ticket(request.user, ticket_id)
    messages = ticket.messages.select_related("outgoing").prefetch_related("recipients")
    for message in (rows := list(messages)):
        message.ticket = ticket
    return JsonResponse(choice(ticket, rows))


def choice(ticket: Ticket, messages: list[Message]) -> dict[str, Any]:
    """For the composer, from the messages with their recipients."""
    found: Choice = recipient_rows.of_ticket(ticket, messages)
    return {
        "customer": as_json(recipient_rows.customer_address(ticket.customer)),
        "all": found.all.as_json(),
        "known": sorted(found.known),
        "offered": [as_json(each) for each in found.offered],
    }


@require_safe
@agent_required
def addresses(request: AgentRequest) -> JsonResponse:
    """Customers and members whose name or address begins with `q`; customers also with a later word of the name."""
    typed = " ".join(request.GET.get("q", "").split())[:100]
    found = _matching(typed) if len(typed) >= SHORTEST else []
    return JsonResponse({"addresses": found[:MOST]})


def _matching(typed: str) -> list[dict[str, str]]:
    begins = Q(email__istartswith=typed) | Q(name__istartswith=typed)
    customers = list(Customer.objects.filter(begins)[:MOST])
    if len(customers) < MOST:
        later = Customer.objects.filter(name__icontains=f" {typed}").exclude(pk__in=[each.pk for each in customers])
        customers += later[: MOST - len(customers)]
    named = Q(email__istartswith=typed) | Q(first_name__istartswith=typed) | Q(last_name__istartswith=typed)
    members = User.objects.filter(named, is_active=True).exclude(email="")[:MOST]
    found = [{"name": each.name, "email": each.email, "about": _("Customer")} for each in customers]
    return found + [{"name": each.name, "email": each.email, "about": _("Team member")} for each in members]
