"""What agents may send us, checked. Errors are sentences that an agent can act on."""

from typing import Any

from django import forms

from config.numbers import whole
from config.roles import Capability, roles_with
from tickets.composition import parse
from tickets.models import Team, Ticket, User

LONGEST = 50_000


class ReplyForm(forms.Form):
    # Not stripped: offsets into it must stay true.
    text = forms.CharField(
        max_length=LONGEST,
        strip=False,
        error_messages={
            "required": "There is nothing to send yet.",
            "max_length": "This reply is too long to send; please shorten it.",
        },
    )
    submission = forms.UUIDField(error_messages={"required": "Please reload the page and send again."})
    prepared = forms.CharField(max_length=40, required=False)
    then = forms.ChoiceField(choices=Ticket.Status.choices, required=False)
    # The newest message in the sender's browser; without it nothing is compared.
    seen = forms.IntegerField(min_value=0, max_value=2**62, required=False)
    composition = forms.JSONField(required=False, error_messages={"invalid": "Please reload the page and send again."})

    def clean_then(self) -> str:
        return self.cleaned_data["then"] or Ticket.Status.PENDING

    def clean(self) -> dict[str, Any]:
        sent = super().clean() or self.cleaned_data
        composition = sent.get("composition")
        try:
            if composition is not None and not isinstance(composition, dict):
                raise ValueError("not an object")
            sent["composed"] = parse(sent.get("text", ""), sent.get("prepared", ""), composition)
        except ValueError as error:
            raise forms.ValidationError("Please reload the page and send again.") from error
        return sent


class NoteForm(forms.Form):
    text = forms.CharField(max_length=LONGEST, error_messages={"required": "The note is empty."})
    submission = forms.UUIDField(required=False)


class AssignForm(forms.Form):
    """`assignee` empty: back to the queue. `was`: who had it on the sender's screen; not sent: whoever it was."""

    assignee = forms.ModelChoiceField(
        User.objects.none(), required=False, error_messages={"invalid_choice": "This person does not work tickets."}
    )

    was = forms.CharField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assignee"].queryset = working_people()  # type: ignore[attr-defined]

    def clean_was(self) -> int | None | str:
        return whole(self.cleaned_data["was"]) if "was" in self.data else "anybody"


class HandOverForm(forms.Form):
    team = forms.ModelChoiceField(
        Team.objects.all(),
        empty_label="Choose a team",
        error_messages={"required": "Choose the team that should take it."},
    )
    note = forms.CharField(
        max_length=LONGEST,
        widget=forms.Textarea(
            attrs={"rows": 4, "placeholder": "What was asked, what was tried, what you need from them"}
        ),
        error_messages={"required": "Write the team a line, so that nobody has to ask again."},
    )
    seen = forms.CharField(required=False)  # the latest move of the ticket that the form knows of

    def clean_seen(self) -> int | None:
        return whole(self.cleaned_data["seen"])


class CloseForm(forms.Form):
    """`ask`: refuse, so that the browser can ask, if the customer's last message has no reply."""

    tags = forms.CharField(max_length=500, required=False)
    ask = forms.BooleanField(required=False)

    def clean_tags(self) -> list[str]:
        return [tag.strip() for tag in self.cleaned_data["tags"].split(",") if tag.strip()]


class StatusForm(forms.Form):
    status = forms.ChoiceField(choices=Ticket.Status.choices)


class PriorityForm(forms.Form):
    priority = forms.TypedChoiceField(choices=Ticket.Priority.choices, coerce=int)


class PreferencesForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ("theme", "language", "single_keys")


def working_people() -> Any:
    """Everybody a ticket can be given to."""
    works = roles_with(Capability.WORK_TICKETS)
    return User.objects.filter(is_active=True, role__in=works).order_by("first_name", "username")
