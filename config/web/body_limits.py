"""How much one request may send. Told from the path and whether a session cookie came along, before any of it is read.

Two places ask: the server while the bytes arrive (config/web/daphne_bodies.py: Daphne would collect all of them first),
and this ASGI layer, for any other server.
"""

import re
from collections.abc import Awaitable, Callable
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.template.loader import render_to_string

from config.numbers import whole
from config.web.middleware import POLICY

App = Callable[[Any, Any, Any], Awaitable[None]]
KILO, MEGA = 1024, 1024 * 1024
STRANGER = 128 * KILO  # logging in, voting, asking for a new password
AROUND = MEGA  # a form's other fields and the boundaries between its parts
CONTACT_FILES = 3  # tickets.contact.files.FILES; a test holds the two together
IMPORT = 50 * MEGA  # knowledge.articles.uploads.UPLOAD_BYTES; likewise

# Doors that take files: pattern, whether only for who is logged in, bytes.
Door = tuple[re.Pattern[str], bool, Callable[[], int]]
DOORS: tuple[Door, ...] = (
    (re.compile(r"/contact/?"), False, lambda: CONTACT_FILES * settings.ATTACHMENT_MAX_BYTES + AROUND),
    (re.compile(r"/admin/knowledge/article/import/?"), True, lambda: IMPORT + AROUND),
    (re.compile(r"/admin/knowledge/article/images/?"), True, lambda: settings.ARTICLE_IMAGE_MAX_BYTES + AROUND),
)


def most(path: str, cookies: str) -> int:
    """Bytes that a request to this path may hold."""
    member = has_session(cookies)
    for pattern, members_only, size in DOORS:
        if pattern.fullmatch(path) and (member or not members_only):
            return size()
    return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE) if member else STRANGER


def has_session(cookies: str) -> bool:
    """Only that one came; whether it is any good is found out when it is used."""
    try:
        return settings.SESSION_COOKIE_NAME in SimpleCookie(cookies)
    except CookieError:
        return False


def declared(headers: dict[bytes, bytes]) -> int | None:
    """What Content-Length says, if it can be believed to be a number."""
    return whole(headers.get(b"content-length", b"").decode("latin-1"))


def refusal() -> tuple[list[tuple[bytes, bytes]], bytes]:
    """Headers and page of a 413."""
    body = render_to_string("413.html").encode()
    headers = [
        (b"Content-Type", b"text/html; charset=utf-8"),
        (b"Content-Length", str(len(body)).encode()),
        (b"Cache-Control", b"no-store"),
        (b"Content-Security-Policy", POLICY.encode()),
        (b"X-Content-Type-Options", b"nosniff"),
        (b"Connection", b"close"),
    ]
    return headers, body


class BoundedBodies:
    """Answers 413 as soon as a body is known, or found, to be too large; the application then reads no more of it."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {name.lower(): value for name, value in scope["headers"]}
        limit = most(unquote(scope["path"]), headers.get(b"cookie", b"").decode("latin-1"))
        body = _Body(limit, receive, send)
        body.refused = (declared(headers) or 0) > limit
        if not body.refused:
            await self.app(scope, body.receive, body.send)
        if body.refused:
            headers_out, page = refusal()
            await send({"type": "http.response.start", "status": 413, "headers": headers_out})
            await send({"type": "http.response.body", "body": page})


class _Body:
    """Counts what the application reads. Past the limit it hears of a client that left, and nobody hears from it."""

    def __init__(self, limit: int, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]):
        self.limit, self.read, self.refused = limit, 0, False
        self._receive, self._send = receive, send

    async def receive(self) -> Any:
        message = await self._receive()
        self.read += len(message.get("body", b""))
        self.refused = self.read > self.limit
        return {"type": "http.disconnect"} if self.refused else message

    async def send(self, message: Any) -> None:
        if not self.refused:
            await self._send(message)
