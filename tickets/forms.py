"""What agents may send us, checked. Errors are sentences that an agent can act on."""

from typing import Any

from django import forms

from tickets.models import Team, Ticket, User

LONGEST = 50_000


class ReplyForm(forms.Form):
    text = forms.CharField(
        max_length=LONGEST,
        error_messages={
            "required": "There is nothing to send yet.",
            "max_length": "This reply is too long to send; please shorten it.",
        },
    )
    submission = forms.UUIDField(error_messages={"required": "Please reload the page and send again."})
    prepared = forms.CharField(max_length=40, required=False)
    then = forms.ChoiceField(choices=Ticket.Status.choices, required=False)

    def clean_then(self) -> str:
        return self.cleaned_data["then"] or Ticket.Status.PENDING


class NoteForm(forms.Form):
    text = forms.CharField(max_length=LONGEST, error_messages={"required": "The note is empty."})


class AssignForm(forms.Form):
    """`assignee` empty: back to the queue."""

    assignee = forms.ModelChoiceField(
        User.objects.none(), required=False, error_messages={"invalid_choice": "This person does not work tickets."}
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assignee"].queryset = working_people()  # type: ignore[attr-defined]


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


class CloseForm(forms.Form):
    tags = forms.CharField(max_length=500, required=False)

    def clean_tags(self) -> list[str]:
        return [tag.strip() for tag in self.cleaned_data["tags"].split(",") if tag.strip()]


class StatusForm(forms.Form):
    status = forms.ChoiceField(choices=Ticket.Status.choices)


class PriorityForm(forms.Form):
    priority = forms.TypedChoiceField(choices=Ticket.Priority.choices, coerce=int)


class PreferencesForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ("theme", "single_keys")


def working_people() -> Any:
    """Everybody a ticket can be given to."""
    roles = (User.Role.AGENT, User.Role.LEAD, User.Role.ADMIN)
    return User.objects.filter(is_active=True, role__in=roles).order_by("first_name", "username")
