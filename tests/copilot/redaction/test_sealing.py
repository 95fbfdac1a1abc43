"""A value is encrypted with keys made from SECRET_KEY, and found again by a fingerprint."""

import base64
from typing import Any

import pytest

from copilot.redaction import sealing

OLD, NEW = "old-Vx7Qm2Zk9Lw4Rt6Yb1Nc8Hd3Jf5Gs0Pa", "new-Kq3Wd8Xz1Mv6Tb4Rn9Lc2Hy7Gj5Fs0Pe"
VALUE = "Größe 7, ana@mail.example"


@pytest.fixture(autouse=True)
def before(settings: Any) -> None:
    settings.SECRET_KEY = OLD


def test_what_is_sealed_can_be_opened() -> None:
    assert sealing.opened(sealing.sealed(VALUE)) == VALUE


def test_two_sealings_of_one_value_differ_and_say_nothing_of_it() -> None:
    first, second = sealing.sealed(VALUE), sealing.sealed(VALUE)
    assert first != second
    for text in (first, second):
        assert "ana@mail" not in text and b"ana@mail" not in base64.urlsafe_b64decode(text)


@pytest.mark.parametrize("text", ["", "ana@mail.example", "gAAAAAB", "ünlesbar"])
def test_what_nobody_sealed_is_not_opened(text: str) -> None:
    assert sealing.opened(text) is None


def test_what_was_changed_is_not_opened() -> None:
    text = sealing.sealed(VALUE)
    assert sealing.opened(text[:-10]) is None
    assert sealing.opened(text[:30] + ("A" if text[30] != "A" else "B") + text[31:]) is None


class TestAnotherSecretKey:
    def test_the_one_from_before_opens_while_it_is_named(self, settings: Any) -> None:
        text = sealing.sealed(VALUE)
        settings.SECRET_KEY = NEW
        assert sealing.opened(text) is None
        settings.SECRET_KEY_FALLBACKS = [OLD]
        assert sealing.opened(text) == VALUE

    def test_the_newest_one_seals(self, settings: Any) -> None:
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
        text = sealing.sealed(VALUE)
        settings.SECRET_KEY_FALLBACKS = []
        assert sealing.opened(text) == VALUE

    def test_the_fingerprint_is_another(self, settings: Any) -> None:
        before = sealing.fingerprint(VALUE)
        settings.SECRET_KEY = NEW
        assert sealing.fingerprint(VALUE) != before
        settings.SECRET_KEY_FALLBACKS = [OLD]
        assert sealing.fingerprints(VALUE) == [sealing.fingerprint(VALUE), before]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("DE89 3704 0044", "de8937040044", True),
        ("0341 5550-199", "(0341) 5550199", True),
        ("Ana@Mail.example", "ana@mail.example", True),
        ("a.na@mail.example", "ana@mail.example", False),
        ("DE89 3704 0044", "DE89 3704 0045", False),
    ],
)
def test_the_fingerprint_is_the_same_however_a_value_is_written(one: str, other: str, same: bool) -> None:
    assert (sealing.fingerprint(one) == sealing.fingerprint(other)) is same
