"""The search by keyboard: hits are marked, a typo is corrected, a number opens its ticket."""

from collections.abc import Callable, Iterator
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.stack import Stack
from tests.browser.test_accessibility import COLOURS, FINISH_ANIMATIONS, RULES

pytestmark = [pytest.mark.browser, pytest.mark.services]

SEED = """
from tests import cast
from tests.browser import seed
from tickets.models import Tag
from tickets.search import index_tickets
seed.people()
made = [cast.new_ticket(subject=f"Refund {number}", text="Where is the refund for March?") for number in range(60)]
made[3].tags.add(Tag.objects.create(name="vip-refund"))
made.append(cast.new_ticket(cast.lena(), subject="Else", text="A <mark>refund</mark> after all", priority=4))
index_tickets([each.pk for each in made])
"""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The web process alone."""
    stack = Stack(tmp_path_factory.mktemp("search"))
    stack.prepare(SEED)
    stack.start("web")
    yield stack
    stack.stop()


@pytest.fixture
def page(stack: Stack, page_of: Callable[[str], Page]) -> Page:
    page = page_of("mira")
    page.goto(f"{stack.url}/desk/?view=open")
    expect(page.locator("#search[aria-controls]")).to_be_attached()  # its scripts run
    return page


def search(page: Page, words: str, found: str) -> None:
    page.locator("#search").fill(words)
    expect(page.locator("#found > span")).to_have_text(found)


def test_a_number_opens_its_ticket_and_words_lead_to_the_list(page: Page) -> None:
    search(page, "#7", "2 tickets found for “#7”")
    expect(page.locator("#rows .row").first.locator(".chip", has_text="Ticket 7")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#ticket-title")).to_have_text("Refund 6")
    expect(page.locator("#rows")).to_have_attribute("data-query", "#7")
    search(page, "refund", "61 tickets found for “refund”")
    page.locator("#search").press("Enter")
    expect(page.locator("#rows a[data-open]").first).to_be_focused()


def test_hits_are_marked_and_more_rows_follow(page: Page) -> None:
    search(page, "refnud", "Nothing has “refnud”. Found with “refund”. 61 tickets found for “refnud”")
    expect(page.locator("#rows .row-subject mark").first).to_have_text("Refund")
    expect(page.locator("#rows .row-chips mark")).to_have_text("vip-refund")
    page.locator("#more").scroll_into_view_if_needed()
    expect(page.locator("#rows .row")).to_have_count(61)
    expect(page.locator("#rows .row-preview", has_text="Lena")).to_have_text(
        "Lena Haas: A <mark>refund</mark> after all"
    )


@pytest.mark.parametrize(("scheme", "rules"), [("light", RULES), ("dark", COLOURS)], ids=["light", "dark"])
def test_marks_can_be_read(page: Page, scheme: Literal["light", "dark"], rules: dict[str, Any]) -> None:
    page.emulate_media(color_scheme=scheme)
    search(page, "refund okafor", "60 tickets found for “refund okafor”")
    page.locator("#search").press("Enter")
    page.evaluate(FINISH_ANIMATIONS)
    assert Axe().run(page, options=rules).response["violations"] == []
