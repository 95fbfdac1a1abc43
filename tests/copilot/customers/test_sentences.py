"""What is said of a customer, form by form."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone, translation

from copilot.customers.facts import Facts
from copilot.customers.mood import Tone, mood
from copilot.customers.sentences import mood_sentence, sentences

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
            ({"ours": 1, "waiting": 1}, "1 other is open and has waited for us for 3 days."),
            ({"ours": 2, "waiting": 2, "escalated": 1}, "2 others are open; one has waited for us for 3 days."),
            ({"ours": 2, "waiting": 1}, "2 others are open; one has waited for us for 3 days."),
            ({"ours": 1}, "1 other is open."),  # we have answered, and left it open
            ({"ours": 2}, "2 others are open."),
            ({"theirs": 1}, "1 other waits for the customer."),
            ({"theirs": 2}, "2 others wait for the customer."),
            (
                {"ours": 1, "waiting": 1, "theirs": 1},
                "Others not closed: 1 with us (longest: 3 days), 1 with the customer.",
            ),
            (
                {"ours": 12, "waiting": 12, "theirs": 3},
                "Others not closed: 12 with us (longest: 3 days), 3 with the customer.",
            ),
            ({"ours": 2, "waiting": 1, "theirs": 3}, "Others not closed: 2 open, 3 with the customer."),
            ({"ours": 1, "theirs": 1}, "Others not closed: 1 open, 1 with the customer."),
        ],
    )
    def test_which_are_not_closed_and_who_has_to_act(self, fields: dict[str, Any], text: str) -> None:
        since = NOW - 3 * DAYS if fields.get("waiting") else None
        assert said(**fields, waiting_since=since)[1:] == [text]

    def test_a_wait_that_has_just_begun(self) -> None:
        for since in (NOW, NOW + HOURS):
            found = said(ours=1, waiting=1, waiting_since=since)
            assert found[1] == "1 other is open and has waited for us for 1 min."


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (("negative", "neutral", "positive"), "Mood is rising: negative → positive."),
        (("positive", "neutral", "positive", "negative", "negative"), "Mood is falling: positive → negative."),
        (("negative",) * 4, "Mood is steady: negative."),
        (("neutral", "negative", "neutral", "negative"), "Mood goes up and down."),
        (("negative", "negative", "neutral", "negative"), "Mood goes up and down."),
        (("negative", "negative"), ""),
    ],
)
def test_of_the_mood(names: tuple[str, ...], text: str) -> None:
    assert mood_sentence(mood(tones(*names))) == text


def test_whatever_the_records_say_there_are_at_most_two_sentences_without_gaps() -> None:
    most = Facts(9, 9, 10, "Billing", 6, 3, 3, NOW - DAYS, 2, 4, HOURS)
    for other in (
        most,
        replace(most, ours=0, waiting=0),
        replace(most, waiting=0),
        replace(most, theirs=0),
        replace(most, others_lately=0),
    ):
        found = sentences(other, NOW)
        assert len(found) == 2 and all(each.endswith(".") and "%(" not in each for each in found)


def test_in_german_too() -> None:
    with translation.override("de"):
        found = said(reply=HOURS, ours=2, waiting=2, theirs=1, waiting_since=NOW - DAYS)
        how = mood_sentence(mood(tones("neutral", "negative", "negative")))
    assert len(found) == 2 and not any("%(" in each for each in [*found, how])
    assert how == "Stimmung sinkt: neutral → negativ."
