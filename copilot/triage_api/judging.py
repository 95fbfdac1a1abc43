"""Triages and routes a message that is no ticket of this desk, by the same steps. Stores nothing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from config.formats import percent
from copilot.evidence.question import LanguageInput, MaskInput, language, mask
from copilot.models import Route, Triage
from copilot.redaction import Masker, restore
from copilot.routing import configuration
from copilot.routing import wording as route_wording
from copilot.routing.deciding import Routed, decide
from copilot.routing.facts import Known
from copilot.triage import triaging, versions, wording
from copilot.triage.classifier import CATEGORY, URGENCY
from copilot.triage.judging import Triaged, TriageInput
from copilot.triage.signals import Kind
from copilot.triage_api.schemas import READ, Level, MessageIn, SignalOut, TriageOut
from knowledge.masking import tagger
from tickets.mail.quoting import Context, split_html, split_plain
from tickets.models import Team

SHOWN = 160  # characters of quoted words
MARKUP = 5  # characters of HTML that are read for each of text
ENDS = re.compile(r"[.…?!][”“»]?$")
LEVELS: Mapping[int, Level] = {1: "low", 2: "low", 3: "medium", 4: "high", 5: "high"}


class NoClassifier(Exception):
    """There is none yet, or it does not work at the moment."""


@dataclass(frozen=True)
class Judged:
    """`values`: what the placeholders in quoted words stand for."""

    triaged: Triaged
    routed: Routed
    language: str
    values: Mapping[str, str]


def triage(asked: MessageIn) -> TriageOut:
    """Raises NoClassifier."""
    return _told(asked, judge(asked))


def judge(asked: MessageIn) -> Judged:
    """Raises NoClassifier."""
    text, person = _new_text(asked), asked.customer.person
    masked = mask(MaskInput(asked.subject, text, (), person, tagger.name()))
    spoken = language(LanguageInput(text, (), "", ""))
    classifier = versions.current()
    triaged = triaging.triage(TriageInput(masked.asked, masked.whole or masked.asked, bool(classifier), classifier))
    if not triaged.model:
        raise NoClassifier
    number, rules = configuration.current()
    routed = decide(Known(asked.customer.tier or "").with_triage(triaged, spoken.code, number, rules), rules)
    return Judged(triaged, routed, spoken.code, Masker(person).values | dict(masked.added))


def _new_text(asked: MessageIn) -> str:
    """Without quoted mails and signature, as in a mail that the desk receives."""
    split, read = (split_html, MARKUP * READ) if asked.format == "html" else (split_plain, READ)
    found = split(asked.body[:read], Context(subject=asked.subject))
    return (found.text or found.quoted or found.signature)[:READ]


def _told(asked: MessageIn, judged: Judged) -> TriageOut:
    triaged, routed = judged.triaged, judged.routed
    team = Team.objects.filter(pk=routed.team).values_list("slug", flat=True).first() if routed.team else None
    return TriageOut(
        id=asked.id,
        category=triaged.category or None,
        confidence=round(triaged.confidence or 0.0, 4),
        sentiment=Triage.Sentiment(triaged.sentiment) if triaged.sentiment else None,
        urgency=triaged.urgency,
        urgency_level=LEVELS.get(triaged.urgency or 0),
        escalation_risk=triaged.escalate,
        should_escalate=routed.handling == Route.Handling.HUMAN_NOW,
        handling=Route.Handling(routed.handling),
        signals=[SignalOut(kind=Kind(kind), words=_readable(words, judged)) for kind, words in triaged.signals],
        language=judged.language,
        team=team,
        reason=reason(judged),
        classifier=triaged.model,
    )


def reason(judged: Judged) -> str:
    """“Billing, 94% certain: “charged twice”. Urgency 4 of 5: “today”. Rule 3: …”."""
    triaged, because = judged.triaged, dict(judged.triaged.because)
    said = {"name": route_wording.category(triaged.category), "sure": percent(triaged.confidence or 0.0)}
    said["name"] = said["name"][:1].upper() + said["name"][1:]
    sentences = [_quoted(_("%(name)s, %(sure)s certain") % said, because.get(CATEGORY, ""), judged)]
    if URGENCY in because and triaged.urgency:
        named = _("urgency %(level)s") % {"level": wording.urgency(triaged.urgency)}
        sentences.append(_quoted(named[:1].upper() + named[1:], because[URGENCY], judged))
    routed: dict[str, Any] = {
        **judged.routed.because,
        "words": _readable(judged.routed.because.get("words", ""), judged),
    }
    sentences.append(route_wording.sentence(judged.routed.handling, routed))
    return " ".join(each if ENDS.search(each) else f"{each}." for each in sentences if each)


def _quoted(said: str, words: str, judged: Judged) -> str:
    return _("%(said)s: “%(words)s”") % {"said": said, "words": _readable(words, judged)} if words else said


def _readable(words: str, judged: Judged) -> str:
    """The caller sent the message, so it may read its own words again."""
    plain = " ".join(restore(words, dict(judged.values)).split()).rstrip(",;:")
    return plain if len(plain) <= SHOWN else f"{plain[: SHOWN - 1].rstrip()}…"
