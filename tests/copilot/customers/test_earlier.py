"""Which other tickets are shown, in which order, with which line."""

from typing import Any

import pytest

from copilot import prompts
from copilot.customers import earlier
from copilot.models import MaskedValue, ModelCall
from copilot.redaction.values import add
from copilot.summaries import keeping, thread
from copilot.summaries.quoted import About, Line
from tests import cast
from tests.copilot.customers.conftest import NOW, earlier_ticket, escalated, keep
from tests.copilot.summaries.conftest import say
from tickets.models import OutgoingMail, Ticket

pytestmark = pytest.mark.django_db
A, T, F = About.ASKED, About.TRIED, About.FAILED


def shown(ticket: Ticket, **who: Any) -> list[earlier.Earlier]:
    return earlier.shown(ticket, who.get("user") or cast.mira())


def line(ticket: Ticket) -> str | None:
    (found,) = shown(ticket)
    return found.asked and found.asked.text


def test_those_that_are_not_closed_first_then_the_newest_and_at_most_four(ticket: Ticket) -> None:
    for subject, status, ago in [
        ("new", "closed", 1),
        ("old open", "open", 300),
        ("older", "closed", 5),
        ("pending", "pending", 200),
        ("open", "open", 7),
        ("oldest", "closed", 9),
    ]:
        earlier_ticket(subject, status=status, ago=ago)
    assert [each.ticket.subject for each in shown(ticket)] == ["open", "old open", "pending", "new"]


def test_never_the_ticket_itself_nor_one_of_somebody_else(ticket: Ticket, lena: Any) -> None:
    earlier_ticket(customer=lena)
    assert shown(ticket) == []


def test_none_for_a_member_who_may_not_see_them(ticket: Ticket) -> None:
    earlier_ticket()
    assert shown(ticket, user=cast.otto()) == []


def test_whether_it_was_escalated(ticket: Ticket) -> None:
    escalated(earlier_ticket("yes", ago=1))
    escalated(earlier_ticket("undone", ago=2), undone_at=NOW)
    earlier_ticket("no", ago=3)
    assert [each.escalated for each in shown(ticket)] == [True, False, False]


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        ([], None),
        ([(A, "quote", False), (A, "written", True), (A, "later", True)], "written"),
        ([(A, "quote", False), (A, "other", False)], "quote"),
        ([(T, "we tried", True), (F, "it failed", True)], None),
        ([(T, "we tried", True), (A, "quote", False)], "quote"),
    ],
)
def test_of_several_lines_a_written_one_or_else_the_first(lines: list[Any], text: str | None) -> None:
    found = earlier.asked(made(lines), Ticket(subject="May"))
    assert (found and found.text) == text


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        ([(A, "No sync  again", False), (A, "Since May.", False)], "No sync  again"),
        ([(A, "No sync again", False), (A, "Since May.", False)], "Since May."),
        ([(A, "No sync again Since May.", False)], "Since May."),
        ([(A, "No sync again … Since May.", False)], "Since May."),
        ([(A, "No sync again is what I see.", False)], "No sync again is what I see."),
        ([(A, "No sync against May.", False)], "No sync against May."),
        ([(A, "No sync again “Since May”", False)], "“Since May”"),
        ([(A, "No sync again", False)], "No sync again"),  # better than an empty line
        ([(A, "No sync again since May", True)], "No sync again since May"),
    ],
)
def test_a_quote_does_not_repeat_the_subject(lines: list[Any], text: str) -> None:
    found = earlier.asked(made(lines), Ticket(subject="No sync \n again"))
    assert found and found.text == text
    assert earlier.asked(made(lines), Ticket(subject=""))


def made(lines: list[Any]) -> list[Line]:
    return [Line(about, said, (1,), written) for about, said, written in lines]


class TestKeptLines:
    def test_with_real_values(self, ticket: Ticket) -> None:
        other = earlier_ticket()
        add(other.pk, {"EMAIL_1": "lea@firma.example"})
        keep(other, {"text": "<NAME> asks for <EMAIL_1>"})
        (found,) = shown(ticket)
        assert found.asked == Line(A, "Tomas asks for lea@firma.example", found.asked.messages, True)  # type: ignore[union-attr]

    def test_a_placeholder_of_another_ticket_is_not_filled_in(self, ticket: Ticket) -> None:
        keep(earlier_ticket(), {"text": "Write to <EMAIL_1>"})
        add(ticket.pk, {"EMAIL_1": "secret@firma.example"})
        assert line(ticket) == "Write to <EMAIL_1>"
        assert MaskedValue.objects.get().ticket == ticket

    def test_up_to_our_first_reply(self, ticket: Ticket) -> None:
        other = earlier_ticket()
        keep(other, {"text": "What was asked first"})
        say(other, "reply", "Under Billing.")
        say(other, "customer", "It is not there.")
        keep(other, {"text": "All of it"})
        assert line(ticket) == "What was asked first"

    def test_a_note_is_part_of_it_and_a_package_is_not(self, ticket: Ticket) -> None:
        other = earlier_ticket()
        keep(other, {"text": "Asked"})
        escalated(other)
        assert line(ticket) == "Asked"
        say(other, "note", "She called.")
        assert line(ticket) is None

    def test_the_newest(self, ticket: Ticket) -> None:
        other = earlier_ticket()
        keep(other, {"text": "First"})
        keep(other, {"text": "Second"})
        assert line(ticket) == "Second"

    def test_none_that_was_not_finished(self, ticket: Ticket) -> None:
        row = keep(earlier_ticket(), {"text": "Half"})
        row.finished_at = None
        row.save()
        assert line(ticket) is None

    def test_none_of_another_prompt(self, ticket: Ticket) -> None:
        row = keep(earlier_ticket(), {"text": "Asked"})
        call = ModelCall.objects.create(summary=row, purpose="summary", prompt_version="summary-1@other", messages=[])
        assert line(ticket) is None
        ModelCall.objects.filter(pk=call.pk).update(prompt_version=prompts.load("summary-1").version)
        assert line(ticket) == "Asked"

    def test_none_that_rests_on_a_reply_that_was_undone(self, ticket: Ticket) -> None:
        other = earlier_ticket()
        reply = say(other, "reply", "Under Billing.", state=OutgoingMail.State.QUEUED)
        say(other, "note", "Told her.")
        keep(other, {"text": "Asked", "messages": [reply.pk]})
        OutgoingMail.objects.filter(message=reply).update(state=OutgoingMail.State.UNDONE)
        assert line(ticket) is None

    def test_the_same_as_are_kept_of_each_ticket_alone(self, ticket: Ticket) -> None:
        first, second, third = (earlier_ticket(str(at)) for at in range(3))
        keep(first, {"text": "One"})
        keep(second, {"text": "Two"})
        say(second, "note", "Called")
        say(third, "reply", "Here.")
        for each in shown(ticket):
            alone = keeping.latest(each.ticket, thread.newest(each.ticket, opening=True))
            found = earlier.asked(keeping.shown(alone, each.ticket), each.ticket) if alone else None
            assert each.asked == found


def test_as_many_queries_for_one_as_for_all(ticket: Ticket, mira: Any, django_assert_num_queries: Any) -> None:
    for count in (1, 39):
        for at in range(count):
            other = earlier_ticket(subject=str(at))
            add(other.pk, {"EMAIL_1": f"{at}@firma.example"})
            keep(other, {"text": "Write to <EMAIL_1>"})
        with django_assert_num_queries(5):
            found = earlier.shown(ticket, mira)
        assert all(each.asked and "@firma.example" in each.asked.text for each in found)
