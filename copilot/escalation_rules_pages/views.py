"""The pages on which leads change the rules of escalation: the form, one version, an older one again."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config.numbers import whole
from copilot import rule_versions
from copilot.access import routing_required
from copilot.escalation.configuration import RULES, current
from copilot.escalation.rules import Rules
from copilot.escalation_rules_pages import choices as lists
from copilot.escalation_rules_pages import counting
from copilot.escalation_rules_pages.choices import Choices
from copilot.escalation_rules_pages.differences import changed, differences
from copilot.escalation_rules_pages.entered import Entered, of_post, of_rules
from copilot.escalation_rules_pages.form import read
from copilot.escalation_rules_pages.shown import Form
from copilot.rule_forms import Read
from copilot.rule_sets import Changed


@routing_required
@require_http_methods(["GET", "POST"])
def escalation_rules(request: HttpRequest) -> HttpResponse:
    """The form. `change`: only count with what was entered; otherwise save a new version."""
    choices, (_number, in_use) = lists.load(), current()
    if request.method == "GET":
        return _page(request, choices, of_rules(in_use, choices), Read[Rules](in_use))
    entered = of_post(request.POST, choices)
    found = read(entered, choices, in_use)
    seen = whole(request.POST.get("seen", ""))
    if request.POST.get("change"):
        return _page(request, choices, entered, found, seen=seen)
    if found.rules is None:
        return _page(request, choices, entered, found, seen=seen, status=422)
    if not changed(in_use, found.rules):
        said = _("Nothing to save. These are the rules in use.")
        return _page(request, choices, entered, found, seen=seen, said=said, status=422)
    try:
        RULES.save(found.rules, -1 if seen is None else seen, note=entered.note.strip(), by=request.user)
    except Changed:
        return _page(request, choices, entered, found, done="changed", status=409)
    return HttpResponseRedirect(reverse("copilot:escalation_rules") + "?done=saved")


@routing_required
@require_GET
def escalation_version(request: HttpRequest, number: int) -> HttpResponse:
    """One version, in what it differs from the rules in use, and the button that uses it again; 0: as shipped."""
    return _version(request, number, done=request.GET.get("done", ""))


@routing_required
@require_POST
def escalation_use(request: HttpRequest, number: int) -> HttpResponse:
    rules, seen = rule_versions.get_rules(RULES, number), whole(request.POST.get("seen", ""))
    if not changed(current()[1], rules):
        return _version(request, number, done="same", status=422)
    try:
        rule_versions.use(RULES, number, rules, -1 if seen is None else seen, request.user)
    except Changed:
        return _version(request, number, done="changed", status=409)
    return HttpResponseRedirect(reverse("copilot:escalation_rules") + "?done=used")


def _page(
    request: HttpRequest,
    choices: Choices,
    entered: Entered,
    found: Read[Rules],
    *,
    seen: int | None = None,
    said: str = "",
    done: str = "",
    status: int = 200,
) -> HttpResponse:
    """`seen` stays as it was sent, so that a later save still knows; after `changed` the newest one has been seen."""
    (number, in_use), newest = current(), RULES.newest()
    counted = counting.count(request.user, found.rules, in_use)  # type: ignore[arg-type]
    context = {
        "form": Form(entered, choices, found.errors, counted),
        "counted": counted,
        "errors": found.said,
        "seen": (newest.pk if newest else 0) if seen is None else seen,
        "unsaved": request.method == "POST",
        "said": said,
        "newest": newest,
        "unlike": differences(in_use, found.rules, choices) if done == "changed" and found.rules else [],
        "history": rule_versions.history(RULES, changed, number),
        "done": done or request.GET.get("done", ""),
        "in_use": number,
    }
    return render(request, "copilot/escalation/rules.html", context, status=status)


def _version(request: HttpRequest, number: int, done: str = "", status: int = 200) -> HttpResponse:
    rules, (number_in_use, in_use) = rule_versions.get_rules(RULES, number), current()
    context = {
        **rule_versions.shown(RULES, number),
        "differences": differences(in_use, rules, lists.load()),
        "done": done,
        "in_use": number_in_use,
    }
    return render(request, "copilot/escalation/version.html", context, status=status)
