"""An admin makes a token by keyboard, a program uses it, the admin revokes it."""

from collections.abc import Callable

import httpx
from playwright.sync_api import Page, expect

from tests.browser.stack import Stack


def test_a_token_is_made_used_and_revoked(stack: Stack, page_of: Callable[[str], Page]) -> None:
    page = page_of("ada")
    page.goto(f"{stack.url}/api/tokens/")
    page.get_by_label("What uses it").focus()
    page.keyboard.type("Webhook of the story")
    page.keyboard.press("Enter")
    secret = page.get_by_label("Token", exact=True).input_value()
    expect(page.get_by_text("shown only this once")).to_be_visible()

    asked = {"subject": "Charged twice", "body": "My card was charged twice, please look at it."}
    # The first message waits for the models to be loaded.
    answer = httpx.post(
        f"{stack.url}/api/triage", json=asked, headers={"Authorization": f"Bearer {secret}"}, timeout=60
    )
    # The desk of these tests may have no classifier yet; a token that is not known would be 401.
    assert answer.status_code in (200, 503), answer.text

    page.goto(f"{stack.url}/api/docs")
    expect(page.get_by_role("heading", name="POST /api/triage Triage one message")).to_be_visible()
    page.goto(f"{stack.url}/api/tokens/")
    expect(page.locator("main")).not_to_contain_text(secret)
    row = page.locator(".api-tokens li").filter(has_text="Webhook of the story")
    row.locator("summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("“Webhook of the story” is revoked.")).to_be_visible()
    answer = httpx.post(
        f"{stack.url}/api/triage", json=asked, headers={"Authorization": f"Bearer {secret}"}, timeout=60
    )
    assert answer.status_code == 401 and "revoked" in answer.json()["detail"]
