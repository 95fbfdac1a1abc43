"""Try a version on past messages: choose them, watch both replies come, stop."""

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from copilot import llm
from copilot.access import texts_required
from copilot.grounding.verdicts import Support
from copilot.models import TextTrial, TextVersion, TrialCase
from copilot.text_changes import past_messages, trials, versions, wording
from copilot.text_changes.kinds import Kind
from copilot.text_changes.views import get_kind, get_version
from knowledge.text.diffing import compare
from tickets.access import AgentRequest, visible_tickets
from tickets.models import Message

CHANCE = 0.02  # a smaller difference between two probabilities is none


@texts_required
@require_http_methods(["GET", "POST"])
def text_try(request: AgentRequest, name: str, number: int) -> HttpResponse:
    kind = get_kind(name)
    version = get_version(kind, number)
    if version is None or not kind.tried:
        raise Http404
    if request.method == "GET":
        return _choose(request, kind, version)
    ids, written = request.POST.getlist("message"), request.POST.get("tickets", "")
    found, missing = past_messages.of_tickets(request.user, written[:200])
    messages = list({message.pk: message for message in [*past_messages.chosen(request.user, ids), *found]}.values())
    if error := _refusal(messages, missing):
        return _choose(request, kind, version, ids, written, error)
    trial = trials.request(version, versions.in_use(kind).version, messages, request.user)
    return HttpResponseRedirect(reverse("copilot:text_trial", args=[trial.pk]))


@texts_required
@require_GET
def text_trial(request: AgentRequest, trial_id: int) -> HttpResponse:
    """While it runs the page asks again and again; if there is nothing new, what is open on it stays open."""
    context = _context(request, _trial(trial_id))
    if not request.headers.get("HX-Request"):
        return render(request, "copilot/texts/trial.html", context)
    if request.GET.get("seen") == context["seen"]:
        return HttpResponse(status=204)
    return render(request, "copilot/texts/_trial.html", context)


@texts_required
@require_POST
def text_trial_stop(request: AgentRequest, trial_id: int) -> HttpResponse:
    trials.stop(_trial(trial_id))
    return HttpResponseRedirect(reverse("copilot:text_trial", args=[trial_id]))


def _trial(trial_id: int) -> TextTrial:
    trial = trials.latest(trial_id)
    if trial is None:
        raise Http404
    return trial


def _refusal(messages: list[Message], missing: list[str]) -> str:
    if missing:
        return _("There is no ticket with a customer’s message with this number: %(numbers)s.") % {
            "numbers": ", ".join(missing)
        }
    if not messages:
        return _("Choose at least one message.")
    if len(messages) > trials.MOST:
        return _("At most %(most)d messages, because the model answers each of them twice.") % {"most": trials.MOST}
    return ""


def _choose(
    request: AgentRequest,
    kind: Kind,
    version: TextVersion,
    ids: list[str] | None = None,
    written: str = "",
    error: str = "",
) -> HttpResponse:
    offered = past_messages.offered(request.user)
    ticked = set(ids) if ids is not None else {str(each.pk) for each in offered[:3]}
    context = {
        "name": kind.name,
        "label": wording.label(kind.name),
        "version": version,
        "offered": [(message, str(message.pk) in ticked) for message in offered],
        "tickets": written,
        "error": error,
        "most": trials.MOST,
        "model": llm.health(timeout=0.8),
        "running": TextTrial.objects.filter(version=version, state__in=TextTrial.ACTIVE).first(),
    }
    return render(request, "copilot/texts/try.html", context, status=422 if error else 200)


def _context(request: AgentRequest, trial: TextTrial) -> dict[str, Any]:
    rows = trial.cases.filter(message__ticket__in=visible_tickets(request.user)).select_related("message__ticket")
    cases = [_case(row) for row in rows]
    active = trial.state in TextTrial.ACTIVE
    model = llm.health(timeout=0.8) if active else None
    return {
        "trial": trial,
        "label": wording.label(trial.name),
        "active": active,
        "cases": cases,
        "done": sum(case["done"] for case in cases),
        "differ": sum(case["differs"] for case in cases),
        "error": _(trial.error) if trial.error else "",
        "model": model,
        "seen": f"{trial.state}-{sum(len(row.replies) for row in rows)}-{model is None or model.ready}",
    }


def _case(row: TrialCase) -> dict[str, Any]:
    now, tried = row.replies.get("now"), row.replies.get("tried")
    done = bool(now and tried)
    texts = (now["text"], tried["text"]) if done else ("", "")
    return {
        "row": row,
        "now": _side(now),
        "tried": _side(tried),
        "done": done,
        "differs": texts[0] != texts[1],
        "rows": compare(*texts) if texts[0] != texts[1] else [],
        "probability_differs": done and abs(now["probability"] - tried["probability"]) >= CHANCE,
    }


def _side(reply: dict[str, Any] | None) -> dict[str, Any] | None:
    if reply is None:
        return None
    weak = sum(sentence["support"] != Support.SUPPORTED for sentence in reply["sentences"])
    return reply | {"seconds": reply["ms"] / 1000, "weak": weak}
