"""What the check finds out about a ticket and about the values in a reply."""

from collections.abc import Callable
from typing import Any

import pytest

from copilot.models import Citation, Draft, DraftRecord
from copilot.presend.check import check
from copilot.presend.findings import Code, Level
from copilot.presend.gathering import facts_for
from copilot.presend.links import DEAD, GOOD, INTERNAL
from copilot.redaction import values
from knowledge.articles import publishing
from knowledge.models import Article
from tests import cast
from tickets import search
from tickets.models import Customer, Message, Ticket, User

pytestmark = pytest.mark.django_db

INTERNAL_RULE = "Refunds above two hundred euros need the approval of two leads before the payment desk acts on them."


def article(title: str, body: str, audience: str = "public") -> Article:
    made = Article(title=title, body_md=body, audience=audience, category="billing")
    publishing.save_revision(made)
    publishing.approve(made, sync=False)
    made.refresh_from_db()
    return made


def codes(ticket: Ticket, member: User, text: str) -> list[Code]:
    return [each.code for each in check(text, facts_for(ticket, member, text))]


def blocked(ticket: Ticket, member: User, text: str) -> list[Code]:
    return [each.code for each in check(text, facts_for(ticket, member, text)) if each.level is Level.BLOCK]


def say(ticket: Ticket, kind: str, text: str, author: User | None = None) -> Message:
    return Message.objects.create(ticket=ticket, kind=kind, text=text, author=author)


def drafted(ticket: Ticket, source: Article, excerpt: str, **record: Any) -> Draft:
    draft = Draft.objects.create(ticket=ticket, message=ticket.messages.first(), state=Draft.State.READY, text="x")
    Citation.objects.create(
        draft=draft, number=1, article=source, title=source.title, excerpt=excerpt, score=0.8, cited=True
    )
    DraftRecord.objects.create(draft=draft, **record)
    return draft


def test_a_note_of_the_ticket_may_not_be_copied_but_supports_a_fact(ticket: Ticket, mira: User, rosa: User) -> None:
    note = "The bank opened a dispute about these payments, we must not mention it before May."
    say(ticket, "note", note, rosa)
    assert codes(ticket, mira, f"Hi Tomas,\n\n{note}") == [Code.NOTE]
    assert codes(ticket, mira, "We look into it.") == []
    say(ticket, "note", "He paid €98.", rosa)
    assert codes(ticket, mira, "You paid €98.") == []


def test_a_note_of_another_ticket_is_not_compared(ticket: Ticket, mira: User) -> None:
    say(cast.new_ticket(cast.lena()), "note", INTERNAL_RULE, mira)
    assert blocked(ticket, mira, INTERNAL_RULE) == []


def test_an_internal_article_may_not_be_copied(ticket: Ticket, mira: User) -> None:
    made = article("Refund limits", INTERNAL_RULE, "internal")
    assert blocked(ticket, mira, INTERNAL_RULE) == [Code.INTERNAL]
    # What was made public since is no secret any more, without a restart.
    made.audience = "public"
    publishing.save_revision(made)
    publishing.approve(made, sync=False)
    assert blocked(ticket, mira, INTERNAL_RULE) == []


def test_an_article_that_was_cited_and_made_internal_since_is_secret(ticket: Ticket, mira: User) -> None:
    made = article("Refund limits", INTERNAL_RULE)
    drafted(ticket, made, INTERNAL_RULE)
    assert blocked(ticket, mira, INTERNAL_RULE) == []
    made.audience = "internal"
    publishing.save_revision(made)
    publishing.approve(made, sync=False)
    assert blocked(ticket, mira, INTERNAL_RULE) == [Code.INTERNAL]


def test_what_a_public_article_says_too_is_no_secret(ticket: Ticket, mira: User) -> None:
    article("Refund limits", f"For us: {INTERNAL_RULE}", "internal")
    article("Refunds", INTERNAL_RULE)
    assert blocked(ticket, mira, INTERNAL_RULE) == []


def test_the_evidence_of_the_draft_supports_a_fact_also_in_other_words(ticket: Ticket, mira: User) -> None:
    source = article("Two charges", "It disappears within 5 business days.\n\n## Limits\n\nAt most 12 cards.")
    drafted(ticket, source, "It disappears within 5 business days.")
    assert codes(ticket, mira, "Wait 5 business days. You may have 12 cards.") == []
    assert codes(ticket, mira, "Wait 6 business days.") == [Code.FACT]


def test_so_does_an_article_that_has_the_words_of_the_sentence(ticket: Ticket, mira: User) -> None:
    article("Two charges", "A pending authorisation disappears within 5 business days.")
    assert codes(ticket, mira, "The pending authorisation disappears after 5 business days.") == []
    (found,) = check(
        text := "The pending authorisation disappears after 6 business days.", facts_for(ticket, mira, text)
    )
    assert (found.code, found.mend) == (Code.FACT, "5 business days")


def test_an_internal_article_supports_nothing_that_customers_read(ticket: Ticket, mira: User) -> None:
    article("For us", "A pending authorisation disappears within 5 business days.", "internal")
    assert codes(ticket, mira, "Your authorisation disappears after 5 business days.") == [Code.FACT]


def test_what_an_internal_article_quotes_is_to_be_said(ticket: Ticket, mira: User) -> None:
    said = "I have received your complaint about our conversation and will read everything in it this week."
    article("Complaints", f"Never name the employee in the first answer. The confirmation says: “{said}”", "internal")
    assert blocked(ticket, mira, said) == []


def test_an_undone_reply_supports_nothing(ticket: Ticket, mira: User) -> None:
    from tickets import outbox

    sent = outbox.write_reply(ticket, mira, "It takes 5 weeks.", submission=None)
    assert codes(ticket, mira, "It takes 5 weeks.") == []
    outbox.undo(sent.pk, mira)
    assert codes(ticket, mira, "It takes 5 weeks.") == [Code.FACT]


def test_the_address_of_another_customer_is_a_block(ticket: Ticket, mira: User, lena: Customer) -> None:
    assert codes(ticket, mira, "Ask Lena@Haas.example about it.") == [Code.OTHER_CUSTOMER]
    assert codes(ticket, mira, "We write to tomas@okafor.example, from support@tallybird.example.") == []
    assert codes(ticket, mira, "Ask rob@nowhere.example.") == [Code.UNKNOWN_ADDRESS]
    assert codes(ticket, mira, "Ask press@tallybird.example.") == []  # our own domain


def test_what_the_customer_names_is_theirs(ticket: Ticket, mira: User, lena: Customer) -> None:
    say(ticket, "customer", "My colleague is lena@haas.example, please copy her.")
    assert codes(ticket, mira, "I copied lena@haas.example.") == []


def test_the_telephone_number_of_another_customer_however_it_is_written(
    ticket: Ticket, mira: User, lena: Customer
) -> None:
    Customer.objects.filter(pk=lena.pk).update(phone="+49 (341) 555-0199")
    assert blocked(ticket, mira, "Call 0341 5550199.") == [Code.OTHER_CUSTOMER]
    assert blocked(ticket, mira, "Call 0341 5550188.") == []


def test_what_was_masked_in_a_ticket_of_another_customer(ticket: Ticket, mira: User, lena: Customer) -> None:
    theirs = cast.new_ticket(lena)
    values.add(theirs.pk, {"IBAN_1": "DE89 3704 0044 0532 0130 00"})
    for written in ("DE89 3704 0044 0532 0130 00", "DE89370400440532013000"):
        assert blocked(ticket, mira, f"We use {written}.") == [Code.OTHER_CUSTOMER]
        assert blocked(cast.new_ticket(lena), mira, f"We use {written}.") == []  # her own, of another ticket


def test_an_order_of_another_customer_is_found_in_their_ticket(ticket: Ticket, mira: User, lena: Customer) -> None:
    search.index_ticket(cast.new_ticket(lena, "Where is it", "My order INV-20417 has not come."))
    assert blocked(ticket, mira, "Your invoice INV-20417 is paid.") == [Code.OTHER_CUSTOMER]
    assert blocked(ticket, mira, "Your invoice INV-2041 is paid.") == []
    # The same digits are no order elsewhere.
    search.index_ticket(cast.new_ticket(lena, "How many", "We have 20000 guests."))
    assert blocked(ticket, mira, "You can order 20000 labels.") == []


def test_what_several_others_wrote_is_nobodys(ticket: Ticket, mira: User, lena: Customer) -> None:
    for customer in (lena, Customer.objects.create(email="ivo@haas.example", name="Ivo Haas")):
        theirs = cast.new_ticket(customer)
        values.add(theirs.pk, {"PHONE_1": "0800 1234567"})
    assert blocked(ticket, mira, "Call 0800 1234567.") == []


def test_the_name_of_another_customer_is_a_warning_unless_a_member_has_it(
    ticket: Ticket, mira: User, lena: Customer
) -> None:
    assert codes(ticket, mira, "This is like the case of Lena Haas from Bonn.") == [Code.OTHER_NAME]
    User.objects.create(username="lena", first_name="Lena", last_name="Haas")
    assert codes(ticket, mira, "Ask for Lena Haas from billing.") == []


def test_links_to_our_own_pages(ticket: Ticket, mira: User) -> None:
    public, secret = article("Two charges", "It goes away."), article("Limits", "Only for us.", "internal")
    site = "http://testserver"
    expected = {
        f"{site}/help/en/articles/{public.pk}-two-charges/": GOOD,
        f"{site}/help/en/": GOOD,
        f"{site}/help/en/articles/{secret.pk}/": DEAD,
        f"{site}/help/en/articles/999999/": DEAD,
        f"{site}/no/such/page": DEAD,
        f"{site}/knowledge/articles/{public.pk}/": INTERNAL,
        f"{site}/desk/{ticket.pk}/": INTERNAL,
    }
    text = " ".join([*expected, "https://elsewhere.example/desk/1/", "https://[broken"])
    assert facts_for(ticket, mira, text).links == expected


def test_questions_of_the_latest_message_with_the_units_that_answer(ticket: Ticket, mira: User) -> None:
    say(ticket, "customer", "Why was I charged twice in March? How do I change the address on my invoices?")
    source = article("Two charges", "It disappears within 5 business days.")
    found = [{"text": "a", "units": [1]}, {"text": "b", "units": []}]
    drafted(ticket, source, "It disappears within 5 business days.", questions=found)
    first, second = facts_for(ticket, mira, "").questions
    assert (first.answers, second.answers) == (("It disappears within 5 business days.",), ())
    assert second.text == "How do I change the address on my invoices?"


def test_leads_may_promise_money(ticket: Ticket, mira: User, rosa: User) -> None:
    assert codes(ticket, mira, "We will refund it.") == [Code.MONEY]
    assert codes(ticket, rosa, "We will refund it.") == []


@pytest.fixture
def busy(ticket: Ticket, mira: User, lena: Customer) -> Callable[[int], Ticket]:
    def grown(size: int) -> Ticket:
        for n in range(size):
            say(ticket, "customer", f"Why was I charged {n} times? And where do I see invoice {n}?")
            say(ticket, "reply", f"It is charge {n}.", mira)
            say(ticket, "note", f"Charge {n} was a mistake of the payment provider in Dublin.", mira)
            source = article(f"Charges {n}", f"It disappears within {n} days.")
            article(f"Inside {n}", f"{INTERNAL_RULE} Case {n}.", "internal")
            drafted(ticket, source, f"It disappears within {n} days.")
        search.index_ticket(ticket)
        return ticket

    return grown


TEXT = """Hi Lena Haas, {rule} Charge 3 was a mistake of the payment provider in Dublin,
see http://testserver/help/en/articles/1/
and ask lena@haas.example or ivo@haas.example, 0341 5550199. Invoices INV-20417,
order 993812, order 993813, order 993814."""


def test_the_number_of_queries_is_constant(
    busy: Callable[[int], Ticket], mira: User, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    ticket, text = busy(1), TEXT.format(rule=INTERNAL_RULE) * 4
    facts_for(ticket, mira, text)  # reads the internal articles once
    with django_assert_max_num_queries(24) as few:
        facts_for(ticket, mira, text)
    busy(8)
    facts_for(ticket, mira, text)
    with django_assert_num_queries(len(few.captured_queries)):
        facts_for(ticket, mira, text * 4)
    with django_assert_max_num_queries(5):
        facts_for(ticket, mira, "It goes away.")
