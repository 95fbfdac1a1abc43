"""An agent reads what the triage says of a ticket and corrects it by keys alone; a colleague sees it at once."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.composer import Held
from tests.browser.stack import Stack, mail
from tests.browser.test_accessibility import COLOURS, FINISH_ANIMATIONS, RULES

pytestmark = [pytest.mark.browser, pytest.mark.model, pytest.mark.services]

JUDGED = {
    "confidence": 0.82,
    "sentiment": "negative",
    "urgency": 4,
    "because": {"category": "two charges on my card", "urgency": "before Friday"},
    "said": {"category": "billing", "sentiment": "negative", "urgency": 4},
}


@pytest.fixture
def number(stack: Stack) -> int:
    """A ticket as it is when a classifier has judged it, with one row that is not in use for other tickets."""
    asked = "I see two charges on my card. Will one of them disappear before Friday?"
    number = int(stack.receive(mail("Two charges again", asked))["ticket"])
    prepared = f"Ticket.objects.filter(pk={number}, preparation__in=['ready', 'no_source', 'by_rule']).exists()"
    stack.wait_for(prepared)  # which changes the height of the triage
    message = f"Message.objects.get(ticket={number})"
    model = "TriageModel.objects.get_or_create(sha256='', defaults={'file': b'', 'embedder': 'x'})[0]"
    values = f"{JUDGED | {'category_id': 'billing'}} | {{'model': {model}}}"
    stack.ask(f"Triage.objects.update_or_create(message={message}, defaults={values})[0].pk")
    stack.ask(f"Ticket.objects.filter(pk={number}).update(category='billing')")
    return number


def broken(page: Page) -> list[str]:
    """Rules for accessible pages that this one breaks, with the dialog that is open."""
    found = []
    for scheme, rules in (("light", RULES), ("dark", COLOURS)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.evaluate(FINISH_ANIMATIONS)
        violations = Axe().run(page, options=rules).response["violations"]
        found += [f"{scheme}: {each['id']} {[node['html'][:120] for node in each['nodes'][:3]]}" for each in violations]
    return found


def test_the_triage_moves_nothing_when_it_comes(number: int, stack: Stack, page_of: Callable[[str], Page]) -> None:
    page = page_of("mira")
    held = Held(page, "**/triage")
    page.goto(f"{stack.url}/desk/{number}/?view=open")
    expect(page.locator("#sources .skeleton")).to_have_count(0)
    expect(page.locator("#triage.htmx-request")).to_be_attached()
    where = "document.querySelector('#sources').getBoundingClientRect().top"
    before = page.evaluate(where)
    held.let_go()
    expect(page.locator("#triage")).to_contain_text("82% · “two charges on my card”")
    assert page.evaluate(where) == before


def test_a_category_is_corrected_and_undone_by_keys(number: int, stack: Stack, page_of: Callable[[str], Page]) -> None:
    mira, jonas = page_of("mira"), page_of("jonas")
    for page in (mira, jonas):
        page.goto(f"{stack.url}/desk/{number}/?view=open")
        expect(page.locator("#triage")).to_contain_text("Billing")
    expect(mira.locator("#presence")).to_contain_text("Jonas")  # both are connected: what is announced comes
    chip = mira.locator(f"#row-{number} .row-chips")
    mira.keyboard.press("c")
    expect(mira.locator("dialog[open] :focus")).to_contain_text("Billing")
    expect(mira.locator("dialog[open] :focus")).to_have_attribute("aria-pressed", "true")
    mira.keyboard.press("2")
    expect(mira.locator("dialog[open]")).to_have_count(0)
    expect(mira.locator(".toast")).to_contain_text("Category: Technical")
    mira.locator(".toast").hover()  # under the mouse it stays, and undo with it
    for page in (mira, jonas):
        expect(page.locator("#triage")).to_contain_text("corrected by Mira Lindqvist")
        expect(page.locator("#timeline")).to_contain_text("Category: Technical, before: Billing")
    expect(chip).to_contain_text("Technical")
    mira.keyboard.press("z")
    expect(mira.locator(".toast")).to_contain_text("Undone. Category: Billing")
    expect(chip).to_contain_text("Billing")

    # A digit that is faster than the list counts, and so do arrows and Enter.
    held = Held(mira, "**/triage/correct")
    mira.keyboard.press("c")
    mira.keyboard.press("3")
    held.let_go()
    expect(mira.locator(".toast")).to_contain_text("Category: Account")
    mira.keyboard.press("c")
    expect(mira.locator("dialog[open] :focus")).to_contain_text("Account")
    mira.keyboard.press("ArrowUp")
    mira.keyboard.press("Enter")
    expect(chip).to_contain_text("Technical")
    expect(jonas.locator("#triage")).to_contain_text("Technical")


def test_the_selects_have_their_keys_for_themselves(number: int, stack: Stack, page_of: Callable[[str], Page]) -> None:
    page = page_of("mira")
    page.goto(f"{stack.url}/desk/{number}/?view=open")
    expect(page.locator("#triage")).to_contain_text("4 of 5")
    page.locator("[data-do='correct']").click()
    expect(page.locator("dialog[open] :focus")).to_contain_text("Billing")
    assert broken(page) == []
    page.locator("#triage-urgency").focus()
    page.keyboard.press("5")
    expect(page.locator(".toast")).to_contain_text("Urgency: 5 of 5")
    page.locator("#triage-sentiment").select_option("urgent")
    page.keyboard.press("Escape")  # what was chosen a moment ago is saved
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator("[data-do='correct']")).to_be_focused()
    expect(page.locator("#triage")).to_contain_text("Urgent")
    found = stack.ask(f"list(Triage.objects.filter(message__ticket={number}).values_list('urgency', 'sentiment'))")
    assert found == [[5, "urgent"]]
    assert stack.ask(f"Ticket.objects.get(pk={number}).category_id") == "billing"
