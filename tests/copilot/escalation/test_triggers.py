"""Which reasons to escalate apply, one by one and in their order; and what counts as a failed attempt."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.escalation.facts import Letter, attempts
from copilot.escalation.rules import SHIPPED, TRIGGERS, Reason
from copilot.escalation.triggers import Facts, triggers

LAWYER = ("legal_threat", "my lawyer will contact you")
PERSON = ("human", "let me talk to a person")
NORMAL = Facts(2)


def reasons(facts: Facts, rules=SHIPPED) -> list[str]:
    return [each.reason for each in triggers(facts, rules)]


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (replace(NORMAL, signals=(LAWYER,)), Reason.SIGNAL),
        (replace(NORMAL, signals=(PERSON,)), Reason.HUMAN),
        (replace(NORMAL, attempts=2), Reason.ATTEMPTS),
        (replace(NORMAL, urgency=4), Reason.URGENCY),
        (replace(NORMAL, waiting=timedelta(hours=18)), Reason.WAITING),
        (replace(NORMAL, no_source=True), Reason.UNSURE),
        (replace(NORMAL, confidence=0.49), Reason.UNSURE),
    ],
)
def test_each_reason_alone(facts: Facts, reason: str) -> None:
    assert reasons(facts) == [reason]


@pytest.mark.parametrize(
    "facts",
    [
        NORMAL,
        replace(NORMAL, attempts=1),
        replace(NORMAL, urgency=3),
        replace(NORMAL, waiting=timedelta(hours=17, minutes=59)),
        replace(NORMAL, confidence=0.5),
    ],
)
def test_just_below_there_is_none(facts: Facts) -> None:
    assert reasons(facts) == []


def test_urgent_begins_where_the_routing_rules_say() -> None:
    assert reasons(replace(NORMAL, urgency=4, urgent_from=5)) == []
    assert reasons(replace(NORMAL, urgency=2, urgent_from=2)) == [Reason.URGENCY]


@pytest.mark.parametrize(("priority", "minutes"), [(4, 45), (3, 180), (2, 1080), (1, 2160)])
def test_a_customer_waits_too_long_after_three_quarters_of_the_time(priority: int, minutes: int) -> None:
    waiting = timedelta(minutes=minutes)
    assert reasons(Facts(priority, waiting=waiting)) == [Reason.WAITING]
    assert reasons(Facts(priority, waiting=waiting - timedelta(seconds=1))) == []


def test_the_strongest_reason_comes_first() -> None:
    all_of_them = Facts(2, (PERSON, LAWYER), 5, 4, 3, timedelta(days=3), True)
    assert reasons(all_of_them) == list(TRIGGERS)


def test_what_the_sentence_needs_is_kept() -> None:
    (found,) = triggers(replace(NORMAL, signals=(LAWYER,)), SHIPPED)
    assert found.seen == {"signal": "legal_threat", "words": "my lawyer will contact you"}


@given(st.sets(st.sampled_from(TRIGGERS)))
def test_a_trigger_that_is_switched_off_never_applies(on: set[str]) -> None:
    rules = replace(SHIPPED, triggers=tuple(each for each in TRIGGERS if each in on))
    found = reasons(Facts(2, (PERSON, LAWYER), 5, 4, 3, timedelta(days=3), True), rules)
    assert set(found) == on


@given(st.integers(1, 9), st.integers(0, 12))
def test_the_number_of_attempts_is_a_setting(least: int, there: int) -> None:
    found = reasons(replace(NORMAL, attempts=there), replace(SHIPPED, attempts=least))
    assert (Reason.ATTEMPTS in found) is (there >= least)


class TestFailedAttempts:
    """c: the customer, r: a reply of ours, +: the customer says something nice."""

    @pytest.mark.parametrize(
        ("thread", "count"),
        [
            ("", 0),
            ("c", 0),
            ("cc", 0),
            ("cr", 0),
            ("crc", 1),
            ("crcc", 1),
            ("crrc", 1),
            ("crcrc", 2),
            ("crcrcrc", 3),
            ("cr+", 0),
            ("crcr+", 1),
            ("cr+c", 1),
            ("rc", 0),  # we wrote first
            ("rrcrc", 1),
        ],
    )
    def test_a_reply_failed_if_the_customer_wrote_again_and_not_to_thank(self, thread: str, count: int) -> None:
        assert attempts(map(letter, thread)) == count

    @given(st.text("cr+", max_size=30))
    def test_never_more_than_replies(self, thread: str) -> None:
        assert attempts(map(letter, thread)) <= thread.count("r")


def letter(code: str) -> Letter:
    sentiment = "positive" if code == "+" else "negative" if code == "c" else None
    return Letter(1, code != "r", sentiment, None, None, None)
