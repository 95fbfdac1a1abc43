"""What a placeholder stands for is stored with its ticket, never changes, and is read without the messages."""

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps

from copilot.drafting.record import shown_text
from copilot.evidence import gathering, question
from copilot.models import Draft, MaskedValue
from copilot.preparation import pipeline
from knowledge import masking
from knowledge.search.retrieval import SearchResult
from tests import cast
from tickets import outbox
from tickets.models import Customer, Message, Ticket, User

pytestmark = pytest.mark.django_db
OF_OLD = import_module("copilot.migrations.0008_values_of_placeholders")
SEALING = import_module("copilot.migrations.0017_seal_masked_values")


@pytest.fixture(autouse=True)
def no_search(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.EMBEDDING_MODEL = "fake"
    empty = SearchResult((), "hybrid", None, "", 3.0, 0.1, 0.35)
    monkeypatch.setattr(gathering, "search", lambda query, **options: empty)


def wrote(ticket: Ticket, text: str) -> str:
    """The customer writes and the message is prepared; returns what the model would read."""
    Message.objects.create(ticket=ticket, kind="customer", text=text)
    return prepared(ticket)


def prepared(ticket: Ticket) -> str:
    message = Message.objects.select_related("ticket__customer").filter(ticket=ticket).latest("pk")
    return pipeline.prepare(message).masked.asked


def draft_of(ticket: Ticket, text: str) -> Draft:
    Draft.objects.create(ticket=ticket, message=ticket.messages.latest("pk"), state=Draft.State.READY, text=text)
    return Draft.objects.select_related("ticket__customer", "message").latest("pk")


def test_the_same_value_keeps_its_placeholder_and_new_ones_follow() -> None:
    ticket = cast.new_ticket(text="Write to ana@mail.example")
    assert "<EMAIL_1>" in prepared(ticket)
    assert "<EMAIL_2>, ANA: <EMAIL_1>" in wrote(ticket, "bo@mail.example, ANA: Ana@mail.example")
    assert "<EMAIL_3>" in wrote(ticket, "now cy@mail.example")


def test_a_placeholder_of_another_ticket_has_no_effect(ticket: Ticket) -> None:
    prepared(cast.new_ticket(text="Write to ana@mail.example"))
    assert "<EMAIL_1>" in wrote(ticket, "bo@mail.example")
    assert shown_text(draft_of(ticket, "<EMAIL_1>")) == "bo@mail.example"


def test_showing_a_draft_is_one_read_and_masks_nothing(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    ticket = cast.new_ticket(text="Write to ana@mail.example")
    prepared(ticket)
    own, others = draft_of(ticket, "Hi <NAME>, <EMAIL>"), draft_of(ticket, "Hi <NAME>, I write to <EMAIL_1>")

    def refuse(text: str) -> Any:
        raise AssertionError("a message was masked again")

    monkeypatch.setattr(masking, "find", refuse)
    with django_assert_num_queries(0):
        assert shown_text(own) == "Hi Tomas, tomas@okafor.example"
    with django_assert_num_queries(1):
        assert shown_text(others) == "Hi Tomas, I write to ana@mail.example"


def test_a_corrected_customer_is_right_at_once_and_an_erased_one_gone() -> None:
    ticket = cast.new_ticket(text="I am Tomas, tomas@okafor.example")
    prepared(ticket)
    assert not MaskedValue.objects.exists()
    draft = draft_of(ticket, "Hi <NAME>, <EMAIL>")
    Customer.objects.update(name="Thomas Okafor", email="thomas@okafor.example")
    assert shown_text(Draft.objects.get(pk=draft.pk)) == "Hi Thomas, thomas@okafor.example"
    Customer.objects.update(name="")
    assert shown_text(Draft.objects.get(pk=draft.pk)) == "Hi <NAME>, thomas@okafor.example"


def test_an_unknown_placeholder_stays_as_it_is(ticket: Ticket) -> None:
    assert shown_text(draft_of(ticket, "see <LINK_7>")) == "see <LINK_7>"


def test_neither_the_row_nor_the_outcome_says_the_value_where_it_is_logged() -> None:
    ticket = cast.new_ticket(text="Write to ana@mail.example")
    message = Message.objects.select_related("ticket__customer").get(ticket=ticket)
    outcome = pipeline.prepare(message)
    assert "ana@" not in f"{MaskedValue.objects.get()} {outcome.masked}"


class TestDraftsThatWereThereBefore:
    """Their placeholders were numbered by masking subject and messages in order, at each view."""

    def migrate(self) -> None:
        OF_OLD.keep_values(apps, None)
        SEALING.seal(apps, None)

    def test_they_restore_to_the_same_values(self) -> None:
        ticket = cast.new_ticket(subject="For ana@mail.example", text="Hello, ask bo@mail.example or 0341 5550 1234.")
        Message.objects.create(ticket=ticket, kind="reply", author=cast.mira(), text="zoe@mail.example?")
        Message.objects.create(ticket=ticket, kind="customer", text="No, cy@mail.example. ana@mail.example is away.")
        draft = draft_of(ticket, "Hi <NAME>, I wrote to <EMAIL_3>, <EMAIL_2> and <EMAIL_1>; <PHONE_1>, <EMAIL_9>.")
        self.migrate()
        assert shown_text(Draft.objects.get(pk=draft.pk)) == (
            "Hi Tomas, I wrote to cy@mail.example, bo@mail.example and ana@mail.example; 0341 5550 1234, <EMAIL_9>."
        )

    def test_what_comes_later_gets_other_numbers(self) -> None:
        ticket = cast.new_ticket(text="ana@mail.example or bo@mail.example")
        draft = draft_of(ticket, "I wrote to <EMAIL_2>")
        self.migrate()
        assert "<EMAIL_3>" in wrote(ticket, "cy@mail.example")
        assert shown_text(Draft.objects.get(pk=draft.pk)) == "I wrote to bo@mail.example"

    def test_of_a_conversation_too_long_to_be_read_each_draft_keeps_its_own(self) -> None:
        """Both got the number after the last message that was read: for two values."""
        ticket = cast.new_ticket(text="first@mail.example " + "word " * 12_000)
        for _ in range(5):
            Message.objects.create(ticket=ticket, kind="customer", text="word " * 12_000)
        drafts = []
        for name in ("ana", "bo"):
            Message.objects.create(ticket=ticket, kind="customer", text=f"{name}@mail.example")
            drafts.append(draft_of(ticket, "I wrote to <EMAIL_2>, not to <EMAIL_1>"))
        self.migrate()
        shown = [shown_text(Draft.objects.get(pk=draft.pk)) for draft in drafts]
        assert shown == [f"I wrote to {name}@mail.example, not to first@mail.example" for name in ("ana", "bo")]

    def test_drafts_without_numbers_keep_nothing(self, ticket: Ticket) -> None:
        draft_of(ticket, "Hi <NAME>, see snake_case <b>")
        self.migrate()
        assert not MaskedValue.objects.exists()


class TestWhatAModelMayName:
    """Of all that a ticket's placeholders stand for, a draft may show what stands in the message it answers."""

    def test_what_earlier_messages_name_is_searched_with_and_not_kept(self, mira: User) -> None:
        ticket = cast.new_ticket(text="Please change my address.")
        outbox.write_reply(ticket, mira, "Is it jo@other.example?", submission=None)
        later = Message.objects.create(ticket=ticket, kind="customer", text="Yes, please.")
        masked = question.mask(question.inputs(later)[0])
        assert "jo@other.example" not in "".join(masked.history) and not masked.added

    def test_an_undone_reply_is_not_part_of_the_question(self, mira: User, settings: Any) -> None:
        settings.UNDO_SEND_SECONDS = 60
        ticket = cast.new_ticket(text="Please change my address.")
        sent = outbox.write_reply(ticket, mira, "For another customer.", submission=None)
        outbox.undo(sent.pk, mira)
        later = Message.objects.create(ticket=ticket, kind="customer", text="Well?")
        assert "For another customer." not in question.inputs(later)[0].earlier
