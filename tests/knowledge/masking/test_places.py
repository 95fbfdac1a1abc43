"""Street addresses are masked whole, from what the tagger reads and from their form; a city or a version stays."""

import pytest

from knowledge.masking import tagger
from knowledge.masking.all_kinds import find_all

WHOLE = [
    "14 Harcourt Terrace, Dublin 2, D02 XY47",
    "Lindenstraße 14a, 10969 Berlin",
    "12 rue des Lilas, 75011 Paris",
    "Calle Mayor 5, 3º izq, 28013 Madrid",
    "Via Garibaldi 12, 20121 Milano",
    "Rua das Flores 33, 4050-265 Porto",
    "Kerkstraat 8, 1017 GC Amsterdam",
    "ul. Królowej Jadwigi 112/4, 30-209 Kraków",
    "Storgatan 5, 411 24 Göteborg",
    "PSC 7004, Box 8380\nAPO AP 11949",
    "2208 Elmwood Ave\nApt 4B\nSpringfield, IL 62704",
]


def found(text: str) -> list[str]:
    spans = find_all(text, tagger.words(text))
    return [text[span.start : span.end] for span in spans if span.kind == "ADDRESS"]


@pytest.mark.parametrize("address", WHOLE)
def test_an_address_is_masked_whole(tagged: None, address: str) -> None:
    assert found(f"The parcel never came. Please send it to {address}. Thanks!") == [address]


@pytest.mark.parametrize(
    "text",
    [
        "Chrome 120 and Windows 11 show an empty page, version 4.12.",
        "Do you deliver to Bergen, and what does it cost?",
        "Order 48213 of 12 May cost 30 EUR for 3 users.",
        "HTTP 502 on page 12 of the report, ticket OPS-118.",
        "Our own address says DOM-404.",
        "It still says DOM-404, and the booking page under my address too.",
        "Ich bin 3 Tage weg und brauche Platz 1 im Paket 2.",
    ],
)
def test_what_has_a_number_too_stays(tagged: None, text: str) -> None:
    assert found(text) == []


def test_a_phone_number_below_an_address_is_one(tagged: None) -> None:
    text = "Lindenstraße 14\n10969 Berlin\n+49 341 555 0199"
    kinds = [span.kind for span in find_all(text, tagger.words(text))]
    assert kinds == ["ADDRESS", "PHONE"]
