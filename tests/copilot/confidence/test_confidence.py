"""How probable it is that a draft can be sent as it is: its parts, their weights, and the words for it."""

import math
from dataclasses import replace

import pytest

from copilot import prompts
from copilot.confidence import parts, weights, wording
from copilot.confidence.parts import PARTS, Asked
from copilot.confidence.weights import Bin, Effect
from copilot.drafting import pointing

WRITER = "qwen2.5-coder-1.5b-instruct"
TOML = """
["small-writer"]
prompt = "point-9@abc"
constant = 0.0
[small-writer.usual]
places = 0.0
answers = 0.0
answered = 1.0
supported = 1.0
[small-writer.weight]
places = -1.0
answers = 0.5
answered = 2.0
supported = 4.0
[small-writer.measured]
cases = 60
right = 0.5
area = 0.8
brier = 0.2
error = 0.05
bins = [[20, 0.25, 0.3], [40, 0.7, 0.6]]
"""


class TestTheParts:
    def test_the_places_are_those_that_the_model_points_at_as_if_evenly(self) -> None:
        for pointed, places in (([0.9], 1), ([0.4, 0.4], 2), ([0.25, 0.25, 0.25, 0.25], 4), ([0.3, 0.0, 0.3, 0.3], 3)):
            found = parts.of_draft([Asked(0.9, pointed, True)], [True])
            assert found is not None and found["places"] == pytest.approx(places)

    def test_questions_that_are_not_answered_count_only_as_that(self) -> None:
        asked = [Asked(0.9, [0.5], True), Asked(0.1, [0.1] * 9, False)]
        found = parts.of_draft(asked, [True, True, False, True])
        assert found == pytest.approx({"places": 1, "answers": 0.9, "answered": 0.5, "supported": 0.75})

    @pytest.mark.parametrize(
        ("asked", "supported"),
        [
            ([Asked(0.78, [], True)], [True]),  # chosen by the search alone
            ([Asked(0.2, [0.1], False)], [True]),
            ([Asked(0.9, [0.0, 0.0], True)], [True]),
            ([Asked(0.9, [0.9], True)], []),
            ([], []),
        ],
    )
    def test_a_draft_that_the_model_had_no_part_in_has_none(self, asked: list[Asked], supported: list[bool]) -> None:
        assert parts.of_draft(asked, supported) is None


class TestTheWeights:
    def test_each_part_moves_the_log_odds_from_what_is_usual(self) -> None:
        small = weights.read(TOML)["small-writer"]
        usual = small.confidence({"places": 1.0, "answers": 0.5, "answered": 1.0, "supported": 1.0})
        assert usual.probability == 0.5 and all(each.effect == 0 for each in usual.effects)
        found = small.confidence({"places": math.e, "answers": 0.5, "answered": 0.5, "supported": 0.75})
        effects = {each.part: each.effect for each in found.effects}
        assert effects == pytest.approx({"places": -1, "answers": 0, "answered": -1, "supported": -1})
        assert found.probability == pytest.approx(1 / (1 + math.exp(3)))

    def test_it_never_says_more_than_was_ever_right(self) -> None:
        """Where more was said but less was right, the two highest bins count as one."""
        small = weights.read(TOML)["small-writer"]
        certain = {"places": 1.0, "answers": 1.0, "answered": 1.0, "supported": 1.0}
        assert small.confidence(certain).probability == small.measured.highest == pytest.approx(0.6)
        falling = replace(small.measured, bins=(Bin(10, 0.2, 0.1), Bin(30, 0.7, 0.8), Bin(10, 0.9, 0.6)))
        assert falling.highest == pytest.approx(0.75)

    def test_a_certain_probability_does_not_decide_alone(self) -> None:
        most, least = weights.scaled("answers", 1.0), weights.scaled("answers", 0.0)
        assert most < 10 and most == pytest.approx(-least)

    def test_a_writer_that_nobody_measured_has_none(self) -> None:
        assert weights.of_writer(WRITER) is not None and weights.of_writer("another-model") is None

    def test_nor_has_one_whose_prompt_has_changed_since(self, monkeypatch: pytest.MonkeyPatch) -> None:
        shipped = weights.of_writers()[WRITER]
        monkeypatch.setattr(weights, "of_writers", lambda: {WRITER: replace(shipped, prompt="point-1@0000000000")})
        assert weights.of_writer(WRITER) is None

    def test_the_weights_that_ship_were_fitted_with_the_prompt_in_use(self) -> None:
        """A changed prompt needs another fit, see weights.toml; until then the writer's weights must go."""
        shipped = weights.of_writers()[WRITER]
        assert shipped.prompt == prompts.load(pointing.PROMPT).version
        assert set(shipped.weight) == set(shipped.usual) == set(PARTS)

    def test_what_ships_is_better_than_saying_the_same_of_every_draft(self) -> None:
        measured = weights.of_writers()[WRITER].measured
        assert measured.brier < measured.right * (1 - measured.right)
        assert sum(each.count for each in measured.bins) == measured.cases
        assert [each.right for each in measured.bins][:4] == sorted(each.right for each in measured.bins[:4])


class TestTheWords:
    @pytest.mark.parametrize(
        ("probability", "said"),
        [
            (0.999, "Likely right: 9 in 10 drafts like this were."),
            (0.71, "Likely right: 7 in 10 drafts like this were."),
            (0.52, "May be right: 5 in 10 drafts like this were."),
            (0.3, "Needs a close look: 3 in 10 drafts like this were right."),
            (0.01, "Needs a close look: 1 in 10 drafts like this was right."),
        ],
    )
    def test_a_share_of_ten_drafts_never_none_and_never_all(self, probability: float, said: str) -> None:
        assert wording.summary(probability) == said

    def test_the_strongest_part_comes_first_and_slight_ones_are_left_out(self) -> None:
        found = wording.parts([Effect("answered", 0.5, -0.4), Effect("supported", 1, 0.05), Effect("places", 2, 1.2)])
        assert [(str(each.text), each.speaks_for) for each in found] == [
            ("The model found the answer in one place, or in few.", True),
            ("A question is left without an answer.", False),
        ]

    def test_what_is_stored_comes_back_without_parts_of_other_versions(self) -> None:
        effects = [Effect("places", 2.0, 1.2), Effect("answers", 0.9, 0.1)]
        stored = wording.as_stored(effects)
        assert wording.from_stored([*stored, {"part": "mood", "value": 1, "effect": 1}]) == effects
