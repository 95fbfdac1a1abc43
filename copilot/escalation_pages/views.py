"""Escalating a ticket: the preview of the package, sending it, and what the team thinks of it."""

import json
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext, gettext_noop, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from copilot import llm
from copilot.access import get_escalation
from copilot.escalation import configuration, judging, sending
from copilot.escalation.facts import facts
from copilot.escalation.package import Package, prepared, recorded
from copilot.escalation.sending import CustomerWrote, SameTeam, Wanted, WouldLoop
from copilot.escalation_pages.forms import EscalationForm, JudgementForm
from copilot.escalation_pages.preview import preview
from copilot.llm import ModelError
from copilot.models import Escalation, ThreadSummary
from copilot.redaction.values import PlaceholderTaken
from copilot.summaries import keeping, summarising, thread
from copilot.summaries.quoted import Line
from tickets.access import AgentRequest, agent_required, get_ticket
from tickets.assignment import ChangedMeanwhile
from tickets.models import Ticket
from tickets.views.actions import signed_transfer

log = logging.getLogger(__name__)
BUSY = gettext_noop("The ticket is being prepared. Try again in a moment.")


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
def summary(request: AgentRequest, ticket_id: int) -> StreamingHttpResponse:
    """What the messages say, by the model: one line of JSON for each line of it, and a last one when it is done."""
    ticket = get_ticket(request.user, ticket_id)
    lines = _lines(ticket, get_language() or "en")
    return StreamingHttpResponse(lines, content_type="application/x-ndjson", headers={"X-Accel-Buffering": "no"})


async def _lines(ticket: Ticket, language: str) -> AsyncGenerator[str]:
    """Closing it, as when the browser goes away, stops the model. Without a model the dialog keeps its quotes."""
    kept = await sync_to_async(_kept)(ticket)
    health = await sync_to_async(llm.health)(timeout=0.8)
    why = "" if kept or health.ready else health.text
    try:
        async with aclosing(_made(ticket) if not kept and not why else _again(kept, ticket)) as lines:
            async for line in lines:
                yield json.dumps({"about": line.about, "text": line.text, "written": line.written}) + "\n"
    except ModelError as error:
        log.warning("summary failed: ticket=%s code=%s", ticket.pk, error.code)
        why = error.message
    except PlaceholderTaken:
        log.warning("summary failed: ticket=%s: others store placeholders", ticket.pk)
        why = BUSY
    with override(language):
        yield json.dumps({"done": True, "why": gettext(why) if why else ""}) + "\n"


def _kept(ticket: Ticket) -> ThreadSummary | None:
    return keeping.latest(ticket, thread.newest(ticket))


async def _again(kept: ThreadSummary | None, ticket: Ticket) -> AsyncGenerator[Line]:
    for line in await sync_to_async(keeping.shown)(kept, ticket) if kept else ():
        yield line


async def _made(ticket: Ticket) -> AsyncGenerator[Line]:
    """Each line as soon as it is checked. All of them are kept at the end."""
    begun = await sync_to_async(keeping.started)(ticket)
    if begun is None:
        return
    read, row = begun
    found: list[Line] = []
    async with aclosing(summarising.summarise(read, llm.HttpModel(), row)) as lines:
        async for line in lines:
            found.append(line)
            for shown in await sync_to_async(keeping.shown)([line], ticket):
                yield shown
    await sync_to_async(keeping.finish)(row, found)


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
