"""What is said of a similar ticket, besides its texts."""

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from copilot.similar.finding import Hit


def facts(hit: Hit) -> list[str]:
    """How long it took, whether it helped, on which article the answer rests, and how many were solved the same way."""
    found = [took(hit.took)]
    if hit.confirmed:
        found.append(_("customer confirmed"))
    found += hit.articles[:1]
    if hit.more:
        more = ngettext("%(count)d more solved the same way", "%(count)d more solved the same way", hit.more)
        found.append(more % {"count": hit.more})
    return found


def took(time: timedelta) -> str:
    minutes = int(time / timedelta(minutes=1))
    if minutes < 120:
        return _("closed in %(count)d min") % {"count": max(1, minutes)}
    if minutes < 48 * 60:
        return _("closed in %(count)d h") % {"count": minutes // 60}
    days = minutes // (24 * 60)
    return ngettext("closed in %(count)d day", "closed in %(count)d days", days) % {"count": days}
