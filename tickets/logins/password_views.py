"""Changing and resetting a password: Django's views with our pages and limits."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import forms, views
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from config.web import limits
from tickets.logins import attempts, password_mail, sessions

HOUR = 3600
REQUESTS_PER_HOUR = 10  # for a password mail, from one IP address
TRIES_PER_HOUR = 10  # with an old password, by one member

METHODS = ["get", "head", "options", "post"]  # Django's form views would treat PUT as POST


class Change(views.PasswordChangeView):
    http_method_names = METHODS
    template_name = "registration/change.html"
    success_url = reverse_lazy("tickets:sessions")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not attempts.within("password.change", str(request.user.pk), TRIES_PER_HOUR, HOUR):
            return too_many(request, "tried")
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        sessions.end_others(self.request.user, self.request.session.session_key)  # type: ignore[arg-type]
        messages.success(self.request, _("Your password was changed. All your other logins have ended."))
        return answer


class Forgotten(views.PasswordResetView):
    """The answer is the same for a known and an unknown address."""

    http_method_names = METHODS
    template_name = "registration/forgotten.html"

    def form_valid(self, form: forms.PasswordResetForm) -> HttpResponse:
        if not attempts.within("password.forgotten", limits.address(self.request), REQUESTS_PER_HOUR, HOUR):
            return too_many(self.request, "asked")
        password_mail.ask(form.cleaned_data["email"])
        return HttpResponseRedirect(str(self.get_success_url()))


class Sent(TemplateView):
    template_name = "registration/forgotten_sent.html"
    extra_context = {"hours": password_mail.link_hours}  # noqa: RUF012


class New(views.PasswordResetConfirmView):
    """The link works once, for PASSWORD_RESET_TIMEOUT. A new password ends all logins."""

    http_method_names = METHODS
    template_name = "registration/new.html"
    extra_context = {"hours": password_mail.link_hours}  # noqa: RUF012
    success_url = reverse_lazy("login")

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        sessions.end_all(self.user)
        messages.success(self.request, _("Your new password is set. You can log in with it now."))
        return answer


def too_many(request: HttpRequest, what: str) -> HttpResponse:
    page = {"minutes": 60, "what": what}
    answer = render(request, "registration/locked.html", page, status=429)
    answer.headers["Retry-After"] = str(HOUR)
    return answer
