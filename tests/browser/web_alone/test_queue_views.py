"""The queue by keyboard: filters, orders, search, views of one's own, and what rows show."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from tests.browser.stack import Stack
from tests.browser.test_accessibility import COLOURS, FINISH_ANIMATIONS, RULES
from tests.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.services]

SEED = """
from django.utils import timezone
from tests import cast
from tests.browser import seed
from tickets.models import Tag, Ticket
from tickets.search import index_ticket
seed.people()
refund, export = Tag.objects.create(name="refund"), Tag.objects.create(name="export")
tomas, lena = cast.tomas(), cast.lena()
for subject, customer, priority, tags in (
    ("Charged twice", tomas, 4, [refund]),
    ("Money back please", lena, 3, [refund]),
    ("Export stops", tomas, 4, [export]),
    ("How do I invite colleagues?", lena, 2, []),
):
    ticket = cast.new_ticket(customer, subject=subject, priority=priority)
    ticket.tags.set(tags)
    index_ticket(ticket)
cast.new_ticket(tomas, subject="All solved", status="pending", priority=4)
old = {"customer": tomas, "status": "closed", "closed_at": timezone.now()}
Ticket.objects.bulk_create([Ticket(subject=f"Old {n}", **old) for n in range(60)])
"""
OPEN = ["Charged twice", "Export stops", "Money back please", "How do I invite colleagues?"]
SAVED = "SavedView.objects.create(name={!r}, owner=User.objects.get(username='mira'), audience={!r}, {}).pk"
REFUNDS = "filters={'tag': ['1']}, order='work'"
# A message for every queue that is open, as after any change of a ticket.
CHANGE = "__import__('tickets.live', fromlist=['live']).ticket_changed(1, 'queue')"
PANEL, COUNT, ROWS = (re.compile(rf"/desk/queue{path}\?") for path in ("/filters", "/filters/count", ""))
GONE = "This view is gone, or no longer shared with you."
UNREACHABLE = "Copydesk cannot be reached right now."
TOO_WIDE = "(parts) => [...document.querySelectorAll(parts)].some((each) => each.scrollWidth > each.clientWidth)"
RECORD = """window.told = [];
const note = (box) => window.told.push(box.textContent);
const all = (changes) => changes.forEach(({ addedNodes }) => addedNodes.forEach(note));
new MutationObserver(all).observe(document.getElementById("toasts"), { childList: true });"""
OVERLAP = """() => {
  const found = [...document.querySelectorAll("#views > a, #more-views > summary")];
  const parts = found.map((each) => each.getBoundingClientRect());
  const beside = (one, two) => one.right <= two.left || two.right <= one.left;
  const below = (one, two) => one.bottom <= two.top || two.bottom <= one.top;
  return parts.some((one, at) => parts.slice(at + 1).some((two) => !beside(one, two) && !below(one, two)));
}"""
# Enter that an input method takes for itself, as Safari sends it: after the composition has ended.
COMPOSED_ENTER = {"type": "keyDown", "key": "Enter", "code": "Enter", "text": "\r", "windowsVirtualKeyCode": 229}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The web process alone."""
    stack = Stack(tmp_path_factory.mktemp("views"))
    stack.prepare(SEED)
    stack.start("web")
    yield stack
    stack.stop()


@pytest.fixture(autouse=True)
def nothing_chosen(stack: Stack) -> None:
    """What an earlier test has saved or changed is gone."""
    stack.ask("[SavedView.objects.all().delete(), User.objects.update(row_details=None, language='')]")
    stack.ask("Ticket.objects.filter(status='open').update(waiting_since=models.F('created_at'), assignee=None)")
    stack.ask("[Tag.objects.filter(pk__gt=2).delete(), Tag.objects.filter(pk=1).update(name='refund')]")


@pytest.fixture
def page(stack: Stack, page_of: Callable[[str], Page]) -> Page:
    return shown(page_of("mira"), stack, "?view=open")


def shown(page: Page, stack: Stack, address: str) -> Page:
    page.goto(f"{stack.url}/desk/{address}")
    expect(page.locator("#search[aria-controls]")).to_be_attached()  # its scripts run
    return page


def saved(stack: Stack, name: str, shows: str = REFUNDS, audience: str = "owner") -> int:
    return int(stack.ask(SAVED.format(name, audience, shows)))


def change(stack: Stack, view: int, values: str) -> None:
    """As if somebody else had done it, but without a message."""
    stack.ask(f"SavedView.objects.filter(pk={view}).update({values})")


def has(page: Page, *subjects: str) -> None:
    expect(page.locator("#rows .row-subject")).to_have_text(list(subjects))


def panel(page: Page) -> Any:
    """Opens the panel of filters with its key."""
    page.keyboard.press("f")
    expect(page.locator("#filters")).to_be_visible()
    return page.locator("#filters")


def filter_by(page: Page, *choices: tuple[str, str]) -> None:
    """Shows what is chosen with Enter."""
    filters = panel(page)
    for field, choice in choices:
        filters.locator(f"[data-field='{field}']").get_by_label(choice, exact=True).check()
    page.keyboard.press("Enter")
    expect(page.locator("#filters")).to_have_count(0)


def search(page: Page, words: str, found: str) -> None:
    page.keyboard.press("/")
    page.keyboard.type(words)
    expect(page.locator("#found")).to_contain_text(found)


def option(page: Page, name: str) -> None:
    """Chooses from the menu of the order."""
    page.locator(".queue-options summary").click()
    page.get_by_role("button", name=name).click()


def comes(page: Page, seen: list[Any], count: int = 1) -> None:
    """Waits for requests or messages that a handler puts into `seen`."""

    def there() -> bool:
        page.wait_for_timeout(20)  # handlers run only meanwhile
        return len(seen) >= count

    wait_until(there)


def recorded(page: Page) -> Page:
    """Messages go after five seconds: `says` finds them in this record."""
    page.evaluate(RECORD)
    return page


def says(page: Page, text: str) -> None:
    told: list[str] = []

    def said() -> bool:
        page.wait_for_timeout(20)
        told[:] = page.evaluate("window.told")
        return any(text in each for each in told)

    try:
        wait_until(said)
    except AssertionError:
        raise AssertionError(f"{text!r} is not among {told}") from None


# --- filters --------------------------------------------------------------------------------------


def test_filters_are_chosen_counted_shown_and_taken_away(page: Page) -> None:
    filters = panel(page)
    filters.locator("[data-field=priority]").get_by_label("Urgent").check()
    expect(page.locator("#filter-count")).to_have_text("2 tickets")
    filters.locator("[data-field=tag]").get_by_label("refund").check()
    expect(page.locator("#filter-count")).to_have_text("1 ticket")
    page.keyboard.press("Tab")
    expect(filters.locator("[data-field=tag]").get_by_label("none of these")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    has(page, "Export stops")
    expect(page.locator("#conditions")).to_contain_text("Tag: not refund")
    expect(page.locator("#announce")).to_have_text("Open, filtered: 1 ticket")
    expect(page.get_by_role("button", name="Filter")).to_be_focused()
    page.reload()
    has(page, "Export stops")
    page.get_by_role("link", name="Remove the filter Priority: Urgent").focus()
    page.keyboard.press("Enter")
    has(page, "Export stops", "How do I invite colleagues?")
    expect(page.get_by_role("link", name="Remove the filter Tag: not refund")).to_be_focused()
    page.go_back()
    has(page, "Export stops")
    page.get_by_role("link", name="Reset").click()
    has(page, *OPEN)
    expect(page.locator("#conditions")).to_have_count(0)


def test_back_takes_the_first_filter_away(stack: Stack, page: Page) -> None:
    shown(page, stack, "")
    expect(page).to_have_url(re.compile(r"/desk/\?view=open$"))
    filter_by(page, ("tag", "export"))
    has(page, "Export stops")
    page.go_back()
    has(page, *OPEN)


def test_a_filter_that_nothing_passes_says_how_to_go_on(page: Page) -> None:
    filter_by(page, ("priority", "Low"))
    expect(page.locator("#row-empty")).to_contain_text("No ticket passes these filters.")


def test_clear_all_leaves_no_filter_that_is_not_seen(stack: Stack, page: Page) -> None:
    shown(page, stack, "?view=open&tag=1&tag!=2")
    has(page, "Charged twice", "Money back please")
    panel(page)
    page.get_by_role("button", name="Clear all").click()
    expect(page.locator("#filter-count")).to_have_text("65 tickets")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile(r"\?view=open&any=1$"))


def test_what_is_left_out_besides_is_named_and_can_be_unticked(stack: Stack, page: Page) -> None:
    shown(page, stack, "?view=open&status=open&tag=1&tag!=2")
    tags = panel(page).locator("[data-field=tag]")
    expect(tags.get_by_label("and not: export")).to_be_checked()
    tags.get_by_label("refund", exact=True).uncheck()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"\?view=open&status=open&tag!=2$"))
    expect(page.locator("#conditions")).to_contain_text("Tag: not export")
    shown(page, stack, "?view=open&status=open&tag=1&tag!=2")
    panel(page)
    tags.get_by_label("and not: export").uncheck()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"\?view=open&status=open&tag=1$"))


def test_many_choices_are_found_by_a_part_of_their_name(stack: Stack, page: Page) -> None:
    stack.ask("[Tag.objects.create(name=f'topic {n}').pk for n in range(1, 16)]")
    tags = panel(page).locator("[data-field=tag]")
    expect(page.locator("#filters [data-field=priority] .filter-find")).to_have_count(0)
    tags.get_by_label("topic 3").check()
    find = tags.get_by_label("Tag: show only choices that contain")
    find.fill("REF")
    expect(tags.locator(".filter-choices .pick:visible")).to_have_count(2)
    expect(tags.get_by_label("topic 3")).to_be_visible()  # it is ticked
    expect(tags.locator("[role=status]")).to_have_text("2 of 18")
    find.press("Enter")
    expect(tags.get_by_label("refund")).to_be_focused()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Clear all").click()
    expect(tags.locator(".filter-choices .pick:visible")).to_have_count(18)
    tags.get_by_label("refund").check()
    page.keyboard.press("Enter")
    has(page, "Charged twice", "Money back please")


def test_the_tab_of_a_view_with_other_filters_is_marked(page: Page) -> None:
    tab = page.locator("#views > a[aria-current=true]")
    expect(tab).to_have_css("text-decoration-line", "none")
    filter_by(page, ("tag", "export"))
    expect(tab).to_contain_text("Open")
    expect(tab).to_have_css("text-decoration-line", "underline")


def test_going_back_two_steps_from_a_ticket_finds_its_row(page: Page) -> None:
    filter_by(page, ("tag", "refund"))
    page.locator("#row-1 a").click()
    expect(page.locator("#ticket-title")).to_be_focused()
    page.evaluate("history.go(-2)")
    has(page, *OPEN)
    expect(page.locator("#conditions")).to_have_count(0)
    expect(page.locator("#row-1 a")).to_be_focused()
    expect(page).to_have_url(re.compile(r"/desk/\?view=open$"))


def test_the_panel_and_the_menu_in_german(stack: Stack, page: Page) -> None:
    stack.ask("User.objects.update(language='de')")
    shown(page, stack, "?view=open")
    filters = panel(page)
    expect(page.locator("#filter-title")).to_have_text("Warteschlange filtern")
    filters.locator("[data-field=tag]").get_by_label("refund").check()
    expect(filters.locator("[data-field=tag] legend")).to_have_text("Schlagwort")
    expect(filters.locator("[data-field=tag] .filter-not")).to_have_text("keine davon")
    expect(page.locator("#filter-count")).to_have_text("2 Tickets")
    assert page.evaluate(TOO_WIDE, "#filters, .filter-fields, #filters .dialog-foot") is False
    page.keyboard.press("Enter")
    expect(page.locator("#conditions")).to_contain_text("Schlagwort: refund")
    menu = page.get_by_label("Weitere Ansichten")
    menu.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("n")
    expect(page.locator("#more-views a:focus")).to_contain_text("Nicht zugewiesen")


def test_enter_of_an_input_method_ends_no_dialog(stack: Stack, page: Page) -> None:
    devtools = page.context.new_cdp_session(page)

    def compose(text: str) -> None:
        devtools.send("Input.imeSetComposition", {"text": text[:1], "selectionStart": 1, "selectionEnd": 1})
        devtools.send("Input.insertText", {"text": text})
        devtools.send("Input.dispatchKeyEvent", COMPOSED_ENTER)
        devtools.send("Input.dispatchKeyEvent", COMPOSED_ENTER | {"type": "keyUp"})

    customer = panel(page).locator("#filter-customer")
    customer.focus()
    compose("東京")
    expect(page.locator("#filter-count")).to_have_text("0 tickets")
    expect(customer).to_have_value("東京")
    page.keyboard.press("Escape")
    filter_by(page, ("tag", "refund"))
    page.get_by_role("button", name="Save as a view").first.click()
    expect(page.locator("#view-form [name=name]")).to_be_focused()
    compose("返金")
    expect(page.locator("#view-form [name=name]")).to_have_value("返金")
    page.wait_for_timeout(100)
    assert stack.ask("SavedView.objects.count()") == 0
    page.keyboard.press("Enter")
    expect(page.locator("#more-views summary")).to_have_text("返金")


def test_a_key_that_is_held_does_nothing_in_the_dialog_that_it_opened(page: Page) -> None:
    held: list[Route] = []
    page.route(re.compile("/desk/queue/rows$"), lambda route: held.append(route))
    page.locator(".queue-options summary").click()
    page.get_by_role("button", name="What rows show").focus()
    page.keyboard.down("Enter")
    comes(page, held)
    page.keyboard.down("Enter")  # again, as while it is held
    page.keyboard.press("Space")
    expect(page.locator("#dialog-rows h2")).to_be_focused()
    held.pop().continue_()
    expect(page.locator("#rows-form input").first).to_be_focused()
    page.keyboard.down("Enter")
    page.wait_for_timeout(100)
    assert held == []
    page.keyboard.up("Enter")
    page.keyboard.press("Enter")
    comes(page, held)


def test_what_is_pressed_while_the_panel_is_on_its_way_goes_nowhere(page: Page) -> None:
    held: list[Route] = []
    page.route(PANEL, lambda route: held.append(route))
    page.get_by_role("button", name="Filter").dblclick()
    waiting = page.locator("#dialog-filter [aria-busy]")
    expect(waiting).to_be_visible()
    for key in ("f", "v", "j", "Enter", "Space"):
        page.keyboard.press(key)
    expect(page.locator("#pane")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Filter")).to_be_focused()
    page.keyboard.press("f")
    comes(page, held, 2)
    held[1].continue_()
    expect(page.locator("#filters")).to_be_visible()
    expect(page.locator("#filters :focus")).to_have_attribute("type", "checkbox")


def test_a_panel_that_is_opened_again_at_once_is_there(page: Page) -> None:
    panel(page)
    # The event of closing comes only after both keys.
    page.evaluate("""() => {
        document.getElementById("dialog-filter").close();
        document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "f", bubbles: true }));
    }""")
    expect(page.locator("#filters :focus")).to_have_attribute("type", "checkbox")
    page.keyboard.press("Enter")
    expect(page.locator("#filters")).to_have_count(0)
    expect(page.get_by_role("button", name="Filter")).to_be_focused()


def test_a_panel_that_fails_is_asked_for_again(page: Page) -> None:
    page.route(PANEL, lambda route: route.abort())
    page.keyboard.press("f")
    expect(page.locator("#toasts")).to_contain_text("Copydesk cannot be reached right now.")
    expect(page.locator("#dialog-filter")).not_to_be_visible()
    page.unroute(PANEL)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#filters")).to_be_visible()


def test_rows_that_do_not_come_lose_no_choice(page: Page) -> None:
    filters = panel(page)
    page.route(COUNT, lambda route: route.abort())
    page.route(ROWS, lambda route: route.abort())
    urgent = filters.locator("[data-field=priority]").get_by_label("Urgent")
    urgent.check()
    expect(page.locator("#filter-count")).to_be_empty()  # the last number is that of other choices
    page.keyboard.press("Enter")
    expect(page.locator("#filter-error")).to_contain_text("Copydesk cannot be reached right now.")
    page.unroute(ROWS)
    expect(urgent).to_be_checked()
    page.keyboard.press("Enter")
    has(page, "Charged twice", "Export stops")
    expect(page.locator("#filters")).to_have_count(0)


# --- search ---------------------------------------------------------------------------------------


def test_a_search_keeps_the_filters_and_its_end_brings_them_back(page: Page) -> None:
    filter_by(page, ("tag", "refund"))
    search(page, "charged", "2 tickets found")  # both say so in their text
    page.keyboard.type(" money")
    has(page, "Money back please")
    expect(page.locator("#conditions")).to_contain_text("Tag: refund")
    expect(page.get_by_role("button", name="Save as a view")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.locator("#rows a").first).to_be_focused()
    panel(page)
    expect(page.locator("#filter-count")).to_have_text("1 ticket")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Clear").click()
    has(page, "Charged twice", "Money back please")
    expect(page.locator("#search")).to_have_value("")
    expect(page).to_have_url(re.compile(r"\?view=open&status=open&tag=1$"))


def test_a_search_from_a_view_as_it_is_looks_everywhere(stack: Stack, page: Page) -> None:
    shown(page, stack, "?view=urgent")
    search(page, "colleagues", "1 ticket found")
    page.keyboard.press("Escape")
    has(page, "Charged twice", "Export stops")


def test_rows_that_come_late_do_not_take_words_from_the_field(stack: Stack, page: Page) -> None:
    page.clock.install()
    shown(page, stack, "?view=open")
    held: list[Route] = []
    page.route(re.compile(r"queue\?view=urgent"), lambda route: held.append(route))
    page.locator("#views [data-view=urgent]").click()
    comes(page, held)
    page.clock.pause_at(timezone.now() + timedelta(minutes=2))
    page.keyboard.press("/")
    page.keyboard.type("colle")
    held[0].continue_()
    has(page, "Charged twice", "Export stops")
    expect(page.locator("#search")).to_have_value("colle")
    page.keyboard.type("agues")
    page.clock.run_for(1_000)
    expect(page.locator("#found")).to_contain_text("1 ticket found for “colleagues”")
    expect(page.locator("#search")).to_have_value("colleagues")


# --- orders, menus, rows ----------------------------------------------------------------------------


def test_the_rows_in_another_order(page: Page) -> None:
    menu = page.locator(".queue-options summary")
    menu.focus()
    page.keyboard.press("Enter")
    for key in ("ArrowUp", "Home", "n", "Enter"):  # ↑ from the button leads to the last one
        page.keyboard.press(key)
    expect(page.locator("#rows .row-subject").first).to_have_text("How do I invite colleagues?")
    assert page.url.endswith("?view=open&sort=newest")
    expect(menu).to_be_focused()


def test_keys_of_an_open_menu_are_not_those_of_the_desk(page: Page) -> None:
    page.keyboard.press("v")
    links = page.locator("#more-views .menu-body a")
    page.keyboard.press("End")
    expect(links.last).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(links.first).to_be_focused()
    page.keyboard.press("f")
    expect(page.locator("#dialog-filter")).not_to_be_visible()
    page.keyboard.press("Escape")
    expect(links.first).not_to_be_visible()
    expect(page.locator("#more-views summary")).to_be_focused()


def test_on_a_narrow_screen_the_keys_bring_the_queue(stack: Stack, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    shown(page, stack, "1/?view=open")
    expect(page.locator("#queue")).not_to_be_visible()
    page.keyboard.press("v")
    expect(page.locator("#more-views .menu-body a:focus")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("#rows a").first.click()
    expect(page.locator("#queue")).not_to_be_visible()
    panel(page)
    export = page.locator("[data-field=tag]").get_by_label("export", exact=True)
    expect(export).not_to_be_visible()
    page.locator(".filter-fold > summary", has_text="Tag").click()
    export.check()
    page.keyboard.press("Enter")
    has(page, "Export stops")
    panel(page)
    expect(export).to_be_visible()  # a field with a choice is open


def test_rows_show_what_the_agent_chooses(page: Page) -> None:
    refund = page.locator("#rows .chip", has_text="refund")
    expect(refund).to_have_count(0)

    def choose() -> Any:
        page.locator(".queue-options summary").click()
        page.get_by_role("button", name="What rows show").click()
        return page.locator("#rows-form").get_by_label("Tags")

    choose().check()
    page.keyboard.press("Escape")
    expect(choose()).not_to_be_checked()  # as it is, not as it was left
    page.locator("#rows-form").get_by_label("Tags").check()
    page.keyboard.press("Enter")
    expect(refund).to_have_count(2)
    expect(page.locator(".queue-options summary")).to_be_focused()
    page.reload()
    expect(refund).to_have_count(2)


# --- saved views ------------------------------------------------------------------------------------


def test_a_view_is_saved_used_changed_removed_and_brought_back(page: Page) -> None:
    menu = page.locator("#more-views summary")
    filter_by(page, ("tag", "refund"))
    page.get_by_role("button", name="Save as a view").first.click()
    expect(page.locator("#view-form [name=name]")).to_be_focused()
    page.keyboard.type("Money")
    page.keyboard.press("Enter")
    expect(menu).to_have_text("Money")
    expect(page.locator(".queue-options summary")).to_be_focused()
    has(page, "Charged twice", "Money back please")
    expect(page.locator("#crumb-view")).to_have_text("Money")
    # From another view by its key: the menu, its first letter, the number beside it.
    page.locator("#views [data-view=open]").click()
    has(page, *OPEN)
    page.keyboard.press("v")
    mine = page.locator("#more-views a", has_text="Money")
    expect(mine.locator("[data-number]")).to_have_text("2")
    page.keyboard.press("m")
    expect(mine).to_be_focused()
    page.keyboard.press("Enter")
    has(page, "Charged twice", "Money back please")
    expect(menu).to_be_focused()
    # Other filters on top of it become its own, until that is undone.
    filter_by(page, ("priority", "High"))
    page.get_by_role("button", name="Save to “Money”").click()
    expect(page.locator("#toasts")).to_contain_text("The view “Money” is changed.")
    expect(page.locator("#conditions")).to_have_count(0)
    page.keyboard.press("z")
    expect(page.locator("#toasts")).to_contain_text("The view “Money” is as it was before.")
    has(page, "Money back please")
    expect(page.locator("#conditions")).to_contain_text("Priority: High")
    page.get_by_role("link", name="Reset").click()
    has(page, "Charged twice", "Money back please")
    option(page, "Remove this view")
    expect(menu).to_have_text("⋯")
    page.keyboard.press("z")
    expect(page.locator("#toasts")).to_contain_text("The view “Money” is back.")
    expect(menu).to_have_text("Money")
    has(page, "Charged twice", "Money back please")


def test_a_view_is_saved_once_and_its_name_is_not_taken_twice(stack: Stack, page: Page) -> None:
    held: list[Route] = []
    page.route("**/desk/views/", lambda route: held.append(route))

    def name_it() -> None:
        filter_by(page, ("priority", "Urgent"))
        page.get_by_role("button", name="Save as a view").first.click()
        expect(page.locator("#view-form [name=name]")).to_be_focused()
        page.keyboard.type("Alarms")
        page.keyboard.press("Enter")
        comes(page, held)

    name_it()
    page.keyboard.press("Enter")
    page.evaluate("document.getElementById('view-form').dispatchEvent(new Event('submit', { cancelable: true }))")
    page.wait_for_timeout(100)
    assert len(held) == 1
    held.pop().continue_()
    expect(page.locator("#more-views summary")).to_have_text("Alarms")
    page.locator("#views [data-view=open]").click()
    has(page, *OPEN)
    name_it()
    held.pop().continue_()
    expect(page.locator("#view-error")).to_have_text("There is a view with this name already.")
    name = page.locator("#view-form [name=name]")
    expect(name).to_have_attribute("aria-invalid", "true")
    page.keyboard.type("!")
    expect(name).not_to_have_attribute("aria-invalid", "true")
    assert stack.ask("SavedView.objects.count()") == 1


def test_an_undone_change_of_a_view_keeps_filters_that_were_chosen_since(stack: Stack, page: Page) -> None:
    view = saved(stack, "Money")
    shown(page, stack, f"?view=saved-{view}&tag=1&priority=3")
    page.get_by_role("button", name="Save to “Money”").click()
    expect(page.locator("#conditions")).to_have_count(0)
    page.locator("#toasts .toast").hover()  # it stays meanwhile
    panel(page).locator("[data-field=priority]").get_by_label("Urgent").dispatch_event("click")
    page.keyboard.press("Enter")
    has(page, "Charged twice", "Money back please")
    expect(page.locator("#conditions")).to_contain_text("Priority: Urgent, High")
    page.keyboard.press("z")
    expect(page.locator("#toasts")).to_contain_text("The view “Money” is as it was before.")
    expect(page.locator("#conditions")).to_contain_text("Priority: Urgent, High")
    assert stack.ask("SavedView.objects.get().filters") == {"tag": ["1"]}


def test_a_change_is_said_to_be_saved_also_if_the_rows_do_not_come(stack: Stack, page: Page) -> None:
    view = saved(stack, "Money")
    shown(page, stack, f"?view=saved-{view}&tag=1&priority=3")
    page.route(ROWS, lambda route: route.abort())
    page.get_by_role("button", name="Save to “Money”").click()
    toasts = page.locator("#toasts")
    for text in ("The view “Money” is changed.", "Undo", UNREACHABLE):
        expect(toasts).to_contain_text(text)
    page.unroute(ROWS)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#conditions")).to_have_count(0)
    has(page, "Money back please")
    page.route(ROWS, lambda route: route.abort())
    option(page, "Remove this view")
    for text in ("The view “Money” is removed.", "Undo", UNREACHABLE):
        expect(toasts).to_contain_text(text)
    page.unroute(ROWS)
    page.get_by_role("button", name="Try again").click()
    has(page, *OPEN)


def test_a_change_that_cannot_be_sent_says_so(stack: Stack, page: Page) -> None:
    view = saved(stack, "Money")
    shown(page, stack, f"?view=saved-{view}&tag=1&priority=3")
    page.route("**/desk/views/**", lambda route: route.abort())
    page.get_by_role("button", name="Save to “Money”").click()
    expect(page.locator("#toasts")).to_contain_text(UNREACHABLE)
    page.get_by_role("button", name="Dismiss").click()
    expect(page.locator("#toasts")).to_be_empty()
    page.get_by_role("button", name="Save to “Money”").click()  # again, for it was refused
    expect(page.locator("#toasts")).to_contain_text(UNREACHABLE)
    page.get_by_role("button", name="Dismiss").click()
    option(page, "Remove this view")
    expect(page.locator("#toasts")).to_contain_text(UNREACHABLE)
    has(page, "Money back please")


@pytest.mark.parametrize("how", ["Save to “Money”", "Remove this view", "Rename or share this view"])
def test_a_change_of_a_view_that_is_gone_says_so(stack: Stack, page: Page, how: str) -> None:
    view = saved(stack, "Money")
    shown(page, stack, f"?view=saved-{view}&tag=1&priority=3")
    change(stack, view, "removed_at='2026-01-01T00:00Z'")
    if how.startswith("Save"):
        page.get_by_role("button", name=how).click()
    else:
        option(page, how)
    expect(page.locator("#toasts")).to_contain_text(GONE)
    if not how.startswith("Rename"):
        expect(page.locator("#conditions")).to_contain_text(GONE)


def test_a_view_that_goes_while_its_name_is_typed(stack: Stack, page: Page) -> None:
    view = saved(stack, "Money")
    shown(page, stack, f"?view=saved-{view}")
    option(page, "Rename or share this view")
    expect(page.locator("#view-form [name=name]")).to_be_focused()
    change(stack, view, "removed_at='2026-01-01T00:00Z'")
    page.keyboard.press("Enter")
    expect(page.locator("#view-error")).to_have_text(GONE)
    has(page, *OPEN)
    expect(page.locator("#toasts")).to_be_empty()


def test_a_view_that_others_have_keeps_them_under_another_name(stack: Stack, page: Page) -> None:
    view = saved(stack, "Monney", audience="all")
    shown(page, stack, f"?view=saved-{view}")
    option(page, "Rename or share this view")
    form = page.locator("#view-form")
    expect(form.locator("select option:checked")).to_have_text("Everybody")
    warning = page.locator("#view-private")
    expect(warning).to_be_empty()
    form.locator("select").select_option("Only me")
    expect(warning).to_have_text("The others will no longer see it.")
    form.locator("select").select_option("Everybody")
    expect(warning).to_be_empty()
    form.locator("[name=name]").fill("Money")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("The view “Money” is changed.")
    expect(page.locator("#more-views summary")).to_have_text("Money")
    expect(page.locator("#crumb-view")).to_have_text("Money")
    expect(page.locator(".queue-options summary")).to_be_focused()
    assert stack.ask("list(SavedView.objects.values_list('name', 'audience'))") == [["Money", "all"]]


@pytest.fixture
def live(stack: Stack, page_of: Callable[[str], Page]) -> Callable[..., Page]:
    """A page of which changes by others are announced already."""

    def opened(address: str, who: str = "mira") -> Page:
        page = page_of(who)
        heard: list[Any] = []
        page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: heard.append(frame)))
        shown(page, stack, address)
        comes(page, heard)
        return page

    return opened


def test_a_view_that_is_removed_elsewhere_is_said_to_be_gone(stack: Stack, live: Callable[..., Page]) -> None:
    view = saved(stack, "Money")
    page = live(f"?view=saved-{view}")
    has(page, "Charged twice", "Money back please")
    page.locator("#rows a").first.focus()
    change(stack, view, "removed_at='2026-01-01T00:00Z'")
    stack.ask(CHANGE)
    expect(page.locator("#toasts")).to_contain_text("The view “Money” is gone, or no longer shared with you.")
    has(page, *OPEN)
    expect(page).to_have_url(re.compile(r"\?view=open$"))
    expect(page.locator("#crumb-view")).to_have_text("Open")
    expect(page.locator("#row-1 a")).to_be_focused()


def test_a_view_that_is_changed_elsewhere_says_so(stack: Stack, live: Callable[..., Page]) -> None:
    view = saved(stack, "Money")
    page = live(f"?view=saved-{view}&priority=3")
    has(page, "Money back please")
    page.locator(".queue-options summary").click()  # what is open stays open
    change(stack, view, "name='Gold', filters={'priority': ['3']}")
    stack.ask(CHANGE)
    expect(page.locator("#toasts")).to_contain_text("The view “Money” was changed.")
    expect(page.locator("#more-views summary")).to_have_text("Gold")
    expect(page).to_have_url(re.compile(rf"\?view=saved-{view}$"))
    expect(page.locator(".queue-options .menu-body")).to_be_visible()


def test_the_open_ticket_keeps_its_row_when_its_view_is_changed(stack: Stack, live: Callable[..., Page]) -> None:
    view = saved(stack, "Money")
    page = live(f"1/?view=saved-{view}")
    change(stack, view, "filters={'priority': ['3']}")
    stack.ask(CHANGE)
    has(page, "Charged twice", "Money back please")
    expect(page.locator("#row-1")).to_have_class(re.compile("row-gone"))
    page.keyboard.press("j")
    expect(page.locator("#ticket-title")).to_contain_text("Money back please")


def test_views_that_are_changed_on_one_desk_reach_another(stack: Stack, live: Callable[..., Page]) -> None:
    page, other = recorded(live("?view=open&tag=1")), recorded(live("?view=open", "rosa"))
    filter_by(other, ("tag", "refund"))
    other.get_by_role("button", name="Save as a view").first.click()
    other.locator("#view-form [name=name]").fill("Money")
    other.locator("#view-form select").select_option("Everybody")
    other.locator("#view-form [type=submit]").click()
    page.locator("#more-views a", has_text="Money").wait_for(state="attached")
    page.keyboard.press("v")
    page.keyboard.press("m")
    page.keyboard.press("Enter")
    expect(page.locator("#crumb-view")).to_have_text("Money")
    option(other, "Rename or share this view")
    other.locator("#view-form [name=name]").fill("Gold")
    other.locator("#view-form [type=submit]").click()
    says(other, "The view “Gold” is changed.")
    says(page, "The view “Money” was changed.")
    expect(page.locator("#crumb-view")).to_have_text("Gold")
    option(other, "Remove this view")
    says(page, "The view “Gold” is gone, or no longer shared with you.")
    expect(page.locator("#conditions")).to_contain_text(GONE)
    expect(page.locator("#more-views a", has_text="Gold")).to_have_count(0)


def test_ones_own_change_is_no_news_when_a_refresh_is_given_up(stack: Stack, live: Callable[..., Page]) -> None:
    view = saved(stack, "Old ones", "filters={'status': ['closed']}, order='newest'")
    page = recorded(live(f"?view=saved-{view}"))
    expect(page.locator("#rows .row")).to_have_count(50)
    option(page, "Rename or share this view")
    page.locator("#view-form [name=name]").fill("Ancient")
    held: list[Route] = []
    page.route(re.compile("rows=50"), lambda route: held.append(route))
    page.keyboard.press("Enter")
    comes(page, held)
    page.locator("#more").scroll_into_view_if_needed()
    expect(page.locator("#rows .row")).to_have_count(60)
    held[-1].continue_()  # its rows are too few by now: they are asked for again, at once
    says(page, "The view “Ancient” is changed.")
    assert page.locator("#crumb-view").text_content() == "Ancient"
    assert not [text for text in page.evaluate("window.told") if "was changed" in text]


def test_numbers_change_without_the_tabs_being_made_anew(stack: Stack, live: Callable[..., Page]) -> None:
    page = live("?view=open")
    page.keyboard.press("v")
    expect(page.locator("#more-views [data-number]").first).not_to_be_empty()
    page.keyboard.press("Escape")
    page.locator("#rows a").first.focus()
    page.evaluate("document.querySelector('#views a').same = true")
    stack.ask("Ticket.objects.filter(pk=4).update(assignee=User.objects.get(username='mira'))")
    stack.ask(CHANGE)
    expect(page.locator("#views [data-view=mine] .count")).to_have_text("1")
    assert page.evaluate("document.querySelector('#views a').same") is True


def test_filters_are_renewed_beside_one_that_was_left_out(stack: Stack, live: Callable[..., Page]) -> None:
    page = live("?view=open&tag=1&colour=red")
    stack.ask("Tag.objects.filter(pk=1).update(name='refunds')")
    stack.ask(CHANGE)
    expect(page.locator("#conditions")).to_contain_text("Tag: refunds")
    expect(page.locator("#conditions")).to_contain_text("left out: colour")


def test_a_panel_that_is_open_keeps_its_choices_when_the_list_changes(stack: Stack, live: Callable[..., Page]) -> None:
    view = saved(stack, "Money")
    page = live(f"?view=saved-{view}")
    urgent = panel(page).locator("[data-field=priority]").get_by_label("Urgent")
    urgent.check()
    change(stack, view, "name='Gold'")
    stack.ask(CHANGE)
    expect(page.locator("#crumb-view")).to_have_text("Gold")
    expect(urgent).to_be_checked()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Filter")).to_be_focused()


def test_a_list_by_time_is_fetched_again_every_minute(stack: Stack, page_of: Callable[[str], Page]) -> None:
    page = page_of("mira")
    page.clock.install()
    shown(page, stack, "?view=open&waiting=1h")
    expect(page.locator("#rows .row")).to_have_count(0)
    stack.ask("Ticket.objects.filter(pk=4).update(waiting_since=timezone.now() - timedelta(hours=2))")
    page.clock.run_for(62_000)
    has(page, "How do I invite colleagues?")


def test_more_rows_of_a_view_that_has_another_order_now_are_none(stack: Stack, page: Page) -> None:
    view = saved(stack, "Old ones", "filters={'status': ['closed']}, order='newest'")
    shown(page, stack, f"?view=saved-{view}")
    expect(page.locator("#rows .row")).to_have_count(50)
    expect(page.locator("#rows .row-subject").first).to_have_text("Old 59")
    change(stack, view, "order='oldest'")
    recorded(page).locator("#rows a").first.focus()
    page.locator("#more").scroll_into_view_if_needed()
    says(page, "The view “Old ones” was changed.")
    expect(page.locator("#rows .row-subject").first).to_have_text("Old 0")
    assert page.evaluate("document.activeElement.closest('#queue') !== null")
    page.locator("#more").scroll_into_view_if_needed()
    expect(page.locator("#rows .row")).to_have_count(60)
    # The queue listens as before.
    page.locator("#views [data-view=open]").click()
    has(page, *OPEN)


def test_a_ticket_that_changes_while_a_panel_is_left_is_shown_as_it_is(stack: Stack, live: Callable[..., Page]) -> None:
    """The rows that are asked for take the place of a live refresh; if they are given up, it is still due."""
    page = live("?view=open")
    filters = panel(page)
    held: list[Route] = []
    page.route(ROWS, lambda route: held.append(route))
    stack.ask("Ticket.objects.filter(pk=4).update(subject='How do I invite everybody?')")
    try:
        stack.ask(CHANGE)
        comes(page, held)  # the refresh
        filters.locator("[data-field=tag]").get_by_label("refund").check()
        page.keyboard.press("Enter")
        comes(page, held, 2)
        page.keyboard.press("Escape")
        page.unroute(ROWS)  # not before: it lets go what is held
        has(page, *OPEN[:3], "How do I invite everybody?")
    finally:
        stack.ask("Ticket.objects.filter(pk=4).update(subject='How do I invite colleagues?')")


def test_the_focus_stays_on_what_is_seen_when_the_list_is_made_anew(stack: Stack, live: Callable[..., Page]) -> None:
    """ "Save as a view" is also in the closed menu."""
    view = saved(stack, "Money", audience="all")
    change(stack, view, "owner=User.objects.get(username='rosa')")
    page = live(f"?view=saved-{view}&priority=3")
    button = page.locator("#conditions [data-do=saveView]")
    button.focus()
    change(stack, view, "name='Gold'")
    stack.ask(CHANGE)
    expect(page.locator("#more-views summary")).to_have_text("Gold")
    expect(button).to_be_focused()


def test_that_tickets_are_not_searched_yet_is_renewed(stack: Stack, live: Callable[..., Page]) -> None:
    page = live("?q=stops")
    has(page, "Export stops")
    indexing = "__import__('tickets.models', fromlist=['models']).TicketToIndex.objects"
    stack.ask(f"{indexing}.create(ticket=1).pk")
    stack.ask(CHANGE)
    expect(page.locator("#indexing")).to_have_text("1 ticket is not searched yet, or only with its old text.")
    stack.ask(f"{indexing}.all().delete()")
    stack.ask(CHANGE)
    expect(page.locator("#indexing")).to_have_count(0)


# --- addresses ------------------------------------------------------------------------------------


def test_the_panel_is_that_of_the_view_that_is_on_its_way(page: Page) -> None:
    held: list[Route] = []
    page.route(ROWS, lambda route: held.append(route))
    page.locator("#views [data-view=urgent]").click()
    comes(page, held)
    filters = panel(page)
    expect(filters.locator("[name=view]")).to_have_value("urgent")
    held.pop().continue_()


def test_the_same_view_again_is_no_step_of_the_history(page: Page) -> None:
    before = page.evaluate("history.length")
    with page.expect_response(ROWS):
        page.locator("#views [data-view=open]").click()
    with page.expect_response(ROWS):
        page.locator("#views [data-view=urgent]").click()
    has(page, *OPEN[:2])
    assert page.evaluate("history.length") == before + 1


def test_where_going_back_fails_the_address_is_that_of_what_is_shown(page: Page) -> None:
    page.locator("#views [data-view=urgent]").click()
    has(page, *OPEN[:2])
    page.route(ROWS, lambda route: route.abort())
    page.go_back()
    expect(page.locator("#toasts")).to_contain_text(UNREACHABLE)
    expect(page).to_have_url(re.compile(r"\?view=urgent$"))
    page.unroute(ROWS)
    page.get_by_role("button", name="Try again").click()
    has(page, *OPEN)
    expect(page).to_have_url(re.compile(r"\?view=open$"))


def test_on_a_narrow_screen_a_list_has_the_address_of_the_list(stack: Stack, page: Page) -> None:
    """Also after a ticket, which is still there behind it."""
    page.set_viewport_size({"width": 390, "height": 800})
    shown(page, stack, "1/?view=open")
    page.locator("[data-back]").click()
    page.locator("#views [data-view=urgent]").click()
    has(page, *OPEN[:2])
    expect(page).to_have_url(re.compile(r"/desk/\?view=urgent$"))
    page.locator("#rows a").nth(1).click()
    expect(page.locator("#ticket-title")).to_contain_text("Export stops")
    page.go_back()
    expect(page.locator("#queue")).to_be_visible()
    has(page, *OPEN[:2])


def test_going_back_from_a_search_leads_to_the_view_before_it(stack: Stack, page: Page) -> None:
    """Also where the first words were replaced before their rows came."""
    page.locator("#views [data-view=urgent]").click()
    has(page, *OPEN[:2])
    held: list[Route] = []
    page.route(re.compile(r"q=char$"), lambda route: held.append(route))
    page.keyboard.press("/")
    page.keyboard.type("char")
    comes(page, held)
    page.keyboard.type("ged")
    expect(page.locator("#found")).to_contain_text("“charged”")
    page.go_back()
    has(page, *OPEN[:2])
    expect(page).to_have_url(re.compile(r"\?view=urgent$"))


def test_enter_of_an_input_method_leaves_no_search(page: Page) -> None:
    devtools = page.context.new_cdp_session(page)
    page.keyboard.press("/")
    devtools.send("Input.imeSetComposition", {"text": "s", "selectionStart": 1, "selectionEnd": 1})
    devtools.send("Input.insertText", {"text": "stops"})
    devtools.send("Input.dispatchKeyEvent", COMPOSED_ENTER)
    devtools.send("Input.dispatchKeyEvent", COMPOSED_ENTER | {"type": "keyUp"})
    has(page, "Export stops")
    expect(page.locator("#search")).to_be_focused()


# --- failures in dialogs ----------------------------------------------------------------------------


def test_a_failure_is_said_in_the_dialog_for_what_is_behind_it_cannot_be_reached(page: Page) -> None:
    fails = {"status": 500, "body": "no"}
    page.route(COUNT, lambda route: route.fulfill(**fails))
    filters = panel(page)
    filters.locator("[data-field=tag]").get_by_label("refund").check()
    expect(page.locator("#filter-error")).not_to_be_empty()
    page.unroute(COUNT)
    filters.locator("[data-field=tag]").get_by_label("export").check()
    expect(page.locator("#filter-count")).to_have_text("3 tickets")
    expect(page.locator("#filter-error")).not_to_be_visible()
    page.keyboard.press("Escape")
    option(page, "What rows show")
    page.route("**/desk/queue/rows", lambda route: route.fulfill(**fails))
    page.locator("#rows-form [type=submit]").click()
    expect(page.locator("#rows-error")).not_to_be_empty()
    page.unroute("**/desk/queue/rows")
    page.locator("#rows-form [type=submit]").click()
    expect(page.locator("#rows-form")).to_have_count(0)


# --- accessibility ----------------------------------------------------------------------------------


def test_no_view_is_behind_another_in_a_language_with_long_words(stack: Stack, page: Page) -> None:
    stack.ask("User.objects.filter(username='mira').update(language='de')")
    view = saved(stack, "Rückerstattungen und Ähnliches, die noch nicht zugewiesen sind")
    for address in ("?view=open", f"?view=saved-{view}"):
        shown(page, stack, address)
        for number in ("1", "999+"):
            page.locator("#views > a .count").evaluate_all(
                "(all, text) => all.forEach((each) => (each.textContent = text))", number
            )
            assert page.evaluate(OVERLAP) is False, (address, number)
            assert page.evaluate(TOO_WIDE, "#views, #views > a") is False


@pytest.mark.parametrize(("scheme", "rules"), [("light", RULES), ("dark", COLOURS)], ids=["light", "dark"])
def test_panel_menus_chips_and_dialogs_break_no_rule(
    stack: Stack, page: Page, scheme: Literal["light", "dark"], rules: Any
) -> None:
    page.emulate_media(color_scheme=scheme)
    filter_by(page, ("priority", "Urgent"))

    def violations() -> list[str]:
        page.evaluate(FINISH_ANIMATIONS)
        found = Axe().run(page, options=rules).response["violations"]
        return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found]

    page.keyboard.press("v")
    assert violations() == []
    page.keyboard.press("Escape")
    for name, form in (("What rows show", "#rows-form"), ("Save as a view", "#view-form")):
        page.locator(".queue-options summary").click()
        assert violations() == []
        page.locator(".queue-options").get_by_role("button", name=name).click()
        expect(page.locator(form)).to_be_visible()
        assert violations() == []
        page.keyboard.press("Escape")
    # The panel with many choices and with some left out; then on a narrow screen.
    stack.ask("[Tag.objects.create(name=f'topic {n}').pk for n in range(15)]")
    shown(page, stack, "?view=open&tag=1&tag!=2")
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 800})
        panel(page)
        page.locator("[data-field=tag] .filter-find input").fill("topic 1")
        assert violations() == []
        page.keyboard.press("Escape")
