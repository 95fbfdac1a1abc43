"""What the copilot makes of forwards and of the answers to them: nothing that the customer could read."""

from uuid import uuid4

import pytest

from copilot.drafting import drafter_queue
from copilot.evidence.question import written_before
from copilot.models import Draft
from copilot.presend.gathering import facts_for
from copilot.summaries import thread
from tests.tickets.mails import raw
from tickets import outbox
from tickets.forwarding.writing import Forward, forward
from tickets.mail import intake
from tickets.mail.mime.addresses import Address
from tickets.mail.recipients import Recipients
from tickets.models import Message, Ticket, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def answer(ticket: Ticket, mira: User) -> Message:
    """Piet has answered what was forwarded to him."""
    asked = ticket.messages.get()
    wanted = Forward(asked, Recipients((Address("Piet Vos", "piet@vos.example"),)), "Where is this parcel?")
    ours = forward(ticket, mira, wanted, submission=None)
    mail = raw(
        "It is in Utrecht.", sender="piet@vos.example", in_reply_to=f"<{ours.message_id}>", message_id=f"<{uuid4()}>"
    )
    return Message.objects.get(pk=intake.receive(mail).message_id)


def test_no_draft_is_written_for_the_answer(answer: Message) -> None:
    assert answer.kind == Message.Kind.OTHER and not Draft.objects.filter(message=answer).exists()
    waiting = drafter_queue.messages_without_draft()
    assert [each.kind for each in waiting] == ["customer"], "the customer's message still waits for its draft"


def test_drafts_do_not_see_it(answer: Message, ticket: Ticket, mira: User) -> None:
    outbox.write_reply(ticket, mira, "We look into it.", submission=None)
    latest = Message.objects.create(ticket=ticket, kind="customer", text="And?", from_email="tomas@okafor.example")
    texts = [text for _kind, text in written_before(latest)]
    assert any("We look into it." in text for text in texts)
    assert not any("Utrecht" in text or "parcel" in text for text in texts)


def test_a_reply_may_pass_on_what_a_supplier_says(answer: Message, ticket: Ticket, mira: User) -> None:
    facts = facts_for(ticket, mira, "Your parcel is in Utrecht.")
    assert "It is in Utrecht." in facts.evidence
    assert not any("Utrecht" in text for text in (*facts.said, *facts.notes))


def test_the_summary_for_agents_has_it_as_internal(answer: Message, ticket: Ticket) -> None:
    said = {each.text: each.by for each in thread.read(ticket).sentences}
    assert said["It is in Utrecht."] == "note"
