"""What each rule of the check before sending says, and what it does not say: a warning too many is worse than none."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.presend import personal
from copilot.presend.check import blocks, check
from copilot.presend.facts import Asked, Facts, Internal
from copilot.presend.findings import Code, Level
from copilot.presend.links import DEAD, GOOD, INTERNAL

TOMAS = Facts(
    customer="Tomas Okafor",
    member="Mira Lindqvist",
    latest="I was charged twice in March. Why is that?",
    said=("Charged twice", "I was charged twice in March. Why is that?", "Studio"),
    evidence=(
        "A pending authorisation disappears from the card within 5 business days.",
        "Open Settings › Billing › Invoices to see what was collected.",
        "The Studio plan costs €49 per month.",
    ),
    ours=("Tallybird Support", "support@tallybird.example", "Mira Lindqvist"),
)
NOTE = "Tomas has a dispute open with the bank, legal wants us to keep quiet about the outage of the ledger."


def with_(**fields: object) -> Facts:
    return replace(TOMAS, **fields)  # type: ignore[arg-type]


def codes(text: str, facts: Facts = TOMAS) -> list[Code]:
    return [each.code for each in check(text, facts)]


def quoted(text: str, facts: Facts = TOMAS) -> list[tuple[Code, str]]:
    return [(each.code, each.words) for each in check(text, facts)]


# --- blocks ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Hi Tomas,\n\nlegal wants us to keep quiet about the outage of the ledger.",
        "Legal wants us to keep very quiet about the outage of our ledger.",  # words added and changed
        "LEGAL WANTS US\nto keep quiet – about the outage of the ledger!",
    ],
)
def test_text_of_a_note_is_a_block_also_if_words_were_changed(text: str) -> None:
    found = check(text, with_(internal=(Internal(NOTE),)))
    assert (found[0].code, found[0].level) == (Code.NOTE, Level.BLOCK)


@pytest.mark.parametrize(
    "text",
    [
        "Hi Tomas,\n\nthe outage is over and your ledger is right again.",
        "Please let us know if you have any further questions, and we will be happy to help you.",
        "I was charged twice in March. Why is that? You asked us this.",
    ],
)
def test_other_words_common_phrases_and_what_the_customer_wrote_are_no_block(text: str) -> None:
    note = (
        f"{NOTE} He wrote: I was charged twice in March. Why is that? "
        "Please let us know if you have any further questions, and we will be happy to help you."
    )
    assert blocks(text, with_(internal=(Internal(note),))) == ()


def test_a_note_that_quotes_an_article_does_not_make_the_article_secret() -> None:
    note = Internal(f"He should read this: {TOMAS.evidence[0]}")
    assert blocks(TOMAS.evidence[0], with_(internal=(note,))) == ()


def test_a_short_note_copied_whole_is_a_block() -> None:
    note = Internal("Suspected chargeback fraud, stall him")
    assert codes("Suspected chargeback fraud, stall him", with_(internal=(note,))) == [Code.NOTE]


def test_text_of_an_internal_article_is_a_block_that_names_it() -> None:
    article = Internal(
        "Refunds above €200 need the approval of two leads before the payment desk acts.", "Refund limits"
    )
    found = check(
        "Refunds above €200 need the approval of two leads before the payment desk acts.", with_(internal=(article,))
    )
    assert found[0].code is Code.INTERNAL
    assert "Refund limits" in found[0].message


def test_in_japanese_characters_count_as_half_a_word() -> None:
    note = Internal("この顧客は不正利用の疑いがあるため返金を保留してください。")
    assert Code.NOTE in codes("不正利用の疑いがあるため返金を保留して", with_(internal=(note,)))
    assert blocks("返金について確認します。", with_(internal=(note,))) == ()


@pytest.mark.parametrize(
    "text",
    [
        "Hi <NAME>,\n\nit works again.",
        "Write to <EMAIL_1>.",
        "Hello {{first_name}}, it works.",
        "Hi [customer name], it works.",
        "Sehr geehrte Frau [Nachname], es geht wieder.",
        "TODO: look up the date",
        "Your plan ends on [date].",
        "See [link] for [order number].",
        "Dear <customer name>, it works.",
        "It works.\n\nTBD\n\nMira",
        "It was on ___ that you paid.",
        "Your invoice is XXX.",
    ],
)
def test_a_placeholder_that_nobody_filled_in_is_a_block(text: str) -> None:
    assert {each.code for each in blocks(text, TOMAS)} == {Code.PLACEHOLDER}


def test_a_placeholder_for_the_name_is_mended_by_the_name() -> None:
    (found,) = blocks("Hi [customer name], it works.", TOMAS)
    assert found.mend == "Tomas"


@pytest.mark.parametrize(
    "text",
    [
        "¡TODO el equipo le saluda!",
        "See [our guide](https://tallybird.example/help).",
        "Items[1] and rows[2] are fine.",
        "1 < 2 > 0",
        "Use the <address> and <time> tags, and ${HOME} in the shell.",
        "The mail has the subject [Order 4711 confirmed], look for [Ticket] before it.",
        "Put it on your TODO list. The date is still TBD.",
        "I have read your to-do list.",
        "________________________________\nTallybird",
    ],
)
def test_what_only_looks_like_a_placeholder_is_none(text: str) -> None:
    assert blocks(text, TOMAS) == ()


def test_an_article_may_explain_placeholders() -> None:
    assert (
        blocks("Write {{first_name}} into the template.", with_(evidence=("Use {{first_name}} for the name.",))) == ()
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Please write to lena@haas.example about it.", "lena@haas.example"),
        ("Your order INV-20417 was paid.", "INV-20417"),
        ("Call +49 30 1234567 then.", "+49 30 1234567"),
    ],
)
def test_what_belongs_to_another_customer_is_a_block(text: str, value: str) -> None:
    facts = with_(others=frozenset({personal.key(value)}))
    assert quoted(text, facts)[0] == (Code.OTHER_CUSTOMER, value)
    assert [each.level for each in blocks(text, facts)] == [Level.BLOCK]


def test_what_the_customer_wrote_and_our_own_addresses_are_not_looked_up() -> None:
    facts = with_(said=("My order is INV-20417, call me on 030 123 456 78.",))
    text = (
        "Your order INV 20417: call us or write to support@tallybird.example. We try (030) 12345678. Tallybird Support"
    )
    assert personal.candidates(text, facts) == []


def test_an_address_that_nobody_knows_is_a_warning() -> None:
    facts = with_(strangers=frozenset({"bob@nowhere.example"}))
    assert [(each.code, each.level) for each in check("Ask bob@nowhere.example.", facts)] == [
        (Code.UNKNOWN_ADDRESS, Level.WARNING)
    ]


def test_the_name_of_another_customer_is_a_warning() -> None:
    facts = with_(namesakes=frozenset({personal.key("Lena Haas")}))
    assert (Code.OTHER_NAME, "Lena Haas") in quoted("We told Lena Haas the same.", facts)


# --- facts -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("It disappears within 7 business days.", "7 business days"),
        ("The plan costs €59 per month.", "€59 per month"),
        ("You get 20% off.", "20%"),
        ("We are open until 18:30.", "18:30"),
        ("It was paid on 4 April.", "4 April"),
        ("There are 250 seats in it.", "250"),
    ],
)
def test_a_fact_that_nobody_said_is_a_warning(text: str, words: str) -> None:
    assert quoted(text) == [(Code.FACT, words)]


def test_a_wrong_figure_is_mended_by_the_one_of_the_source_that_is_about_it() -> None:
    (found,) = check("A pending authorisation disappears from your card within 7 business days.", TOMAS)
    assert (found.words, found.mend) == ("7 business days", "5 business days")


@pytest.mark.parametrize(
    "text",
    [
        "It disappears within five business days.",  # another notation
        "The plan costs 49 euros a month.",
        "I have two ideas: 1. wait, 2. write to the bank.",
        "One moment, please. We are here 24/7, I am 100% sure.",
        "In March you were charged twice.",
        "Give it a few days. I'll get back to you tomorrow.",
        "1. Open Settings › Billing › Invoices.\n2. Compare the lines.\n3. Write to us.",
        "The Studio plan has invoices.",
        "Kind regards,\nMira Lindqvist",
    ],
)
def test_what_somebody_said_in_whatever_words_is_no_warning(text: str) -> None:
    assert quoted(text) == []


def test_a_note_or_an_earlier_reply_supports_a_fact() -> None:
    assert codes("You were charged €98.", with_(notes=("Ledger: charged €98.",))) == []
    assert codes("You were charged €98.", with_(said=("We see a charge of €98.",))) == []


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("See https://tallybird.example/pricing for more.", Code.ADDRESS, "https://tallybird.example/pricing"),
        ("Open Settings › Payments › Invoices.", Code.NAME, "Payments"),
        ("It is part of the Enterprise plan.", Code.NAME, "Enterprise"),
        ("Your booking is TB-99812.", Code.NAME, "TB-99812"),
        ("Call us on 0341 5550188.", Code.FACT, "0341 5550188"),
    ],
)
def test_an_address_menu_entry_plan_or_code_that_nobody_said_is_a_warning(text: str, code: Code, words: str) -> None:
    assert (code, words) in quoted(text)


# --- promises ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("We will refund the second payment.", Code.MONEY),
        ("I have issued a full refund.", Code.MONEY),
        ("You will get a refund.", Code.MONEY),
        ("Wir werden Ihnen den Betrag erstatten.", Code.MONEY),
        ("We guarantee that it works.", Code.GUARANTEE),
        ("This will never happen again.", Code.GUARANTEE),
        ("You are entitled to cancel.", Code.LEGAL),
        ("We are not liable for this.", Code.LEGAL),
    ],
)
def test_promises_that_agents_do_not_decide(text: str, code: Code) -> None:
    assert codes(text) == [code]
    assert codes(text, with_(decides=True)) == []


@pytest.mark.parametrize(
    "text",
    [
        "I will check this and get back to you.",
        "We have forwarded your message to billing.",
        "We cannot refund this payment, and we will not refund the next one.",
        "Whether you get a refund is up to billing.",
        "Refunds take a while.",
        "I promised to write again.",
    ],
)
def test_what_an_agent_may_say(text: str) -> None:
    assert codes(text) == []


def test_a_colleague_has_decided_it() -> None:
    assert codes("We will refund it.", with_(notes=("Rosa: refund approved.",))) == []


# --- tone --------------------------------------------------------------------------------------

ANGRY = with_(latest="This is unacceptable. I was charged twice.", said=("This is unacceptable. I was charged twice.",))


def test_an_angry_message_and_a_reply_without_a_word_for_it() -> None:
    (found,) = check("Hi Tomas,\n\nThe second line on your card is an authorisation.", ANGRY)
    assert (found.code, found.start, found.words) == (Code.MOOD, 11, "unacceptable")
    assert found.mend == "I’m sorry for the trouble this has caused you.\n\n"


def test_cheerful_words_and_marks_are_not_for_somebody_who_is_angry() -> None:
    text = "Hi Tomas!\n\nSorry about that! Great news: it is gone 😊"
    assert quoted(text, ANGRY) == [(Code.CHEERFUL, "!"), (Code.CHEERFUL, "Great news"), (Code.CHEERFUL, "😊")]
    assert [each.mend for each in check(text, ANGRY)] == [".", None, ""]
    assert codes(text) == []


@pytest.mark.parametrize("latest", ["It is not terrible, only slow.", "IBAN and BIC please.", "I love it!", ""])
def test_a_calm_customer_needs_no_word_for_a_mood(latest: str) -> None:
    assert codes("The second line on your card is an authorisation!", with_(latest=latest)) == []


@pytest.mark.parametrize(
    "text", ["As I already told you, it is gone.", "Obviously it is gone.", "That is not our problem."]
)
def test_curt_words_whatever_the_mood(text: str) -> None:
    assert codes(text) == [Code.CURT]


# --- language, questions -------------------------------------------------------------------------

GERMAN = "Guten Tag, warum sehe ich zwei Abbuchungen auf meiner Karte? Das verstehe ich leider nicht."
ENGLISH = "A pending authorisation disappears from the card, and nothing was collected twice, so please wait for it."


def test_a_reply_in_another_language_than_the_latest_message() -> None:
    assert codes(ENGLISH, with_(latest=GERMAN)) == [Code.LANGUAGE]
    assert codes(ENGLISH) == []


@pytest.mark.parametrize("text", ["Done.", "OK, thank you.", "Invoice: see below"])
def test_a_short_reply_has_no_language(text: str) -> None:
    assert codes(text, with_(latest=GERMAN)) == []


TWO = with_(
    latest="Why was I charged twice? How do I change the address on my invoices?",
    questions=(
        Asked("Why was I charged twice?", (TOMAS.evidence[0],)),
        Asked("How do I change the address on my invoices?", ("Select Company details and save.",)),
    ),
)


def test_a_question_that_the_reply_says_nothing_about() -> None:
    text = "The second charge is a pending authorisation, it disappears from the card soon."
    assert quoted(text, TWO) == [(Code.UNANSWERED, "How do I change the address on my invoices?")]


@pytest.mark.parametrize(
    "text",
    [
        "The second charge is pending and goes away. You change the address under Settings.",
        "The charge is pending. Select Company details and save.",  # by the unit that answers
        "Both are explained in our guide.",
        "The charge goes away. I ask a colleague about your second question.",
    ],
)
def test_a_reply_that_says_something_about_each_question(text: str) -> None:
    assert codes(text, TWO) == []


def test_one_question_is_what_the_reply_is_about() -> None:
    assert codes("It goes away by itself.", with_(questions=TWO.questions[:1])) == []


# --- links, attachments, greeting ------------------------------------------------------------------


def test_links_that_customers_cannot_open() -> None:
    desk, gone, good = (f"https://desk.example/{path}" for path in ("desk/7/", "help/en/articles/9/", "help/en/"))
    facts = with_(links={desk: INTERNAL, gone: DEAD, good: GOOD})
    assert codes(f"See {desk}, {gone} and {good}.", facts) == [Code.INTERNAL_LINK, Code.DEAD_LINK]


@pytest.mark.parametrize(
    "text", ["I have attached the invoice.", "Please find attached the list.", "Anbei die Rechnung."]
)
def test_an_attachment_that_is_not_there(text: str) -> None:
    assert codes(text) == [Code.ATTACHMENT]
    assert codes(text, with_(attachments=1)) == []


@pytest.mark.parametrize(
    "text",
    [
        "Thank you for the screenshot that you attached.",
        "Could you attach a screenshot?",
        "I have looked at your attached file.",
        "Please attach the invoice to your reply.",
    ],
)
def test_what_the_customer_attaches_is_not_ours(text: str) -> None:
    assert codes(text) == []


def test_a_greeting_with_another_name() -> None:
    (found,) = check("Hi Lena,\n\nit is gone.", TOMAS)
    assert (found.code, found.words, found.mend) == (Code.GREETING, "Lena", "Tomas")
    (found,) = check("Dear Mr Haas,\n\nit is gone.", TOMAS)
    assert (found.words, found.mend) == ("Haas", "Okafor")


def test_a_greeting_with_the_agents_own_name() -> None:
    (found,) = check("Hello Mira,\n\nit is gone.", TOMAS)
    assert (found.code, found.mend) == (Code.OWN_NAME, "Tomas")


@pytest.mark.parametrize(
    "greeting",
    [
        "Hi Tomas,",
        "Hi Tom,",
        "Dear Mr Okafor,",
        "Hello Tomas Okafor!",
        "Hi there,",
        "Hello,",
        "Hi team,",
        "Hi Tommy,",
        "Guten Tag,",
    ],
)
def test_greetings_that_are_right(greeting: str) -> None:
    assert codes(f"{greeting}\n\nit is gone.") == []


def test_a_customer_without_a_name_or_who_signs_with_another_one() -> None:
    assert codes("Hi Bob,\n\nit is gone.", with_(said=("It is broken. Best, Bob",))) == []
    assert codes("Hi Bob,\n\nit is gone.", with_(customer="")) == []


# --- all together ----------------------------------------------------------------------------------


def test_a_good_reply_has_no_findings() -> None:
    text = (
        "Hi Tomas,\n\nThank you for writing. The second line is a pending authorisation: it disappears from the card "
        "within 5 business days, and it is never collected. You find what was collected under Settings › Billing › "
        "Invoices.\n\nPlease write again if it is still there after that.\n\nKind regards,\nMira Lindqvist"
    )
    assert quoted(text) == []


def test_blocks_come_first_and_there_are_never_more_than_keys() -> None:
    text = "Hi Lena,\n\n" + " ".join(f"It costs €{n}." for n in range(60, 90)) + " We guarantee it. Obviously. [name]"
    found = check(text, TOMAS)
    assert found[0].code is Code.PLACEHOLDER
    assert len(found) <= 9


@given(st.text(max_size=400), st.text(max_size=200))
def test_no_text_makes_it_fail(text: str, other: str) -> None:
    facts = with_(latest=other, said=(other,), internal=(Internal(other),), customer=other[:30])
    for found in check(text, facts):
        assert 0 <= found.start <= found.end <= len(text)
        assert found.message
