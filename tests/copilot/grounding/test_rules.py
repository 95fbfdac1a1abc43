"""What a sentence may never say unless its source does: one case per rule, and what each rule lets through."""

from typing import Any

import pytest

from copilot.grounding.objection import Rule
from copilot.grounding.rules import objections
from tests.growth import assert_linear

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


def test_the_word_after_my_is_a_part_of_a_pages_name() -> None:
    source = ["Open My orders, press Edit and save."]
    assert [each.words for each in objections("Open My profile and press Edit.", source)] == ["My profile"]
    assert objections("Open My orders and press Edit.", source) == ()
    assert objections("Press Edit in My orders' settings.", ["Press Edit in the settings of My orders."]) == ()


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
    english: dict[str, Any] = {"same_language": False, "source_language": "en"}
    said = objections("Scannez l'étiquette, then wait for the beep.", [source], "fr", **english)
    assert [(each.rule, each.words) for each in said] == [("untranslated", "then wait for the beep")]
    assert objections("Klicken Sie auf „Wait for the beep“.", [source], "de", **english) == ()
    assert objections("Then wait for the beep.", [source], "en", source_language="en") == ()


@pytest.mark.parametrize(
    ("claim", "source", "language", "words"),
    [
        ("Der Fonds hat 2 Billionen Euro ausgezahlt.", "The fund has paid out 2 billion euros.", "de", ["Billionen"]),
        ("Der Fonds hat 2 Milliarden Euro ausgezahlt.", "The fund has paid out 2 billion euros.", "de", []),
        ("La police est éventuellement annulée.", "The policy is eventually cancelled.", "fr", ["éventuellement"]),
        ("D’éventuels frais sont finalement remboursés.", "Any fees are eventually refunded.", "fr", []),
        ("Il pezzo arriva dalla fattoria.", "The part comes from the factory.", "it", ["fattoria"]),
        ("L’autenticazione a due fattori è attiva.", "Two-factor authentication is on in the factory.", "it", []),
        ("Saisissez la location du compteur.", "Enter the location of the meter.", "fr", ["location"]),
        ("L’agence de location est à la gare.", "The location of the rental office is the station.", "fr", []),
        ("Activez « Location » dans le menu.", "Switch Location on in the menu.", "fr", []),
        ("Activez Location dans le menu.", "Switch Location on in the menu.", "fr", []),
    ],
)
def test_a_word_that_only_looks_like_the_english_one_is_named(
    claim: str, source: str, language: str, words: list[str]
) -> None:
    found = objections(claim, [source], language, same_language=False, source_language="en")
    assert [each.words for each in found if each.rule is Rule.FALSE_FRIEND] == words


@pytest.mark.parametrize(
    ("claim", "source", "language"),
    [
        ("Haz clic en Settings > Add to list.", "Click Settings > Add to list.", "es"),
        ("Nutzen Sie Sign in with Google.", "Use Sign in with Google.", "de"),
        (
            "Öffne Settings › Sell on the website und tippe auf Save.",
            "Open Settings › Sell on the website, tap Save.",
            "de",
        ),
        ("Het water is warm in de zomer.", "Water is warm in summer.", "nl"),
    ],
)
def test_names_of_buttons_may_stay_english(claim: str, source: str, language: str) -> None:
    assert objections(claim, [source], language, same_language=False, source_language="en") == ()


@pytest.mark.parametrize(
    ("claim", "source", "language"),
    [
        ("Third-party apps get 3 attempts.", "Third-party apps get 5 attempts.", "en"),
        ("Choisissez le forfait Premium : 20 €.", "Choose the Basic plan: €20.", "fr"),
        ("Klicken Sie auf Sichern („Delete“).", "Click Save.", "de"),
        ("Ouvert jusqu'à 19h30.", "Open until 6:30 p.m.", "fr"),
    ],
)
def test_what_a_wrong_translation_may_not_say(claim: str, source: str, language: str) -> None:
    assert objections(claim, [source], language, same_language=language == "en") != ()


def test_a_time_is_the_same_in_both_notations() -> None:
    for minute in range(60, 24 * 60):
        hour, rest = divmod(minute, 60)
        english = f"Open until {hour % 12 or 12}:{rest:02} {'am' if hour < 12 else 'pm'}."
        assert objections(f"Geöffnet bis {hour}:{rest:02}.", [english], "de", same_language=False) == ()


def test_lists_of_amounts_are_read_in_linear_time() -> None:
    for one in ("1,250.50, ", "1.250,50, ", "1 250,75, ", "12,34,", "123,"):
        assert_linear(
            lambda text: objections(text, ["It costs €5."]), lambda n, one=one: one * (n // len(one)), (400, 1600)
        )


def test_a_price_is_compared_to_the_cent() -> None:
    assert [each.rule for each in objections("It costs €98.", ["It costs €99."])] == ["amount"]
    assert objections("It lasts 30 days.", ["It lasts one month."]) == ()


def test_a_wrong_figure_of_a_translation_is_seen_in_any_notation() -> None:
    said = objections("Mehr als 12.600,00 £.", ["More than £12,500.00."], "de", same_language=False)
    assert [each.rule for each in said] == ["amount"]


def test_the_sources_own_sentence_is_never_read_as_a_promise_or_denied() -> None:
    units = ["We will send you a card.", "Notes move; tags do not."]
    assert [objections(unit, units) for unit in units] == [(), ()]
