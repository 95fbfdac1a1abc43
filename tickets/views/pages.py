"""The desk, and the parts that it fetches again. Reads only; each part is the template that the page includes."""

import json
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from config.roles import Capability, may
from tickets import overdue, uploads
from tickets.access import AgentRequest, agent_required, assignable_members, get_ticket, visible_tickets
from tickets.contact import receiving
from tickets.message_details import addressing, formatted, handoffs, origins, previews
from tickets.models import Message, Tag, Team, Ticket, User
from tickets.views import queue_pages, recipients
from tickets.views.wording import sentence

OTHER_TICKETS = 4  # of the customer, for which the page has room; copilot/customers fills it
TIMELINE = 60


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    user = request.user
    if may(user, Capability.WORK_TICKETS):
        return redirect("tickets:desk")
    if may(user, Capability.WRITE_ARTICLES):
        return redirect("admin:knowledge_article_changelist")
    if may(user, Capability.ENTER_ADMIN):
        return redirect("admin:index")
    return render(request, "tickets/welcome.html")


@require_safe
@agent_required
def desk(request: AgentRequest) -> HttpResponse:
    return render(request, "tickets/desk.html", _desk(request))


@require_safe
@agent_required
def ticket(request: AgentRequest, ticket_id: int) -> HttpResponse:
    found = get_ticket(request.user, ticket_id)
    return render(request, "tickets/desk.html", _desk(request) | _pane(found, request.user))


@require_safe
@agent_required
def pane(request: AgentRequest, ticket_id: int) -> HttpResponse:
    """One ticket with its context, to switch to it without loading a page."""
    found = get_ticket(request.user, ticket_id)
    return render(request, "tickets/_pane_response.html", _choices() | _pane(found, request.user))


@require_safe
@agent_required
def conversation(request: AgentRequest, ticket_id: int) -> HttpResponse:
    found = get_ticket(request.user, ticket_id)
    page = {"ticket": found, "conversation": _conversation(found, request.user)}
    return render(request, "tickets/_messages.html", page)


@require_safe
@agent_required
def header(request: AgentRequest, ticket_id: int) -> HttpResponse:
    return render(request, "tickets/_header.html", {"ticket": get_ticket(request.user, ticket_id)})


@require_safe
@agent_required
def context(request: AgentRequest, ticket_id: int) -> HttpResponse:
    found = get_ticket(request.user, ticket_id)
    return render(request, "tickets/_customer.html", {"ticket": found} | _customer(found, request.user))


@require_safe
@agent_required
def timeline(request: AgentRequest, ticket_id: int) -> HttpResponse:
    found = get_ticket(request.user, ticket_id)
    return render(request, "tickets/_timeline.html", {"ticket": found, "timeline": _timeline(found)})


def _desk(request: AgentRequest) -> dict[str, Any]:
    members = assignable_members().exclude(pk=request.user.pk)
    dialogs = {"members": members, "tags": Tag.objects.all()[:200], "teams": Team.objects.all()}
    zone = {"desk_zone": timezone.get_current_timezone_name()}
    return _choices() | queue_pages.context(request) | dialogs | zone


def _choices() -> dict[str, Any]:
    return {"undo_seconds": settings.UNDO_SEND_SECONDS, "Status": Ticket.Status, "Priority": Ticket.Priority}


def _pane(found: Ticket, user: User) -> dict[str, Any]:
    return {
        "ticket": found,
        "conversation": (conversation := _conversation(found, user)),
        "recipients_json": json.dumps(recipients.choice(found, conversation)),
        "timeline": _timeline(found),
        "teams": Team.objects.all(),  # also in a page that has them already: read once
        "uploads": uploads.of(found, user),
        "largest_file": uploads.largest(),
        **_customer(found, user),
    }


def _conversation(found: Ticket, user: User) -> list[Message]:
    messages = found.messages.select_related("author", "outgoing").prefetch_related("attachments", "recipients")
    rest_on = origins.of(rows := list(messages))
    handed = handoffs.of(rows, user)
    for message in rows:
        message.ticket = found  # the same ticket for all, without a query for each
        message.origins = rest_on.get(message.pk)  # type: ignore[attr-defined]
        message.as_sent = formatted.of(message)  # type: ignore[attr-defined]
        message.previews = previews.of(message.attachments.all())  # type: ignore[attr-defined]
        message.addressed = addressing.of(message)  # type: ignore[attr-defined]
        message.handoff = handed.get(message.pk)  # type: ignore[attr-defined]
    overdue.explain([message.outgoing for message in rows if hasattr(message, "outgoing")])
    return rows


def _customer(found: Ticket, user: User) -> dict[str, Any]:
    recent = Q(created_at__gte=timezone.now() - timedelta(days=30))
    tickets = visible_tickets(user).filter(customer=found.customer_id)
    counted = tickets.aggregate(all=Count("pk"), recent=Count("pk", filter=recent))
    return {
        "others": min(counted["all"] - 1, OTHER_TICKETS),
        "recent": counted["recent"],
        "ticket_tags": list(found.tags.all()),
        "read_before": receiving.read_before(found),
        "Status": Ticket.Status,
        "Priority": Ticket.Priority,
    }


def _timeline(found: Ticket) -> list[tuple[Any, str]]:
    events = found.events.select_related("actor").order_by("-at", "-id")[:TIMELINE]
    return [(event, sentence(event)) for event in events]
