"""Phrases, exclusions, endings, ranks and typos, on both databases."""

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from config.words.terms import words
from tests import cast
from tickets.models import Message, Tag, Term, Ticket, TicketToIndex, Trigram
from tickets.search import INDEX, find, index_ticket, index_tickets, search_tickets, vocabulary
from tickets.search.query import parse


def made(subject: str, text: str = "", **fields: object) -> int:
    ticket = cast.new_ticket(subject=subject, text=text, **fields)
    index_ticket(ticket)
    return ticket.pk


# --- operators ------------------------------------------------------------------------------------


def test_quoted_words_are_found_in_sequence_only(db: None) -> None:
    there = made("Charged twice in March")
    made("Twice I was not charged")
    assert search_tickets('"charged twice"') == [there]
    assert len(search_tickets("charged twice")) == 2
    assert search_tickets('"charged twi') == [there]  # as while typing
    assert search_tickets('"charged twi"') == []
    assert search_tickets('"in march" charged') == [there]


def test_words_that_say_little_are_part_of_a_phrase(db: None) -> None:
    """PostgreSQL leaves them out by itself."""
    there = made("Not for the studio")
    made("A studio")
    assert search_tickets('"for the studio"') == search_tickets("the-studio") == [there]
    assert search_tickets('"for studio"') == []


def test_a_phrase_is_found_as_it_is_written(db: None) -> None:
    there = made("Else", "My e-mail haruko.mori@okafor.example changed, see C++ 領収書 2024 in node.js.")
    for phrase in (
        "My e-mail haruko.mori@okafor.example changed",
        "e-mail",
        "C++ 領収書 2024",
        "収書 2024",
        "領収",
        "in node.js",
    ):
        assert search_tickets(f'"{phrase}"') == [there], phrase
    assert search_tickets('"e-mail changed"') == []


@pytest.mark.parametrize(
    "query", ["servers[0].host", '"servers[0].host"', "host", "items[12]", '"keep items[12] as it is"']
)
def test_code_is_found_as_it_is_written(db: None, query: str) -> None:
    there = made("Else", "Set `servers[0].host` to the new name and keep items[12] as it is. [1]")
    made("Else", "Nothing of it")
    assert search_tickets(query) == [there]


def test_a_word_with_a_minus_must_not_occur(db: None) -> None:
    plain, other = made("Refund for a booking"), made("Refund of an invoice")
    assert search_tickets("refund -invoice") == [plain]
    assert search_tickets("refund -invoices") == [plain]  # another form of the word
    assert search_tickets('refund -"a booking"') == [other]
    assert set(search_tickets("refund -inv")) == {plain, other}  # a whole word
    assert set(search_tickets("-invoice")) == {other}  # nothing else is asked for, so it is a word


OPERATORS = """can't Reports/2026 tax::rate "--dry-run" LEDGER-77120 * " ' ( ) ^x -x % \\ -" "- - &|!:*<->()"""


@pytest.mark.parametrize(
    "case",
    [
        *OPERATORS.split(),
        "debian 13.1",
        "a AND",
        "NEAR(a b)",
        "col:x",
        "a OR",
        "x" * 1500,
        '"a" ' * 900,
        "-a " * 900 + "b",
        "a b" * 900,
        '"' * 50,
        "-" * 50,
        "\x00",
    ],
)
def test_no_query_raises(db: None, case: str) -> None:
    made("A ticket", "about it")
    find(case, 10)


# --- endings --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("query", "text"), [("ABC123en", "ABC123"), ("Wartung", "warten")])
def test_another_word_is_not_found(db: None, query: str, text: str) -> None:
    made("Else", text)
    assert search_tickets(query) == []


# --- ranks ----------------------------------------------------------------------------------------


def test_subject_before_people_and_labels_before_messages(db: None) -> None:
    tag = Tag.objects.create(name="webhook")
    filler = "of the text goes on and on for a while with other words"
    said = made("Else", f"a webhook in the middle {filler}")
    labelled = cast.new_ticket(subject="Else", text=filler)
    labelled.tags.add(tag)
    index_ticket(labelled)
    titled = made("Webhook", filler)
    for _ in range(5):
        made("Else", filler)
    assert search_tickets("webhook") == [titled, labelled.pk, said]


# --- typos ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("refnud", "refund"),  # two letters exchanged
        ("refnd", "refund"),
        ("reffund", "refund"),
        ("refumd", "refund"),
        ("tefund", "refund"),  # the first letter
        ("erfund", "refund"),
        ("refundd", "refund"),
        ("taks", "talks"),
        ("Rückerstatung", "rückerstattung"),
        ("ruckerstatung", "rückerstattung"),
        ("rükcerstatung", "rückerstattung"),  # two changes in a long word
        ("Zebrovski", "zebrowski"),
        ("поврвтт", "повратт"),
    ],
)
def test_a_near_word_is_searched_instead(db: None, typed: str, meant: str) -> None:
    there = made("Refund, talks", "Die Rückerstattung von Zebrowski, повратт")
    found = find(typed, 10)
    assert (found.ids, found.replaced) == ([there], ((typed.lower(), (meant,)),))
    assert search_tickets(typed) == []  # exact


@pytest.mark.parametrize(
    "typed",
    [
        "tlaks",  # four letters, two changes: tlaks → talk
        "xefnd",  # two changes in a short word
        "INV20418",
        "20418",
        "INV-20418",
        "LEDGER-7712O",
        "領収状",
        "abc",
        "ref",
    ],
)
def test_what_is_not_near_or_no_word_is_not_replaced(db: None, typed: str) -> None:
    made("Refund", "talk INV20417 20417 INV-20417 LEDGER-77120 領収書 abd INV-20417")
    assert (found := find(typed, 10)).replaced == () and (found.ids == [] or typed == "ref")


def test_only_a_word_that_no_ticket_has_is_replaced(db: None) -> None:
    both = made("Refund refnud")
    made("Refund")
    assert find("refnud", 10).ids == [both]
    assert find("refunds", 10).replaced == ()  # English form of it
    assert find("refu", 10).replaced == ()  # its beginning
    assert find("refund nowhere", 10).ids == []


def test_the_other_words_stay(db: None) -> None:
    there = made("Refund", "for Okafor, said Lindqvist")
    made("Refund", "nothing else")
    found = find("lindqvist refnud", 10)
    assert (found.ids, found.replaced) == ([there], (("refnud", ("refund",)),))
    assert find("lindqvist refnud -okafor", 10).ids == []
    assert find('"for okafor" refnud', 10).ids == [there]


def test_the_most_frequent_near_words_come_first_and_three_at_most(db: None) -> None:
    for count, word in enumerate(("forms", "fords", "fores", "forts", "forks"), start=1):
        for _ in range(count):
            made(word)
    found = find("forzs", 20)
    assert found.replaced == (("forzs", ("forks", "forts", "fores")),)
    assert len(found.ids) == 5 + 4 + 3


def test_the_nearest_words_are_taken(db: None) -> None:
    for _ in range(3):
        made("Dashboard")
    made("Dashboards")
    assert find("dashbxards", 10).replaced == (("dashbxards", ("dashboards",)),)


def test_a_word_that_is_no_longer_there_is_not_offered(db: None) -> None:
    pk = made("Refund")
    Ticket.objects.filter(pk=pk).update(subject="Else")
    index_tickets([pk])
    assert find("refnud", 10).replaced == ()


def test_filters_do_not_make_a_typo(db: None) -> None:
    made("Refund")
    made("Refunt", status="pending")
    found = find("refunt", 10, among=Ticket.objects.filter(status="open"))
    assert (found.ids, found.replaced) == ([], ())


# --- the vocabulary -------------------------------------------------------------------------------


def test_terms_are_stored_once_and_know_a_second_ticket(db: None) -> None:
    first = made("Refund")
    index_ticket(Ticket.objects.get(pk=first))
    assert not Term.objects.get(term="refund").again
    made("Refund")
    assert (Term.objects.get(term="refund").again, Term.objects.get(term="refund").ticket) == (True, first)
    assert set(Trigram.objects.filter(term="refund").values_list("gram", flat=True)) == vocabulary.trigrams("refund")


def test_two_tickets_at_a_time(db: None) -> None:
    both = [cast.new_ticket(subject="Zebra", text="").pk, cast.new_ticket(subject="Zebra lion", text="").pk]
    index_tickets(both)
    assert Term.objects.get(term="zebra").again and not Term.objects.get(term="lion").again


def test_a_soup_of_tokens_does_not_fill_the_vocabulary(db: None) -> None:
    soup = "abcdefghij" * 10
    letters = "abcdefghijklmnopqrst"
    many = " ".join(a + b + c + "x" for a in letters for b in letters for c in letters)
    made("Else", f"{soup} {many}")
    assert Term.objects.count() <= vocabulary.NEW
    assert not Term.objects.filter(term=soup).exists()


def test_the_vocabulary_forgets_what_only_one_ticket_has(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulary, "MOST", 8)
    old, new = made("oldest alpha beta", "said"), made("newest gamma delta", "said")
    over = Term.objects.count() - 8
    assert over > 0 and vocabulary.tidy() == over
    left = set(Term.objects.values_list("term", flat=True))
    assert len(left) == 8 and {"said", "tomas", "newest", "gamma", "delta"} <= left  # of the older ticket
    assert set(Trigram.objects.values_list("term", flat=True)) == left
    assert old != new and vocabulary.tidy() == 0


def test_learning_asks_as_often_for_many_words_as_for_few(db: None, django_assert_max_num_queries: object) -> None:
    few, many = (
        cast.new_ticket(subject="One"),
        cast.new_ticket(subject="Two", text=" ".join(map("word{}".format, "abcdefgh"))),
    )
    for ticket in (few, many):
        with django_assert_max_num_queries(12):  # type: ignore[operator]
            index_ticket(ticket)


# --- any text -------------------------------------------------------------------------------------

SUBJECTS = st.text(max_size=80) | st.text(alphabet="\"'()*:^+#.&|!<>\\ \t再発行aé1ß-", max_size=60)


@hypothesis_settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(subject=SUBJECTS)
@example("node.js C++ .NET e-mail")
@example("再発行 領 ｶﾞ Straße ﬁ ½ İ")
def test_a_ticket_is_found_by_its_subject(db: None, subject: str) -> None:
    """Unless there is nothing to search in it, or it says what must not occur."""
    subject = subject.replace("\x00", "")
    ticket = cast.new_ticket(subject=subject, text="else")
    index_ticket(ticket)
    query = parse(subject)
    if query.without or not words(subject):
        assert isinstance(find(subject, 10).ids, list)
    else:
        assert ticket.pk in search_tickets(subject, 10_000)
    Message.objects.filter(ticket=ticket).delete()
    INDEX.delete([ticket.pk])
    ticket.delete()


def test_nothing_waits_after_all_of_this(db: None) -> None:
    made("Refund")
    assert not TicketToIndex.objects.exists()
