"""A reply as a draft's record keeps it, and back: one draft's reply can be another's (reuse.py)."""

from collections.abc import Mapping, Sequence
from typing import Any

from copilot.drafting.answering import Question, Reply
from copilot.drafting.composing import Sentence
from copilot.drafting.pointing import Pointed
from copilot.grounding.verdicts import Support, Verdict
from copilot.models import DraftRecord


def to_fields(reply: Reply | None) -> dict[str, Any]:
    """Fields of DraftRecord; the text itself is the draft's."""
    if reply is None:
        return {"form": "", "answers": None, "questions": [], "sentences": []}
    return {
        "form": reply.form if reply.text else "",
        "answers": round(reply.probability, 4),
        "questions": [_of_question(each) for each in reply.questions],
        "sentences": _of_sentences(reply.sentences),
    }


def _of_question(question: Question) -> dict[str, Any]:
    pointed = question.pointed
    return {
        "text": question.text,
        "units": question.numbers,
        "probability": round(question.probability, 4),
        "pointed": [round(share, 4) for share in pointed.units] if pointed else None,
    }


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


def from_record(record: DraftRecord) -> Reply:
    """The reply of a draft that is ready."""
    questions = tuple(_question(each) for each in record.questions)
    return Reply(
        questions,
        record.draft.text,
        tuple(_sentence(each) for each in record.sentences),
        DraftRecord.Form(record.form),
        pointed=any(question.pointed for question in questions),
    )


def _question(row: Mapping[str, Any]) -> Question:
    units = row["pointed"]
    pointed = None if units is None else Pointed(max(0.0, 1 - sum(units)), tuple(units))
    return Question(row["text"], tuple(row["units"]), row["probability"], pointed)


def _sentence(row: Mapping[str, Any]) -> Sentence:
    number = row["units"][0]
    verdict = Verdict(Support(row["support"]), number - 1, row["reason"], row["words"])
    return Sentence(row["start"], row["end"], number, verdict)
