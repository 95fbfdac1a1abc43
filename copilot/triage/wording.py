"""Plain names for what the triage stores."""

from django.utils.translation import gettext as _

from tickets.views.wording import SIGNALS

URGENCIES = range(1, 6)


def signal(kind: str) -> str:
    """Of a kind that is no longer known, its stored name."""
    return str(SIGNALS.get(kind, kind.replace("_", " ")))


def urgency(number: int) -> str:
    return _("%(number)d of 5") % {"number": number}
