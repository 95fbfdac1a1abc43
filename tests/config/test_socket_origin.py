"""Only our own pages may open sockets: same scheme, host and port. An odd address is refused without a traceback."""

import logging
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator

from config.web.socket_origin import OwnOrigin
from tests import cast
from tickets.sockets.routes import urlpatterns


async def opens(origin: str | None, host: str = "desk.company.com", scheme: str = "ws", **headers: str) -> bool:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})

    given = {"host": host} | ({"origin": origin} if origin is not None else {}) | headers
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in given.items()]
    scope = {"type": "websocket", "scheme": scheme, "headers": raw, "path": "/ws/queue/"}
    asked = ApplicationCommunicator(OwnOrigin(app), scope)
    await asked.send_input({"type": "websocket.connect"})
    return bool((await asked.receive_output(60))["type"] == "websocket.accept")


@pytest.fixture(autouse=True)
def hosts(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["desk.company.com"]
    settings.CSRF_TRUSTED_ORIGINS = []
    settings.SECURE_PROXY_SSL_HEADER = None


async def test_our_own_pages_may() -> None:
    assert await opens("http://desk.company.com")
    assert await opens("http://desk.company.com:80")
    assert await opens("https://desk.company.com", scheme="wss")
    assert await opens("http://desk.company.com:8000", host="desk.company.com:8000")


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "",
        "null",
        "http://evil.example",
        "http://desk.company.com:8080",
        "https://desk.company.com",
        "http://desk.company.com.evil.example",
        "http://evil@desk.company.com",
        "http://desk.company.com/x",
        "http://desk.company.com:99999",
        "http://[::1",
        "desk.company.com",
        "file://",
    ],
)
async def test_any_other_page_may_not(origin: str | None) -> None:
    assert not await opens(origin)


async def test_a_host_that_is_not_ours_may_not() -> None:
    assert not await opens("http://evil.example", host="evil.example")


async def test_behind_a_proxy_its_scheme_header_counts(settings: Any) -> None:
    assert not await opens("https://desk.company.com", x_forwarded_proto="https")
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert await opens("https://desk.company.com", x_forwarded_proto="https")
    assert not await opens("http://desk.company.com", x_forwarded_proto="https")


async def test_an_origin_trusted_for_forms_is_trusted_here(settings: Any) -> None:
    settings.CSRF_TRUSTED_ORIGINS = ["https://desk.company.com:8443"]
    assert await opens("https://desk.company.com:8443")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "path", ["/ws/", "/ws/nowhere/", "/ws/tickets/x/", f"/ws/tickets/{10**30}/", "/ws/tickets/²/", "/ws/tickets/-1/"]
)
async def test_an_address_that_is_none_is_refused_without_a_traceback(
    path: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    asked = WebsocketCommunicator(URLRouter(urlpatterns), path)
    asked.scope["user"] = await sync_to_async(cast.mira)()
    connected, _ = await asked.connect()
    await asked.disconnect()  # raises what the socket raised
    assert not connected and not caplog.records
