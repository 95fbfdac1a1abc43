"""Saving, changing and removing views of the queue. The only writer of SavedView."""

from datetime import timedelta
from itertools import count
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from config.roles import Capability, may
from tickets import live
from tickets.models import SavedView, Team, User
from tickets.queue.filters import Filters
from tickets.queue.orders import Order

KEPT = timedelta(days=1)  # a removed view, so that its removal can be undone
MOST = 100  # views of one member
Audience = SavedView.Audience


class Gone(Exception):
    """The view was removed meanwhile, or made private by its owner."""


def may_share_with_all(user: User) -> bool:
    return may(user, Capability.SHARE_VIEWS)


def may_change(user: User, view: SavedView) -> bool:
    """Its owner; a shared one also a lead, so that one is not left over when its owner has gone."""
    return view.owner_id == user.pk or (view.audience != Audience.OWNER and may_share_with_all(user))


def save(user: User, filters: Filters, order: Order, name: str, audience: str, team: Team | None) -> SavedView:
    """Raises IntegrityError if the member has a view of this name."""
    values = {"filters": filters.as_json(), "order": order.key}
    with transaction.atomic():
        view = SavedView.objects.create(owner=user, name=name, audience=audience, team=team, **values)
    _announce(view)
    return view


def rename(view: SavedView, by: User, name: str, audience: str = "", team: Team | None = None) -> SavedView:
    """Its name and, if `audience` is given, who can see it.

    A lead who makes somebody's shared view private is its owner from then on. Raises IntegrityError like `save`.
    """
    values: dict[str, Any] = {"name": name}
    if audience:
        values |= {"audience": audience, "team": team}
    if audience == Audience.OWNER:
        values["owner"] = by
    with transaction.atomic():
        _change(view, by, **values)
    return view


def show(view: SavedView, by: User, filters: Filters, order: Order) -> None:
    """What it shows from now on."""
    _change(view, by, filters=filters.as_json(), order=order.key)


def remove(view: SavedView, by: User) -> None:
    _change(view, by, removed_at=timezone.now())


def put_back(view: SavedView) -> str:
    """Under its name, or with a number behind it if there is another one of that name by now. Returns the name. An undo
    is not refused because the member has MOST views again. Raises Gone."""
    for number in count(1):
        name = view.name if number == 1 else f"{view.name[:54]} ({number})"
        try:
            with transaction.atomic():
                if not SavedView.objects.filter(pk=view.pk).update(removed_at=None, name=name):
                    raise Gone
        except IntegrityError:
            continue
        break
    _announce(view)
    return name


def forget_removed() -> int:
    """Those that were removed long ago, and private ones whose owner has been deleted. Returns how many."""
    gone = Q(removed_at__lt=timezone.now() - KEPT) | Q(owner=None, audience=Audience.OWNER)
    return SavedView.objects.filter(gone).delete()[0]


def _change(view: SavedView, by: User, **values: Any) -> None:
    """Only these are written, so nothing that somebody else changes meanwhile is undone. Raises Gone."""
    was_shared = _is_shared(view)
    still_his = SavedView.objects.filter(Q(owner=by) | ~Q(audience=Audience.OWNER), pk=view.pk, removed_at=None)
    if not still_his.update(**values):
        raise Gone
    _announce(view, was_shared)


def _announce(view: SavedView, was_shared: bool = False) -> None:
    """Of a private view the others need not know."""
    if was_shared or _is_shared(view):
        live.views_changed()


def _is_shared(view: SavedView) -> bool:
    """As it is stored; a form may have changed `view`."""
    return SavedView.objects.filter(pk=view.pk).exclude(audience=Audience.OWNER).exists()
