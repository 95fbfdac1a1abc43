"""What the model rewrites: one sentence at a time, and only what still says the same is taken."""

import pytest

from copilot.grounding.verdicts import Support
from copilot.llm import ModelError
from copilot.revising.revising import UNTRANSLATED
from tests.copilot.revising.conftest import Action, Rewriter, asked, result, sources, steps
from tests.fakes import FakeModel

UNIT = "Refunds are issued to the payment method within 10 days, provided that the workspace was cancelled before."
SHORT = "Refunds go to the payment method within 10 days, if the workspace was cancelled before."
REPLY = f"Hi Tomas,\n\n{UNIT[:-1]} [1].\n\nKind regards,\nMira"


def simpler(said: str, text: str = REPLY, **fields: object) -> tuple[str, int]:
    step = result(asked(Action.SIMPLER, text, Rewriter(says={"Refunds": said}), sources=sources(UNIT), **fields))
    return step.doc.text, step.kept


def test_a_sentence_that_says_the_same_takes_the_place_of_the_old_one() -> None:
    model = Rewriter(says={"Refunds": SHORT})
    step = result(asked(Action.SHORTER, REPLY, model, sources=sources(UNIT)))
    assert step.doc.text == f"Hi Tomas,\n\n{SHORT[:-1]} [1].\n\nKind regards,\nMira"
    assert [(mark.number, mark.draft) for mark in step.doc.marks] == [(1, 7)]
    assert [verdict.support for *_, verdict in step.checked] == [Support.SUPPORTED]
    assert model.sentences == [UNIT]


@pytest.mark.parametrize(
    "said",
    [
        SHORT.replace("10 days", "5 days"),  # another figure
        SHORT.replace(" within 10 days", ""),  # a figure is lost
        SHORT.replace(", if the workspace was cancelled before", ""),  # the condition is lost
        SHORT.replace("are issued", "are not issued").replace("go to", "do not go to"),
        f"{SHORT} We will refund you the shipping too.",
        "We refund to the payment method within 10 days, provided that the workspace was cancelled before.",
        "Erstattungen gehen innerhalb von 10 Tagen auf das Zahlungsmittel, wenn vorher gekündigt wurde.",
        "",
        f"{SHORT}\n\nKind regards",
    ],
)
def test_a_sentence_that_says_something_else_keeps_its_words(said: str) -> None:
    assert simpler(said) == (REPLY, 1)


def test_a_sentence_that_the_model_doubts_keeps_its_words() -> None:
    model = Rewriter(says={"Refunds": "Money comes back to where it came from within 10 days, if cancelled."}, yes=0.01)
    assert result(asked(Action.SIMPLER, REPLY, model, sources=sources(UNIT))).doc.text == REPLY


def test_a_sentence_of_which_half_is_missing_keeps_its_words() -> None:
    """What is left is in the source word for word."""
    text = "Select Forgot password? on the login page and wait for the mail [1]."
    model = Rewriter(says={"Select": "Select Forgot password?"}, doubts="Select Forgot password? on the login page")
    given = asked(Action.SIMPLER, text, model, sources=sources(text.replace(" [1]", "")))
    assert (result(given).doc.text, result(given).kept) == (text, 1)


def test_what_nobody_can_judge_is_weak(settings: object) -> None:
    settings.LLM_EMBEDDED = False  # type: ignore[attr-defined]
    step = result(asked(Action.SIMPLER, REPLY, Rewriter(says={"Refunds": SHORT}), sources=sources(UNIT)))
    assert [(verdict.support, verdict.reason) for *_, verdict in step.checked] == [(Support.WEAK, "not_checked")]


def test_what_the_agent_wrote_is_checked_against_the_agent_s_own_words() -> None:
    own = "I have had a look at the account of your colleague and both of the bookings are there now."
    short = "I have looked at your colleague's account, and both bookings are there now."
    sure = result(asked(Action.SHORTER, own, Rewriter(says={"colleague": short})))
    assert (sure.doc.text, sure.checked) == (short, [])
    doubted = result(asked(Action.SHORTER, own, Rewriter(says={"colleague": short}, yes=0.4)))
    assert [verdict.support for *_, verdict in doubted.checked if doubted.doc.text == short] in ([], [Support.WEAK])
    assert all(verdict.support is not Support.SUPPORTED for *_, verdict in doubted.checked)


def test_personal_data_does_not_reach_the_model_and_comes_back() -> None:
    text = "Please write to lena@haas.example in the event that you have any questions about the invoice."
    model = Rewriter(says={"<EMAIL_1>": "Please write to <EMAIL_1> if you have questions about the invoice."})
    step = result(asked(Action.SHORTER, text, model))
    assert step.doc.text == "Please write to lena@haas.example if you have questions about the invoice."
    read = [*model.sentences, *(str(messages) for messages, _ in model.checked)]
    assert not [each for each in read if "lena@" in each]


def test_a_sentence_that_loses_a_placeholder_keeps_its_words() -> None:
    text = "Please write to lena@haas.example in the event that you have any questions about the invoice."
    for said in (
        "Please write if you have questions about the invoice.",
        "Please write to <EMAIL_2> if you have questions.",
    ):
        assert result(asked(Action.SHORTER, text, Rewriter(says={"<EMAIL_1>": said}))).doc.text == text


def test_only_the_selected_sentences_are_rewritten() -> None:
    text = "The first of these sentences is here. The second of these sentences is here too."
    model = Rewriter(says={"second": "The second sentence is here too."})
    step = result(asked(Action.SIMPLER, text, model, selection=(60, 61)))
    assert step.doc.text == "The first of these sentences is here. The second sentence is here too."
    assert model.sentences == ["The second of these sentences is here too."]


def test_an_instruction_is_told_to_the_model() -> None:
    model = Rewriter(says={"book": "Please book the room before noon."})
    step = result(asked(Action.INSTRUCT, "You have to book the room before noon.", model, instruction="more polite"))
    assert step.doc.text == "Please book the room before noon."
    assert "Wish: more polite" in model.asked[0][0][-1]["content"] and model.asked[0][1].temperature == 0


@pytest.mark.parametrize(("yes", "support"), [(0.8, Support.WEAK), (0.99, Support.SUPPORTED)])
def test_a_translation_is_checked_and_what_is_not_translated_says_so(yes: float, support: Support) -> None:
    text = "Hi Tomas,\n\nThe bank decides on it [1]. It takes 5 days until the bank shows it [2]."
    units = sources("The bank decides on it.", "It takes 5 days until the bank shows it.")
    model = FakeModel("Die Bank entscheidet darüber.", yes=yes)
    given = asked(Action.TRANSLATE, text, model, target="de", sources=units, known=["NAME"])
    step = result(given)
    assert step.doc.text == (
        "Hallo Tomas,\n\nDie Bank entscheidet darüber [1]. It takes 5 days until the bank shows it [2]."
    )
    assert [(verdict.support, verdict.reason) for *_, verdict in step.checked][1] == (Support.WEAK, UNTRANSLATED)
    assert step.checked[0][2].support is support and step.kept == 1


def test_the_text_is_replaced_as_it_comes_and_never_half() -> None:
    text = f"{UNIT} {UNIT.replace('Refunds', 'Credits')}"
    model = Rewriter(says={"Refunds": SHORT, "Credits": SHORT.replace("Refunds", "Credits")})
    all_steps = steps(asked(Action.SIMPLER, text, model))
    assert [(step.number, step.of, step.place) for step in all_steps] == [
        (1, 2, (0, len(UNIT))),
        (2, 2, (len(SHORT) + 1, len(SHORT) + 1 + len(UNIT))),
        (2, 2, None),
    ]
    assert [step.doc.text.startswith(SHORT) for step in all_steps] == [False, True, True]


def test_a_sentence_that_the_model_leaves_as_it_was_is_not_kept_against_it() -> None:
    step = result(asked(Action.SIMPLER, REPLY, Rewriter(), sources=sources(UNIT)))
    assert (step.doc.text, step.of, step.kept) == (REPLY, 1, 0)


def test_rows_of_a_table_and_introductions_are_left_as_they_are() -> None:
    text = (
        "If you do not want to wait:\n\n"
        "Client invoices – Owner: yes; Manager: yes; Front desk: no. Answer to a complaint – Time: 5 business days."
    )
    model = FakeModel("Front desk staff is not available.")
    assert result(asked(Action.SIMPLER, text, model)).doc.text == text and model.asked == []


def test_the_signs_of_menus_stay() -> None:
    text = "In order to do so please open Settings › Team › Members – that is all there is to it."
    model = Rewriter(says={"Settings": "Open Settings > Team > Members - that is all there is to it."})
    step = result(asked(Action.SIMPLER, text, model))
    assert step.doc.text == "Open Settings › Team › Members – that is all there is to it."


def test_an_answer_that_does_not_end_is_not_taken() -> None:
    class Endless(Rewriter):
        async def stream(self, messages, sampling, priority):  # type: ignore[no-untyped-def, override]
            async for piece in super().stream(messages, sampling, priority):
                yield piece if not piece.finish_reason else type(piece)(finish_reason="length")

    assert (
        result(asked(Action.SIMPLER, REPLY, Endless(says={"Refunds": SHORT}), sources=sources(UNIT))).doc.text == REPLY
    )


def test_a_failing_model_ends_it() -> None:
    failing = FakeModel("x", error=ModelError("unavailable", "The model is not running.", retryable=True))
    with pytest.raises(ModelError):
        steps(asked(Action.SIMPLER, REPLY, failing))
