"""What agents do to a ticket: fetch, act, answer in JSON; browsers then refetch what changed.

Bad input is answered with 422 and a sentence; the browser keeps what was typed.
"""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core import signing
from django.forms import Form
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST

from tickets import assignment, lifecycle, notes, outbox
from tickets.access import AgentRequest, agent_required, get_ticket
from tickets.models import Message, OutgoingMail, Ticket
from tickets.views.forms import AssignForm, CloseForm, HandOverForm, NoteForm, PriorityForm, ReplyForm, StatusForm

UNDO_SECONDS = 3600


def refused(form: Form) -> JsonResponse:
    errors = [str(error) for found in form.errors.values() for error in found]
    return JsonResponse({"error": " ".join(errors)}, status=422)


@require_POST
@agent_required
def reply(request: AgentRequest, ticket_id: int) -> HttpResponse:
    """409 with what is newer, if the sender says what was `seen` and something was said since."""
    ticket = get_ticket(request.user, ticket_id)
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return refused(form)
    sent = form.cleaned_data
    try:
        named = {"submission": sent["submission"], "then": sent["then"], "seen": sent["seen"]}
        message = outbox.write_reply(ticket, request.user, sent["composed"], **named)
    except outbox.NewerMessages as newer:
        return JsonResponse({"newer": [_told(message) for message in newer.messages]}, status=409)
    except ValueError:  # nothing but marks
        return JsonResponse({"error": "There is nothing to send yet."}, status=422)
    if message.ticket_id != ticket.pk:
        return JsonResponse({"error": "This reply already went to another ticket."}, status=422)
    # Not the same: an earlier try of this submission had arrived, with other words.
    same = message.composition.get("text", message.text) == sent["text"]
    return JsonResponse({"message": message.pk, "undo_seconds": settings.UNDO_SEND_SECONDS, "same": same})


def _told(message: Message) -> dict[str, Any]:
    who = message.author.name if message.author else message.from_name or message.from_email or "The customer"
    return {"id": message.pk, "kind": message.kind, "who": who, "text": " ".join(message.text.split())[:300]}


@require_POST
@agent_required
def undo_send(request: AgentRequest, message_id: int) -> HttpResponse:
    """The text is given back as it was composed."""
    message = get_object_or_404(Message, pk=message_id, kind=Message.Kind.REPLY)
    ticket = get_ticket(request.user, message.ticket_id)
    if not outbox.undo(message.pk, request.user):
        undone = OutgoingMail.objects.filter(message=message, state=OutgoingMail.State.UNDONE).exists()
        why = "This reply was taken back already." if undone else "Too late: the reply has already left."
        return JsonResponse({"error": why}, status=409)
    return JsonResponse({"ticket": ticket.pk, "text": message.text, "composition": message.composition})


@require_POST
@agent_required
def note(request: AgentRequest, ticket_id: int) -> HttpResponse:
    ticket = get_ticket(request.user, ticket_id)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return refused(form)
    message = notes.write(ticket, request.user, form.cleaned_data["text"], form.cleaned_data["submission"])
    if message.ticket_id != ticket.pk:
        return JsonResponse({"error": "This note already went to another ticket."}, status=422)
    return JsonResponse({"message": message.pk, "same": message.text == form.cleaned_data["text"]})


@require_POST
@agent_required
def assign(request: AgentRequest, ticket_id: int) -> HttpResponse:
    ticket = get_ticket(request.user, ticket_id)
    form = AssignForm(request.POST)
    if not form.is_valid():
        return refused(form)
    assignee = form.cleaned_data["assignee"]
    try:
        changed = assignment.assign(ticket, assignee, request.user, was=form.cleaned_data["was"])
    except assignment.Meanwhile as other:
        return JsonResponse({"error": other.words}, status=409)
    return JsonResponse({"changed": changed, "assignee": assignee.name if assignee else ""})


@require_http_methods(["GET", "POST"])
@agent_required
def hand_over(request: AgentRequest, ticket_id: int) -> HttpResponse:
    """GET shows what the team will see; only POST hands over."""
    ticket = get_ticket(request.user, ticket_id)
    form = HandOverForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _handed_over(request, ticket, form.cleaned_data)
    last = ticket.messages.filter(kind=Message.Kind.CUSTOMER).last()
    page = {"ticket": ticket, "form": form, "last": last, "seen": assignment.moved(ticket)}
    return render(request, "tickets/_hand_over.html", page, status=422 if form.is_bound else 200)


def _handed_over(request: AgentRequest, ticket: Ticket, chosen: dict[str, Any]) -> JsonResponse:
    """409 with the newest move, if there is one that the form did not know of: sent again with it, it is done."""
    team = chosen["team"]
    try:
        was = assignment.hand_over(ticket, team, chosen["note"], request.user, seen=chosen["seen"])
    except assignment.Meanwhile as other:
        words = f"{other.words} Press again to hand it over all the same."
        return JsonResponse({"error": words, "seen": other.event_id}, status=409)
    return JsonResponse({"team": team.name, "undo": _signed(was, "hand over")})


@require_POST
@agent_required
def take_back(request: AgentRequest, ticket_id: int) -> HttpResponse:
    """With the `undo` of a hand-over all is as it was; without, the ticket is the agent's."""
    ticket = get_ticket(request.user, ticket_id)
    if "undo" not in request.POST:
        return JsonResponse({"changed": assignment.assign(ticket, request.user, request.user)})
    held = _held(request, ticket, "hand over")
    if held is None:
        return JsonResponse({"error": "This can no longer be undone; take the ticket instead."}, status=409)
    if not assignment.undo_hand_over(ticket, request.user, assignment.HandOver(**held)):
        return JsonResponse({"error": "Somebody has changed this ticket since."}, status=409)
    return JsonResponse({"changed": True})


@require_POST
@agent_required
def close(request: AgentRequest, ticket_id: int) -> HttpResponse:
    ticket = get_ticket(request.user, ticket_id)
    form = CloseForm(request.POST)
    if not form.is_valid():
        return refused(form)
    try:
        closing = lifecycle.close(ticket, request.user, form.cleaned_data["tags"], ask=form.cleaned_data["ask"])
    except lifecycle.Unanswered:
        return JsonResponse({"unanswered": True, "error": "The customer's last message has no reply."}, status=409)
    if closing.was == Ticket.Status.CLOSED and not closing.added_tags:
        return JsonResponse({"error": "This ticket was closed already."}, status=409)
    return JsonResponse({"undo": _signed(closing, "close")})


@require_POST
@agent_required
def undo_close(request: AgentRequest, ticket_id: int) -> HttpResponse:
    ticket = get_ticket(request.user, ticket_id)
    held = _held(request, ticket, "close")
    if held is None:
        return JsonResponse({"error": "Closing can no longer be undone; open the ticket again instead."}, status=409)
    closing = lifecycle.Closing(**held | {"added_tags": tuple(held["added_tags"])})
    undone = lifecycle.undo_close(ticket, request.user, closing)
    ticket.refresh_from_db(fields=["status"])
    if not undone and ticket.status == Ticket.Status.CLOSED and closing.was != Ticket.Status.CLOSED:
        return JsonResponse({"error": "Somebody has closed this ticket again since."}, status=409)
    return JsonResponse({"status": ticket.status})


def _signed(changed: lifecycle.Closing | assignment.HandOver, what: str) -> str:
    """The browser holds what the undo needs; the signature keeps it ours."""
    held = asdict(changed)
    return signing.dumps(held | {"waiting_since": changed.waiting_since.isoformat()}, salt=what)


def _held(request: AgentRequest, ticket: Ticket, what: str) -> dict[str, Any] | None:
    """What the undo needs, or None if it is too old, altered or another ticket's."""
    try:
        held: dict[str, Any] = signing.loads(request.POST.get("undo", ""), salt=what, max_age=UNDO_SECONDS)
    except signing.BadSignature:
        return None
    if held["ticket_id"] != ticket.pk:
        return None
    return held | {"waiting_since": datetime.fromisoformat(held["waiting_since"])}


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
