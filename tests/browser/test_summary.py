"""The summary of a long conversation: quotes at once, then what a model writes, without moving anything; each line
leads to its message, and nobody has a summary made of a ticket that they have left."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.composer import Held
from tests.browser.stack import Stack, mail
from tests.browser.test_triage_story import broken

pytestmark = [pytest.mark.browser, pytest.mark.model, pytest.mark.services]

# No question: the stand-in stops in the middle of a text only if there is none in what it read.
ASKED = (
    "The export button of our invoices has been grey since Monday in every browser that we own.\n\n"
    "Our accountant needs all of them by Friday noon."
)
SAID = [
    ("reply", "Please open Billing, choose the year 2025 and select Export all at the bottom."),
    ("customer", "I ticked all fourteen invoices of the year 2025 and the button is still grey as before."),
    ("note", "The role of Tomas is Viewer since the plan was changed on Monday of last week."),
    ("customer", "Signed out and in again, and it is still the same on every page.\n" + "I looked twice.\n" * 60),
]
WRITTEN = "The export button of our invoices has been grey"  # by the stand-in
# Of what is below it, as far as nothing else comes in there.
TOPS = """() => ["#summary", "#triage", "#sources"]
    .map((each) => document.querySelector(each).getBoundingClientRect().top)"""


@pytest.fixture
def number(stack: Stack, request: pytest.FixtureRequest) -> int:
    return long_ticket(stack, f"Grey button {request.node.name}")


def long_ticket(stack: Stack, subject: str) -> int:
    """Five messages, of a customer without other tickets. A draft for the last one comes while a test looks."""
    sender = f"Tomas Okafor <{subject.replace(' ', '.')}@okafor.example>"
    number = int(stack.receive(mail(subject, ASKED, sender))["ticket"])
    stack.wait_for(f"not Ticket.objects.get(pk={number}).drafts.filter(state__in=['queued', 'writing']).exists()")
    for kind, text in SAID:
        author = "None" if kind == "customer" else "User.objects.get(username='jonas')"
        stack.ask(f"Message.objects.create(ticket_id={number}, kind={kind!r}, text={text!r}, author={author}).pk")
    return number


def opened(page: Page, stack: Stack, number: int) -> Page:
    page.goto(f"{stack.url}/desk/{number}/?view=open")
    expect(page.locator("#summary-lines a").first).to_be_visible()
    return page


def answered(page: Page, *lines: dict[str, Any]) -> None:
    """What the server would stream."""
    body = streamed(*lines)
    page.route("**/summary/stream", lambda route: route.fulfill(body=body, content_type="application/x-ndjson"))


def streamed(*lines: dict[str, Any]) -> str:
    return "".join(f"{json.dumps(line)}\n" for line in lines)


def summaries(number: int) -> str:
    return f"ThreadSummary.objects.filter(ticket={number})"


def state(page: Page) -> Any:
    return expect(page.locator("#summary [data-state]"), "state")


def test_quotes_give_way_to_what_is_written_and_nothing_moves(
    number: int, stack: Stack, page_of: Callable[[str], Page]
) -> None:
    page = page_of("mira")
    held = Held(page, "**/summary")
    page.goto(f"{stack.url}/desk/{number}/?view=open")
    expect(page.locator("#summary.htmx-request .skeleton").first).to_be_visible()
    expect(page.locator("#context .skeleton")).to_have_count(3)
    before = page.evaluate(TOPS)
    with stack.held_texts():
        held.let_go()
        asked = page.locator("#summary [data-about=asked]")
        expect(asked).to_contain_text("What the customer asks")
        expect(asked).to_contain_text("in every browser that we own.")
        state(page).to_have_text("Quoted from the messages. The copilot is reading the messages …")
        assert page.evaluate(TOPS) == before
        stack.wait_for(f"{summaries(number)}.filter(finished_at=None, failed_at=None).exists()")
    state(page).to_have_text("Written by AI where the messages support it, otherwise quoted.")
    expect(asked.locator("li", has_text=WRITTEN).first).to_contain_text("written by AI")
    assert page.evaluate(TOPS) == before
    assert broken(page) == []

    # It is kept: the next one who opens the ticket has it at once.
    lines = page.locator("#summary li").all_inner_texts()
    colleague = opened(page_of("jonas"), stack, number)
    expect(colleague.locator("#summary li")).to_have_text(lines)
    assert colleague.locator("[data-stream]").count() == 0
    assert stack.ask(f"{summaries(number)}.count()") == 1


def test_a_line_leads_to_its_message_by_keys_and_on_a_phone(
    number: int, stack: Stack, page_of: Callable[[str], Page]
) -> None:
    page = page_of("mira")
    page.route("**/summary/stream", lambda route: route.abort())  # the quotes stay, and nothing takes the focus away
    opened(page, stack, number)
    first = page.locator("#messages > .message").first
    expect(first).not_to_be_in_viewport()
    box = page.get_by_role("group", name="Summary of the messages")
    box.focus()
    page.keyboard.press("Tab")
    expect(box.locator("a").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(first).to_be_focused()
    expect(first).to_be_in_viewport()
    expect(first).to_have_class("message message-customer message-found")
    expect(first).to_have_class("message message-customer")
    assert page.url.endswith(f"/desk/{number}/?view=open")

    page.set_viewport_size({"width": 390, "height": 844})
    page.locator("#content .drawer-toggle").click()
    last = box.locator("a", has_text="Signed out and in again")
    last.click()
    expect(page.locator("#desk")).to_have_attribute("data-drawer", "")
    message = page.locator("#messages > .message").last
    expect(message).to_be_focused()
    top = message.evaluate("each => each.getBoundingClientRect().top")
    assert top >= page.locator("#conversation").evaluate("each => each.getBoundingClientRect().top")


def test_a_summary_of_a_ticket_that_is_left_is_given_up(
    number: int, stack: Stack, page_of: Callable[[str], Page]
) -> None:
    """And of one that is only passed by, none is begun."""
    other = long_ticket(stack, "Another grey button")
    page = page_of("mira")
    with stack.held_texts():
        # The whole queue shows 50 rows: the search finds fewer.
        page.goto(f"{stack.url}/desk/{number}/?q=grey+button")
        expect(page.locator("#summary-lines a").first).to_be_visible()
        # As soon as the other one is there, not when a slow machine has time for the test.
        page.evaluate(
            """([other, number]) => new MutationObserver((_, observer) => {
                if (document.querySelector("#pane").dataset.ticket !== String(other)) return;
                if (!document.querySelector("#summary-lines a")) return;
                observer.disconnect();
                document.querySelector(`#row-${number} a`).click();
            }).observe(document.body, { subtree: true, childList: true, attributes: true })""",
            [other, number],
        )
        stack.wait_for(f"{summaries(number)}.filter(finished_at=None, failed_at=None).exists()")
        page.locator(f"#row-{other} a").first.click()
        stack.wait_for(f"{summaries(number)}.filter(failed_at__isnull=False, finished_at=None, lines=[]).exists()")
    expect(page.locator("#pane")).to_have_attribute("data-ticket", str(number))
    stack.wait_for(f"{summaries(number)}.filter(finished_at__isnull=False).exists()")
    assert stack.ask(f"{summaries(other)}.count()") == 0


def test_another_message_has_another_summary(number: int, stack: Stack, page_of: Callable[[str], Page]) -> None:
    page = opened(page_of("mira"), stack, number)
    stack.wait_for(f"{summaries(number)}.filter(finished_at__isnull=False).exists()")
    page.keyboard.press("n")
    page.keyboard.type("Billing says that viewers may export again from tomorrow morning on.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#summary [data-about=tried]")).to_contain_text("Billing says that viewers")
    state(page).to_have_text("Written by AI where the messages support it, otherwise quoted.")
    stack.wait_for(f"{summaries(number)}.filter(finished_at__isnull=False).count() == 2")


def test_who_reads_in_the_panel_keeps_their_place(number: int, stack: Stack, page_of: Callable[[str], Page]) -> None:
    """A line that stays keeps the focus; of one that goes it moves to the box, never to the page."""
    page = page_of("mira")
    first, last = (stack.ask(f"Message.objects.filter(ticket={number}).{end}().pk") for end in ("first", "last"))
    line = {"about": "asked", "text": "Export is grey", "messages": [first], "written": True}
    held = Held(page, "**/summary/stream")
    opened(page, stack, number)
    going, staying = page.locator("#summary [data-about=asked] a").first, page.locator("#summary [data-about=failed] a")
    going.focus()
    while not held.routes:
        page.wait_for_timeout(50)
    held.routes[0].fulfill(body=streamed(line, {"done": True, "why": ""}), content_type="application/x-ndjson")
    state(page).to_contain_text("Written by AI")
    expect(page.locator("#summary-lines")).to_be_focused()
    expect(page.locator("#summary li")).to_have_text(["Export is grey written by AI"])
    expect(page.get_by_role("link", name="Export is grey written by AI", exact=True)).to_have_count(1)

    page.unroute("**/summary/stream")
    same = {"about": "failed", "text": "it is still the same", "messages": [last], "written": True}
    answered(page, line, same, {"done": True, "why": "The model did not answer in time."})
    opened(page, stack, number)
    staying.first.focus()
    page.evaluate("""() => {
        const moved = (window.moved = []);
        const link = document.querySelector("#summary [data-about=failed] a");
        link.addEventListener("blur", () => moved.push("blur"));
        const own = (nodes) => [...nodes].filter((each) => each.contains(link));
        const look = (found) => found.forEach(({ removedNodes }) => moved.push(...own(removedNodes)));
        new MutationObserver(look).observe(link.closest("ul"), { childList: true });
    }""")
    state(page).to_have_text("Quoted from the messages. The model did not answer in time.")
    expect(staying.first).to_be_focused()
    assert page.evaluate("window.moved.length") == 0
    expect(page.locator("#summary .summary-lines .summary-ai")).to_have_count(0)


def test_without_a_model_quotes_stay_and_the_panel_says_why(
    number: int, stack: Stack, page_of: Callable[[str], Page]
) -> None:
    page = page_of("mira")
    page.route("**/summary/stream", lambda route: route.abort())
    opened(page, stack, number)
    lines = page.locator("#summary li").all_inner_texts()
    state(page).to_contain_text("Quoted from the messages. Copydesk cannot be reached right now.")
    expect(page.locator("#summary li")).to_have_text(lines)


def test_a_short_conversation_has_none(stack: Stack, page_of: Callable[[str], Page]) -> None:
    number = int(stack.receive(mail("A short question", "How long does a pending authorisation stay?"))["ticket"])
    page = page_of("mira")
    page.goto(f"{stack.url}/desk/{number}/?view=open")
    expect(page.locator("#triage .skeleton")).to_have_count(0)
    expect(page.locator("#summary")).to_have_count(0)
