"""No personal value reaches the model; every one comes back on the agent's screen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.redaction import Masker, Person, masker_for

TOMAS = Person("Tomas Okafor", "tomas@okafor.example", "+49 341 555 0199")


@pytest.mark.parametrize(
    ("written", "masked"),
    [
        ("Regards, Tomas Okafor", "Regards, <FULL_NAME>"),
        ("it's tomas again", "it's <NAME> again"),
        ("Mr Okafor here", "Mr <SURNAME> here"),
        ("write to TOMAS@okafor.example", "write to <EMAIL>"),
        ("call +49 341 555 0199", "call <PHONE>"),
        ("call +493415550199 please", "call <PHONE> please"),
        ("my wife is at ana@okafor.example", "my wife is at <EMAIL_1>"),
        ("card 4111 1111 1111 1111 was charged", "card <CARD_1> was charged"),
        ("or call 0341 5550 1234", "or call <PHONE_1>"),
    ],
)
def test_the_customers_own_record_and_obvious_patterns_are_masked(written: str, masked: str) -> None:
    assert Masker(TOMAS).mask(written) == masked


@pytest.mark.parametrize(
    "harmless",
    ["invoice TB-2026-000123", "error BK-409", "order 1234567890123456 is no card", "€228 on 2026-11-03", "port 8080"],
)
def test_numbers_that_are_not_personal_stay(harmless: str) -> None:
    assert Masker(TOMAS).mask(harmless) == harmless


def test_a_name_that_is_also_a_word_is_masked_only_with_a_capital() -> None:
    assert Masker(Person("Will Stone")).mask("will you tell Will?") == "will you tell <NAME>?"


def test_nobody_can_name_a_value_by_typing_a_placeholder() -> None:
    masker = Masker(TOMAS)
    assert masker.restore(masker.mask("hello <EMAIL> and <NAME>")) == "hello (email) and (name)"


def test_the_same_value_always_gets_the_same_placeholder() -> None:
    masker = masker_for(TOMAS, ["first ana@x.example", "then bo@x.example"])
    assert masker.mask("bo@x.example, ana@x.example") == "<EMAIL_2>, <EMAIL_1>"


def test_kinds_hold_no_values() -> None:
    masker = masker_for(TOMAS, ["card 4111 1111 1111 1111"])
    assert masker.kinds["CARD_1"] == "card"
    assert "4111" not in str(masker.kinds)


@given(st.text(alphabet=st.characters(blacklist_categories=["Cs"]), max_size=300))
def test_masking_and_restoring_never_crashes_and_hides_the_address(text: str) -> None:
    masker = Masker(TOMAS)
    masked = masker.mask(f"{text} tomas@okafor.example {text}")
    assert "tomas@okafor.example" not in masked
    assert "tomas@okafor.example" in masker.restore(masked).lower() or "EMAIL" not in masked
