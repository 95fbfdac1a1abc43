"""One stack and one browser for the tests of a folder; each test signs in with a page of its own.

Both end with this folder's last test: Playwright's synchronous interface keeps an event loop running in the
main thread, and no asyncio test after it could start its own.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from tests.browser.stack import PASSWORD, SCHEDULES, Stack

# Without the windows of a browser, as Playwright's own builds: the same engine and version for less than half the CPU.
HEADLESS = shutil.which("chromium-headless-shell") or shutil.which("chromium") or "/usr/bin/chromium"
CHROMIUM = os.environ.get("CHROMIUM", HEADLESS)


@pytest.fixture(autouse=True)
def temporary_folders() -> None:
    """The processes have their own places; the in-process fixture of that name is for the other tests."""


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Every process; a stand-in writes the drafts, at once and without the processor."""
    yield from running(Stack(tmp_path_factory.mktemp("stack")), "quick")


def running(stack: Stack, model: str) -> Iterator[Stack]:
    stack.use_model(model)
    stack.prepare(SCHEDULES + "from tests.browser.seed import seed; seed()")
    stack.start("chroma")  # first, so that the first try to store the articles works
    stack.start("model", "worker", "slow", "drafter", "web")
    stack.wait_for("not Article.objects.filter(indexed=None).exists()")
    yield stack
    stack.stop()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        )
        expect.set_options(timeout=20_000)  # how long is what the benchmarks measure; a busy machine may take its time
        yield browser
        browser.close()


@pytest.fixture(scope="module", autouse=True)
def own_queue(stack: Stack, request: pytest.FixtureRequest) -> None:
    """What earlier files left open is closed: the first page of the queue has room for this file's tickets."""
    if request.path.parent == Path(__file__).parent:
        stack.ask("Ticket.objects.exclude(status='closed').update(status='closed', closed_at=models.functions.Now())")


@pytest.fixture(autouse=True)
def everything_runs(stack: Stack) -> None:
    """What an earlier test killed runs again."""
    stack.start_missing()


@pytest.fixture
def page_of(stack: Stack, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[[str], Page]]:
    """`page_of("mira")`: a signed-in page; `page_of("")`: a visitor's. It may have another viewport, or touch.

    Each has cookies and storage of its own. The first page of a member signs in with the form; the later ones get its
    session, because a password costs half a second of CPU. Console errors and requests to other hosts fail the test.
    """
    complaints: list[str] = []
    contexts = []
    # Tests that kill processes cause failed requests in the console themselves.
    killing = request.node.path.name in {"test_degradation.py", "test_stopping.py"}

    def watch(page: Page) -> None:
        def console(message: ConsoleMessage) -> None:
            # Errors after a killed process are expected.
            if (
                message.type == "error"
                and not killing
                and "Failed to load resource" not in message.text
                and "WebSocket" not in message.text
            ):
                complaints.append(message.text)

        def requested(asked: Request) -> None:
            if not asked.url.startswith((stack.url, stack.url.replace("http", "ws"), "data:", "blob:")):
                complaints.append(f"asked another host: {asked.url}")

        page.on("console", console)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", requested)

    def new_page(username: str, **options: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
        context.set_default_timeout(30_000)
        contexts.append(context)
        page = context.new_page()
        watch(page)
        if username:
            sign_in(page, stack, username)
        return page

    yield new_page
    for context in contexts:
        context.close()
    assert complaints == []


def sign_in(page: Page, stack: Stack, username: str) -> None:
    if username in stack.sessions:
        page.context.add_cookies(stack.sessions[username])
        return
    page.goto(f"{stack.url}/login/")
    page.locator("[name=username]").fill(username)
    page.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login" not in url)
    stack.sessions[username] = [cookie for cookie in page.context.cookies() if cookie["name"] == "sessionid"]
