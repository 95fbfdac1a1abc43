"""The record of a draft: what was found and masked, and how long it took. Its model calls are in copilot/calls.py."""

import time
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import override

from copilot.confidence import judging, parts, wording
from copilot.drafting import stored_reply
from copilot.drafting.answering import Asked, Reply
from copilot.drafting.reuse import Reused, prompts_key
from copilot.evidence.gathering import Evidence, EvidenceUnit, for_customers
from copilot.evidence.question import Question
from copilot.grounding.verdicts import Support
from copilot.models import Citation, Draft, DraftRecord, Route
from copilot.redaction import restore
from copilot.redaction.values import values_of
from knowledge.search.passages import Passage
from knowledge.search.questions import Translation
from tickets import live

# Fields of a record whose draft has no text any more, besides the reply's.
NOTHING_SAID: dict[str, Any] = {"own_words": "", "answer_key": "", "confidence": None, "confidence_parts": []}


@dataclass
class Progress:
    """What one run has done so far; becomes the DraftRecord.

    `own_words`: the latest reply in the sources' own words, whole; the draft keeps it if the run breaks off.
    """

    draft: Draft
    question: Question
    asked: Asked
    answers_from: str = ""
    translation: Translation | None = None
    may: str = Route.May.DRAFT  # what the rules allow
    started: float = field(default_factory=time.monotonic)
    retrieval_ms: int = 0
    reply: Reply | None = None
    own_words: Reply | None = None
    reused: Reused | None = None
    answer_key: str = ""
    numbered: bool = False  # whether the units are stored as citations
    published: int = 0  # characters of the reply's text that browsers have
    first_token_ms: int | None = None

    @property
    def text(self) -> str:
        return self.reply.text if self.reply else ""

    @property
    def allowed(self) -> bool:
        return self.may in Route.DRAFTED

    @property
    def insisted(self) -> bool:
        """An agent wanted a draft, and nothing answers, unless the model now says that something does."""
        reply = self.reply
        return self.asked.insisted and (reply is None or not reply.pointed or reply.probability < self.asked.least)

    def take(self, better: Reply) -> None:
        self.reply, own = better, self.own_words
        if better.text and self.first_token_ms is None:
            self.first_token_ms = elapsed_ms(self)
        # While units are translated one by one, a reply may have only the first of them, in own words.
        newly = own is None or (better.pointed and not own.pointed) or not own.text.startswith(better.text)
        if better.form == DraftRecord.Form.EVIDENCE and newly:
            self.own_words = better


def number_units(progress: Progress) -> None:
    """Once in a run: before that, the citations are those of the text that the draft has from an earlier one."""
    if not progress.numbered:
        store_citations(progress.draft, progress.asked.evidence)
        progress.numbered = True


def cite(draft: Draft, numbers: Collection[int]) -> None:
    """Mark the units that the draft's text cites, and only those."""
    draft.citations.filter(cited=True).exclude(number__in=numbers).update(cited=False)
    draft.citations.filter(number__in=numbers).update(cited=True)


def store_citations(draft: Draft, evidence: Evidence) -> None:
    """Write the numbered units with the first words, so that a citation can be opened at once.

    Units that were sent before and internal hits follow with their own numbers, which the draft cannot cite.
    """
    units = (*evidence.units, *evidence.sent)
    rows = [_of_unit(draft, number, unit) for number, unit in enumerate(units, start=1)]
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
    sent_at = datetime.fromisoformat(unit.sent_at) if unit.sent_at else None
    return _citation(draft, number, unit.passage, unit.heading_path, unit.text, sent_at=sent_at, **place)


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
            "own_words": progress.text if progress.reply is progress.own_words else "",
            "answers_from": progress.answers_from,
            "prompts": prompts_key(),
            "answer_key": progress.answer_key,
            "reused_from": progress.reused.draft_id if progress.reused else None,
            **stored_reply.to_fields(progress.reply),
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
    if text is None or (text and (reply is None or not reply.text.startswith(text))):
        return  # if it has a text, that is an earlier reply's, which was recorded when it was saved
    if reply is not None:
        cite(draft, [each.number for each in reply.sentences if each.end <= len(text)])
    record(progress)


def _confidence(progress: Progress) -> dict[str, Any]:
    """Of a draft that was made as those that were measured: from a whole search, and because something answers."""
    evidence = progress.asked.evidence
    whole = not (progress.insisted or evidence.degraded or evidence.found.degradation)
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


def _retrieval(progress: Progress) -> dict[str, Any]:
    found = progress.asked.evidence.found
    return {
        "query": progress.question.query,
        "translation": asdict(progress.translation) if progress.translation else None,
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


def kept_words(draft: Draft) -> str:
    """What the sources say by themselves, as far as the draft has it. Otherwise its record says nothing any more.

    For a draft that waits again or was claimed, in the transaction that has locked it: text, citations and record are
    about the same.
    """
    text = DraftRecord.objects.filter(draft=draft).values_list("own_words", flat=True).first() or ""
    if text and not _cites_withdrawn(draft):
        return text
    forget(draft)
    return ""


def _cites_withdrawn(draft: Draft) -> bool:
    """Whether an article that the draft cites is no longer for customers."""
    cited = set(draft.citations.filter(cited=True).values_list("article_id", flat=True))
    return for_customers({each for each in cited if each}).count() < len(cited)


def forget(draft: Draft) -> None:
    """The draft has no text any more."""
    cite(draft, ())
    DraftRecord.objects.filter(draft=draft).update(**NOTHING_SAID, **stored_reply.to_fields(None))


def forget_sources(draft: Draft) -> None:
    """Neither text nor sources are shown any more."""
    draft.citations.all().delete()
    forget(draft)


def elapsed_ms(progress: Progress) -> int:
    return round((time.monotonic() - progress.started) * 1000) + progress.retrieval_ms


def shown_text(draft: Draft) -> str:
    """The draft as the agent sees it: real values instead of placeholders."""
    if "<" not in draft.text:
        return draft.text
    return restore(draft.text, values_of(draft.ticket, draft.text))
