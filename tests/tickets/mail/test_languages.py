"""tickets/languages.py: the language of a text, or none, but never the wrong one of two similar languages."""

import tomllib
from pathlib import Path

import pytest

from tickets.languages import close, detect

CLOSE = tomllib.loads(Path(__file__).with_name("close_languages.toml").read_text(encoding="utf-8"))
# What people write in these three is the same in most short mails.
HARDLY_DIFFERENT = {"hr", "sr", "bs"}

SENTENCES = {
    "uk": "Доброго дня! Підкажіть, будь ласка, як змінити платіжну картку в обліковому записі?",
    "ru": "Здравствуйте, подскажите, как изменить платёжную карту в нашем аккаунте?",
    "be": "Добры дзень! Падкажыце, калі ласка, як змяніць плацежную картку ў запісе?",
    "bg": "Здравейте, как мога да сменя картата за плащане в акаунта? Благодаря ви.",
    "mk": "Здраво, како можам да ја сменам платежната картичка на нашата сметка?",
    "sr": "Здраво, како могу да променим картицу за плаћање на нашем налогу? Ћао.",
    "da": "Hej, hvad skal jeg gøre for at ændre mit betalingskort? Jeg kan ikke finde noget om det.",
    "no": "Hei, hva skal jeg gjøre for å endre betalingskortet mitt? Jeg finner ikke noe om det.",
    "sv": "Hej, vad ska jag göra för att ändra mitt betalkort? Jag hittar inget om det.",
    "cs": "Dobrý den, jak mohu změnit platební kartu v našem účtu? Děkuji za pomoc.",
    "sk": "Dobrý deň, ako môžem zmeniť platobnú kartu v našom účte? Ďakujem za pomoc.",
    "sl": "Pozdravljeni, kako lahko spremenim plačilno kartico v našem računu? Hvala za pomoč.",
    "pt": "Olá, como posso alterar o cartão de pagamento da nossa conta? Obrigado pela ajuda.",
    "gl": "Ola, como podo cambiar a tarxeta de pagamento da nosa conta? Grazas pola axuda.",
    "es": "Hola, ¿cómo puedo cambiar la tarjeta de pago de nuestra cuenta? Gracias por la ayuda.",
    "ca": "Hola, com puc canviar la targeta de pagament del nostre compte? Gràcies per l'ajuda.",
    "id": "Halo, bagaimana cara mengganti kartu pembayaran di akun kami? Terima kasih.",
    "ms": "Hai, bagaimanakah saya boleh menukar kad pembayaran dalam akaun kami? Terima kasih.",
    "nl": "Hallo, hoe kan ik de betaalkaart van ons account wijzigen? Alvast bedankt voor de hulp.",
    "af": "Hallo, hoe kan ek die betaalkaart van ons rekening verander? Dankie, ek weet nie.",
    "de": "Guten Tag, wie kann ich die Zahlungskarte in unserem Konto ändern? Vielen Dank.",
    "en": "Hello, how can I change the payment card of our account? Thanks for your help.",
    "fr": "Bonjour, comment puis-je changer la carte de paiement de notre compte ? Merci.",
    "it": "Buongiorno, come posso cambiare la carta di pagamento del nostro account? Grazie.",
    "pl": "Dzień dobry, jak mogę zmienić kartę płatniczą na naszym koncie? Dziękuję za pomoc.",
    "hu": "Jó napot, hogyan tudom megváltoztatni a fiókunk bankkártyáját? Köszönöm.",
    "fi": "Hei, miten voin vaihtaa tilimme maksukortin? Kiitos avusta.",
    "tr": "Merhaba, hesabımızdaki ödeme kartını nasıl değiştirebilirim? Teşekkürler.",
    "el": "Καλημέρα, πώς μπορώ να αλλάξω την κάρτα πληρωμής του λογαριασμού μας;",
    "he": "שלום, איך אפשר לשנות את כרטיס התשלום בחשבון שלנו? תודה רבה",
    "ar": "مرحبا، كيف يمكنني تغيير بطاقة الدفع في حسابنا؟ شكرا لكم على المساعدة",
    "fa": "سلام، چگونه می‌توانم کارت پرداخت حساب خود را تغییر دهم؟ متشکرم",
    "ja": "支払いカードを変更するにはどうすればよいですか。",
    "zh": "你好，请问怎么更换付款卡？",
    "ko": "안녕하세요, 결제 카드를 어떻게 변경하나요?",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_a_plain_question(language: str) -> None:
    assert detect(SENTENCES[language]) == language


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ok",
        "Thanks!",
        "Nadal nie działa.",
        "12345 67890 support@tallybird.example https://tallybird.example/x",
        # The same in two of the close languages
        "Kan ikke logge ind eller inn: problem med konto",
        "Zdravo, kako mogu promijeniti karticu za plaćanje na našem računu?",
        "Тема: рахунок. Ошибка: неверный счёт, їхній рахунок",
        "Terima kasih, selamat pagi, nama saya Tomas",
    ],
)
def test_no_language_is_better_than_a_wrong_one(text: str) -> None:
    assert detect(text) == ""


def test_japanese_with_few_kana_and_korean_with_chinese_characters() -> None:
    assert detect("請求書番号2044の再発行手続方法確認依頼の件") == "ja"
    assert detect("請求書 재발행을 요청합니다") == "ko"


@pytest.mark.parametrize("language", CLOSE)
def test_a_short_mail_is_not_taken_for_one_in_a_close_language(language: str) -> None:
    read = [detect(mail) for mail in CLOSE[language]]
    assert set(read) <= {language, ""}
    assert language in HARDLY_DIFFERENT or read.count(language) >= 0.6 * len(read)


@pytest.mark.parametrize("language", CLOSE)
def test_where_it_is_not_clear_which_it_is_said_which_it_may_be(language: str) -> None:
    unclear = [close(mail) for mail in CLOSE[language] if not detect(mail)]
    assert [each for each in unclear if each and language not in each] == []


@pytest.mark.parametrize(
    ("text", "script"), [("Скільки коштує?", "ru"), ("كم", ""), ("πόσο κάνει", "el"), ("How?", ""), ("ok danke", "")]
)
def test_of_a_few_words_the_letters_tell(text: str, script: str) -> None:
    assert detect(text) == "" and close(text)[:1] == ((script,) if script else ())
