"""/contact/: the form makes a ticket that shows what the customer had read; errors lose nothing; robots wait."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pytest
from django.core import signing
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from config.web import limits
from config.web.public_site import VISIT_COOKIE, VISIT_SALT
from tickets import tasks
from tickets.contact import files as contact_files
from tickets.contact import receiving
from tickets.contact import views as view
from tickets.models import Attachment, Message, Ticket, User
from tickets.views.wording import sentence

pytestmark = pytest.mark.django_db
FILES_AGAIN = "Please choose your files again. We could not keep them."
VISIT = UUID("6a1f5d0e-0000-4000-8000-000000000001")


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """In tests a form may be sent at once."""
    cache.clear()
    monkeypatch.setattr(receiving, "MIN_SECONDS", -1)


def signed(**fields: Any) -> str:
    passed_on = {"read": [[7, "Reset your password"], [9, "Sessions"]], "query": "login fails", "visit": str(VISIT)}
    return signing.dumps(passed_on | fields, salt=VISIT_SALT, compress=True)


def filled(**fields: Any) -> dict[str, Any]:
    return {
        "name": "Lena Haas",
        "email": "lena@haas.example",
        "subject": "I cannot log in",
        "message": "The reset mail never arrives, I have tried it three times now.",
        "lang": "en",
        "form": str(uuid4()),
        "opened": receiving.opened(),
    } | fields


def send(client: Client, status: int = 302, **fields: Any) -> Any:
    answer = client.post(reverse("contact"), filled(**fields))
    assert answer.status_code == status, answer.content.decode()
    return answer


def test_everybody_can_send_a_message(client: Client) -> None:
    page = client.get(reverse("contact")).content.decode()
    assert "<h1>Contact us</h1>" in page and 'name="csrfmiddlewaretoken"' in page
    sent = client.get(send(client).headers["Location"]).content.decode()
    ticket = Ticket.objects.get()
    assert f"#{ticket.pk}" in sent and "support@tallybird.example" in sent
    assert (ticket.channel, ticket.subject, ticket.customer.email) == ("web", "I cannot log in", "lena@haas.example")
    assert ticket.messages.get().text.startswith("The reset mail")
    assert ticket.help_visit is None


def test_without_the_csrf_token_nothing_is_accepted(client: Client) -> None:
    assert Client(enforce_csrf_checks=True).post(reverse("contact"), filled()).status_code == 403
    assert not Ticket.objects.exists()


def test_what_was_read_is_shown_and_stays_with_the_ticket(client: Client, mira: User) -> None:
    page = client.get(reverse("contact"), {"read": signed()}).content.decode()
    assert "Articles you read" in page and "Reset your password" in page and "login fails" in page
    send(client, read=signed(), share=["7", "9"], share_query="1")
    ticket = Ticket.objects.get()
    assert ticket.help_visit == VISIT
    timeline = [sentence(event) for event in ticket.events.all()]
    assert "Read before writing: “Reset your password”; “Sessions”. Searched for: “login fails”" in timeline
    client.force_login(mira)
    pane = client.get(reverse("tickets:pane", args=[ticket.pk])).content.decode()
    assert "Before writing" in pane and reverse("knowledge:article", args=[7]) in pane and "login fails" in pane


def test_what_is_unchecked_is_not_shared(client: Client) -> None:
    send(client, read=signed(), share=["9", "12"])
    data = receiving.read_before(Ticket.objects.get())
    assert data == {"read": [{"id": 9, "title": "Sessions"}], "searched": ""}


@pytest.mark.parametrize(
    "forged",
    ["", "nonsense", signing.dumps({"read": [[1, "x"]]}, salt="other")],
    ids=["none", "nonsense", "signed for another use"],
)
def test_a_forged_list_is_ignored(client: Client, forged: str) -> None:
    assert "Articles you read" not in client.get(reverse("contact"), {"read": forged}).content.decode()
    send(client, read=forged, share=["1"])
    assert receiving.read_before(Ticket.objects.get()) is None


@given(st.text(max_size=60))
def test_no_list_breaks_the_form(text: str) -> None:
    assert receiving.unpack(text) == receiving.PassedOn()


def test_without_a_list_the_visit_in_the_cookie_counts(client: Client) -> None:
    client.cookies[VISIT_COOKIE] = str(VISIT)
    send(client)
    assert Ticket.objects.get().help_visit == VISIT
    client.cookies[VISIT_COOKIE] = "nonsense"
    send(client, subject="Another")
    assert Ticket.objects.filter(help_visit=None).count() == 1


@pytest.mark.parametrize(
    ("field", "value"), [("email", "nonsense"), ("email", ""), ("subject", " "), ("message", ""), ("name", "x" * 300)]
)
def test_errors_keep_everything_typed(client: Client, field: str, value: str) -> None:
    fields = filled(read=signed(), share=["9"]) | {field: value}
    answer = client.post(reverse("contact"), fields)
    page = answer.content.decode()
    assert answer.status_code == 422 and not Ticket.objects.exists()
    for name in {"name", "email", "subject", "message"} - {field}:
        assert fields[name] in page
    assert 'aria-invalid="true"' in page and 'role="alert"' in page
    assert 'value="9" checked' in page and 'value="7" checked' not in page
    assert fields["form"] in page


def _signed(answer: HttpResponse) -> str:
    return parse_qs(urlsplit(answer.headers["Location"]).query)["ticket"][0].split(":")[0]


def test_send_twice_is_one_ticket_and_another_text_is_a_second(client: Client) -> None:
    form = str(uuid4())
    first, again = send(client, form=form), send(client, form=form)
    assert Ticket.objects.count() == 1 and Message.objects.count() == 1
    assert _signed(again) == _signed(first)  # the time of signing may be another
    send(client, form=form, message="Something else I forgot to say.")
    assert Ticket.objects.count() == 2


@pytest.mark.parametrize("trap", [{"website": "http://spam.example"}, {"opened": ""}, {"opened": "forged"}])
def test_what_looks_like_a_robot_must_send_again_and_loses_nothing(client: Client, trap: dict[str, str]) -> None:
    page = send(client, 422, **trap).content.decode()
    assert "press Send again" in page and "The reset mail never arrives" in page
    assert "spam.example" not in page
    assert not Ticket.objects.exists()


def test_a_form_sent_at_once_was_not_filled_in_by_hand(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "MIN_SECONDS", 3)
    send(client, 422)
    monkeypatch.setattr(receiving, "MAX_AGE", -1)
    send(client, 422)
    assert not Ticket.objects.exists()


def test_tickets_of_one_client_in_an_hour_are_limited(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view, "TICKETS", 1)
    send(client)
    page = send(client, 429, subject="Second").content.decode()
    assert "Everything you typed is still" in page and "mailto:support@tallybird.example" in page and "Second" in page
    assert Ticket.objects.count() == 1


def test_behind_a_proxy_clients_are_distinguished(rf: Any, settings: Any) -> None:
    one, other = (rf.get("/", headers={"x-forwarded-for": f"6.6.6.6, 10.0.0.{n}"}) for n in (1, 2))
    assert limits.client(one) == limits.client(other)  # without a proxy anybody can set that header
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert limits.client(one) != limits.client(other)
    assert "10.0.0" not in limits.client(one)


def test_files_are_attached(client: Client) -> None:
    send(client, files=[SimpleUploadedFile("shot.png", b"\x89PNG data", "image/png")])
    kept = Attachment.objects.get()
    with kept.file.open() as file:
        assert (kept.filename, file.read()) == ("shot.png", b"\x89PNG data")


@pytest.mark.parametrize(
    "files",
    [
        [SimpleUploadedFile("run.exe", b"MZ", "application/octet-stream")],
        [SimpleUploadedFile("empty.txt", b"", "text/plain")],
        [SimpleUploadedFile("big.txt", b"x" * 101, "text/plain")],
        [SimpleUploadedFile(f"{n}.txt", b"x", "text/plain") for n in range(4)],
    ],
)
def test_files_that_are_refused_are_named(client: Client, settings: Any, files: list[Any]) -> None:
    settings.ATTACHMENT_MAX_BYTES = 100
    page = send(client, 422, files=files).content.decode()
    assert "files-error" in page and "The reset mail never arrives" in page
    assert not Ticket.objects.exists()


def shot(name: str = "shot.png", content: bytes = b"\x89PNG data") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "image/png")


def again(page: str) -> dict[str, Any]:
    """What a browser sends of a form that is shown again, without any change."""
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    checked = re.findall(r'name="saved_file" value="(\w+)" checked', page)
    return {name: hidden[name] for name in ("form", "opened", "saved_files") if name in hidden} | {
        "saved_file": checked
    }


def attached() -> list[tuple[str, bytes]]:
    return [(each.filename, each.file.read()) for each in Attachment.objects.order_by("pk")]


@pytest.mark.parametrize("wrong", [{"email": "x"}, {"subject": ""}, {"opened": "forged"}])
def test_files_survive_an_error(client: Client, wrong: dict[str, str]) -> None:
    page = send(client, 422, files=[shot()], **wrong).content.decode()
    assert "shot.png" in page and FILES_AGAIN not in page
    send(client, **again(page))
    assert attached() == [("shot.png", b"\x89PNG data")]


def test_files_survive_two_errors_and_more_may_be_added(client: Client) -> None:
    page = send(client, 422, files=[shot()], email="x").content.decode()
    page = send(client, 422, files=[shot("second.png")], **again(page) | {"email": "y"}).content.decode()
    send(client, **again(page), files=[shot("third.png")])
    assert [name for name, _ in attached()] == ["shot.png", "second.png", "third.png"]


def test_of_several_files_only_the_refused_one_must_be_chosen_again(client: Client) -> None:
    page = send(client, 422, files=[shot(), SimpleUploadedFile("run.exe", b"MZ")]).content.decode()
    assert "run.exe cannot be sent" in page
    send(client, **again(page))
    assert [name for name, _ in attached()] == ["shot.png"]


def test_an_unchecked_file_is_left_out_and_makes_room(client: Client) -> None:
    page = send(client, 422, files=[shot(f"{n}.png") for n in range(3)], email="x").content.decode()
    answers = again(page)
    send(client, 422, **answers, files=[shot("more.png")])  # a fourth is too many
    answers["saved_file"] = answers["saved_file"][1:]
    send(client, **answers, files=[shot("more.png")])
    assert [name for name, _ in attached()] == ["1.png", "2.png", "more.png"]


def test_send_twice_with_saved_files_is_one_ticket(client: Client) -> None:
    page = send(client, 422, files=[shot()], email="x").content.decode()
    send(client, **again(page))
    send(client, **again(page))
    assert Ticket.objects.count() == 1 and len(attached()) == 1


def test_a_form_gets_its_own_files_only(client: Client) -> None:
    page = send(client, 422, files=[shot()], email="x").content.decode()
    other = again(page) | {"form": str(uuid4())}
    assert FILES_AGAIN in send(client, 422, **other).content.decode()
    forged = again(page) | {"saved_files": signing.dumps([again(page)["form"]], salt="other")}
    send(client, 422, **forged)
    assert not Attachment.objects.exists()


def test_saved_files_expire_and_are_asked_for_again(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    page = send(client, 422, files=[shot()], email="x").content.decode()
    assert tasks.forget_unsent_files() == 0
    monkeypatch.setattr(contact_files, "MAX_AGE", -1)
    assert tasks.forget_unsent_files() == 1
    page = send(client, 422, **again(page)).content.decode()
    assert FILES_AGAIN in page and not Ticket.objects.exists()
    send(client, **again(page))  # said once; without them it goes


@pytest.mark.parametrize(("bound", "most"), [("MAX_ALL_FILES", 1), ("MAX_ALL_BYTES", 12)])
def test_the_room_for_saved_files_is_limited(
    client: Client, monkeypatch: pytest.MonkeyPatch, bound: str, most: int
) -> None:
    monkeypatch.setattr(contact_files, bound, most)
    send(client, 422, files=[shot()], email="x")
    page = send(client, 422, files=[shot("more.png")], email="x").content.decode()
    assert FILES_AGAIN in page and "more.png" not in page
    assert len(default_storage.listdir(contact_files.FOLDER)[1]) == 1


def test_many_tries_of_one_client_do_not_fill_the_disk(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view, "SAVES", 1)
    page = send(client, 422, files=[shot()], email="x").content.decode()
    page = send(client, 422, files=[shot("more.png")], **again(page) | {"email": "x"}).content.decode()
    assert "more.png" not in page and "shot.png" in page
    assert len(default_storage.listdir(contact_files.FOLDER)[1]) == 1


def test_looking_at_the_form_stores_nothing(client: Client) -> None:
    with CaptureQueriesContext(connection) as asked:
        client.get(reverse("contact"), {"read": signed()})
    assert all(query["sql"].lstrip().upper().startswith("SELECT") for query in asked.captured_queries)
    assert not default_storage.exists(contact_files.FOLDER)


def test_a_form_that_is_shown_again_may_be_sent_at_once(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A corrected address takes two seconds: that is no robot, and nobody is asked to press Send twice."""
    monkeypatch.setattr(receiving, "MIN_SECONDS", 3)
    page = send(client, 422).content.decode()
    assert "press Send again" in page
    send(client, **again(page))
    assert Ticket.objects.count() == 1


def test_what_was_read_is_asked_once(client: Client) -> None:
    first = client.get(reverse("contact"), {"read": signed()}).content.decode()
    assert "<legend>Articles you read</legend>" in first and "data-suggest=" in first
    page = send(client, 422, read=signed(), share=["9"], email="x").content.decode()
    assert "<legend>Articles you read</legend>" not in page and "data-suggest=" not in page
    assert 'value="9" checked' in page  # the answer is kept, collapsed


def test_the_page_is_in_the_language_asked_for(client: Client) -> None:
    page = client.get(reverse("contact"), {"lang": "de"}).content.decode()
    assert "Schreiben Sie uns" in page and '<html lang="de"' in page
    assert "Écrivez-nous" in client.get(reverse("contact"), headers={"accept-language": "fr"}).content.decode()
    bad = client.post(reverse("contact"), filled(lang="de", email="x", message="ok")).content.decode()
    assert "gültige E-Mail" in bad  # Django's own message, in the page's language
    send(client, lang="de", message="ok")
    assert Ticket.objects.get().language == "de"


def test_the_form_suggests_by_address_only(client: Client) -> None:
    page = client.get(reverse("contact"), {"lang": "es"}).content.decode()
    assert f'data-suggest="{reverse("help:suggest", args=["es"])}"' in page


def test_the_reference_is_signed(client: Client) -> None:
    answer = client.get(reverse("contact_sent"), {"ticket": "1"})
    assert answer.status_code == 302 and answer.headers["Location"].startswith(reverse("contact"))


def test_caches_keep_nothing_of_it(client: Client) -> None:
    answer = client.get(reverse("contact"))
    assert answer.headers["Cache-Control"] == "private, no-store" and answer.headers["X-Robots-Tag"] == "noindex"
