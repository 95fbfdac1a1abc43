"""What is said of a customer, form by form."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone, translation

from copilot.customers.facts import Facts
from copilot.customers.mood import Tone
from copilot.customers.sentences import sentences

NOW = timezone.now()
HOURS, DAYS = timedelta(hours=1), timedelta(days=1)


def said(**fields: Any) -> list[str]:
    """Of a customer with other tickets in the last 90 days."""
    others = fields.get("others", 4)
    given = {"others": others, "others_lately": others, "lately": others + 1} | fields
    return sentences(Facts(**given), NOW)


def tones(*names: str) -> tuple[Tone, ...]:
    return tuple(Tone(name, date(2026, 3, 1) + at * DAYS) for at, name in enumerate(names))


def test_of_the_first_ticket_there_is_one_sentence() -> None:
    assert sentences(Facts(lately=1), NOW) == ["First ticket."]
    assert sentences(Facts(lately=1, category="Billing", of_category=1), NOW) == ["First ticket."]


class TestHistory:
    @pytest.mark.parametrize(
        ("fields", "text"),
        [
            ({}, "5 tickets in 90 days."),
            ({"others": 1, "lately": 1}, "1 ticket in 90 days."),  # the one that is open is older
            ({"category": "Billing", "of_category": 3}, "5 tickets in 90 days, 3 of them Billing."),
            ({"category": "Billing", "of_category": 5}, "5 tickets in 90 days, all Billing."),
            ({"others": 1, "lately": 1, "category": "Billing", "of_category": 1}, "1 ticket in 90 days, Billing."),
            ({"others_lately": 0, "lately": 1}, "4 other tickets, all more than 90 days old."),
            ({"others": 1, "others_lately": 0, "lately": 1}, "1 other ticket, more than 90 days old."),
            ({"others": 12345, "lately": 12346}, "12346 tickets in 90 days."),
        ],
    )
    def test_how_many_when_and_about_what(self, fields: dict[str, Any], text: str) -> None:
        assert said(**fields)[0] == text
        end = "; first reply after about 4 h."
        assert said(**fields, reply=4.6 * HOURS)[0] == f"{text[:-1]}{end}"

    @pytest.mark.parametrize(
        ("reply", "text"),
        [
            (timedelta(), "1 min"),
            (59 * timedelta(minutes=1), "59 min"),
            (3 * DAYS, "3 days"),
            (1000 * DAYS, "1000 days"),
        ],
    )
    def test_how_long_the_first_reply_took(self, reply: timedelta, text: str) -> None:
        assert said(reply=reply)[0] == f"5 tickets in 90 days; first reply after about {text}."

    def test_a_category_is_shown_as_the_team_calls_it(self) -> None:
        assert said(category="100%(x)s <b>", of_category=3)[0] == "5 tickets in 90 days, 3 of them 100%(x)s <b>."


class TestProblems:
    @pytest.mark.parametrize(
        ("fields", "text"),
        [
            ({}, "No other ticket is open."),
            ({"escalated": 1}, "No other ticket is open; 1 was escalated."),
            ({"escalated": 2}, "No other ticket is open; 2 were escalated."),
            ({"ours": 1}, "1 other is open and has waited for us for 3 days."),
            ({"ours": 2, "escalated": 1}, "2 others are open; one has waited for us for 3 days."),
            ({"theirs": 1}, "1 other waits for the customer."),
            ({"theirs": 2}, "2 others wait for the customer."),
            ({"ours": 1, "theirs": 1}, "Others not closed: 1 with us (longest: 3 days), 1 with the customer."),
            ({"ours": 12, "theirs": 3}, "Others not closed: 12 with us (longest: 3 days), 3 with the customer."),
        ],
    )
    def test_which_are_not_closed_and_who_has_to_act(self, fields: dict[str, Any], text: str) -> None:
        since = NOW - 3 * DAYS if fields.get("ours") else None
        assert said(**fields, ours_since=since)[1:] == [text]

    def test_a_wait_that_has_just_begun(self) -> None:
        assert said(ours=1, ours_since=NOW)[1] == "1 other is open and has waited for us for 1 min."
        assert said(ours=1, ours_since=NOW + HOURS)[1] == "1 other is open and has waited for us for 1 min."


class TestMood:
    def test_it_is_the_last_of_three_sentences(self) -> None:
        found = said(tones=tones("neutral", "negative", "negative"))
        assert found[1:] == ["No other ticket is open.", "Mood is falling: neutral, negative."]

    def test_of_a_first_ticket(self) -> None:
        found = sentences(Facts(tones=tones("negative", "neutral", "positive")), NOW)
        assert found == ["First ticket.", "Mood is rising: negative, neutral, positive."]

    def test_what_is_the_same_in_a_row_is_said_once(self) -> None:
        assert said(tones=tones(*["negative"] * 4))[-1] == "Mood is steady: negative."
        falling = tones("positive", "neutral", "positive", "negative", "negative")
        assert said(tones=falling)[-1] == "Mood is falling: positive, neutral, positive, negative."

    def test_of_a_mood_without_a_trend(self) -> None:
        assert said(tones=tones("neutral", "negative", "neutral", "negative"))[-1] == "Mood goes up and down."

    def test_nothing_where_there_is_too_little(self) -> None:
        assert len(said(tones=tones("negative", "negative"))) == 2


def test_whatever_the_records_say_there_are_at_most_three_sentences_without_gaps() -> None:
    most = Facts(9, 9, 10, "Billing", 6, 3, NOW - DAYS, 2, 4, HOURS, tones("neutral", "negative", "negative"))
    for other in (most, replace(most, ours=0), replace(most, theirs=0), replace(most, others_lately=0)):
        found = sentences(other, NOW)
        assert len(found) == 3 and all(each.endswith(".") and "%(" not in each for each in found)


def test_in_german_too() -> None:
    with translation.override("de"):
        found = said(
            tones=tones("neutral", "negative", "negative"), reply=HOURS, ours=2, theirs=1, ours_since=NOW - DAYS
        )
    assert len(found) == 3 and not any("%(" in each for each in found)
    assert "negativ" in found[2]
