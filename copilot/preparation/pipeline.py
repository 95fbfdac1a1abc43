"""Runs the steps that are missing or outdated, and stores their outcomes. The only writer of Preparation.

An outcome is valid as long as its step would get the same input today. What was made while a part was down is stored as
degraded, and made again when it is next needed.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from copilot.evidence.gathering import Evidence
from copilot.evidence.question import Language, Masked, Question
from copilot.models import Preparation, Route
from copilot.preparation import searching
from copilot.preparation.searching import Chosen, Found, Reliable
from copilot.preparation.steps import (
    BEFORE_ROUTE,
    FOR_PAGES,
    ROUTE,
    STEPS,
    TO_TRANSLATE,
    Facts,
    Step,
    digest,
    facts_of,
    route_input_now,
)
from copilot.preparation.translating import Translated, TranslationInput
from copilot.redaction import Masker, values
from copilot.routing import recording as route_recording
from copilot.routing.deciding import Routed
from copilot.triage import recording
from copilot.triage.judging import Triaged
from knowledge.search.passages import Passage
from knowledge.search.version import SearchVersion
from tickets.models import Message

log = logging.getLogger(__name__)

StoredSteps = Mapping[str, Any]  # name of a step -> its outcome as JSON, as in Preparation.steps
NOTHING: StoredSteps = MappingProxyType({})
TRIES = 5
PREVIEW_SECONDS = 600  # how long outcomes made for a page are cached


class StoredMeanwhile(Exception):
    """Another process has stored outcomes since ours were read: what it made must not be lost."""


@dataclass(frozen=True)
class Prepared:
    """`steps` is everything as JSON; `fresh` names the steps that had to run."""

    outcomes: Mapping[str, Any]
    steps: StoredSteps
    fresh: tuple[str, ...]
    search_version: SearchVersion
    classified: bool  # whether there was a classifier

    @property
    def masked(self) -> Masked:
        return self.outcomes["mask"]  # type: ignore[no-any-return]

    @property
    def language(self) -> Language:
        return self.outcomes["language"]  # type: ignore[no-any-return]

    @property
    def triaged(self) -> Triaged:
        return self.outcomes["triage"]  # type: ignore[no-any-return]

    @property
    def routed(self) -> Routed:
        return self.outcomes["route"]  # type: ignore[no-any-return]

    @property
    def translated(self) -> Translated:
        return self.outcomes["translation"]  # type: ignore[no-any-return]

    @property
    def found(self) -> Found:
        return self.outcomes["search"]  # type: ignore[no-any-return]

    @property
    def reliable(self) -> tuple[Passage, ...]:
        reliable: Reliable = self.outcomes["reliable"]
        return tuple(self.found.result.passages[place] for place in reliable.places)

    @property
    def evidence(self) -> Evidence:
        chosen: Chosen = self.outcomes["evidence"]
        return searching.evidence_of(chosen, self.found.result)

    def question(self, masker: Masker) -> Question:
        masked = self.masked
        return Question(masked.asked, masked.query, self.language.code, masker, masked.history)

    @property
    def whole(self) -> bool:
        return "evidence" in self.outcomes

    @property
    def answers_from(self) -> str:
        """A digest of what a reply is made from: another one today means that the reply may be another."""
        if not self.whole:
            return ""
        evidence = self.evidence
        units = [(each.head, each.text, each.kind.value, each.passage.language) for each in evidence.units]
        articles = [each.passage.article_id for each in evidence.units]
        parts = [self.masked.asked, self.language.code, evidence.questions, units, articles]
        limited = [self.routed.may] if self.routed.may in (Route.May.OWN_WORDS, Route.May.NEXT_STEP) else []
        return digest([*parts, *limited, *(["sent before"] if evidence.sent else [])])

    @property
    def degraded(self) -> str:
        return next((step["degraded"] for step in self.steps.values() if step["degraded"]), "")


def run(facts: Facts, *known: StoredSteps, steps: Sequence[Step]) -> Prepared:
    """Run the steps for one message, reusing outcomes in `known` that are still valid."""
    outcomes: dict[str, Any] = {}
    kept: dict[str, Any] = {}
    fresh = []
    for step in steps:
        given = step.takes(facts, outcomes)
        basis = step.basis(given)
        there = next((each[step.name] for each in known if _is_current(each.get(step.name), basis)), None)
        outcome = step.from_json(there["outcome"]) if there else None
        if outcome is None:
            began = time.monotonic()
            outcome = step.make(given)
            there = _row(step, basis, outcome, time.monotonic() - began)
            fresh.append(step.name)
        outcomes[step.name], kept[step.name] = outcome, there
    return Prepared(outcomes, kept, tuple(fresh), facts.search_version, bool(facts.classifier))


def _is_of_this_version(stored: StoredSteps, step: Step) -> bool:
    return step.name in stored and stored[step.name]["version"] == step.version


def _is_current(row: Mapping[str, Any] | None, basis: str) -> bool:
    return row is not None and row["basis"] == basis and not row["degraded"]


def _row(step: Step, basis: str, outcome: Any, seconds: float) -> dict[str, Any]:
    return {
        "version": step.version,
        "basis": basis,
        "reason": outcome.reason,
        "degraded": getattr(outcome, "degraded", ""),
        "ms": round(seconds * 1000),
        "at": timezone.now().isoformat(),
        "outcome": step.to_json(outcome),
    }


def to_translate(message: Message) -> TranslationInput | None:
    """What the writer is to translate before the search, None if nothing, or if there is no draft. Stores nothing."""
    facts = facts_of(message)
    prepared = run(facts, stored(message), steps=TO_TRANSLATE)
    step = TO_TRANSLATE[-1]
    return step.takes(facts, prepared.outcomes) if prepared.translated.waits and prepared.routed.drafted else None


def with_translation(given: TranslationInput, made: Translated, seconds: float) -> StoredSteps:
    """For `prepare`, which uses it if the same is to be translated."""
    step = TO_TRANSLATE[-1]
    return {step.name: _row(step, step.basis(given), made, seconds)}


def prepare(message: Message, given: StoredSteps = NOTHING) -> Prepared:
    """Make and store what is missing or outdated. Safe to run twice, and by two processes at once.

    `given`: an outcome that no step can make by itself.
    """
    return _prepared(message, given, STEPS)


def read(message: Message) -> Prepared:
    """Only what later messages of the ticket need of an earlier one: what it says counts for them, too."""
    return _prepared(message, NOTHING, BEFORE_ROUTE)


def _prepared(message: Message, given: StoredSteps, steps: Sequence[Step]) -> Prepared:
    for left in reversed(range(TRIES)):
        there = Preparation.objects.filter(message=message).first()
        prepared = run(facts_of(message), given, there.steps if there else {}, steps=steps)
        try:
            # Rows of older versions have no digest.
            other = there is None or (prepared.whole and there.answers_from != prepared.answers_from)
            if prepared.fresh or given or other:
                _store(message, prepared, there)
        except (values.PlaceholderTaken, StoredMeanwhile):
            if not left:
                raise
            continue
        return prepared
    raise AssertionError("unreachable")


def reroute(message: Message) -> bool:
    """After an agent's correction, or with other rules: the route alone. False if the message is not prepared yet.

    Loads no models, so a page can wait for it. Raises StoredMeanwhile.
    """
    for _try in range(TRIES):
        there = Preparation.objects.filter(message=message).first()
        if there is None or not all(_is_of_this_version(there.steps, each) for each in BEFORE_ROUTE):
            return False
        made = {each.name: each.from_json(there.steps[each.name]["outcome"]) for each in BEFORE_ROUTE}
        given = route_input_now(message, made)
        routed = ROUTE.make(given)
        steps = there.steps | {ROUTE.name: _row(ROUTE, ROUTE.basis(given), routed, 0.0)}
        with transaction.atomic():
            same = Preparation.objects.filter(pk=there.pk, made_at=there.made_at)
            if same.update(steps=steps, made_at=timezone.now()):
                route_recording.record(message, routed)
                return True
    raise StoredMeanwhile


def preview(message: Message) -> Prepared:
    """Like `prepare`, for pages that only read: stores nothing; new outcomes are cached for a while.

    It never waits for the writer: a question that is not translated yet is searched as it was asked.
    """
    key = f"preparation.preview.{message.pk}"
    prepared = run(facts_of(message), stored(message), cache.get(key, {}), steps=FOR_PAGES)
    if prepared.fresh and not prepared.degraded:
        cache.set(key, dict(prepared.steps), PREVIEW_SECONDS)
    return prepared


def stored(message: Message) -> StoredSteps:
    return Preparation.objects.filter(message=message).values_list("steps", flat=True).first() or {}


def _store(message: Message, prepared: Prepared, there: Preparation | None) -> None:
    """One short transaction. Values of placeholders come first: a masked text is useless without them.

    `there`: what was stored when we read it. Raises PlaceholderTaken or StoredMeanwhile.
    """
    others: StoredSteps = there.steps if there and not prepared.whole else NOTHING
    made: dict[str, Any] = {"steps": {**others, **prepared.steps}, "made_at": timezone.now()}
    if prepared.whole:
        made |= {
            "search_version": version_key(prepared.search_version, prepared.classified),
            "made_with": made_with(prepared.search_version, prepared.classified),
            "answers_from": prepared.answers_from,
            "degraded": prepared.degraded,
        }
    with transaction.atomic():
        values.add(message.ticket_id, prepared.masked.added)
        if there is None:
            stored = Preparation.objects.get_or_create(message=message, defaults=made)[1]
        else:
            stored = bool(Preparation.objects.filter(message=message, made_at=there.made_at).update(**made))
        if not stored or not _routed_as_now(message, prepared):
            raise StoredMeanwhile
        if "triage" in prepared.fresh:
            recording.record(message, prepared.triaged)
        if "route" in prepared.fresh:
            route_recording.record(message, prepared.routed)
    log.info("message prepared: message=%s steps=%s", message.pk, ",".join(prepared.fresh))


def _routed_as_now(message: Message, prepared: Prepared) -> bool:
    """Not if an agent has corrected the message, or a lead the rules, while it was prepared."""
    row = prepared.steps.get(ROUTE.name)
    return row is None or row["basis"] == ROUTE.basis(route_input_now(message, prepared.outcomes))


def made_with(version: SearchVersion, classified: bool) -> dict[str, Any]:
    parts = {"steps": {step.name: step.version for step in STEPS}, "classifier": classified}
    return version.as_dict() | parts


def version_key(version: SearchVersion, classified: bool) -> str:
    return digest(made_with(version, classified))
