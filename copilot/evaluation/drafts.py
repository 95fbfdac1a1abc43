"""Makes a draft for each of a set of cases, with the code that drafts use, and measures what came out.

Each case brings its own articles, so retrieval is not measured here (`manage.py evaluate_retrieval` does that).
"""

import re
import time
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from asgiref.sync import async_to_sync
from django.utils import timezone

from copilot.drafting import answering, min_score
from copilot.drafting.answering import Asked, Question, Reply
from copilot.drafting.citations import CITATION, strip_citations
from copilot.drafting.composing import Sentence
from copilot.drafting.selecting import Calibration
from copilot.evidence.gathering import Evidence, Section, best_units, sent_units
from copilot.evidence.question_text import shortened
from copilot.evidence.sent_before import Replies
from copilot.evidence.thread import Letter, before
from copilot.grounding.verdicts import Support
from copilot.llm import Model
from knowledge.evaluation.retrieval import BadFile, read_jsonl
from knowledge.models import Article
from knowledge.search.passages import Passage
from knowledge.search.rerank import get_reranker
from knowledge.search.retrieval import SearchResult
from knowledge.text.chunking import chunk
from tickets import languages
from tickets.models import Message

OWN_CASES = Path(__file__).parent / "drafts.jsonl"
FOLLOW_UPS = Path(__file__).parent / "follow_ups.jsonl"  # customers who write again after a reply of ours
QUESTION_WORDS = 260
REPLY = Message.Kind.REPLY.value
WRITERS = {"customer": Message.Kind.CUSTOMER.value, "agent": REPLY}
FIELDS = (
    "articles must be objects with id, title and body; answerable true or false; expect and forbid lists of texts; "
    "thread objects with from (customer or agent) and text"
)


@dataclass(frozen=True)
class Case:
    """`expect`: patterns that a right answer has, every one of them; `forbid`: patterns that only a wrong one has."""

    id: str
    question: str
    articles: tuple[tuple[str, str, str], ...]  # id, title, body
    answerable: bool
    expect: tuple[re.Pattern[str], ...]
    forbid: tuple[re.Pattern[str], ...]
    kind: str
    thread: tuple[Letter, ...] = ()  # earlier messages, the newest first


@dataclass(frozen=True)
class Judged:
    case: Case
    evidence: Evidence
    language: str
    reply: Reply
    first_ms: int | None  # until the first text
    total_ms: int

    @property
    def answered(self) -> bool:
        return bool(self.reply.text)

    @property
    def hit(self) -> bool:
        """Says what is expected, and nothing forbidden."""
        return self.answered and self._has_all(self.case.expect) and not self.forbidden

    @property
    def forbidden(self) -> bool:
        return any(pattern.search(self.plain) for pattern in self.case.forbid)

    @property
    def plain(self) -> str:
        return strip_citations(self.reply.text)

    def _has_all(self, patterns: Sequence[re.Pattern[str]]) -> bool:
        return all(pattern.search(self.plain) for pattern in patterns)


def read_cases(path: Path) -> list[Case]:
    """JSONL as the help of `evaluate_drafts` says. Raises BadFile."""
    return [parsed(f"{path}:{number}", values) for number, values in read_jsonl(path)]


def parsed(place: str, values: Mapping[str, Any]) -> Case:
    """`place` is named in errors. Raises BadFile."""
    try:
        articles = tuple((str(each["id"]), str(each["title"]), str(each["body"])) for each in values["articles"])
        return Case(
            str(values["id"]),
            str(values["question"]),
            articles,
            _is_true(values["answerable"]),
            _patterns(values.get("expect")),
            _patterns(values.get("forbid")),
            str(values.get("kind", "")),
            tuple(_letter(each) for each in reversed(values.get("thread", []))),
        )
    except KeyError as error:
        raise BadFile(f"{place}: needs {error.args[0]}") from error
    except TypeError as error:
        raise BadFile(f"{place}: {FIELDS}") from error
    except re.error as error:
        raise BadFile(f"{place}: {error.pattern!r} is no regular expression: {error}") from error


def _letter(raw: Mapping[str, str]) -> Letter:
    if raw["from"] not in WRITERS:
        raise TypeError
    return WRITERS[raw["from"]], str(raw["text"])


def _is_true(raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise TypeError
    return raw


def _patterns(raw: Any) -> tuple[re.Pattern[str], ...]:
    if not isinstance(raw, list | None):
        raise TypeError
    return tuple(re.compile(each, re.IGNORECASE | re.DOTALL) for each in raw or ())


def evidence_of(case: Case) -> Evidence:
    sections, replies = sections_of(case), Replies([(case.id, text) for kind, text in case.thread if kind == REPLY])
    asked, units = best_units(case.question, sections, get_reranker(), None, replies)
    sent = sent_units(case.question, sections, None, replies)
    return Evidence(asked, units, SearchResult((), "hybrid", None, "", 0.0, None, 0.0), sent=sent)


def sections_of(case: Case) -> list[Section]:
    return [
        Section(passage, None, piece.heading_path, piece.text)
        for number, (_, title, body) in enumerate(case.articles, start=1)
        for passage in [_article(number, title, body)]
        for piece in chunk(body, title)
    ]


def _article(number: int, title: str, body: str) -> Passage:
    return Passage(
        chunk_id=0,
        article_id=number,
        revision_id=number,
        title=title,
        heading_path="",
        text=body,
        audience=Article.Audience.PUBLIC,
        category="",
        language=languages.detect(body),
        score=1.0,
        dense_rank=None,
        lexical_rank=None,
        updated_at=timezone.now(),
        review_by=None,
    )


def judge(case: Case, model: Model, least: float) -> Judged:
    """A draft for one case; `least` as in answering.Asked. Raises ModelError."""
    return async_to_sync(_judge)(case, model, least, min_score.calibration())


async def _judge(case: Case, model: Model, least: float, calibration: Calibration) -> Judged:
    began = time.monotonic()
    evidence = evidence_of(case)
    language = languages.detect(case.question)
    asked = Asked(
        shortened(case.question, QUESTION_WORDS),
        language,
        evidence,
        least=least,
        calibration=calibration,
        before=before(case.thread) if evidence.sent else "",
    )
    reply, first = Reply(()), None
    if evidence.units:
        async with aclosing(answering.replies(asked, model, "background")) as replies:
            async for reply in replies:
                first = first or (_ms_since(began) if reply.text else None)
    return Judged(case, evidence, language, reply, first if reply.text else None, _ms_since(began))


def _ms_since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def report(judged: Sequence[Judged], tokens_per_second: float | None) -> dict[str, Any]:
    """The contract's figures.

    answered: share of the answerable cases that got a draft. refused: share of the others that got none.
    refusal_accuracy: share of all for which that was right. answer_hit_rate: share of the answerable whose draft has
    everything expected and nothing forbidden. unsupported_rate: share of all sentences not marked as supported.
    """
    there = [each for each in judged if each.case.answerable]
    others = [each for each in judged if not each.case.answerable]
    drafts = [each for each in judged if each.answered]
    sentences = [each for draft in drafts for each in draft.reply.sentences]
    cited = [(int(number), len(each.evidence.units)) for each in drafts for number in CITATION.findall(each.reply.text)]
    firsts = [each.first_ms for each in drafts if each.first_ms is not None]
    return {
        "cases": len(judged),
        "answered": _share([each.answered for each in there]),
        "refused": _share([not each.answered for each in others]),
        "refusal_accuracy": _share([each.answered == each.case.answerable for each in judged]),
        "answer_hit_rate": _share([each.hit for each in there]),
        "forbidden": sum(each.forbidden for each in drafts),
        "citation_validity": _share([1 <= number <= most for number, most in cited]),
        "unsupported_rate": _share([each.verdict.support is not Support.SUPPORTED for each in sentences]),
        "median_words": median(len(each.plain.split()) for each in drafts) if drafts else None,
        "ttft_p50_ms": median(firsts) if firsts else None,
        "total_p50_ms": median(each.total_ms for each in judged) if judged else None,
        "tokens_per_second": tokens_per_second,
        "per_kind": {kind: _per_kind([each for each in judged if each.case.kind == kind]) for kind in _kinds(judged)},
    }


def as_text(report: Mapping[str, Any]) -> str:
    figures = [f"{name:>20} {value}" for name, value in report.items() if name != "per_kind"]
    kinds = [
        f"{kind:>20} {each['cases']:>5} {each['answered']:>8} {each['hits']:>5}"
        for kind, each in report["per_kind"].items()
    ]
    return "\n".join([*figures, f"{'kind':>20} cases answered  hits", *kinds])


def _kinds(judged: Sequence[Judged]) -> list[str]:
    return sorted({each.case.kind for each in judged})


def _per_kind(judged: Sequence[Judged]) -> dict[str, Any]:
    return {
        "cases": len(judged),
        "answered": sum(each.answered for each in judged),
        "hits": sum(each.hit for each in judged if each.case.answerable),
    }


def _share(right: Sequence[bool]) -> float | None:
    return round(sum(right) / len(right), 4) if right else None


def details(judged: Judged) -> dict[str, Any]:
    """One case as JSON: its evidence, its draft, and the verdicts."""
    return {
        "id": judged.case.id,
        "kind": judged.case.kind,
        "language": judged.language,
        "answerable": judged.case.answerable,
        "answered": judged.answered,
        "hit": judged.hit,
        "forbidden": judged.forbidden,
        "question": judged.case.question,
        "evidence": [
            {"number": number, "head": unit.head, "text": unit.text, "scores": unit.scores}
            for number, unit in enumerate(judged.evidence.units, start=1)
        ],
        "questions": [_question(each) for each in judged.reply.questions],
        "draft": judged.reply.text,
        "sentences": [_sentence(each, judged.reply.text) for each in judged.reply.sentences],
        "first_ms": judged.first_ms,
        "total_ms": judged.total_ms,
    }


def _question(asked: Question) -> dict[str, Any]:
    return {
        "text": asked.text,
        "units": asked.numbers,
        "probability": asked.probability,
        "none": asked.pointed.none if asked.pointed else None,
        "pointed": asked.pointed.units if asked.pointed else None,
    }


def _sentence(sentence: Sentence, text: str) -> dict[str, Any]:
    return {
        "text": text[sentence.start : sentence.end],
        "unit": sentence.number,
        "support": sentence.verdict.support,
        "reason": sentence.verdict.reason,
        "words": sentence.verdict.words,
    }
