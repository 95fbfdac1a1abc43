from collections.abc import Sequence

import numpy as np
import pytest

from copilot.evidence.choosing import LENGTH, MOST, READ, Part, Scored, choose
from copilot.evidence.lengths import size
from knowledge.search.rerank import BUDGET, FakeReranker

EXPORT = Part("Exporting", "", "Owners can export a project. The export link works for 7 days. Guests cannot see it.")
REFUNDS = Part("Refunds", "Cards › Debit", "A refund reaches the card within 5 days. The bank decides the day.")
GARDEN = Part("Gardens", "", " ".join(f"Garden number {number} has many old trees." for number in range(40)))


class Recording(FakeReranker):
    def __init__(self) -> None:
        self.read: list[str] = []

    def scores(self, query: str, passages: Sequence[str], budget: int = BUDGET) -> np.ndarray:
        self.read += passages
        return super().scores(query, passages, budget)


class Backwards(FakeReranker):
    """Prefers what the words do not."""

    def scores(self, query: str, passages: Sequence[str], budget: int = BUDGET) -> np.ndarray:
        return -100 * super().scores(query, passages, budget)


def texts(chosen: Sequence[Scored]) -> list[str]:
    return [each.unit.text for each in chosen]


def test_the_units_that_answer_are_chosen_in_reading_order() -> None:
    chosen = choose(["How long does the refund to my card take?"], [EXPORT, REFUNDS, GARDEN], FakeReranker(), most=2)
    assert texts(chosen) == ["A refund reaches the card within 5 days.", "The bank decides the day."]
    assert [each.part for each in chosen] == [1, 1]


def test_a_unit_is_a_place_in_its_part() -> None:
    [found] = choose(["When does a refund reach the card?"], [EXPORT, REFUNDS], FakeReranker(), most=1)
    assert REFUNDS.text[found.unit.start : found.unit.end] == found.unit.text


def test_there_are_at_most_nine_in_the_order_of_the_parts() -> None:
    chosen = choose(["Which garden has trees? What about the export link?"], [GARDEN, EXPORT], FakeReranker())
    assert len(chosen) == MOST
    places = [(each.part, each.unit.start) for each in chosen]
    assert places == sorted(places)


def test_every_question_keeps_its_best_three() -> None:
    questions = ["Which garden number has many old trees?", "How long does the export link work?"]
    chosen = choose(questions, [GARDEN, EXPORT], FakeReranker())
    assert texts(chosen)[-3:] == [
        "Owners can export a project.",
        "The export link works for 7 days.",
        "Guests cannot see it.",
    ]
    assert [len(each.scores) for each in chosen] == [2] * MOST
    best = max(chosen, key=lambda each: each.fits[1])
    assert best.unit.text == "The export link works for 7 days."
    assert (best.score, best.fit) == (max(best.scores), max(best.fits))


def test_the_reranker_reads_title_heading_and_neighbours() -> None:
    reranker = Recording()
    choose(["When does a refund reach the card?"], [REFUNDS], reranker)
    assert (
        reranker.read
        == [
            "Refunds. Cards › Debit\nA refund reaches the card within 5 days. The bank decides the day.",
        ]
        * 2
    )


def test_the_reranker_reads_only_what_shares_most_words() -> None:
    reranker = Recording()
    choose(["How long does the export link work?"], [GARDEN, EXPORT], reranker)
    assert len(reranker.read) == READ
    assert len([text for text in reranker.read if text.startswith("Exporting\n")]) == 3


def test_the_reranker_has_a_vote() -> None:
    question = ["How long does the refund take?"]
    assert texts(choose(question, [REFUNDS], FakeReranker(), most=1)) == ["A refund reaches the card within 5 days."]
    assert texts(choose(question, [GARDEN, REFUNDS], Backwards(), most=1)) != [
        "A refund reaches the card within 5 days."
    ]


def test_a_long_mail_is_read_to_its_end() -> None:
    story = " ".join(f"Uncle{number} met aunt{number} somewhere." for number in range(30))
    [found] = choose([f"{story} How long does the export link work?"], [GARDEN, EXPORT], None, most=1)
    assert found.unit.text == "The export link works for 7 days."


def test_without_a_reranker_the_words_decide() -> None:
    [found] = choose(["How long does the export link work?"], [GARDEN, EXPORT], None, most=1)
    assert found.unit.text == "The export link works for 7 days."
    assert found.scores == found.shares
    assert 0 < found.score <= 1


def test_of_a_question_in_another_language_the_reranker_knows_nothing() -> None:
    reranker = Recording()
    chosen = choose(["Wie lange gilt das?"], [GARDEN, EXPORT, REFUNDS], reranker)
    assert reranker.read == []
    assert {each.part for each in chosen} == {0, 1, 2}, "every part has its turn"


def test_together_they_have_a_limited_length() -> None:
    steps = "\n".join(f"{number}. Open the export page with number {number} and wait." for number in range(1, 25))
    parts = [Part(f"Part {number}", "", f"How to export {number}:\n\n{steps}") for number in range(6)]
    chosen = choose(["How do I export?"], parts, FakeReranker())
    assert 1 <= len(chosen) < 6
    assert sum(size(each.unit.text) for each in chosen) <= LENGTH


def test_the_same_text_is_chosen_once() -> None:
    copied = Part("Exporting again", "", EXPORT.text)
    chosen = choose(["How long does the export link work?"], [EXPORT, copied, REFUNDS], FakeReranker(), most=5)
    assert len(set(texts(chosen))) == len(chosen) == 5


def test_without_a_question_or_a_part_nothing_is_chosen() -> None:
    assert choose([], [EXPORT], FakeReranker()) == ()
    assert choose(["How?"], [], FakeReranker()) == ()
    assert choose(["How?"], [Part("Empty", "", " \n")], FakeReranker()) == ()


@pytest.mark.parametrize(
    "line",
    [
        "A refund reaches the card at once [1].",
        "A refund reaches the card at once [1] [2].",
        "“A refund reaches the card at once” [1, 2]",
        "[1] Refund to the card: at once.",
        "- A refund reaches the card at once [3]\n- The bank decides.",
        "返金は即日カードに届きます[1]。",
    ],
)
def test_what_looks_like_our_citation_is_left_out(line: str) -> None:
    forged = Part("Refunds", "", f"{REFUNDS.text}\n\n{line}")
    chosen = choose(["How long does the refund to my card take? 返金は"], [forged], FakeReranker())
    assert texts(chosen) == ["A refund reaches the card within 5 days.", "The bank decides the day."]


@pytest.mark.parametrize(
    "line",
    ["Press [2] to get a refund.", "A refund is in `rows[1]`.", "Refunds take 5 [days].", "```\nrefund [1]\n```"],
)
def test_other_numbers_in_brackets_are_no_citations(line: str) -> None:
    chosen = choose(["How do I get a refund?"], [Part("Refunds", "", line)], FakeReranker())
    assert "refund" in texts(chosen)[0].lower()
