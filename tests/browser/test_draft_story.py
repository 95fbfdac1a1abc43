"""Drafts that come in front of one or two members, and what can be undone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.stack import IN_GERMAN, Stack, mail

pytestmark = [pytest.mark.browser, pytest.mark.model, pytest.mark.services]


def place(page: Page) -> tuple[int, int, int]:
    box = page.locator("#composer").bounding_box()
    assert box is not None
    return round(box["x"]), round(box["y"]), round(box["height"])


def places_until_finished(page: Page) -> set[tuple[int, int, int]]:
    found = {place(page)}
    while page.locator("#draft-stop").is_visible():
        found.add(place(page))
    return found


def test_a_draft_on_demand_is_there_before_the_model_answers_and_moves_nothing(
    stack: Stack, page_of: Callable[[str], Page]
) -> None:
    number = stack.receive(mail("Calendar is slow", "How long until a booking shows in my Google calendar?"))["ticket"]
    drafts = f"Draft.objects.filter(ticket={number})"
    stack.wait_for(f"{drafts}.filter(state='ready').exists()")
    page = page_of("mira")
    page.goto(f"{stack.url}/desk/{number}/")
    expect(page.locator("#editor .cite").first).to_be_visible()
    before, places = place(page), set()
    page.locator("#ticket-title").click()
    with stack.held_drafts():
        page.keyboard.press("g")
        expect(page.locator("#draft-number")).to_have_text("AI draft 2 of 2")
        expect(page.locator("#draft-stop")).to_be_visible()
        places.add(place(page))
        expect(page.locator("#editor")).to_contain_text("within 5 minutes")
        places.add(place(page))
    assert places | places_until_finished(page) == {before}

    with stack.held_drafts():  # once more, and stopped
        page.keyboard.press("g")
        expect(page.locator("#draft-number")).to_have_text("AI draft 3 of 3")
        stack.wait_for(f"{drafts}.filter(state='writing').exclude(text='').exists()")
        expect(page.locator("#editor")).to_contain_text("within 5 minutes")
        page.keyboard.press("Escape")
        expect(page.locator("#figures-state")).to_have_text("Stopped. The text so far is kept.")
    expect(page.locator("#editor")).to_contain_text("within 5 minutes")
    assert stack.ask(f"list({drafts}.values_list('state', flat=True))") == ["stopped", "ready", "ready"]


def test_two_agents_see_the_same_translation_come_and_nothing_moves(
    stack: Stack, page_of: Callable[[str], Page]
) -> None:
    """The article is English, the customer writes in German."""
    number = stack.receive(mail(*IN_GERMAN))["ticket"]
    stack.wait_for(f"Draft.objects.filter(ticket={number}, state='ready').exists()")
    mira, jonas = page_of("mira"), page_of("jonas")
    for page in (mira, jonas):
        page.goto(f"{stack.url}/desk/{number}/")
        expect(page.locator("#editor")).to_contain_text("Auf Deutsch: A second line")
    expect(mira.locator("#presence")).to_contain_text("Jonas")  # both are connected: what is announced comes
    before, places = place(mira), set()
    mira.locator("#ticket-title").click()
    with stack.held_texts():
        mira.keyboard.press("g")
        for page in (mira, jonas):
            expect(page.locator("#draft-number")).to_have_text("AI draft 2 of 2")
            expect(page.locator("#draft-stop")).to_be_visible()
            expect(page.locator("#editor")).not_to_contain_text("not a charge")
            expect(page.locator("#editor")).to_contain_text("Auf Deutsch: A second line")  # its first half
        places.add(place(mira))
    assert places | places_until_finished(mira) == {before}
    for page in (mira, jonas):
        expect(page.locator("#draft-stop")).to_be_hidden()
        expect(page.locator("#editor")).to_contain_text("not a charge")
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
