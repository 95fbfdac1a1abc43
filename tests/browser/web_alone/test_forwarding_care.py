"""Forwarding with more than one window, dialog or try at the same time: nothing is lost, mixed or told wrongly."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.composer import Held
from tests.browser.stack import Stack
from tests.browser.web_alone.test_forwarding import (  # noqa: F401
    ADDRESS,
    NOTHING,
    chips,
    forwards,
    number,
    opened,
    page,
    says,
    shown,
    to,
)

pytestmark = [pytest.mark.browser, pytest.mark.services]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The web process alone, with time to undo."""
    stack = Stack(tmp_path_factory.mktemp("forwarding_care"), UNDO_SEND_SECONDS="60")
    stack.prepare("from tests.browser import seed; seed.people()")
    stack.start("web")
    yield stack
    stack.stop()


def forwarded(page: Page, address: str, text: str = "") -> None:  # noqa: F811
    page.keyboard.press("m")
    opened(page)
    to(page, address)
    page.locator("#forward-text").fill(text)
    page.keyboard.press("Control+Enter")
    says(page, f"Forwarded to {address}.")


def addressed(page: Page, *addresses: str) -> None:  # noqa: F811
    expect(chips(page, "to").locator(".address-name")).to_have_text(list(addresses))


def test_an_undone_forward_waits_until_the_dialog_is_closed(stack: Stack, page: Page, number: int) -> None:  # noqa: F811
    forwarded(page, "kim@locks.example", "The first words.")
    held = Held(page, "**/undo-send")
    with page.expect_request("**/undo-send"):
        page.keyboard.press("z")
    page.keyboard.press("m")
    dialog = opened(page)
    to(page, "other@locks.example")
    held.let_go()
    says(page, "Forwarding undone. What you wrote is kept.")
    page.locator("#forward-text").fill("The second words.")
    page.keyboard.press("Escape")
    opened(page)  # the first comes back by itself
    addressed(page, "kim@locks.example")
    expect(page.locator("#forward-text")).to_have_value("The first words.")
    shown(page, stack, number)
    page.keyboard.press("m")
    opened(page)
    expect(page.locator("#forward-text")).to_have_value("The first words.")
    dialog.get_by_role("button", name="Start afresh").click()
    page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()
    page.keyboard.press("m")
    opened(page)
    addressed(page, "other@locks.example")
    expect(page.locator("#forward-text")).to_have_value("The second words.")
    expect(dialog.get_by_text(NOTHING)).to_be_visible()


def test_an_undone_forward_is_there_after_a_reload_beside_an_open_dialog(
    stack: Stack,
    page: Page,  # noqa: F811
    number: int,  # noqa: F811
) -> None:
    forwarded(page, "kim@locks.example", "The first words.")
    held = Held(page, "**/undo-send")
    with page.expect_request("**/undo-send"):
        page.keyboard.press("z")
    page.keyboard.press("m")
    opened(page)
    to(page, "other@locks.example")
    held.let_go()
    says(page, "Forwarding undone.")
    shown(page, stack, number)
    page.keyboard.press("m")
    opened(page)
    addressed(page, "kim@locks.example")


def test_undo_of_one_forward_is_not_mixed_with_one_that_may_have_been_sent(
    stack: Stack,
    page: Page,  # noqa: F811
    number: int,  # noqa: F811
) -> None:
    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    forwarded(page, "kim@locks.example", "Kim, please.")
    page.keyboard.press("m")
    dialog = opened(page)
    to(page, "boss@holm.example")
    page.locator("#forward-text").fill("Boss, the supplier is too slow.")
    page.route(ADDRESS, lose, times=1)
    page.keyboard.press("Control+Enter")
    again = dialog.get_by_role("button", name="Try again")
    expect(again).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()
    page.keyboard.press("z")
    says(page, "Forwarding undone.")
    expect(again).to_be_focused()  # what may have been sent is settled first
    addressed(page, "boss@holm.example")
    expect(page.locator("#forward-text")).to_have_value("Boss, the supplier is too slow.")
    page.keyboard.press("Enter")
    says(page, "Forwarded to boss@holm.example.")
    opened(page)
    addressed(page, "kim@locks.example")
    expect(page.locator("#forward-text")).to_have_value("Kim, please.")
    assert forwards(stack, number) == [
        [["to boss@holm.example"], "Boss, the supplier is too slow.", ["lock.pdf", "plan.pdf"]]
    ]
    page.keyboard.press("Control+Enter")
    says(page, "Forwarded to kim@locks.example.")
    assert [each[0] for each in forwards(stack, number)] == [["to boss@holm.example"], ["to kim@locks.example"]]


def test_another_tab_says_that_its_changed_forward_was_not_sent(stack: Stack, page: Page, number: int) -> None:  # noqa: F811
    page.keyboard.press("m")
    opened(page)
    to(page, "kim@locks.example")
    second = shown(page.context.new_page(), stack, number)
    second.keyboard.press("m")
    dialog = opened(second)  # what was typed in the first
    page.bring_to_front()
    page.locator("#forward-text").focus()
    page.keyboard.press("Control+Enter")
    says(page, "Forwarded to kim@locks.example.")
    second.bring_to_front()
    second.locator("#forward-to-input").focus()
    to(second, "carl@locks.example")
    second.keyboard.press("Control+Enter")
    expect(dialog.get_by_role("alert").filter(has_text="an earlier version of it had arrived already")).to_be_visible()
    expect(second.locator("#toasts")).not_to_contain_text("Forwarded")
    assert [each[0] for each in forwards(stack, number)] == [["to kim@locks.example"]]
    expect(second.locator("#forward-to-input")).to_be_focused()
    second.keyboard.press("Backspace")
    second.keyboard.press("Backspace")
    to(second, "carl@locks.example")
    second.keyboard.press("Control+Enter")
    says(second, "Forwarded to carl@locks.example.")
    assert [each[0] for each in forwards(stack, number)] == [["to kim@locks.example"], ["to carl@locks.example"]]


def test_a_try_after_undo_does_not_say_that_it_was_forwarded(stack: Stack, page: Page, number: int) -> None:  # noqa: F811
    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.keyboard.press("m")
    dialog = opened(page)
    to(page, "kim@locks.example")
    page.route(ADDRESS, lose, times=1)
    page.keyboard.press("Control+Enter")
    expect(dialog.get_by_role("button", name="Try again")).to_be_focused()
    stack.ask(f"OutgoingMail.objects.filter(message__ticket={number}).update(state='undone')")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert").filter(has_text="Not forwarded")).to_be_visible()
    page.keyboard.press("Control+Enter")
    says(page, "Forwarded to kim@locks.example.")
    assert len(forwards(stack, number)) == 1


def test_what_happens_to_an_address_is_told_inside_the_dialog(page: Page) -> None:  # noqa: F811
    """Outside of a modal dialog everything is inert: a screen reader hears nothing of #announce."""
    page.keyboard.press("m")
    dialog = opened(page)
    told = dialog.locator(":scope > .unseen[role=status]")
    to(page, "kim@locks.example")
    expect(told).to_have_text("kim@locks.example added.")
    page.keyboard.press("Backspace")
    expect(told).to_have_text("kim@locks.example removed.")
    page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()
    page.keyboard.press("z")
    expect(page.locator("#announce")).to_have_text("There is nothing to undo.")
