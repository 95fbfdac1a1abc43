"""The browser console stays empty: no page does anything that its own content security policy forbids."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.browser.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.services]

SEED = """
from tests.browser import seed
seed.people()
seed.long_drafts(3)
seed.knowledge_that_needs_care()
"""
QUEUED = {"draft": {"id": 99, "state": "queued", "text": "", "review": "pending", "citations": []}, "notice": None}

PAGES = {
    "": [
        "/login/",
        "/password/forgotten/",
        "/help/en/",
        "/help/en/search?q=charges",
        "/help/en/articles/1/",
        "/help/no/",
        "/contact/",
        "/nowhere/",
    ],
    "mira": ["/desk/?view=open", "/desk/?q=nothing+of+this", "/mail/", "/mail/?tab=out", "/account/", "/lead/"],
    "rosa": [
        "/lead/",
        "/lead/drafts/",
        "/lead/sources/",
        "/lead/help/",
        "/knowledge/gaps/",
        "/knowledge/hygiene/",
        "/knowledge/sandbox/",
        "/knowledge/search/?q=charges",
        "/knowledge/articles/1/",
    ],
    "ken": [
        "/admin/",
        "/admin/knowledge/article/",
        "/admin/knowledge/article/add/",
        "/admin/knowledge/article/1/change/",
        "/admin/knowledge/article/1/history/",
        "/admin/knowledge/article/1/delete/",
        "/admin/knowledge/article/import/",
        "/admin/knowledge/gap/",
    ],
    "ada": [
        "/admin/",
        "/admin/tickets/",
        "/admin/tickets/user/",
        "/admin/tickets/user/add/",
        "/admin/tickets/user/1/change/",
        "/admin/tickets/user/1/password/",
        "/admin/tickets/ticket/",
        "/admin/tickets/team/1/change/",
        "/admin/copilot/draft/",
        "/api/tokens/",
        "/api/docs",
    ],
}
REFUSED = """addEventListener("securitypolicyviolation", (event) =>
  console.error(`refused: ${event.effectiveDirective} by ${event.sourceFile}:${event.lineNumber}`))"""


@contextmanager
def quiet(page: Page) -> Iterator[None]:
    """Fails on errors, and on warnings about the policy, inside the block."""
    said: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        # A 404 page is reported in the console too.
        wanted = message.type == "error" and "Failed to load resource" not in message.text
        if wanted or (message.type == "warning" and "Content Security Policy" in message.text):
            said.append(f"{page.url}: {message.text}")

    page.add_init_script(REFUSED)
    page.on("console", heard)
    yield
    page.wait_for_load_state("networkidle")
    page.remove_listener("console", heard)
    assert said == []


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The web process alone: these tests need neither a worker nor a model."""
    stack = Stack(tmp_path_factory.mktemp("console"))
    stack.prepare(SEED)
    stack.start("web")
    yield stack
    stack.stop()


@pytest.mark.parametrize("who", PAGES)
def test_no_page_violates_its_policy(stack: Stack, page_of: Callable[[str], Page], who: str) -> None:
    page = page_of(who)
    with quiet(page):
        for path in PAGES[who]:
            page.goto(stack.url + path)
            page.wait_for_load_state("networkidle")


def test_the_check_finds_violations(stack: Stack, browser: Browser) -> None:
    page = browser.new_page()
    with pytest.raises(AssertionError, match="Content Security Policy"), quiet(page):
        page.goto(f"{stack.url}/login/")
        page.evaluate("document.body.setAttribute('style', 'color: red')")
    page.close()


def test_working_on_the_desk_violates_nothing(stack: Stack, page_of: Callable[[str], Page]) -> None:
    page = page_of("mira")
    with quiet(page):
        page.goto(f"{stack.url}/desk/2/")
        page.locator("#editor .cite").first.click()
        expect(page.locator("#excerpt")).to_be_visible()
        page.keyboard.press("Escape")
        for key in ("?", "a", "d", "p", "#", "Control+e", "Control+d"):
            page.locator("#ticket-title").click()
            page.keyboard.press(key)
            expect(page.locator("dialog[open]")).to_be_visible()
            page.keyboard.press("Escape")
            expect(page.locator("dialog[open]")).to_have_count(0)
        edit_with_chips(page)
        page.keyboard.press("Escape")
        page.keyboard.press("n")
        page.keyboard.type("For the team")
        page.keyboard.press("Control+Enter")
        expect(page.locator(".toast")).to_contain_text("Note saved")
        page.keyboard.press("/")
        page.keyboard.type("charges")
        expect(page.locator("#found")).to_be_visible()
        page.keyboard.press("Escape")
        page.locator("#user-menu summary").click()
        page.locator("[name=theme][value=dark]").check()
        page.locator("[name=theme][value=system]").check()


def edit_with_chips(page: Page) -> None:
    """Copy, cut, paste and delete: browsers may add inline styles then."""
    page.keyboard.press("r")
    for keys in ("Control+a", "Control+c", "Control+x", "Control+v", "Control+v", "Control+Home", "Shift+ArrowDown"):
        page.keyboard.press(keys)
    for keys in ("Delete", "Control+z", "Backspace", "Control+Backspace", "Enter", "Control+End", "Backspace"):
        page.keyboard.press(keys)


def test_the_next_ticket_gets_no_style_from_the_one_before(stack: Stack, page_of: Callable[[str], Page]) -> None:
    """While a draft is being written the composer keeps its height; htmx would copy that to the next composer."""
    page = page_of("mira")
    page.route("**/copilot/tickets/*/draft", lambda route: route.fulfill(json=QUEUED))
    with quiet(page):
        page.goto(f"{stack.url}/desk/2/?view=open")
        expect(page.locator("#composer-panel")).to_have_attribute("style", re.compile("height"))
        page.keyboard.press("j")
        expect(page).not_to_have_url(re.compile("/desk/2/"))
        expect(page.locator("#composer-panel")).to_have_attribute("style", re.compile("height"))


def test_an_author_at_work_violates_nothing(stack: Stack, page_of: Callable[[str], Page]) -> None:
    page = page_of("ken")
    with quiet(page):
        page.goto(f"{stack.url}/admin/knowledge/article/1/change/")
        page.locator(".select2-selection").first.click()
        page.locator(".select2-search__field").last.fill("calendar")
        expect(page.locator(".select2-results__option").first).to_be_visible()
        page.keyboard.press("Escape")
        for shortcut in page.locator(".datetimeshortcuts a:visible").all():
            shortcut.click()
            page.keyboard.press("Escape")
        page.locator("textarea[data-preview]").fill("**Bold** and [a link](https://tallybird.example)")
        expect(page.locator(".kb-preview strong")).to_have_text("Bold")


def test_a_visitor_who_searches_and_votes_violates_nothing(stack: Stack, page_of: Callable[[str], Page]) -> None:
    page = page_of("")
    with quiet(page):
        page.goto(f"{stack.url}/help/en/")
        page.locator("[name=q]").press_sequentially("charges")
        expect(page.locator(".help-panel")).to_be_visible()
        page.goto(f"{stack.url}/help/en/articles/1/")
        page.locator("[data-help-vote] button").last.click()
        expect(page.locator("[data-help-vote] textarea")).to_be_visible()
