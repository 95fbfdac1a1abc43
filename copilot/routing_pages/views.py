"""The pages on which leads change the routing rules: the form with its preview, one version, an older one again."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config.numbers import whole
from copilot import rule_versions
from copilot.access import routing_required
from copilot.routing import configuration
from copilot.routing.rules import Rules
from copilot.routing_pages import choices as lists
from copilot.routing_pages import previewing
from copilot.routing_pages.choices import Choices
from copilot.routing_pages.differences import changed, differences
from copilot.routing_pages.entered import Entered, of_post, of_rules
from copilot.routing_pages.form import read
from copilot.routing_pages.previewing import PERIODS, USUAL, Shown
from copilot.routing_pages.shown import Form
from copilot.rule_forms import Read
from copilot.rule_sets import Changed

ROWS = "rows"  # the button that adds empty rows for teams


@routing_required
@require_http_methods(["GET", "POST"])
def routing(request: HttpRequest) -> HttpResponse:
    """The form. `change`: only show the preview or add rows; otherwise save a new version."""
    choices, (number, current) = lists.load(), configuration.current()
    if request.method == "GET":
        return _page(request, choices, number, current, of_rules(current, choices), Read[Rules](current))
    entered = of_post(request.POST, choices)
    found = read(entered, choices, current)
    seen = whole(request.POST.get("seen", ""))
    if request.POST.get("change"):
        return _page(request, choices, number, current, entered, found, seen=seen)
    if found.rules is None:
        return _page(request, choices, number, current, entered, found, seen=seen, status=422)
    if not differences(current, found.rules, choices):
        said = _("Nothing to save. These are the rules in use.")
        return _page(request, choices, number, current, entered, found, seen=seen, said=said, status=422)
    try:
        configuration.save(found.rules, -1 if seen is None else seen, note=entered.note.strip(), by=request.user)
    except Changed:
        return _page(request, choices, number, current, entered, found, done="changed", status=409)
    return HttpResponseRedirect(reverse("copilot:routing") + "?done=saved")


@routing_required
@require_POST
def routing_preview(request: HttpRequest) -> HttpResponse:
    """The preview of what the form holds, and its summary, which screen readers announce."""
    choices, (_number, current) = lists.load(), configuration.current()
    found = read(of_post(request.POST, choices), choices, current)
    shown = _preview(request, choices, current, found)
    return render(request, "copilot/routing/_preview_answer.html", {"preview": shown})


@routing_required
@require_GET
def routing_version(request: HttpRequest, number: int) -> HttpResponse:
    """One version, in what it differs from the rules in use, and the button that uses it again; 0: as shipped."""
    return _version(request, number, done=request.GET.get("done", ""))


@routing_required
@require_POST
def routing_use(request: HttpRequest, number: int) -> HttpResponse:
    rules, seen = rule_versions.get_rules(configuration.RULES, number), whole(request.POST.get("seen", ""))
    if not differences(configuration.current()[1], rules, lists.load()):
        return _version(request, number, done="same", status=422)
    try:
        rule_versions.use(configuration.RULES, number, rules, -1 if seen is None else seen, request.user)
    except Changed:
        return _version(request, number, done="changed", status=409)
    return HttpResponseRedirect(reverse("copilot:routing") + "?done=used")


def _page(
    request: HttpRequest,
    choices: Choices,
    number: int,
    current: Rules,
    entered: Entered,
    found: Read[Rules],
    *,
    seen: int | None = None,
    said: str = "",
    done: str = "",
    status: int = 200,
) -> HttpResponse:
    """`seen` stays as it was sent, so that a later save still knows; after `changed` the newest one has been seen."""
    newest, more = configuration.RULES.newest(), request.POST.get("change") == ROWS
    context = {
        "form": Form(entered, choices, found.errors, more=int(more)),
        "errors": found.said,
        "seen": (newest.pk if newest else 0) if seen is None else seen,
        "unsaved": request.method == "POST",
        "said": said,
        "newest": newest,
        "unlike": differences(current, found.rules, choices) if done == "changed" and found.rules else [],
        "history": rule_versions.history(configuration.RULES, changed, number),
        "preview": _preview(request, choices, current, found),
        "done": done or request.GET.get("done", ""),
        **_head(number),
    }
    return render(request, "copilot/routing/rules.html", context, status=status)


def _preview(request: HttpRequest, choices: Choices, current: Rules, found: Read[Rules]) -> Shown:
    days = previewing.period(request.POST.get("days", ""))
    if found.rules is None:
        return Shown(days, error=found.said)
    return previewing.preview(current, found.rules, days, choices, request.user)  # type: ignore[arg-type]


def _version(request: HttpRequest, number: int, done: str = "", status: int = 200) -> HttpResponse:
    rules = rule_versions.get_rules(configuration.RULES, number)
    choices, (now, current) = lists.load(), configuration.current()
    context = {
        **rule_versions.shown(configuration.RULES, number),
        "differences": differences(current, rules, choices),
        "preview": previewing.preview(current, rules, USUAL, choices, request.user),  # type: ignore[arg-type]
        "done": done,
        **_head(now),
    }
    return render(request, "copilot/routing/version.html", context, status=status)


def _head(in_use: int) -> dict[str, Any]:
    return {"in_use": in_use, "periods": PERIODS, "usual": USUAL}
