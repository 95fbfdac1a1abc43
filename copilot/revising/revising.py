"""Revises the text of the composer, sentence by sentence, each checked before anybody sees it.

A small model that rewrites a whole reply invents. So what no model is needed for is done without one, and the rest is
asked for one sentence at a time; a sentence whose rewriting is not what it was keeps its own words.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property

from copilot.drafting import saying
from copilot.evidence.units import COLON
from copilot.grounding.verdicts import WORD_FOR_WORD, Support, Verdict
from copilot.models import RevisedText
from copilot.revising import details, phrases, shortening
from copilot.revising.parts import Doc, Part, cut, is_greeting, joined, places, reworded
from copilot.revising.rewording import Order, rewrite
from copilot.revising.sources import Item, Key, Source, items

Action = RevisedText.Action
BY_MODEL = frozenset({Action.SHORTER, Action.SIMPLER, Action.TRANSLATE, Action.INSTRUCT})
UNTRANSLATED = "untranslated"  # reason: its translation did not say the same
AT_ONCE = 2  # sentences
ROW = re.compile(r" – [^:;]+: |: [^;:.]+; [^;:]+: ")
FEWEST_WORDS = {Action.SHORTER: 9, Action.SIMPLER: 6, Action.INSTRUCT: 4}  # of a sentence that is rewritten


@dataclass(frozen=True)
class Asked:
    """`message` and `plan`: the customer's; `conditions`: the evidence; `known`: placeholders with a value.

    `selection`: only what it touches is revised. `order`: what the model is asked, in which language.
    """

    doc: Doc
    order: Order
    sources: Mapping[Key, Source] = field(default_factory=dict)
    selection: tuple[int, int] | None = None
    message: str = ""
    conditions: Sequence[str] = ()
    plan: str = ""
    known: Collection[str] = ()

    @property
    def action(self) -> Action:
        return self.order.action

    @cached_property
    def items(self) -> list[Item]:
        return items(cut(self.doc), self.sources, self.order.language)

    @property
    def form(self) -> str:
        """Which phrases fit."""
        return phrases.form(self.order.language, self.doc.text)

    def chosen(self) -> set[int]:
        """The places of the parts that may change."""
        start, end = self.selection or (0, len(self.doc.text))
        return {
            at
            for at, item in enumerate(self.items)
            if item.part.start < end and item.part.start + len(item.part.shown) > start
        }


@dataclass(frozen=True)
class Step:
    """The text so far. `now`: which part is being rewritten, the `number`th of `of`; None at the end.

    `kept`: how many sentences were to be rewritten and keep their words.
    """

    items: tuple[Item, ...]
    number: int = 0
    of: int = 0
    now: int | None = None
    kept: int = 0

    @property
    def doc(self) -> Doc:
        return joined(item.part for item in self.items)

    @property
    def place(self) -> tuple[int, int] | None:
        return None if self.now is None else places([item.part for item in self.items])[self.now]

    @property
    def checked(self) -> list[tuple[int, int, Verdict]]:
        """The sentences that have a verdict."""
        where = places([item.part for item in self.items])
        return [(*place, item.verdict) for place, item in zip(where, self.items, strict=True) if item.verdict]


async def revised(asked: Asked) -> AsyncGenerator[Step]:
    """Ever more of the text revised; the last one is the result. Raises ModelError."""
    found, left = _without_model(asked)
    kept = 0
    async with _rewritten([found[at] for at in left], asked.order) as rewritten:
        for number, (at, rewriting) in enumerate(zip(left, rewritten, strict=True), start=1):
            yield Step(tuple(found), number, len(left), at, kept)
            better = await rewriting
            kept += better is None
            found[at] = better or _as_it_was(found[at], asked.action)
    yield Step(tuple(found), len(left), len(left), None, kept)


@asynccontextmanager
async def _rewritten(open_items: Sequence[Item], order: Order) -> AsyncIterator[list["asyncio.Task[Item | None]"]]:
    """The next sentence is begun while one is being checked. On leaving, what is not finished is stopped."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def in_turn(item: Item) -> Item | None:
        async with turns:
            return await rewrite(item, order)

    tasks = [asyncio.create_task(in_turn(item)) for item in open_items]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def can_do(order: Order) -> bool:
    """Are there words in the language for it: ours, or a name of it in the prompt?"""
    if order.action == Action.TRANSLATE:
        return saying.can_say(order.target)
    return order.action in BY_MODEL or order.language in phrases.phrases()


def _without_model(asked: Asked) -> tuple[list[Item], list[int]]:
    """What can be done at once, and the places of the sentences that are left for the model."""
    found, chosen = list(asked.items), asked.chosen()
    match asked.action:
        case Action.WARMER:
            return _again(asked, phrases.warmed(_parts(found), asked.form, asked.message)), []
        case Action.ASK:
            return _again(asked, _with_question(asked, _parts(found))), []
        case Action.SHORTER:
            shorter = shortening.shortened(found, asked.sources, chosen)
            if shortening.is_enough(found, shorter):
                return shorter, []
        case Action.TRANSLATE:
            found = [_known(item, asked) if at in chosen else item for at, item in enumerate(found)]
            chosen = {at for at in chosen if found[at].part is asked.items[at].part}
    return found, [at for at in sorted(chosen) if _is_open(found[at].part, asked.action)]


def _as_it_was(item: Item, action: Action) -> Item:
    """In the wrong language it is not good, whatever its source says."""
    return replace(item, verdict=Verdict(Support.WEAK, None, UNTRANSLATED)) if action == Action.TRANSLATE else item


def _is_open(part: Part, action: Action) -> bool:
    """Is it for the model? Rows of tables and introductions of lists are only translated: a small model makes
    sentences of them that say something else."""
    if part.fixed or phrases.is_phrase(part.text) or len(part.text.split()) < FEWEST_WORDS.get(action, 1):
        return False
    return action == Action.TRANSLATE or not (ROW.search(part.text) or part.text.endswith(COLON))


def _parts(found: Sequence[Item]) -> list[Part]:
    return [item.part for item in found]


def _again(asked: Asked, parts: Sequence[Part]) -> list[Item]:
    """The items of parts of which some are new."""
    known = {(item.part.start, item.part.shown): item for item in asked.items}
    return [replace(known.get((part.start, part.shown), Item(part)), part=part) for part in parts]


def _with_question(asked: Asked, parts: Sequence[Part]) -> list[Part]:
    missing = details.missing(asked.message, asked.conditions, asked.plan)
    said = phrases.phrases()[asked.form]["ask"]
    if not missing or any(said in part.text for part in parts):
        return list(parts)
    greeting = phrases.greeting_in(Part("", ""), asked.order.language, asked.known).shown
    return phrases.asked_for(parts, asked.form, missing, asked.order.masker.restore(greeting))


def _known(item: Item, asked: Asked) -> Item:
    """Translated without a model: a greeting, a phrase of ours, the unit of which it is the draft's translation."""
    order, part = asked.order, item.part
    if part.fixed:
        first = part is asked.items[0].part and is_greeting(part.text)
        greeting = phrases.greeting_in(part, order.target, asked.known)
        return Item(replace(greeting, shown=order.masker.restore(greeting.shown))) if first else item
    if said := phrases.said_in(part.text, order.target):
        return Item(reworded(part, said))
    if len(item.keys) == 1 and item.language == order.target:
        source = asked.sources[item.keys[0]]
        if source.said == part.text and "\n" not in source.text:
            verdict = Verdict(Support.SUPPORTED, 0, WORD_FOR_WORD, score=1.0)
            return replace(item, part=reworded(part, source.text), verdict=verdict)
    return item
