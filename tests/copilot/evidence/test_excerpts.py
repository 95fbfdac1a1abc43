from copilot.evidence.excerpts import window

PASSAGE = " ".join(f"Sentence number {n} talks about gardens." for n in range(60))


def test_a_passage_that_fits_is_kept_whole() -> None:
    assert window("Short and good.", "anything", 50) == "Short and good."


def test_the_run_of_sentences_that_shares_most_with_the_question_is_taken() -> None:
    text = PASSAGE + " Refunds reach the card in 5 days. The bank decides the day. " + PASSAGE
    found = window(text, "when will the refund reach my card", 30)
    assert "Refunds reach the card in 5 days." in found
    assert len(found.split()) <= 30


def test_one_endless_sentence_is_cut() -> None:
    assert len(window("word " * 1000, "word", 40).split()) <= 80


def test_a_table_becomes_lines_that_can_be_quoted() -> None:
    table = "| You see | What it is |\n|---|---|\n| A line of €1.00 | An authorisation |\n\nThat is all."
    assert window(table, "", 50) == "You see: What it is\nA line of €1.00: An authorisation\n\nThat is all."
