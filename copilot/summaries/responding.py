"""Lines as they are written, sent to a page: JSON, a line for each, and a last one that says why if no model could."""

import json
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any, TypeVar

from django.http import StreamingHttpResponse
from django.utils.translation import get_language, gettext, override

from copilot.summaries.streaming import NotMade

T = TypeVar("T")


def streamed(lines: AsyncGenerator[T], as_json: Callable[[T], dict[str, Any]]) -> StreamingHttpResponse:
    """In the language of the request. Closing it, as when the browser goes away, closes `lines` and stops the model."""
    sent = _sent(lines, as_json, get_language() or "en")
    return StreamingHttpResponse(sent, content_type="application/x-ndjson", headers={"X-Accel-Buffering": "no"})


async def _sent(lines: AsyncGenerator[T], as_json: Callable[[T], dict[str, Any]], language: str) -> AsyncGenerator[str]:
    why = ""
    try:
        async with aclosing(lines):
            async for line in lines:
                yield json.dumps(as_json(line)) + "\n"
    except NotMade as failed:
        why = failed.why
    with override(language):
        yield json.dumps({"done": True, "why": gettext(why) if why else ""}) + "\n"
