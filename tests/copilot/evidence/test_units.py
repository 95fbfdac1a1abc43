import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot.evidence.units import LONGEST, Kind, units


def texts(passage: str) -> list[str]:
    return [unit.text for unit in units(passage)]


def kinds(passage: str) -> list[str]:
    return [unit.kind.value for unit in units(passage)]


def places(passage: str) -> list[str]:
    return [passage[unit.start : unit.end] for unit in units(passage)]


# --- prose ---


def test_a_sentence_is_a_unit() -> None:
    passage = "Exports are free. The link works for\n7 days."
    assert texts(passage) == ["Exports are free.", "The link works for 7 days."]
    assert places(passage) == ["Exports are free.", "The link works for\n7 days."]


def test_what_refers_to_the_sentence_before_stays_with_it() -> None:
    assert texts("A plan has 5 seats. This includes guests. Prices vary.") == [
        "A plan has 5 seats. This includes guests.",
        "Prices vary.",
    ]


@pytest.mark.parametrize("pointer", ["See Refunds.", "Here’s how.", "Learn more in Billing.", "Siehe Rechnungen."])
def test_a_sentence_that_only_points_elsewhere_is_no_unit(pointer: str) -> None:
    assert texts(f"Exports are free. Money goes back to the card. {pointer}") == [
        "Exports are free.",
        f"Money goes back to the card. {pointer}",
    ]


def test_a_question_has_its_answer_also_in_the_next_paragraph() -> None:
    assert texts("Can I export?\n\nNo. Only owners can.") == ["Can I export? No. Only owners can."]


@pytest.mark.parametrize(
    "label", ["Refunds", "## Refunds", "## Refunds ##", "Refunds\n---", "**Refunds**", "> Refunds"]
)
def test_a_label_names_the_sentence_after_it(label: str) -> None:
    assert texts(f"{label}\n\nMoney arrives within 5 days. Cards are slower.") == [
        "Refunds: Money arrives within 5 days.",
        "Cards are slower.",
    ]


def test_a_line_between_two_parts_separates_them() -> None:
    assert texts("Refunds\n\n---\n\nMoney arrives.") == ["Refunds", "Money arrives."]


def test_scripts_without_spaces() -> None:
    assert texts("設定を開きます。「保存」を押してください。\n\n1. 開く\n2. 保存") == [
        "設定を開きます。",
        "「保存」を押してください。\n1. 開く\n2. 保存",
    ]


def test_a_very_long_sentence_is_cut_between_words() -> None:
    passage = "word " * 1000 + "end."
    found = units(passage)
    assert all(len(unit.text) <= LONGEST for unit in found)
    assert " ".join(unit.text for unit in found) == passage
    assert [unit.text for unit in found] == places(passage)


# --- lists ---

STEPS = """To export:

1. Open **Settings > Export**.
1. Choose a format:
   - CSV
   - `JSON`
1. Press Save
   and wait."""


def test_steps_are_one_unit_with_their_introduction() -> None:
    [unit] = units(STEPS)
    assert unit.kind is Kind.STEPS
    assert unit.text.split("\n") == [
        "To export:",
        "1. Open Settings > Export.",
        "2. Choose a format:",
        "  - CSV",
        "  - JSON",
        "3. Press Save and wait.",
    ]
    assert STEPS[unit.start : unit.end] == STEPS


def test_steps_belong_to_the_sentence_before_them_whatever_it_is() -> None:
    assert texts("Members cannot export. Owners can.\n\n3. Open it.\n4. Press Save.") == [
        "Members cannot export.",
        "Owners can.\n3. Open it.\n4. Press Save.",
    ]


def test_after_a_long_introduction_its_last_sentence_introduces_the_steps() -> None:
    story = (
        "When the owner of a workspace has left the company, which is why " + "this happens so often, " * 9 + "wait."
    )
    passage = f"{story} Then do this.\n\n1. Open Settings.\n2. Choose Leave."
    assert texts(passage) == [f"{story} Then do this.", "Then do this.\n1. Open Settings.\n2. Choose Leave."]
    assert places(passage)[1] == "1. Open Settings.\n2. Choose Leave."


def test_points_that_are_no_sentences_need_their_introduction() -> None:
    assert texts("Exports are free. A guest may\n\n- read\n- write") == [
        "Exports are free.",
        "A guest may\n- read\n- write",
    ]


def test_points_that_are_sentences_stand_alone() -> None:
    passage = "Read this first.\n\n- *Do guests pay?* No.\n- Exports are free."
    assert texts(passage) == ["Read this first.", "Do guests pay? No.", "Exports are free."]
    assert places(passage)[1:] == ["- *Do guests pay?* No.", "- Exports are free."]


def test_a_long_list_becomes_several_units_each_with_the_introduction() -> None:
    found = units("You need:\n\n" + "\n".join(f"- part number {number} of the machine" for number in range(60)))
    assert len(found) > 2
    assert all(unit.text.startswith("You need:\n- part") for unit in found)


def test_a_long_point_is_cut() -> None:
    found = units("Steps:\n\n1. " + "word " * 500)
    assert sum(unit.text.count("word") for unit in found) == 500
    assert all(len(unit.text) < 2 * LONGEST for unit in found)


def test_code_inside_a_point_keeps_its_lines() -> None:
    assert texts("1. Run\n\n   ```sh\n   make\n   run\n   ```\n2. Wait") == ["1. Run\n   make\n   run\n2. Wait"]


# --- tables ---

PLANS = "| Plan | Price | Notes |\n|---|---|---|\n| Solo | €5 | one seat |\n| Two words | - | **five** seats |"


def test_a_row_is_a_sentence_that_names_its_columns() -> None:
    assert texts(PLANS) == ["Plan Solo – Price: €5; one seat", "Two words – five seats"]
    assert places(PLANS) == ["| Solo | €5 | one seat |", "| Two words | - | **five** seats |"]


def test_headers_that_say_nothing_are_not_repeated() -> None:
    assert texts("| Limit | Value |\n|---|---|\n| File size | 2 GB |") == ["File size – 2 GB"]


def test_a_word_below_limit_or_setting_is_named_by_itself() -> None:
    table = "| Limit: | Value | Counted |\n|---|---|---|\n| Keys | 5 | per workspace |\n| 2 | yes | per file |"
    assert texts(table) == ["Keys – 5; Counted: per workspace", "Limit 2 – yes; Counted: per file"]
    assert texts("| Plan | Members |\n|---|---|\n| Solo | 1 |") == ["Plan Solo – Members: 1"]


def test_each_row_has_the_introduction_if_that_is_short() -> None:
    assert texts("Prices per month:\n\n" + PLANS)[1] == "Prices per month: Two words – five seats"


def test_a_bar_inside_a_cell_and_a_cell_too_few_or_too_many() -> None:
    assert texts("Key | Use\n---|---\nA \\| B | either\nCtrl") == ["A | B – Use: either", "Key Ctrl"]


# --- other blocks and marks ---


def test_code_is_kept_with_its_introduction() -> None:
    passage = "Run this:\n\n```sh\ncopydesk --export **all**\n\n  # <!-- done -->\n```\n\nWait."
    assert texts(passage) == ["Run this:\ncopydesk --export **all**\n  # <!-- done -->", "Wait."]
    assert kinds(passage) == ["code", "sentence"]


def test_what_is_quoted_reads_as_if_it_were_not() -> None:
    passage = (
        "Exports are free.\n\n> [!NOTE]\n> The link works\n> for 7 days.\n>\n> > You need:\n> > - a key\n> > - a lock"
    )
    assert texts(passage) == ["Exports are free.", "The link works for 7 days.", "You need:\n- a key\n- a lock"]
    assert places(passage)[1:] == ["The link works\n> for 7 days.", "You need:\n> > - a key\n> > - a lock"]


@pytest.mark.parametrize(
    ("markdown", "read"),
    [
        ("Open [the *page*](https://a.example/x) now.", "Open the page now."),
        ("Write to <help@a.example> or <https://a.example>.", "Write to help@a.example or https://a.example."),
        ("It is at https://a.example/x_y_z.", "It is at https://a.example/x_y_z."),
        ("Press ![the disk](disk.png) to save.", "Press the disk to save."),
        ("Go to **Settings > Export** and `save_as`.", "Go to Settings > Export and save_as."),
        ("Use __all__ ~~three~~ **`keys`**.", "Use all three keys."),
        ("**Note that 2**3 is 8.**", "Note that 2**3 is 8."),
        ("Say <!-- a. B? --> yes.", "Say yes."),
        ("One<br>two.", "One two."),
        ("Say <!-- nothing.", "Say <!-- nothing."),
    ],
)
def test_only_words_are_left_of_markdown(markdown: str, read: str) -> None:
    assert texts(markdown) == [read]


def test_emphasis_over_several_sentences_leaves_no_mark() -> None:
    assert texts("**Exports are free. Prices vary.**") == ["Exports are free.", "Prices vary."]


def test_nothing_is_no_unit() -> None:
    assert units("") == units("\n \n") == units("<!-- nothing -->") == units("---") == units("-") == []


# --- any text ---

WORD = st.sampled_from(
    ["open", "Export", "It", "5", "3.5", "保存。", "ja", "no.", "Why?", "€", "key:", "x_y", "`c`", "**b**"]
)
LINE = st.builds(
    lambda mark, words: mark + " ".join(words),
    st.sampled_from(["", "", "- ", "  - ", "1. ", "> ", "> - ", "| a | ", "# ", "    ", "```", "    1) "]),
    st.lists(WORD, max_size=8),
)
PASSAGE = st.lists(st.one_of(LINE, st.just(""), st.just("|---|---|")), max_size=12).map("\n".join)


@given(PASSAGE | st.text(alphabet=list("ab .!?\n\r-*>|`#~_[](){}1:<!\t\x0b\u2028。"), max_size=80))
@settings(max_examples=200, deadline=None)
def test_places_are_inside_the_passage_and_in_order(passage: str) -> None:
    found = units(passage)
    assert all(0 <= unit.start < unit.end <= len(passage) and unit.text.strip() for unit in found)
    assert [unit.start for unit in found] == sorted(unit.start for unit in found)
    assert all(not passage[at].isspace() for unit in found for at in (unit.start, unit.end - 1))


@given(PASSAGE.filter(lambda passage: "|---" not in passage and "```" not in passage))
@settings(max_examples=100, deadline=None)
def test_no_word_is_lost(passage: str) -> None:
    there = re.findall(r"\w+", " ".join(texts(passage)))
    for word in set(re.findall(r"(?<![\w.])[^\W\d_]+", passage)):
        assert there.count(word) >= len(re.findall(rf"(?<![\w.]){word}(?!\w)", passage)), word


# Twenty times the length takes about twenty times as long, not four hundred times.
@pytest.mark.parametrize(
    "part",
    [
        "a. ",
        "a",
        "- a\n",
        "1. a b\n",
        "> ",
        ">  > a\n",
        "*",
        "**a",
        "[a](",
        "`",
        "| a ",
        "| a | b |\n",
        "<!--",
        "  - a\n\n",
    ],
)
def test_time_grows_with_the_length_and_no_faster(part: str) -> None:
    def seconds(length: int) -> float:
        started = time.process_time()
        units("| a | b |\n|---|---|\n" * part.startswith("| a | b") + part * (length // len(part)))
        return time.process_time() - started

    assert seconds(40_000) < 120 * max(seconds(2_000), 0.001)


def test_deep_nesting() -> None:
    assert units("\n".join("  " * depth + "- a" for depth in range(200)))
    assert units(">" * 5000 + " a")[0].text


def test_a_list_of_one_point_is_a_sentence() -> None:
    assert [(unit.text, unit.kind) for unit in units("- Click on **Invite**\n")] == [("Click on Invite", Kind.SENTENCE)]
