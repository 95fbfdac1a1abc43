"""A row for each closed ticket: masked, made once, made again when what it is made from has changed."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from copilot.models import Citation, Draft, MaskedValue, SentReply, SolvedTicket
from copilot.redaction import Masker
from copilot.similar import likeness, reading, remembering
from copilot.similar.remembering import outdated, remember
from tests import cast
from tests.copilot.similar.conftest import ANSWER, ASKED, TOLD, close, closed, reopen, row_of
from tests.copilot.summaries.conftest import say
from tickets.models import Customer, Message, OutgoingMail, Ticket

pytestmark = pytest.mark.django_db


def remembered(ticket: Ticket) -> SolvedTicket:
    assert remember(ticket.pk)
    return row_of(ticket)


def test_what_was_asked_and_how_it_was_solved(mira: Any) -> None:
    ticket = closed(subject="Re: Export")
    say(ticket, "customer", "That did the trick, thank you!")
    row = remembered(ticket)
    assert (row.title, row.question, row.answer, row.language) == ("Export", ASKED, TOLD, "en")
    assert row.confirmed and row.text_hash


def test_greetings_signatures_and_citations_are_not_kept(mira: Any) -> None:
    text = f"Hello,\n\n{ASKED}\n\nKind regards\nTomas Okafor\nOkafor Ltd"
    row = remembered(closed(text, "Hi Tomas,\n\nThe limit is ten thousand rows [1]. Use a filter.\n\nMira, support"))
    assert row.question == ASKED
    assert row.answer.startswith("The limit is ten thousand rows. Use a filter.")


def test_a_long_mail_is_shortened(mira: Any) -> None:
    row = remembered(closed(" ".join(f"Sentence {number} tells a story about invoices." for number in range(200))))
    assert len(row.question.split()) < 200


def test_personal_data_is_masked_and_its_placeholders_are_not_stored(mira: Any) -> None:
    text = "I am Tomas Okafor, write to lea.brandt@firma.example. My export stops at ten thousand rows."
    answer = "Hi Tomas,\n\nwe have written to lea.brandt@firma.example: the limit of rows is ten thousand now."
    row = remembered(closed(text, answer, subject="Export of Okafor, lea.brandt@firma.example"))
    kept = f"{row.title} {row.question} {row.answer}"
    assert not any(each in kept for each in ("Tomas", "Okafor", "firma.example"))
    assert "<EMAIL_1>" in row.answer and "<EMAIL_1>" in row.title and not MaskedValue.objects.exists()


def test_a_name_that_only_the_customer_explains_is_masked_in_the_reply_too(mira: Any) -> None:
    text = f"My colleague Ingrid Halvorsen has this problem. {ASKED}"
    row = remembered(closed(text, "Please ask Halvorsen to switch on streaming under Settings › Export and try again."))
    assert "Halvorsen" not in row.answer + row.question and "<PERSON_" in row.answer


def test_it_is_not_made_twice(mira: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = closed()
    remembered(ticket)
    monkeypatch.setattr(reading, "how_solved", None)
    assert not remember(ticket.pk) and outdated(1, ticket.pk) == []


def test_an_open_ticket_and_one_that_is_gone_are_not_read(ticket: Ticket) -> None:
    assert not remember(ticket.pk) and not remember(987654) and not SolvedTicket.objects.exists()


def test_closed_again_it_is_read_again(mira: Any) -> None:
    ticket = closed()
    remembered(ticket)
    reopen(ticket)
    assert not remember(ticket.pk)
    say(ticket, "customer", "It still does not work, the same error.")
    say(ticket, "reply", "The file is made at night now. You find all rows of it below Downloads in the morning.")
    close(ticket)
    assert outdated(1, ticket.pk) == [ticket.pk]
    assert remembered(ticket).answer.startswith("The file is made at night now.")
    assert SolvedTicket.objects.count() == 1


def test_one_that_still_fails_has_no_answer(mira: Any) -> None:
    ticket = closed()
    say(ticket, "customer", "It still does not work.")
    row = remembered(ticket)
    assert (row.answer, row.confirmed, row.articles) == ("", False, [])


@pytest.mark.parametrize("state", [OutgoingMail.State.UNDONE, OutgoingMail.State.FAILED])
def test_a_reply_that_the_customer_never_got_does_not_count(mira: Any, state: str) -> None:
    ticket = closed()
    say(ticket, "reply", "Wrong words to the wrong customer about an export that is not his, sorry.", state=state)
    assert remembered(ticket).answer == TOLD


def test_when_a_reply_is_undone_the_ticket_is_read_again(mira: Any) -> None:
    ticket = closed(ASKED, ANSWER, "Please use the filter for years, then each file has fewer rows than the limit.")
    assert "filter" in remembered(ticket).answer
    OutgoingMail.objects.filter(message=ticket.messages.last()).update(state=OutgoingMail.State.UNDONE)
    assert outdated(1, ticket.pk) == [ticket.pk] and remembered(ticket).answer == TOLD


def test_when_a_reply_could_not_be_sent_or_is_gone_the_ticket_is_read_again(mira: Any) -> None:
    ticket = closed()
    say(ticket, "customer", "Ok. I wait.")
    assert remembered(ticket).answer == TOLD
    OutgoingMail.objects.update(state=OutgoingMail.State.FAILED)
    assert outdated(1, ticket.pk) == [ticket.pk] and remembered(ticket).answer == ""


def test_when_the_customers_record_has_another_name_the_ticket_is_read_again(mira: Any) -> None:
    ticket = closed(f"{ASKED} I am Quillbert.")
    remembered(ticket)
    Customer.objects.filter(pk=ticket.customer_id).update(name="Quillbert Ott")
    assert outdated(1, ticket.pk) == [ticket.pk] and "Quillbert" not in remembered(ticket).question


def test_with_other_rules_for_vectors_the_ticket_is_read_again(mira: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = closed()
    was = remembered(ticket).text_hash
    monkeypatch.setattr(likeness, "VERSION", "other")
    assert outdated(1, ticket.pk) == [ticket.pk] and remembered(ticket).text_hash != was


def test_a_note_is_no_answer_and_changes_nothing(mira: Any) -> None:
    ticket = closed()
    remembered(ticket)
    say(ticket, "note", "The limit is in the code of the export, line four hundred and two, says Ken.")
    assert outdated(1, ticket.pk) == []


def test_a_reply_without_a_mail_counts(mira: Any) -> None:
    """As of an import."""
    ticket = closed()
    OutgoingMail.objects.all().delete()
    assert remembered(ticket).answer == TOLD


def test_articles_are_those_that_the_reply_rests_on(mira: Any) -> None:
    ticket = closed()
    sources = [{"article": 7, "title": "Export limits", "heading": "Rows"}, {"article": None, "title": "Old"}]
    sentences = [{"sources": sources}, {"sources": sources[:1]}, {"sources": []}]
    SentReply.objects.create(message=ticket.messages.get(kind="reply"), sentences=sentences)
    assert remembered(ticket).articles == [
        {"article": 7, "title": "Export limits"},
        {"article": None, "title": "Old"},
    ]


def test_of_an_older_reply_they_are_those_that_its_draft_cited(mira: Any) -> None:
    ticket = closed()
    draft = Draft.objects.create(
        ticket=ticket, message=ticket.messages.first(), reply=ticket.messages.get(kind="reply")
    )
    for number, cited in enumerate((True, False)):
        Citation.objects.create(draft=draft, number=number, title=f"Title {number}", excerpt="x", score=1, cited=cited)
    assert remembered(ticket).articles == [{"article": None, "title": "Title 0"}]


def test_what_arrives_while_it_is_read_makes_it_outdated(mira: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket, read = closed(), reading.how_solved

    def meanwhile(given: Ticket) -> reading.HowSolved:
        told = read(given)
        say(ticket, "customer", "It still does not work.")
        return told

    monkeypatch.setattr(reading, "how_solved", meanwhile)
    assert remember(ticket.pk) and outdated(1, ticket.pk) == [ticket.pk]


def test_two_processes_at_once_make_one_row(mira: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket, read = closed(), reading.how_solved

    def twice(given: Ticket) -> reading.HowSolved:
        monkeypatch.setattr(reading, "how_solved", read)
        assert remember(ticket.pk)
        return read(given)

    monkeypatch.setattr(reading, "how_solved", twice)
    assert remember(ticket.pk) and row_of(ticket).answer == TOLD


@pytest.mark.django_db(transaction=True)
def test_a_ticket_that_is_deleted_while_it_is_read_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    ticket, read = closed(), reading.how_solved

    def gone(given: Ticket) -> reading.HowSolved:
        told = read(given)
        Ticket.objects.all().delete()
        return told

    monkeypatch.setattr(reading, "how_solved", gone)
    assert not remember(ticket.pk) and not SolvedTicket.objects.exists()


def test_outdated_takes_three_queries_and_the_numbers_that_were_asked(
    mira: Any, django_assert_num_queries: Any
) -> None:
    first, second, third = closed(), closed(), cast.new_ticket()
    with django_assert_num_queries(3):
        assert outdated(first.pk, third.pk) == [second.pk, first.pk]
    assert outdated(second.pk, third.pk) == [second.pk]


def test_another_version_of_the_rules_reads_all_again(mira: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = closed()
    remembered(ticket)
    monkeypatch.setattr(remembering, "VERSION", "next")
    assert outdated(1, ticket.pk) == [ticket.pk]


def test_a_very_long_thread_is_read_at_its_beginning_and_its_end(mira: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    masked: list[str] = []
    mask = Masker.mask
    monkeypatch.setattr(Masker, "mask", lambda self, text: masked.append(text) or mask(self, text))
    ticket = closed()
    at = timezone.now() + timedelta(days=1)
    more = [Message(ticket=ticket, kind="customer", text=f"And {number}?", created_at=at) for number in range(300)]
    Message.objects.bulk_create(more)
    assert remembered(ticket).answer == TOLD and len(masked) < 20
