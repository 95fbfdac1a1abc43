"""Escalating a ticket: the preview of the package, sending it, and what the team thinks of it."""

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from copilot.access import get_escalation
from copilot.escalation import configuration, judging, sending
from copilot.escalation.facts import facts
from copilot.escalation.package import Package, prepared, recorded
from copilot.escalation.sending import CustomerWrote, SameTeam, Wanted, WouldLoop
from copilot.escalation_pages.forms import EscalationForm, JudgementForm
from copilot.escalation_pages.preview import preview
from copilot.models import Escalation
from copilot.redaction.values import PlaceholderTaken
from copilot.summaries.streaming import BUSY
from tickets.access import AgentRequest, agent_required, get_ticket
from tickets.assignment import ChangedMeanwhile
from tickets.models import Ticket
from tickets.views.actions import signed_transfer


@agent_required
@require_http_methods(["GET", "POST"])
def escalate(request: AgentRequest, ticket_id: int) -> HttpResponse:
    """GET shows what the team would be told, POST sends it with what the agent changed.

    422 with a sentence for each field. 409 with `seen` if somebody moved the ticket, with `upto` if the customer has
    written, or with `again` if the team had it before: sent again with that, it is escalated.
    """
    ticket, now = get_ticket(request.user, ticket_id), timezone.now()
    rules = configuration.current()
    if request.method == "GET":
        package = prepared(ticket, facts(ticket, now), rules[1], now)
        return render(request, "copilot/_escalate.html", preview(ticket, package, rules[1], now))
    form = EscalationForm(request.POST)
    if not form.is_valid():
        errors = {name: " ".join(map(str, said)) for name, said in form.errors.items()}
        return JsonResponse({"errors": errors, "error": " ".join(errors.values())}, status=422)
    return _sent(request, ticket, form, recorded(ticket, facts(ticket, now), rules[1], now), rules)


def _sent(
    request: AgentRequest, ticket: Ticket, form: EscalationForm, package: Package, rules: tuple[int, Any]
) -> JsonResponse:
    chosen = form.cleaned_data
    known = {"seen": chosen["seen"], "upto": chosen["upto"], "again": chosen["again"]}
    wanted = Wanted(chosen["team"], chosen["reason"], form.texts, form.origins, **known)
    try:
        escalation, was = sending.send(ticket, wanted, request.user, package, rules)
    except SameTeam:
        error = _("The ticket is with this team already.")
        return JsonResponse({"errors": {"team": error}, "error": error}, status=422)
    except WouldLoop as loop:
        error = _("%(why)s Press Escalate again to escalate it there anyway.") % {"why": loop}
        return JsonResponse({"error": error, "again": True}, status=409)
    except ChangedMeanwhile as other:
        error = _("%(what)s Press Escalate again to escalate it anyway.") % {"what": other.text}
        return JsonResponse({"error": error, "seen": other.event_id}, status=409)
    except CustomerWrote as newer:
        error = _("The customer has written meanwhile. Press Escalate again to send the package as it is.")
        return JsonResponse({"error": error, "upto": newer.message_id}, status=409)
    except PlaceholderTaken:
        return JsonResponse({"error": gettext(BUSY)}, status=409)
    team = escalation.team.name if escalation.team else ""
    return JsonResponse({"team": team, "undo": signed_transfer(was)})


@agent_required
@require_POST
def judge(request: AgentRequest, number: int) -> JsonResponse:
    """Answers with the judgement before, for the undo."""
    escalation = get_escalation(request.user, number)
    form = JudgementForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"error": _("Choose whether it was justified.")}, status=422)
    judgement = form.cleaned_data["judgement"]
    try:
        was = judging.judge(escalation, judgement, request.user)
    except judging.NotYours:
        return JsonResponse({"error": _("Only the team that got the ticket judges the escalation.")}, status=422)
    except judging.Judged:
        return JsonResponse({"error": _("Another member has judged this escalation already.")}, status=422)
    except judging.Undone:
        return JsonResponse({"error": _("This escalation was undone.")}, status=409)
    label = str(Escalation.Judgement(judgement).label) if judgement else ""
    return JsonResponse({"was": was, "judgement": judgement, "label": label})
