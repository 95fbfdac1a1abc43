"""A unit in the customer's language."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace

import pytest
from asgiref.sync import async_to_sync
from hypothesis import given
from hypothesis import strategies as st

from copilot.drafting import saying
from copilot.drafting.answering import Asked, Reply, replies
from copilot.evidence.gathering import Evidence, EvidenceUnit
from copilot.evidence.units import Kind
from copilot.llm import ChatMessage, Piece, Priority, Sampling
from copilot.redaction import PLACEHOLDER
from knowledge.search.retrieval import SearchResult
from tests.copilot.conftest import unit
from tests.fakes import FakeModel

UNIT = unit(1, "It disappears within 5 days.")


class Endless(FakeModel):
    """Is cut off, because it does not stop."""

    async def stream(
        self, messages: Sequence[ChatMessage], sampling: Sampling, priority: Priority
    ) -> AsyncGenerator[Piece]:
        async for piece in super().stream(messages, sampling, priority):
            yield replace(piece, finish_reason="length") if piece.finish_reason else piece


def said(model: FakeModel, language: str = "de") -> list[str]:
    async def collect() -> list[str]:
        return [text async for text in saying.said(UNIT, language, model, "background")]

    return async_to_sync(collect)()


def answered(model: FakeModel, language: str = "de", units: tuple[EvidenceUnit, ...] = (UNIT,)) -> list[Reply]:
    found = SearchResult((), "hybrid", None, "", 3.0, 0.8, 0.35)
    asked = Asked("Wie lange?", language, Evidence(("Wie lange?",), units, found))

    async def collect() -> list[Reply]:
        return [reply async for reply in replies(asked, model, "background")]

    return async_to_sync(collect)()


@pytest.mark.parametrize(
    ("article", "customer", "foreign"),
    [("en", "de", True), ("en", "en", False), ("", "de", False), ("en", "", False), ("", "", False)],
)
def test_a_language_is_foreign_only_where_both_are_known(article: str, customer: str, foreign: bool) -> None:
    assert saying.foreign(unit(1, "Hello.", language=article), customer) is foreign


def test_only_languages_with_a_name_are_asked_for() -> None:
    assert saying.can_say("ja") and not saying.can_say("xx") and not saying.can_say("")


def test_the_model_is_asked_to_translate_one_unit() -> None:
    model = FakeModel("Sie verschwindet in 5 Tagen.")
    texts = said(model)
    assert texts[-1] == "Sie verschwindet in 5 Tagen." and texts[0] == "Sie"
    ((messages, sampling, _),) = model.asked
    assert messages[-1]["content"] == "It disappears within 5 days.\n\nTranslate this into German."
    assert sampling.temperature == 0 and saying.FEWEST_TOKENS < sampling.max_tokens < 2 * saying.FEWEST_TOKENS


def test_code_is_not_translated_but_what_introduces_it() -> None:
    code = "<script src='/a.js'></script>"
    led = replace(unit(1, f"Add this line:\n{code}"), kind=Kind.CODE)
    alone = replace(unit(2, "counter.enable()"), kind=Kind.CODE)
    model = FakeModel("Fügen Sie diese Zeile ein:", points=[1, 2], yes=0.8)
    last = answered(model, units=(led, alone))[-1]
    assert [messages[-1]["content"] for messages, _, _ in model.asked] == [
        "Add this line:\n\nTranslate this into German."
    ]
    assert f"Fügen Sie diese Zeile ein [1]:\n{code}\n\ncounter.enable() [2]" in last.text
    assert [sentence.verdict.support for sentence in last.sentences] == ["weak", "supported"]


def test_it_only_grows() -> None:
    texts = said(FakeModel("\n Sie [1] verschwindet <NAME> in 5 Tagen. "))
    assert all(after.startswith(before.rstrip()) for before, after in zip(texts, texts[1:], strict=False))
    assert texts[-1] == "Sie verschwindet in 5 Tagen."


def test_a_translation_that_is_cut_off_is_dropped() -> None:
    assert said(Endless("Sie verschwindet"))[-1] == ""
    last = answered(Endless("Sie verschwindet"))[-1]
    assert last.text == "Guten Tag,\n\nIt disappears within 5 days [1]."
    assert last.sentences[0].verdict.reason == "not_translated"


def test_the_same_language_is_not_translated() -> None:
    model = FakeModel("Sie verschwindet.")
    assert answered(model, "en")[-1].text == "Hi,\n\nIt disappears within 5 days [1]."
    assert model.asked == []


@given(st.lists(st.sampled_from(["[1]", "[2, 3]", "[", "1]", "<NAME>", "<EMAIL_1>", "<", "NAME>", "Tage", "."])))
def test_citations_and_placeholders_that_the_model_invents_never_get_in(words: list[str]) -> None:
    for text in said(FakeModel(" ".join(words))):
        assert not PLACEHOLDER.search(text)
        assert "[1]" not in text and "[2, 3]" not in text
