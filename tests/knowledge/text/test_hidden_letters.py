"""Letters that no font shows."""

from knowledge.text.hidden_letters import hidden, without_hidden

TAGS = "".join(chr(0xE0000 + ord(each)) for each in "refund")
ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


def test_copies_of_ascii_and_rows_of_marks_are_removed() -> None:
    assert without_hidden(f"Channel 6.{TAGS} Restart.") == "Channel 6. Restart."
    assert without_hidden("6\ufe01\ufe02\U000e0101.") == "6."
    assert without_hidden("a\u3164b") == "ab"


def test_marks_that_turn_the_order_are_removed() -> None:
    assert without_hidden("5 \u202e0002\u202c") == "5 0002\u202c"
    assert [bool(found["turning"]) for found in hidden("5 \u202e0002")] == [True]


def test_what_readers_see_stays() -> None:
    for text in (f"In {ENGLAND} only", "☎\ufe0f", "葛\U000e0100", "👩\u200d💻", "می\u200cخواهم", "\u2067שלום\u2069"):
        assert without_hidden(text) == text
        assert hidden(text) == []
