"""The search of the queue: every script and kind of word, any text as a query, on both databases."""

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests import cast
from tests.growth import assert_linear
from tickets.search import index_ticket, search_tickets

SAID = {
    "japanese": "先月の領収書を再発行していただけますか。よろしくお願いします。",
    "chinese": "请问怎么重新开具上个月的发票？谢谢",
    "korean": "지난달 영수증을 다시 보내주세요",
    "thai": "ขอใบเสร็จรับเงินของเดือนที่แล้วอีกครั้ง",
    "code": "The C++ client of LEDGER-77120 fails on debian 13.1 with 0x80070005 in node.js, not in C# or .NET.",
    "mail": "Please write to haruko.mori@okafor.example instead. I can't log in since my e-mail changed.",
    "accents": "La réservation à l'hôtel a été annulée, Straße 12",
    "dry": "Running it with --dry-run says Reports/2026 and tax::rate are missing",
    "plain": "A letter C and a hash in the text, version 131 of the net",
}


@pytest.fixture
def tickets(db: None) -> dict[str, int]:
    made = {}
    for name, text in SAID.items():
        ticket = cast.new_ticket(subject=f"Question {name}", text=text)
        index_ticket(ticket)
        made[name] = ticket.pk
    return made


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("再発行", {"japanese"}),
        ("領収書", {"japanese"}),
        ("領収書 再発行", {"japanese"}),
        ("領", {"japanese"}),
        ("発票", set()),
        ("发票", {"chinese"}),
        ("重新开具", {"chinese"}),
        ("영수증", {"korean"}),
        ("ใบเสร็จ", {"thai"}),
        ("C++", {"code"}),
        ("c#", {"code"}),
        (".NET", {"code"}),
        ("node.js", {"code"}),
        ("LEDGER-77120", {"code"}),
        ("ledger-771", {"code"}),
        ("77120", {"code"}),
        ("debian 13.1", {"code"}),
        ("0x80070005", {"code"}),
        ("haruko.mori@okafor.example", {"mail"}),
        ("email", {"mail"}),
        ("e-mail", {"mail"}),
        ("can't", {"mail"}),
        ("reservation hotel", {"accents"}),
        ("RÉSERVATION", {"accents"}),
        ("strasse", {"accents"}),
        ('"--dry-run"', {"dry"}),
        ("Reports/2026", {"dry"}),
        ("tax::rate", {"dry"}),
        ("LEDGER-77120 AND debian", {"code"}),
        ("NOT debian OR (node.js)", {"code"}),
        ("NEAR(debian fails)", {"code"}),
        ("deb", {"code"}),
        ("question", set(SAID)),
    ],
)
def test_what_a_query_finds(tickets: dict[str, int], query: str, found: set[str]) -> None:
    assert set(search_tickets(query)) == {tickets[name] for name in found}


@pytest.mark.parametrize(
    "query",
    [
        "a AND",
        "NEAR(a b)",
        "col:x",
        "*",
        '"',
        "'",
        "(",
        ")",
        "^x",
        "a OR",
        "-x",
        "%",
        "\\",
        "\x00",
        "&|!:*<->",
        "x" * 400,
    ],
)
def test_no_query_raises(tickets: dict[str, int], query: str) -> None:
    assert isinstance(search_tickets(query), list)


@hypothesis_settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text(max_size=120) | st.text(alphabet="\"'()*:^-+#.&|!<>\\ \t再発行a1", max_size=60))
def test_no_text_breaks_the_search(tickets: dict[str, int], query: str) -> None:
    assert set(search_tickets(query)) <= set(tickets.values())


@pytest.mark.parametrize("unit", ["word ", "再発行", "a-", "\"' ", "x", "a1b2 c3 "])
def test_a_query_of_a_hundred_thousand_letters_is_answered_as_quickly(tickets: dict[str, int], unit: str) -> None:
    assert_linear(search_tickets, lambda size: unit * (size // len(unit)), sizes=(25_000, 100_000))


def test_a_ticket_of_a_million_letters_is_kept_and_found(db: None) -> None:
    ticket = cast.new_ticket(subject="Webhook", text=" ".join(f"w{number}" for number in range(150_000)))
    index_ticket(ticket)
    assert search_tickets("webhook w77") == [ticket.pk]
