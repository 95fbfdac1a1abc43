"""tickets/mail/quoting: a customer's own words are not hidden because they look like a quotation or a signature."""

import pytest

from tests.tickets.mails import raw
from tickets.mail import reading
from tickets.mail.quoting import Context, known, split_html, split_plain

FIRST = Context(answers=False, subject="Export")
ANSWER = Context(subject="Re: Export")
OURS = "Please sign in again and reload the page. Then press Export once more."


def text_of(body: str, **headers: str) -> str:
    return reading.read(raw(body, **headers)).text


@pytest.mark.parametrize(
    "body",
    [
        "When I run this:\n\n> tally export --all\n> error 42: no such ledger",
        "At 16:10 on 2026-11-16 I saw:\n> ERROR 42\nWhat now?",
        "> select count(*) from ledger;\n> 0 rows\n\nIs that right?",
        "At 10:12 on 3 March 2026 I typed this:\n> tally sync\n> timeout\nWhat does it mean?",
        "$ tally login\n>>> import tally\n>>> tally.ping()\nFalse",
        "Steps:\n> Settings > Import > Start\nthen nothing happens.",
        "The rows were\n> 100 euros\n> 200 euros\nand are gone now.",
    ],
)
def test_in_a_first_mail_angle_brackets_alone_are_no_quotation(body: str) -> None:
    assert split_plain(body, FIRST).text == body


def test_the_writers_own_example_in_an_answer_is_text() -> None:
    for body in ["When I run this:\n\n> tally export --all", "At 16:10 on 2026-11-16 I saw:\n> ERROR 42\nWhat now?"]:
        assert split_plain(body, ANSWER).text == body


@pytest.mark.parametrize(
    "body",
    [
        "Please change my booking.\n\nFrom: Hamburg\nTo: Oslo\nDate: 12 May 2027\nSubject: to availability\n\nIs there a fee?",  # noqa: E501
        "Please change my booking.\n\nFrom: Hamburg\nTo: Oslo\nDate: 12 May 2027, 08:15\nSubject: window seat\n\nIs it free?",  # noqa: E501
        "Please rebook:\nDate: 3 May 2027 10:15\nFrom: Hamburg\nTo: Oslo\nSubject: 2 seats\n\nPossible?",
        "Please rebook:\nFrom: Hamburg\nDate: 3 May 2027 10:15\nTo: Oslo\nSubject: 2 seats\n\nPossible?",
        "Bitte umbuchen:\nVon: Köln\nAn: Wien\nDatum: 3.5.2027\nBetreff: Umbuchung 2 Personen\n\nWas kostet das?",
        "Transfer this:\nFrom: Savings\nTo: Checking\nSubject: rent\nthanks!",
        "Name: Lena Haas\nPhone: 0151 2345\nDate: 3 May 2027\nTo: sales\n\nPlease call me.",
        "De: Madrid\nPara: Lisboa\nFecha: 4 de mayo\nAsunto: cambio\n\n¿Se puede?",
        "On Monday 3 May 2027 your colleague told me:\nno fee at all.\n\nIs that still so?",
        "My colleague wrote:\nthe export is broken.\n\nCan you check?",
    ],
)
@pytest.mark.parametrize("mail", [FIRST, ANSWER])
def test_lists_and_forms_are_no_header_blocks(body: str, mail: Context) -> None:
    assert split_plain(body, mail).text == body


def test_a_contact_form_that_names_its_fields_like_headers() -> None:
    body = "A message from the web site:\n\nFrom: Lena Haas <lena@haas.example>\nSubject: Question\nTo: support\n\nHow do I export?"  # noqa: E501
    assert text_of(body, subject="Contact form") == body


@pytest.mark.parametrize(
    ("indented", "style"),
    [
        ("3 seats Pro", "margin:0 0 0 40px;border:none;padding:0px"),
        ("1 seat Basic", "margin: 0px 0px 0px 40px; border: medium none; padding: 0px;"),
        ("2 rooms", ""),
    ],
)
@pytest.mark.parametrize("mail", [FIRST, ANSWER])
def test_text_indented_with_the_button_is_text(indented: str, style: str, mail: Context) -> None:
    html = (
        f'<div>Please order<blockquote style="{style}"><div>{indented}</div></blockquote><div>from May on.</div></div>'
    )
    lines = [line for line in split_html(html, mail).text.split("\n") if line]
    assert lines == ["Please order", indented, "from May on."]


FORWARDS = ["Fwd", "FW", "Fw", "WG", "TR", "RV", "I", "ENC", "VB", "VS", "PD", "VL", "İLT", "ILT", "Doorst", "Továbbítás",  # noqa: E501
            "转发", "轉寄", "転送", "전달", "Пересл", "ΠΡΘ", "[EXTERNAL] Fwd", "הועבר", "إعادة توجيه"]  # fmt: skip


@pytest.mark.parametrize("prefix", FORWARDS)
@pytest.mark.parametrize("in_reply_to", [None, "<a2@prod.outlook.example>"])
def test_a_forwarded_mail_is_new_text_in_every_language(prefix: str, in_reply_to: str | None) -> None:
    body = "Please see below.\n\n-- \nIda\n\n________________________________\nFrom: Pau <pau@moe.example>\nSent: Monday 16:10\nTo: Ida\nSubject: Invoice\n\nInvoice 2044 is wrong.\n\nOn 16 Nov 2026 at 10:00, Bo <bo@x.example> wrote:\n> It has no VAT number."  # noqa: E501
    headers = {"in_reply_to": in_reply_to} if in_reply_to else {}
    text = text_of(body, subject=f"{prefix}: Invoice 2044", **headers)
    assert "Invoice 2044 is wrong." in text and "no VAT number" in text


def test_a_finnish_answer_is_no_norwegian_forward() -> None:
    body = "Ei toimi.\n\nLähettäjä: Support <s@t.example>\nLähetetty: 16. marraskuuta 2026 16.10\nVastaanottaja: Jan\nAihe: Re: Lasku\n\nOld."  # noqa: E501
    assert text_of(body, subject="VS: Lasku") == "Ei toimi."


@pytest.mark.parametrize(
    "mark",
    ["---------- Forwarded message ---------", "Begin forwarded message:", "-------- Weitergeleitete Nachricht --------",  # noqa: E501
     "---------- Message transféré ----------", "Anfang der weitergeleiteten Nachricht:", "-------- 転送メッセージ --------",  # noqa: E501
     "----- Přeposlaná zpráva -----", "---------- Пересылаемое сообщение ----------"],
)  # fmt: skip
def test_a_forwarded_mail_is_recognized_by_the_line_above_it(mark: str) -> None:
    body = f"See below.\n\n{mark}\nFrom: A <a@b.example>\nDate: Monday 16:10\nTo: c\nSubject: Re: x\n\nThe invoice is wrong."  # noqa: E501
    assert split_plain(body, ANSWER).text == body


def test_a_forward_by_gmail_with_another_subject() -> None:
    html = (
        '<div>See below</div><div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message ---------<br>'  # noqa: E501
        "From: A &lt;a@b.example&gt;<br>Date: Mon 16:10<br>Subject: x<br>To: c</div><div>The invoice is wrong.</div></div>"  # noqa: E501
    )
    assert "The invoice is wrong." in split_html(html, ANSWER).text


@pytest.mark.parametrize(
    "tail",
    [
        "--\nNow a new question: can a seat be moved to another person?\nAnd what does that cost?",
        "--\nNow please move one seat from Anna to Bo, and tell me what it costs.",
        "-- \nTomas Okafor\n\nP.S. The import fails as well.",
        "Best regards\nTomas\n\nPS: could you also tell me how to export my clients?",
        "Viele Grüße\nLena\n\nNachtrag: die Rechnung fehlt auch.",
        "Cordialement,\nLéa\n\nP.-S. : l'export ne marche pas non plus.",
        "Saludos,\nAna\n\nPD: tampoco funciona la importación.",
        "Thanks,\n\nThe import still breaks at line 40. Please look again.",
        "Kind regards\nTomas\n\nOne more thing: the import fails too.",
        "Sent from my desk this is hard to see, so please tell me where the button is.",
        "Thanks for the help\n\nIt breaks again at line 40.",
        "Vielen Dank für die Hilfe\n\nDer Import bricht weiter ab. Bitte prüfen.",
        "Merci\n\nLe fichier ne s'ouvre toujours pas, pouvez-vous regarder ?",
        "ありがとうございます\n\nまだインポートが四十行目で止まります。もう一度確認してください。",
        "___\nSecond topic: where do I find the invoices?",
    ],
)
def test_sentences_below_dashes_or_a_closing_are_text(tail: str) -> None:
    body = f"Hello,\n\nThank you for the answer about seats.\n\n{tail}"
    assert split_plain(body, ANSWER).text == body.replace("-- \n", "--\n")


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nTomas Okafor\nOkafor Yoga\nHauptstraße 5, 10115 Berlin\nTel. 030 123456\nwww.okafor.example",
        "Best regards,\nTomas Okafor",
        "Mit freundlichen Grüßen\n\nLena Haas\nHaas GmbH\nGeschäftsführer: Lena Haas, Amtsgericht Köln HRB 1234",
        "Kind regards\nTomas\n\nThis e-mail is confidential and meant for the intended recipient only. If it is not for you, please delete it.",  # noqa: E501
        "Sent from my iPhone",
        "Cordialement,\nLéa",
        "С уважением,\nИван",
        "Pozdrawiam,\nEwa",
        "Saludos\nAna\nhttps://ana.example/?who=ana",
    ],
)
def test_a_signature_is_still_folded(signature: str) -> None:
    found = split_plain(f"It still fails at line 40.\n\n{signature}", ANSWER)
    assert found.text == "It still fails at line 40."


def test_an_answer_is_compared_with_earlier_messages() -> None:
    mail = Context(subject="Re: Export", known=known([OURS]))
    body = f"I did, and then\n> tally export --all\n> error 42: no such ledger\ncame up.\n\n> {OURS}"
    found = split_plain(body, mail)
    assert "no such ledger" in found.text and OURS not in found.text
    # A prompt below an introduced quotation is text, too.
    body = f"On 16 Nov 2026 at 10:00, Support wrote:\n> {OURS}\n\nNow I see:\n> fatal: ledger locked by 4711"
    found = split_plain(body, mail)
    assert "fatal: ledger locked" in found.text and OURS in found.quoted
    # A quotation in an unknown language, recognized only because it repeats our message.
    assert split_plain(f"Nope.\n> {OURS}\n> Mira from Tallybird", mail).text == "Nope."
    html = f"<p>Nope.</p><blockquote>{OURS}</blockquote><p>Tomas</p>"
    assert OURS not in split_html(html, mail).text


def test_a_mail_of_nothing_but_a_header_block_and_its_text_is_shown() -> None:
    body = "Od: Jan <jan@x.example>\nWysłano: środa 12:00\nDo: Anna\nTemat: Re: x\n\nJak się masz?"
    assert split_plain(body, ANSWER).text == body
