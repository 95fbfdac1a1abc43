"""Checks what an agent sends with an escalation, and the answers about it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from config.numbers import whole
from copilot.escalation.package import EDITABLE
from copilot.escalation.wording import ORIGINS
from copilot.models import Escalation
from tickets.models import Team

LONGEST = 8000  # characters of one part


class EscalationForm(forms.Form):
    """`texts` and where they come from, by part. `seen`, `upto`: the ticket's latest move and the customer's latest
    message when the form was shown. `again`: sent although the team had the ticket before."""

    team = forms.ModelChoiceField(
        Team.objects.all(),
        error_messages={"required": _("Choose a team."), "invalid_choice": _("This team no longer exists.")},
    )
    reason = forms.ChoiceField(choices=Escalation.Reason.choices, error_messages={"required": _("Choose a reason.")})
    seen = forms.CharField(required=False)
    upto = forms.CharField(required=False)
    again = forms.BooleanField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in EDITABLE:
            self.fields[name] = forms.CharField(
                required=name == "next",
                max_length=LONGEST,
                error_messages={
                    "required": _("Write what the team should do next."),
                    "max_length": _("This part is too long. Please shorten it."),
                },
            )

    def clean_seen(self) -> int | None:
        return whole(self.cleaned_data["seen"])

    def clean_upto(self) -> int | None:
        return whole(self.cleaned_data["upto"])

    @property
    def origins(self) -> dict[str, str]:
        """As the page showed them. A part that the agent changed has none."""
        said = {name: self.data.get(f"origin_{name}", "") for name in EDITABLE}
        return {name: origin for name, origin in said.items() if origin in ORIGINS}

    @property
    def texts(self) -> dict[str, str]:
        return {name: self.cleaned_data[name].replace("\r\n", "\n") for name in EDITABLE}


class JudgementForm(forms.Form):
    """Empty: a judgement is withdrawn."""

    judgement = forms.ChoiceField(choices=[("", ""), *Escalation.Judgement.choices], required=False)
