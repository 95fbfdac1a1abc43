"""The customer's other tickets beside a ticket: they come in without moving anything, and stay."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.stack import Stack, mail

pytestmark = [pytest.mark.browser, pytest.mark.model, pytest.mark.services]
IDA = "Ida Berg <ida@berg.example>"


@pytest.fixture
def ticket(stack: Stack) -> int:
    """The newest of three."""
    texts = ("Which rooms can I book?", "My key does not open the room.", "Where do I find the invoice of May?")
    return int([stack.receive(mail(text[:12], text, IDA))["ticket"] for text in texts][-1])


def test_lines_come_in_without_moving_anything_and_stay(
    ticket: int, stack: Stack, page_of: Callable[[str], Page]
) -> None:
    page, held, asked = page_of("mira"), list[Route](), list[str]()
    page.on("request", lambda request: asked.append(request.url) if f"/{ticket}/history" in request.url else None)
    page.route("**/history", lambda route: held.append(route))
    page.goto(f"{stack.url}/desk/{ticket}/")
    history, lines = page.locator(f"#history-{ticket}"), page.locator(".history-line")
    expect(history).to_have_class("history history-2 htmx-request")
    where = "document.querySelector('#triage').getBoundingClientRect().top"
    before = page.evaluate(where)
    held[0].continue_()
    expect(history.locator(".history-text")).to_contain_text("3 tickets in 90 days.")
    assert (page.evaluate(where), lines.count()) == (before, 0)
    expect(lines).to_have_count(2, timeout=60_000)
    assert page.evaluate(where) == before
    # The part around it is fetched again, and it stays as it is.
    page.unroute("**/history")
    with page.expect_response("**/context"):
        page.evaluate("window.htmx.trigger('#customer', 'refresh-context')")
    expect(lines).to_have_count(2)
    assert len(asked) == 2 and asked[1].endswith("/history/stream")
    # With keys a line that is cut off is read in full.
    page.locator(".history-row a").first.focus()
    page.keyboard.press("Tab")
    expect(lines.nth(1)).to_have_css("white-space", "normal")
    page.keyboard.press("Enter")
    expect(page.locator("#ticket-title")).to_contain_text("Which rooms")
