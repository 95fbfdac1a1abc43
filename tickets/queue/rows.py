"""What a row of the queue shows beside subject, customer and age. Each member chooses."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from tickets.models import User

DETAILS = {
    "preview": _("Beginning of the message"),
    "draft": _("Draft"),
    "category": _("Category"),
    "tags": _("Tags"),
    "tier": _("Tier, if it is Enterprise"),
    "language": _("Language, if it is not English"),
    "team": _("Team"),
    "assignee": _("Assignee"),
    "channel": _("Channel, if it is not email"),
    "number": _("Number"),
}
SHIPPED = ("preview", "draft", "category", "tier", "language", "assignee")


def of(user: User) -> tuple[str, ...]:
    return SHIPPED if user.row_details is None else known(user.row_details)


def known(keys: Iterable[str]) -> tuple[str, ...]:
    """Those that exist, in their order."""
    wanted = set(keys)
    return tuple(key for key in DETAILS if key in wanted)
