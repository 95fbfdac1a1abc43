"""From writing an article to a customer whom it did not help, all by keyboard."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.stack import SLOW_LANE, Stack
from tests.waiting import wait_until
from tickets.contact.receiving import MIN_SECONDS

pytestmark = [pytest.mark.browser, pytest.mark.model, pytest.mark.services]

TITLE = "Print the label of a repair"
# Into the clipboard as a screenshot tool puts it there.
COPY_A_PICTURE = """async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 180 });
  canvas.getContext("2d").fillRect(40, 40, 100, 60);
  const picture = await new Promise((done) => canvas.toBlob(done, "image/png"));
  await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
}"""


def press(page: Page, role: str, name: str | re.Pattern[str]) -> None:
    """Enter on a button or link, as somebody does who came there with Tab."""
    page.get_by_role(role, name=name).first.press("Enter")  # type: ignore[arg-type]


def write(page: Page) -> None:
    """Ken writes, pastes a picture, sees a remark, fixes the problem, and saves."""
    expect(page).to_have_url(re.compile(r"/admin/knowledge/article/$"))
    press(page, "link", "Add article")
    expect(page.locator("#id_title")).to_be_focused()
    expect(page.get_by_role("toolbar", name="Format")).to_be_visible()
    page.keyboard.type(TITLE)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator("#id_body_md")).to_be_focused()
    page.keyboard.type("Every repair has a label with its number.\n\n#### Print it\n\nChoose **Print label**.\n\n")
    expect(page.locator("[data-remarks]")).to_contain_text("A heading level is skipped")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate(COPY_A_PICTURE)
    page.keyboard.press("Control+v")
    expect(page.locator(".kb-upload")).to_contain_text("Picture added")
    page.keyboard.type("The button in the menu")  # the description is selected
    expect(page.locator(".kb-preview img")).to_have_attribute("alt", "The button in the menu")
    press(page, "button", "line 3")
    page.keyboard.type("## Print it")
    expect(page.locator("[data-remarks]")).not_to_contain_text("skipped")
    page.keyboard.press("Control+s")
    expect(page.locator(".messagelist")).to_contain_text("added successfully")
    expect(page.locator("#id_body_md")).to_be_focused()


def look_for_it(page: Page, url: str) -> None:
    """A visitor asks, opens the answer, sees the picture, and says that it did not help."""
    page.goto(f"{url}/help/")
    page.locator("#help-q").focus()
    page.keyboard.type("how do I print the label of a repair")
    expect(page.locator(".help-option").first).to_contain_text(TITLE)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(TITLE)
    page.locator(".help-body img").scroll_into_view_if_needed()
    expect(page.locator(".help-body img")).to_have_js_property("naturalWidth", 320)
    page.get_by_role("button", name="No", exact=True).press("Enter")
    expect(page.locator("#vote-comment")).to_be_focused()
    page.keyboard.type("Which printer? <b>")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".help-voted")).to_contain_text("Our authors can read your comment")
    expect(page.locator(".help-voted")).to_be_focused()


def contact_us(page: Page) -> str:
    """The visitor writes; returns the ticket's number."""
    press(page, "link", "Contact us")
    expect(page.get_by_role("checkbox", name=TITLE, exact=True)).to_be_checked()
    page.locator("#subject").focus()
    page.keyboard.type("A printer for the labels")
    page.locator("#message").focus()  # nothing is suggested: what was read is asked about above
    page.keyboard.type("Which printer can print them?")
    page.keyboard.press("Tab")
    page.keyboard.type("Lena Haas")
    page.keyboard.press("Tab")
    page.keyboard.type("lena@haas.example")
    # As a person would: whoever sends a form within seconds is asked to send it once more.
    wait_until(lambda: page.evaluate("performance.now()") > 1000 * (MIN_SECONDS + 1), timeout=15)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("We received your message")
    return page.locator(".notice b").inner_text().lstrip("#")


def test_from_the_authors_words_to_the_customer_they_did_not_help(stack: Stack, page_of: Callable[[str], Page]) -> None:
    ken = page_of("ken")
    ken.goto(stack.url)  # leads each member to their work
    write(ken)
    press(ken, "button", "Ask for approval")
    expect(ken.locator(".messagelist")).to_contain_text("waiting for another member’s approval")

    rosa = page_of("rosa")
    rosa.goto(f"{stack.url}/admin/knowledge/article/?waiting=approval")
    press(rosa, "link", TITLE)
    press(rosa, "button", "Save and approve")
    expect(rosa.locator(".messagelist")).to_contain_text("approved and searchable")
    stack.wait_for(f"Article.objects.get(title='{TITLE}').indexed_id is not None")

    visitor = page_of("")
    look_for_it(visitor, stack.url)
    number = contact_us(visitor)

    mira = page_of("mira")
    mira.goto(f"{stack.url}/desk/{number}/")
    expect(mira.locator("#context")).to_contain_text("read these articles before writing")
    expect(mira.locator("#context")).to_contain_text(TITLE)
    rosa.goto(f"{stack.url}/lead/help/")
    expect(rosa.locator(".help-votes")).to_contain_text("Which printer? <b>")


def test_gaps_and_hygiene_by_keyboard(stack: Stack, page_of: Callable[[str], Page]) -> None:
    stack.ask("__import__('tests.browser.seed').browser.seed.knowledge_that_needs_care()")
    page = page_of("rosa")
    page.goto(f"{stack.url}/knowledge/gaps/")
    press(page, "button", "Group now")
    expect(page.get_by_role("status").filter(has_text="being grouped")).to_be_visible()
    stack.wait_for(
        "Gap.objects.filter(query__contains='WhatsApp', topic__isnull=False).count() == 2", timeout=SLOW_LANE
    )
    page.reload()
    page.evaluate("document.querySelector('#gap-topics').firstElementChild.dataset.whole = 1")
    page.locator("#gap-q").focus()
    page.keyboard.type("whatsapp")
    expect(page.locator("[data-whole]")).to_have_count(0)  # the list that was found has taken its place
    press(page, "link", re.compile("WhatsApp"))
    expect(page.locator(".gap-questions li")).to_have_count(2)
    page.locator("#topic-name").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("Reminders on <b>WhatsApp</b>")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Reminders on <b>WhatsApp</b>")
    press(page, "button", re.compile("Dismiss"))
    press(page, "button", "Undo")
    expect(page.get_by_role("status").filter(has_text="Topic reopened")).to_be_visible()
    press(page, "link", "Write the article yourself")
    expect(page.locator("#id_title")).to_have_value("Reminders on <b>WhatsApp</b>")

    stack.wait_for("Finding.objects.filter(kind='contradiction', state='open').exists()", timeout=SLOW_LANE)
    page.goto(f"{stack.url}/knowledge/hygiene/?show=contradictions")
    pair = page.locator(".finding").filter(has_text="SMS credits")
    expect(pair.locator("mark")).to_have_text([re.compile("months"), re.compile("months")])
    pair = page.locator(".finding").first
    press(page, "button", "Both are right")
    expect(pair).to_contain_text("Dismissed.")
    expect(pair.get_by_role("button", name="Undo")).to_be_focused()
    expect(page.locator(".htmx-added")).to_have_count(0)  # the test types faster than htmx takes the button over
    page.keyboard.press("Enter")
    expect(pair.get_by_role("button", name="Both are right")).to_be_focused()
