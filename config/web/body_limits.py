"""How many bytes one request may send, decided from its path and session cookie before the body is read.

Checked in two places: in Daphne while the bytes arrive (config/web/daphne_bodies.py, because Daphne collects the whole
body before it calls the application), and in the ASGI layer below, for any other server.
"""

import json
import re
from collections.abc import Awaitable, Callable
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import override

from config.numbers import whole
from config.web.language import browser_language
from config.web.middleware import POLICY

App = Callable[[Any, Any, Any], Awaitable[None]]
KILO, MEGA = 1024, 1024 * 1024
ANONYMOUS = 128 * KILO  # logging in, voting, asking for a new password
OTHER_FIELDS = MEGA  # of a form with files, and the boundaries between its parts
CONTACT_FILES = 3  # the same as tickets.contact.files.FILES; a test compares them
API = 2 * MEGA  # a batch of messages
IMPORT = 50 * MEGA  # the same as knowledge.articles.uploads.UPLOAD_BYTES; a test compares them

API_PROBLEM = {
    "title": "Request Entity Too Large",
    "status": 413,
    "detail": f"A request may have {API // MEGA} MiB. Please send fewer messages at once, or shorter ones.",
}

# Addresses that take files: pattern, whether only with a session cookie, bytes.
UploadRule = tuple[re.Pattern[str], bool, Callable[[], int]]
UPLOAD_RULES: tuple[UploadRule, ...] = (
    (re.compile(r"/contact/?"), False, lambda: CONTACT_FILES * settings.ATTACHMENT_MAX_BYTES + OTHER_FIELDS),
    (re.compile(r"/desk/[0-9]+/uploads"), True, lambda: settings.ATTACHMENT_MAX_BYTES + OTHER_FIELDS),
    (re.compile(r"/api/.*"), False, lambda: API),
    (re.compile(r"/admin/knowledge/article/import/?"), True, lambda: IMPORT + OTHER_FIELDS),
    (re.compile(r"/admin/knowledge/article/images/?"), True, lambda: settings.ARTICLE_IMAGE_MAX_BYTES + OTHER_FIELDS),
)


def limit_for(path: str, cookies: str) -> int:
    """Bytes that a request to this path may send."""
    member = has_session(cookies)
    for pattern, members_only, size in UPLOAD_RULES:
        if pattern.fullmatch(path) and (member or not members_only):
            return size()
    return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE) if member else ANONYMOUS


def has_session(cookies: str) -> bool:
    """Whether a session cookie came along. Whether it is valid is checked later."""
    try:
        return settings.SESSION_COOKIE_NAME in SimpleCookie(cookies)
    except CookieError:
        return False


def declared(headers: dict[bytes, bytes]) -> int | None:
    """The Content-Length, if it is a number."""
    return whole(headers.get(b"content-length", b"").decode("latin-1"))


def refusal(path: str, languages: str) -> tuple[list[tuple[bytes, bytes]], bytes]:
    """Headers and page of a 413; for programs a problem as in tickets/api/problems.py. `languages`: Accept-Language."""
    if path.startswith("/api/"):
        kind, body = b"application/problem+json", json.dumps(API_PROBLEM).encode()
    else:
        with override(browser_language(languages)):
            kind, body = b"text/html; charset=utf-8", render_to_string("413.html").encode()
    headers = [
        (b"Content-Type", kind),
        (b"Content-Length", str(len(body)).encode()),
        (b"Cache-Control", b"no-store"),
        (b"Content-Security-Policy", POLICY.encode()),
        (b"X-Content-Type-Options", b"nosniff"),
        (b"Connection", b"close"),
    ]
    return headers, body


class BoundedBodies:
    """Answers 413 as soon as the body is too large. The application then reads no more of it."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {name.lower(): value for name, value in scope["headers"]}
        path = unquote(scope["path"])
        limit = limit_for(path, headers.get(b"cookie", b"").decode("latin-1"))
        body = _Body(limit, receive, send)
        body.refused = (declared(headers) or 0) > limit
        if not body.refused:
            await self.app(scope, body.receive, body.send)
        if body.refused:
            headers_out, page = refusal(path, headers.get(b"accept-language", b"").decode("latin-1"))
            await send({"type": "http.response.start", "status": 413, "headers": headers_out})
            await send({"type": "http.response.body", "body": page})


class _Body:
    """Counts what the application reads. Beyond the limit it sees a disconnect, and its answer is dropped."""

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
