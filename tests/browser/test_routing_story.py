"""Rules found a signal that is none, so there is no draft. An agent says so, and one comes; undone, it goes."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.stack import Stack, mail
from tests.browser.test_triage_story import broken

pytestmark = [pytest.mark.browser, pytest.mark.model, pytest.mark.services]

ASKED = "How long does a pending authorisation stay on my card? The course that I sell is called “I will sue you”."


def test_a_wrongly_found_signal_is_dismissed_and_brought_back_by_keys(
    stack: Stack, page_of: Callable[[str], Page]
) -> None:
    number = int(stack.receive(mail("Pending authorisation", ASKED))["ticket"])
    stack.wait_for(f"Draft.objects.filter(ticket={number}, state='by_rule').exists()")
    page = page_of("mira")
    page.goto(f"{stack.url}/desk/{number}/?view=open")
    triage, row, figures = (page.locator(each) for each in ("#triage", f"#row-{number}", "#figures-state"))
    expect(triage).to_contain_text("Person now")
    expect(triage).to_contain_text("Rule 1: the sensitive signal “Legal threat”: “will sue”")
    expect(row).to_contain_text("by hand")
    expect(figures).to_contain_text("No draft by rule.")
    expect(page.locator("#sources")).to_contain_text("No draft by rule.")
    expect(page.locator("#draft-regenerate")).to_be_hidden()
    page.keyboard.press("g")
    expect(page.locator(".toast-bad")).to_contain_text("A person answers this one")

    page.keyboard.press("c")
    expect(page.locator("dialog[open] :focus")).to_be_attached()
    assert broken(page) == []
    page.keyboard.press("ArrowUp")  # from the first category to the last button
    expect(page.locator("dialog[open] :focus")).to_have_text("Not so")
    page.keyboard.press("Enter")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.locator(".toast", has_text="Not so: Legal threat").hover()  # under the mouse it stays, and undo with it
    expect(triage).to_contain_text("Person with draft")
    expect(triage).to_contain_text("not so, says Mira Lindqvist")
    expect(page.locator("#editor")).to_contain_text("within 5 business days")
    expect(row).to_contain_text("draft ready")
    expect(page.locator("#draft-regenerate")).to_be_visible()
    expect(page.locator("#timeline")).to_contain_text("Routed: person with draft (rule 4)")
    assert broken(page) == []

    page.keyboard.press("z")
    expect(page.locator(".toast", has_text="Brought back: Legal threat")).to_be_visible()
    expect(triage).to_contain_text("Person now")
    expect(triage).not_to_contain_text("not so")
    expect(page.locator("#editor")).to_have_text("")
    expect(row).to_contain_text("by hand")


def test_leads_have_a_way_to_the_rules(stack: Stack, page_of: Callable[[str], Page]) -> None:
    number = int(stack.receive(mail("My money", "I want my money back for the second charge on my card."))["ticket"])
    stack.wait_for(f"Draft.objects.filter(ticket={number}, state='by_rule', citations__isnull=False).exists()")
    page = page_of("rosa")
    page.goto(f"{stack.url}/desk/{number}/?view=by_hand")
    expect(page.locator("#triage")).to_contain_text("Person, no draft")
    expect(page.locator("#triage")).to_contain_text("Wants money back: you decide.")
    expect(page.locator("#sources")).to_contain_text("You decide. This is what the articles say:")
    page.locator("#triage").get_by_role("link", name="Rules").click()
    expect(page).to_have_url(f"{stack.url}/copilot/routing/")
