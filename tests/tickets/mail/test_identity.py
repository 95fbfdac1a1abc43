"""Who is the customer of a mail, whom we answer, and when two mails are the same."""

import pytest

from tests.tickets.mails import file_part, multipart, raw, text_part
from tickets import outbox
from tickets.mail import intake
from tickets.models import Message, Ticket, User

pytestmark = pytest.mark.django_db

TOMAS = "Tomas Okafor <tomas@okafor.example>"


@pytest.mark.parametrize(
    "headers",
    [
        {"sender": "Webshop <website@shop.example>"},
        {"sender": "Tallybird <support@tallybird.example>"},
        {"sender": "Tallybird <support+x9@tallybird.example>"},
        {"sender": "no-reply@shop.example"},
        {"sender": "orders.noreply@shop.example"},
        {"sender": None},
        {"sender": "Team list <team@lists.example>", "reply_to": f"Team <team@lists.example>, {TOMAS}",
         "list_post": "<mailto:team@lists.example>", "list_id": "<support.tallybird.example>"},
        {"sender": "form@shop.example", "reply_to": f"support@tallybird.example, {TOMAS}"},
        {"sender": "form@shop.example", "reply_to": f"no-reply@shop.example, {TOMAS}"},
    ],
)  # fmt: skip
def test_the_answer_goes_to_the_person_in_reply_to(headers: dict[str, str | None], mira: User) -> None:
    receipt = intake.receive(raw(**({"reply_to": TOMAS} | headers)))  # type: ignore[arg-type]
    assert receipt.action == "created"
    ticket = Ticket.objects.get(pk=receipt.ticket_id)
    assert (ticket.customer.email, ticket.customer.name) == ("tomas@okafor.example", "Tomas Okafor")
    assert outbox.write_reply(ticket, mira, "Hello", submission=None).recipients.get().email == "tomas@okafor.example"


@pytest.mark.parametrize(
    "headers",
    [
        {"reply_to": "support@tallybird.example"},
        {"reply_to": "Support <support+abc@tallybird.example>"},
        {"reply_to": "do-not-reply@okafor.example"},
        {"reply_to": "nicht-antworten@okafor.example"},
        {"reply_to": "bounces+123@okafor.example"},
        {"reply_to": "undisclosed-recipients:;"},
        {"reply_to": "team@lists.example", "list_id": "<support.tallybird.example>",
         "list_post": "<mailto:team@lists.example>"},
        {"reply_to": "team@lists.example", "list_id": "Ours <support.tallybird.example>", "cc": "team@lists.example"},
    ],
)  # fmt: skip
def test_replies_to_lists_and_no_reply_addresses_go_to_the_sender(headers: dict[str, str]) -> None:
    intake.receive(raw(**headers))  # type: ignore[arg-type]
    assert Ticket.objects.get().customer.email == "tomas@okafor.example"


OURS = "Tallybird <support@tallybird.example>"


@pytest.mark.parametrize(
    ("headers", "action"),
    [
        ({}, "quarantined"),
        ({"reply_to": "noreply@forms.example"}, "quarantined"),
        ({"reply_to": "no-reply@tallybird.example"}, "quarantined"),
        ({"reply_to": "mailer-daemon@forms.example"}, "quarantined"),
        ({"reply_to": OURS}, "ignored"),
        ({"reply_to": f"noreply@forms.example, {OURS}"}, "ignored"),
        ({"reply_to": TOMAS, "x_copydesk_loop": "support@tallybird.example"}, "ignored"),
    ],
)
def test_our_own_mail_does_not_become_a_ticket(headers: dict[str, str], action: str) -> None:
    assert intake.receive(raw(**({"sender": OURS} | headers))).action == action
    assert not Ticket.objects.exists()


@pytest.mark.parametrize(
    ("sender", "reply_to", "name"),
    [
        (TOMAS, "tomas@private.example", "Tomas Okafor"),
        (TOMAS, "okafor77@private.example", "Tomas Okafor"),
        ("Webshop <website@shop.example>", "tomas@okafor.example", ""),
        ("Webshop <website@shop.example>", "Tomas O. <tomas@okafor.example>", "Tomas O."),
    ],
)
def test_the_name_that_belongs_to_the_address(sender: str, reply_to: str, name: str) -> None:
    intake.receive(raw(sender=sender, reply_to=reply_to))
    assert Ticket.objects.get().customer.name == name


def test_a_forged_sender_with_ones_own_reply_to_is_not_the_customer() -> None:
    intake.receive(raw(reply_to="thief@elsewhere.example"))
    assert Ticket.objects.get().customer.email == "thief@elsewhere.example"


MONDAY, TUESDAY = "Mon, 02 Nov 2026 08:00:00 +0000", "Tue, 03 Nov 2026 08:00:00 +0000"


@pytest.mark.parametrize(
    "second",
    [
        raw("The export stops, please help.", date=TUESDAY, subject="Export stops"),
        raw("The export stops, please help.", date=MONDAY),
        raw("The export stops, please help."),
        raw(date=TUESDAY),
        raw(date=MONDAY, subject="Another matter"),
    ],
)
def test_different_mails_with_one_id_are_all_received(second: bytes) -> None:
    first = intake.receive(raw(date=MONDAY))
    receipt = intake.receive(second)
    assert receipt.action == "created" and receipt.ticket_id != first.ticket_id
    assert intake.receive(second).action == "duplicate" and intake.receive(raw(date=MONDAY)).action == "duplicate"
    assert Message.objects.count() == 2


@pytest.mark.parametrize(
    "again",
    [
        raw(date=MONDAY, received="by another server"),
        raw(date="Mon, 02 Nov 2026 09:00:00 +0100"),
        raw(date=MONDAY, subject="[SPAM?] Calendar empty"),
        raw("Hello, my calendar is empty since Monday. What can I do about it?\n\nScanned by GateKeeper.", date=MONDAY),
        raw("Hello, my  calendar is empty\nsince Monday. What can I do about it?", date=MONDAY),
    ],
)
def test_the_same_mail_by_another_route_is_a_duplicate(again: bytes) -> None:
    intake.receive(raw(date=MONDAY))
    assert intake.receive(again).action == "duplicate" and Message.objects.count() == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        # Without dates we cannot know that they are the same.
        ({}, {}),
        ({"date": MONDAY}, {}),
        ({}, {"date": MONDAY}),
        ({"date": MONDAY}, {"date": TUESDAY}),
        # An empty subject is part of every other.
        ({"date": MONDAY, "subject": ""}, {"date": MONDAY, "subject": "Order 12"}),
    ],
)
def test_a_quarantined_mail_does_not_hide_another_with_its_id(first: dict[str, str], second: dict[str, str]) -> None:
    aside = raw("Which plan includes the API?", precedence="bulk", **first)  # type: ignore[arg-type]
    assert intake.receive(aside).action == "quarantined"
    assert intake.receive(raw("Where is my order?", **second)).action == "created"  # type: ignore[arg-type]
    assert intake.receive(aside).action == "duplicate"


def test_a_mail_without_a_subject_does_not_hide_another_with_its_id() -> None:
    assert intake.receive(raw(date=MONDAY, subject="")).action == "created"
    assert intake.receive(raw(date=MONDAY, subject="Order 12")).action == "created"
    assert intake.receive(raw(date=MONDAY, subject="", received="by another server")).action == "duplicate"


def test_a_quarantined_mail_is_a_duplicate_by_another_route() -> None:
    intake.receive(raw(date=MONDAY, precedence="bulk"))
    assert intake.receive(raw(date=MONDAY, precedence="bulk", received="by another server")).action == "duplicate"


def test_two_mails_that_contain_only_files() -> None:
    one, two = (multipart("mixed", text_part(""), file_part("a.pdf", content)) for content in ("aGVsbG8=", "d29ybGQ="))
    assert [intake.receive(mail).action for mail in (one, two, one, two)] == [
        "created",
        "created",
        "duplicate",
        "duplicate",
    ]


@pytest.mark.parametrize(
    "address", ["josé@okafor.example", "lena@bücher.example", "用户@例子.广告", "lena@xn--bcher-kva.example"]
)
def test_addresses_in_every_script_are_customers(address: str, mira: User) -> None:
    receipt = intake.receive(raw(sender=f"Lena <{address}>"))
    ticket = Ticket.objects.get(pk=receipt.ticket_id)
    assert ticket.customer.email == address.replace("xn--bcher-kva", "bücher")
    intake.receive(raw("Again", sender=f"Lena <{address}>", message_id="<2@x>"))
    assert ticket.customer.tickets.count() == 2
    assert outbox.write_reply(ticket, mira, "Hi", submission=None).recipients.get().email == ticket.customer.email
