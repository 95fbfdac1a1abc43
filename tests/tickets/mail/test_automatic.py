"""tickets/mail/automatic.py and bounces.py: automatic mail is recognized, and no question of a person is ignored."""

import pytest

from tests.tickets.mails import file_part, multipart, raw, text_part
from tickets import lifecycle
from tickets.mail import intake
from tickets.models import InboundMail, OutgoingMail, Ticket, User
from tickets.outbox import write_reply

pytestmark = pytest.mark.django_db

# As Outlook, Gmail, Lotus and others write them, without Auto-Submitted.
AWAY = {
    "en": "Automatic reply: Invoice",
    "en auto-reply": "Auto-Reply: Invoice",
    "en tagged": "[Auto-Reply] Re: Invoice",
    "en out of office": "Out of Office: Re: Invoice",
    "en out of office until": "Out of office until 30 November",
    "en re": "Re: Out of Office AutoReply: Invoice",
    "de": "Automatische Antwort: Rechnung",
    "de notiz": "Abwesenheitsnotiz: Rechnung",
    "de bis": "Abwesend bis 30.11.2026",
    "fr": "Réponse automatique : Facture",
    "es": "Respuesta automática: Factura",
    "it": "Risposta automatica: Fattura",
    "pt": "Resposta automática: Fatura",
    "nl": "Automatisch antwoord: Factuur",
    "da": "Automatisk svar: Faktura",
    "no": "Automatisk svar: Faktura",
    "sv": "Autosvar: Faktura",
    "sv long": "Automatiskt svar: Faktura",
    "fi": "Automaattinen vastaus: Lasku",
    "is": "Sjálfvirkt svar: Reikningur",
    "pl": "Automatyczna odpowiedź: Faktura",
    "cs": "Automatická odpověď: Faktura",
    "sk": "Automatická odpoveď: Faktúra",
    "sl": "Samodejni odgovor: Račun",
    "hr": "Automatski odgovor: Račun",
    "hu": "Automatikus válasz: Számla",
    "ro": "Răspuns automat: Factura",
    "bg": "Автоматичен отговор: Фактура",
    "ru": "Автоматический ответ: Счёт",
    "ru short": "Автоответ: Счёт",
    "uk": "Автоматична відповідь: Рахунок",
    "el": "Αυτόματη απάντηση: Τιμολόγιο",
    "tr": "Otomatik Yanıt: Fatura",
    "et": "Automaatvastus: Arve",
    "lv": "Automātiska atbilde: Rēķins",
    "lt": "Automatinis atsakymas: Sąskaita",
    "ca": "Resposta automàtica: Factura",
    "he": "תשובה אוטומטית: חשבונית",
    "ar": "رد تلقائي: فاتورة",
    "ja": "自動応答: 請求書",
    "zh": "自动回复: 发票",
    "zh-TW": "自動回覆: 發票",
    "ko": "자동 회신: 청구서",
    "vi": "Trả lời tự động: Hóa đơn",
    "th": "ตอบกลับอัตโนมัติ: ใบแจ้งหนี้",
    "id": "Balasan otomatis: Faktur",
}


@pytest.mark.any_database
@pytest.mark.parametrize("name", AWAY)
def test_absences_are_recognized_by_their_subject_in_many_languages(name: str) -> None:
    receipt = intake.receive(raw("x", subject=AWAY[name]))
    assert receipt.action == "ignored" and "Automatic reply" in receipt.reason
    assert not Ticket.objects.exists()


@pytest.mark.parametrize(
    ("sender", "subject", "text"),
    [
        (
            "Lena Haas <lena@haas.example>",
            "AUTO: Lena Haas is out of the office (returning 30.11.2026)",
            "I am out of the office.",
        ),
        ("Lena Haas <lena@haas.example>", "Lena Haas ist außer Haus.", "Ich bin außer Haus bis 30.11."),
        ("Lena Haas <lena@haas.example>", "AUTO: Re: Sync", "I am on vacation until 3 May."),
        ("Lena Haas <lena@haas.example>", "Vacation", "I am on vacation until 30 November."),
        ("Lena Haas <lena@haas.example>", "Urlaub", "Ich bin im Urlaub und ab 1.12. wieder im Büro."),
        ("Léa <lea@x.example>", "En congé", "Je suis en congé jusqu'au 30 novembre."),
        ("Ewa <ewa@x.example>", "Urlop", "Jestem na urlopie do 30.11."),
    ],
)
def test_subjects_that_people_also_write_need_the_text_to_say_the_same(sender: str, subject: str, text: str) -> None:
    assert intake.receive(raw(text, sender=sender, subject=subject)).action == "ignored"
    asked = raw("How do I enter it in the calendar?", sender=sender, subject=subject, message_id="<2@x>")
    assert intake.receive(asked).action == "created"


@pytest.mark.any_database
@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply does not send since the update",
        "Question about out-of-office replies",
        "Out of office replies are sent twice",
        "Re: Automatic replies",
        "Out of office message in the shared inbox",
        "Automatische Antwort wird nicht verschickt",
        "Réponse automatique ne part plus",
        "La respuesta automática no funciona",
        "自動応答について",
        "Vacation",
        "Urlaub: wie trage ich ihn ein?",
        "Auto: neue Versicherung",
        "Undeliverable: your invoices",
        "Delivery failed for my order",
        "Failure notice in the app",
    ],
)
def test_a_person_may_write_about_automatic_mail(subject: str) -> None:
    assert (
        intake.receive(raw("We set it up, but nobody gets it. How do we switch it on?", subject=subject)).action
        == "created"
    )


def test_what_may_be_a_persons_mail_goes_to_quarantine() -> None:
    for number, subject in enumerate(["Out of office: how do I set it up?", "Automatic reply"]):
        receipt = intake.receive(raw("How do I switch it on?", subject=subject, message_id=f"<{number}@x>"))
        assert receipt.action == "quarantined" and "Possibly an automatic reply" in receipt.reason


@pytest.mark.parametrize("precedence", ["bulk", "junk", "list"])
def test_precedence_alone_is_not_enough_to_ignore_a_mail(precedence: str) -> None:
    receipt = intake.receive(raw("Which plan includes the API?", precedence=precedence))
    assert receipt.action == "quarantined" and "Precedence" in receipt.reason
    form = raw(
        "Which plan?",
        precedence=precedence,
        reply_to="Otto <otto@x.example>",
        sender="shop@x.example",
        message_id="<f@x>",
    )
    assert intake.receive(form).action == "created"
    said = raw("Which plan?", precedence=precedence, auto_submitted="no", message_id="<h@x>")
    assert intake.receive(said).action == "created"
    away = raw("I am on vacation until Monday.", precedence=precedence, message_id="<g@x>")
    assert intake.receive(away).action == "ignored"


@pytest.mark.parametrize(
    ("text", "submitted", "action"),
    [
        ("We tried it. Still the same, can you look?", "auto-generated", "threaded"),
        ("We tried it and it works now.", "auto-generated", "threaded"),
        ("Which of the two buttons do you mean?", "auto-replied", "threaded"),
        ("The web app.", "auto-replied", "quarantined"),
        ("I am out of the office. Urgent? Call Bo.", "auto-replied", "ignored"),
        ("Ich bin im Urlaub.", "auto-generated", "ignored"),
        ("We have received your request and will answer soon.", "auto-generated", "ignored"),
    ],
)
def test_an_answer_that_another_desk_marks_as_automatic(
    ticket: Ticket, mira: User, text: str, submitted: str, action: str
) -> None:
    """Ticket systems also mark what people write, and absences answer our mails, too."""
    reply = write_reply(ticket, mira, "Which app? Please tell me.", submission=None)
    body = f"{text}\n\nOn 16 Nov 2026 at 10:00, Mira <support@tallybird.example> wrote:\n> Which app? Please tell me."
    mail = raw(body, subject="Re: Sync", auto_submitted=submitted, in_reply_to=f"<{reply.message_id}>")
    assert intake.receive(mail).action == action


def test_an_absence_never_opens_a_closed_ticket(ticket: Ticket, mira: User) -> None:
    reply = write_reply(ticket, mira, "Done.", submission=None)
    lifecycle.close(ticket, mira, [])
    for number, headers in enumerate(
        [
            {"subject": "Out of Office: Re: Sync", "auto_submitted": "auto-replied"},
            {"subject": "Automatische Antwort: Sync"},
            {"subject": "Re: Sync", "precedence": "bulk"},
        ]
    ):
        mail = raw(
            "I am out of the office.", in_reply_to=f"<{reply.message_id}>", message_id=f"<{number}@x>", **headers
        )
        receipt = intake.receive(mail)
        assert (receipt.action, receipt.ticket_id) == ("ignored", ticket.pk)
    assert Ticket.objects.get().status == "closed"


def test_mail_of_an_administrator_is_not_ignored() -> None:
    text = "Hello, your SPF record lacks the new relay, so our server rejects your invoices. Who can fix that?"
    mail = raw(text, sender="Postmaster <postmaster@kranz.example>", subject="Your SPF record")
    assert intake.receive(mail).action == "created"
    # A mail with an error number may be either.
    unclear = raw(
        "We rejected your mail with 550 5.7.1. Please mend it.",
        sender="postmaster@kranz.example",
        subject="Your mails",
        message_id="<2@x>",
    )
    assert intake.receive(unclear).action == "quarantined"


BOUNCES = {
    "qmail": (
        "MAILER-DAEMON@qm.example",
        "failure notice",
        "Hi. This is the qmail-send program at qm.example.\n<a@b.example>:\nno mailbox here by that name. (#5.1.1)",
    ),
    "exim": (
        "Mail Delivery System <Mailer-Daemon@exim.example>",
        "Mail delivery failed: returning message to sender",
        "This message was created automatically by mail delivery software.",
    ),
    "postfix": (
        "MAILER-DAEMON@postfix.example",
        "Undelivered Mail Returned to Sender",
        "This is the mail system at host postfix.example.",
    ),
    "gmail": (
        "Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
        "Delivery Status Notification (Failure)",
        "Address not found",
    ),
    "exim as root": (
        "root@exim.example",
        "Mail delivery failed: returning message to sender",
        "This message was created automatically by mail delivery software.",
    ),
}
NDR = {
    "en": "Undeliverable: Re: Sync",
    "de": "Unzustellbar: Re: Sync",
    "fr": "Non remis : Re: Sync",
    "es": "No se puede entregar: Re: Sync",
    "it": "Non recapitabile: Re: Sync",
    "pt": "Não é possível entregar: Re: Sync",
    "nl": "Onbestelbaar: Re: Sync",
    "da": "Kan ikke leveres: Re: Sync",
    "sv": "Det gick inte att leverera: Re: Sync",
    "pl": "Niedostarczalne: Re: Sync",
    "cs": "Nedoručitelné: Re: Sync",
    "hu": "Kézbesíthetetlen: Re: Sync",
    "ru": "Не удается доставить: Re: Sync",
    "tr": "Teslim edilemedi: Re: Sync",
    "ja": "配信不能: Re: Sync",
    "zh": "无法送达: Re: Sync",
    "ko": "배달되지 않음: Re: Sync",
}


def _sent(ticket: Ticket, mira: User) -> str:
    reply = write_reply(ticket, mira, "Please try again.", submission=None)
    OutgoingMail.objects.update(state="sent")
    return reply.message_id or ""


@pytest.mark.parametrize("name", BOUNCES)
def test_a_bounce_without_a_report_marks_the_reply_as_not_sent(ticket: Ticket, mira: User, name: str) -> None:
    our_id = _sent(ticket, mira)
    sender, subject, text = BOUNCES[name]
    copy = f"\n\n--- Below this line is a copy of the message.\n\nMessage-ID: <{our_id}>\nSubject: Re: Sync\n\nPlease try again."  # noqa: E501
    receipt = intake.receive(raw(text + copy, sender=sender, subject=subject, message_id="<b@x>"))
    assert (receipt.action, receipt.ticket_id) == ("ignored", ticket.pk) and "Bounce" in receipt.reason
    assert OutgoingMail.objects.get().state == "failed" and Ticket.objects.get().status == "open"
    assert ticket.messages.count() == 2


@pytest.mark.parametrize("name", NDR)
@pytest.mark.parametrize(
    "sender", ["MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@x.example", "postmaster@x.example"]
)
def test_bounces_of_exchange_in_other_languages(ticket: Ticket, mira: User, name: str, sender: str) -> None:
    our_id = _sent(ticket, mira)
    mail = raw("tea@novak.example", sender=sender, subject=NDR[name], in_reply_to=f"<{our_id}>", message_id="<b@x>")
    assert intake.receive(mail).action == "ignored"
    assert OutgoingMail.objects.get().state == "failed"


def test_a_bounce_is_matched_by_the_returned_mail(ticket: Ticket, mira: User) -> None:
    _sent(ticket, mira)
    ours = f"support+{ticket.reply_token}@tallybird.example"
    returned = f"Content-Type: text/rfc822-headers\n\nReply-To: Tallybird <{ours}>\nSubject: Re: Sync"
    mail = multipart(
        "mixed",
        text_part("The following address failed:"),
        returned,
        sender="mailer-daemon@x.example",
        subject="Returned mail",
    )
    receipt = intake.receive(mail)
    assert (receipt.action, receipt.ticket_id) == ("ignored", ticket.pk)
    assert OutgoingMail.objects.get().state == "failed"


def test_a_delay_without_a_report_is_only_noted(ticket: Ticket, mira: User) -> None:
    our_id = _sent(ticket, mira)
    text = f"This message was created automatically by mail delivery software.\n\nMessage-ID: <{our_id}>"
    mail = raw(text, sender="Mailer-Daemon@x.example", subject="Warning: message 1abc delayed 24 hours")
    assert intake.receive(mail).ticket_id == ticket.pk
    assert OutgoingMail.objects.get().state == "sent" and Ticket.objects.get().status == "pending"


def test_a_forwarded_bounce_with_a_question_goes_to_quarantine() -> None:
    text = "I got this when I wrote to you, what is wrong?\n\n550 5.1.1 no such user"
    assert intake.receive(raw(text, subject="Fwd: Undelivered Mail Returned to Sender")).action in {
        "created",
        "quarantined",
    }


@pytest.mark.parametrize(
    "headers",
    [
        {"x_copydesk_loop": "Support@Tallybird.example"},
        {"message_id": "<7.0123456789abcdef01234567@tallybird.example>"},
    ],
)
def test_our_own_mail_that_comes_back_is_a_loop(headers: dict[str, str]) -> None:
    """Some relays remove our header. The id is enough."""
    receipt = intake.receive(raw("Please try again.", sender="list@x.example", **headers))
    assert receipt.action == "ignored" and "Our own mail" in receipt.reason
    assert InboundMail.objects.get().action == "ignored"


def test_a_form_on_our_own_site_is_no_loop() -> None:
    form = raw("How do I add a user?", sender="support@tallybird.example", reply_to="Carla <carla@neri.example>")
    assert intake.receive(form).action != "ignored"
    ours = raw(
        "x", sender="support@tallybird.example", reply_to="support+abcdefgh1@tallybird.example", message_id="<2@x>"
    )
    assert intake.receive(ours).action == "ignored"


def test_a_form_that_names_the_customer_only_in_its_text_goes_to_quarantine() -> None:
    receipt = intake.receive(
        raw("Name: Carla\nE-mail: carla@neri.example\nHow do I add a user?", sender="support@tallybird.example")
    )
    assert receipt.action == "quarantined" and "our own address" in receipt.reason


def test_files_in_a_question_do_not_make_it_a_bounce() -> None:
    mail = multipart("mixed", text_part("See the file, is it yours?"), file_part("log.txt", kind="text/plain"))
    assert intake.receive(mail).action == "created"


@pytest.mark.parametrize(
    "headers", [{"auto_submitted": "auto-generated"}, {"list_unsubscribe": "<mailto:u@x.example>"}]
)  # noqa: E501
def test_what_a_web_form_marks_as_bulk_goes_to_quarantine(headers: dict[str, str]) -> None:
    form = raw(
        "Which plan includes the API?", sender="form@mailer.example", reply_to="Otto <otto@lind.example>", **headers
    )  # noqa: E501
    assert intake.receive(form).action == "quarantined"
    machine = raw("Build 4711 failed.", sender="ci@mailer.example", message_id="<2@x>", **headers)
    assert intake.receive(machine).action == "ignored"
