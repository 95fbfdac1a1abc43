"""What a sentence may never say unless its source does: one case per rule, and what each rule lets through."""

import pytest

from copilot.grounding.objection import Rule
from copilot.grounding.rules import objections

CARD = ["A gift card costs €20 and is valid for three years.", "Uploads may be up to 20 MB.", "It opens at 9:00."]
PLANS = ["Solo: one mailbox, synced every 60 minutes.", "Team: five mailboxes, synced every 15 minutes."]
STEPS = ["1. Switch the printer off.\n2. Open the rear flap.\n3. Pull the sheet out downwards."]
MENU = [
    "Open Settings › Billing and press “Export all”.",
    "Write to help@desk.example or see https://desk.example/help.",
]
HEDGED = ["Payouts usually arrive within 3 working days.", "Some titles can be downloaded.", "The fee may be raised."]
TAGS = [
    "Notes of the duplicate move to the contact you keep; its tags do not.",
    "Strikes are not covered by the policy.",
]
OURS = ["We refund the fee within a week.", "Send the reading before Friday."]

WRONG = [
    (Rule.AMOUNT, "A gift card costs €25.", CARD),
    (Rule.AMOUNT, "Uploads may be up to 20 GB.", CARD),
    (Rule.TIME, "A gift card is valid for three months.", CARD),
    (Rule.TIME, "It opens at 10:00.", CARD),
    (Rule.NUMBER, "You get 7 gift cards.", CARD),
    (Rule.NUMBER, "After five attempts the card is locked.", CARD),
    (Rule.ROW, "On Solo your mailbox is synced every 15 minutes.", PLANS),
    (Rule.ADDRESS, "Write to billing@desk.example.", MENU),
    (Rule.ADDRESS, "See https://desk.example/billing for more.", MENU),
    (Rule.NAME, "Open Settings › Members to do it.", MENU),
    (Rule.NAME, "Press “Export now” to begin.", MENU),
    (Rule.NAME, "You can do it in the Portal of your company.", MENU),
    (Rule.NAME, "Enter the code AB-12X there.", MENU),
    (Rule.PROMISE, "We will send you a new card.", OURS),
    (Rule.PROMISE, "We'll send the reading for you.", OURS),  # the source tells the customer to send it
    (Rule.PROMISE, "I have already cancelled your order.", OURS),
    (Rule.PROMISE, "Your order has been cancelled.", OURS),
    (Rule.PROMISE, "Wir melden uns, und morgen schicken wir Ihnen eine Karte.", OURS),
    (Rule.PROMISE, "This is guaranteed.", OURS),
    (Rule.STRONGER, "Your payouts will arrive within 3 working days.", HEDGED),
    (Rule.STRONGER, "Every title will be downloaded.", HEDGED),
    (Rule.STRONGER, "The fee is raised.", HEDGED),
    (Rule.NEGATION, "Notes of the duplicate move to the contact you keep, and so do its tags.", TAGS),
    (Rule.NEGATION, "Yes, the policy covers strikes, which are covered from the first day.", TAGS),
    (Rule.NEGATION, "The rear flap cannot be opened.", ["The rear flap can be opened."]),
    (Rule.NEGATION, "Stale deals do not stay in your reports.", ["Stale deals stay in all reports."]),
    (Rule.ORDER, "Pull the sheet out downwards, then switch the printer off.", STEPS),
    (
        Rule.SWAPPED,
        "On Personal, servers are saved.",
        ["On Business, servers are saved.", "It is sold as Personal too."],
    ),
    (Rule.SWAPPED, "Editors can add filters.", ["Owners can add filters.", "Editors can see the filters of owners."]),
]
RIGHT = [
    ("A gift card is valid for 36 months, and costs 20 euros.", CARD),
    ("You can upload a file of 20 MB.", CARD),
    ("Team has five mailboxes, and Solo has one.", PLANS),
    ("On Team they are synced every 15 minutes.", PLANS),
    ("Go to Settings › Billing, then choose “Export all”.", MENU),
    ("Mail help@desk.example in English.", MENU),
    ("We will refund the fee.", OURS),
    ("Payouts can take 3 working days.", HEDGED),
    ("As a rule payouts arrive within 3 working days.", HEDGED),
    ("Tags stay behind when notes of the duplicate move to the contact you keep.", TAGS),
    ("Strikes are excluded from the policy.", TAGS),
    ("Switch the printer off, open the rear flap and pull the sheet out downwards.", STEPS),
    ("Pull the sheet out downwards after you have switched the printer off.", STEPS),
    ("The door opens with the code.", ["If the door does not open, ring.", "The door opens with the code."]),
]


@pytest.mark.parametrize(("rule", "claim", "units"), WRONG)
def test_it_objects(rule: Rule, claim: str, units: list[str]) -> None:
    assert rule in {each.rule for each in objections(claim, units)}


@pytest.mark.parametrize(("claim", "units"), RIGHT)
def test_it_does_not_object(claim: str, units: list[str]) -> None:
    assert objections(claim, units) == ()


def test_an_objection_quotes_the_sentence() -> None:
    swapped = objections("Editors can add filters.", ["Owners can add filters.", "Editors see the filters of owners."])
    assert [(each.rule, each.words) for each in swapped] == [("swapped", "Editors")]
    assert [(each.rule, each.words) for each in objections("It costs €25.", CARD)] == [("amount", "€25")]


def test_german_nouns_are_no_names_but_english_capitals_are() -> None:
    assert objections("Die Karte gilt für die Bahn.", ["Die Karte gilt."], "de") == ()
    assert objections("The card works for the Metro.", ["The card works."], "en") != ()


def test_small_words_are_only_compared_within_a_language() -> None:
    source = ["We send the card by post.", "The card is not free."]
    assert objections("Wir werden Ihnen die Karte per Post senden.", source, "de", same_language=False) == ()
    assert objections("Wir werden Ihnen die Karte senden.", ["It comes by post."], "de", same_language=False) != ()


@pytest.mark.parametrize(
    ("claim", "source", "language"),
    [
        (
            "Überweisungen von mehr als 12.500,00 £ gibt eine zweite Person frei.",
            "Over £12,500.00 two people sign.",
            "de",
        ),
        ("Une facture de plus de 1 250,75 $ est approuvée deux fois.", "Over $1,250.75 it is approved twice.", "fr"),
        ("Server M – Disco: 160 GB; Prezzo: 24,50 $ al mese", "Server M – Disk: 160 GB; Price: $24.50 a month", "it"),
        ("Le note sono visibili solo a Lei.", "Nobody but you can see the notes.", "it"),
        ("A fatura está pronta no dia 5 do mês.", "Your bill is ready on the fifth of the month.", "pt"),
        ("Öffne Settings > Accounts (Einstellungen > Konten).", "Open Settings > Accounts.", "de"),
    ],
)
def test_what_a_right_translation_may_say(claim: str, source: str, language: str) -> None:
    assert objections(claim, [source], language, same_language=False) == ()


def test_a_translation_that_stays_english_is_seen() -> None:
    source = "Scan the label on the box, then wait for the beep before you close it."
    said = objections("Scannez l'étiquette, then wait for the beep.", [source], "fr", same_language=False)
    assert [(each.rule, each.words) for each in said] == [("untranslated", "then wait for")]
    button = "Klicken Sie auf „Wait for the beep“, und schließen Sie die Box."
    assert objections(button, [source], "de", same_language=False) == ()
    assert objections("Then wait for the beep.", [source], "en") == ()


def test_a_price_is_compared_to_the_cent() -> None:
    assert [each.rule for each in objections("It costs €98.", ["It costs €99."])] == ["amount"]
    assert objections("It lasts 30 days.", ["It lasts one month."]) == ()


def test_a_wrong_figure_of_a_translation_is_seen_in_any_notation() -> None:
    said = objections("Mehr als 12.600,00 £.", ["More than £12,500.00."], "de", same_language=False)
    assert [each.rule for each in said] == ["amount"]


def test_the_sources_own_sentence_is_never_read_as_a_promise_or_denied() -> None:
    units = ["We will send you a card.", "Notes move; tags do not."]
    assert [objections(unit, units) for unit in units] == [(), ()]
