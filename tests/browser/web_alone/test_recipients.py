"""To whom a reply goes: everybody of the latest mail, only the customer, or whoever the agent chooses."""

import json
import re
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from itertools import count
from typing import Any
from urllib.parse import parse_qs

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, WebSocket, expect

from tests.browser.composer import Held, replies
from tests.browser.stack import Stack
from tests.browser.test_accessibility import COLOURS, FINISH_ANIMATIONS, RULES
from tests.browser.web_alone.test_queue_views import comes, recorded, says

pytestmark = [pytest.mark.browser, pytest.mark.services]

SEED = """
from tests.browser import seed
from tickets.models import Customer
seed.people()
Customer.objects.create(name="Clara Moreau", email="clara@moreau.example")
Customer.objects.create(name="Clark Hill", email="clark@hill.example")
"""
VERA, ANNA, BEN = "Vera Holm <vera@holm.example>", "Anna Berg <anna@berg.example>", "Ben Miller <ben@berg.example>"
ALL = "To Vera Holm · Cc Anna Berg"
ONLY = "To Vera Holm"
KEPT = "number => Object.keys(localStorage).filter((each) => each.endsWith(`:${number}`))"
PASTE = """(each, text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    each.dispatchEvent(new ClipboardEvent("paste", {bubbles: true, cancelable: true, clipboardData}));
}"""
SMALL = """(places) => [...document.querySelectorAll(places)]
    .filter((each) => each.getClientRects().length && each.getBoundingClientRect().height < 24)
    .map((each) => each.outerHTML)"""
WIDER = "(part) => document.querySelector(part).scrollWidth > document.querySelector(part).clientWidth"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The web process alone, with time to undo."""
    stack = Stack(tmp_path_factory.mktemp("recipients"), UNDO_SEND_SECONDS="60")
    stack.prepare(SEED)
    stack.start("web")
    yield stack
    stack.stop()


_numbers = count(1)


def arrive(stack: Stack, *, copies: str = ANNA, sender: str = VERA, after: str = "") -> tuple[int, str]:
    """A mail, its ticket and its Message-ID. `after`: it answers that one."""
    mail, name = EmailMessage(), f"recipients-{next(_numbers)}@holm.example"
    mail["From"], mail["To"], mail["Subject"] = sender, "support@tallybird.example", f"Invoice {name.partition('@')[0]}"
    mail["Message-ID"] = f"<{name}>"
    if copies:
        mail["Cc"] = copies
    if after:
        mail["In-Reply-To"] = mail["References"] = f"<{after}>"
    mail.set_content("The invoice names the wrong company. Please change it.\n")
    ticket = int(stack.ask(f"intake.receive({mail.as_bytes()!r}).as_json()")["ticket"])
    stack.ask(f"Draft.objects.filter(ticket={ticket}).update(state='stopped')")  # nobody writes it here
    return ticket, name


@pytest.fixture
def mailed(stack: Stack) -> tuple[int, str]:
    return arrive(stack)


@pytest.fixture
def page(stack: Stack, page_of: Callable[[str], Page], mailed: tuple[int, str]) -> Page:
    return opened(page_of("mira"), stack, mailed[0])


def opened(page: Page, stack: Stack, number: int) -> Page:
    """Its scripts run, and it hears of new mails."""
    heard: list[Any] = []

    def listens(socket: WebSocket) -> None:
        if f"/ws/tickets/{number}/" in socket.url:
            socket.on("framereceived", lambda frame: heard.append(frame))

    page.on("websocket", listens)
    page.goto(f"{stack.url}/desk/{number}/?view=open")
    expect(page.locator("#recipients-text")).to_have_attribute("title", re.compile("@"))
    comes(page, heard)
    page.remove_listener("websocket", listens)
    return recorded(page)


def row(page: Page, text: str) -> None:
    expect(page.locator("#recipients-text")).to_have_text(text)


def chips(page: Page, kind: str, *names: str) -> None:
    expect(page.locator(f"#recipients-{kind} .address-name")).to_have_text(list(names))


def field(page: Page, kind: str) -> Any:
    return page.locator(f"#recipients-{kind}-input")


def sends(page: Page) -> list[dict[str, list[str]]]:
    """The recipients of the replies that are sent from now on, as addresses."""
    seen: list[dict[str, list[str]]] = []

    def look(request: Any) -> None:
        if request.url.endswith("/reply"):
            sent = json.loads(parse_qs(request.post_data)["recipients"][0])
            seen.append({kind: [each["email"] for each in people] for kind, people in sent.items()})

    page.on("request", look)
    return seen


def send(page: Page, text: str = "Hi Vera, the invoice is changed.") -> None:
    page.keyboard.press("r")
    page.keyboard.type(text)
    page.keyboard.press("Control+Enter")


# --- to all, or only to the customer --------------------------------------------------------------


def test_a_reply_goes_to_everybody_of_the_latest_mail(stack: Stack, page: Page, mailed: tuple[int, str]) -> None:
    row(page, ALL)
    title = "To Vera Holm <vera@holm.example> · Cc Anna Berg <anna@berg.example>"
    expect(page.locator("#recipients-text")).to_have_attribute("title", title)
    seen = sends(page)
    send(page)
    says(page, "Reply sent.")
    assert seen == [{"to": ["vera@holm.example"], "cc": ["anna@berg.example"], "bcc": []}]
    assert len(replies(stack, mailed[0])) == 1


def test_one_key_leaves_only_the_customer_and_takes_all_again(page: Page) -> None:
    button = page.locator("#recipients-all")
    expect(button).to_have_text(re.compile("^Only Vera"))
    page.keyboard.press("l")
    row(page, ONLY)
    expect(page.locator("#announce")).to_have_text(ONLY)
    expect(button).to_have_text(re.compile("^Reply to all"))
    page.keyboard.press("l")
    row(page, ALL)
    expect(page.locator("#announce")).to_have_text(ALL)
    button.click()
    row(page, ONLY)
    seen = sends(page)
    send(page)
    says(page, "Reply sent.")
    assert seen == [{"to": ["vera@holm.example"], "cc": [], "bcc": []}]


def test_all_has_also_whom_the_agent_added(page: Page) -> None:
    page.keyboard.press("y")
    page.keyboard.type("clara@moreau.example,")
    page.keyboard.press("Escape")
    row(page, "To Vera Holm · Cc Anna Berg, clara@moreau.example")
    page.keyboard.press("l")
    row(page, ONLY)
    page.keyboard.press("l")
    row(page, "To Vera Holm · Cc Anna Berg, clara@moreau.example")


def test_without_others_there_is_nothing_to_choose(stack: Stack, page_of: Callable[[str], Page]) -> None:
    page = opened(page_of("mira"), stack, arrive(stack, copies="")[0])
    row(page, ONLY)
    expect(page.locator("#recipients-all")).to_be_hidden()
    page.keyboard.press("l")
    expect(page.locator("#announce")).to_have_text("Only the customer is in this conversation.")


def test_a_note_goes_to_nobody_and_the_text_stays_where_it_was(page: Page) -> None:
    before = page.locator("#editor").bounding_box()
    page.keyboard.press("n")
    expect(page.locator("#recipients")).to_be_hidden()
    assert page.locator("#editor").bounding_box() == before
    page.keyboard.press("Escape")
    page.keyboard.press("l")
    row(page, ONLY)
    expect(page.locator("#recipients")).to_be_visible()
    expect(page.locator("#tab-reply")).to_have_attribute("aria-selected", "true")


# --- the fields -----------------------------------------------------------------------------------


def test_an_address_is_typed_by_keyboard_alone(page: Page) -> None:
    page.keyboard.press("y")
    expect(field(page, "cc")).to_be_focused()
    chips(page, "to", "Vera Holm")
    expect(page.locator("#recipients-to .address-remove")).to_have_count(0)
    page.keyboard.type("ben@berg.example")
    page.keyboard.press("Enter")
    chips(page, "cc", "Anna Berg", "ben@berg.example")
    expect(page.locator("#announce")).to_have_text("ben@berg.example added.")
    new = page.locator("#recipients-cc .chip-warn")
    expect(new).to_have_count(1)  # Anna was on the ticket before
    expect(new).to_have_attribute("title", "This address was not on this ticket before")
    page.keyboard.press("Tab")
    expect(field(page, "bcc")).to_be_focused()
    page.keyboard.type("audit@holm.example;")
    chips(page, "bcc", "audit@holm.example")
    page.keyboard.press("Escape")
    expect(page.locator("#recipients-fields")).to_be_hidden()
    expect(page.locator("#recipients-open")).to_be_focused()
    row(page, "To Vera Holm · Cc Anna Berg, ben@berg.example · Bcc audit@holm.example")
    seen = sends(page)
    send(page)
    says(page, "Reply sent.")
    cc = ["anna@berg.example", "ben@berg.example"]
    assert seen == [{"to": ["vera@holm.example"], "cc": cc, "bcc": ["audit@holm.example"]}]


def test_an_address_is_suggested(page: Page) -> None:
    page.keyboard.press("y")
    page.keyboard.type("clara")
    option = page.locator("#recipients-cc-options [role=option]")
    expect(option).to_have_count(1)
    expect(option).to_contain_text("clara@moreau.example")
    expect(field(page, "cc")).to_have_attribute("aria-expanded", "true")
    expect(field(page, "cc")).to_have_attribute("aria-activedescendant", option.get_attribute("id") or "")
    page.keyboard.press("Escape")  # closes the suggestions, not the fields
    expect(option).to_have_count(0)
    expect(field(page, "cc")).to_be_focused()
    page.keyboard.type(" m")
    expect(option).to_have_count(1)
    page.keyboard.press("Enter")
    chips(page, "cc", "Anna Berg", "Clara Moreau")
    page.keyboard.type("clar")
    expect(option).to_have_count(1)  # she is in it
    expect(option).to_contain_text("clark@hill.example")


def test_an_answer_to_an_older_text_is_dropped(page: Page) -> None:
    held = Held(page, "**/addresses*q=cla")
    asked: list[Any] = []
    page.on("request", lambda each: asked.append(each) if "q=cla" in each.url else None)
    page.keyboard.press("y")
    page.keyboard.type("cla")
    comes(page, asked)
    page.keyboard.type("x")
    with page.expect_response(lambda each: "q=clax" in each.url):
        pass
    with page.expect_response(lambda each: each.url.endswith("q=cla")):
        held.let_go()
    expect(page.locator("#recipients-cc-options [role=option]")).to_have_count(0)


def test_chips_are_reached_and_taken_out_by_keyboard(page: Page) -> None:
    page.keyboard.press("y")
    page.keyboard.type("ben@berg.example,carl@berg.example,")
    chips(page, "cc", "Anna Berg", "ben@berg.example", "carl@berg.example")
    page.keyboard.press("Backspace")
    chips(page, "cc", "Anna Berg", "ben@berg.example")
    expect(page.locator("#announce")).to_have_text("carl@berg.example removed.")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("button", name="Remove Anna Berg, anna@berg.example")).to_be_focused()
    page.keyboard.press("Delete")
    chips(page, "cc", "ben@berg.example")
    expect(page.get_by_role("button", name="Remove ben@berg.example")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(field(page, "cc")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(field(page, "to")).to_be_focused()
    page.keyboard.press("Backspace")  # the customer stays
    chips(page, "to", "Vera Holm")
    page.keyboard.press("Escape")
    row(page, "To Vera Holm · Cc ben@berg.example")


def test_pasted_addresses_and_one_that_is_there_already(page: Page) -> None:
    page.keyboard.press("y")
    field(page, "cc").evaluate(PASTE, f"Anna Berg <ANNA@berg.example>, {BEN}\nvera@holm.example, ben@")
    chips(page, "cc", "Anna Berg", "Ben Miller")
    chips(page, "to", "Vera Holm")
    expect(field(page, "cc")).to_have_value("ben@")
    expect(page.locator("#recipients-cc-error")).to_have_text("“ben@” is not a mail address.")


def test_whoever_is_put_into_another_field_leaves_the_first(page: Page) -> None:
    page.keyboard.press("y")
    field(page, "bcc").fill("anna@berg.example")
    page.keyboard.press("Enter")
    chips(page, "cc")
    chips(page, "bcc", "anna@berg.example")


def test_a_bad_address_stops_sending_and_a_good_one_goes_with_it(page: Page) -> None:
    seen = sends(page)
    page.keyboard.press("r")
    page.keyboard.type("Hi Vera, the invoice is changed.")
    page.keyboard.press("Escape")
    page.keyboard.press("y")
    page.keyboard.type("ben@")
    page.keyboard.press("Control+Enter")
    says(page, "Not sent: “ben@” is not a mail address.")
    expect(field(page, "cc")).to_be_focused()
    expect(field(page, "cc")).to_have_attribute("aria-invalid", "true")
    page.keyboard.press("Escape")  # closed, nobody would see it
    expect(field(page, "cc")).to_be_focused()
    page.keyboard.type("berg.example")
    expect(field(page, "cc")).not_to_have_attribute("aria-invalid", "true")
    page.keyboard.press("Control+Enter")
    says(page, "Reply sent.")
    assert seen == [{"to": ["vera@holm.example"], "cc": ["anna@berg.example", "ben@berg.example"], "bcc": []}]
    expect(page.locator("#recipients")).not_to_have_class(re.compile("is-own"))
    expect(page.locator("#recipients-fields")).to_be_hidden()


def test_who_wrote_and_is_not_in_copy_is_offered(stack: Stack, page_of: Callable[[str], Page]) -> None:
    number, name = arrive(stack, copies="")
    arrive(stack, copies="", sender=BEN, after=name)
    arrive(stack, copies="", after=name)
    page = opened(page_of("mira"), stack, number)
    row(page, ONLY)
    hint = page.locator("#recipients-hint")
    expect(hint.locator(".long")).to_have_text("Ben Miller also wrote")
    hint.click()
    offer = page.get_by_role("button", name="Add Ben Miller to Cc")
    expect(offer).to_be_focused()
    page.keyboard.press("Enter")
    chips(page, "cc", "Ben Miller")
    expect(offer).to_have_count(0)
    expect(field(page, "cc")).to_be_focused()
    page.keyboard.press("Escape")
    row(page, "To Vera Holm · Cc Ben Miller")
    expect(hint).to_be_hidden()


# --- kept, sent, undone ---------------------------------------------------------------------------


def test_recipients_survive_a_reload_also_without_a_text(page: Page) -> None:
    page.keyboard.press("l")
    page.reload()
    row(page, ONLY)
    page.keyboard.press("l")
    page.reload()
    row(page, ALL)
    page.keyboard.press("y")
    page.keyboard.type("ben@berg.example,")
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    page.keyboard.type("Hi Vera,")
    page.reload()
    row(page, "To Vera Holm · Cc Anna Berg, ben@berg.example")
    expect(page.locator("#editor")).to_have_text("Hi Vera,")


def test_after_a_reply_the_next_one_has_the_default_and_undo_gives_the_chosen_back(
    stack: Stack, page: Page, mailed: tuple[int, str]
) -> None:
    page.keyboard.press("y")
    page.keyboard.type("Ben Miller <ben@berg.example>,")
    page.keyboard.press("Escape")
    expect(page.locator("#recipients")).to_have_class(re.compile("is-own"))
    send(page)
    says(page, "Reply sent.")
    expect(page.locator("#recipients")).not_to_have_class(re.compile("is-own"))
    page.keyboard.press("z")
    says(page, "Sending undone.")
    row(page, "To Vera Holm · Cc Anna Berg, Ben Miller")
    expect(page.locator("#editor")).to_have_text("Hi Vera, the invoice is changed.")
    assert replies(stack, mailed[0]) == []
    page.reload()
    row(page, "To Vera Holm · Cc Anna Berg, Ben Miller")


def test_an_undone_reply_to_the_customer_alone_stays_for_the_customer_alone(page: Page) -> None:
    page.keyboard.press("l")
    send(page)
    says(page, "Reply sent.")
    page.keyboard.press("z")
    with page.expect_response(lambda each: each.url.endswith("/recipients")):
        says(page, "Sending undone.")
    row(page, ONLY)
    page.reload()
    row(page, ONLY)


def test_a_reply_that_arrives_when_another_ticket_is_open_leaves_that_alone(
    stack: Stack, page: Page, mailed: tuple[int, str]
) -> None:
    other, _ = arrive(stack, copies=BEN)
    opened(page, stack, mailed[0])
    seen = sends(page)
    held = Held(page, "**/reply")
    page.keyboard.press("l")
    send(page)
    page.locator(f"#row-{other} a").click()
    row(page, "To Vera Holm · Cc Ben Miller")
    page.keyboard.press("y")
    page.keyboard.type("clara@moreau.example,")
    held.let_go()
    says(page, "Reply sent.")
    chips(page, "cc", "Ben Miller", "clara@moreau.example")
    assert seen == [{"to": ["vera@holm.example"], "cc": [], "bcc": []}]
    assert page.evaluate(KEPT, mailed[0]) == []


# --- while the ticket is open ---------------------------------------------------------------------


def test_a_new_mail_with_another_person_in_copy_changes_the_row(
    stack: Stack, page: Page, mailed: tuple[int, str]
) -> None:
    row(page, ALL)
    arrive(stack, copies=f"{ANNA}, {BEN}", after=mailed[1])
    row(page, "To Vera Holm · Cc Anna Berg, Ben Miller")


def test_a_new_mail_changes_nothing_that_the_agent_has_chosen(
    stack: Stack, page: Page, mailed: tuple[int, str]
) -> None:
    page.keyboard.press("l")
    page.keyboard.press("y")
    page.keyboard.type("half@")
    with page.expect_response(lambda each: each.url.endswith("/recipients")):
        arrive(stack, copies=f"{ANNA}, {BEN}", after=mailed[1])
    expect(page.locator("#messages .message-customer")).to_have_count(2)
    chips(page, "to", "Vera Holm")
    chips(page, "cc")
    expect(field(page, "cc")).to_be_focused()
    expect(field(page, "cc")).to_have_value("half@")
    field(page, "cc").fill("ben@berg.example")
    page.keyboard.press("Enter")
    chips(page, "cc", "ben@berg.example")
    expect(page.locator("#recipients-cc .chip-warn")).to_have_count(0)  # he is known now


# --- how it looks ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1024, 768), (390, 844)])
def test_it_fits_and_breaks_no_rule(page: Page, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.keyboard.press("y")
    page.keyboard.type("a-rather-long-address-for-one-line@department.company.example,clara")
    expect(page.locator("#recipients-cc-options [role=option]")).to_have_count(1)
    for scheme, rules in (("light", RULES), ("dark", COLOURS)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.evaluate(FINISH_ANIMATIONS)
        assert [found["id"] for found in Axe().run(page, options=rules).response["violations"]] == []
    for part in ("#composer", "#recipients-fields", ".recipients-line", "html"):
        assert not page.evaluate(WIDER, part), part
    assert page.evaluate(SMALL, "#recipients button, #recipients input, #recipients [role=option]") == []
