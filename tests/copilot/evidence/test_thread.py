"""What the model reads of the messages before the latest one."""

import pytest

from copilot.evidence.question import CUT
from copilot.evidence.question_text import GAP
from copilot.evidence.thread import CHARACTERS, before, masked_before
from copilot.redaction.values import masker_of
from tickets.models import Message, Ticket, User

CUSTOMER, REPLY = Message.Kind.CUSTOMER, Message.Kind.REPLY
ASKED, SENT = "My till prints nothing.", "Hi,\n\nRestart the printer.\nMira"


def test_the_question_and_our_reply_as_in_a_mail() -> None:
    assert before([(REPLY, SENT), (CUSTOMER, ASKED)]) == f"{ASKED}\n\n> Hi,\n> Restart the printer.\n> Mira"


def test_from_the_message_that_our_latest_reply_answers() -> None:
    older = [(REPLY, "Select Print."), (CUSTOMER, "How do I print?")]
    latest = [(CUSTOMER, "It is on."), (REPLY, SENT), (CUSTOMER, ASKED), *older]
    assert before(latest) == f"{ASKED}\n\n> Hi,\n> Restart the printer.\n> Mira\n\nIt is on."


def test_of_long_messages_only_the_beginning_the_questions_and_the_end() -> None:
    told = before([(REPLY, "Restart it. " * 100), (CUSTOMER, "I have a till. " * 100 + "Why does it print nothing?")])
    assert "Why does it print nothing?" in told and GAP.strip() in told and len(told.split()) < 140


def test_nothing_was_written_before() -> None:
    assert before([]) == ""


@pytest.mark.django_db
def test_it_is_masked_and_has_no_notes(ticket: Ticket, mira: User) -> None:
    for kind, text in ((REPLY, "Call Tomas Okafor on +44 20 7946 0011."), (Message.Kind.NOTE, "A liar?")):
        Message.objects.create(ticket=ticket, kind=kind, text=text, author=mira)
    latest = Message.objects.create(ticket=ticket, kind=CUSTOMER, text="Nobody answers.")
    told = masked_before(latest, masker_of(ticket))
    assert "<FULL_NAME>" in told or "<NAME>" in told
    assert not any(private in told for private in ("Okafor", "7946", "liar", "Nobody"))


@pytest.mark.django_db
def test_of_a_very_long_message_only_the_beginning_is_masked(ticket: Ticket, mira: User) -> None:
    """Masking takes a second for ten thousand characters."""
    masker = masker_of(ticket)
    read: list[int] = []
    found = masker.found
    masker.found = lambda text: read.append(len(text)) or found(text)  # type: ignore[method-assign,func-returns-value]
    Message.objects.create(ticket=ticket, kind=REPLY, text="Restart it. " * 5_000, author=mira)
    latest = Message.objects.create(ticket=ticket, kind=CUSTOMER, text="And now?")
    assert masked_before(latest, masker) and max(read) <= CHARACTERS + CUT
