"""Sockets: who may connect, and that announcements arrive."""

from typing import Any

import pytest
from autobahn.exception import Disconnected
from autobahn.twisted.websocket import WebSocketServerProtocol
from channels.db import database_sync_to_async
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import AnonymousUser
from django.db import OperationalError

from tests import cast
from tickets import live
from tickets.models import Ticket, User
from tickets.sockets import online, presence
from tickets.sockets.closing import LINE_LOST, LOGGED_OUT, NONSENSE, NOT_YOURS
from tickets.sockets.consumers import GroupConsumer, QueueConsumer, TicketConsumer
from tickets.sockets.routes import urlpatterns

pytestmark = pytest.mark.django_db(transaction=True)
sockets = URLRouter(urlpatterns)


def socket(path: str, user: Any) -> WebsocketCommunicator:
    communicator = WebsocketCommunicator(sockets, path)
    communicator.scope["user"] = user
    return communicator


async def people(*makers: Any) -> list[Any]:
    return [await database_sync_to_async(maker)() for maker in makers]


async def listening(path: str, user: Any) -> WebsocketCommunicator:
    communicator = socket(path, user)
    connected, _ = await communicator.connect()
    assert connected
    assert await communicator.receive_json_from() == {"type": "hello"}
    return communicator


async def test_only_who_works_tickets_may_listen() -> None:
    ticket, ken, otto = await people(cast.new_ticket, cast.ken, cast.otto)
    for user in (AnonymousUser(), ken, otto):
        for path in ("/ws/queue/", f"/ws/tickets/{ticket.pk}/"):
            connected, code = await socket(path, user).connect()
            assert not connected and code == 4403, (user, path)


async def test_no_ticket_no_line() -> None:
    (mira,) = await people(cast.mira)
    connected, _ = await socket("/ws/tickets/999/", mira).connect()
    assert not connected


async def test_news_reach_the_ticket_and_the_queue() -> None:
    ticket, mira = await people(cast.new_ticket, cast.mira)
    page = await listening(f"/ws/tickets/{ticket.pk}/", mira)
    queue = await listening("/ws/queue/", mira)
    await database_sync_to_async(live.ticket_changed)(ticket.pk, "header", "queue")
    assert await page.receive_json_from() == {
        "type": "ticket.changed",
        "ticket": ticket.pk,
        "parts": ["header", "queue"],
    }
    assert await queue.receive_json_from() == {"type": "queue.changed"}
    await page.disconnect()
    await queue.disconnect()


async def test_one_tickets_draft_is_not_read_on_another() -> None:
    one, two, mira = await people(cast.new_ticket, cast.new_ticket, cast.mira)
    page, other = await listening(f"/ws/tickets/{one.pk}/", mira), await listening(f"/ws/tickets/{two.pk}/", mira)
    event = {"type": "draft.delta", "draft": 1, "at": 0, "text": "Hi Tomas"}
    await live.asend(live.ticket_group(one.pk), event)
    assert await page.receive_json_from() == event
    assert await other.receive_nothing(timeout=0.05)
    await page.disconnect()
    await other.disconnect()


async def test_a_ping_is_answered_and_changes_nothing() -> None:
    ticket, mira = await people(cast.new_ticket, cast.mira)
    page = await listening(f"/ws/tickets/{ticket.pk}/", mira)
    await page.send_json_to({"ping": 1, "type": "forward", "status": "closed"})
    assert await page.receive_json_from() == {"type": "pong"}
    await database_sync_to_async(ticket.refresh_from_db)()
    assert ticket.status == Ticket.Status.OPEN
    await page.disconnect()


async def test_two_agents_see_each_other_by_name_and_nothing_else_travels() -> None:
    ticket, mira, jonas = await people(cast.new_ticket, cast.mira, cast.jonas)
    path = f"/ws/tickets/{ticket.pk}/"
    hers, his = await listening(path, mira), await listening(path, jonas)
    await hers.send_json_to({"presence": "typing", "text": "a secret", "who": {"name": "Ada"}})
    heard = {
        "type": "presence",
        "ticket": ticket.pk,
        "who": {"id": mira.pk, "name": "Mira Lindqvist"},
        "state": "typing",
        "asks": False,
    }
    assert await his.receive_json_from() == heard
    await hers.disconnect()
    assert await his.receive_json_from() == heard | {"state": "gone"}
    await his.disconnect()


async def test_who_arrives_may_ask_who_is_there() -> None:
    ticket, mira, jonas = await people(cast.new_ticket, cast.mira, cast.jonas)
    hers = await listening(f"/ws/tickets/{ticket.pk}/", mira)
    his = await listening(f"/ws/tickets/{ticket.pk}/", jonas)
    await his.send_json_to({"presence": "viewing", "asks": True})
    assert (await hers.receive_json_from())["asks"] is True
    await hers.disconnect()
    await his.disconnect()


@pytest.mark.parametrize("said", [{"presence": "shouting"}, {"presence": ["typing"]}, {"presence": None}])
async def test_nobody_passes_on_what_is_no_presence(said: Any) -> None:
    ticket, mira, jonas = await people(cast.new_ticket, cast.mira, cast.jonas)
    hers = await listening(f"/ws/tickets/{ticket.pk}/", mira)
    his = await listening(f"/ws/tickets/{ticket.pk}/", jonas)
    await hers.send_json_to(said)
    assert await hers.receive_json_from() == {"type": "pong"}
    assert await his.receive_nothing(timeout=0.05)
    await hers.disconnect()
    await his.disconnect()


async def test_a_browser_that_repeats_itself_is_not_repeated() -> None:
    ticket, mira, jonas = await people(cast.new_ticket, cast.mira, cast.jonas)
    hers = await listening(f"/ws/tickets/{ticket.pk}/", mira)
    his = await listening(f"/ws/tickets/{ticket.pk}/", jonas)
    for _ in range(5):
        await hers.send_json_to({"presence": "viewing"})
    assert (await his.receive_json_from())["state"] == "viewing"
    assert await his.receive_nothing(timeout=0.05)
    await hers.disconnect()
    await his.disconnect()


async def test_the_queue_hears_who_comes_and_goes_not_every_heartbeat(monkeypatch: pytest.MonkeyPatch) -> None:
    ticket, mira, jonas = await people(cast.new_ticket, cast.mira, cast.jonas)
    monkeypatch.setattr(presence, "LEAST_PAUSE", 0)
    queue = await listening("/ws/queue/", jonas)
    hers = await listening(f"/ws/tickets/{ticket.pk}/", mira)
    for state in ("viewing", "viewing", "viewing", "typing"):
        await hers.send_json_to({"presence": state})
    await hers.disconnect()
    heard = [await queue.receive_json_from() for _ in range(3)]
    assert [(each["ticket"], each["who"]["name"], each["state"]) for each in heard] == [
        (ticket.pk, "Mira Lindqvist", state) for state in ("viewing", "typing", "gone")
    ]
    assert await queue.receive_nothing(timeout=0.05)
    await queue.disconnect()


async def test_an_open_desk_says_that_its_agent_is_online() -> None:
    (mira,) = await people(cast.mira)
    queue = await listening("/ws/queue/", mira)
    assert (await User.objects.aget(pk=mira.pk)).seen_at is None  # opening the line writes nothing
    await queue.send_json_to({"ping": 1})
    assert await queue.receive_json_from() == {"type": "pong"}
    first = (await User.objects.aget(pk=mira.pk)).seen_at
    assert first is not None
    await queue.send_json_to({"ping": 1})
    assert await queue.receive_json_from() == {"type": "pong"}
    assert (await User.objects.aget(pk=mira.pk)).seen_at == first  # told a minute ago at most
    await queue.disconnect()


async def test_a_socket_whose_groups_are_lost_is_closed_so_that_the_browser_connects_again() -> None:
    (mira,) = await people(cast.mira)
    queue = await listening("/ws/queue/", mira)
    await database_sync_to_async(live.notify_sockets)(live.QUEUE_GROUP, "line.lost")
    assert await queue.receive_output() == {"type": "websocket.close", "code": LINE_LOST}
    await queue.disconnect()


@pytest.mark.parametrize("code", [LOGGED_OUT, NOT_YOURS, NONSENSE, LINE_LOST])
def test_the_web_server_accepts_our_close_codes(code: int) -> None:
    sent = []
    server = WebSocketServerProtocol()
    server.state, server.sendCloseFrame = WebSocketServerProtocol.STATE_OPEN, lambda **frame: sent.append(frame["code"])
    server.sendClose(code=code)
    assert sent == [code]


async def test_a_locked_database_costs_nobody_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(user_id: int) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(online, "seen", locked)
    monkeypatch.setattr(online, "EVERY", 0)
    (mira,) = await people(cast.mira)
    queue = await listening("/ws/queue/", mira)
    for _ in range(2):
        await queue.send_json_to({"ping": 1})
        assert await queue.receive_json_from() == {"type": "pong"}
    await queue.disconnect()


@pytest.mark.parametrize("made", [QueueConsumer, TicketConsumer])
async def test_a_browser_that_has_just_gone_is_no_error(made: type[GroupConsumer]) -> None:
    """Daphne raises when it is asked to send between the end of a connection and our disconnect."""

    async def gone(message: object) -> None:
        raise Disconnected("Attempt to send on a closed protocol")

    consumer = made()
    consumer.base_send = gone
    await consumer.forward({"event": {"type": "ticket.changed"}})
