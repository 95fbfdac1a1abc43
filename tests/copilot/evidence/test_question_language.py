"""copilot/evidence/question.py: a draft is asked for in the language of the message that it answers."""

import pytest

from copilot.evidence.question import LanguageInput, language, question_of
from tests.cast import mira
from tests.tickets.mails import raw
from tickets.mail import intake
from tickets.models import Message
from tickets.outbox import write_reply

pytestmark = pytest.mark.django_db


def test_a_colleague_abroad_is_answered_in_her_language() -> None:
    first = intake.receive(
        raw("Guten Tag, können Sie mir bitte die letzte Rechnung noch einmal schicken? Vielen Dank.")
    )
    message = Message.objects.get(pk=first.message_id)
    ticket = message.ticket
    assert question_of(ticket, message).language == "de"
    reply = write_reply(ticket, mira(), "Welche Rechnung meinen Sie?", submission=None)
    english = raw(
        "Hello, my colleague is away. Could you please send the invoice of October to me instead?",
        sender="Bo <bo@okafor.example>",
        in_reply_to=f"<{reply.message_id}>",
        message_id="<2@x>",
    )
    second = Message.objects.get(pk=intake.receive(english).message_id)
    ticket.refresh_from_db()
    assert question_of(ticket, second).language == "en"
    assert ticket.language == "de"


def test_a_short_answer_is_in_the_tickets_language() -> None:
    first = intake.receive(
        raw("Guten Tag, können Sie mir bitte die letzte Rechnung noch einmal schicken? Vielen Dank.")
    )
    message = Message.objects.get(pk=first.message_id)
    reply = write_reply(message.ticket, mira(), "Welche Rechnung meinen Sie?", submission=None)
    short = intake.receive(raw("2044", in_reply_to=f"<{reply.message_id}>", message_id="<2@x>"))
    assert question_of(message.ticket, Message.objects.get(pk=short.message_id)).language == "de"


ENGLISH = "Hello, my colleague is away. Could you please send the invoice of October to me instead?"
DANISH_OR_NORWEGIAN = "Kan ikke logge ind eller inn: problem med konto"


@pytest.mark.parametrize(
    ("text", "earlier", "ticket", "customer", "code", "searched"),
    [
        (ENGLISH, (), "de", "de", "en", "en"),
        ("2044", (ENGLISH,), "de", "de", "en", "en"),
        ("2044", ("ok", ENGLISH), "de", "de", "en", "en"),
        ("2044", (), "", "de", "de", "de"),
        ("2044", (), "", "", "", ""),
        (DANISH_OR_NORWEGIAN, (), "", "", "", "da"),
        (DANISH_OR_NORWEGIAN, (), "en", "no", "no", "no"),
        (DANISH_OR_NORWEGIAN, (ENGLISH,), "en", "en", "en", "da"),
    ],
)
def test_the_latest_message_that_tells(
    text: str, earlier: tuple[str, ...], ticket: str, customer: str, code: str, searched: str
) -> None:
    read = language(LanguageInput(text, earlier, ticket, customer))
    assert (read.code, read.searched) == (code, searched)


def test_what_a_colleague_wrote_last_counts_where_the_latest_message_is_too_short() -> None:
    first = intake.receive(
        raw("Guten Tag, können Sie mir bitte die letzte Rechnung noch einmal schicken? Vielen Dank.")
    )
    ticket = Message.objects.get(pk=first.message_id).ticket
    reply = write_reply(ticket, mira(), "Welche Rechnung meinen Sie?", submission=None)
    for number, text in enumerate((ENGLISH, "2044"), start=2):
        mail = raw(text, in_reply_to=f"<{reply.message_id}>", message_id=f"<{number}@x>")
        latest = Message.objects.get(pk=intake.receive(mail).message_id)
        assert question_of(ticket, latest).language == "en"
