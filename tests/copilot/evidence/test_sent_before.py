"""What a reply has said already, in the article's words or nearly."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.evidence.sent_before import Replies
from tests.growth import assert_linear

REPLY = """Hi Nadia,

With a new phone it is nearly always one of these:

1. App › Profile › Notifications: allow, then select Send test. It should arrive within a minute.
2. Android settings › Battery for Tallybird: unrestricted.

Each key may send 120 requests per minute. Meanwhile you can switch on Allow pay at the studio under Settings ›
Payments › Checkout, so nobody misses the deadline.
Jonas"""
STEPS = """To test the notifications:
1. Open Profile › Notifications in the app.
2. Allow them and select Send test."""


def replies(*texts: str) -> Replies:
    return Replies([(f"2026-11-{day:02}", text) for day, text in enumerate(texts, start=1)])


@pytest.mark.parametrize(
    "text",
    [
        "Each key may send 120 requests per minute.",
        "Under Settings › Payments › Checkout switch on Allow pay at the studio.",
        "Set the battery of Tallybird to unrestricted in the Android settings.",
        "1. Open Profile › Notifications in the app.\n2. Allow, then select Send test.",
    ],
)
def test_what_a_reply_says_was_sent(text: str) -> None:
    assert replies(REPLY).say(text)


@pytest.mark.parametrize(
    "text",
    [
        "Each key may send 600 requests per minute.",  # another figure
        "After a 429, wait the seconds given in Retry-After.",
        "Each key may send 120 requests per minute. For live changes use webhooks.",  # a part is new
        "Sign out of the app and in again, which registers the new phone.",
        "",
        "…",
    ],
)
def test_what_no_reply_says_was_not(text: str) -> None:
    assert not replies(REPLY).say(text)


def test_words_that_stand_far_apart_say_something_else() -> None:
    far = "Open the calendar. It shows today. Clients see nothing of it. Payments are elsewhere. Export them monthly."
    assert not replies(far).say("Export the calendar of clients.")


def test_steps_of_which_one_is_new_are_sent_whole() -> None:
    assert not replies(REPLY).say(f"{STEPS}\n3. Restart the phone without its charger.")


def test_in_other_languages_too() -> None:
    german = "Öffnen Sie die Einstellungen und wählen Sie Kalender neu verbinden."
    assert replies(german).say("Wählen Sie in den Einstellungen Kalender neu verbinden.")
    assert not replies(german).say("Wählen Sie in den Einstellungen Kalender löschen.")


@pytest.mark.parametrize("text", ["請先登出，然後重新登入應用程式。", "アプリからサインアウトして、待ってください。"])
def test_in_scripts_without_spaces_too(text: str) -> None:
    assert replies(f"您好。{text}谢谢。").say(text)
    assert not replies("您好。谢谢。").say(text)


def test_the_latest_reply_counts_and_without_replies_nothing_was_sent() -> None:
    """They come newest first."""
    twice = "Select Send test."
    assert replies(twice, "Something else entirely.", twice).when(twice) == "2026-11-01"
    assert replies("Something else entirely.", twice).when(twice) == "2026-11-02"
    assert Replies().when(twice) == "" and not Replies()


@given(st.text(max_size=200), st.text(max_size=200))
def test_no_text_breaks_it(reply: str, text: str) -> None:
    assert isinstance(replies(reply).say(text), bool)


@given(st.lists(st.sampled_from(("Open Cards.", "Select Pending.", "Print the receipt.", "1. Wait.")), min_size=1))
def test_a_reply_says_itself(said: list[str]) -> None:
    text = "\n".join(said)
    assert replies(text).say(text)


@pytest.mark.parametrize("said", ["word. ", "1. ", "… "])
def test_time_grows_with_the_text(said: str) -> None:
    assert_linear(lambda text: replies(text).say("Open the calendar."), lambda size: said * (size // len(said)))
    assert_linear(replies("Open the calendar.").say, lambda size: said * (size // len(said)))


def test_each_pair_of_these_is_different() -> None:
    """Sentences of one article about one subject."""
    article = (
        "You can pay by card or by invoice.",
        "An invoice is due within 14 days.",
        "A card is charged on the first day of the month.",
        "If the charge fails, we try again after 3 days.",
    )
    assert [(one, other) for one, other in product(article, article) if replies(one).say(other)] == [
        (each, each) for each in article
    ]
