"""What agents do to several tickets at once, and undoing what they did to one or to several."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from tickets.access import AgentRequest, agent_required, visible_tickets
from tickets.changes import bulk as changes
from tickets.changes import undo as undoing
from tickets.models import Team, Ticket
from tickets.queue import paging, views
from tickets.queue.fields import Asked
from tickets.views.forms import RELOAD, STATUSES, AssignForm, Ids, PriorityForm, TagNames, given, refused
from tickets.views.snooze import SnoozeForm

MOST = 50  # tickets of one request; the browser sends one after the other and shows how far it is
MOST_EVENTS = 100


class TeamForm(forms.Form):
    """`team` empty: none."""

    team = forms.ModelChoiceField(
        Team.objects.all(), required=False, error_messages={"invalid_choice": _("This team no longer exists.")}
    )

    def clean_team(self) -> Team | None:
        return given(self, "team")


class StatusForm(forms.Form):
    """Closing has a form of its own."""

    status = forms.ChoiceField(choices=[choice for choice in STATUSES if choice[0] != Ticket.Status.CLOSED])


class TagsForm(forms.Form):
    tags = TagNames(error_messages={"required": _("Type at least one tag.")})


class CloseForm(forms.Form):
    """`unanswered`: also tickets whose last message is the customer's."""

    tags = TagNames(required=False)
    unanswered = forms.BooleanField(required=False)


@dataclass(frozen=True)
class Action:
    form: type[forms.Form]
    make: Callable[..., changes.Change]


ACTIONS = {
    "assign": Action(AssignForm, lambda assignee, was: changes.assign(assignee)),
    "team": Action(TeamForm, changes.set_team),
    "priority": Action(PriorityForm, changes.set_priority),
    "status": Action(StatusForm, changes.set_status),
    "tag": Action(TagsForm, lambda tags: changes.tag(tags)),
    "untag": Action(TagsForm, lambda tags: changes.untag(tags)),
    "snooze": Action(SnoozeForm, changes.snooze),
    "close": Action(CloseForm, changes.close),
}


class BulkForm(forms.Form):
    """`submission`: the same for each try of one action."""

    action = forms.ChoiceField(choices=[(key, key) for key in ACTIONS], error_messages={"invalid_choice": RELOAD})
    tickets = Ids(max_length=MOST * 20, error_messages={"required": _("Select at least one ticket.")})
    submission = forms.UUIDField(error_messages={"required": RELOAD, "invalid": RELOAD})

    def clean_tickets(self) -> list[int]:
        return _at_most(self.cleaned_data["tickets"], MOST)


class UndoForm(forms.Form):
    events = Ids(max_length=MOST_EVENTS * 20, error_messages={"required": RELOAD})

    def clean_events(self) -> list[int]:
        return _at_most(self.cleaned_data["events"], MOST_EVENTS)


def _at_most(ids: list[int], most: int) -> list[int]:
    if len(ids) > most:
        raise forms.ValidationError(RELOAD)
    return ids


@require_POST
@agent_required
def bulk(request: AgentRequest) -> HttpResponse:
    """`action` with its own fields, on the `tickets`."""
    asked = BulkForm(request.POST)
    if not asked.is_valid():
        return refused(asked)
    action = ACTIONS[asked.cleaned_data["action"]]
    chosen = action.form(request.POST)
    if not chosen.is_valid():
        return refused(chosen)
    ids, submission = asked.cleaned_data["tickets"], asked.cleaned_data["submission"]
    tickets, make = visible_tickets(request.user).filter(pk__in=ids), action.make(**chosen.cleaned_data)
    outcome = changes.change(tickets, ids, request.user, make, submission)
    done = {"changed": outcome.changed, "same": outcome.same, "events": outcome.events}
    return JsonResponse(done | {"left": _told(outcome.left)})


@require_POST
@agent_required
def undo(request: AgentRequest) -> HttpResponse:
    """`events`: as the answer to a change has them. 409 if there are no such changes of this member."""
    form = UndoForm(request.POST)
    if not form.is_valid():
        return refused(form)
    outcome = undoing.undo(visible_tickets(request.user), form.cleaned_data["events"], request.user)
    if not outcome.undone and not outcome.left:
        return JsonResponse({"error": str(undoing.GONE)}, status=409)
    return JsonResponse({"undone": outcome.undone, "left": _told(outcome.left)})


def _told(left: dict[int, str]) -> list[dict[str, Any]]:
    return [{"ticket": number, "why": why} for number, why in left.items()]


@require_safe
@agent_required
def ids(request: AgentRequest) -> JsonResponse:
    """Of all tickets of a list, in its order; `whole`: there are no more. `address` and `meaning` say of which list, as
    its rows do: the view may be another one by now."""
    what = paging.wanted(request.GET, views.of(request.user), has_own=False)
    found = paging.ids(visible_tickets(request.user), what, Asked(request.user, timezone.now()))
    listed = {"address": what.as_query(), "meaning": what.state}
    return JsonResponse(listed | {"ids": found[: paging.BEST], "whole": len(found) <= paging.BEST})
