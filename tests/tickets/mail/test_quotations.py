"""tickets/quoting: quotations that mail programs of many languages make are folded, whatever else is in the mail."""

import pytest

from tickets.mail.quoting import Context, split_html, split_plain

OLD = "Please sign in again, then reload the page."
ANSWER = Context(subject="Re: Invoice")

ATTRIBUTIONS = {
    "en gmail": "On Mon, Nov 16, 2026 at 4:10 PM Tallybird Support <support@tallybird.example> wrote:",
    "en apple": "On 16 Nov 2026, at 16:10, Tallybird Support <support@tallybird.example> wrote:",
    "en thunderbird": "On 11/16/26 4:10 PM, Tallybird Support wrote:",
    "en name only": "On Nov 16, 2026, Tallybird Support wrote:",
    "en yahoo": "On Monday, November 16, 2026 at 04:10:02 PM GMT+1, Tallybird Support <s@t.example> wrote: ",
    "en without blank": "On 5 March 2026 08:07, <\nsupport+0f1e2d3c@tallybird.example>wrote:",
    "en three lines": "On Mon, Nov 16, 2026 at 4:10 PM Tallybird Customer Care and Onboarding\n<support+0f1e2d3c4b5a69788796a5b4c3d2e1f0@tallybird.example>\nwrote:",  # noqa: E501
    "de": "Am 16.11.2026 um 16:10 schrieb Tallybird Support:",
    "de gmail": "Am Mo., 16. Nov. 2026 um 16:10 Uhr schrieb Tallybird Support <\nsupport@tallybird.example>:",
    "de apple": "> Am 16.11.2026 um 16:10 schrieb Tallybird Support <support@tallybird.example>:\n>",
    "de two lines": "Am Montag, den 16. November 2026 um 16:10 Uhr hat Tallybird Support\ngeschrieben:",
    "fr": "Le lun. 16 nov. 2026 à 16:10, Tallybird Support <support@tallybird.example> a\nécrit :",
    "fr name": "Le 16/11/2026 à 16:10, Tallybird Support a écrit :",
    "es": "El lun, 16 nov 2026 a las 16:10, Tallybird Support (<support@tallybird.example>)\nescribió:",
    "it": "Il 16/11/2026 16:10, Tallybird Support ha scritto:",
    "pt": "Em seg., 16 de nov. de 2026 às 16:10, Tallybird Support <\nsupport@tallybird.example> escreveu:",
    "nl": "Op ma 16 nov 2026 om 16:10 schreef Tallybird Support <support@tallybird.example>:",
    "da": "Den man. 16. nov. 2026 kl. 16.10 skrev Tallybird Support <support@tallybird.example>:",
    "sv": "Den mån 16 nov. 2026 kl 16:10 skrev Tallybird Support <support@tallybird.example>:",
    "no": "man. 16. nov. 2026 kl. 16:10 skrev Tallybird Support <support@tallybird.example>:",
    "fi": "ma 16. marrask. 2026 klo 16.10 Tallybird Support (support@tallybird.example) kirjoitti:",
    "pl": "W dniu 16.11.2026 o 16:10, Tallybird Support pisze:",
    "pl gmail": "pon., 16 lis 2026 o 16:10 Tallybird Support <support@tallybird.example> napisał(a):",
    "cs": "Dne 16. 11. 2026 v 16:10 Tallybird Support napsal(a):",
    "cs gmail": "po 16. 11. 2026 v 16:10 odesílatel Tallybird Support <support@tallybird.example> napsal:",
    "sk": "po 16. 11. 2026 o 16:10 Tallybird Support <support@tallybird.example> napísal(a):",
    "hu": "Tallybird Support <support@tallybird.example> ezt írta (időpont: 2026. nov. 16., H, 16:10):",
    "ro": "În lun., 16 nov. 2026 la 16:10, Tallybird Support <support@tallybird.example> a scris:",
    "tr": "Tallybird Support <support@tallybird.example>, 16 Kas 2026 Pzt, 16:10 tarihinde şunu yazdı:",
    "ru": "пн, 16 нояб. 2026 г. в 16:10, Tallybird Support <support@tallybird.example>:",
    "ru thunderbird": "16.11.2026 16:10, Tallybird Support пишет:",
    "uk": "пн, 16 лист. 2026 р. о 16:10 Tallybird Support <support@tallybird.example> пише:",
    "bg": "На пн, 16.11.2026 г. в 16:10 Tallybird Support <support@tallybird.example> написа:",
    "el": "Στις Δευ 16 Νοε 2026 στις 4:10 μ.μ., ο χρήστης Tallybird Support <support@tallybird.example> έγραψε:",
    "hr": "pon, 16. stu 2026. u 16:10 Tallybird Support <support@tallybird.example> napisao je:",
    "ja": "2026年11月16日(月) 16:10 Tallybird Support <support@tallybird.example>:",
    "zh": "Tallybird Support <support@tallybird.example> 于2026年11月16日周一 16:10写道：",
    "zh-TW": "Tallybird Support <support@tallybird.example> 於 2026年11月16日 週一 下午4:10寫道：",
    "ko": "2026년 11월 16일 (월) 오후 4:10, Tallybird Support <support@tallybird.example>님이 작성:",
    "he": "\u202bבתאריך יום ב׳, 16 בנוב׳ 2026 ב-16:10 מאת \u202aTallybird Support\u202c\u200f <\u202asupport@tallybird.example\u202c\u200f>:\u202c",  # noqa: E501
    "ar": "في الاثنين، 16 نوفمبر 2026 في 4:10 م، كتب Tallybird Support <support@tallybird.example>:",
    "vi": "Vào Th 2, 16 thg 11, 2026 vào lúc 16:10 Tallybird Support <support@tallybird.example> đã viết:",
    "id": "Pada tanggal Sen, 16 Nov 2026 pukul 16.10 Tallybird Support <support@tallybird.example> menulis:",
}


@pytest.mark.parametrize("name", ATTRIBUTIONS)
@pytest.mark.parametrize("above", ["It still fails.", "It still fails.\nCould you look again?\n\nTomas"])
def test_attribution_lines_of_mail_programs(name: str, above: str) -> None:
    found = split_plain(f"{above}\n\n{ATTRIBUTIONS[name]}\n\n> {OLD}\n> Mira", ANSWER)
    assert found.text == above
    assert OLD in found.quoted


MORE = [
    "Tallybird Support writes:",
    "* Tallybird Support [2026-11-16 16:10]:",
    "Tallybird Support schrieb am 16.11.2026 um 16:10 Uhr:",
    "Понедельник, 16 ноября 2026, 16:10 +03:00 от Support <s@t.example>:",
    "On Nov 16, 2026 at 4:10 PM +0100, Support <s@t.example>, wrote:",
    "2026/11/16 16:10、Support <s@t.example>のメール:",
    "在 2026-11-16 16:10:02，Support <s@t.example> 写道：",
    "Am Montag, 16. November 2026, 16:10:02 CET schrieb Support:",
    "Thu, 16 Nov 2026 16:10 – Support <s@t.example>:",
]


@pytest.mark.parametrize("attribution", MORE)
def test_attribution_lines_of_other_programs(attribution: str) -> None:
    found = split_plain(f"It still fails.\n\n{attribution}\n> {OLD}\n> Mira", ANSWER)
    assert found.text == "It still fails." and OLD in found.quoted


# (from, sent, to, subject) as Outlook writes them, with a date as it stands there.
BLOCKS = {
    "en": ("From", "Sent", "To", "Subject", "Monday, November 16, 2026 4:10 PM"),
    "de": ("Von", "Gesendet", "An", "Betreff", "Montag, 16. November 2026 16:10"),
    "fr": ("De", "Envoyé", "À", "Objet", "lundi 16 novembre 2026 16:10"),
    "es": ("De", "Enviado", "Para", "Asunto", "lunes, 16 de noviembre de 2026 16:10"),
    "it": ("Da", "Inviato", "A", "Oggetto", "lunedì 16 novembre 2026 16:10"),
    "pt": ("De", "Enviado", "Para", "Assunto", "16 de novembro de 2026 16:10"),
    "pt-BR": ("De", "Enviada em", "Para", "Assunto", "segunda-feira, 16 de novembro de 2026 16:10"),
    "nl": ("Van", "Verzonden", "Aan", "Onderwerp", "maandag 16 november 2026 16:10"),
    "da": ("Fra", "Sendt", "Til", "Emne", "16. november 2026 16:10"),
    "no": ("Fra", "Sendt", "Til", "Emne", "mandag 16. november 2026 16:10"),
    "sv": ("Från", "Skickat", "Till", "Ämne", "den 16 november 2026 16:10"),
    "fi": ("Lähettäjä", "Lähetetty", "Vastaanottaja", "Aihe", "maanantai 16. marraskuuta 2026 16.10"),
    "pl": ("Od", "Wysłano", "Do", "Temat", "poniedziałek, 16 listopada 2026 16:10"),
    "cs": ("Od", "Odesláno", "Komu", "Předmět", "pondělí 16. listopadu 2026 16:10"),
    "sk": ("Od", "Odoslané", "Komu", "Predmet", "pondelok 16. novembra 2026 16:10"),
    "sl": ("Od", "Poslano", "Za", "Zadeva", "ponedeljek, 16. november 2026 16:10"),
    "hr": ("Šalje", "Poslano", "Prima", "Predmet", "16. studenog 2026. 16:10"),
    "hu": ("Feladó", "Elküldve", "Címzett", "Tárgy", "2026. november 16., hétfő 16:10"),
    "ro": ("De la", "Trimis", "Către", "Subiect", "luni, 16 noiembrie 2026 16:10"),
    "bg": ("От", "Изпратено", "До", "Относно", "понеделник, 16 ноември 2026 г. 16:10"),
    "ru": ("От", "Отправлено", "Кому", "Тема", "16 ноября 2026 г. 16:10"),
    "uk": ("Від", "Надіслано", "Кому", "Тема", "16 листопада 2026 р. 16:10"),
    "el": ("Από", "Στάλθηκε", "Προς", "Θέμα", "Δευτέρα, 16 Νοεμβρίου 2026 4:10 μμ"),
    "tr": ("Gönderen", "Gönderildi", "Kime", "Konu", "16 Kasım 2026 Pazartesi 16:10"),
    "et": ("Saatja", "Saadetud", "Adressaat", "Teema", "esmaspäev, 16. november 2026 16:10"),
    "lv": ("No", "Nosūtīts", "Kam", "Temats", "pirmdiena, 2026. gada 16. novembris 16:10"),
    "lt": ("Nuo", "Išsiųsta", "Kam", "Tema", "2026 m. lapkričio 16 d. 16:10"),
    "he": ("מאת", "נשלח", "אל", "נושא", "יום שני 16 נובמבר 2026 16:10"),
    "ar": ("من", "تم الإرسال", "إلى", "الموضوع", "16 نوفمبر 2026 16:10"),
    "ja": ("差出人", "送信日時", "宛先", "件名", "2026年11月16日 16:10"),
    "zh": ("发件人", "发送时间", "收件人", "主题", "2026年11月16日 16:10"),
    "zh-TW": ("寄件者", "寄件日期", "收件者", "主旨", "2026年11月16日 下午 04:10"),
    "ko": ("보낸 사람", "보낸 날짜", "받는 사람", "제목", "2026년 11월 16일 월요일 오후 4:10"),
    "vi": ("Từ", "Đã gửi", "Đến", "Chủ đề", "16 Tháng Mười Một 2026 16:10"),
    "th": ("จาก", "ส่ง", "ถึง", "เรื่อง", "16 พฤศจิกายน 2026 16:10"),
    "id": ("Dari", "Dikirim", "Kepada", "Subjek", "Senin, 16 November 2026 16:10"),
}
FORMS = {
    "address": "{0}: Support <support@tallybird.example>\n{1}: {4}\n{2}: Tomas <tomas@okafor.example>\n{3}: Re: Invoice",  # noqa: E501
    "names only": "{0}: Tallybird Support\n{1}: {4}\n{2}: Tomas Okafor\n{3}: Re: Invoice",
    "other subject": "{0}: Tallybird Support\n{1}: {4}\n{2}: Tomas Okafor\n{3}: Your request",
    "rule above": "________________________________\n{0}: Tallybird Support\n{1}: 16\n{2}: Tomas Okafor\n{3}: Invoice",
    "bold, full width": "*{0}：* Support [mailto:support@tallybird.example]\n*{1}：* {4}\n*{2}：* Tomas\n*{3}：* Invoice",  # noqa: E501
    "many recipients": "{0}: Support <s@t.example>\n{1}: {4}\n{2}: A <a@x.example>;\nB <b@x.example>; C\n<c@x.example>\n{3}: Invoice",  # noqa: E501
    "blank lines": "{0} : Support <s@t.example>\n\n{1} : {4}\n\n{2} : Tomas\n\n{3} : Invoice",
}


@pytest.mark.parametrize("language", BLOCKS)
@pytest.mark.parametrize("form", FORMS)
def test_outlook_blocks_in_36_languages(language: str, form: str) -> None:
    found = split_plain(f"It still fails.\n\n{FORMS[form].format(*BLOCKS[language])}\n\n{OLD}", ANSWER)
    assert found.text == "It still fails."
    assert OLD in found.quoted


WEBMAIL = {
    "GMX": 'Gesendet: Montag, 16. November 2026 um 16:10 Uhr\nVon: "Support" <s@t.example>\nAn: tomas@okafor.example\nBetreff: Re: Rechnung\n{}',  # noqa: E501
    "web.de": "Gesendet: Montag, 16. November 2026 um 16:10\nVon: Support <s@t.example>\nAn: Tomas\nBetreff: Rechnung\n\n{}",  # noqa: E501
    "T-Online": '-----Original-Nachricht-----\nBetreff: Re: Rechnung\nDatum: 2026-11-16T16:10:00+0100\nVon: "Support" <s@t.example>\nAn: "Tomas" <t@o.example>\n\n{}',  # noqa: E501
    "Orange": '> Message du 16/11/26 16:10\n> De : "Support" <s@t.example>\n> A : tomas@okafor.example\n> Copie à : \n> Objet : Re: Facture\n> \n> {}',  # noqa: E501
    "La Poste": "> Message du 16/11/26 16:10\n> De : Support\n> A : Tomas\n> Objet : Re: Facture\n>\n> {}",
    "Free": "----- Mail original -----\nDe: Support <s@t.example>\nÀ: Tomas <t@o.example>\nEnvoyé: Lundi 16 Novembre 2026 16:10:02\nObjet: Re: Facture\n\n{}",  # noqa: E501
    "Zoho": "---- On Mon, 16 Nov 2026 16:10:02 +0100 Support <s@t.example> wrote ----\n\n{}",
    "Samsung": "-------- Original message --------\nFrom: Support <s@t.example>\nDate: 16/11/2026 16:10 (GMT+01:00)\nTo: t@o.example\nSubject: Re: x\n\n{}",  # noqa: E501
    "Samsung de": "-------- Ursprüngliche Nachricht --------\nVon: Support\nDatum: 16.11.26 16:10 (GMT+01:00)\nAn: Tomas\nBetreff: Re: x\n\n{}",  # noqa: E501
    "Yahoo": "On Monday, November 16, 2026 at 04:10:02 PM GMT+1, Support <s@t.example> wrote: \n\n {}",
    "Yahoo fr": "Le lundi 16 novembre 2026 à 16:10:02 UTC+1, Support <s@t.example> a écrit : \n\n{}",
    "Proton": "-------- Original Message --------\nOn Monday, 11/16/26 at 16:10 Support <s@t.example> wrote:\n\n> {}",
    "QQ": '------------------ Original ------------------\nFrom: "Support" <s@t.example>;\nDate: Mon, Nov 16, 2026 04:10 PM\nTo: "t"<t@o.example>;\nSubject: Re: x\n\n{}',  # noqa: E501
    "QQ zh": "------------------ 原始邮件 ------------------\n发件人: Support;\n发送时间: 2026年11月16日(星期一) 下午4:10\n收件人: t;\n主题: Re: x\n\n{}",  # noqa: E501
    "Seznam": "---------- Původní e-mail ----------\nOd: Support <s@t.example>\nKomu: t@o.example\nDatum: 16. 11. 2026 16:10:02\nPředmět: Re: x\n{}",  # noqa: E501
    "Libero": "----Messaggio originale----\nDa: s@t.example\nData: 16/11/2026 16.10\nA: t@o.example\nOgg: Re: x\n\n{}",
    "Bluewin": "----Ursprüngliche Nachricht----\nVon : s@t.example\nDatum : 16/11/2026 - 16:10 (MS)\nAn : t@o.example\nBetreff : Re: x\n\n{}",  # noqa: E501
    "SFR": "========================================\n\nMessage du : 16/11/2026 16:10\nDe : Support <s@t.example>\nA : t@o.example\nSujet : Re: x\n\n{}",  # noqa: E501
    "Mac Outlook": "From: Support <s@t.example>\nDate: Monday, 16 November 2026 at 16:10\nTo: t\nSubject: Re: x\n\n{}",
    "Apple forward style": "> From: Support <s@t.example>\n> Subject: Re: x\n> Date: 16 November 2026 at 16:10:02 CET\n> To: t\n>\n> {}",  # noqa: E501
    "Lotus": "-----Support <s@t.example> wrote: -----\nTo: tomas@okafor.example\nFrom: Support <s@t.example>\nDate: 11/16/2026 04:10PM\nSubject: Re: x\n\n{}",  # noqa: E501
}


@pytest.mark.parametrize("name", WEBMAIL)
def test_webmail_and_telephones(name: str) -> None:
    found = split_plain(f"It still fails.\n\n{WEBMAIL[name].format(OLD)}", ANSWER)
    assert found.text == "It still fails."
    assert OLD in found.quoted


@pytest.mark.parametrize(
    "html",
    [
        # Gmail, answers below the questions within its own wrapper
        '<div dir="ltr">Hello</div><div class="gmail_quote"><div class="gmail_attr">On Mon Support wrote:</div>'
        '<blockquote class="gmail_quote">Which browser?</blockquote><div>Firefox 140.</div>'
        '<blockquote class="gmail_quote">Since when?</blockquote><div>Since Tuesday.</div></div>',
        # Thunderbird and Apple Mail
        '<div class="moz-cite-prefix">On 16.11.26, Support wrote:</div><blockquote type="cite">Which browser?</blockquote>'  # noqa: E501
        "<p>Firefox 140.</p><blockquote type=cite>Since when?</blockquote><p>Since Tuesday.</p>",
        # Windows Live Mail
        '<div>On 16 Nov 2026 16:10, Support wrote:</div><blockquote style="border-left: #000 2px solid">Which browser?'
        '</blockquote>Firefox 140.<blockquote style="border-left: #000 2px solid">Since when?</blockquote>Since Tuesday.',  # noqa: E501
    ],
)
def test_answers_between_marked_questions_stay_in_place(html: str) -> None:
    lines = [line for line in split_html(html, ANSWER).text.split("\n") if line.strip()]
    assert lines[-4:] == ["> Which browser?", "Firefox 140.", "> Since when?", "Since Tuesday."]


def test_answers_between_quoted_lines_keep_the_questions() -> None:
    mail = "Hi Mira,\n\nOn 16 Nov 2026, Support wrote:\n> Which browser?\nFirefox 140.\n> Thanks,\n> Mira"
    found = split_plain(mail, ANSWER)
    assert found.text.split("\n")[-2:] == ["> Which browser?", "Firefox 140."]
    assert found.quoted.endswith("> Mira")


@pytest.mark.parametrize(
    "above", ["My answers are below, in red.", "Antworten siehe unten.", "Réponses en rouge ci-dessous"]
)
def test_answers_that_nothing_marks_are_announced(above: str) -> None:
    body = f"{above}\n\nFrom: Mira <s@t.example>\nSent: Monday 16:10\nTo: Tomas\nSubject: Re: x\n\nWhich app?\nThe web app."  # noqa: E501
    assert split_plain(body, ANSWER).text == body
    html = (
        f'<p>{above}</p><div id="appendonsend"></div><div><b>From:</b> Mira</div><p>Which app?</p><p>The web app.</p>'
    )
    assert "The web app." in split_html(html, ANSWER).text
