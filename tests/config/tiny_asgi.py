"""For tests/config/test_bodies.py: an application that answers with the number of bytes it received."""

import os
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from config.web import daphne_bodies  # noqa: E402

daphne_bodies.install()
daphne_bodies.BASE_SECONDS, daphne_bodies.SLOWEST = 3.0, 10_000_000  # a test does not wait for a minute


async def application(scope: Any, receive: Any, send: Any) -> None:
    read = 0
    while True:
        message = await receive()
        read += len(message.get("body", b""))
        if not message.get("more_body"):
            break
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": f"read {read}".encode()})
