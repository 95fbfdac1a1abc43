"""Names of people whom nobody told us about are masked; words and products that are called like people stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.masking import people, tagger
from knowledge.masking.all_kinds import find_all
from knowledge.masking.forms import for_storage
from tests.growth import assert_linear

NAMED = [
    ("My colleague Petra Novak cannot log in.", "Petra Novak"),
    ("please add piotr to our team, he starts on monday", "piotr"),
    ("Meine Kollegin Frau Yıldırım hat keinen Zugang mehr.", "Frau Yıldırım"),
    ("Hallo, hier ist Grete Mommsen. Die Rechnung fehlt.", "Grete Mommsen"),
    ("Ma collègue Amélie Durand ne reçoit pas les factures.", "Amélie Durand"),
    ("Mi compañera Remedios Pastor no puede entrar.", "Remedios Pastor"),
    ("La mia collega Giulia Ferraro non riceve le fatture.", "Giulia Ferraro"),
    ("O meu colega Hélder Moreira não consegue entrar.", "Hélder Moreira"),
    ("Mijn collega Sjoerd Hoekstra kan niet inloggen.", "Sjoerd Hoekstra"),
    ("Mój kolega Łukasz Wiśniewski nie może się zalogować.", "Łukasz Wiśniewski"),
    ("I spoke to Dr. O'Leary about it.", "Dr. O'Leary"),
    ("Signed by J. Nakamura.", "J. Nakamura"),
    ("It does not work.\n\nKind regards\nTamsin Oduya", "Tamsin Oduya"),
    ("mon nom est Thibault", "Thibault"),
    ("Het werkt niet.\nGroetjes Anouk", "Anouk"),
]


def found(text: str) -> list[str]:
    spans = find_all(text, tagger.words(text))
    return [text[span.start : span.end] for span in spans if span.kind == "PERSON"]


@pytest.mark.parametrize(("text", "name"), NAMED)
def test_a_name_is_found_in_many_languages(tagged: None, text: str, name: str) -> None:
    assert found(text) == [name]


STAY = [
    "Will it work in May? Please mark the page and bill us.",
    "Does the Jordan Pro plan have SSO?",
    "Ich kann die Rechnung im Juni nicht mehr öffnen.",
    "The Clara bot sent me in circles.",
    "Open Settings > Billing > Mark as done in Chrome 120.",
    "We use Slack, Zapier, Stripe and Jira.",
    "Hello, can Tallybird export the invoices to Pohoda?",
    "E-Mail Adresse ändern",
    "Ist im Juli oder March etwas geplant?",
    "Die Gutschrift dauert 7 Tage, mein Handy ist weg, und die TAN und die SIM fehlen. So ein Mist!",
    "Cher service client, la facture manque.",
    "HELP! NOTHING WORKS SINCE MONDAY!",
    "Le serveur Achille (v1.9) répond 502.",
    "do you ship to berlin and how long does it take",
    "Is there a discount for students in Amsterdam?",
]


@pytest.mark.parametrize("text", STAY)
def test_what_only_looks_like_a_name_stays(tagged: None, text: str) -> None:
    assert found(text) == []


def test_a_name_said_once_is_masked_where_only_a_part_of_it_stands(tagged: None) -> None:
    said = found("Petra Novak asked for it. Whether Petra or Mr. Novak gets access is your choice.")
    assert said == ["Petra Novak", "Petra", "Mr. Novak"]


def test_a_title_alone_is_no_name(tagged: None) -> None:
    assert found("Frau Yıldırım fragt. Die Frau am Telefon wusste nichts.") == ["Frau Yıldırım"]


def test_rules_find_names_without_a_tagger() -> None:
    assert found("My name is Tamsin Oduya.") == ["Tamsin Oduya"]
    assert found("Frau Yıldırım wartet.") == ["Frau Yıldırım"]
    assert found("Ask Remedios Pastor, please.") == ["Remedios Pastor"]
    assert found("It does not work.\n\nKind regards\nTamsin Oduya") == ["Tamsin Oduya"]


def test_a_name_inside_an_address_goes_with_the_address(tagged: None) -> None:
    text = "Send it to Petra Novak, Albert-Schweitzer-Straße 12, 28357 Bremen."
    kinds = [(span.kind, text[span.start : span.end]) for span in find_all(text, tagger.words(text))]
    assert kinds == [("PERSON", "Petra Novak"), ("ADDRESS", "Albert-Schweitzer-Straße 12, 28357 Bremen")]


def test_the_text_that_is_stored_has_neither(tagged: None) -> None:
    masked = for_storage("Petra Novak, Lindenstraße 14, 10969 Berlin, petra@mail.example")
    assert masked == "<person>, <address>, <email>"


@given(st.text(max_size=200))
def test_spans_never_overlap_and_lie_in_the_text(text: str) -> None:
    spans = find_all(text, ())
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(one.end <= two.start for one, two in zip(spans, spans[1:], strict=False))


@pytest.mark.parametrize(
    "piece", ["Mr ", "J. ", "I am ", "my name is ", "Anna ", "van der ", "Regards\n", "Dr. A", "-'’"]
)
def test_time_is_linear_in_the_text(piece: str) -> None:
    assert_linear(lambda text: list(people.find(text, ())), lambda n: piece * (n // len(piece)))
