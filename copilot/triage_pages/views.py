"""The triage on the ticket page, and what agents correct of it."""

from typing import Any

from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from copilot.drafting import following
from copilot.escalation.advice import advice
from copilot.models import Triage
from copilot.triage import wording
from copilot.triage.classifier import CATEGORY
from copilot.triage.correcting import (
    NoSuchSignal,
    NothingToCorrect,
    correct_category,
    correct_tone,
    dismiss,
    shown,
)
from copilot.triage_pages.forms import CorrectionForm
from copilot.triage_shown import category, readable_signals, section
from tickets.access import AgentRequest, agent_required, get_ticket
from tickets.models import Category, Message, Ticket, User
from tickets.models.categories import NO_CATEGORY


@agent_required
@require_GET
def triage(request: AgentRequest, ticket_id: int) -> HttpResponse:
    ticket = get_ticket(request.user, ticket_id)
    page = {"ticket": ticket, "triage": section(ticket), "advice": advice(ticket, timezone.now())}
    return render(request, "copilot/_triage.html", page)


@agent_required
@require_http_methods(["GET", "POST"])
def correct(request: AgentRequest, ticket_id: int) -> HttpResponse:
    """GET shows what can be chosen. POST saves a category, how the customer sounds, or that a signal is none.

    409 if the category is no longer `was`: somebody else was faster.
    """
    ticket = get_ticket(request.user, ticket_id)
    if request.method == "POST":
        return _corrected(request, ticket)
    if not ticket.messages.filter(kind=Message.Kind.CUSTOMER).exists():
        return _nothing()
    first, latest = shown(ticket)
    page = {
        "ticket": ticket,
        "categories": Category.objects.filter(active=True),
        "NO_CATEGORY": NO_CATEGORY,
        "judged": bool(category(ticket, first).text),
        "latest": latest,
        "sentiments": Triage.Sentiment.choices,
        "urgencies": [(each, wording.urgency(each)) for each in wording.URGENCIES],
        "signals": readable_signals(ticket),
    }
    return render(request, "copilot/_triage_correct.html", page)


def _corrected(request: AgentRequest, ticket: Ticket) -> JsonResponse:
    form = CorrectionForm(request.POST)
    if not form.is_valid():
        errors = [str(error) for found in form.errors.values() for error in found]
        return JsonResponse({"error": " ".join(errors)}, status=422)
    chosen = form.cleaned_data
    if chosen["was"] and "category" in chosen and chosen["was"] != (ticket.category_id or NO_CATEGORY):
        return JsonResponse({"error": _("Somebody has changed the category since.")}, status=409)
    try:
        with transaction.atomic():
            answer = _saved(ticket, chosen, request.user)
    except NoSuchSignal:
        return JsonResponse({"error": _("No message of this ticket has this signal.")}, status=422)
    except NothingToCorrect:
        return _nothing()
    following.corrected(ticket)
    return JsonResponse(answer)


def _saved(ticket: Ticket, chosen: dict[str, Any], by: User) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    if "category" in chosen:
        answer |= _categorised(ticket, chosen["category"], by, forget=chosen["forget"])
    if chosen["sentiment"] or chosen["urgency"]:
        answer |= _tone(ticket, chosen["sentiment"], chosen["urgency"], by)
    for name, undo in (("dismiss", False), ("bring_back", True)):
        if chosen[name]:
            dismiss(ticket, chosen[name], by, undo=undo)
            answer[name] = wording.signal(chosen[name])
    return answer


def _categorised(ticket: Ticket, chosen: Category | None, by: User, *, forget: bool) -> dict[str, Any]:
    """`was` is None if the category that the ticket had can't be chosen any more. `decided`: by an agent before."""
    before, row = ticket.category, shown(ticket)[0]
    decided = bool(row and CATEGORY in row.corrected)
    changed = correct_category(ticket, chosen, by, forget=forget)
    was = NO_CATEGORY if before is None else before.slug if before.active else None
    return {
        "category": chosen.label if chosen else _("none of these"),
        "was": was,
        "decided": decided,
        "changed": changed,
    }


def _tone(ticket: Ticket, sentiment: str, urgency: int | None, by: User) -> dict[str, Any]:
    correct_tone(ticket, by, sentiment=sentiment or None, urgency=urgency)
    answer = {"sentiment": str(Triage.Sentiment(sentiment).label)} if sentiment else {}
    return answer | ({"urgency": wording.urgency(urgency)} if urgency else {})


def _nothing() -> JsonResponse:
    return JsonResponse({"error": _("This ticket has no message from the customer to classify.")}, status=422)
