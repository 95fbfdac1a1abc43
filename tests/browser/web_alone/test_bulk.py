"""Several tickets at once: selecting rows, what is done to them, and undoing it."""

import re
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

from tests.browser.stack import Stack
from tests.browser.test_accessibility import COLOURS, FINISH_ANIMATIONS, RULES
from tests.browser.web_alone.test_queue_views import CHANGE, comes, recorded, says

pytestmark = [pytest.mark.browser, pytest.mark.services]

# Tickets 1 to 4 are open, with the last of them answered; 60 others wait for the customer.
SEED = """
from tests import cast
from tests.browser import seed
from tickets.models import Message, Tag, Team, Ticket, User
seed.people()
Team.objects.create(name="Calendar", slug="calendar")
tomas, mira = cast.tomas(), User.objects.get(username="mira")
Tag.objects.create(name="refund")
for subject in ("Bulk one", "Bulk two", "Bulk three", "Bulk answered"):
    ticket = cast.new_ticket(tomas, subject=subject)
Message.objects.create(ticket=ticket, kind="reply", author=mira, text="Done.")
waiting = [Ticket(subject=f"Bulk waiting {n}", customer=tomas, status="pending", priority=1) for n in range(60)]
Ticket.objects.bulk_create(waiting)
"""
FOUR = "Ticket.objects.filter(pk__lte=4)"
AGAIN = "status='open', assignee=None, team=None, priority=2, closed_at=None, waiting_since=models.F('created_at')"
SIXTY = "Ticket.objects.filter(pk__gt=4)"
BULK = re.compile("/desk/bulk$")
UNANSWERED = "The customer’s last message has no reply."
WIDER = "(parts) => [...document.querySelectorAll(parts)].some((each) => each.scrollWidth > each.clientWidth)"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The web process alone."""
    stack = Stack(tmp_path_factory.mktemp("bulk"))
    stack.prepare(SEED)
    stack.start("web")
    yield stack
    stack.stop()


@pytest.fixture(autouse=True)
def nothing_changed(stack: Stack) -> None:
    """The tickets are as at the beginning."""
    stack.ask(f"[{FOUR}.update({AGAIN}), [ticket.tags.clear() for ticket in Ticket.objects.exclude(tags=None)]]")
    stack.ask(f"{SIXTY}.update(status='pending', priority=1, assignee=None, closed_at=None)")


@pytest.fixture
def page(stack: Stack, page_of: Callable[[str], Page]) -> Page:
    return shown(page_of("mira"), stack, "?view=open")


def shown(page: Page, stack: Stack, address: str) -> Page:
    page.goto(f"{stack.url}/desk/{address}")
    expect(page.locator("#search[aria-controls]")).to_be_attached()  # its scripts run
    return recorded(page)


def tick(page: Page, ticket: int, *, shift: bool = False) -> None:
    page.locator(f"#row-{ticket}").hover()
    page.locator(f"#row-{ticket} [data-select]").click(modifiers=["Shift"] if shift else [])


def selected(page: Page, *tickets: int) -> None:
    expect(page.locator("#rows [data-select]:checked")).to_have_count(len(tickets))
    for ticket in tickets:
        expect(page.locator(f"#row-{ticket} [data-select]")).to_be_checked()


def count(page: Page, words: str) -> None:
    expect(page.locator("#bulk-bar [data-part=count]")).to_have_text(words)


def opened(page: Page, title: str) -> None:
    expect(page.locator("#ticket-title")).to_have_text(title)
    expect(page.locator("#content")).to_have_attribute("aria-busy", "false")


def titled(page: Page, title: str) -> None:
    expect(page.locator("dialog[open] h2")).to_have_text(title)


def button(page: Page, name: str) -> None:
    page.locator("#bulk-bar").get_by_role("button", name=name, exact=True).click()


def numbers(page: Page) -> list[int]:
    """The tickets of the rows, from the top."""
    return [int(each.get_attribute("data-ticket") or 0) for each in page.locator("#rows .row").all()]


# --- selecting ------------------------------------------------------------------------------------


def test_two_tickets_are_assigned_and_undone_by_keyboard(stack: Stack, page: Page) -> None:
    page.keyboard.press("j")
    opened(page, "Bulk one")
    page.keyboard.press("x")
    count(page, "1 selected")
    expect(page.locator("#announce")).to_have_text("1 selected")
    page.keyboard.press("j")
    opened(page, "Bulk two")
    page.keyboard.press("x")
    selected(page, 1, 2)
    page.keyboard.press("a")
    titled(page, "Assign 2 tickets")
    page.keyboard.press("m")
    says(page, "2 tickets assigned to Mira Lindqvist.")
    selected(page)
    expect(page.locator(".queue-bar")).to_be_visible()
    assert stack.ask("[each.assignee_id and each.assignee.username for each in Ticket.objects.order_by('pk')[:3]]") == [
        "mira",
        "mira",
        None,
    ]
    expect(page.locator("#customer [data-do=assign]")).to_have_text("Mira Lindqvist")  # the open ticket is shown again
    page.keyboard.press("z")
    says(page, "2 tickets are as they were before.")
    assert stack.ask(f"{FOUR}.exclude(assignee=None).count()") == 0
    expect(page.locator("#customer [data-do=assign]")).to_have_text("Nobody")


def test_x_means_the_row_with_the_focus_and_takes_the_tick_away_again(page: Page) -> None:
    page.locator("#row-3 a").focus()
    page.keyboard.press("x")
    selected(page, 3)
    page.keyboard.press("x")
    selected(page)
    page.locator("body").click(position={"x": 700, "y": 600})
    page.keyboard.press("x")
    expect(page.locator("#announce")).to_have_text("Open a ticket first, or move to a row.")


def test_a_range_with_shift_and_escape(page: Page) -> None:
    tick(page, 1)
    tick(page, 4, shift=True)
    selected(page, 1, 2, 3, 4)
    tick(page, 2, shift=True)  # as the row that was clicked: no longer
    selected(page, 1)
    page.keyboard.press("/")
    page.keyboard.press("Escape")  # leaves the field
    selected(page, 1)
    page.keyboard.press("Escape")
    selected(page)


def test_a_click_with_ctrl_opens_a_tab_and_selects_nothing(page: Page) -> None:
    with page.context.expect_page() as tab:
        page.locator("#row-2 a").click(modifiers=["Control"])
    tab.value.close()
    selected(page)
    page.locator("#row-2 a").click()
    opened(page, "Bulk two")


def test_rows_do_not_move_when_the_first_is_selected(page: Page) -> None:
    before = page.locator("#row-1").bounding_box()
    tick(page, 1)
    expect(page.locator("#bulk-bar")).to_be_visible()
    assert page.locator("#row-1").bounding_box() == before


def test_a_live_update_keeps_the_selection_and_its_colour(stack: Stack, page: Page) -> None:
    tick(page, 1)
    tick(page, 2)
    page.mouse.move(800, 500)
    colour = page.locator("#row-2 a").evaluate("each => getComputedStyle(each).backgroundColor")
    stack.ask("Ticket.objects.filter(pk=2).update(priority=4)")
    stack.ask(CHANGE)
    expect(page.locator("#row-2")).to_contain_text("urgent")
    selected(page, 1, 2)
    expect(page.locator("#row-2 a")).to_have_css("background-color", colour)
    expect(page.locator("#row-3 a")).not_to_have_css("background-color", colour)


def test_a_row_that_leaves_the_list_is_deselected(stack: Stack, page: Page) -> None:
    tick(page, 1)
    tick(page, 2)
    page.mouse.move(800, 500)
    page.locator("#search").focus()  # rows keep their places while the pointer or the focus is among them
    stack.ask("Ticket.objects.filter(pk=2).update(status='pending')")
    stack.ask(CHANGE)
    expect(page.locator("#row-2")).to_have_count(0)
    count(page, "1 selected")


def test_another_view_empties_the_selection(page: Page) -> None:
    tick(page, 1)
    count(page, "1 selected")
    page.locator("#views a[data-view=pending], #more-views a[data-view=pending]").first.evaluate("each => each.click()")
    expect(page.locator("#rows")).to_have_attribute("data-view", "pending")
    expect(page.locator("#bulk-bar")).not_to_be_visible()
    page.go_back()
    expect(page.locator("#row-1")).to_be_visible()
    selected(page)


def test_more_rows_keep_the_selection(stack: Stack, page: Page) -> None:
    shown(page, stack, "?view=pending")
    first = numbers(page)[0]
    tick(page, first)
    page.locator("#rows").evaluate("each => each.scrollTo(0, each.scrollHeight)")
    expect(page.locator("#rows .row")).to_have_count(60)
    selected(page, first)
    count(page, "1 selected")


# --- actions --------------------------------------------------------------------------------------


def test_a_ticket_without_a_reply_stays_open_and_selected(stack: Stack, page: Page) -> None:
    tick(page, 3)
    tick(page, 4)
    page.keyboard.press("Control+d")
    titled(page, "Close 2 tickets")
    page.keyboard.type("refund")
    page.keyboard.press("Enter")
    says(page, f"1 ticket closed. 1 stays open: {UNANSWERED}")
    selected(page, 3)
    assert stack.ask("Ticket.objects.get(pk=4).status") == "closed"
    page.keyboard.press("Control+d")
    expect(page.locator("#close-also")).not_to_be_checked()
    page.get_by_label("Also tickets whose last message has no reply").check()
    page.keyboard.press("Enter")
    says(page, "1 ticket closed.Undo")
    selected(page)
    page.keyboard.press("z")
    says(page, "1 ticket is as it was before.")
    assert stack.ask("Ticket.objects.get(pk=3).status") == "open"


def test_team_priority_and_tags_of_several_tickets(stack: Stack, page: Page) -> None:
    def both() -> None:
        tick(page, 1)
        tick(page, 2, shift=True)

    both()
    page.keyboard.press("t")
    titled(page, "Move 2 tickets to a team")
    page.locator("#dialog-team").get_by_role("button", name="Calendar").click()
    says(page, "2 tickets moved to Calendar.")
    both()
    page.keyboard.press("p")
    titled(page, "Priority of 2 tickets")
    page.keyboard.press("4")
    says(page, "Priority of 2 tickets: Urgent.")
    both()
    page.keyboard.press("#")
    titled(page, "Add tags to 2 tickets")
    page.keyboard.press("Enter")
    expect(page.locator("#tags-error")).to_have_text("Type at least one tag.")
    page.locator("#tags-suggestions").get_by_role("button", name="refund").click()
    page.keyboard.press("Enter")
    says(page, "2 tickets tagged.")
    found = "[(t.team.name, t.priority, [tag.name for tag in t.tags.all()]) for t in Ticket.objects.filter(pk__lte=2)]"
    assert stack.ask(found) == [["Calendar", 4, ["refund"]]] * 2


def test_the_menu_by_keyboard(stack: Stack, page: Page) -> None:
    page.locator("#row-1 a").focus()
    page.keyboard.press(".")
    expect(page.locator("#announce")).to_have_text("Nothing is selected. Press x on a ticket first.")
    page.keyboard.press("x")
    page.keyboard.press(".")
    expect(page.locator("#bulk-bar [data-bulk=assign]")).to_be_focused()
    page.keyboard.press("w")
    expect(page.locator("#bulk-bar [data-bulk=pending]")).to_be_focused()
    stack.ask(CHANGE)  # a live refresh closes no menu
    stack.ask("Ticket.objects.filter(pk=2).update(priority=4)")
    stack.ask(CHANGE)
    expect(page.locator("#row-2")).to_contain_text("urgent")
    expect(page.locator("#bulk-bar [data-bulk=pending]")).to_be_focused()
    page.keyboard.press("Enter")
    says(page, "1 ticket waits for the customer now.")
    expect(page.locator("#rows .row a:focus")).to_have_count(1)  # the bar is gone, the focus is not
    assert stack.ask("Ticket.objects.get(pk=1).status") == "pending"


def test_buttons_of_the_open_ticket_and_keys_in_its_reply_mean_the_ticket(page: Page) -> None:
    page.locator("#row-1 a").click()
    opened(page, "Bulk one")
    tick(page, 2)
    tick(page, 3)
    page.locator("#ticket-header [data-do=assign]").click()
    titled(page, "Assign ticket")
    page.keyboard.press("Escape")
    page.locator("#editor").click()
    page.keyboard.type("xap#.d")
    expect(page.locator("#editor")).to_have_text("xap#.d")
    page.keyboard.press("Control+d")
    titled(page, "Close and tag")
    expect(page.locator("#close-also")).not_to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")  # leaves the text
    selected(page, 2, 3)
    page.keyboard.press("Control+d")
    titled(page, "Close 2 tickets")


# --- more than one request ------------------------------------------------------------------------


def sixty(page: Page, stack: Stack) -> None:
    """All tickets of a list of which only a part is loaded."""
    page.route(re.compile("/desk/queue\\?.*after="), lambda route: route.abort())  # "More" is not asked for
    shown(page, stack, "?view=pending")
    tick(page, numbers(page)[0])
    button(page, "Select all")
    count(page, "50 selected")
    button(page, "Select all 60")
    count(page, "60 selected")
    expect(page.locator("#bulk-bar [data-part=all]")).not_to_be_visible()


def test_all_tickets_of_a_list_are_changed_with_progress_and_undone(stack: Stack, page: Page) -> None:
    held: list[Route] = []
    sixty(page, stack)
    page.route(BULK, lambda route: held.append(route))
    page.keyboard.press("p")
    titled(page, "Priority of 60 tickets")
    page.keyboard.press("3")
    comes(page, held)
    expect(page.locator("#bulk-bar [data-part=far]")).to_have_text("0 of 60")
    held.pop().continue_()
    comes(page, held)
    expect(page.locator("#bulk-bar [data-part=far]")).to_have_text("50 of 60")
    expect(page.locator("#bulk-bar progress")).to_have_js_property("value", 50)
    page.keyboard.press("a")
    says(page, "Tickets are still being changed.")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.keyboard.press("j")  # the rest of the desk goes on
    expect(page.locator("#ticket-title")).to_be_visible()
    held.pop().continue_()
    says(page, "Priority of 60 tickets: High.")
    selected(page)
    assert stack.ask(f"{SIXTY}.filter(priority=3).count()") == 60
    page.keyboard.press("z")
    says(page, "60 tickets are as they were before.")
    assert stack.ask(f"{SIXTY}.filter(priority=1).count()") == 60


def test_leaving_the_page_meanwhile_asks(stack: Stack, page: Page) -> None:
    held: list[Route] = []
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    tick(page, 1)
    page.route(BULK, lambda route: held.append(route))
    page.keyboard.press("p")
    page.keyboard.press("3")
    comes(page, held)
    page.evaluate("setTimeout(() => location.assign('/mail/'))")
    comes(page, asked)
    assert asked == ["beforeunload"]
    held.pop().continue_()
    says(page, "Priority of 1 ticket: High.")


def test_stopping_leaves_the_rest_selected(stack: Stack, page: Page) -> None:
    held: list[Route] = []
    sixty(page, stack)
    page.route(BULK, lambda route: held.append(route))
    page.keyboard.press("p")
    page.keyboard.press("3")
    comes(page, held)
    button(page, "Stop")
    held.pop().continue_()
    says(page, "Priority of 50 tickets: High. Stopped: 10 are not changed.")
    count(page, "10 selected")
    assert held == []
    assert stack.ask(f"{SIXTY}.filter(priority=3).count()") == 50


def test_a_request_that_fails_keeps_the_rest_selected_and_can_be_tried_again(stack: Stack, page: Page) -> None:
    tried: list[str] = []

    def second(route: Route) -> None:
        tried.append(route.request.url)
        if len(tried) == 2:
            route.abort()
        else:
            route.continue_()

    sixty(page, stack)
    page.route(BULK, second)
    page.keyboard.press("p")
    page.keyboard.press("3")
    says(page, "50 of 60 tickets are done, perhaps 10 more. Copydesk cannot be reached right now.")
    count(page, "10 selected")
    page.get_by_role("button", name="Try again").click()
    says(page, "Priority of 60 tickets: High.")
    page.keyboard.press("z")
    says(page, "60 tickets are as they were before.")
    assert stack.ask(f"{SIXTY}.filter(priority=1).count()") == 60


# --- one ticket -----------------------------------------------------------------------------------


def test_priority_and_tags_of_the_open_ticket_by_key_with_undo(stack: Stack, page: Page) -> None:
    page.locator("#row-1 a").click()
    opened(page, "Bulk one")
    page.keyboard.press("p")
    expect(page.locator("#dialog-priority [aria-pressed=true]")).to_contain_text("Normal")
    page.keyboard.press("4")
    says(page, "Priority: Urgent")
    expect(page.locator("#priority")).to_have_value("4")
    page.keyboard.press("z")
    says(page, "Undone. The ticket is as it was before.")
    expect(page.locator("#priority")).to_have_value("2")
    page.keyboard.press("#")
    titled(page, "Tags of the ticket")
    page.keyboard.type("refund, vip")
    page.keyboard.press("Enter")
    says(page, "Tags saved.")
    expect(page.locator("#customer .tags .chip")).to_have_text(["refund", "vip"])
    page.keyboard.press("#")
    expect(page.locator("#tags-field")).to_have_value("refund, vip, ")
    page.locator("#tags-suggestions").get_by_role("button", name="refund").click()
    page.keyboard.press("Enter")
    expect(page.locator("#customer .tags .chip")).to_have_text(["vip"])
    page.keyboard.press("z")
    expect(page.locator("#customer .tags .chip")).to_have_text(["refund", "vip"])


def test_what_is_chosen_beside_the_ticket_and_closing_can_be_undone(stack: Stack, page: Page) -> None:
    page.locator("#row-4 a").click()
    opened(page, "Bulk answered")
    page.locator("#status").select_option("pending")
    says(page, "Status: ")
    page.locator("#ticket-title").focus()
    page.keyboard.press("z")
    expect(page.locator("#status")).to_have_value("open")
    page.keyboard.press("Control+d")
    titled(page, "Close and tag")
    page.keyboard.press("Enter")
    says(page, "Ticket closed.")
    expect(page.locator("#status")).to_have_value("closed")
    page.keyboard.press("z")
    expect(page.locator("#status")).to_have_value("open")


# --- for everybody --------------------------------------------------------------------------------


def test_a_phone_has_checkboxes_that_can_be_tapped(stack: Stack, page_of: Callable[..., Page]) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    page = shown(page_of("mira", **phone), stack, "?view=open")
    assert page.evaluate("matchMedia('(hover: none)').matches")
    box = page.locator("#row-2 [data-select]")
    expect(box).to_have_css("opacity", "1")
    area = box.bounding_box()
    assert area is not None
    assert min(area["width"], area["height"]) >= 24
    box.tap()
    selected(page, 2)
    page.locator("#bulk-bar [data-part=all]").tap()
    selected(page, 1, 2, 3, 4)
    assert page.evaluate(WIDER, "#bulk-bar, #bulk-bar [data-part]:not([hidden]), #queue") is False
    page.locator("#bulk-bar summary").tap()
    menu = page.locator("#bulk-bar .menu-body").bounding_box()
    assert menu is not None
    assert menu["x"] >= 0
    assert menu["x"] + menu["width"] <= 390


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_selection_breaks_no_rule(stack: Stack, page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    stack.ask("[Ticket.objects.filter(pk=n).update(priority=n) for n in (1, 2, 3, 4)]")
    shown(page, stack, "?view=open")
    tick(page, 1)
    tick(page, 4, shift=True)
    page.keyboard.press(".")
    page.evaluate(FINISH_ANIMATIONS)
    rules = RULES if scheme == "light" else COLOURS
    broken = [found["id"] for found in Axe().run(page, options=rules).response["violations"]]
    for key in ("p", "#", "t", "Control+d"):
        page.keyboard.press("Escape")
        page.keyboard.press(key)
        expect(page.locator("dialog[open]")).to_be_visible()
        page.evaluate(FINISH_ANIMATIONS)
        broken += [f"{key}: {found['id']}" for found in Axe().run(page, options=rules).response["violations"]]
    assert broken == []
