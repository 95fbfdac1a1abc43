"""tickets/uploads.py: files wait in a composer, for one member and one ticket, until their message is sent."""

import hashlib
import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import cast
from tests.tickets.pictures import head_of_png
from tickets import notes, outbox, tasks, uploads
from tickets.mail import attachments
from tickets.mail.mime.body import Part
from tickets.models import Attachment, Message, OutgoingMail, Ticket, Upload, User

pytestmark = pytest.mark.django_db
GONE = (
    "Not sent: a file is no longer there. It was sent or removed in another window. Look at the files and send again."
)
MEGABYTE = 1024 * 1024
Post = Callable[..., HttpResponse]


SCREENSHOT = head_of_png(1280, 720)
PROGRAM = b"MZ\x90\x00 this program cannot be run in DOS mode"


def a_file(name: str = "steps.txt", content: bytes = b"1. Open Settings.", kind: str = "text/plain") -> Any:
    return SimpleUploadedFile(name, content, kind)


def keep(ticket: Ticket, owner: User, name: str = "steps.txt", content: bytes = b"", *, note: bool = False) -> Upload:
    return uploads.receive(ticket, owner, a_file(name, content or name.encode()), for_note=note)


def note_with(ticket: Ticket, author: User, *files: Upload) -> Message:
    """A note with these files, which were chosen for it."""
    Upload.objects.filter(pk__in=[each.pk for each in files]).update(for_note=True)
    return notes.write(ticket, author, "See the file.", files=[each.pk for each in files])


def in_storage(settings: Any) -> list[str]:
    """The files there, as paths."""
    folder = Path(settings.STORAGES["default"]["OPTIONS"]["location"])
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def names(ticket: Ticket, owner: User) -> list[str]:
    return [each.filename for each in uploads.of(ticket, owner)]


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def desk(mira: User) -> Client:
    return browser(mira)


@pytest.fixture
def post(desk: Client, ticket: Ticket) -> Post:
    """What Mira's browser posts to the ticket: uploads by their ids. They were chosen for this tab."""

    def send(name: str, *files: Upload, **fields: Any) -> HttpResponse:
        if files:
            chosen = Upload.objects.filter(pk__in=[each.pk for each in files])
            chosen.update(for_note=name == "note")
            fields["uploads"] = ",".join(str(each.pk) for each in files)
        return desk.post(reverse(f"tickets:{name}", args=[ticket.pk]), fields)

    return send


@pytest.fixture
def reply(post: Post) -> Post:
    def send(*files: Upload, **fields: Any) -> HttpResponse:
        return post("reply", *files, **{"text": "See the file.", "submission": uuid.uuid4()} | fields)

    return send


@pytest.fixture
def undo_seconds(settings: Any) -> None:
    settings.UNDO_SEND_SECONDS = 60


# --- A file is kept -----------------------------------------------------------


def test_a_file_waits_in_the_composer_of_who_chose_it(ticket: Ticket, mira: User) -> None:
    content = "Grüße".encode()
    made = uploads.receive(ticket, mira, a_file("Schritte.txt", content), for_note=False)
    found = Upload.objects.get()
    assert found == made and (found.ticket, found.owner, found.for_note, found.removed_at) == (
        ticket,
        mira,
        False,
        None,
    )
    assert (found.filename, found.content_type, found.size) == ("Schritte.txt", "text/plain", len(content))
    assert found.sha256 == hashlib.sha256(content).hexdigest() and found.file.read() == content
    assert (found.picture, found.width, found.height, found.has_preview) == ("", 0, 0, False)


def test_the_composers_of_a_ticket_know_nothing_of_each_other(ticket: Ticket, mira: User, jonas: User) -> None:
    keep(ticket, mira, "mine.txt")
    keep(ticket, jonas, "of-jonas.txt")
    keep(cast.new_ticket(), mira, "elsewhere.txt")
    assert (names(ticket, mira), names(ticket, jonas)) == (["mine.txt"], ["of-jonas.txt"])


def test_a_picture_is_one_by_its_bytes_and_not_by_its_name(ticket: Ticket, mira: User) -> None:
    shot = uploads.receive(ticket, mira, a_file("board.txt", SCREENSHOT, "text/plain"), for_note=False)
    assert (shot.picture, shot.width, shot.height, shot.has_preview) == ("image/png", 1280, 720, True)
    page = uploads.receive(ticket, mira, a_file("board.png", b"<html>hello</html>", "image/png"), for_note=False)
    assert (page.picture, page.width, page.height, page.has_preview) == ("", 0, 0, False)


@pytest.mark.parametrize(
    ("width", "height", "picture", "preview"),
    [
        (12_000, 4_000, "image/png", True),
        (12_001, 10, "", False),  # a side is too long
        (10_000, 6_000, "image/png", False),  # 60 megapixels
        (33, 33, "image/png", True),
        (32, 600, "image/png", False),  # an icon or a line
    ],
)
def test_a_preview_is_neither_too_large_nor_an_icon(
    ticket: Ticket, mira: User, desk: Client, width: int, height: int, picture: str, preview: bool
) -> None:
    kept = keep(ticket, mira, "board.png", head_of_png(width, height))
    assert (kept.picture, kept.has_preview) == (picture, preview)
    shown = picture != "" and width * height <= 50_000_000
    answer = desk.get(reverse("tickets:upload_picture", args=[kept.pk]))
    assert answer.status_code == (200 if shown else 404)
    assert desk.get(reverse("tickets:upload", args=[kept.pk])).status_code == 200


def test_two_files_with_the_same_content_are_two_files(ticket: Ticket, mira: User, settings: Any) -> None:
    first, second = keep(ticket, mira, content=b"same"), keep(ticket, mira, content=b"same")
    assert first.file.name != second.file.name and len(in_storage(settings)) == 2


def test_files_of_mails_are_recognized_as_pictures_too(ticket: Ticket) -> None:
    stored: list[Attachment] = []
    attachments.store(ticket.messages.get(), [Part("board.bin", "application/x-odd", SCREENSHOT)], stored)
    assert (stored[0].picture, stored[0].width, stored[0].height) == ("image/png", 1280, 720)


# --- A file is not taken ------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "kind", "why"),
    [
        ("setup.exe", b"x", "text/plain", "Programs are not stored (.exe)."),
        ("invoice.pdf.JS", b"x", "application/pdf", "Programs are not stored (.js)."),
        ("photo.png", PROGRAM, "image/png", "Programs are not stored (recognized by the content)."),
        ("photo", b"\x7fELF\x02\x01", "image/png", "Programs are not stored (recognized by the content)."),
        ("photo", b"x", "application/x-msdownload", "Programs are not stored."),
        ("empty.txt", b"", "text/plain", "It is empty."),
        ("log.txt", b"x" * (MEGABYTE + 1), "text/plain", "It is larger than 1 MB."),
        ("large-setup.exe", PROGRAM + b"x" * MEGABYTE, "text/plain", "It is larger than 1 MB."),
    ],
)
def test_what_is_not_taken_is_answered_with_a_sentence_and_not_stored(
    post: Post, settings: Any, name: str, content: bytes, kind: str, why: str
) -> None:
    settings.ATTACHMENT_MAX_BYTES = MEGABYTE
    answer = post("uploads", file=a_file(name, content, kind))
    assert (answer.status_code, answer.json()["error"]) == (422, f"{name} was not attached. {why}")
    assert not Upload.objects.exists() and in_storage(settings) == []


def test_a_message_has_only_so_many_files(
    post: Post, ticket: Ticket, mira: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "FILES", 2)
    keep(ticket, mira, "1.txt"), keep(ticket, mira, "2.txt")
    answer = post("uploads", file=a_file("3.txt"))
    why = "3.txt was not attached. A message can have 2 files."
    assert (answer.status_code, answer.json()["error"]) == (422, why)
    assert names(ticket, mira) == ["1.txt", "2.txt"] and len(in_storage(settings)) == 2


def test_the_files_of_a_message_have_only_so_many_bytes(
    post: Post, ticket: Ticket, mira: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "ALL_BYTES", MEGABYTE)
    keep(ticket, mira, "1.txt", b"x" * 600_000)
    keep(ticket, mira, "2.txt", b"x" * (MEGABYTE - 600_000))  # exactly full
    answer = post("uploads", file=a_file("3.txt", b"x"))
    why = "3.txt was not attached. All files of a message together can have 1 MB."
    assert (answer.status_code, answer.json()["error"]) == (422, why)
    assert names(ticket, mira) == ["1.txt", "2.txt"] and len(in_storage(settings)) == 2


def test_no_file_may_be_larger_than_its_message(ticket: Ticket, mira: User, settings: Any) -> None:
    settings.ATTACHMENT_MAX_BYTES = uploads.ALL_BYTES + MEGABYTE
    assert uploads.largest() == uploads.ALL_BYTES


def test_the_limits_are_those_of_mail_servers(settings: Any) -> None:
    """Base64 makes four bytes of three, and a line break (two bytes) after 76: 25 MB."""
    assert uploads.FILES == 20 and uploads.ALL_BYTES * 4 / 3 * 78 / 76 < 25 * MEGABYTE
    assert settings.ATTACHMENT_MAX_BYTES < uploads.ALL_BYTES


def test_reply_and_note_are_counted_apart_and_removed_files_not_at_all(
    ticket: Ticket, mira: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "FILES", 1)
    keep(ticket, mira, "note.txt", note=True)
    first = keep(ticket, mira, "reply.txt")
    with pytest.raises(uploads.NotTaken):
        keep(ticket, mira, "second.txt")
    uploads.remove(first)
    keep(ticket, mira, "second.txt")
    assert names(ticket, mira) == ["note.txt", "second.txt"]


def test_a_file_whose_row_cannot_be_written_is_not_left_in_the_storage(
    ticket: Ticket, mira: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(self: Upload, *args: Any, **kwargs: Any) -> None:
        raise OSError("the database is away")

    monkeypatch.setattr(Upload, "save", locked)
    with pytest.raises(OSError, match="away"):
        keep(ticket, mira)
    assert in_storage(settings) == []


# --- A message takes the files ------------------------------------------------


def test_a_reply_takes_its_files_in_the_order_that_was_chosen(
    reply: Post, ticket: Ticket, mira: User, settings: Any
) -> None:
    first, second, third = (keep(ticket, mira, name) for name in ("1.txt", "2.txt", "3.txt"))
    before = in_storage(settings)
    answer = reply(third, first, second)
    assert answer.status_code == 200 and answer.json()["same"] is True
    message = Message.objects.get(pk=answer.json()["message"])
    taken = list(message.attachments.all())
    assert [each.filename for each in taken] == ["3.txt", "1.txt", "2.txt"]
    assert [each.file.name for each in taken] == [third.file.name, first.file.name, second.file.name]
    assert in_storage(settings) == before  # the same files, not copies
    assert not Upload.objects.exists()


def test_an_attachment_knows_all_that_the_upload_knew(reply: Post, ticket: Ticket, mira: User) -> None:
    shot = keep(ticket, mira, "board.png", SCREENSHOT)
    reply(shot)
    taken = Attachment.objects.get()
    facts = ("filename", "content_type", "size", "sha256", "picture", "width", "height")
    assert [getattr(taken, fact) for fact in facts] == [getattr(shot, fact) for fact in facts]
    assert taken.refused == "" and taken.file.read() == SCREENSHOT


def test_a_file_that_is_named_twice_is_sent_once(reply: Post, ticket: Ticket, mira: User) -> None:
    kept = keep(ticket, mira)
    assert reply(kept, kept).status_code == 200
    assert Attachment.objects.count() == 1


def test_files_that_are_not_named_stay_in_the_composer(reply: Post, ticket: Ticket, mira: User) -> None:
    sent, _other = keep(ticket, mira, "sent.txt"), keep(ticket, mira, "later.txt")
    reply(sent)
    assert names(ticket, mira) == ["later.txt"]


def test_a_note_may_consist_of_files_alone(post: Post, ticket: Ticket, mira: User) -> None:
    kept = keep(ticket, mira, "trace.log", note=True)
    answer = post("note", kept, text="", submission=uuid.uuid4())
    assert (answer.status_code, answer.json()["same"]) == (200, True)
    note = Message.objects.get(kind=Message.Kind.NOTE)
    assert (note.text, [each.filename for each in note.attachments.all()]) == ("", ["trace.log"])
    assert not Upload.objects.exists() and not OutgoingMail.objects.exists()


def test_a_note_of_nothing_is_refused(post: Post, ticket: Ticket) -> None:
    answer = post("note", text=" ", submission=uuid.uuid4())
    assert (answer.status_code, answer.json()["error"]) == (422, "The note is empty.")
    assert not ticket.messages.filter(kind=Message.Kind.NOTE).exists()


@pytest.mark.parametrize("text", ["", " ", "[1]"])
def test_a_reply_of_files_alone_is_refused_and_the_files_stay(
    reply: Post, ticket: Ticket, mira: User, text: str
) -> None:
    kept = keep(ticket, mira)
    answer = reply(kept, text=text)
    assert (answer.status_code, answer.json()["error"]) == (422, "There is nothing to send yet.")
    assert names(ticket, mira) == ["steps.txt"] and not Message.objects.filter(kind=Message.Kind.REPLY).exists()


# --- A file is not there any more ---------------------------------------------


def of_somebody_else(ticket: Ticket, mira: User) -> Upload:
    return keep(ticket, cast.jonas())


def of_another_ticket(ticket: Ticket, mira: User) -> Upload:
    return keep(cast.new_ticket(), mira)


def removed(ticket: Ticket, mira: User) -> Upload:
    kept = keep(ticket, mira)
    uploads.remove(kept)
    return kept


def sent_already(ticket: Ticket, mira: User) -> Upload:
    kept = keep(ticket, mira)
    note_with(ticket, mira, kept)
    return kept


@pytest.mark.parametrize("name", ["reply", "note"])
@pytest.mark.parametrize("lost", [of_somebody_else, of_another_ticket, removed, sent_already])
def test_nothing_is_written_if_a_file_is_gone(
    post: Post, ticket: Ticket, mira: User, settings: Any, name: str, lost: Callable[..., Upload]
) -> None:
    gone, there = lost(ticket, mira), keep(ticket, mira, "there.txt")
    before, messages, attached = in_storage(settings), Message.objects.count(), Attachment.objects.count()
    answer = post(name, there, gone, text="See the files.", submission=uuid.uuid4())
    assert (answer.status_code, answer.json()["error"]) == (422, GONE)
    assert (Message.objects.count(), Attachment.objects.count()) == (messages, attached)
    assert not OutgoingMail.objects.exists() and Ticket.objects.get(pk=ticket.pk).status == Ticket.Status.OPEN
    assert names(ticket, mira) == ["there.txt"] and in_storage(settings) == before


@pytest.mark.parametrize(("name", "note"), [("reply", True), ("note", False)])
def test_a_file_of_the_other_tab_is_not_sent(desk: Client, ticket: Ticket, mira: User, name: str, note: bool) -> None:
    """What was meant for the team must not reach the customer, whatever the page posts."""
    other = keep(ticket, mira, note=note)
    fields = {"text": "See the file.", "submission": uuid.uuid4(), "uploads": other.pk}
    answer = desk.post(reverse(f"tickets:{name}", args=[ticket.pk]), fields)
    assert (answer.status_code, answer.json()["error"]) == (422, GONE)
    assert not Attachment.objects.exists() and names(ticket, mira) == ["steps.txt"]


def test_the_refusal_says_how_many_files_are_gone(reply: Post, ticket: Ticket, mira: User) -> None:
    answer = reply(removed(ticket, mira), removed(ticket, mira))
    assert answer.json()["error"].startswith("Not sent: 2 files are no longer there. They were sent or removed")


def test_after_a_refusal_the_same_submission_can_be_sent(reply: Post, ticket: Ticket, mira: User) -> None:
    gone, there, submission = removed(ticket, mira), keep(ticket, mira, "there.txt"), uuid.uuid4()
    assert reply(gone, there, submission=submission).status_code == 422
    assert reply(there, submission=submission).json()["same"] is True
    assert [each.filename for each in Attachment.objects.all()] == ["there.txt"]


def test_files_stay_in_the_composer_if_there_are_newer_messages(reply: Post, ticket: Ticket, mira: User) -> None:
    kept, seen = keep(ticket, mira), ticket.messages.get().pk
    outbox.write_reply(ticket, cast.jonas(), "Jonas was faster.", submission=None)
    assert reply(kept, seen=seen).status_code == 409
    assert names(ticket, mira) == ["steps.txt"] and not Attachment.objects.exists()


def test_files_stay_in_the_composer_if_a_rule_refuses_the_reply(reply: Post, ticket: Ticket, mira: User) -> None:
    kept = keep(ticket, mira)
    assert reply(kept, text="Hi [customer name], see the file.").status_code == 422
    assert names(ticket, mira) == ["steps.txt"] and not Attachment.objects.exists()


@pytest.mark.parametrize(
    ("limit", "most", "why"),
    [
        ("FILES", 1, "A message can have 1 file."),
        ("ALL_BYTES", MEGABYTE, "All files of a message together can have 1 MB."),
    ],
)
def test_the_limits_hold_for_the_message_too(
    reply: Post, ticket: Ticket, mira: User, monkeypatch: pytest.MonkeyPatch, limit: str, most: int, why: str
) -> None:
    """Two windows, or a file that was put back: each upload was within the limit, all together are not."""
    kept = [keep(ticket, mira, name, b"x" * 600_000) for name in ("1.txt", "2.txt")]
    monkeypatch.setattr(uploads, limit, most)
    answer = reply(*kept)
    assert (answer.status_code, answer.json()["error"]) == (422, why)
    assert names(ticket, mira) == ["1.txt", "2.txt"] and not Attachment.objects.exists()


@pytest.mark.parametrize("name", ["reply", "note"])
@pytest.mark.parametrize("odd", ["x", "-1", "1 2", "²", "1.5", str(10**30), "1," * 550, "1,2,x"])
def test_an_odd_list_of_files_is_refused(post: Post, ticket: Ticket, name: str, odd: str) -> None:
    answer = post(name, text="See the file.", submission=uuid.uuid4(), uploads=odd)
    assert answer.status_code == 422 and answer.json()["error"]
    assert not ticket.messages.exclude(kind=Message.Kind.CUSTOMER).exists()


@pytest.mark.parametrize("nothing", ["", ",", ",,"])
def test_an_empty_list_of_files_is_none(post: Post, ticket: Ticket, nothing: str) -> None:
    assert post("reply", text="Open Settings.", submission=uuid.uuid4(), uploads=nothing).status_code == 200


def test_a_gap_in_the_list_is_passed_over(post: Post, ticket: Ticket, mira: User) -> None:
    first, second = keep(ticket, mira, "1.txt"), keep(ticket, mira, "2.txt")
    listed = f"{first.pk},,{second.pk},"
    assert post("reply", text="Both.", submission=uuid.uuid4(), uploads=listed).status_code == 200
    assert Attachment.objects.count() == 2


# --- The same submission again ------------------------------------------------


@pytest.mark.parametrize("name", ["reply", "note"])
def test_the_same_submission_twice_is_one_message_with_its_files(
    post: Post, ticket: Ticket, mira: User, name: str
) -> None:
    """The browser did not hear that the first one had arrived."""
    kept, submission = keep(ticket, mira), uuid.uuid4()
    first, second = (post(name, kept, text="See the file.", submission=submission) for _ in range(2))
    assert first.json()["message"] == second.json()["message"]
    assert (first.json()["same"], second.json()["same"]) == (True, True)
    assert Attachment.objects.count() == 1 and not Upload.objects.exists()


@pytest.mark.parametrize("name", ["reply", "note"])
def test_a_second_try_with_one_more_file_is_not_the_same(post: Post, ticket: Ticket, mira: User, name: str) -> None:
    kept, submission = keep(ticket, mira), uuid.uuid4()
    first = post(name, kept, text="See the file.", submission=submission)
    more = keep(ticket, mira, "more.txt")
    second = post(name, kept, more, text="See the file.", submission=submission)
    assert (second.status_code, second.json()["message"]) == (200, first.json()["message"])
    assert second.json()["same"] is False
    assert names(ticket, mira) == ["more.txt"] and Attachment.objects.count() == 1


# --- Undoing ------------------------------------------------------------------


@pytest.mark.usefixtures("undo_seconds")
def test_undoing_gives_the_files_back(reply: Post, desk: Client, ticket: Ticket, mira: User, settings: Any) -> None:
    second, first = keep(ticket, mira, "2.txt"), keep(ticket, mira, "board.png", SCREENSHOT)
    before = in_storage(settings)
    sent = reply(first, second).json()["message"]
    answer = desk.post(reverse("tickets:undo_send", args=[sent])).json()
    assert answer["uploads"] == desk.get(reverse("tickets:uploads", args=[ticket.pk])).content.decode()
    back = list(uploads.of(ticket, mira))
    assert [(each.filename, each.file.name) for each in back] == [
        ("board.png", first.file.name),
        ("2.txt", second.file.name),
    ]
    assert (back[0].picture, back[0].width, back[0].for_note) == ("image/png", 1280, False)
    assert not Message.objects.get(pk=sent).attachments.exists() and in_storage(settings) == before
    assert back[0].file.read() == SCREENSHOT
    assert reply(*back).status_code == 200 and in_storage(settings) == before


@pytest.mark.usefixtures("undo_seconds")
def test_the_files_come_back_to_who_undid_the_reply(reply: Post, ticket: Ticket, mira: User, jonas: User) -> None:
    sent = reply(keep(ticket, mira)).json()["message"]
    assert browser(jonas).post(reverse("tickets:undo_send", args=[sent])).status_code == 200
    assert (names(ticket, mira), names(ticket, jonas)) == ([], ["steps.txt"])


@pytest.mark.usefixtures("undo_seconds")
def test_undoing_twice_gives_the_files_back_once(reply: Post, desk: Client, ticket: Ticket, mira: User) -> None:
    sent = reply(keep(ticket, mira)).json()["message"]
    assert [desk.post(reverse("tickets:undo_send", args=[sent])).status_code for _ in range(2)] == [200, 409]
    assert names(ticket, mira) == ["steps.txt"]


def test_a_reply_that_is_on_its_way_keeps_its_files(reply: Post, desk: Client, ticket: Ticket, mira: User) -> None:
    sent = reply(keep(ticket, mira)).json()["message"]
    OutgoingMail.objects.update(state=OutgoingMail.State.SENDING)
    assert desk.post(reverse("tickets:undo_send", args=[sent])).status_code == 409
    assert names(ticket, mira) == [] and Attachment.objects.count() == 1


def test_undoing_that_fails_gives_nothing_back(
    ticket: Ticket, mira: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = outbox.write_reply(ticket, mira, "See the file.", submission=None, files=[keep(ticket, mira).pk])
    before = in_storage(settings)

    def away(*args: Any) -> None:
        raise OSError("the database is away")

    monkeypatch.setattr(outbox, "_restore", away)
    with pytest.raises(OSError, match="away"):
        outbox.undo(sent.pk, mira)
    assert names(ticket, mira) == [] and sent.attachments.count() == 1 and in_storage(settings) == before


# --- The same file again ------------------------------------------------------


def test_a_file_that_is_sent_twice_is_kept_once(post: Post, ticket: Ticket, mira: User, settings: Any) -> None:
    """The browser did not hear that it had arrived."""
    key = uuid.uuid4()
    first, second = (post("uploads", file=a_file(), key=key).json() for _ in range(2))
    assert first["upload"] == second["upload"] == Upload.objects.get().pk and len(in_storage(settings)) == 1
    assert post("uploads", file=a_file(), key=uuid.uuid4()).json()["upload"] != first["upload"]


def test_a_file_that_is_sent_twice_at_the_same_moment_is_kept_once(
    ticket: Ticket, mira: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, write = uuid.uuid4(), attachments.write_file

    def faster(stored: Any, content: bytes) -> None:
        monkeypatch.setattr(attachments, "write_file", write)
        uploads.receive(ticket, mira, a_file(), key=key)  # the other request, which is here first
        write(stored, content)

    monkeypatch.setattr(attachments, "write_file", faster)
    assert uploads.receive(ticket, mira, a_file(), key=key) == Upload.objects.get()
    assert len(in_storage(settings)) == 1


def test_the_key_of_somebody_else_gives_nothing_away(post: Post, ticket: Ticket, mira: User, jonas: User) -> None:
    theirs = uploads.receive(ticket, jonas, a_file("secret.txt"), key=uuid.uuid4())
    assert post("uploads", file=a_file(), key=theirs.key).json()["upload"] != theirs.pk
    assert names(ticket, mira) == ["steps.txt"]


# --- Taking a file out --------------------------------------------------------


def test_a_file_is_taken_out_and_put_back(desk: Client, ticket: Ticket, mira: User, settings: Any) -> None:
    kept = keep(ticket, mira)
    assert desk.post(reverse("tickets:upload_remove", args=[kept.pk])).status_code == 200
    assert names(ticket, mira) == [] and len(in_storage(settings)) == 1
    assert desk.post(reverse("tickets:upload_put_back", args=[kept.pk])).status_code == 200
    assert names(ticket, mira) == ["steps.txt"]
    assert Upload.objects.get().file.read() == b"steps.txt"


def test_taking_out_a_file_twice_does_not_prolong_its_time(desk: Client, ticket: Ticket, mira: User) -> None:
    kept = keep(ticket, mira)
    address = reverse("tickets:upload_remove", args=[kept.pk])
    assert desk.post(address).status_code == 200
    at = Upload.objects.get().removed_at
    assert desk.post(address).status_code == 200 and Upload.objects.get().removed_at == at


def test_a_file_that_was_sent_in_another_window_is_not_taken_out(desk: Client, ticket: Ticket, mira: User) -> None:
    """The page must not say "removed", and offer an undo, for a file that the customer gets."""
    kept = keep(ticket, mira)
    note_with(ticket, mira, kept)
    assert desk.post(reverse("tickets:upload_remove", args=[kept.pk])).status_code == 404
    assert Attachment.objects.count() == 1


def test_putting_back_what_is_there_changes_nothing(ticket: Ticket, mira: User) -> None:
    kept = keep(ticket, mira)
    uploads.put_back(kept)
    assert names(ticket, mira) == ["steps.txt"]


@pytest.mark.parametrize("who", ["jonas", "rosa", "ada"])
def test_nobody_takes_out_or_puts_back_the_files_of_others(ticket: Ticket, mira: User, who: str) -> None:
    there, out = keep(ticket, mira, "there.txt"), keep(ticket, mira, "out.txt")
    uploads.remove(out)
    other = browser(getattr(cast, who)())
    assert other.post(reverse("tickets:upload_remove", args=[there.pk])).status_code == 404
    assert other.post(reverse("tickets:upload_put_back", args=[out.pk])).status_code == 404
    assert names(ticket, mira) == ["there.txt"]


def test_a_file_that_was_sent_or_deleted_is_not_put_back(reply: Post, desk: Client, ticket: Ticket, mira: User) -> None:
    kept = keep(ticket, mira)
    reply(kept)
    assert desk.post(reverse("tickets:upload_put_back", args=[kept.pk])).status_code == 404
    assert names(ticket, mira) == []


# --- Deleting what nobody sends -----------------------------------------------


def aged(kept: Upload, **times: timedelta) -> Upload:
    Upload.objects.filter(pk=kept.pk).update(**{name: timezone.now() - ago for name, ago in times.items()})
    return kept


def test_files_that_nobody_sends_are_deleted(ticket: Ticket, mira: User, settings: Any) -> None:
    minute = timedelta(minutes=1)
    aged(keep(ticket, mira, "out.txt"), removed_at=timedelta(hours=1) + minute)
    aged(keep(ticket, mira, "old.txt"), created_at=timedelta(days=60) + minute)
    fresh = [
        keep(ticket, mira, "new.txt"),
        aged(keep(ticket, mira, "just-out.txt"), removed_at=timedelta(hours=1) - minute),
        aged(keep(ticket, mira, "not-so-old.txt"), created_at=timedelta(days=60) - minute),
    ]
    sent = aged(keep(ticket, mira, "sent.txt"), created_at=timedelta(days=61))
    note_with(ticket, mira, sent)
    assert uploads.delete_old() == 2
    assert list(Upload.objects.all()) == fresh
    assert in_storage(settings) == sorted(each.file.name for each in [*fresh, sent])
    assert uploads.delete_old() == 0


def test_the_hourly_job_deletes_them(ticket: Ticket, mira: User, settings: Any) -> None:
    aged(keep(ticket, mira), removed_at=timedelta(hours=2))
    assert tasks.forget_unsent_files() == 1 and in_storage(settings) == []


@pytest.mark.parametrize("meanwhile", ["put back", "sent"])
def test_what_is_put_back_or_sent_at_the_last_moment_is_not_deleted(
    ticket: Ticket, mira: User, settings: Any, monkeypatch: pytest.MonkeyPatch, meanwhile: str
) -> None:
    kept = aged(keep(ticket, mira), removed_at=timedelta(hours=2))
    delete = uploads._delete

    def after_it_was_listed(row: Upload, *others: Any) -> bool:
        uploads.put_back(row)
        if meanwhile == "sent":
            note_with(ticket, mira, row)
        return delete(row, *others)

    monkeypatch.setattr(uploads, "_delete", after_it_was_listed)
    assert uploads.delete_old() == 0
    assert in_storage(settings) == [kept.file.name]
    assert Upload.objects.exists() == (meanwhile == "put back")


def test_a_file_that_is_missing_already_does_not_hold_up_the_others(ticket: Ticket, mira: User, settings: Any) -> None:
    for name in ("1.txt", "2.txt"):
        aged(keep(ticket, mira, name), removed_at=timedelta(hours=2))
    default_storage.delete(Upload.objects.earliest("pk").file.name)
    assert uploads.delete_old() == 2 and in_storage(settings) == []


def test_what_an_undo_gave_back_is_as_new(ticket: Ticket, mira: User) -> None:
    old = aged(keep(ticket, mira), created_at=timedelta(days=59))
    sent = outbox.write_reply(ticket, mira, "See the file.", submission=None, files=[old.pk])
    assert outbox.undo(sent.pk, mira)
    assert Upload.objects.get().created_at > timezone.now() - timedelta(days=1)


# --- The addresses ------------------------------------------------------------


def attached(ticket: Ticket, mira: User, name: str, content: bytes) -> tuple[str, str]:
    """The addresses of an attachment: to download it, and to see it."""
    note_with(ticket, mira, keep(ticket, mira, name, content))
    number = Attachment.objects.get().pk
    return reverse("tickets:attachment", args=[number]), reverse("tickets:picture", args=[number])


def waiting(ticket: Ticket, mira: User, name: str, content: bytes) -> tuple[str, str]:
    """The same of an upload."""
    number = keep(ticket, mira, name, content).pk
    return reverse("tickets:upload", args=[number]), reverse("tickets:upload_picture", args=[number])


both = pytest.mark.parametrize("made", [attached, waiting])
Made = Callable[[Ticket, User, str, bytes], tuple[str, str]]


def content_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


@both
def test_a_file_is_downloaded_whatever_it_is(desk: Client, ticket: Ticket, mira: User, made: Made) -> None:
    download, _picture = made(ticket, mira, "Grüße №7.png", SCREENSHOT)
    answer = desk.get(download)
    assert (answer.status_code, content_of(answer)) == (200, SCREENSHOT)
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''Gr%C3%BC%C3%9Fe")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert {"private", "no-store"} <= set(answer.headers["Cache-Control"].split(", "))


@both
def test_a_picture_is_shown_as_what_its_bytes_are(desk: Client, ticket: Ticket, mira: User, made: Made) -> None:
    _download, picture = made(ticket, mira, "page.html", SCREENSHOT)
    answer = desk.get(picture)
    assert (answer.status_code, content_of(answer)) == (200, SCREENSHOT)
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Content-Disposition"] == 'inline; filename="page.png"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert {"private", "no-store"} <= set(answer.headers["Cache-Control"].split(", "))


@both
@pytest.mark.parametrize("content", [b"<svg onload=alert(1)>", b"<html>hello</html>", b"%PDF-1.7"])
def test_what_is_no_picture_is_not_shown(desk: Client, ticket: Ticket, mira: User, made: Made, content: bytes) -> None:
    _download, picture = made(ticket, mira, "board.png", content)
    assert desk.get(picture).status_code == 404


@both
def test_a_file_that_is_missing_in_the_storage_is_not_found(
    desk: Client, ticket: Ticket, mira: User, made: Made
) -> None:
    addresses = made(ticket, mira, "board.png", SCREENSHOT)
    for row in (*Upload.objects.all(), *Attachment.objects.all()):
        default_storage.delete(row.file.name)
    assert [desk.get(address).status_code for address in addresses] == [404, 404]


def test_a_picture_that_was_refused_is_not_shown(desk: Client, ticket: Ticket, settings: Any) -> None:
    settings.ATTACHMENT_MAX_BYTES = len(SCREENSHOT) - 1
    stored: list[Attachment] = []
    attachments.store(ticket.messages.get(), [Part("board.png", "image/png", SCREENSHOT)], stored)
    assert stored[0].refused and not stored[0].has_preview
    for name in ("attachment", "picture"):
        assert desk.get(reverse(f"tickets:{name}", args=[stored[0].pk])).status_code == 404


@pytest.mark.parametrize("who", ["jonas", "rosa", "ada"])
def test_a_file_in_a_composer_is_shown_to_nobody_else(ticket: Ticket, mira: User, who: str) -> None:
    other = browser(getattr(cast, who)())
    assert [other.get(address).status_code for address in waiting(ticket, mira, "a.png", SCREENSHOT)] == [404, 404]


def test_the_files_of_a_message_are_shown_to_the_team(ticket: Ticket, mira: User, rosa: User) -> None:
    assert [browser(rosa).get(each).status_code for each in attached(ticket, mira, "a.png", SCREENSHOT)] == [200, 200]


def test_the_composer_lists_its_own_files_in_their_order(desk: Client, ticket: Ticket, mira: User, jonas: User) -> None:
    for name in ("first.txt", "second.txt"):
        keep(ticket, mira, name)
    uploads.remove(keep(ticket, mira, "out.txt"))
    keep(ticket, jonas, "of-jonas.txt")
    keep(cast.new_ticket(), mira, "elsewhere.txt")
    answer = desk.get(reverse("tickets:uploads", args=[ticket.pk]))
    assert answer.status_code == 200
    assert answer.text.index("first.txt") < answer.text.index("second.txt")
    assert not [name for name in ("out.txt", "of-jonas.txt", "elsewhere.txt") if name in answer.text]


@pytest.mark.parametrize(("note", "for_note"), [({}, False), ({"note": "on"}, True)])
def test_a_browser_adds_a_file_and_gets_its_row(
    post: Post, ticket: Ticket, mira: User, note: dict[str, str], for_note: bool
) -> None:
    answer = post("uploads", file=a_file("Schritte & mehr.txt"), **note)
    assert answer.status_code == 200 and "Schritte &amp; mehr.txt" in answer.json()["html"]
    kept = uploads.of(ticket, mira).get()
    assert (kept.filename, kept.for_note, kept.file.read()) == ("Schritte & mehr.txt", for_note, b"1. Open Settings.")


def test_a_post_without_a_file_says_so(post: Post, settings: Any) -> None:
    for fields in ({}, {"file": "no file"}):
        answer = post("uploads", **fields)
        assert (answer.status_code, answer.json()["error"]) == (422, "No file arrived.")
    assert in_storage(settings) == []


def test_a_name_of_300_letters_is_shortened_and_keeps_its_ending(post: Post, ticket: Ticket, mira: User) -> None:
    """Django shortens it before anything of ours sees it."""
    file = BytesIO(b"1. Open Settings.")
    file.name = f"{'x' * 296}.txt"
    assert post("uploads", file=file).status_code == 200
    assert names(ticket, mira) == [f"{'x' * 251}.txt"]


def test_a_ticket_that_does_not_exist_takes_no_files(desk: Client, ticket: Ticket) -> None:
    address = reverse("tickets:uploads", args=[ticket.pk + 1])
    assert desk.get(address).status_code == desk.post(address, {"file": a_file()}).status_code == 404


def test_the_check_before_sending_counts_the_files(desk: Client, ticket: Ticket) -> None:
    def codes(**fields: Any) -> list[str]:
        fields = {"text": "Hi Tomas, I have attached the invoice.", **fields}
        answer = desk.post(reverse("copilot:presend", args=[ticket.pk]), fields)
        return [finding["code"] for finding in json.loads(answer.content)["findings"]]

    assert codes() == codes(attachments=0) == ["attachment"]
    assert codes(attachments=1) == []
