"""The record of a draft: what was found and masked, and how long it took. Its model calls are in copilot/calls.py."""

import re
import time
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import override

from copilot.calls import Call
from copilot.evidence.grounding import Grounding
from copilot.evidence.question import Question
from copilot.llm import Sampling
from copilot.models import Citation, Draft, DraftRecord
from copilot.redaction import restore
from copilot.redaction.values import values_of
from knowledge.search.passages import Passage
from tickets import live

# Not the full stop of a list number ("2."), which begins something.
SENTENCE_END = re.compile(r"[^\d\s][.!] *$|\n$")


@dataclass
class Progress:
    """What one run has done so far; becomes the DraftRecord."""

    draft: Draft
    question: Question
    grounding: Grounding
    sampling: Sampling
    started: float = field(default_factory=time.monotonic)
    retrieval_ms: int = 0
    text: str = ""
    call: Call | None = None  # the model, writing
    first_token_ms: int | None = None
    insisted: bool = False  # an agent asked for a draft after the result “no source”
    answerable: float | None = None  # result of the answerability check, 0 to 1
    dropped: list[int] = field(default_factory=list)

    @property
    def raw(self) -> str:
        """What the model wrote, before citations were checked."""
        return self.call.output if self.call else ""


def store_citations(draft: Draft, grounding: Grounding) -> None:
    """Write the numbered excerpts before the first token, so that a chip can be opened at once.

    Internal hits follow with their own numbers, which the draft cannot cite.
    """
    shown = [
        (passage, excerpt.removeprefix(f"{passage.title}: "))
        for passage, excerpt in zip(grounding.passages, grounding.excerpts, strict=True)
    ] + [(passage, passage.text) for passage in grounding.internal]
    with transaction.atomic():
        draft.citations.all().delete()
        Citation.objects.bulk_create(
            Citation(
                draft=draft,
                number=number,
                article_id=passage.article_id,
                revision_id=passage.revision_id,
                chunk_id=passage.chunk_id,
                title=passage.title,
                heading_path=passage.heading_path,
                excerpt=excerpt,
                internal=passage.internal,
                score=passage.score,
            )
            for number, (passage, excerpt) in enumerate(shown, start=1)
        )
        live.ticket_changed(draft.ticket_id, "context")


def record(progress: Progress) -> None:
    DraftRecord.objects.update_or_create(
        draft=progress.draft,
        defaults={
            "retrieval": _retrieval(progress),
            "redactions": progress.question.masker.kinds,
            "dropped_citations": progress.dropped,
            "retrieval_ms": progress.retrieval_ms,
            "first_token_ms": progress.first_token_ms,
            "total_ms": elapsed_ms(progress) if progress.raw else None,
        },
    )


def _retrieval(progress: Progress) -> dict[str, Any]:
    found = progress.grounding.found
    return {
        "query": progress.question.query,
        "mode": found.mode,
        "degradation": found.degradation,
        "best_score": found.best_score,
        "hits": [_hit(passage) for passage in found.passages],
    }


def _hit(passage: Passage) -> dict[str, Any]:
    with override("en"):  # not in the language of the agent who asked for the draft
        why = passage.why
    names = {"article": passage.article_id, "revision": passage.revision_id, "chunk": passage.chunk_id}
    return names | {"score": passage.score, "why": why}


def elapsed_ms(progress: Progress) -> int:
    return round((time.monotonic() - progress.started) * 1000) + progress.retrieval_ms


def shown_text(draft: Draft) -> str:
    """The draft as the agent sees it: real values instead of placeholders."""
    if "<" not in draft.text:
        return draft.text
    return restore(draft.text, values_of(draft.ticket, draft.text))


def whole_sentences(text: str) -> str:
    """A text that was cut off, without its unfinished last sentence or list line."""
    end = max(text.rfind(mark) for mark in (". ", ".\n", "! ", "?\n", "]\n", "].", ").\n"))
    return text if end < 0 else text[: end + 2].rstrip()


def long_enough(text: str) -> bool:
    """At most 120 words (PRODUCT.md §1.4): past 100 the draft ends with the sentence or line it is in."""
    return len(text.split()) >= 100 and SENTENCE_END.search(text) is not None
