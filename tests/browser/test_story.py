"""The whole story by keyboard: a mail comes in, a cited draft streams in, a threaded reply goes out."""

import email
import re
from collections.abc import Callable
from email import policy
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from config import catalogue
from tests.browser.stack import Stack, mail
from tests.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.model, pytest.mark.services]


def test_from_the_customers_mail_to_the_threaded_reply(stack: Stack, page_of: Callable[[str], Page]) -> None:
    asked = mail(
        "Two charges on my card",
        "Hello, since Monday I see two charges for our plan. How long does the pending one stay?\n\nTomas Okafor",
        message_id="first-question@okafor.example",
    )
    receipt = stack.receive(asked)
    assert receipt["action"] == "created"
    number = receipt["ticket"]

    page = page_of("mira")
    page.goto(f"{stack.url}/desk/?view=open&q=Two+charges+on+my+card")
    expect(page.locator(f"#row-{number}")).to_be_visible()
    page.keyboard.press("j")
    expect(page.locator("#ticket-title")).to_have_text("Two charges on my card")
    expect(page).to_have_url(re.compile(rf"/desk/{number}/"))

    # The draft written on arrival streams in, or is there already, with chips for its sources.
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


def test_a_draft_on_demand_streams_without_moving_the_page(stack: Stack, page_of: Callable[[str], Page]) -> None:
    number = stack.receive(mail("Calendar is slow", "How long until a booking shows in my Google calendar?"))["ticket"]
    stack.wait_for(f"Draft.objects.filter(ticket={number}, state='ready').exists()")
    page = page_of("mira")
    page.goto(f"{stack.url}/desk/{number}/")
    expect(page.locator("#editor .cite").first).to_be_visible()
    composer = page.locator("#composer")
    before = composer.bounding_box()

    page.locator("#ticket-title").click()
    page.keyboard.press("g")
    expect(page.locator("#draft-stop")).to_be_visible()
    positions = set()
    for _ in range(40):
        box = composer.bounding_box()
        assert box is not None
        positions.add((round(box["x"]), round(box["y"]), round(box["height"])))
        if not page.locator("#draft-stop").is_visible():
            break
        page.wait_for_timeout(100)
    expect(page.locator("#draft-stop")).to_be_hidden(timeout=60_000)
    assert before is not None
    assert positions == {(round(before["x"]), round(before["y"]), round(before["height"]))}
    expect(page.locator("#draft-number")).to_have_text("AI draft 2 of 2")
    written = f"ModelCall.objects.filter(draft__ticket={number}, purpose='draft').order_by('pk')"
    by = stack.ask(f"list({written}.values_list('model', 'model_sha256'))")
    assert len(by) == 2 and all(sha256 == catalogue.get(model).sha256 for model, sha256 in by)


def test_two_agents_see_the_same_draft(stack: Stack, page_of: Callable[[str], Page]) -> None:
    number = stack.receive(mail("Password link", "The link to reset my password does not work any more. Why?"))[
        "ticket"
    ]
    stack.wait_for(f"Draft.objects.filter(ticket={number}).exclude(state__in=['queued', 'writing']).exists()")
    mira, jonas = page_of("mira"), page_of("jonas")
    for page in (mira, jonas):
        page.goto(f"{stack.url}/desk/{number}/")
        expect(page.locator("#figures-state")).not_to_be_empty()
    mira.locator("#ticket-title").click()
    mira.keyboard.press("g")
    expect(jonas.locator("#draft-number")).to_have_text("AI draft 2 of 2", timeout=60_000)
    expect(mira.locator("#draft-stop")).to_be_hidden(timeout=60_000)
    expect(jonas.locator("#draft-stop")).to_be_hidden(timeout=60_000)
    assert mira.locator("#editor").inner_text() == jonas.locator("#editor").inner_text()


def test_closing_can_be_undone_and_escalating_never_fires_by_itself(
    stack: Stack, page_of: Callable[[str], Page]
) -> None:
    number = stack.receive(mail("Just a thank you", "Thanks for your help yesterday!"))["ticket"]
    page = page_of("jonas")
    page.goto(f"{stack.url}/desk/{number}/")
    expect(page.locator("#ticket-title")).to_be_visible()
    page.keyboard.press("Control+e")
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text("Billing")
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert stack.ask(f"Ticket.objects.get(pk={number}).team_id") is None

    page.keyboard.press("Control+d")
    expect(page.locator("dialog[open]")).to_be_visible()
    page.keyboard.type("thanks")
    page.keyboard.press("Enter")
    expect(page.locator("#close-unanswered")).to_be_visible()  # nobody replied: it asks once
    page.keyboard.press("Enter")
    stack.wait_for(f"Ticket.objects.get(pk={number}).status == 'closed'", timeout=30)
    page.get_by_role("button", name="Undo").first.click()
    stack.wait_for(f"Ticket.objects.get(pk={number}).status == 'open'", timeout=30)
