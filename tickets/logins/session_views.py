"""Where one is logged in, and the end of it. Everybody sees and ends only what is his own."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
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
    messages.success(request, "That login has ended.")
    return redirect("tickets:sessions")


@require_POST
@login_required
def end_others(request: HttpRequest) -> HttpResponse:
    ended = sessions.end_others(request.user, request.session.session_key)  # type: ignore[arg-type]
    messages.success(request, f"{ended} other logins have ended." if ended != 1 else "One other login has ended.")
    return redirect("tickets:sessions")
