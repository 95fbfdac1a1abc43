"""Why a ticket has no draft to show, in the language of the page."""

from django.utils import timezone
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.background import lanes
from config.formats import day_month_year
from copilot import llm
from copilot.drafting import drafter_queue, states
from copilot.models import Draft, Route
from copilot.redaction import restore
from copilot.redaction.values import values_of
from copilot.routing import wording
from knowledge.search.retrieval import Degradation
from tickets.models import Message

State = Draft.State
Notice = dict[str, str]  # code, text


def notice(draft: Draft | None) -> Notice | None:
    """What is missing; None if nothing is."""
    state = draft.state_now if draft is not None else None
    if state in {None, State.QUEUED, State.FAILED}:
        health = llm.health(timeout=0.8)
        if not health.ready:
            return {"code": f"model_{health.code}", "text": health.text}
    if draft is not None and state == State.QUEUED:
        return queued_notice(draft)
    if draft is not None and state == State.BY_RULE:
        why = by_rule(draft.message)
        return {"code": "by_rule", "text": why} if why else None
    retrieval = getattr(getattr(draft, "record", None), "retrieval", {}) if draft is not None else {}
    if retrieval.get("degradation") == Degradation.WORDS_ONLY:
        text = _("Searched by words only, because search by meaning was not available.")
        return {"code": "search_words_only", "text": text}
    repeats = sent_before(draft) if draft is not None else ""
    return {"code": "sent_before", "text": repeats} if repeats else None


def queued_notice(draft: Draft) -> Notice:
    """The draft's place in the queue."""
    if draft.origin == Draft.Origin.REQUEST and draft.created_at > timezone.now() - drafter_queue.WRITER_LOST_AFTER:
        return {"code": "next", "text": _("The draft is being started.")}
    if not lanes.alive(lanes.DRAFTER):
        text = _("No drafter is running, so this draft is not being written. Press g to write it now.")
        return {"code": "no_drafter", "text": text}
    if draft.retry_at is not None and draft.retry_at > timezone.now():
        seconds = max(1, round((draft.retry_at - timezone.now()).total_seconds()))
        text = _("The next attempt starts in %(seconds)d s. Press g to start it now.") % {"seconds": seconds}
        return {"code": "retry", "text": text}
    ahead = drafter_queue.ahead_of(draft)
    if not ahead:
        return {"code": "next", "text": _("This draft is next in the queue.")}
    text = ngettext(
        "%(count)d draft is ahead of this one. Press g to write it now.",
        "%(count)d drafts are ahead of this one. Press g to write it now.",
        ahead,
    )
    return {"code": "queue", "text": text % {"count": ahead}}


def sent_before(draft: Draft) -> str:
    """What was left out because an earlier reply said it; "" if nothing."""
    sent = [each.sent_at for each in draft.citations.all() if each.sent_at]
    if not sent or draft.state not in Draft.REPLACES:
        return ""
    if draft.state == State.NO_SOURCE:
        text = _("The articles have nothing new: what comes closest was sent on %(day)s. Press g to have it repeated.")
        return text % {"day": day_month_year(localtime(max(sent)))}
    text = ngettext(
        "%(count)d passage sent before is left out", "%(count)d passages sent before are left out", len(sent)
    )
    return text % {"count": len(sent)}


def by_rule(message: Message) -> str:
    """Why the rules allow no draft, with the customer's own words; "" if they do."""
    route = Route.objects.filter(message=message).first()
    if route is None or route.drafted:
        return ""
    words = route.because.get("words", "")
    because = route.because | {"words": restore(words, values_of(message.ticket, words))}
    said = [_("No draft by rule."), wording.sentence(route.handling, because) + ".", wording.limit(route.may, because)]
    return " ".join(said)


def error_text(draft: Draft) -> str:
    """Why writing failed. `draft.error` is English; in rows of older versions it says itself how often it was tried."""
    if not draft.error:
        return ""
    error = _(draft.error)
    if draft.state != State.FAILED or draft.failures < states.MAX_FAILURES or " times." in draft.error:
        return error
    text = ngettext(
        "%(error)s Copydesk tried it %(count)d time. Press g to try again.",
        "%(error)s Copydesk tried it %(count)d times. Press g to try again.",
        draft.failures,
    )
    return text % {"error": error, "count": draft.failures}
