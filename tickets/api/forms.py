"""The form for a new token."""

from datetime import datetime, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

DAYS = {"90": _("90 days"), "365": _("A year"), "0": _("Until it is revoked")}


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("What uses it"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": _("for example: Zendesk webhook")}),
    )
    days = forms.ChoiceField(label=_("Valid for"), choices=list(DAYS.items()), initial="365")

    def expires_at(self) -> datetime | None:
        days = int(self.cleaned_data["days"])
        return timezone.now() + timedelta(days=days) if days else None
