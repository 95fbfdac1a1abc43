"""Finding a ticket by keys alone, and what the knowledge base has beside it."""

import re
from collections.abc import Callable
from contextlib import suppress
from email.message import EmailMessage

import pytest
from playwright.sync_api import Error, Page, Route, expect

from tests.browser.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.model, pytest.mark.services]


def mail(subject: str, text: str) -> str:
    message = EmailMessage()
    message["From"], message["To"] = "Tomas Okafor <tomas@okafor.example>", "support@tallybird.example"
    message["Subject"], message["Message-ID"] = subject, f"<{subject.replace(' ', '-').lower()}@okafor.example>"
    message.set_content(text)
    return message.as_string()


@pytest.fixture
def two(stack: Stack) -> tuple[int, int]:
    """Two tickets that share a rare word."""
    return (
        stack.receive(mail("Zebra stripes", "How long does a pending authorisation stay on my card?"))["ticket"],
        stack.receive(mail("Zebra crossing", "Do you sell zebras?"))["ticket"],
    )


def test_search_shows_results_while_typing_and_keys_reach_them(
    two: tuple[int, int], stack: Stack, page_of: Callable[[str], Page]
) -> None:
    page = page_of("mira")
    page.goto(f"{stack.url}/desk/?view=open")
    page.keyboard.press("/")
    page.keyboard.type("zebr")
    expect(page.locator("#found")).to_contain_text("2 tickets found for “zebr”")
    expect(page.locator("#announce")).to_have_text("2 tickets found for “zebr”")  # for screen readers
    expect(page.locator("#search")).to_be_focused()
    assert page.url.endswith("q=zebr")
    # Enter waits for the results of the words as they are now.
    page.keyboard.type("a str")
    page.keyboard.press("Enter")
    expect(page.locator(":focus")).to_have_attribute("data-open", str(two[0]))
    page.keyboard.press("ArrowUp")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator(":focus")).to_have_attribute("data-open", str(two[0]))
    page.keyboard.press("Enter")
    expect(page.locator("#ticket-title")).to_have_text("Zebra stripes")
    page.keyboard.press("/")
    page.keyboard.press("Escape")
    expect(page.locator("#found")).to_have_count(0)
    expect(page.locator("#search")).to_have_value("")
    expect(page).to_have_url(re.compile("view=open$"))


def test_late_results_of_old_words_are_dropped(
    two: tuple[int, int], stack: Stack, page_of: Callable[[str], Page]
) -> None:
    page = page_of("mira")
    page.goto(f"{stack.url}/desk/?view=open")
    held: list[Route] = []
    page.route("**/desk/queue?q=zebra", lambda route: held.append(route))
    page.keyboard.press("/")
    with page.expect_request("**/desk/queue?q=zebra"):
        page.keyboard.type("zebra")
    page.keyboard.type(" crossing")
    expect(page.locator("#found")).to_contain_text("1 ticket found for “zebra crossing”")
    with suppress(Error):  # the page may have stopped listening already
        held[0].fulfill(body="<p>too late</p>")
    page.keyboard.press("Enter")
    expect(page.locator(":focus")).to_have_attribute("data-open", str(two[1]))
    expect(page.locator("#found")).to_contain_text("1 ticket found for “zebra crossing”")


def test_hits_appear_without_moving_what_is_below(
    two: tuple[int, int], stack: Stack, page_of: Callable[[str], Page]
) -> None:
    page = page_of("mira")
    held: list[Route] = []
    page.route("**/hits", lambda route: held.append(route))
    page.goto(f"{stack.url}/desk/{two[0]}/")
    expect(page.locator("#sources .skeleton")).to_have_count(0)
    expect(page.locator("#hits.htmx-request")).to_be_attached()
    where = "document.querySelector('#knowledge-search').getBoundingClientRect().top"
    before = page.evaluate(where)
    held[0].continue_()
    expect(page.locator("#hits .skeleton")).to_have_count(0)
    assert page.evaluate(where) == before


TOAST = """async (action) => {
  const url = performance.getEntriesByType("resource").find((each) => /\\/toast[.\\w]*\\.js$/.test(each.name)).name;
  const { toast } = await import(url);
  if (action) toast("Sent.", { action: { label: "Undo", run: () => {} }, seconds: 60 });
  else toast("Saved.", { seconds: 0.2 });
}"""


def test_a_message_that_comes_or_goes_does_not_move_the_focus(
    two: tuple[int, int], stack: Stack, page_of: Callable[[str], Page]
) -> None:
    page = page_of("mira")
    page.goto(f"{stack.url}/desk/{two[0]}/")
    page.locator("#editor").click()
    page.evaluate(TOAST, False)
    expect(page.locator(".toast")).to_have_count(0)
    expect(page.locator("#editor")).to_be_focused()
    # With the mouse the focus never leaves the text.
    page.evaluate(TOAST, True)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#editor")).to_be_focused()
    page.mouse.move(5, 5)  # a message under the pointer would wait
    # With keys it goes to the message, stays there when another one comes, and returns after use.
    page.evaluate(TOAST, True)
    undo = page.get_by_role("button", name="Undo")
    undo.focus()
    page.evaluate(TOAST, False)
    expect(page.locator(".toast")).to_have_count(1)
    expect(undo).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_have_count(0)
    expect(page.locator("#editor")).to_be_focused()


def test_on_a_phone_one_pane_is_shown_and_the_details_open_over_it(
    two: tuple[int, int], stack: Stack, page_of: Callable[[str], Page]
) -> None:
    page = page_of("mira")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{stack.url}/desk/?view=open")
    expect(page.locator("#content")).to_be_hidden()
    page.locator(f"#row-{two[0]} a").click()
    expect(page.locator("#ticket-title")).to_have_text("Zebra stripes")
    expect(page.locator("#queue")).to_be_hidden()
    expect(page.locator("#customer")).to_be_hidden()
    page.locator(".drawer-toggle").click()
    expect(page.locator("#customer")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#customer")).to_be_hidden()
    page.locator("[data-back]").click()
    expect(page.locator("#queue")).to_be_visible()
