"""/contact/: from the form to a ticket that says what its writer had read; errors lose nothing; robots wait."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core import signing
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from config import limits
from config.public_site import FRAME, VISIT_COOKIE, VISIT_SALT
from knowledge.help_center.texts import CATEGORIES
from knowledge.help_center.texts import TEXTS as HELP_TEXTS
from tickets import contact
from tickets.contact_texts import TEXTS
from tickets.models import Attachment, Message, Ticket, User
from tickets.views import contact as view
from tickets.wording import sentence

pytestmark = pytest.mark.django_db
VISIT = UUID("6a1f5d0e-0000-4000-8000-000000000001")


@pytest.fixture(autouse=True)
def a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits in tests: any time is long enough to have filled in the form."""
    cache.clear()
    monkeypatch.setattr(contact, "QUICKEST", -1)


def signed(**fields: Any) -> str:
    handed = {"read": [[7, "Reset your password"], [9, "Sessions"]], "query": "login fails", "visit": str(VISIT)}
    return signing.dumps(handed | fields, salt=VISIT_SALT, compress=True)


def filled(**fields: Any) -> dict[str, Any]:
    return {
        "name": "Lena Haas",
        "email": "lena@haas.example",
        "subject": "I cannot log in",
        "message": "The reset mail never arrives, I have tried it three times now.",
        "lang": "en",
        "form": str(uuid4()),
        "opened": contact.opened(),
    } | fields


def send(client: Client, status: int = 302, **fields: Any) -> Any:
    answer = client.post(reverse("contact"), filled(**fields))
    assert answer.status_code == status, answer.content.decode()
    return answer


def test_everybody_may_write(client: Client) -> None:
    page = client.get(reverse("contact")).content.decode()
    assert "<h1>Write to us</h1>" in page and 'name="csrfmiddlewaretoken"' in page
    sent = client.get(send(client).headers["Location"]).content.decode()
    ticket = Ticket.objects.get()
    assert f"#{ticket.pk}" in sent and "support@tallybird.example" in sent
    assert (ticket.channel, ticket.subject, ticket.customer.email) == ("web", "I cannot log in", "lena@haas.example")
    assert ticket.messages.get().text.startswith("The reset mail")
    assert ticket.help_visit is None


def test_without_the_token_nothing_is_taken(client: Client) -> None:
    assert Client(enforce_csrf_checks=True).post(reverse("contact"), filled()).status_code == 403
    assert not Ticket.objects.exists()


def test_what_was_read_is_shown_and_stays_with_the_ticket(client: Client, mira: User) -> None:
    page = client.get(reverse("contact"), {"read": signed()}).content.decode()
    assert "You looked at" in page and "Reset your password" in page and "login fails" in page
    send(client, read=signed(), keep=["7", "9"], keep_query="1")
    ticket = Ticket.objects.get()
    assert ticket.help_visit == VISIT
    told = [sentence(event) for event in ticket.events.all()]
    assert "Read before writing: “Reset your password”; “Sessions”; searched for: “login fails”" in told
    client.force_login(mira)
    pane = client.get(reverse("tickets:pane", args=[ticket.pk])).content.decode()
    assert "Before writing" in pane and reverse("knowledge:article", args=[7]) in pane and "login fails" in pane


def test_what_is_unticked_is_not_passed_on(client: Client) -> None:
    send(client, read=signed(), keep=["9", "12"])
    data = contact.read_before(Ticket.objects.get())
    assert data == {"read": [{"id": 9, "title": "Sessions"}], "searched": ""}


@pytest.mark.parametrize("forged", ["", "nonsense", signing.dumps({"read": [[1, "x"]]}, salt="other")])
def test_a_list_that_is_not_ours_is_nothing(client: Client, forged: str) -> None:
    assert "You looked at" not in client.get(reverse("contact"), {"read": forged}).content.decode()
    send(client, read=forged, keep=["1"])
    assert contact.read_before(Ticket.objects.get()) is None


@given(st.text(max_size=60))
def test_no_list_breaks_the_form(text: str) -> None:
    assert contact.unpack(text) == contact.Handed()


def test_the_visit_in_the_cookie_counts_where_no_list_came(client: Client) -> None:
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
    fields = filled(read=signed(), keep=["9"]) | {field: value}
    answer = client.post(reverse("contact"), fields)
    page = answer.content.decode()
    assert answer.status_code == 422 and not Ticket.objects.exists()
    for name in {"name", "email", "subject", "message"} - {field}:
        assert fields[name] in page
    assert 'aria-invalid="true"' in page and 'role="alert"' in page
    assert 'value="9" checked' in page and 'value="7" checked' not in page
    assert fields["form"] in page


def test_send_twice_is_one_ticket_and_other_words_are_another(client: Client) -> None:
    form = str(uuid4())
    first, again = send(client, form=form), send(client, form=form)
    assert Ticket.objects.count() == 1 and Message.objects.count() == 1
    assert (
        again.headers["Location"].split("ticket=")[1].split(":")[0]
        == first.headers["Location"].split("ticket=")[1].split(":")[0]
    )
    send(client, form=form, message="Something else I forgot to say.")
    assert Ticket.objects.count() == 2


@pytest.mark.parametrize("trap", [{"website": "http://spam.example"}, {"opened": ""}, {"opened": "forged"}])
def test_what_looks_like_a_robot_is_asked_once_more_and_loses_nothing(client: Client, trap: dict[str, str]) -> None:
    page = send(client, 422, **trap).content.decode()
    assert "press Send once more" in page and "The reset mail never arrives" in page
    assert "spam.example" not in page
    assert not Ticket.objects.exists()


def test_a_form_sent_at_once_was_not_filled_in_by_hand(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contact, "QUICKEST", 3)
    send(client, 422)
    monkeypatch.setattr(contact, "LONGEST", -1)
    send(client, 422)
    assert not Ticket.objects.exists()


def test_a_client_writes_only_so_many_tickets_an_hour(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view, "TICKETS", 1)
    send(client)
    page = send(client, 429, subject="Second").content.decode()
    assert "Everything you typed is still" in page and "mailto:support@tallybird.example" in page and "Second" in page
    assert Ticket.objects.count() == 1


def test_behind_a_proxy_clients_are_told_apart(rf: Any, settings: Any) -> None:
    one, other = (rf.get("/", headers={"x-forwarded-for": f"6.6.6.6, 10.0.0.{n}"}) for n in (1, 2))
    assert limits.client(one) == limits.client(other)  # without a proxy that header is anybody's
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert limits.client(one) != limits.client(other)
    assert "10.0.0" not in limits.client(one)


def test_files_go_along(client: Client) -> None:
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
def test_files_that_are_not_taken_are_named(client: Client, settings: Any, files: list[Any]) -> None:
    settings.ATTACHMENT_MAX_BYTES = 100
    page = send(client, 422, files=files).content.decode()
    assert "files-error" in page and "The reset mail never arrives" in page
    assert not Ticket.objects.exists()


def test_the_page_speaks_the_language_asked_for(client: Client) -> None:
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


def test_nothing_of_it_is_kept_by_caches(client: Client) -> None:
    answer = client.get(reverse("contact"))
    assert answer.headers["Cache-Control"] == "private, no-store" and answer.headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("texts", [TEXTS, HELP_TEXTS, FRAME])
def test_every_word_is_there_in_every_language(texts: Any) -> None:
    assert set(texts) == {"en", "de", "es", "fr"}
    for words in texts.values():
        assert set(words) == set(texts["en"]) and all(words.values())
    assert all(set(names) == set(texts) for names in CATEGORIES.values())
