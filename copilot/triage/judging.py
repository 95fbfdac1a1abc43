"""What one message is about, how it sounds, and the words that show it. Reads nothing, writes nothing."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from copilot.triage import signals
from copilot.triage.classifier import CATEGORY, ESCALATE, NONE, SENTIMENT, URGENCY, Head, Ready
from copilot.triage.examples import YES
from copilot.triage.features import read
from copilot.triage.training import expected

CLAUSES = 10  # of a message are looked at for the words that decide
LONGEST = 14  # words in a quote
RISK = 0.5  # probability from which a person should take over
REQUESTED = 0.7  # probability from which a message asks for money back or for access
HIGH = 4  # urgency
_CLAUSE = re.compile(r"[^.!?…。！？;；\n]+[.!?…。！？]*")
_PAUSE = re.compile(r"(?<=[,:–—、，])\s*")


@dataclass(frozen=True)
class TriageInput:
    """`asked`: the message as it is classified; `whole`: all of it, for sensitive signals. Both masked.

    `model`: the classifier in use, 0 if there is none. `trained`: whether there is one, which is what is compared: a
    message that came before the first is classified as soon as there is one, and then not again by each newer one.
    """

    asked: str
    whole: str
    trained: bool
    model: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Triaged:
    """`category`: "" for none of the categories, or without a classifier (`model` is 0 then)."""

    category: str = ""
    confidence: float | None = None
    sentiment: str = ""
    urgency: int | None = None
    escalate: bool = False
    because: tuple[tuple[str, str], ...] = ()  # what is shown by the words of the message
    signals: tuple[tuple[str, str], ...] = ()  # kind, and the words of the message
    model: int = 0
    reason: str = ""
    degraded: str = ""


def by_signals(given: TriageInput, reason: str, degraded: str = "") -> Triaged:
    """Without a classifier."""
    found = _signals(given)
    return Triaged(signals=found, escalate=_alarming(found), reason=reason, degraded=degraded)


def judge(given: TriageInput, ready: Ready, known: Collection[str]) -> Triaged:
    """`known`: the categories that are in use; one that has been given up since the training is not said.

    Raises BadModel, EmbedderUnavailable.
    """
    found = _signals(given)
    clauses = _clauses(given.asked)
    heads, by_head = ready.classifier.heads, ready.read([given.asked, *clauses])
    label, confidence = _category(heads[CATEGORY], by_head[CATEGORY][0], known)
    category = "" if label == NONE else label
    sentiment, urgency, risk = _others(heads, by_head)
    because = _because(heads, by_head, clauses, label, urgency)
    found += _requests(heads, by_head, clauses, {kind for kind, _words in found})
    escalate = _alarming(found) or risk >= RISK
    reason = f"{category or NONE}, {confidence:.2f}"
    return Triaged(
        category, round(confidence, 4), sentiment, urgency, escalate, tuple(because.items()), found, given.model, reason
    )


def _signals(given: TriageInput) -> tuple[tuple[str, str], ...]:
    return tuple((each.kind.value, given.whole[each.start : each.end]) for each in signals.found(given.whole))


def _alarming(found: Sequence[tuple[str, str]]) -> bool:
    return any(kind in signals.SENSITIVE for kind, _words in found)


def _category(head: Head, probabilities: np.ndarray, known: Collection[str]) -> tuple[str, float]:
    """The likeliest of the known ones and none, as if there were no others."""
    places = [place for place, label in enumerate(head.labels) if label == NONE or label in known]
    if not places:
        return NONE, 1.0
    best = max(places, key=lambda place: float(probabilities[place]))
    return head.labels[best], float(probabilities[best] / probabilities[places].sum())


def _others(heads: Mapping[str, Head], by_head: Mapping[str, np.ndarray]) -> tuple[str, int | None, float]:
    sentiment, urgency, risk = "", None, 0.0
    if SENTIMENT in heads:
        sentiment = heads[SENTIMENT].labels[int(by_head[SENTIMENT][0].argmax())]
    if URGENCY in heads:
        urgency = int(expected(heads[URGENCY], by_head[URGENCY][:1])[0])
    if ESCALATE in heads:
        risk = float(by_head[ESCALATE][0][heads[ESCALATE].labels.index(YES)])
    return sentiment, urgency, risk


def _requests(
    heads: Mapping[str, Head], by_head: Mapping[str, np.ndarray], clauses: Sequence[str], known: Collection[str]
) -> tuple[tuple[str, str], ...]:
    """Those that no words of the list show, with the clause that alone would be one most surely."""
    found = []
    for kind in (each.value for each in signals.REQUESTS):
        if kind in known or kind not in heads or not clauses:
            continue
        asks = by_head[kind][:, heads[kind].labels.index(YES)]
        if asks[0] >= REQUESTED:
            found.append((kind, clauses[int(asks[1:].argmax())]))
    return tuple(found)


def _because(
    heads: Mapping[str, Head],
    by_head: Mapping[str, np.ndarray],
    clauses: Sequence[str],
    label: str,
    urgency: int | None,
) -> dict[str, str]:
    """The clause that alone would be put into the category most surely, and the one that alone sounds most urgent."""
    if not clauses:
        return {}
    found = {}
    if label in heads[CATEGORY].labels and label != NONE:
        found[CATEGORY] = clauses[int(by_head[CATEGORY][1:, heads[CATEGORY].labels.index(label)].argmax())]
    if urgency is not None and urgency >= HIGH:
        numbers = np.array([int(each) for each in heads[URGENCY].labels])
        found[URGENCY] = clauses[int((by_head[URGENCY][1:] @ numbers).argmax())]
    return found


def _clauses(text: str) -> list[str]:
    """The first ones. Long sentences are cut where they pause, and then after so many words."""
    found: list[str] = []
    for sentence in _CLAUSE.findall(text):
        parts = [sentence] if len(sentence.split()) <= LONGEST else _PAUSE.split(sentence)
        for part in parts:
            words = part.split()
            found += [" ".join(words[at : at + LONGEST]) for at in range(0, len(words), LONGEST)]
    return [each for each in dict.fromkeys(found) if re.search(r"\w", read(each))][:CLAUSES]
