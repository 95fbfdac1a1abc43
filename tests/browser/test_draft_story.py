"""Drafts that stream in front of one or two members, and what can be undone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.stack import Stack, mail

pytestmark = [pytest.mark.browser, pytest.mark.model, pytest.mark.services]


def test_a_draft_on_demand_streams_without_moving_the_page(stack: Stack, page_of: Callable[[str], Page]) -> None:
    number = stack.receive(mail("Calendar is slow", "How long until a booking shows in my Google calendar?"))["ticket"]
    stack.wait_for(f"Draft.objects.filter(ticket={number}, state='ready').exists()")
    page = page_of("mira")
    page.goto(f"{stack.url}/desk/{number}/")
    expect(page.locator("#editor .cite").first).to_be_visible()

    def place() -> tuple[int, int, int]:
        box = page.locator("#composer").bounding_box()
        assert box is not None
        return round(box["x"]), round(box["y"]), round(box["height"])

    before, places = place(), set()
    page.locator("#ticket-title").click()
    with stack.held_drafts():
        page.keyboard.press("g")
        expect(page.locator("#draft-stop")).to_be_visible()
        places.add(place())
        expect(page.locator("#editor")).to_contain_text("5 business days")  # its first half
        places.add(place())
    while page.locator("#draft-stop").is_visible():
        places.add(place())
    assert places == {before}
    expect(page.locator("#draft-number")).to_have_text("AI draft 2 of 2")


def test_two_agents_see_the_same_draft(stack: Stack, page_of: Callable[[str], Page]) -> None:
    asked = mail("Password link", "The link to reset my password does not work any more. Why?")
    number = stack.receive(asked)["ticket"]
    stack.wait_for(f"Draft.objects.filter(ticket={number}).exclude(state__in=['queued', 'writing']).exists()")
    mira, jonas = page_of("mira"), page_of("jonas")
    for page in (mira, jonas):
        page.goto(f"{stack.url}/desk/{number}/")
        expect(page.locator("#figures-state")).not_to_be_empty()
    mira.locator("#ticket-title").click()
    with stack.held_drafts():
        mira.keyboard.press("g")
        for page in (mira, jonas):
            expect(page.locator("#draft-number")).to_have_text("AI draft 2 of 2")
            expect(page.locator("#draft-stop")).to_be_visible()
            expect(page.locator("#editor")).to_contain_text("5 business days")  # its first half
    for page in (mira, jonas):
        expect(page.locator("#draft-stop")).to_be_hidden()
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
