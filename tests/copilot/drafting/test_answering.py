"""From evidence to a reply: what is put in, and what a page may say of it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from asgiref.sync import async_to_sync

from copilot.drafting.answering import Asked, Form, Reply, in_own_words, replies
from copilot.drafting.pointing import Pointed
from copilot.evidence.gathering import Evidence
from copilot.grounding.verdicts import Support
from knowledge.search.retrieval import SearchResult
from tests.copilot.conftest import unit
from tests.fakes import FakeModel, ListeningModel

FOUND = SearchResult((), "hybrid", None, "", 3.0, 0.8, 0.35)
UNITS = (unit(1, "It takes 5 days."), unit(1, "The bank decides."), unit(2, "It is never collected."))
TWO = ("How long does it take?", "Is it collected?")
NOTHING = Pointed(1.0, (0.0, 0.0, 0.0))


def asked(*questions: str, **fields: Any) -> Asked:
    units = tuple(replace(each, scores=(0.0,) * len(questions)) for each in UNITS)
    return Asked("\n".join(questions), "en", Evidence(questions, units, FOUND), **({"least": 0.5} | fields))


def sure(number: int) -> Pointed:
    return Pointed(0.0, tuple(float(at == number) for at in (1, 2, 3)))


def all_replies(given: Asked, model: FakeModel) -> list[Reply]:
    async def collect() -> list[Reply]:
        return [reply async for reply in replies(given, model, "background")]

    return async_to_sync(collect)()


def answered(reply: Reply) -> Sequence[tuple[int, ...]]:
    return [question.numbers for question in reply.questions]


def test_one_question_is_the_whole_message() -> None:
    assert asked("How long?").questions == ("How long?",)
    assert replace(asked("How long?"), message="Hello!\nHow long?").questions == ("Hello!\nHow long?",)
    assert asked(*TWO).questions == TWO


def test_each_question_gets_the_units_that_answer_it() -> None:
    reply = in_own_words(asked(*TWO), [sure(3), sure(1)])
    assert answered(reply) == [(3,), (1,)]
    assert reply.text == "Hi,\n\nIt takes 5 days [1].\n\nIt is never collected [3]."
    assert reply.numbers == (1, 3)


def test_a_question_in_another_language_than_the_evidence_is_likelier_answered_than_the_model_says() -> None:
    doubtful = Pointed(0.65, (0.3, 0.03, 0.02))
    (one,), (other,) = (
        in_own_words(replace(asked("How long?"), language=language), [doubtful]).questions for language in ("en", "de")
    )
    assert one.probability < other.probability


def test_a_unit_that_answers_both_is_said_once() -> None:
    assert in_own_words(asked(*TWO), [sure(2), sure(2)]).text == "Hi,\n\nThe bank decides [2]."


def test_of_two_articles_that_share_a_sentence_one_says_it_for_both_questions() -> None:
    """Each question names a unit that the reply holds."""
    shared = "It takes 5 days until a refund is on the card."
    texts = (shared, f"{shared} The bank decides.", "It is never collected.")
    units = tuple(replace(unit(place, text), scores=(0.0, 0.0)) for place, text in enumerate(texts, 1))
    given = asked(*TWO)
    reply = in_own_words(replace(given, evidence=replace(given.evidence, units=units)), [sure(1), sure(3)])
    assert answered(reply) == [(1,), (3,)] and reply.text.count("5 days") == 1
    reply = in_own_words(replace(given, evidence=replace(given.evidence, units=units)), [sure(1), sure(2)])
    assert answered(reply) == [(2,), (2,)] and reply.text.count("5 days") == 1


def test_a_question_that_nothing_answers_stays_open() -> None:
    reply = in_own_words(asked(*TWO), [sure(1), NOTHING])
    assert answered(reply) == [(1,), ()]
    assert reply.text == "Hi,\n\nIt takes 5 days [1]."
    assert reply.probability == max(question.probability for question in reply.questions) > 0.5


def test_nothing_is_said_if_nothing_answers_unless_somebody_insists() -> None:
    reply = in_own_words(asked(*TWO), [NOTHING, NOTHING])
    assert (reply.text, reply.numbers, answered(reply)) == ("", (), [(), ()])
    assert in_own_words(asked(*TWO, insisted=True), [NOTHING, NOTHING]).text.startswith("Hi,\n\n")


def test_own_words_are_supported_word_for_word() -> None:
    (sentence,) = in_own_words(asked("How long?"), [sure(2)]).sentences
    assert (sentence.verdict.support, sentence.verdict.unit, sentence.verdict.reason) == (
        Support.SUPPORTED,
        1,
        "word_for_word",
    )


def test_replies_get_better() -> None:
    model = ListeningModel(by_word={"long": [1], "collected": [3]})
    first, last = all_replies(asked(*TWO, least=0.0), model)
    assert first.text and not first.pointed and len(model.checked) == 3  # the message, too
    assert last.pointed and answered(last) == [(1,), (3,)]


def test_only_what_is_in_another_language_is_translated() -> None:
    german = unit(1, "Die Bank entscheidet.", language="de")
    evidence = Evidence(("Wie lange?",), (german, unit(2, "It takes 5 days.")), FOUND)
    given = Asked("Wie lange?", "de", evidence)
    model = FakeModel("Es dauert 5 Tage.", points=[1, 2])
    last = all_replies(given, model)[-1]
    assert last.text == "Guten Tag,\n\nDie Bank entscheidet [1].\n\nEs dauert 5 Tage [2]."
    assert last.form == Form.WRITTEN and len(model.asked) == 1
    assert last.sentences[0].verdict.support is Support.SUPPORTED
    assert last.sentences[1].verdict.support is not Support.UNSUPPORTED


def test_a_language_without_a_name_is_not_translated() -> None:
    model = FakeModel("?")
    last = all_replies(Asked("Quanto?", "xx", Evidence(("?",), UNITS[:1], FOUND)), model)[-1]
    assert (last.form, model.asked) == (Form.EVIDENCE, [])
    assert [each.verdict.reason for each in last.sentences] == ["not_translated"]


def test_a_unit_that_comes_back_as_it_was_is_not_translated() -> None:
    model = FakeModel("It takes 5 days.", points=[1])
    last = all_replies(Asked("Wie lange?", "de", Evidence(("?",), UNITS[:1], FOUND)), model)[-1]
    assert (last.text, last.form) == ("Guten Tag,\n\nIt takes 5 days [1].", Form.EVIDENCE)
    assert [(each.verdict.support, each.verdict.reason) for each in last.sentences] == [("weak", "not_translated")]
