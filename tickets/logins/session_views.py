"""The page with a member's logins. Members see and end only their own."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from tickets.logins import sessions


@require_safe
@login_required
def page(request: HttpRequest) -> HttpResponse:
    found = sessions.of(request.user)  # type: ignore[arg-type]
    context = {"sessions": found, "here": request.session.session_key}
    return render(request, "tickets/sessions.html", context)


@require_POST
@login_required
def end(request: HttpRequest, session_id: int) -> HttpResponse:
    if not sessions.end(request.user, session_id):  # type: ignore[arg-type]
        raise Http404
    messages.success(request, _("The login was ended."))
    return redirect("tickets:sessions")


@require_POST
@login_required
def end_others(request: HttpRequest) -> HttpResponse:
    ended = sessions.end_others(request.user, request.session.session_key)  # type: ignore[arg-type]
    text = ngettext("%(count)d other login was ended.", "%(count)d other logins were ended.", ended)
    messages.success(request, text % {"count": ended})
    return redirect("tickets:sessions")
