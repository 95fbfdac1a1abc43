"""How much a request may send: a limit for every address, declared or not, and a deadline for slow bodies."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.conf import settings as django_settings
from django.utils.translation import get_language

from config.web import body_limits
from config.web.body_limits import ANONYMOUS, MEGA, BoundedBodies, limit_for
from knowledge.articles import uploads
from tests.waiting import wait_until
from tickets.contact import files as contact_files

ROOT = Path(__file__).resolve().parent.parent.parent
MEMBER = f"{django_settings.SESSION_COOKIE_NAME}=abc"


def test_each_address_has_its_limit(settings: Any) -> None:
    files = contact_files.FILES * settings.ATTACHMENT_MAX_BYTES
    assert limit_for("/login/", "") == limit_for("/admin/login/", "") == limit_for("/nowhere", "") == ANONYMOUS
    assert limit_for("/desk/1/reply", MEMBER) == settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    assert files < limit_for("/contact/", "") < files + 2 * MEGA
    assert limit_for("/desk/1/uploads", "") == ANONYMOUS
    assert limit_for("/desk/1/uploads", MEMBER) == settings.ATTACHMENT_MAX_BYTES + MEGA
    for path, size in (("import", uploads.UPLOAD_BYTES), ("images", settings.ARTICLE_IMAGE_MAX_BYTES)):
        address = f"/admin/knowledge/article/{path}/"
        assert limit_for(address, "") == ANONYMOUS
        assert size < limit_for(address, MEMBER) < size + 2 * MEGA


@pytest.mark.parametrize("path", ["/desk/x/uploads", "/desk/1/uploads/", "/desk/1/uploads/2", "/x/desk/1/uploads"])
def test_only_the_address_itself_takes_files(path: str, settings: Any) -> None:
    assert limit_for(path, MEMBER) == settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def test_limits_that_are_written_twice_are_the_same() -> None:
    assert (body_limits.CONTACT_FILES, body_limits.IMPORT) == (contact_files.FILES, uploads.UPLOAD_BYTES)


@pytest.mark.parametrize("cookies", ["", "a=b", "\x00", "sessionid", ";;;=", "x" * 5000])
def test_odd_cookies_are_no_session(cookies: str) -> None:
    assert limit_for("/desk/1/reply", cookies) == ANONYMOUS


async def sent(chunks: list[bytes], headers: list[tuple[bytes, bytes]]) -> tuple[list[Any], list[int]]:
    """The answer, and how many bytes the application received."""
    given: list[int] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            given.append(len(message.get("body", b"")))
            if message["type"] == "http.disconnect":
                return
            if not message.get("more_body"):
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"done"})

    asked = ApplicationCommunicator(BoundedBodies(app), {"type": "http", "path": "/login/", "headers": headers})
    for at, chunk in enumerate(chunks):
        await asked.send_input({"type": "http.request", "body": chunk, "more_body": at < len(chunks) - 1})
    answer = [await asked.receive_output(2), await asked.receive_output(2)]
    return answer, given


async def test_a_declared_body_is_refused_unread() -> None:
    answer, given = await sent([b"x"], [(b"content-length", b"2147483648")])
    assert answer[0]["status"] == 413 and given == []
    assert b"too large" in answer[1]["body"]
    assert {name for name, _ in answer[0]["headers"]} >= {b"Content-Security-Policy", b"Cache-Control"}


@pytest.mark.parametrize(
    ("languages", "page_language"), [(b"de-AT, en;q=0.5", "de"), (b"fr", "en"), (b"", "en"), (b"\xff;;q=", "en")]
)
async def test_the_refusal_is_in_the_language_of_the_browser(
    monkeypatch: pytest.MonkeyPatch, languages: bytes, page_language: str
) -> None:
    monkeypatch.setattr(body_limits, "render_to_string", lambda name: str(get_language()))
    answer, _ = await sent([b"x"], [(b"content-length", b"2147483648"), (b"accept-language", languages)])
    assert answer[1]["body"].decode() == page_language


@pytest.mark.parametrize("length", [[], [(b"content-length", b"5")], [(b"content-length", "²".encode())]])
async def test_a_body_with_a_missing_or_wrong_length_is_refused_as_it_grows(length: list[tuple[bytes, bytes]]) -> None:
    answer, given = await sent([b"x" * 50_000] * 40, length)
    assert answer[0]["status"] == 413 and sum(given) <= ANONYMOUS


async def test_a_body_within_its_limit_arrives_complete() -> None:
    answer, given = await sent([b"x" * 50_000] * 2, [])
    assert answer[0]["status"] == 200 and sum(given) == 100_000


# --- A real Daphne ---


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
    command = [sys.executable, "-m", "daphne", "-v", "0", "-p", str(number), "tests.config.tiny_asgi:application"]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: socket.socket().connect_ex(("127.0.0.1", number)) == 0, 120)
        yield number
    finally:
        server.kill()
        server.wait()


def talk(port: int, head: str, chunks: Iterator[bytes] | list[bytes] = (), finish: bool = True) -> tuple[str, int]:  # type: ignore[assignment]
    """The answer, and how many bytes could be sent before it came."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
        line.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n")
        pushed = 0
        try:
            for chunk in chunks:
                line.sendall(chunk)
                pushed += len(chunk)
        except OSError:
            pass
        answer = b""
        while finish:
            try:
                part = line.recv(65536)
            except OSError:
                break
            answer += part
            if not part or answer.endswith(b"0\r\n\r\n"):
                break
        return answer.decode("latin-1"), pushed


def test_daphne_answers_a_declared_body_before_it_comes(port: int) -> None:
    answer, _ = talk(port, "POST /login/ HTTP/1.1\nHost: x\nContent-Length: 2147483648")
    assert answer.startswith("HTTP/1.1 413 ") and "This is too large" in answer
    assert "content-security-policy" in answer.lower()


def test_daphne_stops_a_chunked_body_as_it_grows(port: int) -> None:
    """What comes beyond the limit is discarded for LINGER seconds, then the connection ends."""
    until = time.monotonic() + 60

    def endless() -> Iterator[bytes]:
        while time.monotonic() < until:
            yield b"186a0\r\n" + b"x" * 100_000 + b"\r\n"

    answer, _ = talk(port, "POST /login/ HTTP/1.1\nHost: x\nTransfer-Encoding: chunked", endless())
    assert time.monotonic() < until, "the connection never ended"
    assert answer == "" or answer.startswith("HTTP/1.1 413 ")


def test_daphne_gives_up_on_a_slow_body(port: int) -> None:
    answer, _ = talk(port, "POST /login/ HTTP/1.1\nHost: x\nContent-Length: 1000", [b"x"])
    assert answer.startswith("HTTP/1.1 408 ")


def test_daphne_passes_on_a_body_within_its_limit(port: int) -> None:
    answer, _ = talk(port, "POST /login/ HTTP/1.1\nHost: x\nContent-Length: 100000", [b"x" * 50_000] * 2)
    assert answer.startswith("HTTP/1.1 200 ") and "read 100000" in answer


def test_an_upload_needs_a_session(port: int) -> None:
    head = "POST /admin/knowledge/article/import/ HTTP/1.1\nHost: x\nContent-Length: 30000000"
    assert talk(port, head)[0].startswith("HTTP/1.1 413 ")
    assert talk(port, f"{head}\nCookie: {MEMBER}", [b"x"])[0].startswith("HTTP/1.1 408 ")
