"""The mail log: who has access, what it shows, and what a member can decide there."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests import cast
from tests.tickets.mails import raw
from tickets import outbox
from tickets.mail import intake
from tickets.models import InboundMail, OutgoingMail, Ticket, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(ticket: Ticket, mira: User) -> OutgoingMail:
    return outbox.write_reply(ticket, mira, "See <b>Settings</b>.", submission=None).outgoing


@pytest.fixture
def quarantined() -> InboundMail:
    intake.receive(raw("<script>alert(1)</script>", sender=None, subject="<img src=x onerror=alert(1)>"))
    return InboundMail.objects.get(action="quarantined")


def addresses(row: OutgoingMail, quarantined: InboundMail) -> list[tuple[str, str]]:
    return [
        ("get", reverse("tickets:mail")),
        ("get", reverse("tickets:mail_raw", args=[quarantined.pk])),
        ("post", reverse("tickets:quarantine_resolve", args=[quarantined.pk])),
        ("get", reverse("tickets:outgoing", args=[row.pk])),
        ("post", reverse("tickets:outgoing_resolve", args=[row.pk])),
    ]


def test_only_roles_that_work_tickets_have_access(client: Client, row: OutgoingMail, quarantined: InboundMail) -> None:
    for method, address in addresses(row, quarantined):
        client.logout()
        assert getattr(client, method)(address).status_code == 302
        for user in (cast.ken(), cast.otto()):
            client.force_login(user)
            assert getattr(client, method)(address).status_code == 403
        client.force_login(cast.ada())
        assert client.generic("PUT", address).status_code == 405
    assert InboundMail.objects.get(pk=quarantined.pk).resolved_at is None


@pytest.mark.parametrize("tab", ["in", "ignored", "quarantine", "out", "nonsense"])
def test_tabs(client: Client, mira: User, row: OutgoingMail, quarantined: InboundMail, tab: str) -> None:
    client.force_login(mira)
    html = client.get(reverse("tickets:mail"), {"tab": tab, "q": "", "state": "zzz", "before": "x"}).content.decode()
    assert "onerror=alert" not in html.replace("&lt;img src=x onerror=alert(1)&gt;", "")
    assert ("Re: Charged twice" in html) == (tab == "out")
    assert 'style="' not in html and "onclick" not in html


def test_filters_and_pages(client: Client, mira: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tickets.views.mail.PAGE", 2)
    for number in range(5):
        intake.receive(raw(subject=f"Subject {number}", message_id=f"<{number}@x>"))
    client.force_login(mira)
    first = client.get(reverse("tickets:mail"))
    assert [row.subject for row in first.context["rows"]] == ["Subject 4", "Subject 3"]
    second = client.get(reverse("tickets:mail") + "?" + first.context["older"])
    assert [row.subject for row in second.context["rows"]] == ["Subject 2", "Subject 1"]
    found = client.get(reverse("tickets:mail"), {"q": "subject 0", "state": "created"})
    assert [row.subject for row in found.context["rows"]] == ["Subject 0"]


def test_the_number_of_queries_is_constant(client: Client, mira: User, django_assert_max_num_queries: Any) -> None:
    client.force_login(mira)
    for number in range(12):
        intake.receive(raw(message_id=f"<{number}@x>", sender=f"c{number}@x.example"))
    for ticket in Ticket.objects.all():
        outbox.write_reply(ticket, mira, "Hi", submission=None)
    for tab in ("in", "ignored", "quarantine", "out"):
        with django_assert_max_num_queries(7):
            client.get(reverse("tickets:mail"), {"tab": tab})


def test_raw_is_a_text_file(client: Client, mira: User, quarantined: InboundMail) -> None:
    client.force_login(mira)
    response = client.get(reverse("tickets:mail_raw", args=[quarantined.pk]))
    assert response["Content-Type"].startswith("text/plain") and response["Content-Disposition"].startswith(
        "attachment"
    )
    assert response["X-Content-Type-Options"] == "nosniff" and b"<script>" in response.content
    InboundMail.objects.update(raw_path="../../../etc/passwd")
    assert client.get(reverse("tickets:mail_raw", args=[quarantined.pk])).status_code == 404


def test_a_ticket_from_quarantine(client: Client, mira: User, quarantined: InboundMail) -> None:
    client.force_login(mira)
    address = reverse("tickets:quarantine_resolve", args=[quarantined.pk])
    response = client.post(address, {"decision": "ticket"}, follow=True)
    assert "Enter a valid email address" in response.content.decode()
    response = client.post(address, {"decision": "ticket", "email": "lena@haas.example"})
    ticket = Ticket.objects.get()
    assert response["Location"] == reverse("tickets:ticket", args=[ticket.pk])
    assert ticket.customer.email == "lena@haas.example"
    client.post(address, {"decision": "ticket", "email": "lena@haas.example"})
    assert Ticket.objects.count() == 1


def test_discarding_keeps_the_mail(client: Client, mira: User, quarantined: InboundMail) -> None:
    client.force_login(mira)
    client.post(reverse("tickets:quarantine_resolve", args=[quarantined.pk]), {"decision": "discard"})
    assert InboundMail.objects.get().resolved_at is not None
    assert client.get(reverse("tickets:mail_raw", args=[quarantined.pk])).status_code == 200
    assert not client.get(reverse("tickets:mail"), {"tab": "quarantine"}).context["rows"]


def test_the_second_of_two_decisions_about_a_mail_is_refused(
    client: Client, mira: User, jonas: User, quarantined: InboundMail
) -> None:
    address = reverse("tickets:quarantine_resolve", args=[quarantined.pk])
    client.force_login(mira)
    client.post(address, {"decision": "discard"})
    client.force_login(jonas)
    late = client.post(address, {"decision": "ticket", "email": "tomas@okafor.example"}, follow=True)
    assert "Another member has already decided about this mail." in late.content.decode()
    assert InboundMail.objects.get().ticket is None


def test_the_outgoing_mail_is_shown_as_text(client: Client, mira: User, row: OutgoingMail) -> None:
    client.force_login(mira)
    html = client.get(reverse("tickets:outgoing", args=[row.pk])).content.decode()
    assert "See &lt;b&gt;Settings&lt;/b&gt;." in html and "X-Copydesk-Loop" in html


def test_the_outgoing_mail_is_shown_even_if_its_file_is_missing(client: Client, mira: User, row: OutgoingMail) -> None:
    row.message.attachments.create(filename="steps.txt", content_type="text/plain", size=1, sha256="0", file="gone.txt")
    client.force_login(mira)
    assert client.get(reverse("tickets:outgoing", args=[row.pk])).status_code == 200


@pytest.mark.parametrize(("decision", "state"), [("arrived", "sent"), ("again", "queued"), ("", "uncertain")])
def test_an_uncertain_reply(client: Client, mira: User, row: OutgoingMail, decision: str, state: str) -> None:
    OutgoingMail.objects.update(state="uncertain")
    client.force_login(mira)
    away = client.post(
        reverse("tickets:outgoing_resolve", args=[row.pk]), {"decision": decision, "next": "https://evil.example/"}
    )
    assert away["Location"].startswith("/") and OutgoingMail.objects.get().state == state


@pytest.fixture
def ignored() -> InboundMail:
    intake.receive(raw(subject="Automatic reply: Calendar", message_id="<away@okafor.example>"))
    intake.receive(raw(list_unsubscribe="<mailto:u@x>", sender="news@shop.example", subject="Spring sale"))
    return InboundMail.objects.get(subject="Automatic reply: Calendar")


def test_ignored_mail_has_its_counted_list(client: Client, mira: User, ignored: InboundMail) -> None:
    intake.receive(raw(message_id="<2@okafor.example>"))
    client.force_login(mira)
    page = client.get(reverse("tickets:mail"), {"tab": "ignored"})
    assert [row.subject for row in page.context["rows"]] == ["Spring sale", "Automatic reply: Calendar"]
    assert page.context["counts"] == {"ignored": 2, "created": 1}
    assert ">2</span>" in client.get(reverse("tickets:mail")).content.decode()
    assert ("ignored", "Ignored (2)") in client.get(reverse("tickets:mail")).context["states"]


@pytest.mark.parametrize("wanted", ["okafor", "calendar", "by its subject"])
def test_ignored_mail_is_found_by_sender_subject_and_reason(
    client: Client, mira: User, ignored: InboundMail, wanted: str
) -> None:
    client.force_login(mira)
    page = client.get(reverse("tickets:mail"), {"tab": "ignored", "q": wanted})
    assert [row.subject for row in page.context["rows"]] == ["Automatic reply: Calendar"]


def test_one_click_makes_a_ticket_of_ignored_mail(client: Client, mira: User, ignored: InboundMail) -> None:
    client.force_login(mira)
    assert "Create ticket" in client.get(reverse("tickets:mail"), {"tab": "ignored"}).content.decode()
    client.post(reverse("tickets:quarantine_resolve", args=[ignored.pk]), {"decision": "ticket"})
    assert Ticket.objects.get().customer.email == "tomas@okafor.example"
    assert client.get(reverse("tickets:mail")).context["counts"] == {"ignored": 1, "created": 1}
    rows = client.get(reverse("tickets:mail"), {"tab": "ignored"}).context["rows"]
    assert [row.subject for row in rows] == ["Spring sale"]


def test_the_pages_of_ignored_mail_follow_one_another(
    client: Client, mira: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tickets.views.mail.PAGE", 2)
    for number in range(3):
        intake.receive(raw(list_id="<news.x.example>", subject=f"News {number}", message_id=f"<{number}@x>"))
    client.force_login(mira)
    first = client.get(reverse("tickets:mail"), {"tab": "ignored", "q": "news"})
    second = client.get(reverse("tickets:mail") + "?" + first.context["older"])
    assert [row.subject for row in (*first.context["rows"], *second.context["rows"])] == ["News 2", "News 1", "News 0"]


def test_mail_in_our_own_name_asks_for_the_customer(client: Client, mira: User) -> None:
    intake.receive(raw(sender="support@tallybird.example"))
    row = InboundMail.objects.get()
    client.force_login(mira)
    assert f'id="mail-email-{row.pk}"' in client.get(reverse("tickets:mail"), {"tab": "quarantine"}).content.decode()
    address = reverse("tickets:quarantine_resolve", args=[row.pk])
    page = client.post(address, {"decision": "ticket"}, follow=True)
    assert "Enter the customer’s address" in page.content.decode() and page.context["tab"] == "quarantine"
    client.post(address, {"decision": "ticket", "email": "josé@okafor.example"})
    assert Ticket.objects.get().customer.email == "josé@okafor.example"


def test_ignored_mail_about_a_ticket_goes_to_that_ticket(client: Client, mira: User, ticket: Ticket) -> None:
    ours = f"support+{ticket.reply_token}@tallybird.example"
    intake.receive(raw("The second payment, please.", to=ours, auto_submitted="auto-replied"))
    client.force_login(mira)
    page = client.get(reverse("tickets:mail"), {"tab": "ignored"})
    assert f"Add to #{ticket.pk}" in page.content.decode()
    row = InboundMail.objects.get()
    client.post(reverse("tickets:quarantine_resolve", args=[row.pk]), {"decision": "ticket"})
    assert ticket.messages.last().text == "The second payment, please." and Ticket.objects.count() == 1
