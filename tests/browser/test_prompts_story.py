"""A lead changes a prompt with the keyboard, tries it on a ticket, puts it into use everywhere, and goes back."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.stack import SLOW_LANE, Stack, mail

pytestmark = [pytest.mark.browser, pytest.mark.model, pytest.mark.services]


def test_a_lead_changes_a_prompt_tries_it_and_goes_back(stack: Stack, page_of: Callable[[str], Page]) -> None:
    ticket = stack.receive(mail("Two lines", "How long does a pending authorisation stay on my card?"))["ticket"]
    page = page_of("rosa")
    page.goto(f"{stack.url}/copilot/prompts/")
    page.get_by_role("link", name="Which sources answer").press("Enter")
    page.get_by_label("Task").press("Control+End")
    page.keyboard.type(" Be brief.")
    page.get_by_role("button", name="Move example 2 up").press("Enter")
    expect(page.locator("#example-0 textarea").first).to_be_focused()
    page.get_by_label("What changed, and why").press_sequentially("Shorter")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text(["Saved as a draft"])

    calls = "ModelCall.objects.filter(draft=None).count()"
    before = stack.ask(calls)
    page.get_by_role("link", name="Try on past tickets").press("Enter")
    page.get_by_label("Other tickets, by number").fill(str(ticket))
    page.keyboard.press("Enter")
    expect(page.locator("#trial")).to_contain_text("Ready", timeout=SLOW_LANE * 1000)
    case = page.locator("#trial section", has_text=f"#{ticket}")
    expect(case.locator(".draft-text")).to_have_count(2)
    assert stack.ask(calls) == before, "a trial's calls are not the desk's"

    page.get_by_role("link", name="Version 1").press("Enter")
    used = "any('Be brief.' in call.messages[0]['content'] for call in ModelCall.objects.filter(purpose='point'))"
    assert stack.ask(used) is False
    page.get_by_role("button", name="Put into use").press("Enter")
    expect(page.get_by_role("status").filter(has_text="In use.")).to_be_visible()
    assert any(drafted(stack, number) and stack.ask(used) for number in range(10)), "in use within seconds"

    page.get_by_role("link", name="As shipped").press("Enter")
    page.get_by_role("button", name="Go back to the shipped version").press("Enter")
    expect(page.locator("h1")).to_contain_text("as shipped")


def drafted(stack: Stack, number: int) -> bool:
    """One more mail has its draft."""
    text = f"How long does a pending authorisation stay on my card number {number}?"
    ticket = stack.receive(mail(f"Another card {number}", text))["ticket"]
    return bool(stack.wait_for(f"Draft.objects.filter(ticket={ticket}, state='ready').exists()"))
