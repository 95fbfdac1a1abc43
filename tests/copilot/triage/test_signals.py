"""What in a customer's message means that a person has to take over, and what only sounds like it."""

import json
import tomllib
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot.triage import signal_words
from copilot.triage.signals import SENSITIVE, Kind, found

TRAINING = Path(__file__).parents[3] / "training" / "triage" / "signals.jsonl"
PIECES = [
    "not",
    "my lawyer",
    "will",
    "sue",
    "you",
    ",",
    ".",
    "but",
    "bank",
    "l'avocat",
    "弁護士",
    "訴訟",
    "\n",
    "<PERSON_1>",
]
FILES = sorted(Path(signal_words.__file__).parent.glob("*.toml"))


def kinds(text: str) -> set[str]:
    return {signal.kind.value for signal in found(text)}


@pytest.mark.parametrize(
    "text",
    [
        "If this isn't fixed by Monday I'm getting my lawyer involved.",
        "i will take u to court",
        "My next call is to the ombudsman.",
        "Ich werde rechtliche Schritte einleiten, wenn das Geld nicht da ist.",
        "Je vais porter plainte et saisir le médiateur.",
        "Mi rivolgo all'Antitrust e faccio causa.",
        "Ik schakel mijn rechtsbijstand in.",
        "Sprawę kieruję do sądu.",
        "消費者センターに相談します",
    ],
)
def test_a_threat_with_a_lawyer_a_court_or_an_authority(text: str) -> None:
    assert "legal_threat" in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "Your support guy was incredibly rude to me",
        "I was treated like a criminal by your security guard",
        "Der Typ an der Hotline hat einfach aufgelegt!",
        "La dame au téléphone m'a raccroché au nez",
        "El repartidor fue muy maleducado conmigo",
        "O atendente gritou comigo",
        "Er kundtjänst skrattade åt mig",
        "Ваш оператор бросил трубку",
        "你们的客服态度非常恶劣",
    ],
)
def test_a_complaint_about_how_one_of_us_behaved(text: str) -> None:
    assert "staff_complaint" in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "My account has been hacked!!",
        "I received a login alert but that wasn't me",
        "I got a phishing email pretending to be from you",
        "my phone got stolen and your app is on it",
        "I found an XSS vulnerability in your search page",
        "I can see another customer's invoices in my account",
        "Jemand hat sich in meinen Account eingeloggt",
        "Mi hanno rubato il portafoglio con la carta",
        "Ktoś włamał się na moje konto",
        "Hesabım ele geçirildi",
        "アカウントが乗っ取られました",
    ],
)
def test_an_account_a_device_or_data_in_other_hands(text: str) -> None:
    assert "security" in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "I've filed a chargeback",
        "my bank is reversing the payment",
        "I opened a PayPal case against you",
        "Ich habe die Lastschrift zurückbuchen lassen",
        "J'ai contesté le paiement auprès de ma banque",
        "Ik heb het bedrag laten terugboeken",
        "Kart şirketime itiraz ettim",
        "我已经向银行申请拒付",
    ],
)
def test_a_payment_that_is_contested_at_the_bank(text: str) -> None:
    assert "dispute" in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "I want to cancel my subscription",
        "We're switching to a competitor next month",
        "You've just lost a customer",
        "Ich kündige meinen Vertrag zum nächstmöglichen Termin",
        "Quiero darme de baja",
        "Quero cancelar a minha assinatura",
        "Jag vill säga upp mitt abonnemang",
        "Я ухожу к конкурентам",
        "解約したいです",
    ],
)
def test_a_customer_who_leaves(text: str) -> None:
    assert "churn" in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "I don't want to live anymore",
        "everyone would be better off without me",
        "Ich denke daran, mir das Leben zu nehmen",
        "J'ai envie de mourir",
        "Voglio farla finita",
        "Nie chcę już żyć",
        "Artık yaşamak istemiyorum",
        "死にたいです",
        "我不想活了",
    ],
)
def test_a_life_in_danger(text: str) -> None:
    assert "self_harm" in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "can I speak to a real person please",
        "Please have someone call me back at 555-0199",
        "no more bots, I want a human",
        "Bitte rufen Sie mich zurück",
        "Je veux parler à un humain",
        "Vorrei parlare con un operatore",
        "Jeg vil tale med et menneske",
        "Дайте живого человека",
        "转人工",
    ],
)
def test_a_person_who_is_asked_for(text: str) -> None:
    assert "human" in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "I'm not going to sue you, just fix it please",
        "No need for lawyers, I'm sure we can sort this out",
        "Your agent Maria was not rude at all, she was lovely",
        "I didn't get hacked, I just forgot the password",
        "We don't want to cancel, we just want to pause",
        "Wir wollen Sie nicht verklagen",
        "Je ne veux pas résilier, juste suspendre un mois",
        "Non voglio disdire, solo sospendere",
    ],
)
def test_what_is_denied_is_no_signal(text: str) -> None:
    assert kinds(text) == set()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I am not only disappointed, my lawyer will contact you", "legal_threat"),
        ("The parcel did not come, I will sue you", "legal_threat"),
        ("I don't want a refund but I will sue you", "legal_threat"),
    ],
)
def test_a_word_that_denies_something_else_does_not_count(text: str, kind: str) -> None:
    assert kind in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "I am a lawyer and I want to buy the pro plan for my firm",
        "Our legal team asks for the current version of the contract",
        "Our customers dispute charges sometimes, how do I answer in your app?",
        "My colleague was rude to a customer in chat, can I delete the message?",
        "Our chatbot should hand over to a human agent, how do I configure that?",
        "Contact my human resources department for the forms",
        "The driver was very friendly and on time",
        "I switched from your competitor last month and love it",
        "Ihre Mitarbeiterin war sehr freundlich",
        "Soy abogado y quiero una factura",
        "担当者の対応が丁寧で助かりました",
    ],
)
def test_what_is_about_others_or_is_praise_is_no_signal(text: str) -> None:
    assert kinds(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "How do I cancel my order?",
        "How do I enable two-factor authentication?",
        "How does your phishing filter work?",
        "What happens if my card gets stolen, am I insured?",
        "Wie lange ist die Kündigungsfrist?",
        "Comment annuler ma commande ?",
        "Hoe wijzig ik mijn wachtwoord?",
        "怎么开启两步验证",
    ],
)
def test_a_question_how_something_works_is_no_signal(text: str) -> None:
    assert kinds(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "This bug is killing me",
        "I'd die for a dark mode",
        "How do I kill a process that hangs?",
        "The app commits suicide when I rotate the screen",
        "Ich lache mich tot über den Fehler",
        "Me muero de ganas de probarlo",
        "電池がすぐ死にます",
    ],
)
def test_a_figure_of_speech_is_no_signal(text: str) -> None:
    assert kinds(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "ICH GEHE ZUM ANWALT",
        "> Ich gehe zum Anwalt",
        "je vais saisir le mediateur",
        "I’m going to sue you",
        "im going to sue you",
        unicodedata.normalize("NFD", "Je vais saisir le médiateur"),
        "<PERSON_1>, hand this to your boss: my lawyer\nwill write to you",
    ],
)
def test_capitals_accents_apostrophes_and_wrapped_lines_do_not_matter(text: str) -> None:
    assert "legal_threat" in kinds(text)


def test_words_of_two_sentences_do_not_make_a_signal() -> None:
    assert kinds("Thanks to my lawyer. You will get the signed form.") == set()
    assert kinds("Your driver was on time. Rude people live next door.") == set()


def test_the_point_of_a_title_does_not_end_the_sentence() -> None:
    assert kinds("Your colleague Mr. Miller was rude") == {"staff_complaint"}


def test_a_placeholder_counts_as_a_word() -> None:
    assert kinds("I want to complain about <PERSON_1>, who shouted at me") == {"staff_complaint"}


def test_every_signal_of_a_text_is_found_in_the_order_of_the_text() -> None:
    text = "I am cancelling today, and my attorney will write to you. Have someone call me."
    assert [signal.kind for signal in found(text)] == [Kind.CHURN, Kind.LEGAL_THREAT, Kind.HUMAN]


def test_a_kind_is_reported_once_with_its_first_words() -> None:
    text = "Hello. I will sue you! I WILL SUE YOU!"
    (signal,) = found(text)
    assert text[signal.start : signal.end] == "will sue"


def test_the_span_is_verbatim() -> None:
    text = "Bonjour,\n\nJe vais saisir le Médiateur de l’énergie."
    (signal,) = found(text)
    assert text[signal.start : signal.end] == "saisir le Médiateur"


def test_what_is_void_in_one_place_is_still_found_in_another() -> None:
    text = "I am not going to sue anyone over 5 euros. But for 500 I will sue you."
    (signal,) = found(text)
    assert text[signal.start :] == "will sue you."


@given(st.text(max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_text_can_be_read(text: str) -> None:
    for signal in found(text):
        assert 0 <= signal.start < signal.end <= len(text)


@given(st.lists(st.sampled_from(PIECES)))
@settings(max_examples=60, deadline=None)
def test_any_order_of_telling_words_can_be_read(words: list[str]) -> None:
    text = " ".join(words)
    spans = [(signal.start, signal.end) for signal in found(text)]
    assert spans == sorted(spans)
    assert all(text[start:end].strip() == text[start:end] != "" for start, end in spans)


@pytest.mark.parametrize("piece", ["i ", "my lawyer not ", "弁護士", "a'", "Mr.", "x"])
def test_a_very_long_sentence_can_be_read(piece: str) -> None:
    assert len(found(piece * 5_000)) <= len(Kind)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_of_words_has_only_what_is_read(path: Path) -> None:
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    assert set(tables) <= {"words", *Kind}
    assert {key for name in set(tables) - {"words"} for key in tables[name]} <= {"say", "always", "unless", "topic"}
    assert max(map(len, path.read_text(encoding="utf-8").splitlines())) <= 120


@pytest.fixture(scope="module")
def scores() -> dict[str, Counter[str]]:
    """How often each kind is in the training set, was found there, and was found where it isn't."""
    there, right, wrong = Counter[str](), Counter[str](), Counter[str]()
    for line in TRAINING.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        names, expected = kinds(case["text"]), set(case["signals"])
        there.update(expected)
        right.update(names & expected)
        wrong.update(names - expected)
    return {"there": there, "right": right, "wrong": wrong}


@pytest.mark.parametrize("kind", sorted(SENSITIVE))
def test_the_training_set_is_read_well(kind: str, scores: dict[str, Counter[str]]) -> None:
    right = scores["right"][kind]
    assert right / scores["there"][kind] >= 0.93
    assert right / (right + scores["wrong"][kind]) >= 0.93
