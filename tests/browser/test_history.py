"""The customer's other tickets beside a ticket: they come in without moving anything, and stay."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.template.loader import render_to_string
from django.utils import timezone, translation
from playwright.sync_api import Page, Route, WebSocketRoute, expect

from copilot.customers.facts import Facts
from copilot.customers.mood import Tone, mood
from copilot.customers.sentences import mood_sentence, sentences
from tests.browser.composer import Held
from tests.browser.stack import Stack, mail

pytestmark = [pytest.mark.browser, pytest.mark.model, pytest.mark.services]


@pytest.fixture
def ticket(stack: Stack) -> int:
    """Of a new customer each time: what another test had written of their tickets is kept."""
    return newest_of_three(stack, f"Ida Berg <ida.{uuid4().hex[:8]}@berg.example>")


def newest_of_three(stack: Stack, sender: str) -> int:
    texts = ("Which rooms can I book?", "My key does not open the room.", "Where do I find the invoice of May?")
    mails = [mail(text[:12], text, sender, f"{uuid4().hex}@berg.example") for text in texts]
    return int([stack.receive(each)["ticket"] for each in mails][-1])


def test_lines_come_in_without_moving_anything_and_stay(
    ticket: int, stack: Stack, page_of: Callable[[str], Page]
) -> None:
    page, held, asked = page_of("mira"), list[Route](), list[str]()
    page.route_web_socket("**/ws/tickets/**", lambda route: None)  # a triage that ends now would fetch it again
    page.on("request", lambda request: asked.append(request.url) if f"/{ticket}/history" in request.url else None)
    page.route("**/history", lambda route: held.append(route))
    stream = Held(page, "**/history/stream")
    page.goto(f"{stack.url}/desk/{ticket}/")
    history, lines = page.locator(f"#history-{ticket}"), page.locator(".history-line")
    expect(history).to_have_class("history history-2 htmx-request")
    where = "document.querySelector('#triage').getBoundingClientRect().top"
    before = page.evaluate(where)
    held[0].continue_()
    expect(history.locator(".history-text")).to_contain_text("3 tickets in 90 days.")
    assert (page.evaluate(where), lines.count()) == (before, 0)
    stream.let_go()
    expect(lines).to_have_count(2, timeout=60_000)
    assert page.evaluate(where) == before
    # The part around it is fetched again, and it stays as it is.
    page.unroute("**/history")
    with page.expect_response("**/context"):
        page.evaluate("window.htmx.trigger('#customer', 'refresh-context')")
    expect(lines).to_have_count(2)
    assert len(asked) == 2 and asked[1].endswith("/history/stream")
    # With keys a line that is cut off is read in full.
    page.locator(".history-row a").first.focus()
    page.keyboard.press("Tab")
    expect(lines.nth(1)).to_have_css("white-space", "normal")
    page.keyboard.press("Enter")
    expect(page.locator("#ticket-title")).to_contain_text("Which rooms")


def opened(page: Page, stack: Stack, ticket: int) -> Page:
    page.goto(f"{stack.url}/desk/{ticket}/")
    expect(page.locator(".history-row")).to_have_count(2)
    return page


def streams(page: Page, *answers: list[dict[str, Any]]) -> list[str]:
    """What the server would stream, one after the other, and then only that it is done."""
    asked: list[str] = []

    def answer(route: Route) -> None:
        lines = answers[len(asked)] if len(asked) < len(answers) else [{"done": True, "why": ""}]
        asked.append(route.request.url)
        body = "".join(f"{json.dumps(line)}\n" for line in lines)
        route.fulfill(body=body, content_type="application/x-ndjson")

    page.route("**/history/stream", answer)
    return asked


def refresh(page: Page) -> None:
    with page.expect_response("**/history"):
        page.evaluate("window.htmx.trigger('[data-history]', 'refresh-history')")


def test_who_is_on_a_row_stays_there_when_it_is_fetched_again(
    ticket: int, stack: Stack, page_of: Callable[[str], Page]
) -> None:
    page = opened(page_of("mira"), stack, ticket)
    link = page.locator(".history-row a").nth(1)
    link.focus()
    page.evaluate("document.activeElement.dataset.old = 1")
    refresh(page)
    expect(page.locator("[data-old]")).to_have_count(0)
    expect(link).to_be_focused()


def test_it_is_fetched_again_for_the_triage_and_not_for_a_draft(
    ticket: int, stack: Stack, page_of: Callable[[str], Page]
) -> None:
    page, lines, asked = page_of("mira"), list[WebSocketRoute](), list[str]()

    def line(route: WebSocketRoute) -> None:
        """Only what this test announces: the real triage may end at any moment."""
        route.on_message(lambda _: route.send('{"type": "pong"}'))
        route.send('{"type": "hello"}')
        lines.append(route)

    page.route_web_socket("**/ws/tickets/**", line)
    with page.expect_response("**/history"):
        opened(page, stack, ticket)
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/history") else None)

    def changed(part: str) -> None:
        lines[-1].send(json.dumps({"type": "ticket.changed", "ticket": ticket, "parts": [part]}))

    with page.expect_response("**/context"):
        changed("context")
    page.wait_for_timeout(500)  # more than changes are gathered for
    assert asked == []
    with page.expect_response("**/history"):
        changed("triage")


def test_a_ticket_that_comes_in_meanwhile_is_told_after_it_and_once(
    stack: Stack, page_of: Callable[[str], Page]
) -> None:
    page, nils = page_of("mira"), "Nils Berg <nils@berg.example>"
    ticket = newest_of_three(stack, nils)
    page.route_web_socket("**/ws/tickets/**", lambda route: None)  # it is fetched again only when this test says so
    held = Held(page, "**/history/stream")
    with page.expect_request("**/history/stream"):
        opened(page, stack, ticket)
    first = int(page.locator("[data-asked]").first.get_attribute("data-asked") or 0)
    stack.receive(mail("A third one", "Is there a third one?", nils))
    refresh(page)
    expect(page.locator(".history-row")).to_have_count(3)
    again = streams(page)
    told = [{"ticket": first, "text": "Which?", "written": True}, {"done": True, "why": "The model is not running."}]
    held.routes[0].fulfill(body="".join(f"{json.dumps(each)}\n" for each in told))
    expect(page.locator(".history-line")).to_have_count(1)
    expect(page.locator("[data-why]")).to_have_text("")  # nothing is quoted
    page.wait_for_timeout(4000)  # the second one, which tells nothing, is not followed by a third one
    assert len(again) == 1


def test_why_it_is_quoted_is_said_beside_quotes(ticket: int, stack: Stack, page_of: Callable[[str], Page]) -> None:
    page = page_of("mira")
    other = stack.ask(f"Ticket.objects.exclude(pk={ticket}).filter(customer__tickets={ticket}).last().pk")
    quote = {"ticket": other, "text": "Which rooms?", "written": False}
    page.route_web_socket("**/ws/tickets/**", lambda route: None)  # a triage that ends now would fetch it again
    streams(page, [quote, {"done": True, "why": "The model is not running."}])
    opened(page, stack, ticket)
    expect(page.get_by_role("status").filter(has_text="Quoted. The model is not running.")).to_be_visible()


LONGEST = Facts(
    others=11,
    others_lately=11,
    lately=12,
    of_category=8,
    ours=2,
    waiting=2,
    theirs=1,
    waiting_since=timezone.now() - timedelta(days=3),
    reply=timedelta(hours=4),
    tones=tuple(
        Tone(name, date(2026, 3, day))
        for day, name in enumerate(["positive", "neutral", "positive", "negative", "negative"], 1)
    ),
)


@pytest.mark.parametrize(("language", "category"), [("en", "Product question"), ("de", "Funktionswunsch")])
def test_the_longest_sentences_have_room(
    ticket: int, stack: Stack, page_of: Callable[[str], Page], language: str, category: str
) -> None:
    page = page_of("mira")
    with translation.override(language):
        said = sentences(replace(LONGEST, category=category), timezone.now())
        how = {"sentences": said, "mood": mood_sentence(mood(LONGEST.tones)), "estimated": True}
    text = render_to_string("copilot/_history.html", how)
    page.route_web_socket("**/ws/tickets/**", lambda route: None)  # a triage that ends now would fetch it again
    with page.expect_response("**/history"):
        opened(page, stack, ticket)
    where = "document.querySelector('#triage').getBoundingClientRect().top"
    before = page.evaluate(where)
    page.evaluate("(html) => (document.querySelector('.history-text').outerHTML = html)", text)
    expect(page.locator(".history-mood")).to_be_visible()
    assert page.evaluate(where) == before


def test_where_nothing_can_be_pointed_at_a_line_has_two_lines(
    ticket: int, stack: Stack, page_of: Callable[[str], Page]
) -> None:
    page = page_of("mira")
    device = page.context.new_cdp_session(page)
    phone = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    device.send("Emulation.setDeviceMetricsOverride", phone)
    device.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    page.goto(f"{stack.url}/desk/{ticket}/")
    page.locator("#content .drawer-toggle").click()
    expect(page.locator(".history-line").first).to_be_visible(timeout=60_000)
    # All in one step: the live page replaces these lines when it likes.
    before, after, line, place = page.evaluate("""() => {
        const height = (part) => document.querySelector(part).getBoundingClientRect().height;
        const before = height(".history");
        for (const each of document.querySelectorAll(".history-line")) each.textContent = "word ".repeat(99);
        return [before, height(".history"), height(".history-line"), height(".history-asked")];
    }""")
    assert place > 30 and 30 < line <= place + 1
    assert after == before
