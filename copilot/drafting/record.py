"""The record of a draft: what was found and masked, and how long it took. Its model calls are in copilot/calls.py."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import override

from copilot.confidence import judging, parts, wording
from copilot.drafting.answering import Asked, Reply
from copilot.drafting.composing import Sentence
from copilot.evidence.gathering import Evidence, EvidenceUnit, for_customers
from copilot.evidence.question import Question
from copilot.grounding.verdicts import Support
from copilot.models import Citation, Draft, DraftRecord
from copilot.redaction import restore
from copilot.redaction.values import values_of
from knowledge.search.passages import Passage
from tickets import live


@dataclass
class Progress:
    """What one run has done so far; becomes the DraftRecord."""

    draft: Draft
    question: Question
    asked: Asked
    started: float = field(default_factory=time.monotonic)
    retrieval_ms: int = 0
    reply: Reply | None = None
    published: int = 0  # characters of the reply's text that browsers have
    first_token_ms: int | None = None

    @property
    def text(self) -> str:
        return self.reply.text if self.reply else ""

    @property
    def insisted(self) -> bool:
        """An agent wanted a draft, and nothing answers, unless the model now says that something does."""
        reply = self.reply
        return self.asked.insisted and (reply is None or not reply.pointed or reply.probability < self.asked.least)


def store_citations(draft: Draft, evidence: Evidence) -> None:
    """Write the numbered units before the first word, so that a citation can be opened at once.

    Internal hits follow with their own numbers, which the draft cannot cite.
    """
    rows = [_of_unit(draft, number, unit) for number, unit in enumerate(evidence.units, start=1)]
    rows += [
        _citation(draft, number, passage, passage.heading_path, passage.text, chunk_id=passage.chunk_id, internal=True)
        for number, passage in enumerate(evidence.internal, start=len(rows) + 1)
    ]
    with transaction.atomic():
        draft.citations.all().delete()
        Citation.objects.bulk_create(rows)
        live.ticket_changed(draft.ticket_id, "context")


def _of_unit(draft: Draft, number: int, unit: EvidenceUnit) -> Citation:
    place = {"chunk_id": unit.chunk_id, "start": unit.start, "end": unit.end}
    return _citation(draft, number, unit.passage, unit.heading_path, unit.text, **place)


def _citation(draft: Draft, number: int, passage: Passage, heading_path: str, excerpt: str, **fields: Any) -> Citation:
    return Citation(
        draft=draft,
        number=number,
        article_id=passage.article_id,
        revision_id=passage.revision_id,
        title=passage.title,
        heading_path=heading_path,
        excerpt=excerpt,
        score=passage.score,
        **fields,
    )


def cites_withdrawn(draft: Draft) -> bool:
    """Whether an article that the draft cites is no longer for customers."""
    cited = set(draft.citations.filter(cited=True).values_list("article_id", flat=True))
    return for_customers({each for each in cited if each}).count() < len(cited)


def record(progress: Progress) -> None:
    DraftRecord.objects.update_or_create(
        draft=progress.draft,
        defaults={
            "retrieval": _retrieval(progress),
            "redactions": progress.question.masker.kinds,
            "retrieval_ms": progress.retrieval_ms,
            "first_token_ms": progress.first_token_ms,
            "total_ms": elapsed_ms(progress) if progress.reply else None,
            "insisted": progress.insisted,
            **_of_reply(progress.reply),
            **_confidence(progress),
        },
    )


def record_stopped(progress: Progress) -> None:
    """The record of a draft that was stopped, as far as its text was saved: what came later nobody sees.

    None of one that another writer has taken over meanwhile, or that was erased.
    """
    draft, reply = progress.draft, progress.reply
    stopped = Draft.objects.filter(pk=draft.pk, state=Draft.State.STOPPED)
    text = stopped.values_list("text", flat=True).first()
    if text is None:
        return
    if reply is not None and not reply.text.startswith(text):
        progress.reply = reply = None
    if reply is not None:
        saved = [each.number for each in reply.sentences if each.end <= len(text)]
        draft.citations.filter(number__in=saved).update(cited=True)
    record(progress)


def _of_reply(reply: Reply | None) -> dict[str, Any]:
    if reply is None:
        return {"form": "", "answers": None, "questions": [], "sentences": []}
    return {
        "form": reply.form if reply.text else "",
        "answers": round(reply.probability, 4),
        "questions": [
            {
                "text": each.text,
                "units": each.numbers,
                "probability": round(each.probability, 4),
                "pointed": [round(share, 4) for share in each.pointed.units] if each.pointed else None,
            }
            for each in reply.questions
        ],
        "sentences": _of_sentences(reply.sentences),
    }


def _confidence(progress: Progress) -> dict[str, Any]:
    """Of a draft that was made as those that were measured: from a whole search, and because something answers."""
    whole = not progress.insisted and progress.asked.evidence.found.degradation is None
    found = judging.confidence_of(*_judged(progress.reply)) if progress.reply and whole else None
    return {
        "confidence": round(found.probability, 4) if found else None,
        "confidence_parts": wording.as_stored(found.effects) if found else [],
    }


def _judged(reply: Reply) -> tuple[list[parts.Asked], list[bool]]:
    """Of each question what is known of its answer, and of each sentence whether it is supported."""
    asked = [
        parts.Asked(each.probability, each.pointed.units if each.pointed else (), bool(each.numbers))
        for each in reply.questions
    ]
    return asked, [each.verdict.support is Support.SUPPORTED for each in reply.sentences]


def _of_sentences(sentences: Sequence[Sentence]) -> list[dict[str, Any]]:
    return [
        {
            "start": each.start,
            "end": each.end,
            "units": [each.number],
            "support": each.verdict.support,
            "reason": each.verdict.reason,
            "words": each.verdict.words,
        }
        for each in sentences
    ]


def _retrieval(progress: Progress) -> dict[str, Any]:
    found = progress.asked.evidence.found
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
