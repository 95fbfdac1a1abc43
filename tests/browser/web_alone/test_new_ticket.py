"""An agent writes to a customer first, with the keyboard alone."""

import re
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

from tests.browser.composer import Held
from tests.browser.stack import Stack
from tests.browser.test_accessibility import COLOURS, FINISH_ANIMATIONS, RULES

pytestmark = [pytest.mark.browser, pytest.mark.services]

# Lena has two tickets that are not closed, Nora none. Each test writes to somebody else.
SEED = """
from tests import cast
from tests.browser import seed
from tickets.models import Customer
seed.people()
cast.new_ticket(cast.lena(), subject="Where is my invoice")
cast.new_ticket(cast.lena(), subject="Two charges", status="pending")
for name in ("Nora Vik", "Olga Vik"):
    Customer.objects.create(name=name, email=f"{name[:4].lower()}@vik.example")
"""
CREATE = re.compile("/desk/new$")
STARTED = "Ticket.objects.filter(channel='outgoing', customer__email={!r})"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The web process alone, with time to undo."""
    stack = Stack(tmp_path_factory.mktemp("new"), UNDO_SEND_SECONDS="60")
    stack.prepare(SEED)
    stack.start("web")
    yield stack
    stack.stop()


@pytest.fixture
def page(stack: Stack, page_of: Callable[[str], Page]) -> Page:
    page = page_of("mira")
    page.goto(f"{stack.url}/desk/?view=open")
    expect(page.locator("#search[aria-controls]")).to_be_attached()  # its scripts run
    page.keyboard.press("w")
    expect(page.locator("#dialog-new-ticket")).to_be_visible()
    return page


def choose(page: Page, name: str) -> None:
    """The customer, by the keyboard, as the first of the suggestions."""
    page.keyboard.type(name)
    expect(page.locator("#new-ticket-to-options [role=option]").first).to_contain_text(f"{name}@")
    page.keyboard.press("Enter")
    expect(page.locator(".new-ticket .address-chip")).to_have_count(1)


def started(stack: Stack, email: str) -> list[int]:
    return list(stack.ask(f"list({STARTED.format(email)}.order_by('pk').values_list('pk', flat=True))"))


def test_a_mail_is_written_sent_and_undone(stack: Stack, page: Page) -> None:
    expect(page.locator("#new-ticket-to-input")).to_be_focused()
    choose(page, "nora")
    page.keyboard.press("Tab")
    page.keyboard.type("Your invoice")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#dialog-new-ticket")).to_be_hidden()
    expect(page.locator("#editor")).to_be_focused()
    expect(page.locator("#ticket-title")).to_have_text("Your invoice")
    expect(page.locator("#ticket-header")).to_contain_text("started by us")
    (number,) = started(stack, "nora@vik.example")
    row = page.locator(f"#row-{number}")
    expect(row).to_contain_text("No messages yet")
    page.keyboard.type("Hello Nora, your invoice is ready.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("Reply sent")
    expect(page.locator("#ticket-header")).to_contain_text("waiting for customer")
    mails = f"OutgoingMail.objects.filter(message__ticket={number})"
    mail = f"{mails}.values_list('message__recipients__email', 'subject', 'state')"
    assert stack.ask(f"list({mail})") == [["nora@vik.example", "Your invoice", "queued"]]
    page.keyboard.press("z")
    expect(page.locator("#editor")).to_contain_text("your invoice is ready")
    expect(page.locator("#ticket-header")).to_contain_text("started by us")
    assert stack.ask(f"list({mail})") == [["nora@vik.example", "Your invoice", "undone"]]


def test_what_was_typed_is_there_again_and_enter_in_the_subject_creates(stack: Stack, page: Page) -> None:
    page.keyboard.type("Pia Berg <pia@berg.example>")
    page.keyboard.press("Tab")
    page.keyboard.type("Your call")
    page.keyboard.press("Escape")
    expect(page.locator("#dialog-new-ticket")).to_be_hidden()
    page.keyboard.press("w")
    expect(page.locator("#new-ticket-subject")).to_be_focused()
    expect(page.locator(".new-ticket .address-chip")).to_contain_text("Pia Berg")
    page.keyboard.type(" today")
    page.keyboard.press("Enter")
    expect(page.locator("#ticket-title")).to_have_text(re.compile("Your call"))
    assert len(started(stack, "pia@berg.example")) == 1
    expect(page.locator("#editor")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("w")
    expect(page.locator("#new-ticket-subject")).to_have_value("")
    expect(page.locator(".new-ticket .address-chip")).to_have_count(0)


def test_errors_are_said_at_their_fields_and_nothing_is_lost(stack: Stack, page: Page) -> None:
    page.keyboard.press("Control+Enter")
    expect(page.locator("#new-ticket-to-error")).to_contain_text("Choose a customer")
    expect(page.locator("#new-ticket-subject-error")).to_contain_text("Write a subject")
    expect(page.locator("#new-ticket-to-input")).to_be_focused()
    page.keyboard.type("support@tallybird.example")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#new-ticket-to-error")).to_contain_text("our own address")
    expect(page.locator(".new-ticket .address-chip")).to_contain_text("support@")
    page.keyboard.press("Backspace")
    page.keyboard.type("quinn@ask.example")
    page.keyboard.press("Tab")
    page.keyboard.type("Your call")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#ticket-title")).to_have_text("Your call")
    assert len(started(stack, "quinn@ask.example")) == 1


def test_open_tickets_of_the_customer_are_shown_and_move_nothing(page: Page) -> None:
    button = page.locator("#dialog-new-ticket [type=submit]")
    before = button.bounding_box()
    choose(page, "lena")
    others = page.locator("#new-ticket-others")
    expect(others).to_contain_text("Lena Haas has 2 tickets that are not closed:")
    expect(others.get_by_role("link")).to_have_count(2)
    assert button.bounding_box() == before
    page.keyboard.press("Tab")
    expect(others.get_by_role("link").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#dialog-new-ticket")).to_be_hidden()
    expect(page.locator("#ticket-title")).to_have_text("Two charges")


def test_pressed_twice_and_tried_again_it_is_one(stack: Stack, page: Page) -> None:
    held = Held(page, CREATE)
    page.keyboard.type("rolf@once.example")
    page.keyboard.press("Tab")
    page.keyboard.type("Once")
    with page.expect_request(CREATE):
        page.keyboard.press("Control+Enter")
    page.keyboard.press("Enter")
    page.evaluate("fetch('/desk/addresses?q=after')")  # a request that comes after whatever these keys have sent
    assert len(held.routes) == 1
    held.let_go()
    expect(page.locator("#ticket-title")).to_have_text("Once")
    assert len(started(stack, "rolf@once.example")) == 1


def test_after_an_answer_that_was_lost_the_same_ticket_opens(stack: Stack, page: Page) -> None:
    def lost(route: Route) -> None:
        route.fetch()
        route.abort()

    page.keyboard.type("sara@lost.example")
    page.keyboard.press("Tab")
    page.keyboard.type("Lost")
    page.route(CREATE, lost, times=1)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#new-ticket-error")).to_contain_text("cannot be reached")
    page.keyboard.press("Escape")  # it opens again with the same submission
    page.keyboard.press("w")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#ticket-title")).to_have_text("Lost")
    assert len(started(stack, "sara@lost.example")) == 1


def test_one_that_was_never_written_is_discarded(stack: Stack, page: Page) -> None:
    choose(page, "olga")
    page.keyboard.press("Tab")
    page.keyboard.type("Nothing")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#editor")).to_be_focused()
    button = page.get_by_role("button", name="Discard the ticket")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Ticket closed.")
    expect(button).to_have_count(0)
    expect(page.locator("#ticket-title")).to_be_focused()
    page.keyboard.press("z")
    expect(page.locator("#ticket-header")).to_contain_text("started by us")


def test_the_dialog_is_accessible(page: Page) -> None:
    choose(page, "lena")
    expect(page.locator("#new-ticket-others")).to_contain_text("2 tickets")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#new-ticket-subject-error")).to_contain_text("Write a subject")
    for scheme, rules in (("light", RULES), ("dark", COLOURS)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.evaluate(FINISH_ANIMATIONS)
        found = Axe().run(page, context="#dialog-new-ticket", options=rules)
        assert found.response["violations"] == [], scheme


# --- answers that come late or not at all ----------------------------------------------------------


def sent_and_left(page: Page, email: str, subject: str) -> Held:
    """The answer is held back, the dialog was closed and is open again."""
    held = Held(page, CREATE)
    page.keyboard.type(email)
    page.keyboard.press("Tab")
    page.keyboard.type(subject)
    with page.expect_request(CREATE):
        page.keyboard.press("Control+Enter")
    page.keyboard.press("Escape")
    expect(page.locator("#dialog-new-ticket")).to_be_hidden()
    page.keyboard.press("w")
    expect(page.locator("#new-ticket-subject")).to_be_focused()
    return held


def test_a_late_answer_leaves_what_is_typed_into_the_dialog_since(stack: Stack, page: Page) -> None:
    held = sent_and_left(page, "tina@late.example", "First")
    page.keyboard.press("Control+a")
    page.keyboard.type("A second one, quite another")
    held.let_go()
    expect(page.locator("#toasts")).to_contain_text("The ticket is created.")
    expect(page.locator("#new-ticket-subject")).to_have_value("A second one, quite another")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#ticket-title")).to_have_text("A second one, quite another")
    assert len(started(stack, "tina@late.example")) == 2


def test_after_a_late_answer_the_next_ticket_is_made_at_the_first_press(page: Page) -> None:
    held = sent_and_left(page, "udo@late.example", "First")
    held.let_go()
    expect(page.locator("#toasts")).to_contain_text("The ticket is created.")
    expect(page.locator("#new-ticket-subject")).to_have_value("")
    page.locator("#new-ticket-to-input").focus()
    page.keyboard.type("vito@late.example")
    page.keyboard.press("Tab")
    page.keyboard.type("Next")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#ticket-title")).to_have_text("Next")


def test_what_was_typed_survives_a_reload_and_makes_no_second_ticket(stack: Stack, page: Page) -> None:
    def lost(route: Route) -> None:
        route.fetch()
        route.abort()

    page.keyboard.type("Wim Vos <wim@lost.example>")
    page.keyboard.press("Tab")
    page.keyboard.type("Lost on the way")
    page.route(CREATE, lost, times=1)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#new-ticket-error")).to_contain_text("What you typed is kept.")
    page.reload()
    expect(page.locator("#search[aria-controls]")).to_be_attached()
    page.keyboard.press("w")
    expect(page.locator("#new-ticket-subject")).to_be_focused()
    expect(page.locator("#new-ticket-subject")).to_have_value("Lost on the way")
    expect(page.locator(".new-ticket .address-chip")).to_contain_text("Wim Vos")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#ticket-title")).to_have_text("Lost on the way")
    assert len(started(stack, "wim@lost.example")) == 1
    page.reload()
    expect(page.locator("#search[aria-controls]")).to_be_attached()
    page.locator("#ticket-title").focus()
    page.keyboard.press("w")
    expect(page.locator("#new-ticket-to-input")).to_be_focused()
    expect(page.locator("#new-ticket-subject")).to_have_value("")
