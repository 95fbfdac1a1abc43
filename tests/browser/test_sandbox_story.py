"""The team lead finds out why a question is not answered, tries other settings, saves them, and undoes it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.model, pytest.mark.services]


def test_a_lead_tries_settings_saves_them_and_takes_them_back(stack: Stack, page_of: Callable[[str], Page]) -> None:
    page = page_of("rosa")
    page.goto(f"{stack.url}/knowledge/sandbox/")
    page.keyboard.type("How long does the link to reset my password work?")
    page.get_by_role("button", name="Search").click()
    first = page.locator(".sandbox-stages tbody tr").first
    expect(first).to_contain_text("Reset your password")
    expect(first.locator(".sandbox-number").first).to_have_text("1")
    first.locator("summary").press("Enter")
    expect(first).to_contain_text("Forgot password")

    page.get_by_label("Minimum score").fill("0.99")
    page.get_by_role("button", name="Try").click()
    expect(page.locator(".sandbox-side").first).to_contain_text("Nothing relevant")
    expect(page.locator(".sandbox-side").last).to_contain_text("as shipped")
    expect(first).to_contain_text("gone")

    page.get_by_label("What changed, and why").fill("Only the very best")
    page.get_by_role("button", name="Save for everyone").click()
    expect(page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
    expect(page.locator(".sandbox-past")).to_contain_text("Only the very best")
    assert stack.ask("RetrievalConfiguration.objects.first().min_score") == 0.99

    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".sandbox-past")).to_contain_text("Back to as shipped")
    expect(page.locator(".sandbox-side").first).to_contain_text("passage")
    assert stack.ask("RetrievalConfiguration.objects.first().min_score") < 0.99
