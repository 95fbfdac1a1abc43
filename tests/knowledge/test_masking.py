"""Personal data is found in any form; what a question is about stays; the time is linear in the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import masking
from tests.growth import assert_linear
from tests.personal_data import HARMLESS, KINDS, RECORDED


def test_the_samples_have_thirty_kinds_in_two_forms_each() -> None:
    assert len(KINDS) >= 30
    assert all(sum(1 for each in RECORDED if each[0] == kind) >= 2 for kind in KINDS)


@pytest.mark.parametrize(("kind", "written", "secret"), RECORDED)
def test_every_kind_is_masked(kind: str, written: str, secret: str) -> None:
    assert secret not in masking.mask(written)


@pytest.mark.parametrize(("kind", "written", "secret"), RECORDED)
def test_it_is_masked_in_the_middle_of_a_mail_too(kind: str, written: str, secret: str) -> None:
    masked = masking.mask(f"Hello,\n\nsince Monday nothing works. {written}\n\nCan you help? Thanks, Ana")
    assert secret not in masked
    assert masked.startswith("Hello,\n\nsince Monday nothing works. ")
    assert masked.endswith("\n\nCan you help? Thanks, Ana")


@pytest.mark.parametrize("question", HARMLESS)
def test_what_a_question_is_about_stays(question: str) -> None:
    assert masking.mask(question) == question


@given(st.text(max_size=300))
def test_masking_is_final_and_never_fails(text: str) -> None:
    once = masking.mask(text)
    assert masking.mask(once) == once


FAMILIES = {
    "one word": "a",
    "figures": "1",
    "figures apart": "1 ",
    "pairs": "12-",
    "@": "@",
    "addresses": "ana@mail.example ",
    "half addresses": "a.b-c@d.",
    "dots": "a.b",
    "links": "http://",
    "paths": "a.co/x/",
    "plus": "+1",
    "accounts": "DE89 ",
    "words for passwords": "password is ",
    "words for keys": "api key token secret: ",
    "words for papers": "passport number ",
    "words for taxes": "vat id no ",
    "words for birth": "born on ",
    "words for phones": "tel. ",
    "codes": "pin code ",
    "PEM": "-----BEGIN PRIVATE KEY-----\n",
    "underscores": "sk_",
    "JWT": "eyJ",
    "colons": "ab:",
    "spelled": "a (at) ",
    "months": "geboren am may ",
    "line ends": "\n",
    "spaces": " ",
    "Chinese": "中文",
}


@pytest.mark.parametrize("family", FAMILIES)
def test_time_is_linear_in_the_text(family: str) -> None:
    piece = FAMILIES[family]
    assert_linear(masking.find, lambda n: piece * (n // len(piece)))
