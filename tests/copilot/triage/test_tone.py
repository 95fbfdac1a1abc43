"""Words that show how a customer feels and how urgent it is, in many languages, and what is made of them."""

import io
import json
import tomllib
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.triage import tone, tone_words
from copilot.triage.classifier import TONED, BadModel, Classifier, Ready, from_bytes, to_bytes
from copilot.triage.signal_words.book import phrase_of
from copilot.triage.tone import COUNTED, GROUPS, MEASURES, heard, measures
from knowledge.index.embeddings import FakeEmbedder
from tests.copilot.triage.conftest import small

FILES = {path.stem: path for path in sorted(Path(tone_words.__file__).parent.glob("*.toml"))}
LANGUAGES = sorted(set(FILES) - {"emojis"})
# By language: what is praise, what is blame, and what is urgent. The last of each needs the denial.
SAYS = {
    "en": (
        ["What a great app, I really love it", "Your support was wonderful", "Honestly, it was not bad at all"],
        ["This is terrible, I am so disappointed", "Rude and useless staff", "I am not happy with the new version"],
        ["URGENT: our shop is down", "We need this fixed immediately, everything is at a standstill"],
    ),
    "de": (
        ["Der Service war hervorragend und freundlich", "Ich bin sehr zufrieden", "Das ist wirklich nicht schlecht"],
        ["Das ist eine Frechheit, ich bin enttäuscht", "Unfähig und unfreundlich", "Das neue Design gefällt mir nicht"],
        ["Bitte dringend melden, alles steht still", "Ich brauche das sofort"],
    ),
    "fr": (
        ["Service excellent, je suis ravie", "Votre équipe est formidable", "Ce n'est pas mauvais du tout"],
        ["C'est inadmissible, je suis très déçue", "Personnel impoli et incompétent", "Je ne suis pas satisfait"],
        ["C'est urgent, tout est bloqué", "Merci de répondre immédiatement"],
    ),
    "es": (
        ["Excelente servicio, estoy encantada", "Me gusta mucho la aplicación", "La verdad es que no es malo"],
        ["Es una vergüenza, pésimo servicio", "Estoy muy decepcionado", "No estoy contento con el cambio"],
        ["Es urgente, necesitamos ayuda inmediata", "Lo necesito cuanto antes, por favor"],
    ),
    "it": (
        ["Servizio ottimo, sono felice", "Siete stati bravissimi e gentili", "Devo dire che non è male"],
        ["È vergognoso, sono molto deluso", "Personale maleducato e incompetente", "Non sono contento del servizio"],
        ["È urgente, siamo fermi", "Serve una risposta immediata, al più presto"],
    ),
    "pt": (
        ["Atendimento excelente, adorei", "Estou muito satisfeita com a ajuda", "Sinceramente, não é mau"],
        [
            "Isto é péssimo, estou desiludido",
            "Atendimento horrível e incompetente",
            "Não estou satisfeito com a resposta",
        ],
        ["É urgente, está tudo parado", "Preciso de ajuda imediata"],
    ),
    "nl": (
        ["Geweldige service, ik ben heel blij", "Zeer tevreden over de hulp", "Dat is echt niet slecht"],
        ["Schandalig, ik ben teleurgesteld", "Wat een waardeloze en onbeschofte hulp", "Ik ben niet tevreden"],
        ["Dringend: alles ligt plat", "Graag zo snel mogelijk hulp"],
    ),
    "pl": (
        ["Świetna obsługa, jestem zachwycona", "Bardzo mi się podoba, polecam", "Naprawdę nie jest źle"],
        ["To skandal, jestem rozczarowany", "Okropna i niekompetentna obsługa", "Nie jestem szczęśliwy"],
        ["Pilne, nic nie działa", "Proszę o natychmiastową pomoc"],
    ),
    "sv": (
        ["Fantastisk hjälp, jag är så glad", "Mycket nöjd med er service", "Det är faktiskt inte dåligt"],
        ["Helt oacceptabelt, jag är besviken", "Otrevlig och värdelös service", "Jag är inte nöjd"],
        ["Det är bråttom, allt står still", "Vi behöver hjälp omedelbart"],
    ),
    "da": (
        ["Fantastisk hjælp, jeg er så glad", "Meget tilfreds med jeres service", "Det er faktisk slet ikke dårligt"],
        ["Helt uacceptabelt, jeg er skuffet", "Uforskammet og elendig betjening", "Jeg er ikke tilfreds"],
        ["Det haster, alt ligger nede", "Vi har brug for hjælp med det samme"],
    ),
    "ru": (
        ["Отличный сервис, я очень довольна", "Спасибо, всё прекрасно работает", "Честно говоря, это не плохо"],
        ["Это ужасно, я разочарован", "Хамство и некомпетентность", "Мне это не нравится, я не доволен"],
        ["Срочно, ничего не работает", "Нужна помощь немедленно"],
    ),
    "uk": (
        ["Чудовий сервіс, я дуже задоволена", "Дякую, все прекрасно працює", "Чесно кажучи, це не погано"],
        ["Це жахливо, я розчарований", "Хамство і некомпетентність", "Мені це не подобається"],
        ["Терміново, нічого не працює", "Потрібна допомога негайно"],
    ),
    "tr": (
        ["Harika bir hizmet, çok memnunum", "Uygulamayı çok beğendim, tavsiye ederim", "Doğrusu hiç kötü değil"],
        ["Rezalet bir hizmet, hayal kırıklığı", "Berbat ve saygısız personel", "Bu hizmet hiç iyi değil"],
        ["Acil yardım lazım, her şey durdu", "Lütfen hemen bakın"],
    ),
    "ja": (
        ["素晴らしい対応で感激しました", "とても満足しています", "思ったより悪くないです"],
        ["最悪の対応で失望しました", "不親切でがっかりです", "対応が良くなかった"],
        ["至急ご対応ください", "業務が止まっています。今すぐお願いします"],
    ),
    "zh": (
        ["服务很棒,我非常满意", "客服热情又耐心", "真的不差"],
        ["太差了,我很失望", "态度恶劣,垃圾公司", "我对结果不满意"],
        ["紧急!系统全部瘫痪", "请马上处理"],
    ),
    "ar": (
        ["خدمة ممتازة وأنا سعيدة جدا", "التطبيق رائع وسهل", "الخدمة ليست سيئة أبدا"],
        ["خدمة سيئة جدا وأنا غاضب", "هذا فظيع وغير مقبول", "أنا لست سعيد بالخدمة"],
        ["الأمر عاجل جدا", "نحتاج المساعدة فورا"],
    ),
    "hi": (
        ["बहुत बढ़िया सेवा, मैं खुश हूँ", "शानदार ऐप, मुझे पसंद है", "यह सेवा बुरी नहीं है"],
        ["बहुत घटिया सेवा, मैं निराश हूँ", "यह बेकार और शर्मनाक है", "मैं खुश नहीं हूँ"],
        ["तुरंत मदद चाहिए, सब कुछ बंद है", "यह तत्काल ठीक करें"],
    ),
}


def balance(text: str) -> float:
    return float(measures([text])[0][MEASURES.index("balance")])


def each(side: int) -> list[tuple[str, str]]:
    return [(language, text) for language, sides in SAYS.items() for text in sides[side]]


class TestWords:
    @pytest.mark.parametrize(("language", "text"), each(0))
    def test_praise_is_heard(self, language: str, text: str) -> None:
        assert balance(text) > 0

    @pytest.mark.parametrize(("language", "text"), each(1))
    def test_blame_is_heard(self, language: str, text: str) -> None:
        assert balance(text) < 0

    @pytest.mark.parametrize(("language", "text"), each(2))
    def test_hurry_is_heard(self, language: str, text: str) -> None:
        assert heard(text)["urgent"] >= 1

    def test_what_is_denied_counts_for_the_other_side(self) -> None:
        assert heard("I am not pleased")["not_good"] == 1 and heard("I am not pleased")["positive"] == 0
        assert heard("It is not bad")["not_bad"] == 1
        assert heard("There is no hurry, it is not urgent")["urgent"] == 0
        assert heard("No. The room was lovely")["not_good"] == 0  # another sentence
        assert heard("No complaints, and you have been kind")["not_good"] == 0  # another clause

    def test_a_phrase_counts_instead_of_its_words(self) -> None:
        assert heard("No problem")["problem"] == 0 and heard("No problem")["positive"] == 1
        assert not any(heard("Good morning. Kind regards, Ann").values())

    def test_very_makes_it_stronger(self) -> None:
        assert heard("very good")["positive"] == tone.STRONGER > heard("good")["positive"] == 1

    def test_a_word_counts_as_its_language_means_it(self) -> None:
        german = "Das ist so dumm gelaufen, die Lieferung kam mit falschem Inhalt bei uns im Lager an"
        assert heard(german)["bad_emoji"] == 0 and heard(german)["negative"] >= 1
        norwegian = "Jeg har ventet i tre uker, og dette er helt uakseptabelt for oss som kunder"
        assert heard(norwegian)["very_negative"] >= 1

    def test_emojis_are_heard_without_words(self) -> None:
        assert balance("😍🎉") > 0 > balance("😡👎🏽")
        assert heard("❤️")["good_emoji"] == 1 and heard("see https://example.org/a:b")["bad_emoji"] == 0


class TestMeasures:
    def test_loud_letters_and_marks_have_numbers(self) -> None:
        [calm], [loud] = measures(["where is my money"]), measures(["WHERE IS MY MONEY!!!"])
        for name in ("capitals", "exclamations"):
            assert loud[MEASURES.index(name)] > calm[MEASURES.index(name)] == 0

    def test_without_a_text_there_is_no_row_and_an_empty_one_is_silent(self) -> None:
        assert measures([]).shape == (0, len(MEASURES)) and not measures([""]).any()

    def test_a_long_text_without_a_pause_can_be_measured(self) -> None:
        assert heard("好" * 20_000)["positive"] >= 20_000

    @given(st.text(max_size=200))
    def test_every_text_can_be_measured(self, text: str) -> None:
        [row] = measures([text])
        assert np.isfinite(row).all() and (np.abs(row) <= 2).all()


class TestFiles:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_it_has_the_groups_that_are_read_and_texts_here(self, language: str) -> None:
        groups = tomllib.loads(FILES[language].read_text(encoding="utf-8"))
        assert set(groups) - {tone.NOT, tone.NOT_AFTER, tone.VERY, "other"} == set(GROUPS)
        assert language in SAYS and set(groups) & {tone.NOT, tone.NOT_AFTER}

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_no_phrase_is_praise_and_blame_or_twice_in_a_group(self, language: str) -> None:
        groups = tomllib.loads(FILES[language].read_text(encoding="utf-8"))
        said = {group: Counter(map(phrase_of, groups[group].split())) for group in groups}
        assert not [phrase for counts in said.values() for phrase, count in counts.items() if count > 1]
        praise, blame = (set().union(*(said[group] for group in side)) for side in (tone.GOOD, tone.BAD))
        assert not praise & blame

    def test_an_emoji_is_in_one_group(self) -> None:
        groups = tomllib.loads(FILES["emojis"].read_text(encoding="utf-8"))
        counts = Counter(emoji for text in groups.values() for emoji in text.split())
        assert set(groups) <= set(GROUPS) and max(counts.values()) == 1


def without_tone() -> Classifier:
    return replace(small().classifier, tones=None)


def changed(stored: bytes, **about: object) -> bytes:
    with np.load(io.BytesIO(stored)) as arrays:
        said = json.loads(arrays["about"].tobytes()) | about
        rest = {name: arrays[name] for name in arrays.files if name != "about"}
    file = io.BytesIO()
    np.savez_compressed(file, about=np.frombuffer(json.dumps(said).encode(), dtype=np.uint8), **rest)
    return file.getvalue()


class TestClassifier:
    def test_the_tone_is_one_part_of_what_some_heads_look_at(self) -> None:
        numbers = Ready(small().classifier, FakeEmbedder()).features.of(["Hello there"])
        loud = replace(numbers, tones=numbers.tones + 1)
        calm, angry = small().classifier.probabilities(numbers), small().classifier.probabilities(loud)
        assert {head for head in calm if not np.array_equal(calm[head], angry[head])} == TONED

    def test_one_that_was_stored_without_the_tone_still_works(self) -> None:
        # As it was written then: the format, and neither measures nor tones.
        stored = to_bytes(without_tone())
        with np.load(io.BytesIO(stored)) as arrays:
            assert json.loads(arrays["about"].tobytes())["format"] == 1 and "tones" not in arrays.files
        again = Ready(from_bytes(changed(stored, measures=None)), FakeEmbedder())
        assert again.categories(["The invoice is wrong, and the refund?"])[0][0] == "billing"

    @pytest.mark.parametrize(
        ("about", "problem"),
        [({"format": 3}, "the format 3"), ({"measures": ["joy"]}, "other measures of the tone")],
    )
    def test_one_of_another_kind_is_refused(self, about: dict[str, object], problem: str) -> None:
        with pytest.raises(BadModel, match=problem):
            from_bytes(changed(to_bytes(small().classifier), **about))

    def test_what_is_counted_has_a_share_as_well(self) -> None:
        assert {f"{name}_share" for name in COUNTED} <= set(MEASURES) and len(set(MEASURES)) == len(MEASURES)
