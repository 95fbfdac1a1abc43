"""What a reply has said already, in the article's words or nearly."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.evidence.sent_before import Replies
from copilot.evidence.units import Kind, Unit
from tests.growth import assert_linear

REPLY = """Hi Nadia,

With a new phone it is nearly always one of these:

1. App › Profile › Notifications: allow, then select Send test. It should arrive within a minute.
2. Android settings › Battery for Tallybird: unrestricted.

Each key may send 120 requests per minute. Meanwhile you can switch on Allow pay at the studio under Settings ›
Payments › Checkout, so nobody misses the deadline.
Jonas"""


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


class TestLists:
    POINTS = ("Turn the roll round.", "Set the density to Medium.", "Clean the print head with a cotton bud.")

    def of(self, kind: Kind, *marks: str) -> Unit:
        points = [f"{mark} {point}" for mark, point in zip(marks, self.POINTS, strict=True)]
        return Unit("\n".join(["Pale receipts:", *points]), kind, 0, 0)

    @property
    def points(self) -> Unit:
        return self.of(Kind.LIST, "-", "-", "-")

    @property
    def steps(self) -> Unit:
        return self.of(Kind.STEPS, "1.", "2.", "3.")

    def test_of_a_list_the_points_that_were_sent_are_left_out(self) -> None:
        sent = replies("Hi,\nset the density to Medium.")
        new, old = sent.new_of(self.points), sent.sent_of(self.points)
        assert new and new.text == "Pale receipts:\n- Turn the roll round.\n- Clean the print head with a cotton bud."
        assert old and old.text == "Pale receipts:\n- Set the density to Medium."
        assert sent.when(old) == "2026-11-01"

    def test_steps_go_on_where_we_stopped(self) -> None:
        new = replies("Turn the roll round. Set the density to Medium.").new_of(self.steps)
        assert new and new.text == "Pale receipts:\n3. Clean the print head with a cotton bud."

    @pytest.mark.parametrize("sent", ["Turn the roll round.", "Clean the print head with a cotton bud."])
    def test_steps_of_another_procedure_are_not_cut(self, sent: str) -> None:
        """Many begin with the same step."""
        assert replies(sent).new_of(self.steps) == self.steps and replies(sent).sent_of(self.steps) is None

    def test_when_all_points_were_sent_nothing_is_left(self) -> None:
        sent = replies("\n".join(self.POINTS))
        for each in (self.points, self.steps):
            assert sent.new_of(each) is None and sent.sent_of(each) == each

    def test_a_point_has_all_its_lines(self) -> None:
        inner = Unit(
            "- Turn the roll round.\n  - Thermal paper has one shiny side.\n- Clean the head.", Kind.LIST, 0, 0
        )
        assert replies("Turn the roll round.").new_of(inner) == inner


class TestRows:
    def row(self, text: str) -> Unit:
        return Unit(text, Kind.ROW, 0, 0)

    def test_what_the_cells_say_counts(self) -> None:
        row = self.row("Reasons: Old software – Remedy: Update the reader on its charger")
        assert replies("Please update the reader on its charger.").sent_of(row) == row

    def test_of_short_cells_also_what_the_row_is_about(self) -> None:
        row = self.row("Offline: Take a payment – Offline: no")
        assert replies("No, don't sign out.").sent_of(row) is None
        assert replies("Offline you can take no payment.").sent_of(row) == row

    def test_another_figure_is_another_row(self) -> None:
        row = self.row("Limits: Requests – Studio: 120 each minute for a key")
        assert replies("You have 600 requests each minute for a key.").sent_of(row) is None


def test_without_replies_units_stay_as_they_are() -> None:
    unit = Unit("Turn the roll round.", Kind.SENTENCE, 0, 0)
    assert Replies().new_of(unit) is unit and Replies().sent_of(unit) is None


def test_in_other_languages_too() -> None:
    german = "Öffnen Sie die Einstellungen und wählen Sie Kalender neu verbinden."
    assert replies(german).say("Wählen Sie in den Einstellungen Kalender neu verbinden.")
    assert not replies(german).say("Wählen Sie in den Einstellungen Kalender löschen.")


@pytest.mark.parametrize("text", ["請先登出，然後重新登入應用程式。", "アプリからサインアウトして、待ってください。"])
def test_in_scripts_without_spaces_too(text: str) -> None:
    assert replies(f"您好。{text}谢谢。").say(text)
    assert not replies("您好。谢谢。").say(text)


def test_the_latest_reply_counts() -> None:
    """They come newest first."""
    twice, unit = "Select Send test.", Unit("Select Send test.", Kind.SENTENCE, 0, 0)
    assert replies(twice, "Something else entirely.", twice).when(unit) == "2026-11-01"
    assert replies("Something else entirely.", twice).when(unit) == "2026-11-02"
    assert Replies().when(unit) == "" and not Replies()


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
