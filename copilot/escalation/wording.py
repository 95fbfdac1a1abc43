"""What pages and packages say of an escalation, in the language of the page. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from config.formats import percent
from copilot.escalation.rules import Reason
from copilot.triage.signals import Kind
from copilot.triage.wording import signal, urgency

HOUR, DAY = 60, 60 * 24  # minutes

LABELS = {
    "next": pgettext_lazy("part of an escalation", "Next step"),
    "customer": pgettext_lazy("part of an escalation", "Customer"),
    "triage": pgettext_lazy("part of an escalation", "Triage"),
    "signals": pgettext_lazy("part of an escalation", "Signals and requests"),
    "asked": pgettext_lazy("part of an escalation", "What the customer asks"),
    "tried": pgettext_lazy("part of an escalation", "What we tried"),
    "failed": pgettext_lazy("part of an escalation", "The customer after our reply"),
    "open": pgettext_lazy("part of an escalation", "Unanswered questions"),
    "articles": pgettext_lazy("part of an escalation", "Articles"),
    "reply": pgettext_lazy("part of an escalation", "Suggested reply"),
}
NOTHING = gettext_lazy("Nothing found in the messages.")
EMPTY = {
    **dict.fromkeys(("asked", "tried", "failed", "open"), NOTHING),
    "next": gettext_lazy("What the team should do"),
    "reply": gettext_lazy("There is no draft that can be sent."),
}
ORIGINS = {
    "model": gettext_lazy("written by AI from the messages"),
    "quotes": gettext_lazy("quoted from the messages"),
    "draft": gettext_lazy("from the draft"),
}
# What the team should do, by reason or, before that, by signal. An agent can change it.
NEXT: dict[str, Any] = {
    Kind.LEGAL_THREAT: gettext_lazy(
        "Promise nothing. Let whoever is responsible for legal questions read this first, then reply."
    ),
    Kind.STAFF_COMPLAINT: gettext_lazy("Talk to the member first. Then tell the customer what follows."),
    Kind.SECURITY: gettext_lazy("Check who is writing before you say or change anything about the account."),
    Kind.DISPUTE: gettext_lazy("Look up the payment, decide, and then reply."),
    Kind.CHURN: gettext_lazy("Find out why the customer wants to leave, and tell them what we can offer."),
    Kind.SELF_HARM: gettext_lazy("Read this now, follow the emergency guideline, and reply personally."),
    Reason.HUMAN: gettext_lazy("Reply personally, with your name."),
    Reason.ATTEMPTS: gettext_lazy("Do not send the same steps again. Reproduce the problem, or look into the account."),
    Reason.URGENCY: gettext_lazy("Reply at once, even if only to say who works on it and by when."),
    Reason.WAITING: gettext_lazy("Reply at once, even if only to say who works on it and by when."),
    Reason.UNSURE: gettext_lazy("Reply from what you know, and tell the authors what is missing."),
}


def trigger(reason: str, seen: Mapping[str, Any]) -> str:
    """Why it should go to another team, in one sentence. Words of the customer in `seen` are readable."""
    match reason:
        case Reason.SIGNAL:
            return _quoted(_("Sensitive signal: %(name)s") % {"name": signal(seen["signal"])}, seen["words"])
        case Reason.HUMAN:
            return _quoted(_("The customer asks for a person"), seen["words"])
        case Reason.ATTEMPTS:
            text = ngettext(
                "The customer wrote again after %(count)d reply",
                "The customer wrote again after %(count)d replies",
                seen["attempts"],
            )
            return text % {"count": seen["attempts"]}
        case Reason.URGENCY:
            return _("Urgency: %(number)s") % {"number": urgency(seen["urgency"])}
        case Reason.WAITING:
            times = {"waited": duration(seen["minutes"]), "within": duration(seen["within"])}
            return _("The customer has been waiting: %(waited)s. Time for a reply: %(within)s") % times
        case Reason.UNSURE if "confidence" in seen:
            return _("Confidence of the draft: %(share)s") % {"share": percent(seen["confidence"])}
        case Reason.UNSURE:
            return _("No article answers this")
    return str(Reason(reason).label) if reason in Reason.values else reason


def _quoted(text: str, words: str) -> str:
    if not words:
        return text
    return _("%(text)s: “%(words)s”") % {"text": text, "words": " ".join(words.split())}


def next_step(reason: str, kind: str = "") -> str:
    """ "" where only the agent knows."""
    return str(NEXT.get(kind) or NEXT.get(reason) or "")


def duration(minutes: int) -> str:
    """ "45 min", "3 h", "2 days": rounded down."""
    if minutes < 2 * HOUR:
        return _("%(count)d min") % {"count": minutes}
    if minutes < 2 * DAY:
        return _("%(count)d h") % {"count": minutes // HOUR}
    return ngettext("%(count)d day", "%(count)d days", minutes // DAY) % {"count": minutes // DAY}


def loop(team: str, at: datetime) -> str:
    names = {"team": team, "when": date_format(localtime(at), "SHORT_DATETIME_FORMAT")}
    return _("This ticket was with %(team)s until %(when)s and was then transferred to another team.") % names


def summary(team: str, former: str, reason: str) -> str:
    names = {"team": team or _("a deleted team"), "former": former, "reason": Reason(reason).label}
    if former:
        return _("Escalated from %(former)s to %(team)s: %(reason)s") % names
    return _("Escalated to %(team)s: %(reason)s") % names
