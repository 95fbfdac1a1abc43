"""How a reply is put together from the units that answer."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot import voice
from copilot.drafting.composing import Line, cited, composed, greeting
from copilot.evidence.units import Kind
from copilot.grounding.verdicts import WORD_FOR_WORD, Support, Verdict
from copilot.prompts import load
from tests.copilot.conftest import unit

GOOD = Verdict(Support.SUPPORTED, 0, WORD_FOR_WORD)
STEPS = "To get it back:\n1. Open Orders.\n2. Select Return."


def line(number: int, text: str, kind: Kind = Kind.SENTENCE, article: int = 1, **fields: Any) -> Line:
    """`fields`: of the unit."""
    return Line(number, text, unit(article, text, kind, **fields), GOOD)


def reply(*lines: Line) -> str:
    return composed("Hi,", lines)[0]


class TestTheGreeting:
    @pytest.mark.parametrize(
        ("language", "named", "plain"),
        [
            ("en", "Hi <NAME>,", "Hi,"),
            ("de", "Hallo <NAME>,", "Guten Tag,"),
            ("es", "Hola, <NAME>:", "Hola:"),
            ("fr", "Bonjour <NAME>,", "Bonjour,"),
            ("ja", "<FULL_NAME> 様", "お客様"),
            ("", "Hi <NAME>,", "Hi,"),
            ("xx", "Hi <NAME>,", "Hi,"),
        ],
    )
    def test_it_is_the_customers_language_and_name_if_they_are_known(
        self, language: str, named: str, plain: str
    ) -> None:
        assert greeting(language, {"NAME", "FULL_NAME", "EMAIL"}) == named
        assert greeting(language, {"EMAIL"}) == plain

    def test_who_has_only_one_name_is_not_greeted_with_a_whole_one(self) -> None:
        assert greeting("ja", {"NAME"}) == "お客様"

    def test_every_language_that_the_model_can_say_has_one(self) -> None:
        assert set(voice.load().words) == set(load("say-1").languages)


class TestTheText:
    def test_sentences_of_one_section_are_one_paragraph(self) -> None:
        text = reply(line(1, "It takes 5 days."), line(2, "The bank decides."))
        assert text == "Hi,\n\nIt takes 5 days [1]. The bank decides [2]."

    def test_a_script_without_spaces_gets_none_between_sentences(self) -> None:
        text = reply(line(1, "5日かかります。"), line(2, "銀行が決めます。"))
        assert text == "Hi,\n\n5日かかります[1]。銀行が決めます[2]。"

    @pytest.mark.parametrize("other", [{"article": 2}, {"heading": "Refunds"}])
    def test_another_article_or_section_is_another_paragraph(self, other: dict[str, Any]) -> None:
        text = reply(line(1, "It takes 5 days."), line(3, "The bank decides.", **other))
        assert text == "Hi,\n\nIt takes 5 days [1].\n\nThe bank decides [3]."

    @pytest.mark.parametrize("kind", [Kind.STEPS, Kind.LIST, Kind.CODE])
    def test_a_block_stands_by_itself(self, kind: Kind) -> None:
        text = reply(line(1, "It is free."), line(2, STEPS, kind), line(3, "That is all."))
        assert text == (
            "Hi,\n\nIt is free [1].\n\nTo get it back [2]:\n1. Open Orders.\n2. Select Return.\n\nThat is all [3]."
        )

    def test_nothing_is_said_of_no_units(self) -> None:
        assert composed("Hi,", []) == ("Hi,", ())

    @given(st.lists(st.tuples(st.sampled_from(list(Kind)), st.text(min_size=1), st.integers(1, 2)), max_size=6))
    def test_each_checked_part_is_its_line_with_its_citation(self, given_lines: list[tuple[Kind, str, int]]) -> None:
        lines = [line(number, text, kind, at) for number, (kind, text, at) in enumerate(given_lines, start=1)]
        text, parts = composed("Hi,", lines)
        assert [part.number for part in parts] == [each.number for each in lines]
        for part, each in zip(parts, lines, strict=True):
            assert text[part.start : part.end] == cited(each.text, each.number, each.unit.kind)
        between = [text[one.end : two.start] for one, two in zip(parts, parts[1:], strict=False)]
        assert set(between) <= {"", " ", "\n\n"}
        assert not parts or parts[-1].end == len(text)


class TestTheCitation:
    @pytest.mark.parametrize(
        ("kind", "text", "shown"),
        [
            (Kind.SENTENCE, "It takes 5 days.", "It takes 5 days [1]."),
            (Kind.SENTENCE, "Is it free? Yes!", "Is it free? Yes [1]!"),
            (Kind.SENTENCE, "Wait...", "Wait [1]..."),
            (Kind.SENTENCE, "Really?!", "Really [1]?!"),
            (Kind.SENTENCE, "C’est gratuit !", "C’est gratuit [1]!"),
            (Kind.SENTENCE, "Pending", "Pending [1]"),
            (Kind.SENTENCE, "5日以内に消えます。", "5日以内に消えます[1]。"),
            (Kind.ROW, "Plan Plus – Members: 20", "Plan Plus – Members: 20 [1]."),
            (Kind.ROW, "プラスプラン – 20人です。", "プラスプラン – 20人です[1]。"),
            (Kind.STEPS, STEPS, "To get it back [1]:\n1. Open Orders.\n2. Select Return."),
            (Kind.LIST, "Pour cela :\n- une carte\n- un nom", "Pour cela [1]:\n- une carte\n- un nom"),
            (Kind.LIST, "必要なもの：\n- カード", "必要なもの [1]：\n- カード"),
            (Kind.LIST, "What you need\n- a card\n- a name", "What you need [1]:\n- a card\n- a name"),
            (Kind.CODE, "First line\nsecond", "First line\nsecond [1]"),
            (Kind.LIST, "- a card\n- a name", "- a card\n- a name [1]"),
            (Kind.STEPS, "1. Open Orders.\n2. Select Return.", "1. Open Orders.\n2. Select Return [1]."),
            (Kind.STEPS, "It is easy.\n1. Open Orders.", "It is easy.\n1. Open Orders [1]."),
            (Kind.CODE, "copydesk export --all", "copydesk export --all [1]"),
        ],
    )
    def test_it_stands_behind_the_lead_of_a_list_or_at_the_end(self, kind: Kind, text: str, shown: str) -> None:
        assert cited(text, 1, kind) == shown

    @pytest.mark.parametrize(
        ("kind", "text", "shown"),
        [
            (Kind.SENTENCE, "It takes", "It takes"),
            (Kind.SENTENCE, "It takes 5 days. ", "It takes 5 days"),
            (Kind.SENTENCE, "消えます。", "消えます"),
            (Kind.STEPS, "To get it back:", "To get it back"),
            (Kind.STEPS, "To get it back:\n1. Op", "To get it back [1]:\n1. Op"),
            (Kind.LIST, "What you need\n- a", "What you need [1]:\n- a"),
        ],
    )
    def test_while_more_comes_its_place_is_kept_free(self, kind: Kind, text: str, shown: str) -> None:
        assert cited(text, 1, kind, more=True) == shown

    @given(st.sampled_from(list(Kind)), st.text("ab :.!?…。：\n1-", min_size=1).map(str.strip).filter(bool))
    def test_text_that_is_still_written_only_grows(self, kind: Kind, whole: str) -> None:
        shown = [cited(whole[:end], 1, kind, more=True) for end in range(1, len(whole) + 1)]
        shown.append(cited(whole, 1, kind))
        for before, after in zip(shown, shown[1:], strict=False):
            assert after.startswith(before)
        assert shown[-1].count("[1]") == 1
