"""The tagger's reading of a text: whole words, in any length of text, and nothing where it is missing or damaged."""

import logging
from pathlib import Path
from typing import Any

import pytest

from knowledge.masking import tagger
from tests.growth import assert_linear


def read(text: str) -> dict[str, tuple[str, bool]]:
    """Word -> its part, and whether it is more likely of a name than of an address."""
    return {text[word.start : word.end]: (word.part, word.name > word.place) for word in tagger.words(text)}


def names(text: str) -> set[str]:
    return {text[word.start : word.end] for word in tagger.words(text) if word.name > 0.5}


def test_names_and_parts_of_an_address_are_told_apart(tagged: None) -> None:
    said = read("Hi, Petra Novak here. I moved to Lindenstraße 14, 10969 Berlin.")
    assert said["Petra"] == ("GIVEN_NAME", True)
    assert said["Lindenstraße"] == ("STREET_NAME", False)
    assert said["10969"] == ("ZIP_CODE", False)


def test_places_are_those_of_the_text_also_where_letters_change_their_number(tagged: None) -> None:
    assert {"Petra", "Novak"} <= names("ŠŤĚPÁN İPEK ﬁnds nothing. Regards, Petra Novak")


@pytest.mark.parametrize("words", range(66, 76))
def test_a_name_is_found_wherever_a_long_text_is_cut(tagged: None, words: int) -> None:
    text = "I tried " + "that " * words + "and my colleague Petra Novak cannot log in. " + "It is so slow. " * 60
    assert {"Petra", "Novak"} <= names(text)


def test_no_word_is_read_twice(tagged: None) -> None:
    starts = [word.start for word in tagger.words("Ask Petra Novak or Jonas Weber about it. " * 60)]
    assert starts == sorted(set(starts))


@pytest.mark.parametrize(
    "text", ["", " \n\t", "日本語のテキストです。" * 200, "한국어 텍스트 " * 200, "a" * 5000, "\x00�"]
)
def test_any_text_can_be_read(tagged: None, text: str) -> None:
    reader = tagger.get_tagger()
    assert reader is not None and all(0 <= word.start < word.end <= len(text) for word in reader.words(text))


def test_without_its_file_nothing_is_read(settings: Any, tmp_path: Path) -> None:
    settings.REDACTION_MODEL = str(tmp_path)
    assert (tagger.name(), tagger.words("Petra Novak")) == ("", ())


def test_switched_off_nothing_is_read(settings: Any) -> None:
    settings.REDACTION_MODEL = ""
    assert (tagger.name(), tagger.words("Petra Novak")) == ("", ())


def test_a_damaged_file_is_named_in_the_log_and_nothing_is_read(
    settings: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("model.onnx", "tokenizer.json", "config.json"):
        (tmp_path / name).write_text("{}", encoding="utf-8")
    settings.REDACTION_MODEL = str(tmp_path)
    with caplog.at_level(logging.WARNING):
        assert tagger.words("Petra Novak") == ()
    assert str(tmp_path) in caplog.text and "Petra" not in caplog.text


def test_of_a_very_long_text_the_beginning_and_the_end_are_read(tagged: None) -> None:
    log = "2026-03-01 12:00:00 WARNING retry 3 of 5\n" * 1000
    text = f"My colleague Petra Novak sends this log.\n{log}Ask Jonas Weber about it."
    assert {"Petra", "Weber"} <= names(text)


def test_time_is_linear_in_the_text(tagged: None) -> None:
    reader = tagger.get_tagger()
    assert reader is not None
    assert_linear(reader.words, lambda n: "Petra asks for 3 things. " * (n // 25))
