"""The pages on which leads change prompts and voice: the list, one of them as a form, one version, what is in use."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config.numbers import whole
from copilot.access import texts_required
from copilot.models import TextVersion
from copilot.text_changes import trials, usage, versions, wording
from copilot.text_changes.kinds import Data, Kind
from copilot.text_changes.versions import Changed, InUse, Refused
from knowledge.text.diffing import DiffRow, compare

NOTE_LIMIT = 200


@texts_required
@require_GET
def texts(request: HttpRequest) -> HttpResponse:
    """Which version of each is in use, and how much the model is asked with it. Three queries."""
    in_use, used = versions.all_in_use(), usage.this_week()
    rows = [
        {
            "name": kind.name,
            "label": wording.label(kind.name),
            "purpose": wording.purpose(kind.name),
            "in_use": in_use[kind.name],
            "usage": used.get(kind.name),
            "seconds": _seconds(used.get(kind.name)),
        }
        for kind in sorted(versions.kinds(), key=lambda kind: wording.rank(kind.name))
    ]
    return render(request, "copilot/texts/list.html", {"rows": rows})


@texts_required
@require_http_methods(["GET", "POST"])
def text(request: HttpRequest, name: str) -> HttpResponse:
    """The form. `change`: only add, move or remove an example, or show the preview; otherwise save as a draft."""
    kind = get_kind(name)
    if request.method == "GET":
        number, data = _asked_for(kind, request.GET.get("version", ""))
        return _form(request, kind, data, number)
    data, number = kind.posted(request.POST), whole(request.POST.get("from", "")) or 0
    if change := request.POST.get("change", ""):
        return _form(request, kind, data, number, note=_note(request), change=change)
    if said := _same_as(kind, data):
        return _form(request, kind, data, number, note=_note(request), said=said, status=422)
    saved = versions.save(kind, data, _note(request), request.user)
    return HttpResponseRedirect(reverse("copilot:text_version", args=[name, saved.number]) + "?done=saved")


@texts_required
@require_GET
def text_version(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """One version, what it changes, what speaks against it, and the button that puts it into use."""
    kind = get_kind(name)
    return _version(request, kind, number, done=request.GET.get("done", ""))


@texts_required
@require_POST
def text_activate(request: HttpRequest, name: str, number: int) -> HttpResponse:
    kind, seen = get_kind(name), whole(request.POST.get("seen", ""))
    if seen is None:
        return _version(request, kind, number, done="changed", status=409)
    try:
        versions.activate(kind, number, seen, request.user, _note(request))
    except TextVersion.DoesNotExist as error:
        raise Http404 from error
    except Changed:
        return _version(request, kind, number, done="changed", status=409)
    except Refused:
        return _version(request, kind, number, done="refused", status=422)
    return HttpResponseRedirect(f"{reverse('copilot:text', args=[name])}?{urlencode({'done': 'activated'})}")


def get_kind(name: str) -> Kind:
    kind = versions.kind_of(name)
    if kind is None:
        raise Http404
    return kind


def get_version(kind: Kind, number: int) -> TextVersion | None:
    """None for 0, the file."""
    version = versions.numbered(kind, number) if number else None
    if number and version is None:
        raise Http404
    return version


def _asked_for(kind: Kind, wanted: str) -> tuple[int, Data]:
    """The version to begin from: the one that is asked for, else the one in use, else the file."""
    now = versions.in_use(kind)
    number = whole(wanted)
    version = get_version(kind, number) if number is not None else now.version
    try:
        return (version.number, kind.read(version.texts)) if version else (0, kind.shipped)
    except ValueError:  # broken: nothing can be shown of it
        return 0, kind.shipped


def _same_as(kind: Kind, data: Data) -> str:
    if kind.normal(data) == _data(kind, versions.in_use(kind)):
        return _("Nothing to save. This is word for word the version in use.")
    if kind.normal(data) == kind.shipped:
        return _("Nothing to save. This is word for word the shipped version, which you can put into use below.")
    return ""


def _data(kind: Kind, now: InUse) -> Data:
    try:
        return kind.read(now.texts)
    except ValueError:
        return kind.shipped


def _form(
    request: HttpRequest,
    kind: Kind,
    data: Data,
    number: int,
    note: str = "",
    change: str = "",
    said: str = "",
    status: int = 200,
) -> HttpResponse:
    now = versions.in_use(kind)
    faults = kind.faults(data)
    context = {
        **_head(kind, now),
        **kind.fields(data, faults),
        "number": number,
        "note": note,
        "said": said,
        "unsaved": bool(change),
        "focus": _focus(change),
        "faults": len(faults),
        "form": kind.template,
        "history": versions.with_states(kind),
        "activations": versions.activations(kind),
        "done": request.GET.get("done", ""),
    }
    return render(request, "copilot/texts/text.html", context, status=status)


def _focus(change: str) -> str:
    """The part of the form that gets the focus after a change: the place where the example is now."""
    verb, _colon, place = change.partition(":")
    at = whole(place)
    if verb == "add":
        return "last"
    if at is None:
        return ""
    return str({"up": max(0, at - 1), "down": at + 1, "remove": max(0, at - 1)}.get(verb, ""))


def _version(request: HttpRequest, kind: Kind, number: int, done: str = "", status: int = 200) -> HttpResponse:
    version, now = get_version(kind, number), versions.in_use(kind)
    faults = versions.broken(kind, version) if version else []
    try:
        data = kind.read(version.texts) if version else kind.shipped
    except ValueError:
        data = None
    with_now = _compared(kind, _data(kind, now), data)
    context = {
        **_head(kind, now),
        "number": number,
        "version": version,
        "active": number == now.number,
        "faults": [(wording.place(kind.name, fault.place), fault.said) for fault in faults],
        "changed_lines": sum(row.kind not in {"same", "gap"} for row in with_now),
        "with_now": with_now,
        "with_shipped": _compared(kind, kind.shipped, data) if number and now.number else [],
        "done": done,
        "tried": kind.tried and version is not None and not faults,
        "trials": trials.of_version(version) if version else [],
    }
    return render(request, "copilot/texts/version.html", context, status=status)


def _compared(kind: Kind, old: Data, new: Data | None) -> Sequence[DiffRow]:
    return compare(kind.readable(old), kind.readable(new)) if new is not None else []


def _head(kind: Kind, now: InUse) -> dict[str, Any]:
    measured: str | Promise = wording.measured(kind.name)
    return {
        "name": kind.name,
        "label": wording.label(kind.name),
        "purpose": wording.purpose(kind.name),
        "measured": measured,
        "in_use": now,
    }


def _note(request: HttpRequest) -> str:
    return request.POST.get("note", "").strip()[:NOTE_LIMIT]


def _seconds(used: usage.Usage | None) -> float | None:
    return used.median_ms / 1000 if used and used.median_ms is not None else None
