"""The whole story by keyboard: a mail comes in, a cited draft is there, a threaded reply goes out."""

import email
import json
import re
from collections.abc import Callable
from email import policy
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.stack import Stack, mail
from tests.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.model, pytest.mark.services]


def test_from_the_customers_mail_to_the_threaded_reply(stack: Stack, page_of: Callable[[str], Page]) -> None:
    asked = mail(
        "Two charges on my card",
        "Hello, since Monday I see two charges for our plan. How long does the pending one stay?\n\nTomas Okafor",
        message_id="first-question@okafor.example",
    )
    receipt = json.loads(stack.manage("receive_mail", "--json", stdin=asked.encode()))  # as a mail server does
    assert receipt["action"] == "created"
    number = receipt["ticket"]

    page = page_of("mira")
    page.goto(f"{stack.url}/desk/?view=open&q=Two+charges+on+my+card")
    expect(page.locator(f"#row-{number}")).to_be_visible()
    page.keyboard.press("j")
    expect(page.locator("#ticket-title")).to_have_text("Two charges on my card")
    expect(page).to_have_url(re.compile(rf"/desk/{number}/"))

    # The draft written on arrival comes, or is there already, with chips for its sources.
    editor = page.locator("#editor")
    expect(editor.locator(".cite").first).to_be_visible(timeout=120_000)
    stack.wait_for(f"Draft.objects.get(ticket={number}).state == 'ready'")
    expect(editor).to_contain_text("Tomas")
    expect(editor).to_contain_text("5 business days")

    # A chip opens its excerpt, in place.
    editor.locator(".cite").first.click()
    expect(page.locator("#excerpt")).to_contain_text("pending authorisation")
    page.keyboard.press("Escape")

    # Edit, send.
    page.keyboard.press("r")
    page.keyboard.press("Control+End")
    page.keyboard.type(" Kind regards, Mira")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#content")).to_contain_text("Kind regards, Mira")

    def ours() -> list[Path]:
        return [path for path in stack.sent_mails() if "Subject: Re: Two charges on my card" in path.read_text()]

    sent = wait_until(ours, timeout=60, every=0.2)[0]
    reply = email.message_from_bytes(sent.read_bytes(), policy=policy.default)
    assert reply["In-Reply-To"] == "<first-question@okafor.example>"
    assert "<first-question@okafor.example>" in reply["References"]
    assert reply["Subject"] == "Re: Two charges on my card"
    assert "tomas@okafor.example" in reply["To"]
    body = reply.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "5 business days" in body
    assert "Kind regards, Mira" in body
    assert not re.search(r"\[\d\]", body.split("wrote:")[0])

    # The timeline shows it, and the draft was reviewed.
    expect(page.locator("#context")).to_contain_text("sent", ignore_case=True)
    assert stack.ask(f"Draft.objects.get(ticket={number}).review") == "edited"
    assert stack.ask(f"Ticket.objects.get(pk={number}).status") == "pending"

    # The customer answers by mail: same ticket, open again, the page shows it without a reload.
    again = mail("Re: Two charges on my card", "Thanks! And where do I see what was really charged?")
    threaded = stack.receive(again.replace("Date:", f"In-Reply-To: {reply['Message-ID']}\r\nDate:"))
    assert (threaded["action"], threaded["ticket"]) == ("threaded", number)
    expect(page.locator("#content")).to_contain_text("where do I see what was really charged")
