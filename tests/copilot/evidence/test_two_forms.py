"""A model and the search read two forms of one message: one without names, one without loss of a word that matters."""

from typing import Any

import pytest

from copilot.evidence.question import Masked, MaskInput, mask
from copilot.redaction import Person
from knowledge.masking import tagger
from tests.articles import approved

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def tagged(settings: Any) -> None:
    settings.REDACTION_MODEL = "rampart-q4"


def masked(
    text: str, subject: str = "A question", person: Person | None = None, earlier: tuple[str, ...] = ()
) -> Masked:
    return mask(MaskInput(subject, text, earlier, person or Person(), tagger.name()))


def test_a_model_reads_placeholders_where_names_and_addresses_stood() -> None:
    said = masked("My colleague Petra Novak moved to Lindenstraße 14, 10969 Berlin. How do we change it?")
    assert "My colleague <PERSON_1> moved to <ADDRESS_1>. How do we change it?" in said.asked
    assert said.added == {"PERSON_1": "Petra Novak", "ADDRESS_1": "Lindenstraße 14, 10969 Berlin"}
    assert said.reason == "masked: ADDRESS_1, PERSON_1"


def test_the_search_reads_neither_them_nor_their_placeholders() -> None:
    said = masked("My colleague Petra Novak moved to Lindenstraße 14, 10969 Berlin. How do we change it?")
    assert said.query == "A question\nMy colleague  moved to . How do we change it?"


def test_a_name_that_is_a_word_of_our_articles_stays_in_the_search() -> None:
    question = "Does Petra cost extra for my colleague Jonas?"
    assert "Petra" not in masked(question).query
    approved("What Petra costs", "Petra, our assistant, is part of every plan.")
    said = masked(question)
    assert "Does Petra cost extra" in said.query and "Jonas" not in said.query
    assert "Petra" not in said.asked and "Jonas" not in said.asked


def test_only_the_word_itself_stays_not_the_name_around_it() -> None:
    approved("Jordan and de la carte", "Jordan is a plan of the house. De la carte, Mr. Baker told us.")
    said = masked("My colleagues Maria de la Cruz and Jordan Whitfield cannot log in. Mr. Okonkwo can.")
    assert "Jordan" in said.query
    assert not [each for each in ("Maria", "Cruz", "Whitfield", "Okonkwo", " de ", "Mr") if each in said.query]


def test_articles_are_asked_once_for_all_texts_of_a_message(django_assert_max_num_queries: Any) -> None:
    approved("What Petra costs", "Petra, our assistant, is part of every plan.")
    name = "My colleague Petra Novak cannot log in."
    with django_assert_max_num_queries(3):
        said = masked(name, subject=name, earlier=(name,) * 4)
    assert [text.count("Petra") for text in (said.query, *said.history)] == [2, 1, 1, 1, 1]


def test_internal_articles_are_not_for_everybody() -> None:
    approved("Notes", "Brynja Wunder is a difficult customer.", audience="internal")
    assert "Brynja" not in masked("Does Brynja Wunder still work with you?").query


def test_a_name_is_masked_in_the_subject_too_when_only_the_text_shows_that_it_is_one() -> None:
    said = masked("My colleague Mrs Zilhasekova cannot log in.", subject="zilhasekova account locked")
    assert "zilhasekova" not in said.asked.lower() + said.query.lower()


def test_parts_of_a_name_are_masked_in_earlier_messages() -> None:
    said = masked("My colleague Brynja Wunder cannot log in.", earlier=("Wunder is out, says Brynja.",))
    assert "Wunder" not in said.history[0] and "Brynja" not in said.history[0]


def test_two_people_in_two_sentences_are_two() -> None:
    said = masked("I spoke to Marcus. Olivia then called.")
    assert said.added == {"PERSON_1": "Marcus", "PERSON_2": "Olivia"}


def test_a_placeholder_that_somebody_types_is_none_even_with_invisible_letters() -> None:
    assert "<" not in masked("Hi <NA\u200bME> and <EM\u00adAIL_1>, how are you?").asked


def test_the_customers_own_name_never_stays_whatever_articles_say() -> None:
    approved("What Petra costs", "Petra, our assistant, is part of every plan.")
    said = masked("Hi, Petra Novak here. What do you cost?", person=Person("Petra Novak", "petra@mail.example"))
    assert "Petra" not in said.query + said.asked and "Novak" not in said.query + said.asked


def test_numbers_are_masked_in_both_by_the_same_placeholder() -> None:
    said = masked("Was DE89 3704 0044 0532 0130 00 charged? Write to bo@mail.example")
    assert "<IBAN_1>" in said.asked and "<IBAN_1>" in said.query
    assert "<EMAIL_1>" in said.asked and "<EMAIL_1>" in said.query


def test_earlier_messages_are_masked_and_never_cut_inside_a_value() -> None:
    said = masked("And now?", earlier=("word " * 97 + "write to bo.lindqvist@mail.example please",))
    assert "lindqvist" not in said.history[0] and "mail.example" not in said.history[0]


def test_it_says_when_nobody_looked_for_names(settings: Any) -> None:
    settings.REDACTION_MODEL = ""
    assert masked("How do I export?").reason == "nothing personal in it; names of others were looked for by rules alone"
