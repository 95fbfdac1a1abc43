"""An agent has a draft revised, stops it, takes it back, and sends what came out."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.composer import Held, opened, replies
from tests.browser.stack import Stack, mail

pytestmark = [pytest.mark.browser, pytest.mark.model, pytest.mark.services]


def revise(page: Page, key: str) -> None:
    page.keyboard.press("Control+i")
    expect(page.locator("#dialog-revise")).to_be_visible()
    page.keyboard.press(key)


def test_a_draft_is_revised_by_two_keys_and_nothing_is_lost(stack: Stack, page_of: Callable[[str], Page]) -> None:
    number = stack.receive(mail("Calendar is late", "How long until a booking shows in my Google calendar?"))["ticket"]
    stack.wait_for(f"Draft.objects.filter(ticket={number}, state='ready').exists()")
    page = opened(page_of("mira"), stack, number)
    editor, figures = page.locator("#editor"), page.locator("#figures-state")
    before, verdict = editor.inner_text(), figures.inner_text()
    cited = page.locator("#editor .cite").count()
    box = page.locator("#composer").bounding_box()

    with stack.held_texts():  # stopped: the text before is there again
        revise(page, "p")
        expect(figures).to_contain_text("Sentence 1 of")
        assert page.locator("#composer").bounding_box() == box
        page.keyboard.press("Escape")
        expect(page.locator("#draft-stop")).to_be_hidden()
    assert (editor.inner_text(), figures.inner_text()) == (before, verdict)

    with stack.held_texts():  # typed into: what was typed stays
        revise(page, "p")
        expect(figures).to_contain_text("Sentence 1 of")
        editor.press_sequentially("Best")
        expect(page.locator("#toasts")).to_contain_text("What you typed is kept.")
    expect(editor).to_contain_text("Best")
    page.locator("#toasts").get_by_role("button", name="Text before").click()
    assert (editor.inner_text(), figures.inner_text()) == (before, verdict)

    revise(page, "p")  # taken back
    expect(editor).to_contain_text("Yes, ")
    expect(figures).to_contain_text("Revised")
    assert page.locator("#editor .cite").count() == cited
    checked = figures.inner_text()
    page.reload()
    expect(figures).to_have_text(checked)
    expect(page.locator("#editor .cite")).to_have_count(cited)
    held = Held(page, "**/draft")  # until it is there, nothing says whose text it was
    page.reload()
    expect(page.locator("#editor .cite")).to_have_count(cited)
    editor.press("Control+z")
    assert editor.inner_text() == before
    held.let_go()
    expect(figures).to_have_text(verdict)
    assert editor.inner_text() == before

    revise(page, "w")  # sent
    expect(editor).to_contain_text("If anything is still unclear, just reply to this message.")
    page.keyboard.press("Control+Enter")
    stack.wait_for(f"Draft.objects.filter(ticket={number}, review='edited').exists()")
    assert "just reply to this message." in replies(stack, number)[0]
    kept = stack.ask(f"list(RevisedText.objects.filter(ticket={number}).order_by('id').values_list('action', 'after'))")
    assert [(action, bool(after)) for action, after in kept] == [
        ("simpler", False),
        ("simpler", False),
        ("simpler", True),
        ("warmer", True),
    ]
