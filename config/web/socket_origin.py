"""Only our own pages may open sockets: same scheme, host and port, as Django's CSRF check requires of forms."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

App = Callable[[Any, Any, Any], Awaitable[None]]
PORTS = {"http": 80, "https": 443}
REFUSED = 4403  # static/js/live/sockets.js does not try again after this code


def is_ours(headers: dict[str, str], scheme: str) -> bool:
    """`scheme`: http or https, as the browser used it."""
    origin, host = _place(headers.get("origin", "")), headers.get("host", "")
    if origin is None or not validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS):
        return False
    return origin == _place(f"{scheme}://{host}") or origin in {_place(each) for each in settings.CSRF_TRUSTED_ORIGINS}


def _place(origin: str) -> tuple[str, str, int] | None:
    try:
        parts = urlsplit(origin)
        port = parts.port or PORTS.get(parts.scheme)
    except ValueError:
        return None
    odd = parts.path or parts.query or parts.fragment or parts.username is not None
    return None if odd or not parts.hostname or port is None else (parts.scheme, parts.hostname, port)


def scheme_of(scope: Any, headers: dict[str, str]) -> str:
    if settings.SECURE_PROXY_SSL_HEADER and headers.get("x-forwarded-proto"):
        return "https" if headers["x-forwarded-proto"].split(",")[0].strip() == "https" else "http"
    return "https" if scope.get("scheme") in {"wss", "https"} else "http"


class OwnOrigin:
    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope.get("headers", [])}
        if is_ours(headers, scheme_of(scope, headers)):
            await self.app(scope, receive, send)
        else:
            await receive()
            await send({"type": "websocket.close", "code": REFUSED})
