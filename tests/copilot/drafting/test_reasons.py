"""Every code has a sentence for the agent."""

import pytest

from copilot.drafting import reasons
from copilot.drafting.answering import NOT_TRANSLATED
from copilot.grounding import verdicts
from copilot.grounding.objection import Rule

CODES = {*map(str, Rule), verdicts.NOT_SURE, verdicts.MISSING, verdicts.NOT_CHECKED, NOT_TRANSLATED}


def test_every_reason_against_a_sentence_is_said() -> None:
    assert set(reasons.REASONS) == CODES


@pytest.mark.parametrize("code", sorted(CODES))
def test_it_is_one_sentence(code: str) -> None:
    said = reasons.text(code, "50 days")
    assert said[0] in "“TIS" and said.endswith(".") and said.count(".") == 1 and "%" not in said


@pytest.mark.parametrize("code", ["", verdicts.WORD_FOR_WORD, verdicts.CHECKED, "of_a_later_version"])
def test_of_what_is_supported_or_unknown_nothing_is_said(code: str) -> None:
    assert reasons.text(code, "50 days") == ""


def test_the_words_are_quoted_on_one_line() -> None:
    assert reasons.text("time", "50\n %(words)s") == "“50 %(words)s” is not in the source."
