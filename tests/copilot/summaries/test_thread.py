"""A ticket's messages as sentences: masked, bounded, and without what nobody needs to read."""

import pytest
from django.utils import timezone

from copilot.models import Escalation
from copilot.summaries import thread as threads
from copilot.summaries.bare import body
from copilot.summaries.thread import MOST_WORDS
from tests import cast
from tests.copilot.summaries.conftest import say, thread
from tickets.models import Message, OutgoingMail, Ticket


def said(ticket: Ticket) -> list[tuple[str, str]]:
    return [(each.by, each.text) for each in threads.read(ticket).sentences]


def test_sentences_are_numbered_oldest_first(conversation: Ticket) -> None:
    found = threads.read(conversation)
    assert [(each.number, each.by, each.text) for each in found.sentences] == [
        (1, "customer", "I was charged twice in March."),
        (2, "customer", "Will one of the payments disappear?"),
        (3, "agent", "One of the two is only reserved."),
        (4, "agent", "It disappears within 5 days."),
        (5, "customer", "both are still there after 12 days."),
    ]
    ids = list(conversation.messages.values_list("pk", flat=True))
    assert sorted({each.message for each in found.sentences}) == ids
    assert (found.upto, found.language) == (ids[-1], "en")


def test_personal_data_is_masked_and_its_placeholders_are_told(ticket: Ticket) -> None:
    say(ticket, "customer", "Tomas Okafor here, tomas@okafor.example. Please write to lea.brandt@firma.example too.")
    found = threads.read(ticket)
    text = " ".join(each.text for each in found.sentences)
    assert not any(each in text for each in ("Tomas", "Okafor", "okafor.example", "firma.example"))
    assert found.added == {"EMAIL_1": "lea.brandt@firma.example"} and "<EMAIL_1>" in text


def test_an_undone_reply_and_its_placeholders_are_not_in_it(conversation: Ticket) -> None:
    before = threads.read(conversation)
    say(conversation, "reply", "Write to boss@tallybird.example.", state=OutgoingMail.State.UNDONE)
    assert threads.read(conversation) == before and not threads.read(conversation).added


def test_a_note_is_in_it(conversation: Ticket) -> None:
    say(conversation, "note", "The bank confirms both payments.")
    assert said(conversation)[-1] == ("note", "The bank confirms both payments.")


def test_the_package_of_an_escalation_is_not_in_it(conversation: Ticket) -> None:
    """It is made of a summary, and says what only the customer's record may say."""
    before = threads.read(conversation)
    note = say(conversation, "note", "Plan: Studio. Value: 1840.")
    Escalation.objects.create(
        ticket=conversation, note=note, by=cast.mira(), reason="other", due_at=timezone.now(), package={}
    )
    assert threads.read(conversation) == before


def test_citations_are_not_in_it(conversation: Ticket) -> None:
    say(conversation, "note", "It takes 5 days [1]. It is never collected [2].")
    assert [text for _, text in said(conversation)[-2:]] == ["It takes 5 days.", "It is never collected."]


def test_the_subject_counts_where_the_message_does_not_say_it(db: None) -> None:
    ticket = cast.new_ticket(subject="Wrong address on invoice", text="Please help me with this today.")
    assert [text for _, text in said(ticket)] == ["Wrong address on invoice", "Please help me with this today."]


def test_a_ticket_without_messages_is_empty(ticket: Ticket) -> None:
    ticket.messages.all().delete()
    found = threads.read(ticket)
    assert (found.upto, found.sentences) == (None, ())


def test_a_message_without_words_has_no_sentence_but_is_read(ticket: Ticket) -> None:
    Message.objects.update(text="Hi,\n\nThanks!\n\nTomas")
    Ticket.objects.update(subject="Hi")
    ticket.refresh_from_db()
    found = threads.read(ticket)
    assert found.sentences == () and found.upto == ticket.messages.get().pk


def test_a_long_thread_keeps_the_first_message_and_the_newest_ones(ticket: Ticket) -> None:
    for number in range(30):
        kind = "customer" if number % 2 else "reply"
        say(ticket, kind, f"Answer {number}. " + "The parcel left the warehouse in the morning. " * 12)
    found = said(ticket)
    assert found[0][1] == "I was charged twice in March." and ("customer", "Answer 29.") in found
    assert ("reply", "Answer 0.") not in found
    assert sum(len(text.split()) for _, text in found) <= MOST_WORDS + 220


def test_a_long_message_is_shortened(ticket: Ticket) -> None:
    story = "".join(f"On day {number} the courier rang twice and left again. " for number in range(200))
    say(ticket, "customer", f"{story}\n\nWhen does the parcel come?")
    assert said(ticket)[-1][1].endswith("When does the parcel come?")
    assert sum(len(text.split()) for _, text in said(ticket)) < 300


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Hi Tomas,\n\nit fails.\n\nKind regards\nMira\nTallybird Support", "it fails."),
        ("Guten Tag Frau Haas,\n\nes geht nicht.\n\nMit freundlichen Grüßen\nJ. Weber", "es geht nicht."),
        ("Hola, Lucía:\n\nno funciona.\n\nUn saludo,\nMarta", "no funciona."),
        ("Bonjour Paul,\n\nça ne marche pas.\n\nMerci d'avance\nPaul", "ça ne marche pas."),
        ("We were told to ask.\nPlease call <PERSON_1> today.", "We were told to ask.\nPlease call <PERSON_1> today."),
        ("Please call <PERSON_1> back today.", "Please call <PERSON_1> back today."),
        ("<PERSON_1>", "<PERSON_1>"),
        ("I was charged twice.\nRefund", "I was charged twice.\nRefund"),
        ("Can we connect a terminal?\n<NAME>", "Can we connect a terminal?"),
        ("Can we connect a terminal?\nTomas <PERSON_1>, Lingua Atelier", "Can we connect a terminal?"),
        ("did u charge me in my trial\n\nSent from my phone", "did u charge me in my trial"),
        ("The button is called\nExport", "The button is called\nExport"),
        ("It fails.\nSince Monday", "It fails.\nSince Monday"),
        ("It fails.\nThanks, but I need it today.", "It fails.\nThanks, but I need it today."),
        ("It fails.\nThanks!\nCan you call me?", "It fails.\nThanks!\nCan you call me?"),
        ("It fails.\n\nBest\nAna\n\nPS: I use Firefox.", "It fails.\n\nBest\nAna\n\nPS: I use Firefox."),
        ("Hi my export fails since Monday.", "Hi my export fails since Monday."),
        ("", ""),
    ],
)
def test_greeting_and_signature_are_left_out(text: str, left: str) -> None:
    assert body(text) == left


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("It goes back to the card.\nMira", "It goes back to the card."),
        ("It goes back to the card.\n\nMira", "It goes back to the card."),
        ("Which plan is it?\nPremium", "Which plan is it?\nPremium"),
        ("Select one:\nExport", "Select one:\nExport"),
        ("Mira", "Mira"),
    ],
)
def test_an_agents_name_below_a_reply_is_left_out(text: str, left: str) -> None:
    assert body(text, ours=True) == left


def test_thanks_alone_are_no_sentence() -> None:
    given = thread("c: Thank you very much for the quick answer. Super, thanks! Great Plains needs access.")
    assert [each.text for each in given.sentences] == ["Great Plains needs access."]
