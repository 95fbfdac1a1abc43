"""A member's own settings."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tickets.views.forms import PreferencesForm


@require_POST
@login_required
def preferences(request: HttpRequest) -> HttpResponse:
    """Theme, language and single-key shortcuts. Without JavaScript it leads to the home page."""
    form = PreferencesForm(request.POST, instance=request.user)
    if not form.is_valid():
        return JsonResponse({"error": _("This setting does not exist.")}, status=422)
    form.instance.save(update_fields=list(form.Meta.fields))  # not what an admin may have changed meanwhile
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse({"theme": form.instance.theme, "single_keys": form.instance.single_keys})
    return redirect("home")
