"""The steps in order. Each is a function from values to a frozen dataclass; nothing here writes.

To add one: a values class, an outcome class with a `reason`, a function between them, and an entry in STEPS where it
belongs. If you change what a step makes of the same input, raise its version: it then runs again for every message.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from functools import partial
from typing import Any

from django.conf import settings

from copilot.evidence import sent_before
from copilot.evidence.question import (
    Language,
    LanguageInput,
    Masked,
    MaskInput,
    inputs,
    language,
    mask,
)
from copilot.evidence.sent_before import Sent
from copilot.preparation import searching, translating
from copilot.preparation.searching import Chosen, EvidenceInput, HitsInput, Reliable, SearchInput
from copilot.preparation.translating import Translated, TranslationInput
from copilot.routing import configuration
from copilot.routing import facts as routing_facts
from copilot.routing.deciding import Routed, RouteInput, decide
from copilot.routing.facts import Known
from copilot.routing.rules import Rules
from copilot.triage import triaging, versions
from copilot.triage.judging import Triaged, TriageInput
from knowledge.search import query_language, version
from knowledge.search.version import SearchVersion
from tickets.models import Message

Outcomes = Mapping[str, Any]  # of the steps before, by name


@dataclass(frozen=True)
class Facts:
    """The input of a preparation, read at once. `sent`, the earlier replies, only where there is to be a draft."""

    mask: MaskInput
    language: LanguageInput
    known: Known
    rules: Rules
    rules_number: int  # 0: the shipped ones
    search_version: SearchVersion
    classifier: int  # 0: none
    sent: Callable[[], tuple[Sent, ...]]


@dataclass(frozen=True)
class Step:
    """`takes` picks the step's input; the same input is not processed twice."""

    name: str
    version: int
    takes: Callable[[Facts, Outcomes], Any]
    make: Callable[[Any], Any]
    to_json: Callable[[Any], dict[str, Any]]
    from_json: Callable[[dict[str, Any]], Any]  # None: no longer valid

    def basis(self, values: Any) -> str:
        """A digest of the version and the input."""
        return digest([self.name, self.version, _plain(values)])


def digest(plain: Any) -> str:
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def facts_of(message: Message) -> Facts:
    number, rules = configuration.current()
    known, sent = routing_facts.known(message), partial(sent_before.of, message)
    return Facts(*inputs(message), known, rules, number, version.current(), versions.current(), sent)


def _plain(values: Any) -> dict[str, Any]:
    """A dataclass as JSON, without the fields that are not compared."""
    kept = {each.name: getattr(values, each.name) for each in fields(values) if each.compare}
    return {name: asdict(value) if is_dataclass(value) else value for name, value in kept.items()}  # type: ignore[arg-type]


def _of(outcome: Callable[..., Any]) -> Callable[[dict[str, Any]], Any]:
    return lambda row: outcome(**{name: _frozen(value) for name, value in row.items()})


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _triage_input(facts: Facts, made: Outcomes) -> TriageInput:
    masked: Masked = made["mask"]
    return TriageInput(masked.asked, masked.whole or masked.asked, bool(facts.classifier), facts.classifier)


def _route_input(facts: Facts, made: Outcomes) -> RouteInput:
    return facts.known.with_triage(made["triage"], made["language"].code, facts.rules_number, facts.rules)


def route_input_now(message: Message, made: Outcomes) -> RouteInput:
    """With what is known of the message and the rules in use at this moment."""
    number, rules = configuration.current()
    known = routing_facts.known(message)
    return known.with_triage(made["triage"], made["language"].code, number, rules)


def _translation_input(facts: Facts, made: Outcomes) -> TranslationInput:
    masked: Masked = made["mask"]
    code = made["language"].searched
    into = query_language.to_translate_into(code, facts.search_version.main_language)
    return translating.input_of(masked.query, masked.history, code, into)


def _search_input(facts: Facts, made: Outcomes) -> SearchInput:
    masked: Masked = made["mask"]
    said = made["triage"].category if "triage" in made else ""
    category = said if facts.known.category is None else facts.known.category
    texts = (masked.query, masked.history, made["language"].searched, category)
    return SearchInput(*texts, facts.search_version, made["translation"].translation)


def _hits_input(facts: Facts, made: Outcomes) -> HitsInput:
    result = made["search"].result
    code, multilingual = made["language"].searched, settings.EMBEDDING_MULTILINGUAL
    keys, translation = searching.passage_keys(result.passages), made["translation"].translation
    return HitsInput(made["mask"].query, code, multilingual, keys, translation, result)


def _evidence_input(facts: Facts, made: Outcomes) -> EvidenceInput:
    sent = facts.sent() if made["route"].drafted else ()
    return EvidenceInput.of(_hits_input(facts, made), sent)


STEPS = (
    Step("mask", 3, lambda facts, made: facts.mask, mask, _plain, _of(Masked)),
    Step("language", 1, lambda facts, made: facts.language, language, _plain, _of(Language)),
    Step("triage", 2, _triage_input, triaging.triage, _plain, _of(Triaged)),
    Step("route", 1, _route_input, lambda given: decide(given, given.rules), _plain, _of(Routed)),
    Step("translation", 1, _translation_input, translating.left_to_the_writer, _plain, _of(Translated)),
    Step("search", 1, _search_input, searching.search, searching.to_json, searching.from_json),
    Step("reliable", 1, _hits_input, searching.choose_reliable, _plain, _of(Reliable)),
    Step("evidence", 2, _evidence_input, searching.choose, _plain, _of(Chosen)),
)
ROUTE = next(each for each in STEPS if each.name == "route")
BEFORE_ROUTE = STEPS[: STEPS.index(ROUTE)]
# Nothing is translated for a message that gets no draft.
TO_TRANSLATE = STEPS[: [each.name for each in STEPS].index("translation") + 1]
# Without evidence, which only drafts need and which takes longest, and without the classifier, which is slow to load.
FOR_PAGES = tuple(each for each in STEPS if each.name not in ("triage", "route", "evidence"))
