"""Hits are marked in rows: in the right places, and never as markup that somebody wrote."""

from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape, strip_tags
from hypothesis import given
from hypothesis import strategies as st

from tests import cast
from tests.growth import assert_linear
from tickets.mail import attachments
from tickets.mail.mime.body import Part
from tickets.models import Customer, Message, Tag, Ticket, User
from tickets.search import index_ticket
from tickets.search.marking import WINDOW, hits, marked, snippet
from tickets.search.query import Query, Word, parse


def shown(text: str, query: str | Query) -> str:
    every = (parse(query) if isinstance(query, str) else query).every
    return marked(text, hits(text, every)).replace("<mark>", "[").replace("</mark>", "]")


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("Refund of two Refunds", "refund", "[Refund] of two [Refunds]"),
        ("He booked it", "booking", "He [booked] it"),
        ("eine Rechnung", "Rechnungen", "eine [Rechnung]"),
        ("Rückerstattung", "ruckerst", "[Rückerstattung]"),
        ("Straße 12", "strasse", "[Straße] 12"),
        ("先月の領収書を再発行して", "再発行", "先月の領収書を[再発行]して"),
        ("先月の領収書を再発行して", "領収書 再発行", "先月の[領収書]を[再発行]して"),
        ("領収書", "領", "[領]収書"),
        ("行", "行", "[行]"),
        ("ｶﾞｽ", "ガス", "[ｶﾞｽ]"),
        ("the C++ client, not C#", "c++", "the [C++] client, not C#"),
        (".NET and net", ".net", "[.NET] and net"),
        ("my e-mail, my email", "e-mail", "my [e-mail], my [email]"),
        ("LEDGER-77120 fails", "77120", "[LEDGER-77120] fails"),
        ("charged twice, not twice charged", '"charged twice"', "[charged] [twice], not twice charged"),
        ("paid invoices", "invoice -paid", "paid [invoices]"),
        ("The page has age", "age", "The page has [age]"),
        ("", "refund", ""),
        ("nothing of it", "refund", "nothing of it"),
        ('refund <b>refund</b> & "x"', "refund", "[refund] &lt;b&gt;[refund]&lt;/b&gt; &amp; &quot;x&quot;"),
        ("</mark><script>refund", "refund script mark", "&lt;/[mark]&gt;&lt;[script]&gt;[refund]"),
    ],
)
def test_what_was_found_is_marked(text: str, query: str, expected: str) -> None:
    assert shown(text, query) == expected


FAR = "and nothing of it " * 60


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        (f"My postcode is wrong. {FAR} I posted it.", "posted", "<mark>posted</mark>"),
        (f"Is it refundable? {FAR} Only a refund helps.", '"refund"', "<mark>refund</mark>"),
        (f"C# it is not. {FAR} It is C++ code.", "c++", "<mark>C++</mark>"),
        (f"My mail. {FAR} By e-mail.", '"e-mail"', "<mark>e-mail</mark>"),
        (f"A network. {FAR} In .NET it fails", ".net", "<mark>.NET</mark>"),
        (f"領収。{FAR} 領収書を再発行", "再発行", "<mark>再発行</mark>"),
    ],
)
def test_another_word_with_the_same_beginning_does_not_hide_a_hit(text: str, query: str, expected: str) -> None:
    assert expected in snippet(text, parse(query).every)


@pytest.mark.parametrize("length", range(1, 24))
def test_the_first_word_is_not_cut(length: int) -> None:
    words = ["x" * length, "limit", "<mark>150</mark>"]
    shown = snippet(f"{words[0]} limit 150", parse("150").every)
    assert shown.removeprefix("… ").split() in (words, words[1:], words[2:])


def test_of_two_messages_the_one_with_the_word_is_shown(mira: User, client: Client) -> None:
    ticket = cast.new_ticket(text="I posted it on Monday.")
    Message.objects.create(ticket=ticket, kind="customer", text="My postcode is 1010.")
    index_ticket(ticket)
    client.force_login(mira)
    page = client.get(reverse("tickets:queue"), {"q": "posted"}).content.decode()
    assert "I <mark>posted</mark> it" in page


def test_near_words_are_marked() -> None:
    assert shown("A refund", Query((Word("refnud", ("refund",)),))) == "A [refund]"


@given(text=st.text(max_size=200) | st.text(alphabet="<>&\"'/mark refund再発行\n", max_size=120))
def test_only_marks_are_markup(text: str) -> None:
    every = parse("refund mark 再発 \" ' <script>").every
    whole = str(marked(text, hits(text, every)))
    assert whole.replace("<mark>", "").replace("</mark>", "") == escape(text)
    for part in (whole, str(snippet(text, every))):
        rest = part.replace("<mark>", "").replace("</mark>", "")
        assert "<" not in rest and ">" not in rest and part.count("<mark>") == part.count("</mark>")


LONG = "word " * 3000


def plain(text: str, query: str) -> str:
    return unescape(strip_tags(snippet(text, parse(query).every)))


def test_a_snippet_is_about_the_first_hit() -> None:
    found = plain(f"{LONG}and the zebra ate it {LONG}", "zebra")
    assert "the zebra ate it" in found and found.startswith("… ") and found.endswith(" …")
    assert WINDOW - 30 < len(found) < WINDOW + 10
    assert found.index("zebra") < 40  # a row has little room
    assert set(found.strip("… ").split()) == {"word", "and", "the", "zebra", "ate", "it"}  # whole words


def test_a_short_text_is_shown_from_its_beginning() -> None:
    assert plain("  A\n zebra\t ate  it. ", "zebra") == "A zebra ate it."
    assert plain("Nothing of it", "zebra") == ""


def test_a_snippet_of_a_script_without_spaces() -> None:
    found = plain(
        "先月の請求について。" * 300 + "領収書を再発行していただけますか。" + "よろしくお願いします。" * 300, "再発行"
    )
    assert "再発行" in found and found.index("再発行") < 40 and len(found) < WINDOW + 10


def test_letters_that_change_their_number_do_not_move_the_snippet_away() -> None:
    assert "the zebra ate" in plain("ßß ﬃ " * 5000 + "the zebra ate", "zebra")


@pytest.mark.parametrize("unit", ["refund ", "再発行", "a-", "refundx", "<mark>"])
def test_marking_takes_linear_time(unit: str) -> None:
    every = parse("refund 再発行 mark").every
    assert_linear(lambda text: snippet(text, every), lambda size: unit * (size // len(unit)), sizes=(50_000, 200_000))


# --- rows -----------------------------------------------------------------------------------------


def rows(client: Client, query: str, **more: Any) -> str:
    client.force_login(cast.mira())
    page = client.get(reverse("tickets:queue"), {"q": query, **more}).content.decode()
    return page.replace("<mark>", "[").replace("</mark>", "]")


def said(ticket: Ticket, text: str, **fields: Any) -> Message:
    return Message.objects.create(ticket=ticket, kind=Message.Kind.CUSTOMER, text=text, **fields)


def test_subject_customer_and_the_message_that_has_most_are_marked(client: Client, db: None) -> None:
    ticket = cast.new_ticket(subject="Invoice <b>again</b>", text="The first message: an invoice.")
    said(ticket, "The invoice is <i>paid</i> twice.")
    said(ticket, "Nothing more.")
    index_ticket(ticket)
    page = rows(client, "invoice paid okafor")
    assert '<span class="row-subject">[Invoice] &lt;b&gt;again&lt;/b&gt;</span>' in page
    assert "Tomas [Okafor]: The [invoice] is &lt;i&gt;[paid]&lt;/i&gt; twice." in page


def test_the_address_is_shown_if_it_was_found(client: Client, db: None) -> None:
    index_ticket(cast.new_ticket(Customer.objects.create(name="Tom", email="zebra@okafor.example")))
    assert "Tom ([zebra@okafor.example])" in rows(client, "zebra")
    assert "zebra@" not in rows(client, "tom")


def test_tags_and_files_that_were_found_are_chips(client: Client, db: None) -> None:
    ticket = cast.new_ticket(text="Hello there")
    for name in ("zebra", "lion"):
        ticket.tags.add(Tag.objects.create(name=name))
    parts = [Part(name, "text/plain", b"x") for name in ("zebra<b>.txt", "other.txt")]
    attachments.store(ticket.messages.get(), parts, [])
    index_ticket(ticket)
    page = rows(client, "zebra")
    assert '<span class="chip">[zebra]</span><span class="chip">[zebra]&lt;[b].txt]' not in page
    assert '<span class="chip">[zebra]</span>' in page and "other.txt" not in page and "lion" not in page
    assert '<span class="chip">[zebra]&lt;b&gt;.txt</span>' in page
    mira = User.objects.get(username="mira")
    mira.row_details = ["tags"]
    mira.save()
    page = rows(client, "zebra")
    assert page.count(">[zebra]</span>") == 1 and '<span class="chip">lion</span>' in page
    assert page.count('<span class="chip">zebra</span>') == 0
    assert "lion" in rows(client, "", view="all")


def test_a_row_is_marked_by_the_word_that_was_meant(client: Client, db: None) -> None:
    index_ticket(cast.new_ticket(subject="A refund"))
    page = rows(client, "refnud")
    assert "A [refund]" in page
    assert "Nothing has “refnud”. Found with “refund”. 1 ticket found for “refnud”" in page


def test_no_row_of_another_list_is_marked(client: Client, ticket: Ticket) -> None:
    index_ticket(ticket)
    page = rows(client, "", view="all")
    assert "[" not in page and f"Tomas Okafor: {ticket.preview}" in page


def test_marking_many_rows_asks_as_often_as_for_few(
    client: Client, db: None, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        ticket = cast.new_ticket(subject=f"Refund {number}")
        said(ticket, "more about the refund")
        index_ticket(ticket)
    client.force_login(cast.mira())
    # session, user, teams, saved views, counts; ids, rows, tags; messages, files; tickets that wait for the index
    with django_assert_max_num_queries(11):
        client.get(reverse("tickets:queue"), {"q": "refund"})
