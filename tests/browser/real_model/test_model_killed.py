"""The model process is really killed: agents work on, and the drafts come when it is back, also on demand."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from config import catalogue
from tests.browser.stack import IN_GERMAN, Stack, mail
from tests.browser.test_degradation import doctor, reply_by_hand
from tests.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.model, pytest.mark.services]


def test_without_the_model_agents_answer_and_drafts_come_later(stack: Stack, page_of: Callable[[str], Page]) -> None:
    stack.kill("model")
    asked = "How long does a pending charge stay on my card before it disappears?"
    number = stack.receive(mail("Pending charge", asked))["ticket"]
    other = stack.receive(mail(*IN_GERMAN, sender="Lena Haas <lena@haas.example>"))["ticket"]
    page = page_of("mira")
    page.goto(f"{stack.url}/desk/{number}/")
    expect(page.locator("#figures-state")).to_contain_text("model is not running", timeout=60_000)
    reply_by_hand(page, "It disappears within 5 business days.")
    wait_until(lambda: any("Pending charge" in path.read_text() for path in stack.sent_mails()), 60, every=0.3)
    assert doctor(stack, "model") != "ok"

    page.goto(f"{stack.url}/desk/{other}/")
    page.keyboard.press("g")  # what the sources say needs no model
    expect(page.locator("#figures-state")).to_have_class("is-warn")
    expect(page.locator("#figures-state")).to_contain_text("sentences supported · The model is not running")
    expect(page.locator("#editor .cite").first).to_be_visible()

    stack.start("model")
    stack.a_minute_passes(other)  # the pause before another try
    stack.wait_for(f"Draft.objects.filter(ticket={other}, state='ready').exists()", 300)
    expect(page.locator("#editor .cite").first).to_be_visible()
    expect(page.locator("#draft-stop")).to_be_hidden()
    # The web process asked in vain too, and tries again after a pause of its own.
    expect(page.locator(".status")).to_contain_text("Model ready", timeout=90_000)
    page.locator("#ticket-title").click()
    page.keyboard.press("g")
    expect(page.locator("#draft-number")).to_have_text("AI draft 2 of 2", timeout=60_000)
    # Before its writer starts there is nothing to stop yet.
    stack.wait_for(f"Draft.objects.filter(ticket={other}).latest('pk').state == 'ready'", 300)
    expect(page.locator("#draft-stop")).to_be_hidden()
    model = catalogue.get("qwen2.5-coder-1.5b-instruct")
    writer = catalogue.fingerprint(model.sha256, catalogue.ADAPTERS / model.adapter)
    for purpose in ("point", "draft"):  # "draft": the model translates
        calls = f"ModelCall.objects.filter(draft__ticket={other}, purpose={purpose!r}, error='')"
        by = stack.ask(f"list({calls}.values_list('model', 'model_sha256'))")
        assert len(by) >= 2 and {sha256 for _, sha256 in by} == {writer}
