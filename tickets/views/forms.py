"""Checks what agents send. Errors are sentences that say what to do."""

from typing import Any

from django import forms
from django.db.models import Q
from django.http import JsonResponse
from django.utils.translation import gettext_lazy as _

from config.numbers import whole
from tickets import lifecycle, saved_views
from tickets.access import assignable_members
from tickets.composition import parse
from tickets.mail.recipients import NotAddressed, Recipients
from tickets.mail.recipients import read as read_recipients
from tickets.models import SavedView, Team, Ticket, User
from tickets.queue import views

LONGEST = 50_000  # characters
MANY_TAGS = 5000  # characters
RELOAD = _("Please reload the page and send again.")
NAME_TAKEN = _("There is a view with this name already.")
Audience = SavedView.Audience
SAME = "same"
# What a page can set without more: snoozing needs a time (views/snooze.py).
STATUSES = [choice for choice in Ticket.Status.choices if choice[0] != Ticket.Status.SNOOZED]


def refused(form: forms.BaseForm) -> JsonResponse:
    errors = [str(error) for found in form.errors.values() for error in found]
    return JsonResponse({"error": " ".join(errors)}, status=422)


def given(form: forms.Form, name: str) -> Any:
    """The cleaned value of a field that may be empty, but not missing."""
    if name not in form.data:
        raise forms.ValidationError(RELOAD)
    return form.cleaned_data[name]


class Ids(forms.CharField):
    """Ids separated by commas; cleaned: a list of numbers, each once."""

    def clean(self, value: Any) -> list[int]:
        ids = [whole(each) for each in super().clean(value).split(",") if each]
        if any(each is None for each in ids):
            raise forms.ValidationError(RELOAD)
        if self.required and not ids:
            raise forms.ValidationError(self.error_messages["required"])
        return list(dict.fromkeys(each for each in ids if each is not None))


class ReplyForm(forms.Form):
    # Not stripped: offsets of citations count from its start.
    text = forms.CharField(
        max_length=LONGEST,
        strip=False,
        error_messages={
            "required": _("There is nothing to send yet."),
            "max_length": _("This reply is too long. Please shorten it."),
        },
    )
    submission = forms.UUIDField(error_messages={"required": RELOAD})
    prepared = forms.CharField(max_length=40, required=False)
    then = forms.ChoiceField(choices=STATUSES, required=False)
    # The newest message that the sender's page shows; without it nothing is compared.
    seen = forms.IntegerField(min_value=0, max_value=2**62, required=False)
    composition = forms.JSONField(required=False, error_messages={"invalid": RELOAD})
    recipients = forms.JSONField(required=False, error_messages={"invalid": RELOAD})
    uploads = Ids(max_length=1000, required=False)

    def clean_recipients(self) -> Recipients | None:
        """None: a page that does not ask for them. Then only the customer gets the reply."""
        sent = self.cleaned_data["recipients"]
        try:
            return None if sent is None else read_recipients(sent)
        except NotAddressed as error:
            raise forms.ValidationError(str(error)) from error
        except ValueError as error:
            raise forms.ValidationError(RELOAD) from error

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
            raise forms.ValidationError(RELOAD) from error
        return sent


class NoteForm(forms.Form):
    """A note may consist of files alone; a reply may not: customers get it as a mail, and such mails end as spam."""

    text = forms.CharField(
        max_length=LONGEST,
        required=False,
        error_messages={"max_length": _("This note is too long. Please shorten it.")},
    )
    submission = forms.UUIDField(required=False)
    uploads = Ids(max_length=1000, required=False)

    def clean(self) -> dict[str, Any]:
        sent = super().clean() or self.cleaned_data
        if not self.errors and not sent["text"] and not sent["uploads"]:
            raise forms.ValidationError(_("The note is empty."))
        return sent


class UploadForm(forms.Form):
    file = forms.FileField(
        allow_empty_file=True,  # tickets/uploads.py says why it is not taken
        error_messages={"required": _("No file arrived.")},
    )
    note = forms.BooleanField(required=False)
    key = forms.UUIDField(required=False)


class AssignForm(forms.Form):
    """`assignee` empty: nobody. `was`: the assignee that the sender's page shows; without it nothing is compared."""

    assignee = forms.ModelChoiceField(
        User.objects.none(),
        required=False,
        error_messages={"invalid_choice": _("This member does not work on tickets.")},
    )

    was = forms.CharField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assignee"].queryset = assignable_members()  # type: ignore[attr-defined]

    def clean_assignee(self) -> User | None:
        return given(self, "assignee")

    def clean_was(self) -> int | None | str:
        return whole(self.cleaned_data["was"]) if "was" in self.data else "anybody"


class TransferForm(forms.Form):
    team = forms.ModelChoiceField(
        Team.objects.all(),
        empty_label=_("Choose a team"),
        error_messages={"required": _("Choose a team.")},
    )
    note = forms.CharField(
        max_length=LONGEST,
        widget=forms.Textarea(
            attrs={"rows": 4, "placeholder": _("What the customer asks, what you tried, what you need from the team")}
        ),
        error_messages={"required": _("Write a short note for the team, so that nobody has to ask again.")},
    )
    seen = forms.CharField(required=False)  # the latest move of the ticket when the form was shown

    def clean_seen(self) -> int | None:
        return whole(self.cleaned_data["seen"])


class TagNames(forms.CharField):
    """Typed with commas between them; cleaned: a list, as they are stored."""

    def __init__(self, max_length: int = 500, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)

    def clean(self, value: Any) -> list[str]:
        names = lifecycle.tag_names(super().clean(value).split(","))
        if self.required and not names:
            raise forms.ValidationError(self.error_messages["required"])
        return names


class CloseForm(forms.Form):
    """`ask`: refuse to close if the customer's last message has no reply, so that the page can ask."""

    tags = TagNames(required=False)
    ask = forms.BooleanField(required=False)


class TicketTagsForm(forms.Form):
    """`tags`: those that the ticket should have. `was`: those that the page showed; others a colleague has added."""

    tags = TagNames(required=False, max_length=MANY_TAGS)
    was = TagNames(required=False, max_length=MANY_TAGS)


class StatusForm(forms.Form):
    status = forms.ChoiceField(choices=STATUSES)


class PriorityForm(forms.Form):
    priority = forms.TypedChoiceField(choices=Ticket.Priority.choices, coerce=int)


class PreferencesForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ("theme", "language", "single_keys")


class SavedViewForm(forms.ModelForm):
    """A view's name and who can see it."""

    class Meta:
        model = SavedView
        fields = ("name", "audience", "team")

    def __init__(self, data: Any = None, *, user: User, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        if data and data.get("audience") == SAME and self.instance.pk:
            del self.fields["audience"], self.fields["team"]
        self.user, self.was, self.was_team = user, self.instance.audience, self.instance.team_id  # which may stay
        self.fields["name"].error_messages["required"] = _("Give the view a name.")
        self.teams = Team.objects.filter(Q(pk__in=user.teams.values("pk")) | Q(pk=self.was_team))
        if "team" in self.fields:
            self.fields["team"].queryset = self.teams  # type: ignore[attr-defined]
            self.fields["team"].error_messages["invalid_choice"] = _("Choose a team that you are in.")

    def audiences(self) -> list[dict[str, Any]]:
        """Who may be chosen. Who can see it now is SAME: chosen, it stays whatever others make of it meanwhile."""
        found: list[tuple[str, int | None, Any]] = [(Audience.OWNER, None, Audience.OWNER.label)]
        found += [(Audience.TEAM, team.pk, _("Team %(team)s") % {"team": team}) for team in self.teams]
        if self.was == Audience.ALL or saved_views.may_share_with_all(self.user):
            found.append((Audience.ALL, None, Audience.ALL.label))
        now = (self.was, self.was_team) if self.instance.pk else None
        return [
            {"value": SAME if (value, team) == now else value, "team": team or "", "label": label}
            for value, team, label in found
        ]

    def clean_name(self) -> str:
        """Two views of the same name could not be told apart in the menu."""
        name = str(self.cleaned_data["name"])
        others = [view for view in views.of(self.user).values() if view.saved != self.instance]
        if name.casefold() in {str(view.label).casefold() for view in others}:
            raise forms.ValidationError(NAME_TAKEN)
        return name

    def clean(self) -> None:
        if "audience" not in self.fields:
            return
        audience, team = self.cleaned_data.get("audience"), self.cleaned_data.get("team")
        if audience == Audience.TEAM and team is None and "team" not in self.errors:
            self.add_error("team", _("Choose a team that you are in."))
        kept = audience == self.was
        if audience == Audience.ALL and not kept and not saved_views.may_share_with_all(self.user):
            self.add_error("audience", _("Only leads share a view with everybody."))
        if audience != Audience.TEAM:
            self.cleaned_data["team"] = None
        own = SavedView.objects.filter(owner=self.user, removed_at=None)
        if self.instance.pk is None and own.count() >= saved_views.MOST:
            most = {"count": saved_views.MOST}
            self.add_error(None, _("You have as many views as a member can have (%(count)d). Remove one first.") % most)

    def as_view(self) -> dict[str, Any]:
        return {key: self.cleaned_data[key] for key in self.fields}
