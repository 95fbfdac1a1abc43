"""What agents do to a ticket: fetch, act, answer in JSON; browsers then refetch what changed.

Bad input is answered with 422 and a sentence; the browser keeps what was typed.
"""

from typing import Any

from django.conf import settings
from django.core import signing
from django.forms import Form
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST

from tickets import assignment, lifecycle, live, outbox, timeline
from tickets.access import AgentRequest, agent_required, get_ticket
from tickets.forms import AssignForm, CloseForm, HandOverForm, NoteForm, PriorityForm, ReplyForm, StatusForm
from tickets.models import Message, TicketEvent

UNDO_CLOSE_SECONDS = 3600


def refused(form: Form) -> JsonResponse:
    errors = [str(error) for found in form.errors.values() for error in found]
    return JsonResponse({"error": " ".join(errors)}, status=422)


@require_POST
@agent_required
def reply(request: AgentRequest, ticket_id: int) -> HttpResponse:
    ticket = get_ticket(request.user, ticket_id)
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return refused(form)
    sent = form.cleaned_data
    message = outbox.write_reply(
        ticket, request.user, sent["text"], submission=sent["submission"], prepared=sent["prepared"], then=sent["then"]
    )
    if message.ticket_id != ticket.pk:
        return JsonResponse({"error": "This reply already went to another ticket."}, status=422)
    return JsonResponse({"message": message.pk, "undo_seconds": settings.UNDO_SEND_SECONDS})


@require_POST
@agent_required
def undo_send(request: AgentRequest, message_id: int) -> HttpResponse:
    message = get_object_or_404(Message, pk=message_id, kind=Message.Kind.REPLY)
    ticket = get_ticket(request.user, message.ticket_id)
    if not outbox.undo(message.pk, request.user):
        return JsonResponse({"error": "Too late: the reply has already left."}, status=409)
    return JsonResponse({"ticket": ticket.pk, "text": message.text})


@require_POST
@agent_required
def note(request: AgentRequest, ticket_id: int) -> HttpResponse:
    ticket = get_ticket(request.user, ticket_id)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return refused(form)
    message = ticket.messages.create(kind=Message.Kind.NOTE, author=request.user, text=form.cleaned_data["text"])
    timeline.record(ticket, TicketEvent.Kind.NOTED, request.user, message=message.pk)
    live.ticket_changed(ticket.pk, "conversation", "timeline")
    return JsonResponse({"message": message.pk})


@require_POST
@agent_required
def assign(request: AgentRequest, ticket_id: int) -> HttpResponse:
    ticket = get_ticket(request.user, ticket_id)
    form = AssignForm(request.POST)
    if not form.is_valid():
        return refused(form)
    assignee = form.cleaned_data["assignee"]
    changed = assignment.assign(ticket, assignee, request.user)
    return JsonResponse({"changed": changed, "assignee": assignee.name if assignee else ""})


@require_http_methods(["GET", "POST"])
@agent_required
def hand_over(request: AgentRequest, ticket_id: int) -> HttpResponse:
    """GET shows what the team will see; only POST hands over."""
    ticket = get_ticket(request.user, ticket_id)
    form = HandOverForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        team = form.cleaned_data["team"]
        assignment.hand_over(ticket, team, form.cleaned_data["note"], request.user)
        return JsonResponse({"team": team.name})
    last = ticket.messages.filter(kind=Message.Kind.CUSTOMER).last()
    page = {"ticket": ticket, "form": form, "last": last}
    return render(request, "tickets/_hand_over.html", page, status=422 if form.is_bound else 200)


@require_POST
@agent_required
def take_back(request: AgentRequest, ticket_id: int) -> HttpResponse:
    """The ticket that was handed over is the agent's again."""
    ticket = get_ticket(request.user, ticket_id)
    return JsonResponse({"changed": assignment.assign(ticket, request.user, request.user)})


@require_POST
@agent_required
def close(request: AgentRequest, ticket_id: int) -> HttpResponse:
    ticket = get_ticket(request.user, ticket_id)
    form = CloseForm(request.POST)
    if not form.is_valid():
        return refused(form)
    closing = lifecycle.close(ticket, request.user, form.cleaned_data["tags"])
    # The browser holds what the undo needs; the signature keeps it ours.
    undo = signing.dumps({"ticket": closing.ticket_id, "was": closing.was, "tags": closing.added_tags}, salt="close")
    return JsonResponse({"undo": undo})


@require_POST
@agent_required
def undo_close(request: AgentRequest, ticket_id: int) -> HttpResponse:
    ticket = get_ticket(request.user, ticket_id)
    try:
        held: dict[str, Any] = signing.loads(request.POST.get("undo", ""), salt="close", max_age=UNDO_CLOSE_SECONDS)
    except signing.BadSignature:
        return JsonResponse({"error": "Closing can no longer be undone; open the ticket again instead."}, status=409)
    if held["ticket"] != ticket.pk:
        return JsonResponse({"error": "This belongs to another ticket."}, status=409)
    lifecycle.undo_close(ticket, request.user, lifecycle.Closing(ticket.pk, held["was"], tuple(held["tags"])))
    return JsonResponse({"status": ticket.status})


@require_POST
@agent_required
def status(request: AgentRequest, ticket_id: int) -> HttpResponse:
    ticket = get_ticket(request.user, ticket_id)
    form = StatusForm(request.POST)
    if not form.is_valid():
        return refused(form)
    return JsonResponse({"changed": lifecycle.set_status(ticket, form.cleaned_data["status"], request.user)})


@require_POST
@agent_required
def priority(request: AgentRequest, ticket_id: int) -> HttpResponse:
    ticket = get_ticket(request.user, ticket_id)
    form = PriorityForm(request.POST)
    if not form.is_valid():
        return refused(form)
    lifecycle.set_priority(ticket, form.cleaned_data["priority"], request.user)
    return JsonResponse({"priority": ticket.priority})
