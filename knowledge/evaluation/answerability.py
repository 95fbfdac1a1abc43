"""Measures how well a score separates questions that the articles answer from those that they do not.

`score_cases` computes the search's score, the cosine of the best passage (search/retrieval.py), for `manage.py
evaluate_answerability`. `manage.py evaluate_refusals` measures the writer's answerability check with the same figures.
A question is "answered" if its score reaches the minimum score. Precision: the share of answered questions that have
an answer. Recall: the share of questions with an answer that are answered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from knowledge.articles.importing_rows import BadRow
from knowledge.articles.importing_rows import read as read_articles
from knowledge.evaluation.retrieval import BadFile, Document, chunked, read_jsonl
from knowledge.index.embeddings import Embedder
from knowledge.models import Article
from knowledge.search.questions import read

STEP = 0.02


@dataclass(frozen=True)
class Case:
    """`gold`: external ids of the articles that answer. `kind`: how it is asked, or why nothing answers it."""

    query: str
    answerable: bool
    gold: frozenset[str]
    kind: str


@dataclass(frozen=True)
class Scored:
    """`score`: 0 to 1, of the best passage. `right`: the passage is from an article that answers."""

    case: Case
    score: float
    right: bool


def read_cases(path: Path) -> list[Case]:
    """JSONL of {query, answerable, gold?: [id…], kind?}. Raises BadFile."""
    cases = []
    for number, values in read_jsonl(path):
        if not isinstance(values.get("query"), str) or "answerable" not in values:
            raise BadFile(f"{path}:{number}: needs query and answerable")
        gold = frozenset(map(str, values.get("gold") or []))
        cases.append(Case(values["query"], bool(values["answerable"]), gold, str(values.get("kind", ""))))
    return cases


def public_articles(folder: Path, language: str = "en") -> list[Document]:
    """The articles that customers may be answered from: approved, public, in one language."""
    rows = [row for _, row in read_articles(folder) if not isinstance(row, BadRow)]
    return [
        Document(str(row.external_id), row.title, row.body_md)
        for row in rows
        if row.audience == Article.Audience.PUBLIC and row.state == Article.State.APPROVED and row.language == language
    ]


def score_cases(documents: Sequence[Document], cases: Sequence[Case], embedder: Embedder) -> list[Scored]:
    """A message with several questions gets the score of the best one, as in search."""
    corpus = chunked(documents)
    vectors = embedder.embed_passages(corpus.texts())
    scored = []
    for case in cases:
        score, right = 0.0, False
        for question in read(case.query).searches:
            similarities = vectors @ embedder.embed_query(question.text)
            best = int(np.argmax(similarities))
            if similarities[best] > score:
                score, right = float(similarities[best]), corpus.owners[best] in case.gold
        scored.append(Scored(case, score, right))
    return scored


def figures(scored: Sequence[Scored], min_score: float) -> dict[str, float]:
    """Precision, recall, the share of unanswerable questions refused, and how often the best passage is right."""
    answered = [each for each in scored if each.score >= min_score]
    answerable = [each for each in scored if each.case.answerable]
    answered_right = [each for each in answered if each.case.answerable]
    refused = len(scored) - len(answerable) - (len(answered) - len(answered_right))
    return {
        "threshold": round(min_score, 4),
        "precision": _share(len(answered_right), len(answered)),
        "recall": _share(len(answered_right), len(answerable)),
        "refused": _share(refused, len(scored) - len(answerable)),
        "right_article_first": _share(sum(each.right for each in answered_right), len(answered_right)),
    }


def curve(scored: Sequence[Scored]) -> list[dict[str, float]]:
    """Figures at every STEP between the lowest and the highest score."""
    scores = [each.score for each in scored]
    first, last = int(min(scores) / STEP), int(max(scores) / STEP) + 1
    return [figures(scored, number * STEP) for number in range(first, last + 1)]


def area_under_roc(scored: Sequence[Scored]) -> float:
    """Mann-Whitney's U / number of pairs, 0 to 1; 0.5 is chance.

    The share of all pairs of an answerable and an unanswerable question in which the answerable one has the higher
    score. Ties count half.
    """
    good = np.array([each.score for each in scored if each.case.answerable])
    bad = np.array([each.score for each in scored if not each.case.answerable])
    if not len(good) or not len(bad):
        return 0.0
    above = (good[:, None] > bad).sum() + 0.5 * (good[:, None] == bad).sum()
    return round(float(above) / (len(good) * len(bad)), 4)


def report(scored: Sequence[Scored], in_use: float, recall: float) -> dict[str, Any]:
    """Figures at the minimum score in use and at the one that keeps `recall`, the curve, and figures by kind."""
    return {
        "cases": len(scored),
        "answerable": sum(each.case.answerable for each in scored),
        "area_under_roc": area_under_roc(scored),
        "in_use": figures(scored, in_use),
        "suggested": figures(scored, min_score_for(scored, recall)),
        "curve": curve(scored),
        "kinds": by_kind(scored, in_use),
    }


def as_text(report: Mapping[str, Any], about: str) -> str:
    lines = [
        f"{report['cases']} questions, {report['answerable']} answerable, {about}; "
        f"area under the ROC curve {report['area_under_roc']:.3f}",
        f"{'min score':>9} {'precision':>9} {'recall':>7} {'refused':>8} {'right first':>11}",
        *map(_row, report["curve"]),
        "in use:",
        _row(report["in_use"]),
        "suggested:",
        _row(report["suggested"]),
        f"{'kind':>17} {'questions':>9} {'answered':>9} {'median':>7}",
    ]
    for kind, each in report["kinds"].items():
        lines.append(f"{kind:>17} {each['questions']:>9} {each['answered']:>9.2f} {each['median']:>7.3f}")
    return "\n".join(lines)


def _row(each: Mapping[str, float]) -> str:
    return (
        f"{each['threshold']:>9.2f} {each['precision']:>9.3f} {each['recall']:>7.3f} {each['refused']:>8.3f} "
        f"{each['right_article_first']:>11.3f}"
    )


def by_kind(scored: Sequence[Scored], min_score: float) -> dict[str, dict[str, float]]:
    """For each kind of question, the share that is answered, and the median score."""
    kinds: dict[str, list[Scored]] = {}
    for each in scored:
        kinds.setdefault(each.case.kind, []).append(each)
    return {
        kind: {
            "questions": len(rows),
            "answerable": float(rows[0].case.answerable),
            "answered": _share(sum(each.score >= min_score for each in rows), len(rows)),
            "median": round(float(np.median([each.score for each in rows])), 3),
        }
        for kind, rows in sorted(kinds.items())
    }


def min_score_for(scored: Sequence[Scored], recall: float) -> float:
    """The highest minimum score, in hundredths, that answers at least this share of the answerable questions."""
    scores = sorted((each.score for each in scored if each.case.answerable), reverse=True)
    if not scores:
        return 0.0
    kept = scores[min(len(scores), max(1, int(np.ceil(recall * len(scores))))) - 1]
    return float(int(kept * 100)) / 100


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
