"""What counts as a word in full-text search, and that it takes linear time."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.words.terms import ROOM, fold, indexed, parts, words
from tests.growth import assert_linear


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Refund the Card", "refund the card"),
        ("領収書を", "領収 収書 書を を"),
        ("注文ID77の件", "注文 文 id77 の件 件"),
        ("영수증을 다시", "영수 수증 증을 을 다시 시"),
        ("ขอใบเสร็จ", "ขอ อใ ใบ บเ เส สร รจ จ"),
        ("Ｆｕｌｌ ﾃｽﾄ", "full テス スト ト"),
        ("Crème brûlée, Straße", "creme brulee strasse"),
        ("τῷ ᾠδῇ, 0\u0345", "τω ωδη 0"),
        ("LEDGER-77120", "ledger 77120 ledger77120"),
        ("debian 13.1", "debian 13 1 131"),
        ("C++, C# and .NET", "c cplusplus c csharp and net dotnet"),
        ("a+b, issue#12", "a b issue 12"),
        ("anna's e-mail: a.b@c.example", "anna s e mail email a b c example abcexample"),
        ("error 0x80070005!", "error 0x80070005"),
        ("The end.Next", "the end next endnext"),
    ],
)
def test_the_terms_of_a_text(text: str, kept: str) -> None:
    assert indexed(text) == kept


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("再発行", ["再発", "発行"]),
        ("C++ c++", ["c++"]),
        ("Reports/2026 tax::rate", ["reports", "2026", "tax", "rate"]),
        ("can't -x ^x", ["can't", "x"]),
        ("% \\ \" ' ( )", []),
    ],
)
def test_the_words_of_a_query(query: str, found: list[str]) -> None:
    assert words(query) == found


@settings(deadline=None)
@given(st.text(max_size=300))
def test_every_word_of_a_text_is_found_in_its_terms(text: str) -> None:
    kept = f" {indexed(text)} "
    for word in words(text, limit=1000):
        assert f" {' '.join(parts(word))} " in kept or len(word) > 200


@settings(deadline=None)
@given(st.text(max_size=300))
def test_terms_are_letters_and_digits_alone(text: str) -> None:
    assert all(term.isalnum() for term in indexed(text).split())
    assert fold(fold(text)) == fold(text)


def test_the_terms_of_a_very_long_text_are_limited() -> None:
    assert len(indexed("".join(map(chr, range(0x4E00, 0x9FFF))) * 40).encode()) <= ROOM
    assert len(indexed("a-" * 400_000).encode()) <= ROOM
    assert indexed("x" * 500_000) == "x" * 60


@pytest.mark.parametrize(
    "unit",
    ["a", "a-", "-", "'", "a'", "a.", "@", "+", "a+", "#", ".", ".a", "再", "再a", "ก็", "é", "e\u0301", "_", "\u0301"],
)
def test_time_grows_as_the_text_does(unit: str) -> None:
    def family(size: int) -> str:
        return unit * (size // len(unit))

    assert_linear(indexed, family, sizes=(50_000, 200_000))  # larger ones leave the cache of some processors
    assert_linear(words, family, sizes=(50_000, 200_000))
