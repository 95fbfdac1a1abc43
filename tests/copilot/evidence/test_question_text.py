"""A long mail fits the model's context and still asks what it asked."""

import pytest

from copilot.evidence.lengths import cut, size
from copilot.evidence.question import QUESTION_WORDS, question_of
from copilot.evidence.question_text import shortened
from tests import cast
from tests.growth import assert_linear

STORY = "".join(
    f"On day {day} our team opened the books again and compared a lot of rows with the list. " for day in range(60)
)
JAPANESE = "".join(f"{day}日目に合計金額を表と比べましたが、やはり合いません。" for day in range(1_500))
TABLE = "\n".join(f"2026-11-{row % 28 + 1:02},TB-{row:06},{row * 13}.00,EUR,paid" for row in range(2_000))
LOG = "\n".join(f"[2026-11-03T10:{row % 60:02}:00Z] WARN sync retry={row} status=503" for row in range(2_000))


@pytest.mark.parametrize(
    ("mail", "asked"),
    [
        (STORY + "\n\nSo my question: how do I change the account for payouts?", "change the account for payouts?"),
        ("How do I change the account for payouts?\n\n" + STORY, "change the account for payouts?"),
        (STORY + "Can the account for payouts be changed? " + STORY.replace("day", "night"), "account for payouts"),
        (JAPANESE + "請求書の合計はどこで直せますか。よろしくお願いします。", "請求書の合計はどこで直せますか。"),
        (JAPANESE + "振込先の口座はどこで変えますか？", "振込先の口座はどこで変えますか？"),
        ("Here is the export.\n" + TABLE + "\nWhy are rows missing?", "Why are rows missing?"),
        (LOG + "\nPlease tell me what this means", "Please tell me what this means"),
        (STORY + "Wie ändere ich das Konto für Auszahlungen? Danke", "Wie ändere ich das Konto"),
        (STORY + "¿Cómo cambio la cuenta? Gracias", "¿Cómo cambio la cuenta?"),
        ("我们的账目不对。" * 900 + "怎么更改收款账户？", "怎么更改收款账户？"),
        ("x" * 40_000 + " how do I change the account", "how do I change the account"),
    ],
)
def test_what_is_asked_stays_wherever_it_stands(mail: str, asked: str) -> None:
    kept = shortened(mail, QUESTION_WORDS)
    assert asked in kept
    assert size(kept) <= QUESTION_WORDS


@pytest.mark.parametrize(
    "mail", [STORY, JAPANESE, TABLE, LOG, "x" * 60_000, "字" * 60_000, "🙂" * 60_000, "? " * 30_000]
)
def test_no_mail_is_longer_than_the_room_for_it(mail: str) -> None:
    assert size(shortened(mail, QUESTION_WORDS)) <= QUESTION_WORDS
    assert len(shortened(mail, QUESTION_WORDS)) < 12 * QUESTION_WORDS


def test_a_mail_that_fits_is_left_as_it_is() -> None:
    mail = "Hello,\n\nmy invoice 12 is wrong.\n\n  Why?\nAnke"
    assert shortened(mail, QUESTION_WORDS) == mail


def test_figures_and_addresses_are_not_torn_apart() -> None:
    assert "3.5 % of tallybird.example" in shortened("It was 3.5 % of tallybird.example. " + STORY, QUESTION_WORDS)


def test_the_beginning_stays_and_gaps_are_marked() -> None:
    kept = shortened("We run a small studio. " + STORY + "Thanks for your help", QUESTION_WORDS)
    assert kept.startswith("We run a small studio.")
    assert kept.endswith("Thanks for your help") and "…" in kept


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("How do I change the account for payouts?", 8, 8),
        ("請求書の合計はどこで直せますか", 9, 16),
        ("Rechtsschutzversicherungsgesellschaften", 2, 5),
        ("Где скачать счёт за октябрь", 5, 12),
        ("2026-11-03,TB-000123,1690.00", 8, 16),
    ],
)
def test_the_measure_is_near_what_models_count(text: str, least: float, most: float) -> None:
    assert least <= size(text) <= most


def test_cutting_keeps_whole_words_but_of_a_text_without_spaces() -> None:
    assert cut("one two three four", 2) == "one two"
    assert size(cut("字" * 1_000, 50)) <= 50 < size(cut("字" * 1_000, 51)) + 1


@pytest.mark.django_db
def test_the_search_asks_for_the_question_at_the_end() -> None:
    ticket = cast.new_ticket(subject="A long story", text=STORY + "How do I change the account for payouts?")
    question = question_of(ticket, ticket.messages.get())
    assert "account for payouts?" in question.text
    assert "account for payouts?" in question.query[:1000]


@pytest.mark.parametrize("piece", ["a", "字", "? ", ". ", "\n", "how ", "a.", "x\n", "。", "…", "...a "])
def test_the_time_grows_with_the_mail(piece: str) -> None:
    assert_linear(
        lambda text: shortened(text, QUESTION_WORDS),
        lambda n: piece * (n // len(piece)),
        sizes=(10_000, 40_000),
    )
