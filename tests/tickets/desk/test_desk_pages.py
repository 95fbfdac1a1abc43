"""The pages of the desk: what they show, to whom, and with how many queries."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from config.templatetags.desk import money
from tests import cast
from tickets import timeline
from tickets.models import Attachment, Message, OutgoingMail, Ticket, TicketEvent, User
from tickets.views.wording import sentence


@pytest.fixture
def desk(client: Client, mira: User) -> Client:
    client.force_login(mira)
    return client


def text(client: Client, name: str, *args: Any, **query: Any) -> str:
    response = client.get(reverse(name, args=args), query)
    assert response.status_code == 200
    return response.content.decode()


def reply(ticket: Ticket, author: User, state: str, words: str = "Here is the answer") -> Message:
    message = ticket.messages.create(kind=Message.Kind.REPLY, author=author, text=words)
    OutgoingMail.objects.create(message=message, subject="Re", state=state)
    return message


def test_home_redirects_each_role_to_its_work(client: Client, mira: User, rosa: User, ken: User, otto: User) -> None:
    for person, place in ((mira, "/desk/"), (rosa, "/desk/"), (ken, "/admin/knowledge/article/")):
        client.force_login(person)
        assert client.get("/").headers["Location"] == place
    client.force_login(otto)
    assert "Welcome, Otto Weiss" in client.get("/").content.decode()


def test_the_page_includes_the_parts_that_it_fetches_again(desk: Client, ticket: Ticket) -> None:
    whole = text(desk, "tickets:ticket", ticket.pk)
    for part in ("conversation", "header", "timeline"):
        assert text(desk, f"tickets:{part}", ticket.pk).strip() in whole, part


def test_switching_to_a_ticket_brings_its_context(desk: Client, ticket: Ticket) -> None:
    pane = text(desk, "tickets:pane", ticket.pk)
    assert 'id="composer"' in pane and 'id="context" hx-swap-oob="innerHTML"' in pane
    assert f"/copilot/tickets/{ticket.pk}/sources" in pane


@pytest.mark.parametrize(("language", "written"), [("en", "Mon 2 Mar 2026, 09:05"), ("de", "Mo 2. Mär 2026, 09:05")])
def test_moments_are_written_as_in_the_language_of_the_page(
    desk: Client, mira: User, ticket: Ticket, language: str, written: str
) -> None:
    User.objects.filter(pk=mira.pk).update(language=language)
    ticket.messages.update(created_at=datetime(2026, 3, 2, 9, 5, tzinfo=timezone.get_default_timezone()))
    assert f'title="{written}"' in text(desk, "tickets:conversation", ticket.pk)


def test_the_customer_and_the_place_of_their_other_tickets(desk: Client, ticket: Ticket) -> None:
    """They are fetched by URL: tests/copilot/customers/test_history_page.py."""
    cast.new_ticket(subject="An older question", created_at=timezone.now() - timedelta(days=40))
    cast.new_ticket(cast.lena(), subject="Somebody else's")
    context = text(desk, "tickets:context", ticket.pk)
    assert "Studio" in context and "€1,840" in context and "1 ticket<" in context
    assert "history-1" in context and f'hx-get="/copilot/tickets/{ticket.pk}/history"' in context
    assert "Somebody else" not in context


def test_what_customers_write_is_never_markup(desk: Client, ticket: Ticket) -> None:
    nasty = "<script>alert(1)</script>"
    ticket.messages.create(kind=Message.Kind.CUSTOMER, text=nasty, quoted=nasty, from_name=nasty)
    Ticket.objects.filter(pk=ticket.pk).update(subject=nasty, preview=nasty)
    page = text(desk, "tickets:ticket", ticket.pk)
    assert nasty not in page and "&lt;script&gt;alert(1)" in page


def test_html_mail_is_text_until_asked_for(desk: Client, ticket: Ticket) -> None:
    ticket.messages.create(
        kind=Message.Kind.CUSTOMER, text="plain", html="<p>fine <b>bold</b></p>", quoted="older words"
    )
    page = text(desk, "tickets:conversation", ticket.pk)
    assert 'data-shows="plain"' in page and "hx-disable><p>fine <b>bold</b></p></mail-view>" in page
    assert "Show as sent" in page and "<summary>Quoted text</summary>" in page


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("queued", "Sending…"),
        ("sending", "Sending…"),
        ("sent", "Sent"),
        ("failed", "Not sent"),
        ("uncertain", "may or may not have been sent"),
        ("undone", "Undone. The customer did not get this reply."),
    ],
)
def test_a_reply_says_where_it_is(desk: Client, mira: User, ticket: Ticket, state: str, words: str) -> None:
    reply(ticket, mira, state)
    page = text(desk, "tickets:conversation", ticket.pk)
    assert words in page and ("data-undo-send" in page) == (state == "queued")


def test_a_long_conversation_costs_no_more_queries(
    desk: Client, mira: User, ticket: Ticket, django_assert_max_num_queries: Any
) -> None:
    for number in range(15):
        message = reply(ticket, mira, "sent")
        Attachment.objects.create(
            message=message, filename=f"{number}.pdf", content_type="x/x", size=1, sha256="0", refused="x"
        )
        timeline.record(ticket, TicketEvent.Kind.SENT, mira)
    # session, user, ticket, messages, attachments, recipients, events, teams, customer's tickets, tags, origins,
    # files in the composer
    with django_assert_max_num_queries(12):
        desk.get(reverse("tickets:pane", args=[ticket.pk]))


def test_the_whole_page_costs_few_queries(desk: Client, ticket: Ticket, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(18):
        desk.get(reverse("tickets:ticket", args=[ticket.pk]))


def test_attachments_only_ever_download(desk: Client, ticket: Ticket) -> None:
    message = ticket.messages.get()
    kept = Attachment(message=message, filename='a"b.html', content_type="text/html", size=5, sha256="0")
    kept.file.save("x.html", ContentFile(b"<html"))
    refused = Attachment.objects.create(
        message=message, filename="x.exe", content_type="x/x", size=1, sha256="0", refused="no"
    )
    response = desk.get(reverse("tickets:attachment", args=[kept.pk]))
    assert b"".join(response.streaming_content) == b"<html"
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert desk.get(reverse("tickets:attachment", args=[refused.pk])).status_code == 404
    kept.file.storage.delete(kept.file.name)
    assert desk.get(reverse("tickets:attachment", args=[kept.pk])).status_code == 404


def test_pages_load_nothing_from_other_servers(desk: Client, ticket: Ticket) -> None:
    response = desk.get(reverse("tickets:ticket", args=[ticket.pk]))
    page = response.content.decode()
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    for forbidden in (" style=", "onclick=", "<style", "<script>", "http://", "https://"):
        assert forbidden not in page, forbidden


def test_themes_are_saved(desk: Client, mira: User) -> None:
    answer = desk.post(reverse("tickets:preferences"), {"theme": "dark"}, headers={"Accept": "application/json"})
    assert answer.json() == {"theme": "dark", "single_keys": False}
    assert 'data-theme="dark"' in text(desk, "tickets:desk")
    assert desk.post(reverse("tickets:preferences"), {"theme": "pink"}).status_code == 422
    assert desk.post(reverse("tickets:preferences"), {"theme": "light", "single_keys": "on"}).status_code == 302


def test_missing_and_forbidden_pages_say_what_is_wrong(desk: Client, otto: User) -> None:
    missing = desk.get(reverse("tickets:ticket", args=[999]))
    assert missing.status_code == 404 and b"Page not found" in missing.content
    desk.force_login(otto)
    assert b"No access" in desk.get(reverse("tickets:desk")).content


def test_logging_in_and_out(client: Client, mira: User) -> None:
    client.logout()
    assert client.post("/login/", {"username": "mira", "password": "wrong"}).status_code == 200
    answer = client.post("/login/", {"username": "mira", "password": cast.PASSWORD, "next": "/desk/?view=open"})
    assert answer.headers["Location"] == "/desk/?view=open"
    elsewhere = client.post("/login/", {"username": "mira", "password": cast.PASSWORD, "next": "https://evil.example/"})
    assert elsewhere.headers["Location"] == "/"
    assert client.post("/logout/").headers["Location"] == "/login/"


def test_every_kind_of_event_has_a_sentence(ticket: Ticket, mira: User) -> None:
    for kind in TicketEvent.Kind:
        bare = timeline.record(ticket, kind, mira)
        assert sentence(bare) and "_" not in sentence(bare), kind
    moved = timeline.record(ticket, TicketEvent.Kind.PRIORITY, mira, was=2, now=4)
    assert sentence(moved) == "Priority: Urgent, before: Normal"
    assert sentence(timeline.record(ticket, TicketEvent.Kind.ASSIGNED, mira, was="", now="Mira")) == "Assigned to Mira"
    reviewed = timeline.record(ticket, TicketEvent.Kind.REVIEWED, mira, review="rejected", reason="off_topic")
    assert sentence(reviewed) == "Draft rejected: not what was asked"
    routed = timeline.record(ticket, TicketEvent.Kind.ROUTED, handling="human_now", may="nothing", rule=11)
    assert sentence(routed) == "Routed: person now (rule 1)"
    undrafted = timeline.record(ticket, TicketEvent.Kind.ROUTED, handling="ai_and_human", may="policy", rule=11)
    assert sentence(undrafted) == "Routed: person, no draft (rule 1)"
    matrix = timeline.record(ticket, TicketEvent.Kind.ROUTED, handling="ai_only", may="own_words", rule=50)
    assert sentence(matrix) == "Routed: copilot alone (rule 5)"
    prepared = timeline.record(ticket, TicketEvent.Kind.PREPARED, state="by_rule")
    assert sentence(prepared) == "No draft by rule"
    undone = timeline.record(ticket, TicketEvent.Kind.STATUS, mira, was="pending", now="open", why="reply taken back")
    assert sentence(undone) == "Status: open: reply undone"  # a reason that an earlier version stored


def test_amounts_are_written_as_in_the_language_of_the_page() -> None:
    assert money(Decimal(1840)) == "€1,840" and money(None) == ""
    assert money(Decimal("1839.60")) == "€1,840"  # rounded, not cut off
    with translation.override("de"):
        assert "1.840" in money(Decimal(1840))
