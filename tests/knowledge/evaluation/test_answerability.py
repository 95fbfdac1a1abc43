"""The curve of the minimum score: which questions it lets through, of those with an answer and of those without."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from knowledge.evaluation import answerability
from knowledge.evaluation.answerability import Case, Scored, area_under_roc, by_kind, curve, figures, min_score_for
from knowledge.evaluation.retrieval import BadFile, Document
from knowledge.index.embeddings import FakeEmbedder
from knowledge.search import configuration

KB = Path(__file__).parents[3] / "demo"


def scored(*rows: tuple[bool, float, bool]) -> list[Scored]:
    return [
        Scored(Case("?", answerable, frozenset({"a"}), "asked" if answerable else "off topic"), score, right)
        for answerable, score, right in rows
    ]


ROWS = scored((True, 0.9, True), (True, 0.7, False), (True, 0.5, True), (False, 0.8, False), (False, 0.3, False))


def test_figures_at_a_minimum_score() -> None:
    assert figures(ROWS, 0.6) == {
        "threshold": 0.6,
        "precision": 0.6667,
        "recall": 0.6667,
        "refused": 0.5,
        "right_article_first": 0.5,
    }


def test_area_under_the_curve_counts_pairs() -> None:
    assert area_under_roc(ROWS) == pytest.approx(4 / 6, abs=1e-4)
    assert area_under_roc(scored((True, 0.5, True), (False, 0.5, False))) == 0.5
    assert area_under_roc(scored((True, 0.5, True))) == 0.0


def test_a_minimum_score_nothing_reaches_divides_by_nothing() -> None:
    assert figures(ROWS, 1.0)["precision"] == 0.0
    assert figures([], 0.5)["recall"] == 0.0


def test_the_curve_falls_in_recall_and_rises_in_refusals() -> None:
    rows = curve(ROWS)
    assert [row["recall"] for row in rows] == sorted((row["recall"] for row in rows), reverse=True)
    assert [row["refused"] for row in rows] == sorted(row["refused"] for row in rows)
    assert (rows[0]["recall"], rows[-1]["recall"]) == (1.0, 0.0)


@pytest.mark.parametrize(("recall", "wanted"), [(1.0, 0.5), (0.6, 0.7), (0.3, 0.9)])
def test_the_highest_minimum_score_that_keeps_a_recall(recall: float, wanted: float) -> None:
    found = min_score_for(ROWS, recall)
    assert found == pytest.approx(wanted)
    assert figures(ROWS, found)["recall"] >= recall


def test_kinds_tell_where_it_fails() -> None:
    kinds = by_kind(ROWS, 0.6)
    assert kinds["asked"]["answered"] == 0.6667
    assert kinds["off topic"]["answered"] == 0.5


def test_the_best_of_several_questions_counts() -> None:
    documents = [Document("refunds", "Refunds", "A refund reaches the card in ten days."), Document("x", "X", "Other.")]
    cases = [Case("Does a refund reach the card in ten days?", True, frozenset({"refunds"}), "")]
    (row,) = answerability.score_cases(documents, cases, FakeEmbedder())
    assert row.right
    assert 0.2 < row.score <= 1


@pytest.mark.parametrize("line", ["no json", "[]", '{"query": "x"}'])
def test_a_bad_case_names_its_line(tmp_path: Path, line: str) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text('{"query": "a", "answerable": true}\n' + line + "\n")
    with pytest.raises(BadFile, match=":2:"):
        answerability.read_cases(file)


def test_the_command_reports_and_saves_when_asked(db: None, settings: Any, capsys: Any) -> None:
    settings.EMBEDDING_MODEL = "fake"
    files = {"cases": KB / "evaluation" / "answerability.jsonl", "articles": KB / "articles"}
    call_command("evaluate_answerability", **files, json=True)
    report = json.loads(capsys.readouterr().out)
    assert (report["cases"], report["answerable"], report["articles"]) == (260, 130, 75)
    assert sum(each["questions"] for each in report["kinds"].values()) == 260
    assert configuration.current().number == 0

    call_command("evaluate_answerability", **files, save=True, recall=0.9)
    assert configuration.current().min_score == pytest.approx(answerability.min_score_for(_scored_with_fakes(), 0.9))
    told = capsys.readouterr()
    assert "suggested" in told.out
    assert "in use with fake, without a reranker" in told.err


def _scored_with_fakes() -> list[Scored]:
    cases = answerability.read_cases(KB / "evaluation" / "answerability.jsonl")
    return answerability.score_cases(answerability.public_articles(KB / "articles"), cases, FakeEmbedder())


def test_an_empty_folder_is_refused(db: None, tmp_path: Path, settings: Any) -> None:
    settings.EMBEDDING_MODEL = "fake"
    with pytest.raises(SystemExit) as refused:
        call_command("evaluate_answerability", cases=KB / "evaluation" / "answerability.jsonl", articles=tmp_path)
    assert refused.value.code == 2


def test_articles_that_may_not_be_shown_are_nothing_to_measure(db: None, tmp_path: Path, settings: Any) -> None:
    settings.EMBEDDING_MODEL = "fake"
    (tmp_path / "secret.md").write_text("---\ntitle: Secret\naudience: internal\n---\nText.\n")
    with pytest.raises(CommandError, match="nothing to measure"):
        call_command("evaluate_answerability", cases=KB / "evaluation" / "answerability.jsonl", articles=tmp_path)
