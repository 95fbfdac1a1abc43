"""The check takes linear time, whatever somebody pastes: a reply may have 50,000 characters."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from copilot.presend.check import check
from copilot.presend.facts import Facts, Internal
from copilot.provenance.origins import Known, Origin, origins
from tests.copilot.presend.test_rules import ANGRY
from tests.growth import assert_linear

FAMILIES: dict[str, Callable[[int], str]] = {
    "one word": lambda n: "a" * n,
    "capitals": lambda n: "Aa " * (n // 3),
    "digits": lambda n: "1" * n,
    "numbers": lambda n: "12 " * (n // 3),
    "amounts": lambda n: "It costs €12 and 3 days. " * (n // 25),
    "brackets": lambda n: "[" * n,
    "braces": lambda n: "{{" * (n // 2),
    "underscores": lambda n: "_" * n,
    "arrows": lambda n: "A › " * (n // 4),
    "addresses": lambda n: "a@b.example " * (n // 12),
    "links": lambda n: "http://a.example/b " * (n // 19),
    "labels": lambda n: "order order " * (n // 12),
    "promises": lambda n: "we will you will get " * (n // 21),
    "attached": lambda n: "please find the you attached " * (n // 29),
    "marks": lambda n: "!" * n,
    "lines": lambda n: "a\n" * (n // 2),
    "spaces": lambda n: " " * n,
    "greeting": lambda n: "Hi " * (n // 3),
}
FACTS = replace(ANGRY, internal=(Internal("a b c d e f g h i j k l"),), others=frozenset({"x"}))


def judged(text: str) -> object:
    return check(text, replace(FACTS, said=(*FACTS.said, text[:2000])))


@pytest.mark.any_database
@pytest.mark.parametrize("family", FAMILIES)
def test_a_reply_takes_linear_time(family: str) -> None:
    assert_linear(judged, FAMILIES[family], sizes=(6_000, 24_000))


def test_so_do_the_ticket_and_its_sources() -> None:
    def with_ticket(text: str) -> object:
        return check("It costs €13 within 9 days.", Facts(said=(text,), evidence=(text,), notes=(text,)))

    assert_linear(with_ticket, lambda n: "It costs €12 and takes 3 days. " * (n // 31), sizes=(6_000, 24_000))


def test_so_do_origins() -> None:
    known = [Known(f"It costs {n} euros in the shop.", Origin.EVIDENCE) for n in range(90)]
    assert_linear(
        lambda text: origins(text, known), lambda n: "It costs a lot in shops. " * (n // 25), sizes=(2_500, 10_000)
    )
