"""What a changed text must have before it may be used. Each fault names its place."""

from typing import Any

import pytest

from copilot.prompts.checks import MOST_EXAMPLES
from tests.copilot.texts.conftest import changed, kind

EVERY = ["article-1", "point-1", "say-1", "verify-1", "voice"]


def places(name: str, data: dict[str, Any]) -> list[str]:
    return [fault.place for fault in kind(name).faults(data)]


def first_example(**fields: str) -> Any:
    return lambda data: data["examples"][0].update(fields)


@pytest.mark.parametrize("name", EVERY)
def test_what_is_shipped_passes(name: str) -> None:
    assert kind(name).faults(kind(name).shipped) == []


@pytest.mark.parametrize(
    ("name", "change", "place", "said"),
    [
        ("point-1", lambda d: d.update(system=""), "system", "task"),
        ("point-1", lambda d: d.update(system="Find the line."), "system", "“0”"),
        ("article-1", lambda d: d.update(system="Write."), "system", "NO ANSWER"),
        ("point-1", lambda d: d.update(turn="{evidence} {ask}"), "turn", "{message} is missing"),
        ("point-1", lambda d: d.update(turn=d["turn"] + "{name}"), "turn", "{name} is no placeholder"),
        ("point-1", lambda d: d.update(turn=d["turn"] + "{ask.__class__}"), "turn", "no placeholder"),
        ("point-1", lambda d: d.update(turn=d["turn"] + "{ask:>9999999}"), "turn", "no placeholder"),
        ("point-1", lambda d: d.update(turn=d["turn"] + "{0}"), "turn", "no placeholder"),
        ("point-1", lambda d: d.update(turn=d["turn"] + "{"), "turn", "brace"),
        ("point-1", lambda d: d.update(turn=""), "turn", "Nothing is written"),
        ("say-1", lambda d: d["asks"].update(say="Translate."), "asks.say", "{language} is missing"),
        ("say-1", lambda d: d["asks"].pop("say"), "asks.say", "Nothing is written"),
        ("say-1", lambda d: d["asks"].update(shout="Shout."), "asks.shout", "Nothing in the code"),
        ("say-1", lambda d: d.update(items={"unit": "{text}"}), "items", "cannot be changed"),
        ("say-1", lambda d: d.update(examples=[]), "examples", "at least one"),
        ("say-1", lambda d: d.update(examples=d["examples"] * MOST_EXAMPLES), "examples", "At most"),
        ("say-1", first_example(answer=" "), "examples.0.answer", "Nothing is written"),
        ("say-1", first_example(unit=""), "examples.0.unit", "Nothing is written"),
        ("say-1", first_example(ask="shout"), "examples.0.ask", "Choose"),
        ("say-1", first_example(mood="angry"), "examples.0.mood", "no place"),
        ("say-1", lambda d: d.update(system=d["system"] + "x" * 9000), "length", "Too long"),
        ("say-1", lambda d: d.update(system=d["system"] + "文" * 2000), "length", "Too long"),
        ("point-1", first_example(answer="[3]"), "examples.0.answer", "number of a line"),
        ("point-1", first_example(answer="9"), "examples.0.answer", "number of a line"),
        ("point-1", first_example(answer="²"), "examples.0.answer", "number of a line"),
        ("verify-1", first_example(answer="yes, it does"), "examples.0.answer", "Yes or No"),
        ("verify-1", lambda d: d.update(examples=d["examples"][:1]), "examples", "both"),
        ("point-1", lambda d: d.update(examples=d["examples"][:1]), "examples", "both"),
    ],
)
def test_a_fault_of_a_prompt_is_named_with_its_place(name: str, change: Any, place: str, said: str) -> None:
    (fault,) = [each for each in kind(name).faults(changed(name, change)) if each.place == place]
    assert said in fault.said


def test_a_doubled_brace_is_a_brace() -> None:
    assert places("point-1", changed("point-1", lambda d: d.update(turn=d["turn"] + " {{x}}"))) == []


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("named", "", "greeting"),
        ("plain", " ", "greeting"),
        ("plain", "Hi <NAME>,", "brackets"),
        ("named", "Hi <EMAIL>,", "brackets"),
        ("named", "Hi <b>,", "brackets"),
        ("named", "Hi\nthere,", "lines"),
        ("opening", "x" * 201, "characters"),
        ("opening", "Thank you [1].", "brackets"),
        ("opening", "You get €5 back.", "fact"),
        ("opening", "See https://shop.example for more.", "fact"),
        ("opening", "It takes 3 days.", "fact"),
        ("closing", "We will refund you at once.", "promise"),
        ("insisted", "We guarantee an answer.", "promise"),
        ("closing", "a\nb\nc\nd", "lines"),
    ],
)
def test_a_voice_says_nothing_that_a_source_would_have_to_say(field: str, text: str, said: str) -> None:
    data = changed("voice", lambda words: words["en"].update({field: text}))
    faults = kind("voice").faults(data)
    assert {fault.place for fault in faults} == {f"en.{field}"} and said in " ".join(fault.said for fault in faults)


@pytest.mark.parametrize("text", ["Thank you for writing to us.", "I am sorry about the trouble.", "Tut mir leid!"])
def test_a_kind_sentence_may_open_a_reply(text: str) -> None:
    assert places("voice", changed("voice", lambda words: words["de"].update(opening=text, closing=text))) == []
