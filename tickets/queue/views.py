"""The views of the queue: those that everybody has, one for each of the member's teams, and those that were saved."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from config.roles import Capability, may
from tickets.models import SavedView, Team, User
from tickets.queue import filters
from tickets.queue.filters import Filters
from tickets.queue.orders import NEWEST, ORDERS, WAKES, WORK, Order

Label = str | Promise


# Headings of the menu of views, by `View.group`.
GROUPS: dict[str, Label] = {"desk": "", "teams": _("Teams"), "own": _("Only me"), "shared": _("Shared")}


@dataclass(frozen=True)
class View:
    """`empty`: what the page says without a ticket. What is not `counted` holds nearly everything."""

    key: str
    label: Label
    filters: Filters
    empty: Label = _("No ticket is in this view.")
    order: Order = WORK
    counted: bool = True
    group: str = "desk"
    saved: SavedView | None = None


DESK = {
    view.key: view
    for view in (
        View(
            "mine",
            _("Mine"),
            filters.of(status="open", assignee="me"),
            _("No open ticket is assigned to you. The view Open has the unassigned ones."),
        ),
        View(
            "team",
            _("Team"),
            filters.of(status="open", assignee="none", team="mine"),
            _("Your team has no unassigned open tickets."),
        ),
        View("open", _("Open"), filters.of(status="open"), _("No open tickets. No customer waits for a reply.")),
        View("urgent", _("Urgent"), filters.of(status="open", priority="4"), _("No urgent tickets.")),
        View(
            "drafted",
            _("Drafts"),
            filters.of(status="open", draft="ready"),
            _("No draft is waiting. New messages get one when they arrive."),
        ),
        View(
            "by_hand",
            _("By hand"),
            filters.of(status="open", draft="by_rule"),
            _("No ticket has to be answered without a draft."),
        ),
        View(
            "escalated",
            _("Escalated"),
            filters.of(status="open", escalated="yes"),
            _("Every escalated ticket has been taken."),
        ),
        View(
            "unassigned",
            _("Unassigned"),
            filters.of(status="open", assignee="none"),
            _("Every open ticket is assigned."),
        ),
        View(
            "pending",
            _("Waiting for customer"),
            filters.of(status="pending"),
            _("No ticket waits for a customer."),
        ),
        View("snoozed", _("Snoozed"), filters.of(status="snoozed"), _("No ticket is snoozed."), order=WAKES),
        View(
            "closed",
            pgettext_lazy("view of the queue", "Closed"),
            filters.of(status="closed"),
            _("No ticket is closed yet."),
            order=NEWEST,
            counted=False,
        ),
        View("all", pgettext_lazy("view of the queue", "All"), Filters(), _("No tickets yet."), NEWEST, counted=False),
    )
}
TABS = ("mine", "team", "open", "urgent", "drafted")  # beside the menu with all of them


def of(user: User) -> dict[str, View]:
    """All that this member has, by their keys, in the order of the menu."""
    teams = user.teams.all()
    return {**DESK, **{view.key: view for view in [*map(_of_team, teams), *_saved(user, teams)]}}


def visible(user: User, teams: Iterable[Team]) -> Q:
    """Saved views that the member has: those of his own, and shared ones, of which leads have those of all teams."""
    if may(user, Capability.SHARE_VIEWS):
        return Q(owner=user) | ~Q(audience=SavedView.Audience.OWNER)
    return Q(owner=user) | Q(audience=SavedView.Audience.ALL) | Q(audience=SavedView.Audience.TEAM, team__in=teams)


def _of_team(team: Team) -> View:
    return View(
        f"team-{team.pk}",
        team.name,
        filters.of(status="open", team=str(team.pk)),
        _("This team has no open tickets."),
        group="teams",
    )


def _saved(user: User, teams: Iterable[Team]) -> list[View]:
    there = SavedView.objects.filter(visible(user, teams), removed_at=None).select_related("team")
    return sorted(map(of_saved, there), key=lambda view: (view.group == "shared", str(view.label).casefold(), view.key))


def of_saved(saved: SavedView) -> View:
    return View(
        f"saved-{saved.pk}",
        saved.name,
        filters.from_mapping(saved.filters if isinstance(saved.filters, dict) else {}),
        order=ORDERS.get(saved.order, WORK),
        group="own" if saved.audience == SavedView.Audience.OWNER else "shared",
        saved=saved,
    )
