"""Several tickets at once: what fails is told and can be tried again, and nothing that can be undone is lost."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.stack import Stack
from tests.browser.web_alone import test_bulk
from tests.browser.web_alone.test_bulk import BULK, FOUR, count, opened, selected, tick
from tests.browser.web_alone.test_queue_views import UNREACHABLE, comes, says

pytestmark = [pytest.mark.browser, pytest.mark.services]

# The same tickets, in a stack of this file.
stack, nothing_changed, page = test_bulk.stack, test_bulk.nothing_changed, test_bulk.page

ASSIGNED = f"{FOUR}.exclude(assignee=None).count()"
UNDO = re.compile("/desk/undo$")
PRIORITIES = f"[each.priority for each in {FOUR}.order_by('pk')]"


def assign(page: Page, ticket: int) -> None:
    """To Mira, whose key is m."""
    tick(page, ticket)
    page.keyboard.press("a")
    page.keyboard.press("m")


def try_again(page: Page) -> None:
    says(page, "Try again")
    page.locator("#toasts").get_by_role("button", name="Try again").click()


def test_two_actions_are_undone_one_after_the_other(stack: Stack, page: Page) -> None:
    assign(page, 1)
    says(page, "1 ticket assigned")
    tick(page, 2)
    page.keyboard.press("p")
    page.keyboard.press("4")
    says(page, "Priority of 1 ticket: Urgent.")
    page.keyboard.press("z")
    says(page, "1 ticket is as it was before.")
    assert (stack.ask(PRIORITIES), stack.ask(ASSIGNED)) == ([2, 2, 2, 2], 1)
    page.evaluate("window.told.length = 0")
    page.keyboard.press("z")
    says(page, "1 ticket is as it was before.")
    assert stack.ask(ASSIGNED) == 0


@pytest.mark.parametrize("status", [429, 500])
def test_an_undo_that_fails_can_be_tried_again(stack: Stack, page: Page, status: int) -> None:
    assign(page, 1)
    says(page, "1 ticket assigned")
    page.route(UNDO, lambda route: route.fulfill(status=status, body="no"), times=1)
    page.keyboard.press("z")
    try_again(page)
    says(page, "1 ticket is as it was before.")
    assert stack.ask(ASSIGNED) == 0


def test_an_undo_of_the_open_ticket_that_fails_can_be_tried_again(stack: Stack, page: Page) -> None:
    page.locator("#row-1 a").click()
    opened(page, "Bulk one")
    page.keyboard.press("p")
    page.keyboard.press("4")
    says(page, "Priority: Urgent")
    page.route(UNDO, lambda route: route.fulfill(status=500, body="no"), times=1)
    page.keyboard.press("z")
    try_again(page)
    says(page, "Undone. The ticket is as it was before.")
    assert stack.ask(PRIORITIES) == [2, 2, 2, 2]


def test_an_undo_that_is_refused_offers_no_other_try(page: Page) -> None:
    assign(page, 1)
    says(page, "1 ticket assigned")
    page.route(UNDO, lambda route: route.fulfill(status=403, json={"error": "You may not."}))
    page.keyboard.press("z")
    expect(page.locator("#toasts .toast-bad")).to_be_visible()
    expect(page.locator("#toasts").get_by_role("button", name="Try again")).to_have_count(0)


def test_all_is_undone_although_an_answer_was_lost(stack: Stack, page: Page) -> None:
    """The server has changed them, and the browser does not know it."""

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route(BULK, lose, times=1)
    tick(page, 1)
    assign(page, 2)
    says(page, "0 of 2 tickets are done, perhaps 2 more.")
    assert stack.ask(ASSIGNED) == 2
    try_again(page)
    says(page, "2 tickets assigned to Mira Lindqvist.")
    page.keyboard.press("z")
    says(page, "2 tickets are as they were before.")
    assert stack.ask(ASSIGNED) == 0


def test_an_answer_that_is_a_page_of_somebody_else_is_told(stack: Stack, page: Page) -> None:
    page.route(BULK, lambda route: route.fulfill(status=200, content_type="text/html", body="<p>Log in."), times=1)
    assign(page, 1)
    says(page, f"0 of 1 tickets are done, perhaps 1 more. {UNREACHABLE}")
    count(page, "1 selected")
    assert stack.ask(ASSIGNED) == 0
    try_again(page)
    says(page, "1 ticket assigned to Mira Lindqvist.")
    selected(page)


def test_trying_again_while_something_else_runs_is_offered_once_more(stack: Stack, page: Page) -> None:
    held: list[Route] = []
    tick(page, 1)
    page.route(BULK, lambda route: route.abort(), times=1)
    page.keyboard.press("p")
    page.keyboard.press("4")
    says(page, "0 of 1 tickets are done, perhaps 1 more.")
    page.route(BULK, lambda route: held.append(route), times=1)
    page.keyboard.press("a")
    page.keyboard.press("m")
    comes(page, held)
    try_again(page)
    says(page, "Tickets are still being changed.")
    expect(page.locator("#toasts").get_by_role("button", name="Try again")).to_be_visible()
    held.pop().continue_()
    expect(page.locator("#bulk-bar")).not_to_be_visible()
    assert (stack.ask(PRIORITIES), stack.ask(ASSIGNED)) == ([2, 2, 2, 2], 1)


def test_without_teams_the_menu_says_so(stack: Stack, page: Page) -> None:
    stack.ask("Team.objects.all().delete()")  # no other test here needs one
    test_bulk.shown(page, stack, "?view=open")
    tick(page, 1)
    page.locator("#bulk-bar summary").click()
    page.locator("#bulk-bar [data-bulk=team]").click()
    says(page, "There are no teams yet. An admin can add one.")
    expect(page.locator("#bulk-bar details[open]")).to_have_count(0)
    expect(page.locator("dialog[open]")).to_have_count(0)
    selected(page, 1)
