"""What must not happen to the recipients of a reply: nobody gets it unseen, and nothing that was typed is lost."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.composer import Held
from tests.browser.stack import Stack
from tests.browser.web_alone import test_recipients
from tests.browser.web_alone.test_queue_views import says
from tests.browser.web_alone.test_recipients import (
    ALL,
    ANNA,
    BEN,
    ONLY,
    PASTE,
    WIDER,
    arrive,
    chips,
    field,
    opened,
    row,
    send,
    sends,
)

HEAR = """() => {
    window.heard = [];
    const place = document.getElementById("announce");
    new MutationObserver(() => window.heard.push(place.textContent)).observe(place, { childList: true });
}"""
pytestmark = [pytest.mark.browser, pytest.mark.services]
stack, mailed, page = test_recipients.stack, test_recipients.mailed, test_recipients.page


def test_enter_takes_the_typed_address_not_a_suggestion_for_an_older_text(page: Page) -> None:
    page.keyboard.press("y")
    page.keyboard.type("clar")
    expect(page.locator("#recipients-cc-options [role=option]")).to_have_count(2)
    page.keyboard.type("us@other.example")  # without a pause of 150 ms
    page.keyboard.press("Enter")
    chips(page, "cc", "Anna Berg", "clarus@other.example")


def test_send_anyway_goes_to_whom_the_row_named(stack: Stack, page: Page, mailed: tuple[int, str]) -> None:
    seen = sends(page)
    row(page, ALL)
    # The mail is there, but this page has not heard of it yet.
    page.keyboard.press("r")
    page.keyboard.type("For the two of you only.")
    held = Held(page, "**/reply")
    with page.expect_request("**/reply"):
        page.keyboard.press("Control+Enter")
    messages = Held(page, re.compile(r"/desk/\d+/(messages|recipients|conversation).*"))
    arrive(stack, copies=f"{ANNA}, {BEN}", after=mailed[1])
    held.let_go()
    expect(page.locator("#dialog-newer")).to_be_visible()
    messages.let_go()
    row(page, "To Vera Holm · Cc Anna Berg, Ben Miller")  # behind the dialog
    page.keyboard.press("s")
    says(page, "Reply sent.")
    assert seen[-1]["cc"] == ["anna@berg.example"]  # or the dialog says who else gets it


def test_undo_keeps_whom_the_agent_chose_for_the_next_reply(page: Page) -> None:
    send(page, "For all of you.")
    says(page, "Reply sent.")
    page.keyboard.press("Escape")
    page.keyboard.press("l")
    row(page, ONLY)
    page.keyboard.press("r")
    page.keyboard.type("Vera, between us: Anna must not know.")
    page.keyboard.press("Escape")
    page.keyboard.press("z")
    says(page, "Sending undone.")
    expect(page.locator("#editor")).to_contain_text("Anna must not know")
    row(page, ONLY)


def test_a_typed_address_survives_a_reload(page: Page) -> None:
    page.keyboard.press("y")
    page.keyboard.type("ben@berg.example")
    page.reload()
    row(page, "To Vera Holm · Cc Anna Berg, ben@berg.example")


def test_one_key_does_not_drop_what_is_half_typed(page: Page) -> None:
    page.keyboard.press("y")
    page.keyboard.type("ben@")
    page.locator("#recipients-all").click()
    page.locator("#recipients-all").click()
    expect(field(page, "cc")).to_have_value("ben@")


def test_the_focus_stays_on_an_offer_when_the_ticket_changes(stack: Stack, page_of: Callable[[str], Page]) -> None:
    number, name = arrive(stack, copies="")
    arrive(stack, copies="", sender=BEN, after=name)
    arrive(stack, copies="", after=name)
    page = opened(page_of("mira"), stack, number)
    page.locator("#recipients-hint").click()
    offer = page.get_by_role("button", name="Add Ben Miller to Cc")
    expect(offer).to_be_focused()
    arrive(stack, copies="", sender="Carl Ross <carl@berg.example>", after=name)
    arrive(stack, copies="", after=name)
    expect(page.get_by_role("button", name="Add Carl Ross to Cc")).to_be_visible()
    expect(offer).to_be_focused()


def test_the_focus_stays_on_a_chip_that_changes(stack: Stack, page: Page, mailed: tuple[int, str]) -> None:
    page.keyboard.press("y")
    page.keyboard.type("carl@berg.example,")
    page.keyboard.press("ArrowLeft")
    remove = page.get_by_role("button", name="Remove carl@berg.example")
    expect(remove).to_be_focused()
    expect(page.locator("#recipients-cc .chip-warn")).to_have_count(1)
    arrive(stack, copies=f"{ANNA}, carl@berg.example", after=mailed[1])
    expect(page.locator("#recipients-cc .chip-warn")).to_have_count(0)  # he is known now
    expect(remove).to_be_focused()


@pytest.mark.parametrize("width", [390, 1024])
def test_a_long_name_leaves_the_buttons_in_the_row(stack: Stack, page_of: Callable[[str], Page], width: int) -> None:
    name = "Donaudampfschifffahrtsgesellschaftskapitaenswitwenrentenauszahlungsstelle"
    number, _ = arrive(stack, sender=f"{name * 2} <long{width}@holm.example>")
    page = opened(page_of("mira"), stack, number)
    page.set_viewport_size({"width": width, "height": 844})
    expect(page.locator("#recipients-open")).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.querySelector('#recipients-open').getBoundingClientRect().right <= innerWidth")
    assert not page.evaluate(WIDER, ".recipients-line")


def test_a_name_that_is_an_address_does_not_hide_the_real_one(stack: Stack, page_of: Callable[[str], Page]) -> None:
    number, _ = arrive(stack, copies='"boss@holm.example" <thief@evil.example>')
    page = opened(page_of("mira"), stack, number)
    expect(page.locator("#recipients-text")).to_contain_text("thief@evil.example")


def test_too_many_is_not_told_as_a_wrong_address(page: Page) -> None:
    page.keyboard.press("y")
    field(page, "cc").evaluate(PASTE, ", ".join(f"p{n}@many.example" for n in range(49)))
    expect(page.locator("#recipients-cc .address-chip")).to_have_count(50)
    page.keyboard.type("ben@berg.example")
    page.locator("#editor").click()
    page.keyboard.type("Hello")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("at most 50 addresses")


def test_whoever_is_taken_out_before_the_reply_goes_does_not_get_it(page: Page) -> None:
    seen = sends(page)
    check = Held(page, "**/presend")
    with page.expect_request("**/presend"):
        page.keyboard.press("r")
        page.keyboard.type("For Vera alone.")
    page.keyboard.press("Control+Enter")  # waits for the check
    page.keyboard.press("l")
    row(page, ONLY)
    check.let_go()
    says(page, "Reply sent.")
    assert seen == [{"to": ["vera@holm.example"], "cc": [], "bcc": []}]


def test_the_key_l_takes_out_whom_the_agent_added(stack: Stack, page_of: Callable[[str], Page]) -> None:
    page = opened(page_of("mira"), stack, arrive(stack, copies="")[0])
    page.keyboard.press("y")
    page.keyboard.type("clara@moreau.example,")
    page.keyboard.press("Escape")
    row(page, "To Vera Holm · Cc clara@moreau.example")
    expect(page.locator("#recipients-all")).to_have_text(re.compile("^Only Vera"))
    page.keyboard.press("l")
    row(page, ONLY)
    page.keyboard.press("l")
    row(page, "To Vera Holm · Cc clara@moreau.example")


def test_a_paste_that_is_too_long_is_not_lost(page: Page) -> None:
    page.keyboard.press("y")
    field(page, "cc").evaluate(PASTE, ", ".join(f"p{n}@many.example" for n in range(50)))
    expect(page.locator("#recipients-cc-error")).to_contain_text("at most 50")
    expect(field(page, "cc")).to_have_value(re.compile("p49@many.example"))


def test_a_row_that_changes_by_itself_is_read_out(stack: Stack, page: Page, mailed: tuple[int, str]) -> None:
    row(page, ALL)
    said = "To Vera Holm · Cc Anna Berg, Ben Miller"
    page.evaluate(HEAR)
    arrive(stack, copies=f"{ANNA}, {BEN}", after=mailed[1])
    row(page, said)
    page.wait_for_function("text => window.heard.includes(text)", arg=said)
    described = page.locator("#editor").get_attribute("aria-describedby")
    assert described == "recipients-text figures"
    page.keyboard.press("n")  # a note goes to nobody
    expect(page.locator("#editor")).to_have_attribute("aria-describedby", "figures")


def test_who_is_not_taken_is_not_said_to_be_added(page: Page) -> None:
    page.keyboard.press("y")
    page.evaluate(HEAR)
    page.keyboard.type("vera@holm.example,")
    expect(field(page, "cc")).to_have_value("")
    page.keyboard.type("ben@berg.example,")
    page.wait_for_function("window.heard.includes('ben@berg.example added.')")
    assert "vera@holm.example added." not in page.evaluate("window.heard")


def test_recipients_alone_are_no_unsent_reply(page: Page) -> None:
    page.keyboard.press("l")
    row(page, ONLY)
    page.keyboard.press("Control+d")
    expect(page.locator("#dialog-close")).to_be_visible()
    expect(page.locator("#close-unsent")).to_be_hidden()


def test_half_an_address_survives_a_reload_in_its_field(page: Page) -> None:
    page.keyboard.press("y")
    page.keyboard.type("ben@")
    page.reload()
    expect(field(page, "cc")).to_be_visible()
    expect(field(page, "cc")).to_have_value("ben@")
    row(page, ALL)
