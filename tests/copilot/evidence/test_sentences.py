import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot.evidence.sentences import joined, sentences

SPACED = [
    ["Open the page.", "Then press Save!", "Did it work?", "Good."],
    ["He said “stop.”", "She did."],
    ["It costs 3.5 % of the price, e.g. Plan A costs 1.20 € (approx. 2 Dollars).", "Taxes are extra."],
    ["Ask Dr. Smith or J. Meyer.", "They know.", "See no. 5.", "Is there one? no."],
    ["The limit is 20.", "Guests are free.", "1. Open the page."],
    ["Wir liefern am 3. Mai, z. B. nach Wien, bzw. Graz.", "Danach nicht mehr."],
    ["¿Puede exportar?", "¡Claro!", "Ud. Puede hacerlo."],
    ["La carte est prête… et gratuite.", "« Tout » suffit."],
    ["Il treno parte alle 8.30.", "È gratis."],
    ["O bilhete é válido.", "À noite, não."],
    ["Dat kan tot 22.00 uur.", "’s Avonds niet."],
    ["Оплата карткою, напр. Visa.", "Це все."],
]
UNSPACED = [
    ["設定を開きます。", "「保存」を押してください。", "終わりです！", "他の方法はありません。"],
    ["您可以导出。", "“是的。”", "请点击保存。"],
]


def said(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize("parts", SPACED)
def test_sentences_end_where_a_reader_ends_them(parts: list[str]) -> None:
    assert said(" ".join(parts)) == parts


@pytest.mark.parametrize("parts", UNSPACED)
def test_sentences_of_scripts_without_spaces(parts: list[str]) -> None:
    assert said("".join(parts)) == parts


def test_a_blank_line_and_a_point_end_a_sentence_and_a_line_end_does_not() -> None:
    assert said("Hello Ana,\n\nOpen the\npage:\n- Menu\n- Files\n2. Save") == [
        "Hello Ana,",
        "Open the\npage:",
        "- Menu",
        "- Files",
        "2. Save",
    ]


@pytest.mark.parametrize(
    ("before", "sentence", "between"),
    [
        ("A plan has 5 seats.", "This includes guests.", " "),
        ("Der Plan hat 5 Plätze.", "Danach kostet jeder 3 €.", " "),
        ("該当する注文を開きます。", "その後、保存します。", ""),
        ("Can I export?", "Open Settings.", " "),
        ("No.", "Each address counts once.", " "),
        ("Refunds", "Money arrives within 5 days.", ": "),
        ("Good to know:", "Guests are free.", " "),
        ("A plan has 5 seats.", "Guests are free.", None),
        ("A plan has 5 seats.", "Then do this:", None),
        ("Der Plan hat 5 Plätze.", "Sie können mehr kaufen.", None),
        ("Der Plan hat 5 Plätze.", "Die Rechnung kommt per Mail.", None),
    ],
)
def test_a_sentence_stays_with_its_neighbour_if_one_says_nothing_alone(
    before: str, sentence: str, between: str | None
) -> None:
    assert joined(before, sentence) == between


@given(st.text(alphabet=list("ab A1.!?…。」\"')\n -*"), max_size=60))
@settings(max_examples=100, deadline=None)
def test_every_character_is_in_one_sentence_or_is_space(text: str) -> None:
    places = sentences(text)
    assert "".join("".join(text[start:end].split()) for start, end in places) == "".join(text.split())
    assert all(start < end for start, end in places)
    assert all(one[1] <= other[0] for one, other in zip(places, places[1:], strict=False))


@pytest.mark.parametrize("part", [".", "!", '."', ". ", "a. ", "。", "\n", " ", "\n ", "(", "z. B. ", "1. "])
def test_hostile_text_ends_soon(part: str) -> None:
    assert isinstance(sentences(part * (100_000 // len(part)) + "a"), list)
