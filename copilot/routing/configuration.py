"""The rules in use: the newest row, or the shipped rules. Leads change them on a page; every change is a new row."""

import logging
from typing import Any

from django.db import IntegrityError, transaction

from config.jobs import SLOW, queue
from copilot.models import RoutingRules
from copilot.routing.rules import SHIPPED, BadRules, Rules, from_json, to_json

log = logging.getLogger(__name__)
TRIED = 20  # rows, until one can be read


class Changed(Exception):
    """Somebody else has saved rules since the page was opened."""


def current() -> tuple[int, Rules]:
    """Their number (0: the shipped ones) and the rules. Rows that cannot be read do not count: the one before does."""
    for number, stored in RoutingRules.objects.values_list("pk", "rules")[:TRIED]:
        try:
            return number, from_json(stored)
        except BadRules as error:
            log.error("routing rules cannot be read: number=%s error=%s", number, error)
    return 0, SHIPPED


def number() -> int:
    """Of the newest row, whether or not it can be read."""
    return RoutingRules.objects.values_list("pk", flat=True).first() or 0


def numbered(wanted: int) -> Rules | None:
    """0: the shipped rules. None if there are none of this number, or they cannot be read."""
    if wanted == 0:
        return SHIPPED
    stored = RoutingRules.objects.filter(pk=wanted).values_list("rules", flat=True).first()
    try:
        return None if stored is None else from_json(stored)
    except BadRules:
        return None


def history(most: int) -> list[RoutingRules]:
    return list(RoutingRules.objects.select_related("created_by")[:most])


def save(rules: Rules, seen: int, *, note: str = "", by: Any = None) -> RoutingRules:
    """`seen`: the number of the newest row when the page was opened. Raises Changed, and BadRules for impossible ones.

    Two leads who save at the same moment: the later one is told.
    """
    stored = to_json(rules)
    from_json(stored)
    newest = RoutingRules.objects.first()
    if (newest.pk if newest else 0) != seen:
        raise Changed
    place = newest.place + 1 if newest else 1
    try:
        with transaction.atomic():
            saved = RoutingRules.objects.create(rules=stored, place=place, note=note[:200], created_by=by)
            queue("copilot.tasks.route_open_tickets", lane=SLOW)
    except IntegrityError:
        raise Changed from None
    return saved
