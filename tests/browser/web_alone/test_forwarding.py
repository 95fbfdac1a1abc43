"""A message is forwarded to somebody else than the customer: by keyboard, with its files, undone, and never twice."""

import re
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from itertools import count
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.composer import Held
from tests.browser.stack import Stack
from tests.browser.test_accessibility import COLOURS, FINISH_ANIMATIONS, RULES

pytestmark = [pytest.mark.browser, pytest.mark.services]

ADDRESS = re.compile(r"/desk/\d+/forward$")
NOTHING = "typed before and did not send"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The web process alone, with time to undo."""
    stack = Stack(tmp_path_factory.mktemp("forwarding"), UNDO_SEND_SECONDS="60")
    stack.prepare("from tests.browser import seed; seed.people()")
    stack.start("web")
    yield stack
    stack.stop()


_numbers = count(1)


def arrive(stack: Stack) -> int:
    """A ticket of a new customer, whose mail has two files."""
    n, message = next(_numbers), EmailMessage()
    message["From"], message["To"] = f"Vera Holm <{customer(n)}>", "support@tallybird.example"
    message["Subject"], message["Message-ID"] = f"The lock is stuck {n}", f"<forwarding-{n}@holm{n}.example>"
    message.set_content("The lock of room 4 is stuck.\n\nWhat can I do?\n")
    message.add_attachment(b"%PDF-1.7 the lock", "application", "pdf", filename="lock.pdf")
    message.add_attachment(b"%PDF-1.7 the plan", "application", "pdf", filename="plan.pdf")
    number = int(stack.ask(f"intake.receive({message.as_bytes()!r}).as_json()")["ticket"])
    stack.ask(
        f"Message.objects.create(ticket_id={number}, kind='reply', author=User.objects.get(username='jonas'), "
        "text='We ask the supplier.').pk"
    )
    return number


def customer(n: int) -> str:
    return f"vera@holm{n}.example"


@pytest.fixture
def number(stack: Stack) -> int:
    return arrive(stack)


@pytest.fixture
def page(stack: Stack, page_of: Callable[[str], Page], number: int) -> Page:
    return shown(page_of("mira"), stack, number)


def shown(page: Page, stack: Stack, number: int) -> Page:
    page.goto(f"{stack.url}/desk/{number}/?view=open")
    expect(page.locator("#figures-state")).not_to_be_empty()  # the scripts run, so keys work
    return page


def opened(page: Page) -> Locator:
    dialog = page.locator("#dialog-forward")
    expect(page.locator("#forward-to-input")).to_be_focused()
    return dialog


def to(page: Page, *addresses: str) -> None:
    """To these, by keyboard; the focus is in the field To."""
    for each in addresses:
        page.keyboard.type(each)
        page.keyboard.press("Enter")


def chips(page: Page, kind: str) -> Locator:
    return page.locator(f"#forward-{kind} .address-chip")


def says(page: Page, text: str) -> None:
    expect(page.locator("#toasts")).to_contain_text(text)


def forwards(stack: Stack, number: int) -> list[Any]:
    """Those that were not undone: who gets it, the words, and the files."""
    rows = f"Message.objects.filter(ticket={number}, kind='forward').exclude(outgoing__state='undone')"
    return list(
        stack.ask(
            f"[[[f'{{each.kind}} {{each.email}}' for each in m.recipients.all()], m.text, "
            f"[each.filename for each in m.attachments.all()]] for m in {rows}]"
        )
    )


def message(stack: Stack, number: int, kind: str) -> int:
    return int(stack.ask(f"Message.objects.filter(ticket={number}, kind={kind!r}).last().pk"))


def by_somebody_else(stack: Stack, number: int) -> int:
    return int(
        stack.ask(
            f"Message.objects.create(ticket_id={number}, kind='other', from_name='Kim Ruiz', "
            f"from_email='kim@locks.example', message_id='answer-{number}@locks.example', text='Oil it.').pk"
        )
    )


# --- sending --------------------------------------------------------------------------------------


def test_the_latest_message_of_the_customer_is_forwarded_by_keyboard(stack: Stack, page: Page, number: int) -> None:
    page.keyboard.press("m")
    dialog = opened(page)
    expect(dialog).to_contain_text("Vera Holm does not get this and does not see it.")
    to(page, "Kim Ruiz <kim@locks.example>")
    expect(chips(page, "to").locator("span")).to_have_text(["Kim Ruiz", "new"])
    page.keyboard.press("Tab")  # Cc
    page.keyboard.press("Enter")
    expect(page.locator("#forward-cc-input")).to_be_focused()
    to(page, "boss@locks.example")
    page.keyboard.press("Tab")
    expect(page.locator("#forward-text")).to_be_focused()
    page.keyboard.type("Please have a look.")
    page.keyboard.press("Control+Enter")
    says(page, "Forwarded to Kim Ruiz and boss@locks.example.")
    expect(dialog).not_to_be_visible()
    sent = page.locator(".message-forward")
    expect(sent.locator(".message-who")).to_contain_text("forwarded to Kim Ruiz, cc boss@locks.example")
    expect(sent).to_contain_text("Please have a look.")
    sent.locator("summary").click()
    expect(sent.locator(".quoted")).to_contain_text("The lock of room 4 is stuck.")
    assert forwards(stack, number) == [
        [["to kim@locks.example", "cc boss@locks.example"], "Please have a look.", ["lock.pdf", "plan.pdf"]]
    ]
    page.keyboard.press("m")  # nothing is left of it
    opened(page)
    expect(dialog.locator(".address-chip")).to_have_count(0)
    expect(dialog.get_by_text(NOTHING)).not_to_be_visible()


def test_the_key_means_the_message_that_has_the_focus(stack: Stack, page: Page, number: int) -> None:
    author = "User.objects.get(username='jonas')"
    stack.ask(f"Message.objects.create(ticket_id={number}, kind='note', author={author}, text='For us.').pk")
    shown(page, stack, number)
    expect(page.locator(".message-note")).to_have_count(1)
    expect(page.locator(".message-note [data-do=forward]")).to_have_count(0)
    button = page.locator(".message-reply [data-do=forward]")
    expect(button).to_have_css("opacity", "0")
    button.focus()
    expect(button).to_have_css("opacity", "1")
    page.keyboard.press("m")
    dialog = opened(page)
    dialog.locator("summary").click()
    expect(dialog.locator("pre:visible")).to_contain_text("We ask the supplier.")
    expect(dialog.locator("[name=file]")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
    page.locator(".message-customer [data-do=forward]").click()
    opened(page)
    expect(dialog.locator("[name=file]")).to_have_count(2)


def test_what_is_sent_with_it_changes_with_the_choice(stack: Stack, page: Page, number: int) -> None:
    page.locator(".message-reply [data-do=forward]").focus()
    page.keyboard.press("m")
    dialog = opened(page)
    dialog.locator("summary").click()
    text = dialog.locator("pre:visible")
    expect(text).to_contain_text("We ask the supplier.")
    expect(text).not_to_contain_text("The lock of room 4 is stuck.")
    dialog.get_by_label("The conversation so far").check()
    expect(text).to_contain_text("We ask the supplier.")
    expect(text).to_contain_text("The lock of room 4 is stuck.")
    page.locator("#forward-to-input").focus()
    to(page, "kim@locks.example")
    page.keyboard.press("Control+Enter")
    says(page, "Forwarded to kim@locks.example.")
    stored = f"Message.objects.get(ticket={number}, kind='forward').quoted"
    assert "The lock of room 4 is stuck." in stack.ask(stored)


def test_files_that_are_not_chosen_are_not_sent(stack: Stack, page: Page, number: int) -> None:
    page.keyboard.press("m")
    dialog = opened(page)
    to(page, "kim@locks.example")
    box = dialog.get_by_label("plan.pdf")
    expect(box).to_be_checked()
    box.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")  # sends nothing
    expect(dialog).to_be_visible()
    page.keyboard.press("Control+Enter")
    says(page, "Forwarded to kim@locks.example.")
    assert forwards(stack, number) == [[["to kim@locks.example"], "", ["lock.pdf"]]]


# --- what is wrong --------------------------------------------------------------------------------


def test_an_address_that_is_wrong_or_the_customers_is_told_in_the_dialog(stack: Stack, page: Page, number: int) -> None:
    email = stack.ask(f"Ticket.objects.get(pk={number}).customer.email")
    page.keyboard.press("m")
    dialog = opened(page)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#forward-to-error")).to_have_text("Type at least one address.")
    page.keyboard.type("kim at locks")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#forward-to-error")).to_have_text("“kim at locks” is not a mail address.")
    page.keyboard.press("Control+a")
    page.keyboard.type(email)
    page.keyboard.press("Control+Enter")
    expect(dialog.get_by_role("alert").filter(has_text=email)).to_be_visible()
    expect(page.locator("#forward-to-input")).to_be_focused()
    assert forwards(stack, number) == []
    page.keyboard.press("Backspace")
    to(page, "kim@locks.example")
    page.keyboard.press("Control+Enter")
    says(page, "Forwarded to kim@locks.example.")
    assert [each[0] for each in forwards(stack, number)] == [["to kim@locks.example"]]


def test_what_was_typed_is_there_again_also_after_a_reload(stack: Stack, page: Page, number: int) -> None:
    page.keyboard.press("m")
    dialog = opened(page)
    to(page, "kim@locks.example")
    page.keyboard.type("half@typ")
    page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()
    shown(page, stack, number)
    page.keyboard.press("m")
    opened(page)
    expect(dialog.get_by_text(NOTHING)).to_be_visible()
    expect(chips(page, "to")).to_have_count(1)
    expect(page.locator("#forward-to-input")).to_have_value("half@typ")
    dialog.get_by_role("button", name="Start afresh").click()
    expect(page.locator("#forward-to-input")).to_have_value("")
    expect(chips(page, "to")).to_have_count(0)
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    opened(page)
    expect(dialog.get_by_text(NOTHING)).not_to_be_visible()


def test_escape_closes_what_is_offered_first_and_the_customer_is_not_offered(
    stack: Stack, page: Page, number: int
) -> None:
    page.keyboard.press("m")
    dialog = opened(page)
    page.keyboard.type("jonas")
    options = page.locator("#forward-to-options [role=option]")
    expect(options).to_have_count(1)
    page.keyboard.press("Escape")
    expect(options).to_have_count(0)
    expect(dialog).to_be_visible()
    # Both match; the one who is not the customer comes, so the answer is there.
    email = stack.ask(f"Ticket.objects.get(pk={number}).customer.email")
    stack.ask(f"Customer.objects.create(name='Vera Stein', email='{email}.org').pk")
    page.keyboard.press("Control+a")
    page.keyboard.type(email[:-4])
    expect(options).to_have_count(1)
    expect(options).to_contain_text(f"{email}.org")


def test_an_answer_that_is_lost_sends_nothing_twice(stack: Stack, page: Page, number: int) -> None:
    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route(ADDRESS, lose, times=1)
    page.keyboard.press("m")
    dialog = opened(page)
    to(page, "kim@locks.example")
    page.keyboard.press("Control+Enter")
    again = dialog.get_by_role("button", name="Try again")
    expect(again).to_be_focused()
    expect(dialog).to_contain_text("It may have been forwarded all the same.")
    expect(page.locator("#forward-text")).to_be_disabled()
    page.keyboard.press("Escape")
    shown(page, stack, number)
    page.keyboard.press("m")
    expect(again).to_be_focused()
    page.keyboard.press("Enter")
    says(page, "Forwarded to kim@locks.example.")
    expect(dialog).not_to_be_visible()
    assert len(forwards(stack, number)) == 1


def test_an_answer_that_comes_after_the_dialog_was_closed(stack: Stack, page: Page, number: int) -> None:
    held: list[Route] = []
    page.route(ADDRESS, lambda route: held.append(route))
    page.keyboard.press("m")
    dialog = opened(page)
    to(page, "kim@locks.example")
    with page.expect_request(ADDRESS):
        page.keyboard.press("Control+Enter")
    page.keyboard.press("Control+Enter")  # not a second time
    page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()
    assert len(held) == 1
    held.pop().fulfill(status=422, json={"error": "Not to kim."})
    says(page, "Not forwarded. Not to kim.")
    page.unroute(ADDRESS)
    page.locator("#toasts").get_by_role("button", name="Try again").click()
    opened(page)
    expect(chips(page, "to")).to_have_count(1)
    page.keyboard.press("Control+Enter")
    says(page, "Forwarded to kim@locks.example.")


# --- undo -----------------------------------------------------------------------------------------


def all_of_it(page: Page) -> Locator:
    """Something in each field of the dialog, and sent."""
    page.keyboard.press("m")
    dialog = opened(page)
    to(page, "Kim Ruiz <kim@locks.example>")
    for kind in ("cc", "bcc"):
        dialog.locator(f"[data-more={kind}]").click()
        to(page, f"{kind}@locks.example")
    page.locator("#forward-text").fill("Please have a look.\nToday.")
    dialog.get_by_label("lock.pdf").uncheck()
    dialog.get_by_label("The conversation so far").check()
    page.keyboard.press("Control+Enter")
    says(page, "Forwarded to Kim Ruiz, cc@locks.example, and bcc@locks.example.")
    expect(page.locator(".message-forward .delivery")).to_contain_text("Sending")
    return dialog


def has_all_of_it(page: Page, dialog: Locator) -> None:
    opened(page)
    expect(chips(page, "to").locator(".address-name")).to_have_text(["Kim Ruiz"])
    expect(chips(page, "cc").locator(".address-name")).to_have_text(["cc@locks.example"])
    expect(chips(page, "bcc").locator(".address-name")).to_have_text(["bcc@locks.example"])
    expect(page.locator("#forward-text")).to_have_value("Please have a look.\nToday.")
    expect(dialog.get_by_label("lock.pdf")).not_to_be_checked()
    expect(dialog.get_by_label("plan.pdf")).to_be_checked()
    expect(dialog.get_by_label("The conversation so far")).to_be_checked()


def test_undo_opens_the_dialog_again_with_all_of_it(stack: Stack, page: Page, number: int) -> None:
    dialog = all_of_it(page)
    page.keyboard.press("z")
    has_all_of_it(page, dialog)
    assert forwards(stack, number) == []
    expect(dialog.get_by_text(NOTHING)).not_to_be_visible()
    page.keyboard.press("Control+Enter")
    says(page, "Forwarded to Kim Ruiz")
    assert len(forwards(stack, number)) == 1
    expect(page.locator(".message-forward")).to_have_count(2)
    expect(page.locator(".message-forward .delivery").first).to_contain_text("It was not forwarded.")
    page.locator(".message-forward [data-undo-send]").click()  # below the message, instead of the toast
    has_all_of_it(page, dialog)
    assert forwards(stack, number) == []


def test_undo_goes_back_to_the_ticket(stack: Stack, page: Page, number: int) -> None:
    other = arrive(stack)
    dialog = all_of_it(page)
    held = Held(page, "**/undo-send")
    page.keyboard.press("z")
    page.locator(f"#row-{other} a").click()
    expect(page).to_have_url(re.compile(f"/desk/{other}/"))
    expect(page.locator("#content")).to_have_attribute("aria-busy", "false")
    held.let_go()
    has_all_of_it(page, dialog)
    expect(page).to_have_url(re.compile(f"/desk/{number}/"))
    assert forwards(stack, number) == []


# --- the conversation -----------------------------------------------------------------------------


def test_an_answer_of_somebody_else_cannot_be_taken_for_the_customers(stack: Stack, page: Page, number: int) -> None:
    by_somebody_else(stack, number)
    shown(page, stack, number)
    answer = page.locator(".message-other")
    expect(answer.locator(".message-who")).to_contain_text("Kim Ruiz not the customer")
    answer.hover()
    answer.get_by_role("button", name="Forward").click()
    dialog = opened(page)
    dialog.locator("summary").click()
    expect(dialog.locator("pre:visible")).to_contain_text("Oil it.")
    page.keyboard.press("Escape")
    page.locator("#ticket-title").focus()
    page.keyboard.press("m")  # the customer's, which is older
    opened(page)
    dialog.locator("summary").click()
    expect(dialog.locator("pre:visible")).to_contain_text("The lock of room 4 is stuck.")


def violations(page: Page, rules: Any) -> list[str]:
    found = Axe().run(page, options=rules).response["violations"]
    return [f"{each['id']}: {node['html'][:200]} {node['failureSummary']}" for each in found for node in each["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_breaks_a_rule(stack: Stack, page: Page, number: int, scheme: str) -> None:
    by_somebody_else(stack, number)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    all_of_it(page)
    rules = RULES if scheme == "light" else COLOURS
    page.evaluate(FINISH_ANIMATIONS)
    broken = violations(page, rules)
    page.route(ADDRESS, lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.keyboard.press("m")
    dialog = opened(page)
    to(page, "kim@locks.example")
    dialog.locator("[data-more=cc]").click()
    page.keyboard.type("no address")
    page.keyboard.press("Enter")
    dialog.locator("summary").click()
    page.evaluate(FINISH_ANIMATIONS)
    broken += violations(page, rules)
    page.locator("#forward-cc-input").fill("")
    page.keyboard.press("Control+Enter")
    expect(dialog.get_by_role("button", name="Try again")).to_be_visible()
    broken += violations(page, rules)
    assert broken == []


def test_a_phone_has_the_button_and_room_for_the_dialog(stack: Stack, page_of: Callable[..., Page]) -> None:
    number = arrive(stack)
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    page = shown(page_of("mira", **phone), stack, number)
    button = page.locator(".message-customer [data-do=forward]")
    expect(button).to_have_css("opacity", "1")
    button.tap()
    dialog = opened(page)
    small = """dialog => [...dialog.querySelectorAll("button, input[type=text], textarea, label.check, summary")]
        .filter((each) => each.checkVisibility())
        .map((each) => [each.outerHTML.slice(0, 80), each.getBoundingClientRect()])
        .filter(([, {width, height, left, right}]) => width < 24 || height < 24 || left < 0 || right > innerWidth)"""
    assert dialog.evaluate(small) == []
    assert dialog.evaluate("each => each.scrollWidth <= each.clientWidth")
    expect(dialog.get_by_role("button", name="Forward")).to_be_in_viewport()
