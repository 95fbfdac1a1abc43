"""What is typed into the search, read: words, phrases, words that must not occur, numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.words import endings
from config.words.clauses import Phrase
from config.words.terms import indexed, placed, plain_words
from tests.growth import assert_linear
from tickets.search.query import number, parse


def said(query: str) -> tuple[list[str], list[str], list[list[str]]]:
    found = parse(query)
    return (
        [word.written for word in found.words],
        [" ".join(phrase.terms) + ("…" if phrase.begins else "") for phrase in found.phrases],
        [[" ".join(phrase.terms) for phrase in choice] for choice in found.without],
    )


@pytest.mark.parametrize(
    ("query", "words", "phrases", "without"),
    [
        ("double charge", ["double", "charge"], [], []),
        ('"double charge" march', ["march"], ["double charge"], []),
        ("“double charge” march", ["march"], ["double charge"], []),
        ('"double char', [], ["double char…"], []),
        ("refund -invoice", ["refund"], [], [["invoice"]]),
        ('refund -"two invoices"', ["refund"], [], [["two invoices"]]),
        ("refund -e-mail", ["refund"], [], [["email", "e mail"]]),
        ("e-mail refund - invoice", ["e-mail", "refund", "invoice"], [], []),
        ("--dry-run", ["dry-run"], [], []),
        ('"--dry-run"', [], ["dry run dryrun"], []),
        ("-invoice", ["invoice"], [], []),
        ("-", [], [], []),
        ('""', [], [], []),
        ("refund AND invoice OR NOT bill", ["refund", "invoice", "bill"], [], []),
        ("NOT", ["not"], [], []),
        ('5" disk', ["5"], ["disk…"], []),
        ('"領収書"', [], ["領収 収書"], []),
        ('"領"', [], ["領…"], []),
        ('"領収書 2024"', [], ["領収 収書 書 2024"], []),
        ("C++ -.net", ["c++"], [], [["dotnet"]]),
    ],
)
def test_what_is_typed_is_read(query: str, words: list[str], phrases: list[str], without: list[list[str]]) -> None:
    assert said(query) == (words, phrases, without)


@pytest.mark.parametrize(
    ("query", "found"),
    [("150", 150), ("#150", 150), (" 150 ", 150), ("１５０", 150), ("0150", 150), ("150 a", None), ("##150", None)]
    + [("-150", None), ("1.5", None), ("9" * 30, None), ("", None), ("#", None)],
)
def test_a_number_is_a_number_only_by_itself(query: str, found: int | None) -> None:
    assert number(query) == found


@given(query=st.text(max_size=200) | st.text(alphabet='"-“” \tab再1', max_size=60))
def test_terms_are_letters_and_digits_whatever_is_typed(query: str) -> None:
    """So that they can stand in the query languages of both databases."""
    found = parse(query)
    for choice in (*found.every, *found.without):
        assert choice
        for phrase in choice:
            assert phrase.terms and all(term.isalnum() for term in phrase.terms), phrase


@pytest.mark.parametrize("unit", ['"a ', "-a ", '-"', "a-", "“"])
def test_reading_a_query_takes_linear_time(unit: str) -> None:
    assert_linear(parse, lambda size: unit * (size // len(unit)))


@pytest.mark.parametrize(
    ("longer", "shorter"),
    [
        # English
        ("invoices", "invoice"),
        ("refunds", "refund"),
        ("categories", "category"),
        # German
        ("rechnungen", "rechnung"),
        ("kunden", "kunde"),
        ("bucher", "buch"),
        ("hausern", "haus"),
        ("vertrage", "vertrag"),
        ("mitarbeiterinnen", "mitarbeiterin"),
        ("tarifen", "tarif"),
        # French
        ("factures", "facture"),
        ("remboursements", "remboursement"),
        ("animaux", "animal"),
        ("annulee", "annule"),
        ("annulees", "annule"),
        # Spanish
        ("facturas", "factura"),
        ("devoluciones", "devolucion"),
        ("pedidos", "pedido"),
    ],
)
def test_a_longer_form_has_a_shorter_one(longer: str, shorter: str) -> None:
    assert shorter in endings.shorter(longer)


@pytest.mark.parametrize(
    ("word", "not_it"), [("seite", "seit"), ("seiten", "seit"), ("waren", "war"), ("reise", "reis"), ("note", "not")]
)
def test_short_words_keep_their_endings(word: str, not_it: str) -> None:
    assert not_it not in endings.shorter(word)


@pytest.mark.parametrize(
    "code", ["inv20417s", "e5x", "c++", "a4", "tls", "再発行", "0x80070005", "ledger-77120s", "обновлениях"]
)
def test_codes_and_other_scripts_keep_their_ends(code: str) -> None:
    assert endings.shorter(code) == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [("booked", "booking"), ("cancelled", "cancel"), ("charged", "charges"), ("rechnung", "rechnungen")],
)
def test_forms_of_one_word_are_alike(one: str, other: str) -> None:
    assert endings.alike(one, other) and endings.alike(other, one)


@given(text=st.text(max_size=120) | st.text(alphabet="aé-.'@C+#再発ﾃ1 \n", max_size=60))
def test_the_places_of_terms_are_in_the_text(text: str) -> None:
    assert all(0 <= start < end <= len(text) for _, start, end in placed(text))


def test_the_places_are_those_of_what_is_indexed() -> None:
    text = "My e-mail to .NET, 領収書 of C++ 行"
    assert " ".join(term for term, _, _ in placed(text)) == indexed(text)
    assert [text[start:end] for term, start, end in placed(text) if term == "email"] == ["e-mail"]


def test_the_vocabulary_takes_words_and_no_tokens() -> None:
    found = plain_words(
        "Rückerstattung für INV-20417, https://example.com/"
        + "a" * 30
        + " aGVsbG8gd29y 再発行 e-mail o2 xy "
        + "z" * 31
    )
    assert found == {"ruckerstattung": "rückerstattung", "fur": "für", "mail": "mail", "inv": "inv"}


def test_a_near_word_takes_the_place_of_a_word() -> None:
    found = parse("haas refnud").with_near({"refnud": ("refund", "refunds")})
    assert found.every[1] == (Phrase(("refund",)), Phrase(("refunds",)))
    assert found.every[0] == parse("haas").every[0]
