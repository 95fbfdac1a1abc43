"""/api/tokens/ for admins; /api/docs and /api/openapi.json for members."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tickets.access import AgentRequest, may_set_up, set_up_required
from tickets.api import documentation, tokens
from tickets.api.authentication import has_token
from tickets.api.forms import TokenForm
from tickets.api.service import api
from tickets.models import ApiToken

OLD = 20  # revoked tokens that are still listed
WEBHOOK = """{
  "id": "[ticket number]",
  "subject": "[ticket subject]",
  "body": "[first message]",
  "customer": {"name": "[name]", "email": "[address]", "tier": "paid"}
}"""


@require_http_methods(["GET", "HEAD", "POST"])
@set_up_required
def token_list(request: AgentRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, TokenForm())
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        made = tokens.make(form.cleaned_data["name"], request.user, form.expires_at())
    except tokens.NameTaken:
        form.add_error("name", _("There is a token with this name. Revoke that one first, or choose another name."))
        return _page(request, form, status=422)
    return _page(request, TokenForm(), made=made)


@require_POST
@set_up_required
def token_revoke(request: AgentRequest, number: int) -> HttpResponse:
    token = get_object_or_404(ApiToken, pk=number)
    if tokens.revoke(number, request.user):
        messages.success(request, _("“%(name)s” is revoked. Whoever uses it is refused from now on.") % {"name": token})
    return redirect("tickets:api_tokens")


def _page(request: AgentRequest, form: TokenForm, status: int = 200, made: tokens.Made | None = None) -> HttpResponse:
    now, every = timezone.now(), ApiToken.objects.select_related("made_by", "revoked_by")
    in_use = [(token, token.expired(now)) for token in every.filter(revoked_at=None)]
    revoked = every.exclude(revoked_at=None).order_by("-revoked_at")[:OLD]
    context: dict[str, Any] = {"form": form, "made": made, "in_use": in_use, "revoked": revoked}
    answer = render(request, "tickets/api_tokens.html", context, status=status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@require_safe
@login_required
def docs(request: HttpRequest) -> HttpResponse:
    server = (settings.DESK_URL or request.build_absolute_uri("/")).rstrip("/")
    context = {
        "operations": documentation.operations(api.get_openapi_schema(), server),
        "server": server,
        "webhook": WEBHOOK,
        "per_minute": settings.API_MESSAGES_PER_MINUTE,
        "makes_tokens": may_set_up(request.user),
    }
    return render(request, "tickets/api_docs.html", context)


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """For members, and for programs with a token."""
    answer = login_required(_openapi) if not has_token(request) else _openapi
    return answer(request)


def _openapi(request: HttpRequest) -> HttpResponse:
    return JsonResponse(api.get_openapi_schema())
