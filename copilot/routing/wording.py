"""What a route says, in the language of the page: which rule decided and why, and what the copilot may do."""

from collections.abc import Mapping
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from config.formats import percent
from copilot.models import Route, Triage
from copilot.routing.deciding import PERSON_NOW, Rule
from copilot.routing.rules import OTHERS
from copilot.triage.signals import REQUESTS
from copilot.triage.wording import signal
from tickets.models import Category, Customer

Because = Mapping[str, Any]  # Route.because, with the words as the customer wrote them
Names = Mapping[str, str] | None  # of categories, for pages that say many sentences; asked for one by one if None
ROWS = {
    "urgent": gettext_lazy("urgent, or urgency 5"),
    "negative": gettext_lazy("negative, or urgency 4"),
    "neutral": gettext_lazy("neutral, or urgency 3"),
    "positive": gettext_lazy("positive, or urgency 1 or 2"),
}


def sentence(handling: str, because: Because, names: Names = None) -> str:
    """“Rule 1: sensitive signal “Legal threat” (“my lawyer …”)” – who handles it is said beside it."""
    rule = next((each for each in Rule if each == because.get("rule")), None)
    if rule is None:
        return ""
    said = {
        Rule.SIGNAL: _signal,
        Rule.CATEGORY: _category,
        Rule.TIER: _tier,
        Rule.URGENCY: _urgency,
        Rule.UNSURE: _unsure,
        Rule.MATRIX: _matrix,
    }[rule](because, names)
    return _("Rule %(number)d: %(why)s") % {"number": rule.number, "why": said}


def _signal(because: Because, _names: Names) -> str:
    kind, words = because.get("signal", ""), because.get("words", "")
    text = _("the sensitive signal “%(name)s”")
    if kind in REQUESTS:
        text = _("the request “%(name)s”")
    if words:
        said = {"signal": text % {"name": signal(kind)}, "words": " ".join(words.split())}
        return _("%(signal)s: “%(words)s”") % said
    return text % {"name": signal(kind)}


def _category(because: Because, names: Names) -> str:
    return _("the category %(name)s always goes to a person") % {"name": category(because["category"], names)}


def _tier(because: Because, _names: Names) -> str:
    tiers = dict(Customer.Tier.choices)
    return _("the customer’s tier is %(tier)s") % {"tier": tiers.get(because["tier"], because["tier"])}


def _urgency(because: Because, _names: Names) -> str:
    return _("the urgency is %(number)d of 5") % {"number": because["urgency"]}


def _unsure(because: Because, names: Names) -> str:
    least = percent(because["least"])
    if not because["confidence"]:
        return _("the message is not classified yet, so its category is not certain")
    said = {"name": category(because["category"], names), "sure": percent(because["confidence"]), "least": least}
    if not because["category"]:
        return _("that it is none of the categories is %(sure)s certain, and %(least)s are needed") % said
    return _("the category %(name)s is %(sure)s certain, and %(least)s are needed") % said


def _matrix(because: Because, names: Names) -> str:
    said = {"row": _tone(because), "column": category(because["column"], names)}
    return _("the matrix, %(column)s and %(row)s") % said


def _tone(because: Because) -> str:
    sentiments = dict(Triage.Sentiment.choices)
    sentiment, urgency = because.get("sentiment", ""), because.get("urgency")
    names = {"sentiment": str(sentiments.get(sentiment, "")).lower(), "number": urgency or 0}
    if sentiment and urgency:
        return _("%(sentiment)s, urgency %(number)d") % names
    return str(names["sentiment"] or ROWS.get(because["row"], ""))


def limit(may: str, because: Because, names: Names = None) -> str:
    """Why the copilot may not write a whole draft; "" if it may."""
    by = because.get("limit", "")
    if not by:
        return ""
    if by == PERSON_NOW:
        return _("A person answers this one, so there is no draft.")
    subject = signal(by) if by in REQUESTS else category(by, names)
    return {
        Route.May.NOTHING: _("%(subject)s: the copilot writes no draft."),
        Route.May.POLICY: _("%(subject)s: you decide. The copilot shows what the articles say and writes no draft."),
        Route.May.OWN_WORDS: _("%(subject)s: only the sources’ own words."),
        Route.May.NEXT_STEP: _("%(subject)s: a draft of the next step that asks whether it helped."),
    }.get(Route.May(may), "") % {"subject": capfirst(subject)}


def category(slug: str, names: Names = None) -> str:
    """Of one that is gone, its short name."""
    if slug in ("", OTHERS):
        return pgettext("column of the matrix", "other categories") if slug else _("none of the categories")
    if names is not None:
        return names.get(slug, slug)
    found = Category.objects.filter(slug=slug).first()
    return found.label if found else slug
