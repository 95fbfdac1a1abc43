"""The page "Try a search": see every step of a search, try other settings, save them for everyone."""

from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect

from knowledge.access import curator_required
from knowledge.masking.forms import for_search
from knowledge.models import Article
from knowledge.search import configuration
from knowledge.search.configuration import Configuration
from knowledge.search.configuration_form import ConfigurationForm
from knowledge.search.retrieval import SearchResult, search
from knowledge.search.sandbox import side_by_side

SHOWN = 5  # passages, as on the desk
ROWS = 15  # of the table, unless all are asked for
HISTORY = 10
QUESTION_LIMIT = 4000  # characters
EVERYONE = (Article.Audience.PUBLIC, Article.Audience.INTERNAL)


@require_GET
@curator_required
def sandbox(request: HttpRequest) -> HttpResponse:
    current = configuration.current()
    form = _form(request.GET, current)
    now, then = _compared(form, current)
    asked = _question(request.GET, "q")
    context: dict[str, Any] = {
        "asked": request.GET,
        "q": asked,
        "form": form,
        "now": now,
        "then": then,
        "trial": now is not current,
        "alike": configuration.same(now, then),
        "current": current,
        "history": configuration.history(current, HISTORY),
        "not_measured": configuration.min_score_not_measured(current),
        "categories": _distinct("category"),
        "languages": _distinct("language"),
        "done": request.GET.get("done", ""),
    }
    if asked:
        searched, earlier = (for_search(text) for text in (asked, _question(request.GET, "earlier")))
        found, before = (_search(searched, earlier, request.GET, conf) for conf in (now, then))
        rows = side_by_side(found, before)
        every = bool(request.GET.get("all"))
        context |= {"found": found, "before": before, "rows": rows if every else rows[:ROWS], "all": len(rows)}
        context |= {"searched": searched.strip(), "left_out": searched != asked}
    return render(request, "knowledge/sandbox.html", context)


@require_POST
@curator_required
def sandbox_save(request: HttpRequest) -> HttpResponse:
    """Save the settings of the form for everyone; if that is not possible, the page says why."""
    if configuration.min_score_unknown():
        return _back(request.POST, done="unknown")
    current = configuration.current()
    form = _form(request.POST, current)
    if not form.is_valid():
        return _back(request.POST)
    if configuration.same(form.values(), current):
        return _back(request.POST, done="same")
    configuration.save(form.values(), note=form.cleaned_data["note"], by=request.user)
    return _back(request.POST, done="saved", settings=False)


@require_POST
@curator_required
def sandbox_use(request: HttpRequest, number: int) -> HttpResponse:
    """Use an earlier configuration again, or the defaults (0)."""
    if not number and configuration.min_score_unknown():
        return _back(request.POST, done="unknown")
    try:
        wanted = configuration.numbered(number)
    except configuration.MadeForOtherModels:
        return _back(request.POST, done="other_models")
    if wanted is None:
        raise Http404
    if configuration.same(wanted, configuration.current()):
        return _back(request.POST, done="same")
    configuration.restore(wanted, by=request.user)
    return _back(request.POST, done="saved", settings=False)


def _form(data: QueryDict, current: Configuration) -> ConfigurationForm:
    """With the settings that the page sent, if it did; otherwise with the current ones."""
    return ConfigurationForm(data if "min_score" in data else None, initial=asdict(current))


def _compared(form: ConfigurationForm, current: Configuration) -> tuple[Configuration, Configuration]:
    """The form's settings and those in use; if they are the same, those in use and the ones before."""
    trial = form.values() if form.is_bound and form.is_valid() else current
    if configuration.same(trial, current):
        return current, configuration.previous()
    return trial, current


def _question(data: QueryDict, name: str) -> str:
    return data.get(name, "").strip()[:QUESTION_LIMIT]


def _search(asked: str, earlier: str, data: QueryDict, conf: Configuration) -> SearchResult:
    return search(
        asked,
        limit=SHOWN,
        language=data.get("language", "")[:8],
        category=data.get("category", "")[:40],
        audience=(Article.Audience.PUBLIC,) if data.get("public") else EVERYONE,
        history=[earlier] if earlier else [],
        using=conf,
    )


def _distinct(field: str) -> list[str]:
    return list(
        Article.objects.published().exclude(**{field: ""}).order_by(field).values_list(field, flat=True).distinct()
    )


def _back(data: QueryDict, done: str = "", settings: bool = True) -> HttpResponse:
    """Back to the page with the same question and, if `settings`, with what the form held."""
    kept = ["q", "earlier", "language", "category", "public"]
    kept += ConfigurationForm.Meta.fields if settings else []
    values = {name: data[name] for name in kept if data.get(name)} | ({"done": done} if done else {})
    return HttpResponseClientRedirect(f"{reverse('knowledge:sandbox')}?{urlencode(values)}")
