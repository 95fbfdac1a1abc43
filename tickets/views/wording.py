"""What happened on a ticket: one sentence per event of the timeline, in the language of the page. Pure.

Events store codes and English reasons; known reasons are translated here, others are shown as they are.
"""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from config.templatetags.desk import moment
from tickets.models import Ticket, TicketEvent, categories
from tickets.models.stored_texts import shown

Kind = TicketEvent.Kind
SIMPLE = {
    Kind.STARTED: _("Ticket started"),
    Kind.RECEIVED: _("The customer wrote"),
    Kind.REPLIED: _("Reply written"),
    Kind.FORWARDED: _("Forwarded"),
    Kind.SENT: _("Reply sent"),
    Kind.SEND_FAILED: _("The reply could not be sent"),
    Kind.SEND_UNCERTAIN: _("It is uncertain whether the reply was sent. A member has to decide"),
    Kind.SEND_UNDONE: _("Sending undone"),
    Kind.NOTED: _("Note written"),
    Kind.IGNORED_MAIL: _("Automatic mail ignored"),
}
OF_FORWARDS = {
    Kind.REPLIED: _("Forwarded again"),
    Kind.SENT: _("Forward sent"),
    Kind.SEND_FAILED: _("The forward could not be sent"),
    Kind.SEND_UNCERTAIN: _("It is uncertain whether the forward was sent. A member has to decide"),
}
PREPARED = {
    "ready": _("Draft written"),
    "no_source": _("No source answers this. The gap is noted"),
    "by_rule": _("No draft by rule"),
    "failed": _("The draft could not be written"),
    "stopped": _("Draft stopped"),
    "writing": _("Draft started"),
    "queued": _("Draft requested"),
}
HANDLING = {
    "ai_only": _("Routed: copilot alone"),
    "ai_and_human": _("Routed: person with draft"),
    "human_now": _("Routed: person now"),
}
# Said of the customer's messages; a member said that it is not so, or that it is after all.
SIGNALS = {
    "legal_threat": pgettext_lazy("sensitive signal", "Legal threat"),
    "staff_complaint": pgettext_lazy("sensitive signal", "Complaint about staff"),
    "security": pgettext_lazy("sensitive signal", "Account security"),
    "dispute": pgettext_lazy("sensitive signal", "Payment dispute"),
    "churn": pgettext_lazy("sensitive signal", "Wants to leave"),
    "self_harm": pgettext_lazy("sensitive signal", "Self-harm"),
    "human": pgettext_lazy("sensitive signal", "Asks for a person"),
    "refund": pgettext_lazy("request of a customer", "Wants money back"),
    "access": pgettext_lazy("request of a customer", "Cannot get in"),
}
JUDGED = {
    "justified": _("justified"),
    "not_needed": _("not needed"),
    "wrong_team": _("wrong team"),
}
DRAFTED = ("own_words", "draft")  # what the copilot may prepare
REVIEWED = {
    "accepted": _("Draft sent unchanged"),
    "edited": _("Draft edited and sent"),
    "rejected": _("Draft rejected"),
    "ignored": _("Draft not used"),
}
REJECTED = {
    "wrong": _("wrong facts"),
    "off_topic": _("not what was asked"),
    "incomplete": _("incomplete"),
    "tone": _("wrong tone"),
    "outdated_source": _("outdated source"),
}
STATUS = {
    "open": _("Status: open"),
    "pending": _("Status: waiting for customer"),
    "snoozed": _("Snoozed until the customer replies"),
    "closed": _("Status: closed"),
}
# Stored reasons of a change of status, also those of earlier versions. "" for what has an event of its own.
WHY = {
    "replied": "",
    "closed": "",
    "closed and tagged": "",
    "customer wrote": _("the customer wrote"),
    "third party wrote": _("somebody answered what was forwarded"),
    "transferred": _("transferred to a team"),
    "handed over": _("transferred to a team"),
    "transfer undone": _("transfer undone"),
    "handing over undone": _("transfer undone"),
    "reply undone": _("reply undone"),
    "reply taken back": _("reply undone"),
    "snoozed": "",
    "time came": "",
    "closing undone": _("closing undone"),
    "undone": _("undone"),
    "reply not sent": _("the reply could not be sent"),
    "reply uncertain": _("it is uncertain whether the reply was sent"),
    "perhaps not sent": _("it is uncertain whether the reply was sent"),
    "reply arrived": _("the reply arrived"),
    "reply sent again": _("the reply is sent again"),
    "reply came back": _("the mail server returned the reply"),
}


def sentence(event: TicketEvent) -> str:
    """`event` in words; the page adds the time and the actor."""
    data = event.data
    if event.kind == Kind.RECEIVED and "third_party" in data:
        return gettext("Somebody answered what was forwarded")
    if event.kind == Kind.RECEIVED and "read" in data:
        return _read_before(data)
    if event.kind in SIMPLE:
        simple = SIMPLE | (OF_FORWARDS if data.get("forward") else {})
        return _with_reason(str(simple[Kind(event.kind)]), shown(data.get("reason", "")))
    wording = {
        Kind.ASSIGNED: _assigned,
        Kind.TRANSFERRED: _transferred,
        Kind.JUDGED: _judged,
        Kind.STATUS: _status,
        Kind.PRIORITY: _priority,
        Kind.CATEGORY: _category,
        Kind.TAGGED: _tagged,
        Kind.PREPARED: _prepared,
        Kind.ROUTED: _routed,
        Kind.SIGNAL: _signal,
        Kind.REVIEWED: _reviewed,
    }.get(Kind(event.kind))
    return wording(data) if wording else event.get_kind_display()


def _with_reason(what: str, reason: str) -> str:
    return gettext("%(what)s: %(reason)s") % {"what": what, "reason": reason} if reason else what


def _read_before(data: dict[str, Any]) -> str:
    articles = "; ".join(f"“{each['title']}”" for each in data["read"])
    query = data.get("searched", "")
    if articles and query:
        text = gettext("Read before writing: %(articles)s. Searched for: “%(query)s”")
    else:
        text = gettext("Read before writing: %(articles)s") if articles else gettext("Searched for: “%(query)s”")
    return text % {"articles": articles, "query": query}


def _assigned(data: dict[str, Any]) -> str:
    return gettext("Assigned to %(name)s") % {"name": data["now"]} if data.get("now") else gettext("Assigned to nobody")


def _transferred(data: dict[str, Any]) -> str:
    if "assignee_id" in data or "move" in data:
        return _team(data)
    if data.get("undone"):
        return gettext("Transfer undone")
    if not data.get("now"):
        return gettext("Transferred to a team")
    text = gettext("Escalated to %(team)s") if data.get("escalated") else gettext("Transferred to %(team)s")
    if data.get("was"):
        text = gettext("Transferred to %(team)s from %(former)s")
        if data.get("escalated"):
            text = gettext("Escalated to %(team)s from %(former)s")
    return text % {"team": data["now"], "former": data.get("was", "")}


def _team(data: dict[str, Any]) -> str:
    """A change of team without a note."""
    if data.get("undone"):
        return gettext("Change of team undone")
    names = {each: data.get(each) or gettext("none") for each in ("now", "was")}
    return gettext("Team: %(now)s, before: %(was)s") % names


def _judged(data: dict[str, Any]) -> str:
    name = JUDGED.get(data.get("judgement", ""))
    return _with_reason(gettext("Escalation"), str(name)) if name else gettext("Judgement of the escalation withdrawn")


def _status(data: dict[str, Any]) -> str:
    now, why = data.get("now", ""), data.get("why", "")
    what = str(STATUS.get(now, now) or gettext("Status changed"))
    if data.get("was") == "snoozed" and now == "open":
        what = gettext("Back from snooze")
    if "until" in data:
        what = gettext("Snoozed until %(time)s") % {"time": moment(datetime.fromisoformat(data["until"]))}
    return _with_reason(what, str(WHY.get(why, why)))


def _priority(data: dict[str, Any]) -> str:
    labels = {value: str(label) for value, label in Ticket.Priority.choices}
    names = {"now": labels.get(data.get("now", 0), "?"), "was": labels.get(data.get("was", 0), "?")}
    return gettext("Priority: %(now)s, before: %(was)s") % names


def _category(data: dict[str, Any]) -> str:
    names = {each: categories.label(data.get(each, "")) or gettext("none of these") for each in ("now", "was")}
    return gettext("Category: %(now)s, before: %(was)s") % names


def _tagged(data: dict[str, Any]) -> str:
    added, removed = (", ".join(data.get(key, [])) for key in ("added", "removed"))
    if added and removed:
        return gettext("Tags added: %(added)s; removed: %(removed)s") % {"added": added, "removed": removed}
    if removed:
        return gettext("Tags removed: %(tags)s") % {"tags": removed}
    return gettext("Tags added: %(tags)s") % {"tags": added}


def _prepared(data: dict[str, Any]) -> str:
    return str(data.get("words") or PREPARED.get(data.get("state", ""), "Copilot"))


def _routed(data: dict[str, Any]) -> str:
    """Rule 11 is part of rule 1 and so on."""
    handling = str(HANDLING.get(data.get("handling", ""), gettext("Routed")))
    if data.get("handling") != "human_now" and data.get("may", "draft") not in DRAFTED:
        handling = gettext("Routed: person, no draft")
    if not data.get("rule"):
        return handling
    return gettext("%(handling)s (rule %(number)d)") % {"handling": handling, "number": data["rule"] // 10}


def _signal(data: dict[str, Any]) -> str:
    name = str(SIGNALS.get(data.get("signal", ""), data.get("signal", "")))
    text = gettext("Not so: %(name)s") if data.get("dismissed") else gettext("So after all: %(name)s")
    return text % {"name": name}


def _reviewed(data: dict[str, Any]) -> str:
    reason = data.get("reason", "")
    shown = REJECTED.get(reason, str(reason).replace("_", " "))
    return _with_reason(str(REVIEWED.get(data.get("review", ""), gettext("Draft reviewed"))), str(shown))
