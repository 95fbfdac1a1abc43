"""Snoozing by keyboard: the dialog, undo, the view of snoozed tickets, and coming back."""

from collections.abc import Callable, Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

from tests.browser.stack import Stack
from tests.browser.test_accessibility import FINISH_ANIMATIONS, RULES
from tests.browser.web_alone.test_queue_views import recorded, says
from tests.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.services]

SEED = """
from tests.browser import seed
from tickets.models import Customer, Message, Ticket
seed.people()
for number in range(1, 16):
    customer = Customer.objects.create(name=f"Sleeper {number}", email=f"sleeper{number}@nap.example")
    ticket = Ticket.objects.create(customer=customer, subject=f"Nap {number}")
    Message.objects.create(ticket=ticket, kind="customer", text="Later.", message_id=f"nap-{number}@nap.example")
"""
STATUS = "Ticket.objects.get(pk={}).status"
TIME_COMES = (
    "[Ticket.objects.filter(pk={}).update(wakes_at=timezone.now()), "
    "__import__('tickets.tasks', fromlist=['tasks']).wake_snoozed()]"
)
TIMES = "#dialog-snooze [data-time]"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The web process alone; the test calls the job."""
    stack = Stack(tmp_path_factory.mktemp("snooze"))
    stack.prepare(SEED)
    stack.start("web")
    yield stack
    stack.stop()


@pytest.fixture
def number(stack: Stack) -> int:
    """A ticket that no other test has."""
    taken: list[int] = stack.__dict__.setdefault("taken", [])
    taken.append(len(taken) + 1)
    return taken[-1]


@pytest.fixture
def page(stack: Stack, page_of: Callable[[str], Page], number: int) -> Page:
    page = page_of("mira")
    page.goto(f"{stack.url}/desk/{number}/?view=open")
    expect(page.locator("#search[aria-controls]")).to_be_attached()  # its scripts run
    expect(page.locator(f"#row-{number}")).to_be_visible()
    return recorded(page)


def status(stack: Stack, number: int, wanted: str) -> None:
    wait_until(lambda: stack.ask(STATUS.format(number)) == wanted)


def dialog(page: Page) -> None:
    page.keyboard.press("b")
    expect(page.locator("#dialog-snooze")).to_be_visible()
    expect(page.locator(TIMES).nth(4)).not_to_be_empty()


def snoozed(page: Page, stack: Stack, number: int, key: str = "3") -> None:
    page.keyboard.press("b")
    page.keyboard.press(key)
    expect(page.locator("#dialog-snooze")).to_be_hidden()
    status(stack, number, "snoozed")


def violations(page: Page) -> list[str]:
    page.evaluate(FINISH_ANIMATIONS)
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found]


def test_two_keys_snooze_and_z_undoes(page: Page, stack: Stack, number: int) -> None:
    """At once, also before the times have come."""
    snoozed(page, stack, number)
    says(page, "Snoozed until ")
    expect(page.locator("#ticket-header")).to_contain_text("snoozed · until ")
    expect(page.locator("#status")).to_have_value("snoozed")
    page.keyboard.press("z")
    says(page, "The ticket is as it was before.")
    status(stack, number, "open")
    expect(page.locator("#ticket-header")).not_to_contain_text("snoozed")


def test_each_choice_shows_its_time_and_that_is_what_it_does(page: Page, stack: Stack, number: int) -> None:
    dialog(page)
    expect(page.locator("[data-snooze='1h']")).to_be_focused()
    shown = page.locator("[data-snooze='week'] [data-time]").text_content()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.locator("[data-snooze='week']")).to_be_focused()
    page.keyboard.press("Enter")
    says(page, f"Snoozed until {shown}.")
    expect(page.locator("#ticket-header")).to_contain_text(f"until {shown}")


def test_when_its_time_comes_it_is_back_with_a_mark(page: Page, stack: Stack, number: int) -> None:
    snoozed(page, stack, number)
    page.goto(f"{stack.url}/desk/{number}/?view=snoozed")
    expect(page.locator(f"#row-{number}")).to_contain_text("until ")
    page.goto(f"{stack.url}/desk/?view=open")
    expect(page.locator("#rows .row").first).to_be_visible()
    expect(page.locator(f"#row-{number}")).to_have_count(0)
    stack.ask(TIME_COMES.format(number))
    expect(page.locator(f"#row-{number}")).to_contain_text("back from snooze")
    page.locator(f"#row-{number} a").click()
    expect(page.locator("#ticket-header")).to_contain_text("back from snooze")
    expect(page.locator("#timeline")).to_contain_text("Back from snooze")


def test_the_open_ticket_shows_that_its_time_has_come(page: Page, stack: Stack, number: int) -> None:
    snoozed(page, stack, number)
    expect(page.locator("#ticket-header")).to_contain_text("snoozed")
    stack.ask(TIME_COMES.format(number))
    expect(page.locator("#ticket-header")).to_contain_text("back from snooze")
    expect(page.get_by_role("button", name="Wake now")).to_have_count(0)


def test_wake_now(page: Page, stack: Stack, number: int) -> None:
    snoozed(page, stack, number, "6")
    says(page, "Snoozed until the customer replies.")
    page.get_by_role("button", name="Wake now").click()
    says(page, "The ticket is open again.")
    status(stack, number, "open")
    expect(page.get_by_role("button", name="Wake now")).to_have_count(0)
    expect(page.locator("#ticket-title")).to_be_focused()  # the button is gone
    page.keyboard.press("z")
    status(stack, number, "snoozed")


def test_a_time_in_the_past_is_refused_and_keeps_the_dialog(page: Page, stack: Stack, number: int) -> None:
    dialog(page)
    until = page.get_by_label("Another time")
    expect(until).not_to_have_value("")
    until.fill("2020-01-01T10:00")
    until.press("Enter")
    expect(page.locator("#snooze-error")).to_have_text("This time is in the past. Choose a later one.")
    expect(until).to_be_focused()
    expect(page.locator("#dialog-snooze")).to_be_visible()
    assert stack.ask(STATUS.format(number)) == "open"
    page.keyboard.press("Escape")
    expect(page.locator("#dialog-snooze")).to_be_hidden()
    dialog(page)
    expect(page.locator("#snooze-error")).to_be_hidden()
    until.fill(stack.ask("(timezone.localtime() + timedelta(days=40)).strftime('%Y-%m-%dT10:00')"))
    until.press("Enter")
    says(page, " 10:00.")
    status(stack, number, "snoozed")


def test_without_the_times_the_choices_work_and_a_failed_one_keeps_the_dialog(
    page: Page, stack: Stack, number: int
) -> None:
    def broken(route: Route) -> None:
        route.fulfill(status=409, body='{"error": "Not now."}', headers={"Content-Type": "application/json"})

    page.route("**/snooze", broken)
    page.keyboard.press("b")
    page.keyboard.press("1")
    expect(page.locator("#snooze-error")).to_have_text("Not now.")
    expect(page.locator(TIMES).nth(0)).to_be_empty()
    page.unroute("**/snooze")
    page.keyboard.press("1")
    expect(page.locator("#dialog-snooze")).to_be_hidden()
    status(stack, number, "snoozed")


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_the_dialog_and_the_view_can_be_used_by_everybody(
    page: Page, stack: Stack, number: int, colours: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=colours)
    for width in (1440, 360):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"{stack.url}/desk/{number}/?view=snoozed")
        expect(page.locator("#search[aria-controls]")).to_be_attached()
        dialog(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        box = "(dialog) => dialog.scrollWidth <= dialog.clientWidth"
        assert page.locator("#dialog-snooze").evaluate(box)
        assert violations(page) == []
        page.keyboard.press("2")
        status(stack, number, "snoozed")
        expect(page.get_by_role("button", name="Wake now")).to_be_visible()
        page.get_by_role("button", name="Dismiss").click()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_several_are_snoozed_at_once(page: Page, stack: Stack, number: int) -> None:
    page.keyboard.press("x")
    page.keyboard.press("b")
    expect(page.locator("#snooze-title")).to_have_text("Snooze 1 ticket")
    page.keyboard.press("6")
    says(page, "1 ticket snoozed.")
    status(stack, number, "snoozed")
    page.keyboard.press("z")
    status(stack, number, "open")
    expect(page.locator("#ticket-header")).not_to_contain_text("snoozed")
