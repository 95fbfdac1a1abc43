"""Views of the queue that members save: the form, and what it does."""

from collections.abc import Callable
from functools import partial

from django.db import IntegrityError
from django.http import Http404, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tickets import saved_views
from tickets.access import AgentRequest, agent_required
from tickets.models import SavedView
from tickets.queue import paging, views
from tickets.queue.paging import Wanted
from tickets.saved_views import Gone
from tickets.views.forms import NAME_TAKEN, SavedViewForm, refused


@require_safe
@agent_required
def new_view(request: AgentRequest) -> HttpResponse:
    """The form to save the address as a view."""
    return _view_form(request, SavedViewForm(user=request.user))


@require_safe
@agent_required
def view_form(request: AgentRequest, view_id: int) -> HttpResponse:
    """The form to rename or share it."""
    return _view_form(request, SavedViewForm(user=request.user, instance=_changeable(request, view_id)))


def _view_form(request: AgentRequest, form: SavedViewForm) -> HttpResponse:
    return render(request, "tickets/_view_form.html", {"form": form, "view": form.instance})


@require_POST
@agent_required
def save_view(request: AgentRequest) -> JsonResponse:
    what = _shown(request)
    if refusal := _cannot_be_a_view(what):
        return refusal
    form = SavedViewForm(request.POST, user=request.user)
    return _written(form, partial(saved_views.save, request.user, what.filters, what.order))


@require_POST
@agent_required
def change_view(request: AgentRequest, view_id: int) -> JsonResponse:
    """Its name and who can see it."""
    found = _changeable(request, view_id)
    form = SavedViewForm(request.POST, user=request.user, instance=found)
    return _written(form, partial(saved_views.rename, found, request.user))


def _written(form: SavedViewForm, write: Callable[..., SavedView]) -> JsonResponse:
    if form.is_valid():
        try:
            return JsonResponse({"view": f"saved-{write(**form.as_view()).pk}"})
        except IntegrityError:  # saved in another window at the same moment
            form.add_error("name", NAME_TAKEN)
        except Gone:
            return _gone()
    return refused(form)


@require_POST
@agent_required
def change_filters(request: AgentRequest, view_id: int) -> JsonResponse:
    """It shows `address` from now on. `before` is the address that undoes that."""
    found, what = _changeable(request, view_id), _shown(request)
    if refusal := _cannot_be_a_view(what):
        return refusal
    before = views.of_saved(found)
    try:
        saved_views.show(found, request.user, what.filters, what.order)
    except Gone:
        return _gone()
    undo = Wanted(views.DESK["all"], before.filters, before.order).as_query()
    return JsonResponse({"view": f"saved-{view_id}", "name": found.name, "before": undo})


def _shown(request: AgentRequest) -> Wanted:
    return paging.wanted(QueryDict(request.POST.get("address", "")), views.of(request.user), has_own=False)


def _cannot_be_a_view(what: Wanted) -> JsonResponse | None:
    """Where its view is gone the address shows another list, and the words of a search are no filter."""
    if what.gone:
        return _gone()
    if what.query:
        return JsonResponse({"error": _("A search cannot be saved as a view.")}, status=422)
    if what.filters.unknown:
        left_out = {"what": ", ".join(what.filters.unknown)}
        return JsonResponse({"error": _("There is no such filter: %(what)s.") % left_out}, status=422)
    return None


def _gone() -> JsonResponse:
    return JsonResponse({"error": _("This view is gone, or no longer shared with you.")}, status=409)


@require_POST
@agent_required
def remove_view(request: AgentRequest, view_id: int) -> JsonResponse:
    try:
        saved_views.remove(_changeable(request, view_id), request.user)
    except Gone:
        return _gone()
    return JsonResponse({})


@require_POST
@agent_required
def put_back_view(request: AgentRequest, view_id: int) -> JsonResponse:
    try:
        name = saved_views.put_back(_changeable(request, view_id, removed=True))
    except Gone:
        return _gone()
    return JsonResponse({"view": f"saved-{view_id}", "name": name})


def _changeable(request: AgentRequest, view_id: int, removed: bool = False) -> SavedView:
    """One that the member may change, or 404."""
    found = SavedView.objects.filter(pk=view_id, removed_at__isnull=not removed).first()
    if found is None or not saved_views.may_change(request.user, found):
        raise Http404
    return found
