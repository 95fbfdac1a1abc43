"""Files of replies and notes: chosen, pasted, dropped, taken out, sent, undone. And mails as they were sent."""

import re
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from itertools import count
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import FilePayload, Page, Route, expect

from tests.browser.composer import Held, can_send, notes, replies
from tests.browser.stack import Stack
from tests.browser.test_accessibility import COLOURS, FINISH_ANIMATIONS, RULES
from tests.tickets.pictures import png
from tests.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.services]

PDF = b"%PDF-1.7 the terms of the plan"
TERMS: FilePayload = {"name": "terms.pdf", "mimeType": "application/pdf", "buffer": PDF}
SCREEN: FilePayload = {"name": "screen.png", "mimeType": "image/png", "buffer": png(300, 200)}
PROGRAM: FilePayload = {"name": "setup.exe", "mimeType": "application/x-msdownload", "buffer": b"MZ"}
DROPPED = """async ([selector, kind, name, type, bytes, text]) => {
    const files = new DataTransfer();
    files.items.add(new File([new Uint8Array(bytes)], name, {type}));
    if (text) files.setData("text/plain", text);
    const made = {bubbles: true, cancelable: true};
    const event = kind === "paste"
        ? new ClipboardEvent("paste", {...made, clipboardData: files})
        : new DragEvent(kind, {...made, dataTransfer: files});
    return document.querySelector(selector).dispatchEvent(event);
}"""
FORMATTED = """<p>My answers are <span style="color: rgb(200, 0, 0); position: fixed; top: 0">in red</span>.</p>
<p><img src="cid:shot@x" alt="the message" width="400"></p><p><img src="https://tracker.example/p.gif" alt="far"></p>
<p>-- <br>Vera Holm, Accounts <img src="cid:logo@x"></p>"""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The web process alone, with time to undo."""
    stack = Stack(tmp_path_factory.mktemp("files"), UNDO_SEND_SECONDS="60")
    stack.prepare("from tests.browser import seed; seed.people()")
    stack.start("web")
    yield stack
    stack.stop()


_numbers = count(1)


def arrive(stack: Stack, html: str = "") -> int:
    """A ticket; with `html`, of a mail with a picture in its text and a logo below."""
    message, number = EmailMessage(), next(_numbers)
    message["From"], message["To"] = "Vera Holm <vera@holm.example>", "support@tallybird.example"
    message["Subject"], message["Message-ID"] = f"Export stops {number}", f"<files-{number}@holm.example>"
    message.set_content("My answers are in red.\n\n-- \nVera Holm, Accounts\n")
    if html:
        message.add_alternative(html, subtype="html")
        related = message.get_payload()[1]
        for name, width, height in (("shot", 800, 400), ("logo", 120, 40)):
            related.add_related(png(width, height), "image", "png", cid=f"<{name}@x>", filename=f"{name}.png")
    return int(stack.ask(f"intake.receive({message.as_bytes()!r}).as_json()")["ticket"])


@pytest.fixture
def number(stack: Stack) -> int:
    return arrive(stack)


def open_ticket(page: Page, stack: Stack, number: int) -> Page:
    page.on("filechooser", lambda _: None)  # Playwright may begin to listen too late when it is first asked to
    page.goto(f"{stack.url}/desk/{number}/?view=open")
    expect(page.locator("#figures-state")).not_to_be_empty()  # the scripts run, so keys work
    return page


def choose(page: Page, *files: FilePayload, key: str = "") -> None:
    with page.expect_file_chooser() as chooser:
        if key:
            page.keyboard.press(key)
        else:
            page.locator("#attach").click()
    chooser.value.set_files(list(files))


def attached(page: Page) -> Any:
    return page.locator(".upload[data-upload]:visible")


def files_of(stack: Stack, number: int) -> list[str]:
    rows = f"Attachment.objects.filter(message__ticket={number}, message__kind__in=['reply', 'note'])"
    return list(stack.ask(f"list({rows}.values_list('filename', flat=True))"))


def test_files_go_with_the_reply_and_come_back_with_undo(
    stack: Stack, page_of: Callable[[str], Page], number: int
) -> None:
    page = open_ticket(page_of("mira"), stack, number)
    choose(page, SCREEN, TERMS, key="u")
    expect(attached(page)).to_have_count(2)
    assert page.locator(".upload img").evaluate("each => each.decode().then(() => each.naturalWidth)") == 300
    page.reload()
    expect(attached(page)).to_have_count(2)  # on another device it would be the same
    page.keyboard.press("r")
    page.keyboard.type("The terms of the plan.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("Reply sent")
    expect(attached(page)).to_have_count(0)
    assert files_of(stack, number) == ["screen.png", "terms.pdf"]
    sent = page.locator(".message-reply .attachments")
    with page.expect_download() as download:
        sent.get_by_role("link", name="terms.pdf").click()
    assert download.value.suggested_filename == "terms.pdf" and download.value.path().read_bytes() == PDF
    page.locator(".message-reply [data-undo-send]").click()
    expect(attached(page)).to_have_count(2)
    expect(page.locator("#editor")).to_have_text("The terms of the plan.")
    expect(sent).to_have_count(0)
    assert files_of(stack, number) == []


def test_a_screenshot_is_pasted_and_a_table_stays_text(
    stack: Stack, page_of: Callable[[str], Page], number: int
) -> None:
    page = open_ticket(page_of("mira"), stack, number)
    page.keyboard.press("r")
    picture = ["#editor", "paste", "image.png", "image/png", list(SCREEN["buffer"])]
    page.evaluate(DROPPED, [*picture, ""])
    expect(attached(page)).to_have_count(1)
    expect(attached(page)).to_contain_text(re.compile(r"screenshot \d{4}-\d\d-\d\d"))
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.url) if asked.method == "POST" else None)
    assert page.evaluate(DROPPED, [*picture, "a\tb"]), "the browser pastes the text"
    expect(page.locator(".upload")).to_have_count(1)  # nothing is on its way
    assert [url for url in sent if url.endswith("/uploads")] == []


def test_a_file_dropped_on_the_ticket_is_attached_and_elsewhere_nothing_happens(
    stack: Stack, page_of: Callable[[str], Page], number: int
) -> None:
    page = open_ticket(page_of("mira"), stack, number)
    file = ["terms.pdf", "application/pdf", list(PDF), ""]
    page.evaluate(DROPPED, ["#conversation", "dragover", *file])
    expect(page.locator("#composer")).to_have_class(re.compile("is-dropping"))
    page.evaluate(DROPPED, ["#conversation", "drop", *file])
    expect(attached(page)).to_have_text(re.compile("terms.pdf"))
    expect(page.locator("#composer")).not_to_have_class(re.compile("is-dropping"))
    assert not page.evaluate(DROPPED, ["#queue", "drop", *file]), "the file would take the place of the desk"
    expect(page.locator(".upload")).to_have_count(1)


def test_a_file_that_is_taken_out_can_be_put_back(stack: Stack, page_of: Callable[[str], Page], number: int) -> None:
    page = open_ticket(page_of("mira"), stack, number)
    choose(page, SCREEN, TERMS)
    expect(attached(page)).to_have_count(2)
    page.get_by_role("button", name="Remove screen.png").focus()
    page.keyboard.press("Delete")
    expect(page.get_by_role("button", name="Remove terms.pdf")).to_be_focused()
    removed = page.locator(".toast", has_text="screen.png removed.")
    removed.hover()  # so that it stays
    expect(attached(page)).to_have_count(1)
    removed.get_by_role("button", name="Undo").click()
    expect(attached(page)).to_have_count(2)


def test_a_file_is_put_back_into_the_composer_that_is_open_by_then(
    stack: Stack, page_of: Callable[[str], Page], number: int
) -> None:
    other = arrive(stack)
    page = open_ticket(page_of("mira"), stack, number)
    choose(page, TERMS)
    expect(attached(page)).to_have_count(1)
    page.get_by_role("button", name="Remove terms.pdf").click()
    removed = page.locator(".toast", has_text="terms.pdf removed.")
    removed.get_by_role("button", name="Undo").focus()  # so that it stays
    for each in (other, number):
        page.locator(f"#queue a[data-open='{each}']").dispatch_event("click")
        expect(page.locator("#pane")).to_have_attribute("data-ticket", str(each))
    expect(page.locator(".upload")).to_have_count(0)
    removed.get_by_role("button", name="Undo").click()
    expect(attached(page)).to_have_count(1)


def test_what_cannot_be_attached_says_why_and_holds_the_reply_back(
    stack: Stack, page_of: Callable[[str], Page], number: int
) -> None:
    page = open_ticket(page_of("mira"), stack, number)
    big: FilePayload = {"name": "film.mp4", "mimeType": "video/mp4", "buffer": b"x" * (10 * 1024 * 1024 + 1)}
    choose(page, PROGRAM, big, TERMS)
    expect(attached(page)).to_have_count(1)
    refused = page.locator(".upload.is-failed")
    expect(refused.nth(0)).to_contain_text("setup.exe was not attached. Programs are not stored (.exe).")
    expect(refused.nth(1)).to_contain_text("film.mp4 was not attached. It is larger than 10 MB.")
    page.keyboard.press("r")
    page.keyboard.type("Here it is.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("setup.exe is not attached. Remove it, or try again.")
    assert replies(stack, number) == []
    for name in ("setup.exe", "film.mp4"):
        page.get_by_role("button", name=f"Remove {name}").click()
    page.locator("#editor").press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("Reply sent")
    assert files_of(stack, number) == ["terms.pdf"]


def test_an_upload_that_broke_off_is_tried_again(stack: Stack, page_of: Callable[[str], Page], number: int) -> None:
    page = open_ticket(page_of("mira"), stack, number)
    page.route("**/uploads", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    choose(page, TERMS)
    expect(page.locator(".upload.is-failed")).to_contain_text("The upload broke off.")
    page.unroute("**/uploads")
    page.get_by_role("button", name="Try again").click()
    expect(attached(page)).to_have_count(1)
    expect(page.locator(".upload")).to_have_count(1)


def test_a_file_goes_on_uploading_when_the_agent_goes_to_another_ticket(
    stack: Stack, page_of: Callable[[str], Page], number: int
) -> None:
    other = arrive(stack)
    page = open_ticket(page_of("mira"), stack, number)
    page.keyboard.press("r")
    page.keyboard.type("The terms.")
    held = Held(page, "**/uploads")
    choose(page, TERMS)
    expect(page.locator(".upload-waiting progress")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("terms.pdf is still being uploaded.")
    page.locator(f"#queue a[data-open='{other}']").click()
    expect(page.locator("#pane")).to_have_attribute("data-ticket", str(other))
    expect(page.locator(".upload")).to_have_count(0)
    page.locator(f"#queue a[data-open='{number}']").click()
    expect(page.locator("#pane")).to_have_attribute("data-ticket", str(number))
    expect(page.locator(".upload-waiting")).to_have_count(1)  # still on its way, and shown so
    held.let_go()
    expect(attached(page)).to_have_count(1)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("Reply sent")
    assert files_of(stack, number) == ["terms.pdf"]


def test_a_file_that_arrives_while_its_ticket_is_being_opened_is_there(
    stack: Stack, page_of: Callable[[str], Page], number: int
) -> None:
    other = arrive(stack)
    page = open_ticket(page_of("mira"), stack, number)
    uploading = Held(page, "**/uploads")
    choose(page, TERMS)
    expect(page.locator(".upload-waiting")).to_be_visible()
    page.locator(f"#queue a[data-open='{other}']").click()
    expect(page.locator("#pane")).to_have_attribute("data-ticket", str(other))
    rendered: list[Any] = []  # the pane as it is before the file arrives

    def hold(route: Route) -> None:
        rendered.append((route, route.fetch()))

    page.route(f"**/desk/{number}/pane", hold)
    page.locator(f"#queue a[data-open='{number}']").click()
    wait_until(lambda: (page.wait_for_timeout(50), bool(rendered))[1])
    with page.expect_response("**/uploads"):
        uploading.let_go()
    route, answer = rendered[0]
    route.fulfill(response=answer)
    expect(page.locator("#pane")).to_have_attribute("data-ticket", str(number))
    expect(attached(page)).to_have_count(1)


def test_a_note_may_be_a_file_alone_and_has_files_of_its_own(
    stack: Stack, page_of: Callable[[str], Page], number: int
) -> None:
    page = open_ticket(page_of("mira"), stack, number)
    choose(page, TERMS)
    expect(attached(page)).to_have_text(re.compile("terms.pdf"))
    page.keyboard.press("n")
    expect(attached(page)).to_have_count(0)
    choose(page, SCREEN)
    expect(attached(page)).to_have_text(re.compile("screen.png"))
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("Note saved.")
    assert notes(stack, number) == [""] and files_of(stack, number) == ["screen.png"]
    page.keyboard.press("r")
    expect(attached(page)).to_have_text(re.compile("terms.pdf"))
    can_send(page)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("Write a line to go with the files")


def test_a_file_that_another_window_has_sent_is_not_sent_again(
    stack: Stack, page_of: Callable[[str], Page], number: int
) -> None:
    page = open_ticket(page_of("mira"), stack, number)
    choose(page, TERMS)
    expect(attached(page)).to_have_count(1)
    window = open_ticket(page.context.new_page(), stack, number)
    expect(attached(window)).to_have_count(1)
    for each, text in ((window, "First."), (page, "Second.")):
        each.keyboard.press("r")
        each.keyboard.type(text)
    window.keyboard.press("Control+Enter")
    expect(window.locator("#toasts")).to_contain_text("Reply sent")
    expect(page.locator("#messages")).to_contain_text("First.")  # the page has it, so nothing is newer
    held = Held(page, "**/uploads")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("a file is no longer there")
    page.locator("#editor").press("Control+Enter")  # what is attached now is not known yet, so nothing is sent
    expect(page.locator("#toasts")).to_contain_text("The attached files are being fetched.")
    held.let_go()
    expect(page.locator(".upload")).to_have_count(0)
    expect(page.locator("#editor")).to_have_text("Second.")
    assert replies(stack, number) == ["First."]


def test_who_closes_a_ticket_is_told_of_a_file_that_was_not_sent(
    stack: Stack, page_of: Callable[[str], Page], number: int
) -> None:
    page = open_ticket(page_of("mira"), stack, number)
    choose(page, TERMS)
    expect(attached(page)).to_have_count(1)
    page.keyboard.press("Control+d")
    expect(page.locator("#close-unsent")).to_be_visible()


def test_an_announced_file_is_missed_until_it_is_attached(
    stack: Stack, page_of: Callable[[str], Page], number: int
) -> None:
    page = open_ticket(page_of("mira"), stack, number)
    page.keyboard.press("r")
    # Sending does not wait long for the check, so it is done before.
    with page.expect_response(lambda answer: "terms" in (answer.request.post_data or "")):
        page.keyboard.type("Hello Vera, please see the attached terms.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#findings")).to_contain_text("attach")
    choose(page, TERMS)
    expect(attached(page)).to_have_count(1)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("Reply sent")


def test_a_mail_looks_as_it_was_sent_where_that_says_more_than_its_text(
    stack: Stack, page_of: Callable[[str], Page]
) -> None:
    page = open_ticket(page_of("mira"), stack, arrive(stack, FORMATTED))
    mail, picture = page.locator("mail-view"), page.get_by_role("button", name="the message")
    expect(mail.locator("span").first).to_have_css("color", "rgb(200, 0, 0)")
    expect(mail.locator("span").first).to_have_css("position", "static")
    assert picture.evaluate("each => each.decode().then(() => each.naturalWidth)") == 800
    expect(picture).to_have_js_property("offsetWidth", 400)
    expect(mail).to_contain_text("[picture of another host, not loaded: far]")
    expect(mail.get_by_text("Vera Holm")).to_be_hidden()
    expect(page.locator(".attachments")).to_be_hidden()  # everything stands in the mail
    page.get_by_role("button", name="Quoted text").click()
    expect(mail.get_by_text("Vera Holm")).to_be_visible()
    page.get_by_role("button", name="Show as plain text").press("Enter")
    expect(mail).to_be_hidden()
    expect(page.get_by_role("button", name="Show as sent")).to_be_focused()
    expect(page.locator(".message-text")).to_have_text("My answers are in red.")
    expect(page.locator(".attachments img:visible")).to_have_count(1)  # the logo is none
    page.keyboard.press("n")
    page.keyboard.type("Read.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#messages")).to_contain_text("Read.")
    expect(mail).to_be_hidden()  # the update has not touched it


def test_pictures_open_in_full_size_by_keys(stack: Stack, page_of: Callable[[str], Page]) -> None:
    page = open_ticket(page_of("mira"), stack, arrive(stack, FORMATTED))
    choose(page, SCREEN)
    expect(attached(page)).to_have_count(1)
    page.keyboard.press("n")
    choose(page, {**SCREEN, "name": "second.png"})
    expect(attached(page)).to_have_text(re.compile("second.png"))
    page.keyboard.press("Control+Enter")
    expect(page.locator(".message-note img")).to_be_visible()
    first = page.get_by_role("button", name="the message")
    first.press("Enter")
    dialog = page.get_by_role("dialog", name="shot.png")
    expect(dialog.locator("#picture-count")).to_have_text("1 of 2")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#picture-title")).to_have_text("second.png")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#picture-title")).to_have_text("shot.png")
    expect(page.locator("#picture-file")).to_have_attribute("href", re.compile(r"^/attachments/\d+/$"))
    page.keyboard.press("Escape")
    expect(first).to_be_focused()


def test_files_and_mails_break_no_rule_of_access(stack: Stack, page_of: Callable[[str], Page]) -> None:
    page = open_ticket(page_of("mira"), stack, arrive(stack, FORMATTED))
    choose(page, SCREEN, TERMS, PROGRAM)
    expect(page.locator(".upload.is-failed")).to_be_visible()
    broken = []
    for opened in (False, True):
        if opened:
            page.get_by_role("button", name="the message").click()
            expect(page.locator("#dialog-picture")).to_be_visible()
        for scheme, rules in (("light", RULES), ("dark", COLOURS)):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.evaluate(FINISH_ANIMATIONS)
            for found in Axe().run(page, options=rules).response["violations"]:
                broken.append(f"{scheme}: {found['id']} {[node['html'][:160] for node in found['nodes'][:3]]}")
    assert broken == []
