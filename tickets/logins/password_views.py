"""Changing and forgetting a password: Django's own views with our pages, limits and words."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import forms, views
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse_lazy
from django.views.generic import TemplateView

from config.web import limits
from tickets.logins import attempts, password_mail, sessions

HOUR = 3600
BY_ADDRESS = 10  # requests for a mail an hour, from one place
TRIES = 10  # of an old password an hour, by one person


METHODS = ["get", "head", "options", "post"]  # Django's form views would take PUT for a POST


class Change(views.PasswordChangeView):
    http_method_names = METHODS
    template_name = "registration/change.html"
    success_url = reverse_lazy("tickets:sessions")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not attempts.within("password.change", str(request.user.pk), TRIES, HOUR):
            return too_many(request, "tried")
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        sessions.end_others(self.request.user, self.request.session.session_key)  # type: ignore[arg-type]
        messages.success(self.request, "Your password is changed. Every other login of yours has ended.")
        return answer


class Forgotten(views.PasswordResetView):
    """The same answer for an address that we know and one that we do not."""

    http_method_names = METHODS
    template_name = "registration/forgotten.html"

    def form_valid(self, form: forms.PasswordResetForm) -> HttpResponse:
        if not attempts.within("password.forgotten", limits.address(self.request), BY_ADDRESS, HOUR):
            return too_many(self.request, "asked")
        password_mail.ask(form.cleaned_data["email"])
        return HttpResponseRedirect(str(self.get_success_url()))


class Sent(TemplateView):
    template_name = "registration/forgotten_sent.html"


class New(views.PasswordResetConfirmView):
    """A link works once and for two hours; the new password ends every login of before."""

    http_method_names = METHODS
    template_name = "registration/new.html"
    success_url = reverse_lazy("login")

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        sessions.end_all(self.user)
        messages.success(self.request, "Your new password is set. Log in with it.")
        return answer


def too_many(request: HttpRequest, what: str) -> HttpResponse:
    page = {"minutes": 60, "what": what}
    answer = render(request, "registration/locked.html", page, status=429)
    answer.headers["Retry-After"] = str(HOUR)
    return answer
