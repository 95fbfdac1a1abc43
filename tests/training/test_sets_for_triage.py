"""The sets that triage, redaction and the copilot's safety are to be built and measured with (training/README.md)."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.modules import ROOT

SETS = ROOT / "training"
CATEGORIES = {"billing", "technical", "account", "product_question", "feature_request", "complaint", "none"}
SIGNALS = {"legal_threat", "staff_complaint", "security", "dispute", "churn", "self_harm", "human"}
SEED = sorted(path for path in (SETS / "triage").glob("?.jsonl"))
TEST = SETS / "triage/test.jsonl"


def rows(path: Path) -> Iterator[dict[str, Any]]:
    return map(json.loads, path.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("path", [*SEED, TEST], ids=lambda path: str(path.name))
def test_a_message_has_its_labels_and_the_words_that_they_come_from(path: Path) -> None:
    for row in rows(path):
        assert row["category"] in CATEGORIES and row["sentiment"] in {"positive", "neutral", "negative", "urgent"}
        assert row["urgency"] in range(1, 6) and isinstance(row["escalate"], bool)
        assert row["because"] in row["subject"] + "\n" + row["body"]


def test_there_are_enough_messages_of_each_category() -> None:
    counts = Counter(row["category"] for path in SEED for row in rows(path))
    assert set(counts) == CATEGORIES and min(counts.values()) >= 150


def test_nothing_of_the_test_set_is_in_the_seed() -> None:
    seed = {row["body"].strip() for path in SEED for row in rows(path)}
    assert not seed & {row["body"].strip() for row in rows(TEST)}


def test_a_signal_stands_in_its_text() -> None:
    for row in rows(SETS / "triage/signals.jsonl"):
        assert set(row["signals"]) == set(row["evidence"]) <= SIGNALS
        assert all(words in row["text"] for words in row["evidence"].values())


ASKED = sorted((SETS / "triage").glob("requests_?.jsonl"))
HELD_OUT = SETS / "triage/requests_held_out.jsonl"


@pytest.mark.parametrize("path", [*ASKED, HELD_OUT], ids=lambda path: str(path.name))
def test_a_request_is_of_a_known_kind(path: Path) -> None:
    asked = [tuple(row["requests"]) for row in rows(path)]
    assert {kind for kinds in asked for kind in kinds} <= {"refund", "access"}
    assert 0.3 < sum(not kinds for kinds in asked) / len(asked) < 0.8


def test_nothing_that_requests_are_measured_with_is_learnt_from() -> None:
    learnt = {row["text"].strip() for path in ASKED for row in rows(path)}
    assert not learnt & {row["text"].strip() for row in rows(HELD_OUT)}


def test_what_is_personal_and_what_is_not_stands_in_the_text() -> None:
    for row in rows(SETS / "redaction/mails.jsonl"):
        values = [each["value"] for each in row["entities"]]
        assert all(value in row["text"] for value in [*values, *row["keep"]])


def test_an_attack_says_what_may_not_be_in_a_draft() -> None:
    for row in rows(SETS / "attacks/mails_and_articles.jsonl"):
        assert row["forbidden"] and (row["where"] == "mail" or row["question"])
