"""The vector of a question: the mean of subject, text and both; placeholders say nothing."""

import numpy as np

from copilot.similar import likeness
from knowledge.index.embeddings import FakeEmbedder


def test_three_parts_are_embedded() -> None:
    assert likeness.parts("Export", "It stops early.") == ["Export\nIt stops early.", "Export", "It stops early."]


def test_where_one_is_missing_the_other_is_embedded_once() -> None:
    assert likeness.parts("", "My export stops.") == ["My export stops."] == likeness.parts("My export stops.", "")


def test_placeholders_are_left_out() -> None:
    assert likeness.parts("Mail to <EMAIL_1>", "<NAME> waits for <PERSON_2>")[0] == "Mail to\nwaits for"


def test_too_little_is_compared_with_nothing() -> None:
    for title, question in (("", ""), ("Hello", ""), ("?!", "12 34 56"), ("<NAME>", "<EMAIL_1>")):
        assert likeness.parts(title, question) == [] and likeness.text_hash(title, question) == ""


def test_vectors_have_length_one_and_the_order_of_the_questions() -> None:
    parts = [likeness.parts("Export", "It stops early."), likeness.parts("", "Where are invoices of March?")]
    found = likeness.vectors(parts, FakeEmbedder())
    assert np.allclose([np.linalg.norm(each) for each in found], 1)
    assert np.allclose(found[1], FakeEmbedder().embed_query("Where are invoices of March?"))
    assert float(found[0] @ likeness.vectors(parts[:1], FakeEmbedder())[0]) > 0.999


def test_the_hash_is_of_what_is_embedded() -> None:
    told = likeness.text_hash("Export", "It stops for <NAME>.")
    assert told == likeness.text_hash("Export", "It stops for <PERSON_4>.") != likeness.text_hash("Export", "It stops.")
