"""Mira escalates a ticket by keys alone: the preview, the summary that comes in, what she changes. Jonas, of the other
team, reads it where the customer's messages are, and says with one key whether it was justified."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.stack import Stack, mail
from tests.browser.test_triage_story import broken

pytestmark = [pytest.mark.browser, pytest.mark.model, pytest.mark.services]

ASKED = "I was charged twice in March. When do I get the second payment back? My lawyer will contact you."


def test_a_ticket_is_handed_over_and_judged_by_keys(stack: Stack, page_of: Callable[[str], Page]) -> None:
    number = int(stack.receive(mail("Two charges", ASKED))["ticket"])
    stack.wait_for(f"Ticket.objects.get(pk={number}).preparation == 'by_rule'")
    mira = page_of("mira")
    mira.goto(f"{stack.url}/desk/{number}/?view=open")
    expect(mira.locator("#triage")).to_contain_text("Escalate?")
    mira.keyboard.press("Control+e")
    dialog = mira.locator("#dialog-escalate")
    expect(dialog).to_contain_text("Sensitive signal: Legal threat: “My lawyer will contact you”")
    expect(dialog.locator("[name=reason]")).to_have_value("signal")
    expect(dialog.locator("[name=asked]")).to_have_value(re.compile("second payment back"))
    expect(dialog.locator("[data-summary-state]")).not_to_contain_text("The copilot is reading", timeout=90_000)
    assert broken(mira) == []

    # Nothing is sent without a team; what was typed survives a closed dialog.
    mira.keyboard.press("Control+Enter")
    expect(dialog.locator(".error")).to_have_text("Choose a team.")
    expect(dialog.locator("[name=team]")).to_be_focused()
    mira.keyboard.type("Billing")
    mira.keyboard.press("Tab")
    mira.keyboard.press("Tab")
    expect(dialog.locator("[name=next]")).to_be_focused()
    mira.keyboard.press("Control+a")
    mira.keyboard.type("Look up the second charge.")
    mira.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert stack.ask(f"Ticket.objects.get(pk={number}).team_id") is None
    mira.keyboard.press("Control+e")
    expect(dialog.locator("[name=next]")).to_be_focused()
    expect(dialog.locator("[name=next]")).to_have_value("Look up the second charge.")
    mira.keyboard.press("Control+Enter")
    expect(mira.locator(".toast")).to_contain_text("Escalated to Billing.")
    expect(mira.locator(".handoff")).to_contain_text("Whoever takes it says here whether the escalation was justified.")
    expect(mira.locator(f"#row-{number}")).to_contain_text("escalated")
    expect(mira.locator("#triage")).not_to_contain_text("Escalate?")

    jonas = page_of("jonas")
    jonas.goto(f"{stack.url}/desk/{number}/?view=escalated")
    handoff = jonas.locator(".handoff")
    for words in (
        "Escalated to Billing: Sensitive signal",
        "Look up the second charge.",
        "customer since",
        "second payment back",
    ):
        expect(handoff).to_contain_text(words)
    assert broken(jonas) == []
    jonas.keyboard.press("1")
    expect(jonas.locator(".toast")).to_contain_text("Escalation: Justified")
    jonas.locator(".toast").hover()  # under the mouse it stays, and undo with it
    expect(handoff.locator("[data-judge=justified]")).to_have_attribute("aria-pressed", "true")
    expect(mira.locator(".handoff")).to_contain_text("Justified")
    jonas.keyboard.press("z")
    expect(jonas.locator(".toast", has_text="The judgement is withdrawn.")).to_be_visible()
    expect(handoff.locator("[aria-pressed=true]")).to_have_count(0)
    stack.wait_for(f"Escalation.objects.get(ticket={number}).judgement == ''")


def test_an_escalation_can_be_undone(stack: Stack, page_of: Callable[[str], Page]) -> None:
    number = int(stack.receive(mail("A strange question", "Can you look at my account for me?"))["ticket"])
    page = page_of("mira")
    page.goto(f"{stack.url}/desk/{number}/?view=open")
    expect(page.locator("#ticket-title")).to_have_text("A strange question")
    page.keyboard.press("Control+e")
    dialog = page.locator("#dialog-escalate")
    dialog.locator("[name=team]").select_option(label="Billing")
    dialog.locator("[name=next]").fill("Look at the account.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast")).to_contain_text("Escalated to Billing.")
    page.keyboard.press("z")
    expect(page.locator(".toast", has_text="The escalation is undone.")).to_be_visible()
    expect(page.locator(".handoff")).to_contain_text("undone")
    expect(page.locator(f"#row-{number}")).not_to_contain_text("escalated")
    stack.wait_for(f"Escalation.objects.get(ticket={number}).undone_at is not None")
