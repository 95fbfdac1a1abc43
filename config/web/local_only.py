"""Where the web process may be reached: in demo mode only from this machine."""

from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from typing import Any

LOOPBACK = "127.0.0.1"
REFUSAL = b"The demo has published passwords, so it answers on the machine it runs on and nowhere else.\n"
App = Callable[[Any, Any, Any], Awaitable[None]]


def is_loopback(host: str) -> bool:
    """An address of this machine alone; a name other than localhost may lead anywhere."""
    if host.strip("[]").lower() in {"localhost", "::1"}:
        return True
    try:
        address = ip_address(host.strip("[]"))
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def host_to_use(host: str, anywhere: bool) -> str:
    """`HOST` as it was set; where it may not be used, this machine's own address."""
    return host if anywhere or is_loopback(host) else LOOPBACK


class ThisMachineOnly:
    """Refuses connections that came in by another address, whatever the server was told to listen on."""

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
