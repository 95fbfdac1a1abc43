"""Several tickets at once, where it could go wrong: held keys, lists that change meanwhile, requests that fail."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.stack import Stack
from tests.browser.web_alone import test_bulk
from tests.browser.web_alone.test_bulk import BULK, button, count, numbers, opened, selected, shown, tick, titled
from tests.browser.web_alone.test_queue_views import CHANGE, comes, says

pytestmark = [pytest.mark.browser, pytest.mark.services]

stack, nothing_changed = test_bulk.stack, test_bulk.nothing_changed  # the same tickets, in a stack of this file

CLOSED = "Ticket.objects.filter(pk={}).update(status='closed', closed_at=timezone.now())"
OPEN = "Ticket.objects.filter(pk={}).update(status='open')"
SINGLE_KEYS = "User.objects.filter(username='mira').update(single_keys={})"
CLOSE, MORE = re.compile(r"/desk/\d+/close$"), re.compile(r"/desk/queue\?.*after=")
GONE = re.compile("row-gone")
REST, IDLE = 400, 20_000  # milliseconds, as in static/js/queue/stillness.js
SOON = 10_000  # after IDLE rows go in any case


@pytest.fixture
def page(stack: Stack, page_of: Callable[[str], Page]) -> Page:
    return live(page_of("mira"), stack, "?view=open")


def live(page: Page, stack: Stack, address: str) -> Page:
    """Changes by others are announced to it already."""
    heard: list[Any] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: heard.append(frame)))
    shown(page, stack, address)
    comes(page, heard)
    return page


def timed(page: Page, stack: Stack) -> Page:
    """Its clock can be put forward."""
    page.clock.install()
    return live(page, stack, "?view=open")


def change(stack: Stack, asked: str) -> None:
    """As if somebody else had done it."""
    stack.ask(asked)
    stack.ask(CHANGE)


def away(page: Page) -> None:
    page.mouse.move(800, 500)


def hold(page: Page, key: str = "Enter") -> None:
    """Several keydown events, of which all but the first are repeated ones."""
    for _ in range(5):
        page.keyboard.down(key)
    page.keyboard.up(key)


def sent(page: Page, address: re.Pattern[str]) -> list[str | None]:
    """What is sent there from now on."""
    seen: list[str | None] = []
    page.on("request", lambda asked: seen.append(asked.post_data) if address.search(asked.url) else None)
    return seen


# --- messages -------------------------------------------------------------------------------------


def test_a_message_that_the_pointer_has_left_can_be_undone_for_ten_seconds(stack: Stack, page_of: Any) -> None:
    page = timed(page_of("mira"), stack)
    tick(page, 1)
    page.keyboard.press("p")
    page.keyboard.press("4")
    message = page.locator("#toasts .toast")
    expect(message).to_contain_text("Priority of 1 ticket: Urgent.")
    message.hover()
    away(page)
    page.clock.run_for(8_000)
    expect(message).to_be_visible()
    message.hover()
    page.clock.run_for(20_000)
    expect(message).to_be_visible()
    away(page)
    page.clock.run_for(3_000)
    expect(message).to_have_count(0)


# --- keys -----------------------------------------------------------------------------------------


def test_held_enter_in_the_menu_opens_a_dialog_and_chooses_nothing(page: Page) -> None:
    asked = sent(page, BULK)
    tick(page, 1)
    page.keyboard.press(".")
    expect(page.locator("#bulk-bar [data-bulk=assign]")).to_be_focused()
    hold(page)
    titled(page, "Assign 1 ticket")
    page.keyboard.press("m")
    says(page, "1 ticket assigned to Mira Lindqvist.")
    assert len(asked) == 1


def test_held_enter_in_the_menu_closes_nothing(page: Page) -> None:
    asked = sent(page, BULK)
    tick(page, 4)
    page.keyboard.press(".")
    page.keyboard.press("End")
    hold(page)
    titled(page, "Close 1 ticket")
    assert asked == []
    page.keyboard.press("Enter")
    says(page, "1 ticket closed.")
    assert len(asked) == 1


def test_held_enter_closes_no_ticket_without_a_reply(stack: Stack, page: Page) -> None:
    asked = sent(page, CLOSE)
    page.locator("#row-1 a").click()
    opened(page, "Bulk one")
    page.keyboard.press("Control+d")
    page.keyboard.down("Enter")
    expect(page.locator("#close-unanswered")).to_be_visible()
    hold(page)
    page.keyboard.press("Escape")
    page.keyboard.press("p")
    page.keyboard.press("4")
    says(page, "Priority: Urgent")  # a request after those of the held key
    assert asked == ["tags=&ask=1"]
    assert stack.ask("Ticket.objects.get(pk=1).status") == "open"


def test_enter_once_more_before_the_answer_sends_nothing(page: Page) -> None:
    held: list[Route] = []
    page.route(CLOSE, lambda route: held.append(route))
    page.locator("#row-1 a").click()
    opened(page, "Bulk one")
    page.keyboard.press("Control+d")
    page.keyboard.press("Enter")
    comes(page, held)
    page.keyboard.press("Enter")
    held.pop().continue_()
    expect(page.locator("#close-unanswered")).to_be_visible()
    assert held == []


def test_a_key_that_the_menu_shows_runs_its_item(page: Page) -> None:
    tick(page, 1)
    titles = {
        "a": "Assign 1 ticket",
        "t": "Move 1 ticket to a team",
        "p": "Priority of 1 ticket",
        "#": "Add tags to 1 ticket",
    }
    for key, title in titles.items():
        page.keyboard.press(".")
        expect(page.locator("#bulk-bar [data-bulk=assign]")).to_be_focused()
        page.keyboard.press(key)
        titled(page, title)
        page.keyboard.press("Escape")
        expect(page.locator("dialog[open]")).to_have_count(0)
    selected(page, 1)


@pytest.fixture
def without_single_keys(stack: Stack, page: Page) -> Iterator[None]:
    stack.ask(SINGLE_KEYS.format("False"))
    live(page, stack, "?view=open")
    yield
    stack.ask(SINGLE_KEYS.format("True"))


@pytest.mark.usefixtures("without_single_keys")
def test_without_single_keys_rows_are_selected_by_tab_and_space(page: Page) -> None:
    page.locator("#row-2 a").focus()
    page.keyboard.press("Shift+Tab")
    expect(page.locator("#row-2 [data-select]")).to_be_focused()
    page.keyboard.press("Space")
    selected(page, 2)
    page.locator("#bulk-bar summary").click()
    page.keyboard.press("p")  # a letter moves in the menu, and no more
    expect(page.locator("#bulk-bar [data-bulk=priority]")).to_be_focused()


def test_with_single_keys_tab_goes_from_row_to_row(page: Page) -> None:
    page.locator("#row-2 a").focus()
    page.keyboard.press("Shift+Tab")
    expect(page.locator("#row-1 a")).to_be_focused()


def test_a_narrow_screen_that_shows_a_ticket_means_it(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    tick(page, 2)
    tick(page, 3)
    page.locator("#row-1 a").click()
    opened(page, "Bulk one")
    expect(page.locator("#queue")).not_to_be_visible()
    page.keyboard.press("Control+d")
    titled(page, "Close and tag")


# --- a list that changes meanwhile ----------------------------------------------------------------


def fifty(page: Page, stack: Stack) -> None:
    """All rows that are loaded, of a list that goes on; more are never answered."""
    page.route(MORE, lambda route: None)
    live(page, stack, "?view=pending")
    tick(page, numbers(page)[0])
    button(page, "Select all")
    count(page, "50 selected")


def test_select_all_does_not_come_back_to_a_ticket_that_left(stack: Stack, page: Page) -> None:
    fifty(page, stack)
    button(page, "Select all 60")
    count(page, "60 selected")
    fourth = numbers(page)[3]
    away(page)
    change(stack, OPEN.format(fourth))
    expect(page.locator(f"#row-{fourth}")).to_have_count(0)
    count(page, "59 selected")
    expect(page.locator("#bulk-bar [data-part=all]")).not_to_be_visible()


def test_select_all_asks_which_tickets_there_are_now(stack: Stack, page: Page) -> None:
    fifty(page, stack)
    expect(page.locator("#bulk-bar [data-part=all]")).to_have_text("Select all 60")
    stack.ask(OPEN.format(64))  # it has no row
    button(page, "Select all 60")
    count(page, "59 selected")


def test_select_all_leaves_out_rows_that_are_only_still_shown(stack: Stack, page: Page) -> None:
    tick(page, 1)
    page.locator("#row-3").hover()
    change(stack, CLOSED.format(2))
    expect(page.locator("#row-2")).to_have_class(GONE)
    page.locator("#bulk-bar [data-part=all]").evaluate("each => each.click()")  # the pointer stays
    selected(page, 1, 3, 4)


def test_the_last_row_of_a_list_that_goes_on_is_deselected_when_it_leaves(stack: Stack, page: Page) -> None:
    page.route(MORE, lambda route: None)
    live(page, stack, "?view=pending")
    last = numbers(page)[-1]
    tick(page, last)
    count(page, "1 selected")
    away(page)
    change(stack, OPEN.format(last))
    expect(page.locator(f"#row-{last}")).to_have_count(0, timeout=SOON)
    expect(page.locator("#bulk-bar")).not_to_be_visible()
    expect(page.locator("#rows .row")).to_have_count(50)  # scrolled down too, the next one is shown


def test_the_row_of_the_open_ticket_is_deselected_when_it_goes(stack: Stack, page: Page) -> None:
    page.locator("#row-1 a").click()
    opened(page, "Bulk one")
    tick(page, 1)
    count(page, "1 selected")
    away(page)
    change(stack, CLOSED.format(1))
    expect(page.locator("#row-1")).to_have_class(GONE)
    page.locator("#row-2 a").click()
    opened(page, "Bulk two")
    away(page)
    expect(page.locator("#row-1")).to_have_count(0, timeout=SOON)
    expect(page.locator("#bulk-bar")).not_to_be_visible()


def test_a_click_on_a_checkbox_keeps_no_row_in_its_place(stack: Stack, page: Page) -> None:
    tick(page, 1)
    expect(page.locator("#rows :focus")).to_have_count(0)
    away(page)
    change(stack, CLOSED.format(2))
    expect(page.locator("#row-2")).to_have_count(0, timeout=SOON)
    selected(page, 1)


def test_the_button_for_what_is_new_keeps_the_focus(stack: Stack, page: Page) -> None:
    timed(page, stack)
    page.locator("#row-2 a").focus()
    change(stack, CLOSED.format(4))
    news = page.locator("#new-rows")
    expect(news).to_have_text("Updated ↑")
    expect(news).to_have_js_property("inert", False)
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(news).to_be_focused()
    page.clock.fast_forward(REST)
    expect(news).to_be_focused()
    expect(page.locator("#row-4")).to_have_class(GONE)
    page.clock.fast_forward(IDLE)  # nobody is there: the button goes, the focus does not
    expect(page.locator("#row-4")).to_have_count(0)
    expect(page.locator("#row-1 a")).to_be_focused()


def test_a_row_that_goes_leaves_the_focus_to_the_next(stack: Stack, page: Page) -> None:
    timed(page, stack)
    page.locator("#row-2 a").focus()
    change(stack, CLOSED.format(2))
    expect(page.locator("#row-2")).to_have_class(GONE)
    page.clock.fast_forward(IDLE)
    expect(page.locator("#row-2")).to_have_count(0)
    expect(page.locator("#row-3 a")).to_be_focused()
