"""Members see and end their own logins. Sockets end with the session, the role or the account."""

from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.auth import AuthMiddlewareStack
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config.background.schedules import EVERY
from tests import cast
from tickets import live, tasks
from tickets.logins import sessions
from tickets.models import LoginSession, User
from tickets.sockets import closing
from tickets.sockets.routes import urlpatterns
from tickets.views.account import preferences

pytestmark = pytest.mark.django_db(transaction=True)
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Safari/604.1"
app = AuthMiddlewareStack(URLRouter(urlpatterns))


def log_in(user: User, agent: str = FIREFOX, address: str = "203.0.113.7") -> Client:
    client = Client(HTTP_USER_AGENT=agent, REMOTE_ADDR=address)
    answer = client.post("/login/", {"username": user.username, "password": cast.PASSWORD})
    assert answer.status_code == 302
    return client


def inside(client: Client) -> bool:
    return client.get("/account/").status_code == 200


# --- The page ---


def test_a_person_sees_his_own_logins_and_no_others(mira: User, jonas: User) -> None:
    here, _, _ = log_in(mira), log_in(mira, SAFARI, "2001:db8:1:2::5"), log_in(jonas, "curl/8.0")
    page = here.get("/account/").content.decode()
    assert "Firefox on Windows" in page and "this login" in page and "203.0.113.x" in page
    assert "Safari on iPhone" in page and "2001:db8:1:…" in page
    assert "curl" not in page and "203.0.113.7" not in page and "::5" not in page


def test_one_login_is_ended_from_another(mira: User) -> None:
    here, lost = log_in(mira), log_in(mira, SAFARI)
    row = LoginSession.objects.get(device="Safari on iPhone")
    assert here.post(reverse("tickets:session_end", args=[row.pk])).status_code == 302
    assert inside(here) and not inside(lost)
    assert b"iPhone" not in here.get("/account/").content


def test_all_others_are_ended_at_once(mira: User, jonas: User) -> None:
    here, one, two, colleague = log_in(mira), log_in(mira), log_in(mira), log_in(jonas)
    here.post(reverse("tickets:sessions_end_others"))
    assert [inside(each) for each in (here, one, two, colleague)] == [True, False, False, True]


def test_nobody_can_end_the_login_of_somebody_else(mira: User, jonas: User, ada: User) -> None:
    log_in(jonas)
    row = LoginSession.objects.get(user=jonas)
    for person in (mira, ada):
        assert log_in(person).post(reverse("tickets:session_end", args=[row.pk])).status_code == 404
    assert LoginSession.objects.filter(pk=row.pk).exists()


def test_a_new_password_ends_the_others(mira: User) -> None:
    here, other = log_in(mira), log_in(mira)
    words = "a quite different sentence"
    fields = {"old_password": cast.PASSWORD, "new_password1": words, "new_password2": words}
    assert here.post(reverse("password_change"), fields).status_code == 302
    assert inside(here) and not inside(other)
    assert len(sessions.of(mira)) == 1


def test_the_old_password_cannot_be_guessed_in_a_stolen_session(mira: User) -> None:
    here = log_in(mira)
    codes = [here.post(reverse("password_change"), {"old_password": str(at)}).status_code for at in range(12)]
    assert codes == [200] * 10 + [429] * 2


def test_choosing_a_theme_saves_nothing_else(mira: User, rf: Any) -> None:
    """The request has read the member, then an admin deactivates the account, then the request saves."""
    request = rf.post(reverse("tickets:preferences"), {"theme": "dark"})
    request.user = mira
    User.objects.filter(pk=mira.pk).update(is_active=False, role=User.Role.AUTHOR)
    preferences(request)
    now = User.objects.get(pk=mira.pk)
    assert (now.theme, now.is_active, now.role) == ("dark", False, "author")


def test_a_deactivated_member_is_logged_out_everywhere(mira: User) -> None:
    one, two = log_in(mira), log_in(mira)
    mira.is_active = False
    mira.save()
    assert not inside(one) and not inside(two)
    assert not LoginSession.objects.exists() and not Session.objects.exists()


def test_logging_out_leaves_no_row(mira: User) -> None:
    here = log_in(mira)
    here.post("/logout/")
    assert not LoginSession.objects.exists()


def test_an_expired_login_is_not_shown(mira: User) -> None:
    LoginSession.objects.create(key="gone", user=mira, device="An old one")
    assert [each.device for each in sessions.of(mira)] == []


def test_expired_logins_are_deleted_daily(mira: User) -> None:
    stays, gone = log_in(mira), log_in(mira)
    old = Session.objects.get(session_key=gone.cookies["sessionid"].value)
    Session.objects.filter(pk=old.pk).update(expire_date=timezone.now() - timedelta(days=1))
    LoginSession.objects.create(key="gone", user=mira)
    assert tasks.forget_old_logins() == 1
    assert inside(stays) and Session.objects.count() == LoginSession.objects.count() == 1
    assert EVERY["Forget logins that ran out"][0] == "tickets.tasks.forget_old_logins"


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (FIREFOX, "Firefox on Windows"),
        (SAFARI, "Safari on iPhone"),
        ("", "Unknown device"),
        ("<script>alert(1)</script>", "scriptalert1/script"),
        ("curl/8.5.0", "curl/8.5.0"),
    ],
)
def test_devices_have_readable_names(agent: str, said: str) -> None:
    assert sessions.device(agent) == said


# --- Pages leave no copies ---


@pytest.mark.parametrize("path", ["/desk/", "/account/", "/copilot/status", "/mail/"])
def test_pages_of_logged_in_members_are_not_cached(mira: User, path: str) -> None:
    assert "no-store" in log_in(mira).get(path).headers["Cache-Control"]


def test_public_pages_stay_as_they_are(mira: User) -> None:
    client = log_in(mira)
    for path in ("/help/en/", "/robots.txt"):
        assert client.get(path).headers.get("Cache-Control") == Client().get(path).headers.get("Cache-Control")
        assert "no-store" not in client.get(path).headers.get("Cache-Control", "")


# --- Sockets ---


async def listening(client: Client, path: str = "/ws/queue/") -> WebsocketCommunicator:
    cookie = f"sessionid={client.cookies['sessionid'].value}".encode()
    communicator = WebsocketCommunicator(app, path, headers=[(b"cookie", cookie)])
    connected, _ = await communicator.connect()
    assert connected and (await communicator.receive_json_from())["type"] == "hello"
    return communicator


async def closed_with(communicator: WebsocketCommunicator) -> int:
    message = await communicator.receive_output(timeout=60)
    assert message["type"] == "websocket.close"
    return int(message["code"])


async def run(work: Any, *args: Any) -> Any:
    return await sync_to_async(work)(*args)


async def test_a_socket_ends_with_its_session_and_only_that_one() -> None:
    mira = await run(cast.mira)
    here, other = await run(log_in, mira), await run(log_in, mira)
    gone, stays = await listening(here), await listening(other)
    await run(here.post, "/logout/")
    assert await closed_with(gone) == closing.LOGGED_OUT
    assert await stays.receive_nothing(timeout=0.1)
    await stays.disconnect()


async def test_a_socket_ends_when_its_login_is_ended_in_the_list() -> None:
    mira = await run(cast.mira)
    here, other = await run(log_in, mira), await run(log_in, mira)
    gone = await listening(other)
    await run(here.post, reverse("tickets:sessions_end_others"))
    assert await closed_with(gone) == closing.LOGGED_OUT


async def test_a_socket_ends_with_the_account() -> None:
    mira = await run(cast.mira)
    gone = await listening(await run(log_in, mira))
    mira.is_active = False
    await run(mira.save)
    assert await closed_with(gone) == closing.LOGGED_OUT


async def test_a_socket_ends_with_the_role() -> None:
    mira, ticket = await run(cast.mira), await run(cast.new_ticket)
    client = await run(log_in, mira)
    queue, page = await listening(client), await listening(client, f"/ws/tickets/{ticket.pk}/")
    mira.role = User.Role.AUTHOR
    await run(mira.save)
    assert await closed_with(queue) == await closed_with(page) == closing.NOT_YOURS


async def test_a_change_that_was_not_announced_is_seen_by_the_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closing, "CHECK_EVERY", 0.05)
    mira = await run(cast.mira)
    gone = await listening(await run(log_in, mira))
    await run(lambda: User.objects.filter(pk=mira.pk).update(is_active=False))
    assert await closed_with(gone) == closing.LOGGED_OUT


async def test_a_change_of_theme_ends_nothing_and_wakes_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[str] = []
    mira = await run(cast.mira)
    client = await run(log_in, mira)
    stays = await listening(client)
    monkeypatch.setattr(live, "notify_sockets", lambda group, event: woken.append(group))
    await run(lambda: client.post(reverse("tickets:preferences"), {"theme": "dark"}))
    assert (await User.objects.aget(pk=mira.pk)).theme == "dark"
    assert woken == []
    await stays.send_json_to({"ping": 1})
    assert await stays.receive_json_from() == {"type": "pong"}
    await stays.disconnect()


@pytest.mark.parametrize(
    "frame",
    [
        {"bytes_data": b"\x00\x01"},
        {"text_data": "no json"},
        {"text_data": " "},
        {"text_data": "[1]"},
        {"text_data": "1"},
        {"text_data": "[" * 5000},
        {"text_data": '{"a":"' + "x" * 20_000 + '"}'},
    ],
)
async def test_a_frame_that_makes_no_sense_ends_the_socket_quietly(frame: dict[str, Any]) -> None:
    mira = await run(cast.mira)
    gone = await listening(await run(log_in, mira))
    await gone.send_to(**frame)
    assert await closed_with(gone) == closing.NONSENSE
    await gone.disconnect()  # raises what the socket raised
