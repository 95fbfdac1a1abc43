"""What is said of a customer: at most two sentences made of records, and one of their mood. Pure."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from copilot.customers.facts import DAYS, Facts
from copilot.customers.mood import Mood, Trend
from copilot.escalation.wording import duration
from copilot.models import Triage


def sentences(found: Facts, now: datetime) -> list[str]:
    """History and open problems. What says nothing is left out."""
    return [each for each in (_history(found), _problems(found, now)) if each]


def _history(found: Facts) -> str:
    if not found.others:
        return _("First ticket.")
    reply = found.reply is not None
    if not found.others_lately:
        text = _long_ago_with_reply(found) if reply else _long_ago(found)
    else:
        text = _lately_with_reply(found) if reply else _lately(found)
    return text % {
        "count": found.lately if found.others_lately else found.others,
        "days": DAYS,
        "most": found.of_category,
        "category": found.category,
        "time": _time(found.reply or timedelta()),
    }


def _long_ago(found: Facts) -> str:
    return ngettext(
        "%(count)d other ticket, more than %(days)d days old.",
        "%(count)d other tickets, all more than %(days)d days old.",
        found.others,
    )


def _long_ago_with_reply(found: Facts) -> str:
    return ngettext(
        "%(count)d other ticket, more than %(days)d days old; first reply after about %(time)s.",
        "%(count)d other tickets, all more than %(days)d days old; first reply after about %(time)s.",
        found.others,
    )


def _lately(found: Facts) -> str:
    if not found.category:
        return ngettext("%(count)d ticket in %(days)d days.", "%(count)d tickets in %(days)d days.", found.lately)
    if found.of_category == found.lately:
        return ngettext(
            "%(count)d ticket in %(days)d days, %(category)s.",
            "%(count)d tickets in %(days)d days, all %(category)s.",
            found.lately,
        )
    return ngettext(
        "%(count)d ticket in %(days)d days, %(most)d of them %(category)s.",
        "%(count)d tickets in %(days)d days, %(most)d of them %(category)s.",
        found.lately,
    )


def _lately_with_reply(found: Facts) -> str:
    if not found.category:
        return ngettext(
            "%(count)d ticket in %(days)d days; first reply after about %(time)s.",
            "%(count)d tickets in %(days)d days; first reply after about %(time)s.",
            found.lately,
        )
    if found.of_category == found.lately:
        return ngettext(
            "%(count)d ticket in %(days)d days, %(category)s; first reply after about %(time)s.",
            "%(count)d tickets in %(days)d days, all %(category)s; first reply after about %(time)s.",
            found.lately,
        )
    return ngettext(
        "%(count)d ticket in %(days)d days, %(most)d of them %(category)s; first reply after about %(time)s.",
        "%(count)d tickets in %(days)d days, %(most)d of them %(category)s; first reply after about %(time)s.",
        found.lately,
    )


def _problems(found: Facts, now: datetime) -> str:
    """Which of the others are not closed, and who has to act."""
    if not found.others:
        return ""
    ours, theirs = found.ours, found.theirs
    if not ours and not theirs:
        return _none_open(found.escalated)
    text = _both(found) if ours and theirs else _with_us(found) if ours else _with_customer(theirs)
    waited = _time(now - (found.waiting_since or now))
    return text % {"count": ours + theirs, "ours": ours, "theirs": theirs, "time": waited}


def _none_open(escalated: int) -> str:
    if not escalated:
        return _("No other ticket is open.")
    return ngettext(
        "No other ticket is open; %(count)d was escalated.",
        "No other ticket is open; %(count)d were escalated.",
        escalated,
    ) % {"count": escalated}


def _both(found: Facts) -> str:
    """With two numbers no word may depend on either: a plural form follows only one."""
    if found.waiting < found.ours:
        return _("Others not closed: %(ours)d open, %(theirs)d with the customer.")
    return _("Others not closed: %(ours)d with us (longest: %(time)s), %(theirs)d with the customer.")


def _with_us(found: Facts) -> str:
    """We have answered some of those that are open."""
    if not found.waiting:
        return ngettext("%(count)d other is open.", "%(count)d others are open.", found.ours)
    return ngettext(
        "%(count)d other is open and has waited for us for %(time)s.",
        "%(count)d others are open; one has waited for us for %(time)s.",
        found.ours,
    )


def _with_customer(count: int) -> str:
    return ngettext("%(count)d other waits for the customer.", "%(count)d others wait for the customer.", count)


def mood_sentence(shown: Mood | None) -> str:
    """With the sentiments that show it."""
    if shown is None:
        return ""
    text = {
        Trend.FALLING: _("Mood is falling: %(sentiments)s."),
        Trend.STEADY: _("Mood is steady: %(sentiments)s."),
        Trend.UNSTEADY: _("Mood goes up and down."),
        Trend.RISING: _("Mood is rising: %(sentiments)s."),
    }[shown.trend]
    return text % {"sentiments": " → ".join(str(Triage.Sentiment(each).label).lower() for each in shown.sentiments)}


def _time(length: timedelta) -> str:
    return duration(max(1, int(length / timedelta(minutes=1))))
