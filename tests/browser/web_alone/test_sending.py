"""Sending is safe: where the keys go, what is asked first, and that nothing typed is lost or sent twice."""

import re
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page, Response, Route, expect

from tests.browser.composer import Held, can_send, notes, opened, replies
from tests.browser.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.services]

SEED = "from tests.browser import seed; seed.people(); seed.long_drafts(20)"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The web process alone, with time to undo: sending needs neither a worker nor a model."""
    stack = Stack(tmp_path_factory.mktemp("sending"), UNDO_SEND_SECONDS="60")
    stack.prepare(SEED)
    stack.start("web")
    yield stack
    stack.stop()


@pytest.fixture
def number(stack: Stack, request: pytest.FixtureRequest) -> int:
    """An open ticket with a long draft; each test gets one of its own."""
    taken: list[int] = stack.__dict__.setdefault("taken", [])
    taken.append(len(taken) + 2)
    return taken[-1]


def test_after_a_note_keys_are_keys_and_a_second_press_sends_no_draft(
    stack: Stack, page_of: Callable[[str], Page], number: int
) -> None:
    page = opened(page_of("mira"), stack, number)
    page.keyboard.press("n")
    page.keyboard.type("I checked billing.")
    page.keyboard.press("Control+Enter")
    page.keyboard.press("Control+Enter")
    assert page.evaluate("document.activeElement.id") == "conversation"
    expect(page.locator("#messages")).to_contain_text("I checked billing.")
    can_send(page)
    page.keyboard.press("Control+Enter")
    page.keyboard.press("j")
    expect(page).not_to_have_url(re.compile(rf"/desk/{number}/"))
    assert replies(stack, number) == []
    assert notes(stack, number) == ["I checked billing."]


def test_a_draft_whose_end_was_never_seen_is_shown_first(
    stack: Stack, page_of: Callable[[str], Page], number: int
) -> None:
    page = page_of("mira")
    page.set_viewport_size({"width": 1024, "height": 460})
    opened(page, stack, number)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("you have not seen the end")
    end = "element => element.scrollHeight - element.scrollTop - element.clientHeight"
    assert page.locator("#composer-panel").evaluate(end) < 8
    assert replies(stack, number) == []
    can_send(page)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("Reply sent")
    assert len(replies(stack, number)) == 1
    assert page.evaluate("document.activeElement.id") == "conversation"


def test_the_space_below_the_last_line_is_nothing_unseen(
    stack: Stack, page_of: Callable[[str], Page], number: int
) -> None:
    page = page_of("mira")
    page.set_viewport_size({"width": 1024, "height": 768})
    opened(page, stack, number)
    hidden = "element => element.scrollHeight - element.clientHeight"
    assert page.locator("#composer-panel").evaluate(hidden) < 14
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("Reply sent")


def test_brackets_of_the_agent_reach_the_customer_the_drafts_do_not(
    stack: Stack, page_of: Callable[[str], Page], number: int
) -> None:
    page = opened(page_of("mira"), stack, number)
    page.keyboard.press("r")
    page.keyboard.type(" See [1], items[12] and servers[0].host.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("Reply sent")
    (text,) = replies(stack, number)
    assert text.endswith("See [1], items[12] and servers[0].host.")
    assert text.count("[") == 3
    assert stack.ask(f"Draft.objects.get(ticket={number}).review") == "edited"


def test_what_is_typed_while_sending_stays(stack: Stack, page_of: Callable[[str], Page], number: int) -> None:
    page = opened(page_of("mira"), stack, number)
    held = Held(page, "**/reply")
    page.keyboard.press("r")
    page.keyboard.type(" Bye.")
    page.keyboard.press("Control+Enter")
    page.keyboard.press("r")
    page.keyboard.type(" One more thing.")
    held.let_go()
    expect(page.locator("#toasts")).to_contain_text("Reply sent")
    expect(page.locator("#editor")).to_have_text("One more thing.")
    (text,) = replies(stack, number)
    assert text.endswith("Bye.")


def test_a_note_under_way_blanks_no_other_editor(stack: Stack, page_of: Callable[[str], Page], number: int) -> None:
    page = opened(page_of("mira"), stack, number)
    held = Held(page, "**/note")
    page.keyboard.press("n")
    page.keyboard.type("For the team.")
    page.keyboard.press("Control+Enter")
    page.keyboard.press("r")
    page.keyboard.type(" For the customer.")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page).not_to_have_url(re.compile(rf"/desk/{number}/"))
    page.keyboard.press("n")
    page.keyboard.type("On another ticket.")
    held.let_go()
    expect(page.locator("#toasts")).to_contain_text("Note saved")
    expect(page.locator("#editor")).to_have_text("On another ticket.")
    page.keyboard.press("Escape")
    page.keyboard.press("k")
    expect(page.locator("#editor")).to_contain_text("For the customer.")
    page.keyboard.press("n")
    expect(page.locator("#editor")).to_have_text("")
    assert notes(stack, number) == ["For the team."]


def test_undo_gives_text_chips_and_the_models_words_back_also_after_a_reload(
    stack: Stack, page_of: Callable[[str], Page], number: int
) -> None:
    page = opened(page_of("mira"), stack, number)
    page.keyboard.press("r")
    page.keyboard.type(" My own [1] words.")
    before = page.locator("#editor").inner_text()
    chips = page.locator("#editor .cite").count()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#editor")).to_have_text("")
    page.reload()
    page.locator("[data-undo-send]").click()
    expect(page.locator("#editor .cite")).to_have_count(chips)
    assert page.locator("#editor").inner_text() == before
    expect(page.locator("#figures-state")).to_have_text("AI draft, edited by you")
    page.reload()
    expect(page.locator("#editor .cite")).to_have_count(chips)
    expect(page.locator("#figures-state")).to_have_text("AI draft, edited by you")
    assert page.evaluate("CSS.highlights.get('from-model').size") > 0
    assert replies(stack, number) == []
    # After rewriting it counts as the agent's own.
    page.locator("#editor").fill("We have refunded the second one.")
    expect(page.locator("#figures-state")).to_have_text("Your own words")


def test_z_undoes_a_send(stack: Stack, page_of: Callable[[str], Page], number: int) -> None:
    page = opened(page_of("mira"), stack, number)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("Reply sent")
    page.keyboard.press("z")
    expect(page.locator("#toasts")).to_contain_text("Sending undone")
    expect(page.locator("#editor .cite").first).to_be_visible()
    expect(page.locator("#figures-state")).to_have_text("AI draft")
    assert replies(stack, number) == []
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#key-list")).to_contain_text("Undo the last action")


def test_a_desk_that_does_not_answer_costs_nothing_typed(
    stack: Stack, page_of: Callable[[str], Page], number: int
) -> None:
    page = opened(page_of("mira"), stack, number)
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(re.search("submission=([^&]+)", route.request.post_data or "")[1])  # type: ignore[index]
        route.fulfill(status=500) if len(asked) < 3 else route.continue_()

    page.route("**/reply", answer)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#retrying")).to_contain_text("Not sent yet")
    expect(page.locator("#editor")).to_contain_text("5 business days")
    expect(page.locator("#toasts")).to_contain_text("Reply sent")
    assert len(asked) == 3
    assert len(set(asked)) == 1
    assert len(replies(stack, number)) == 1


def test_what_waits_to_be_sent_can_be_called_back(stack: Stack, page_of: Callable[[str], Page], number: int) -> None:
    page = opened(page_of("mira"), stack, number)
    page.route("**/reply", lambda route: route.abort())
    page.keyboard.press("Control+Enter")
    expect(page.locator("#retrying")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#retrying")).to_be_hidden()
    expect(page.locator("#editor")).to_contain_text("5 business days")
    assert replies(stack, number) == []


def test_two_agents_see_each_other_and_nobody_answers_over_the_other(
    stack: Stack, page_of: Callable[[str], Page], number: int
) -> None:
    mira, jonas = opened(page_of("mira"), stack, number), opened(page_of("jonas"), stack, number)
    expect(mira.locator("#presence")).to_have_text("Jonas Brandt is here")
    expect(jonas.locator("#presence")).to_have_text("Mira Lindqvist is here")
    expect(mira.locator(f"#row-{number}")).to_have_attribute("data-others", "Jonas Brandt is here")
    jonas.keyboard.press("r")
    jonas.keyboard.type(" From Jonas.")
    expect(mira.locator("#presence")).to_have_text("Jonas Brandt is typing")
    mira.keyboard.press("r")
    mira.keyboard.type(" From Mira.")
    mira.route("**/conversation", lambda route: route.abort())  # she has not seen what comes now
    jonas.keyboard.press("Control+Enter")
    expect(jonas.locator("#toasts")).to_contain_text("Reply sent")
    mira.keyboard.press("Control+Enter")
    dialog = mira.locator("#dialog-newer")
    expect(dialog).to_contain_text("Jonas Brandt")
    expect(mira.locator("#editor")).to_contain_text("From Mira.")
    assert len(replies(stack, number)) == 1
    can_send(mira)
    mira.keyboard.press("s")
    expect(mira.locator("#toasts")).to_contain_text("Reply sent")
    assert len(replies(stack, number)) == 2
    jonas.close()
    expect(mira.locator("#presence")).to_have_text("", timeout=12_000)


def test_closing_an_unanswered_ticket_takes_a_second_enter_and_can_be_undone(
    stack: Stack, page_of: Callable[[str], Page], number: int
) -> None:
    page = opened(page_of("jonas"), stack, number)
    page.keyboard.press("Control+d")
    page.keyboard.type("ref")
    expect(page.locator("#tag-suggestions button:visible")).to_have_text(["refund"])
    page.keyboard.press("Enter")
    expect(page.locator("#close-unanswered")).to_be_visible()
    assert stack.ask(f"Ticket.objects.get(pk={number}).status") == "open"
    since = stack.ask(f"Ticket.objects.get(pk={number}).waiting_since")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Ticket closed")
    page.keyboard.press("z")
    expect(page.locator("#toasts")).to_contain_text("as it was")
    assert stack.ask(f"Ticket.objects.get(pk={number}).waiting_since") == since


def test_a_refused_draft_leaves_no_text_behind(stack: Stack, page_of: Callable[[str], Page], number: int) -> None:
    """The streamed draft has no source after all."""
    later = "__import__('django.utils.timezone').utils.timezone.now() + __import__('datetime').timedelta(hours=1)"
    drafts = f"Draft.objects.filter(ticket={number})"
    stack.ask(f"{drafts}.update(state='writing', text='Hi Tomas, it probably takes', lease_until={later})")
    page = page_of("mira")
    page.goto(f"{stack.url}/desk/{number}/?view=open")
    expect(page.locator("#editor")).to_contain_text("it probably takes")
    stack.ask(f"{drafts}.update(state='no_source', text='')")
    event = {"type": "draft.changed", "draft": 0, "state": "no_source"}
    stack.ask(f"__import__('tickets.live').live.send('ticket.{number}', {event})")
    expect(page.locator("#editor")).to_have_text("")
    expect(page.locator("#toasts")).to_contain_text("no source supports it")
    expect(page.locator("#figures-state")).to_contain_text("No source answers this")


def insisted(page: Page, stack: Stack, number: int) -> Page:
    """Opened, with a draft that the agent wanted though no source answers."""

    def change(route: Route) -> None:
        answer = route.fetch()
        found = answer.json()
        route.fulfill(response=answer, json=found | {"draft": found["draft"] | {"insisted": True}})

    page.route(f"**/copilot/tickets/{number}/draft", change)
    opened(page, stack, number)
    expect(page.locator("#figures-state")).to_have_text("No source answers this. Closest sources only.")
    return page


def test_a_draft_that_no_source_answers_is_not_sent_by_one_key(
    stack: Stack, page_of: Callable[[str], Page], number: int
) -> None:
    page = insisted(page_of("mira"), stack, number)
    page.keyboard.press("r")
    for leave in ("Enter", "Escape"):  # Enter is "Go back to the draft"
        page.keyboard.press("Control+Enter")
        expect(page.locator("#dialog-unsourced")).to_be_visible()
        page.keyboard.press(leave)
        expect(page.locator("#dialog-unsourced")).to_be_hidden()
        expect(page.locator("#editor")).to_be_focused()
    assert replies(stack, number) == []
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Send anyway").click()
    expect(page.locator("#toasts")).to_contain_text("Reply sent")
    page.unroute_all(behavior="ignoreErrors")


def test_who_comes_in_copy_behind_the_dialog_gets_no_reply(
    stack: Stack, page_of: Callable[[str], Page], number: int
) -> None:
    page = insisted(page_of("mira"), stack, number)

    def in_copy(route: Route) -> None:
        answer = route.fetch()
        found = answer.json()
        ben = {"name": "Ben Miller", "email": "ben@berg.example"}
        route.fulfill(response=answer, json=found | {"all": found["all"] | {"cc": [ben]}})

    page.route(f"**/desk/{number}/recipients", in_copy)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#dialog-unsourced")).to_be_visible()
    stack.ask(f"__import__('tickets.live', fromlist=['live']).ticket_changed({number}, 'conversation')")
    expect(page.locator("#recipients-text")).to_contain_text("Ben Miller")
    page.get_by_role("button", name="Send anyway").click()
    expect(page.locator("#toasts")).to_contain_text("Not sent. The text is still here.")
    assert replies(stack, number) == []
    page.unroute_all(behavior="ignoreErrors")


def test_who_writes_while_a_draft_is_on_its_way_gets_the_room_for_it(
    stack: Stack, page_of: Callable[[str], Page], number: int
) -> None:
    stack.ask(f"Draft.objects.filter(ticket={number}).update(state='queued', text='')")
    page = page_of("mira")
    page.goto(f"{stack.url}/desk/{number}/?view=open")
    expect(page.locator("#draft-stop")).to_be_visible()
    page.keyboard.press("r")
    page.keyboard.type("One line\n" * 14)
    assert page.locator("#composer-panel").evaluate("element => element.scrollHeight <= element.clientHeight")


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1024, 768), (720, 450), (390, 844)])
def test_no_line_is_cut_and_a_citation_moves_nothing(
    stack: Stack, page_of: Callable[[str], Page], width: int, height: int
) -> None:
    page = page_of("mira")
    page.set_viewport_size({"width": width, "height": height})
    opened(page, stack, 1)
    panel = page.locator("#composer-panel")
    cut = """element => element.scrollHeight > element.clientHeight + 8
        && Math.abs((element.clientHeight - 8) / parseFloat(getComputedStyle(element).lineHeight) % 1 - 0.5) < 0.4"""
    assert not panel.evaluate(cut)
    conversation = page.locator("#conversation").bounding_box()
    assert conversation is not None
    assert conversation["height"] > 70
    if width == 1440:  # a whole draft, without scrolling
        assert panel.evaluate("element => element.scrollHeight <= element.clientHeight")
    places = ["#composer", "#conversation", *(["#customer"] if width >= 1200 else [])]
    before = [page.locator(place).bounding_box() for place in places]
    page.locator("#editor .cite").first.click()
    card = page.locator("#excerpt")
    expect(card.locator("mark")).to_contain_text("not a charge")
    assert [page.locator(place).bounding_box() for place in places] == before
    box = card.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["y"] >= 0
    assert box["x"] + box["width"] <= width
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()


def is_check_of(answer: Response, text: str) -> bool:
    sent = parse_qs(answer.request.post_data or "") if answer.url.endswith("/presend") else {}
    return " ".join(sent.get("text", [""])[0].split()) == " ".join(text.split())


def test_warnings_are_mended_or_overridden_by_key_and_blocks_are_not_sent(
    stack: Stack, page_of: Callable[[str], Page], number: int
) -> None:
    page = opened(page_of("mira"), stack, number)
    secret = "The bank opened a dispute about these payments, we must not mention it before May."
    page.keyboard.press("n")
    page.keyboard.type(secret)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#messages")).to_contain_text(secret)
    page.keyboard.press("r")
    page.keyboard.press("Control+A")
    page.keyboard.type("Hi Lena,\n\nIt goes away within 9 business days, and we guarantee it.")
    findings = page.locator("#findings")
    expect(page.locator("#figures-reason")).to_contain_text("The greeting says “Lena”")
    assert page.evaluate("CSS.highlights.get('finding-warning').size") == 3
    # The first press says what it is about, and each warning has a key.
    can_send(page)
    page.keyboard.press("Control+Enter")
    expect(findings).to_be_focused()
    expect(findings.locator("li")).to_have_count(3)
    expect(page.locator("#announce")).to_contain_text("Not sent yet, 3 warnings.")
    page.keyboard.press("1")
    expect(page.locator("#editor")).to_contain_text("Hi Tomas,")
    expect(findings.locator("li")).to_have_count(2)
    page.keyboard.press("2")  # nothing replaces a guarantee: its words are selected
    assert page.evaluate("getSelection().toString()") == "we guarantee"
    # What must not be sent has no second press.
    page.keyboard.press("Control+End")
    page.keyboard.type(f" {secret}")
    page.keyboard.press("Control+Enter")
    expect(findings.locator(".is-block")).to_contain_text("copied from an internal note")
    page.keyboard.press("Control+Enter")
    expect(findings).to_contain_text("must not be sent as it is")
    assert replies(stack, number) == []
    page.keyboard.press("Escape")
    expect(page.locator("#editor")).to_be_focused()
    left = "Hi Tomas,\n\nIt goes away within 9 business days, and we guarantee it."
    with page.expect_response(lambda answer: is_check_of(answer, left)):  # sending waits for it 300 ms at most
        for _ in range(len(secret) + 1):
            page.keyboard.press("Backspace")
    # All warnings that are left have been seen: the next press sends.
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("Reply sent")
    assert replies(stack, number) == [left]
    # After undo the same reply is checked again, and sent again by the second press.
    page.keyboard.press("z")
    expect(page.locator("#editor")).to_contain_text("we guarantee it.")
    can_send(page)
    page.keyboard.press("Control+Enter")
    expect(findings).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("Reply sent")
    assert len(replies(stack, number)) == 1
    kept = f"[each['code'] for each in SentReply.objects.get(message__ticket={number}).warnings]"
    assert stack.ask(kept) == ["fact", "guarantee"]


def test_undoing_the_sending_of_a_revised_text_brings_back_what_was_checked(
    stack: Stack, page_of: Callable[[str], Page], number: int
) -> None:
    page = opened(page_of("mira"), stack, number)
    figures = page.locator("#figures-state")
    page.keyboard.press("Control+i")
    expect(page.locator("#dialog-revise")).to_be_visible()
    page.keyboard.press("w")
    expect(figures).to_contain_text("Revised")
    checked, text = figures.inner_text(), page.locator("#editor").inner_text()
    can_send(page)
    page.keyboard.press("Control+Enter")
    sent = page.locator(".toast").filter(has_text="Reply sent")
    expect(figures).not_to_contain_text("Revised")
    sent.get_by_role("button", name="Undo").click()
    expect(figures).to_have_text(checked)
    assert page.locator("#editor").inner_text() == text
    assert replies(stack, number) == []
