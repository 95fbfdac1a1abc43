"""The sets that the adapter is trained with (training/README.md)."""

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.modules import ROOT

CASES = ROOT / "training/cases"
MEASURED = ROOT / "copilot/evaluation"


def rows(path: Path) -> Iterator[dict[str, Any]]:
    return map(json.loads, path.read_text(encoding="utf-8").splitlines())


def test_every_answer_stands_word_for_word_in_an_article_of_its_company() -> None:
    for path in CASES.glob("*.jsonl"):
        articles: dict[str, list[str]] = defaultdict(list)
        for row in rows(path):
            if row["type"] == "company":
                articles[row["group"]] += [article["body"] for article in row["articles"]]
            elif row["type"] == "case":
                for answer in (answer for part in row["parts"] for answer in part["answers"]):
                    assert any(answer in body for body in articles[row["group"]]), (path.name, row["id"], answer)


def test_nothing_is_trained_with_what_the_figures_are_made_with() -> None:
    trained = {
        text.strip()
        for path in CASES.glob("*.jsonl")
        for row in rows(path)
        for text in [row.get("message", ""), row.get("claim", ""), *(each["body"] for each in row.get("articles", ()))]
    }
    for case in rows(MEASURED / "drafts.jsonl"):
        assert not trained & {case["question"].strip(), *(article["body"].strip() for article in case["articles"])}
    assert not trained & {pair["claim"].strip() for pair in rows(MEASURED / "pairs.jsonl")}


def test_as_many_claims_are_true_as_false() -> None:
    pairs = [row["supported"] for path in CASES.glob("*.jsonl") for row in rows(path) if row["type"] == "pair"]
    assert abs(sum(pairs) / len(pairs) - 0.5) < 0.02
