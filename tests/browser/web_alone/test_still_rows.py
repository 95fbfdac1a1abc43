"""A live update moves no row that an agent is about to click."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.stack import Stack
from tests.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.services]

SEED = """
from tests import cast
from tests.browser import seed
seed.people()
"""
# The newest is the first row.
FRESH = """[Ticket.objects.all().delete(), Ticket.objects.bulk_create([
    Ticket(pk=n, customer=Customer.objects.get_or_create(name="Still Rows", email="still@rows.example")[0],
           subject=f"Ticket {n}", waiting_since=timezone.now(), created_at=timezone.now() + timedelta(seconds=n))
    for n in range(1, 1 + COUNT)])]"""
NEW = """Ticket.objects.bulk_create([Ticket(pk=PK, customer=Customer.objects.get(), subject="Ticket PK",
    waiting_since=timezone.now(), created_at=timezone.now() + timedelta(hours=PK))])"""
CLOSE = "Ticket.objects.filter(pk={}).update(status='closed', closed_at=timezone.now())"
# A message for every queue that is open, as after any change of a ticket.
CHANGE = "__import__('tickets.live', fromlist=['live']).ticket_changed(1, 'queue')"
NEWEST = "?view=open&sort=newest"
GONE = re.compile("row-gone")
FIRST = ["Ticket 6", "Ticket 5", "Ticket 4", "Ticket 3", "Ticket 2", "Ticket 1"]
REST = 20_000  # milliseconds, as in static/js/queue/stillness.js


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The web process alone."""
    stack = Stack(tmp_path_factory.mktemp("still"))
    stack.prepare(SEED)
    stack.start("web")
    yield stack
    stack.stop()


@pytest.fixture
def opened(stack: Stack, page_of: Callable[[str], Page]) -> Callable[..., Page]:
    """The queue with so many tickets; changes by others are announced to it already."""

    def opened(count: int = 6, *, clock: bool = False) -> Page:
        stack.ask(FRESH.replace("COUNT", str(count)).replace("\n", " "))
        page = page_of("mira")
        if clock:
            page.clock.install()
        heard: list[Any] = []
        page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: heard.append(frame)))
        page.goto(f"{stack.url}/desk/{NEWEST}")

        def there() -> bool:
            page.wait_for_timeout(20)  # handlers run only meanwhile
            return bool(heard)

        wait_until(there)
        return page

    return opened


@pytest.fixture
def change(stack: Stack) -> Callable[..., None]:
    """As if somebody else had done it."""

    def change(*asked: str) -> None:
        for each in asked:
            stack.ask(each.replace("\n", " "))
        stack.ask(CHANGE)

    return change


def new(number: int) -> str:
    return NEW.replace("PK", str(number))


def renamed(number: int) -> str:
    return f"Ticket.objects.filter(pk={number}).update(subject='Renamed {number}')"


def has(page: Page, *subjects: str) -> None:
    expect(page.locator("#rows .row-subject")).to_have_text(list(subjects))


def top(page: Page, row: int) -> float:
    box = page.locator(f"#row-{row}").bounding_box()
    assert box
    return box["y"]


def away(page: Page) -> None:
    page.mouse.move(900, 500)


def test_a_row_under_the_pointer_stays_and_the_new_ones_come_when_it_has_left(
    opened: Callable[..., Page], change: Callable[..., None]
) -> None:
    page = opened()
    page.locator("#row-4").hover()
    was = top(page, 4)
    change(new(7), new(8), CLOSE.format(5), renamed(3))
    expect(page.locator("#new-rows")).to_have_text("2 new ↑")
    has(page, "Ticket 6", "Ticket 5", "Ticket 4", "Renamed 3", "Ticket 2", "Ticket 1")
    expect(page.locator("#row-5")).to_have_class(GONE)
    expect(page.locator("#views [aria-current] .count")).to_have_text("7")
    assert top(page, 4) == was
    page.mouse.down()
    page.mouse.up()
    expect(page.locator("#ticket-title")).to_contain_text("Ticket 4")
    assert top(page, 4) == was
    away(page)
    has(page, "Ticket 8", "Ticket 7", "Ticket 6", "Ticket 4", "Renamed 3", "Ticket 2", "Ticket 1")
    expect(page.locator("#new-rows")).to_be_hidden()


def test_a_row_that_has_left_can_still_be_clicked_and_goes_later(
    opened: Callable[..., Page], change: Callable[..., None]
) -> None:
    page = opened()
    page.locator("#row-4").hover()
    change(CLOSE.format(4), CLOSE.format(2))
    expect(page.locator("#new-rows")).to_have_text("Updated ↑")
    expect(page.locator("#row-4")).to_have_class(GONE)
    page.locator("#row-4").click()
    expect(page.locator("#ticket-title")).to_contain_text("Ticket 4")
    has(page, *FIRST)
    page.keyboard.press("j")
    expect(page.locator("#ticket-title")).to_contain_text("Ticket 3")
    page.keyboard.press("j")  # not the one that has left
    expect(page.locator("#ticket-title")).to_contain_text("Ticket 1")
    away(page)
    has(page, "Ticket 6", "Ticket 5", "Ticket 3", "Ticket 1")


def test_a_row_that_comes_back_is_no_longer_grey(opened: Callable[..., Page], change: Callable[..., None]) -> None:
    page = opened()
    page.locator("#row-4").hover()
    change(CLOSE.format(5))
    expect(page.locator("#row-5")).to_have_class(GONE)
    change("Ticket.objects.filter(pk=5).update(status='open', closed_at=None)")
    expect(page.locator("#row-5")).not_to_have_class(GONE)
    expect(page.locator("#new-rows")).to_be_hidden()


def test_the_button_shows_what_waits_at_once_and_by_keyboard_leads_to_the_rows(
    opened: Callable[..., Page], change: Callable[..., None]
) -> None:
    page = opened()
    page.locator("#row-2").hover()
    change(new(7), renamed(2))
    page.locator("#new-rows").click()
    has(page, "Ticket 7", "Ticket 6", "Ticket 5", "Ticket 4", "Ticket 3", "Renamed 2", "Ticket 1")
    page.locator("#row-2").hover()
    change(new(8))
    expect(page.locator("#new-rows")).to_have_text("1 new ↑")
    expect(page.locator("#new-rows")).to_have_js_property("inert", False)
    page.locator("#new-rows").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#row-8 a")).to_be_focused()
    expect(page.locator("#new-rows")).to_be_hidden()


def test_the_focus_in_a_row_keeps_the_rows_until_it_goes(
    opened: Callable[..., Page], change: Callable[..., None]
) -> None:
    page = opened()
    page.locator("#row-6 a").focus()
    page.keyboard.press("ArrowDown")
    was = top(page, 5)
    change(new(7), renamed(5))
    expect(page.locator("#new-rows")).to_have_text("1 new ↑")
    expect(page.locator("#row-5 .row-subject")).to_have_text("Renamed 5")
    expect(page.locator("#row-5 a")).to_be_focused()
    assert top(page, 5) == was
    page.locator("#search").focus()
    expect(page.locator("#rows .row-subject").first).to_have_text("Ticket 7")


def test_a_pointer_that_rests_does_not_hold_the_rows_for_ever(
    opened: Callable[..., Page], change: Callable[..., None]
) -> None:
    page = opened(clock=True)
    page.locator("#row-4").hover()
    change(new(7))
    expect(page.locator("#new-rows")).to_have_text("1 new ↑")
    has(page, *FIRST)
    page.clock.fast_forward(REST)
    has(page, "Ticket 7", *FIRST)
    change(new(8))  # it still rests
    has(page, "Ticket 8", "Ticket 7", *FIRST)
    page.locator("#row-2").hover()
    change(new(9))
    expect(page.locator("#new-rows")).to_have_text("1 new ↑")
    has(page, "Ticket 8", "Ticket 7", *FIRST)


def test_a_row_that_is_pressed_is_not_made_anew_so_its_click_is_not_lost(
    opened: Callable[..., Page], change: Callable[..., None]
) -> None:
    page = opened()
    page.locator("#row-4 .row-subject").hover()
    page.mouse.down()
    with page.expect_response(re.compile("/desk/queue.*rows=")) as answer:
        change(renamed(4), new(7))
    answer.value.finished()
    page.mouse.up()
    expect(page.locator("#ticket-title")).to_contain_text("Renamed 4")
    expect(page.locator("#row-4 .row-subject")).to_have_text("Renamed 4")
    expect(page.locator("#new-rows")).to_have_text("1 new ↑")


def test_the_button_does_not_appear_under_the_pointer(opened: Callable[..., Page], change: Callable[..., None]) -> None:
    page = opened()
    page.locator("#row-6").hover(position={"x": 160, "y": 20})  # where the button would be
    change(new(7), renamed(6))
    has(page, "Renamed 6", *FIRST[1:])
    expect(page.locator("#new-rows")).to_be_hidden()
    page.locator("#row-3").hover()
    expect(page.locator("#new-rows")).to_be_visible()


def test_what_the_member_closes_is_grey_where_it_was(opened: Callable[..., Page], change: Callable[..., None]) -> None:
    page = opened()
    page.locator("#row-4").click()
    expect(page.locator("#ticket-title")).to_contain_text("Ticket 4")
    was = top(page, 3)
    change(CLOSE.format(4))
    expect(page.locator("#row-4")).to_have_class(GONE)
    assert top(page, 3) == was
    expect(page.locator("#new-rows")).to_be_hidden()  # nothing waits but the row of the open ticket
    page.keyboard.press("j")
    expect(page.locator("#ticket-title")).to_contain_text("Ticket 3")
    assert top(page, 3) == was
    away(page)
    has(page, "Ticket 6", "Ticket 5", "Ticket 3", "Ticket 2", "Ticket 1")


def test_further_rows_come_while_others_wait(opened: Callable[..., Page], change: Callable[..., None]) -> None:
    page = opened(60)
    expect(page.locator("#rows .row")).to_have_count(50)
    page.locator("#row-58").hover()
    change(new(61), renamed(57))
    expect(page.locator("#new-rows")).to_have_text("1 new ↑")
    expect(page.locator("#rows .row-gone")).to_have_count(0)  # the fiftieth is the fifty-first now
    page.locator("#more").scroll_into_view_if_needed()
    expect(page.locator("#rows .row")).to_have_count(60)
    page.locator("#new-rows").click()
    expect(page.locator("#rows .row-subject").first).to_have_text("Ticket 61")
    expect(page.locator("#row-57 .row-subject")).to_have_text("Renamed 57")  # it had been brought up to date before
