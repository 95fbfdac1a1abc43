"""One stack and one browser for all browser tests; each test signs in with a page of its own.

Both end with this folder's last test: Playwright's synchronous interface keeps an event loop running in the
main thread, and no asyncio test after it could start its own.
"""

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from tests.browser.stack import PASSWORD, Stack

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


@pytest.fixture(autouse=True)
def scratch_places() -> None:
    """Replaces the fixture of the other tests: the processes here have their own folders."""


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = Stack(tmp_path_factory.mktemp("stack"))
    stack.manage("migrate", "--verbosity", "0")
    stack.manage("migrate", "--database", "channels", "--verbosity", "0")
    stack.manage("collectstatic", "--no-input", "--verbosity", "0")
    stack.manage("shell", "--no-imports", "-c", "from config.background import schedules; schedules.register()")
    stack.start("chroma", "model", "worker", "slow", "drafter", "web")
    stack.manage("shell", "--no-imports", "-c", "from tests.browser.seed import seed; seed()")
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


@pytest.fixture
def page_of(stack: Stack, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[[str], Page]]:
    """`page_of("mira")`: a signed-in page; `page_of("")`: a visitor's.

    Console errors and requests to other hosts fail the test.
    """
    complaints: list[str] = []
    contexts = []
    # Tests that kill processes cause failed requests in the console themselves.
    killing = request.node.path.name == "test_degradation.py"

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

    def sign_in(username: str) -> Page:
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.set_default_timeout(30_000)
        contexts.append(context)
        page = context.new_page()
        watch(page)
        if not username:
            return page
        page.goto(f"{stack.url}/login/")
        page.locator("[name=username]").fill(username)
        page.locator("[name=password]").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/login" not in url)
        return page

    yield sign_in
    for context in contexts:
        context.close()
    assert complaints == []
