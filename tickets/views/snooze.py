"""Putting a ticket off. GET says what the choices mean now; waking it by hand is a change of its status."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from config.templatetags.desk import moment
from tickets import lifecycle
from tickets.access import AgentRequest, agent_required, get_ticket
from tickets.snoozing.choices import Past, TooLate, choices, read
from tickets.views.forms import refused

UNREADABLE = _("Type a date and a time.")


class SnoozeForm(forms.Form):
    """`until`: the key of a choice, or a time (tickets/snoozing/choices.py)."""

    until = forms.CharField(max_length=40, error_messages={"required": UNREADABLE, "max_length": UNREADABLE})

    def clean_until(self) -> datetime | None:
        try:
            return read(self.cleaned_data["until"], timezone.now(), timezone.get_current_timezone())
        except Past:
            raise forms.ValidationError(_("This time is in the past. Choose a later one.")) from None
        except TooLate:
            raise forms.ValidationError(_("A ticket can be snoozed for a year at most.")) from None
        except ValueError:
            raise forms.ValidationError(UNREADABLE) from None


@require_http_methods(["GET", "POST"])
@agent_required
def snooze(request: AgentRequest, ticket_id: int) -> HttpResponse:
    """GET: the time of each choice, and the one that is suggested for the field of another time."""
    ticket = get_ticket(request.user, ticket_id)
    if request.method != "POST":
        return JsonResponse(_offered(timezone.now()))
    form = SnoozeForm(request.POST)
    if not form.is_valid():
        return refused(form)
    until = form.cleaned_data["until"]
    try:
        event = lifecycle.snooze(ticket, request.user, until)
    except lifecycle.NotSnoozed as refusal:
        return JsonResponse({"error": refusal.why}, status=409)
    return JsonResponse({"until": moment(until), "events": [event.pk] if event else []})


def _offered(now: datetime) -> dict[str, Any]:
    found = choices(now, timezone.get_current_timezone())
    times = {key: {"at": at.isoformat(), "words": moment(at)} for key, at in found.items()}
    return {"times": times, "other": timezone.localtime(found["tomorrow"]).strftime("%Y-%m-%dT%H:%M")}
