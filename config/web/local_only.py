"""In demo mode the web process answers this machine only."""

from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from typing import Any

LOOPBACK = "127.0.0.1"
REFUSAL = b"The demo has published passwords, so it only answers on the machine it runs on.\n"
App = Callable[[Any, Any, Any], Awaitable[None]]


def is_loopback(host: str) -> bool:
    """Whether it is an address of this machine. Any name but localhost may point elsewhere."""
    if host.strip("[]").lower() in {"localhost", "::1"}:
        return True
    try:
        address = ip_address(host.strip("[]"))
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def host_to_use(host: str, anywhere: bool) -> str:
    """`HOST`, or this machine's own address where the demo may not use it."""
    return host if anywhere or is_loopback(host) else LOOPBACK


class ThisMachineOnly:
    """Refuses connections to any other address, whatever the server listens on."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        server = scope.get("server") or [LOOPBACK]
        if scope["type"] not in {"http", "websocket"} or is_loopback(str(server[0])):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 4403})
        else:
            headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
            await send({"type": "http.response.start", "status": 403, "headers": headers})
            await send({"type": "http.response.body", "body": REFUSAL})
