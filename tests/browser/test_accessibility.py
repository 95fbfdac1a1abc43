"""No page breaks a rule that a machine can check: landmarks, names, contrast, sizes, in light and in dark."""

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.stack import Stack, mail

pytestmark = [pytest.mark.browser, pytest.mark.model, pytest.mark.services]

PAGES = {
    "": ["/login/", "/admin/login/", "/help/en/", "/help/de/", "/help/en/search?q=charges", "/contact/", "/help/no/"],
    "mira": [
        "/desk/?view=open",
        "/desk/{ticket}/",
        "/desk/?q=nothing+of+this",
        "/mail/",
        "/mail/?tab=out",
        "/account/",
    ],
    "rosa": [
        "/lead/",
        "/lead/drafts/",
        "/lead/sources/",
        "/lead/help/",
        "/lead/triage/",
        "/knowledge/gaps/",
        "/knowledge/search/",
        "/copilot/prompts/",
        "/copilot/prompts/verify-1/",
        "/copilot/prompts/verify-1/0/",
        "/copilot/prompts/voice/",
        "/copilot/routing/",
        "/copilot/routing/0/",
        "/copilot/escalation/",
        "/copilot/escalation/0/",
        "/lead/escalations/",
    ],
    "ada": ["/api/tokens/", "/api/docs"],
    "ken": ["/admin/knowledge/article/", "/admin/knowledge/article/1/change/", "/knowledge/articles/1/"],
}
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}, "preload": False}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], "preload": False}

# Half-way from one colour to the other the contrast is low.
FINISH_ANIMATIONS = "for (const each of document.getAnimations()) try { each.finish() } catch { each.cancel() }"


@pytest.fixture(scope="module")
def ticket(stack: Stack) -> Iterator[int]:
    """Long enough for a summary."""
    number = int(stack.receive(mail("Two lines", "How long does a pending authorisation stay on my card?"))["ticket"])
    author = "User.objects.get(username='jonas')"
    for text in ("The bank was asked.", "It says that both lines are only reserved.", "Nothing to do for us."):
        stack.ask(f"Message.objects.create(ticket_id={number}, kind='note', text={text!r}, author={author}).pk")
    yield number


@pytest.mark.parametrize("who", PAGES)
def test_no_page_breaks_a_rule(ticket: int, stack: Stack, page_of: Callable[[str], Page], who: str) -> None:
    """In dark only the colours differ, so only the rules about colours are asked again."""
    page = page_of(who)
    broken = []
    for path in PAGES[who]:
        page.emulate_media(color_scheme="light")
        page.goto(stack.url + path.format(ticket=ticket))
        if "{ticket}" in path:
            expect(page.locator("#summary-lines a").first).to_be_visible()
        for scheme, rules in (("light", RULES), ("dark", COLOURS)):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.evaluate(FINISH_ANIMATIONS)
            for found in Axe().run(page, options=rules).response["violations"]:
                broken.append(f"{path} {scheme}: {found['id']} {[node['html'][:120] for node in found['nodes'][:3]]}")
    assert broken == []


@pytest.mark.parametrize("path", ["/desk/?view=open", "/mail/", "/lead/"])
def test_the_skip_link_leads_to_the_content(stack: Stack, page_of: Callable[[str], Page], path: str) -> None:
    page = page_of("rosa")
    page.goto(stack.url + path)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main#content")).to_be_attached()
    assert page.url.endswith("#content")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('header.top').contains(document.activeElement)") is False


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_links_in_running_text_are_underlined(stack: Stack, page_of: Callable[[str], Page], scheme: str) -> None:
    page = page_of("")
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(f"{stack.url}/help/en/")
    style = page.locator(".help-stuck a").evaluate("each => getComputedStyle(each).textDecorationLine")
    assert style == "underline"
