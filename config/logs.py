"""Where log lines go and what they look like: to stderr, with ids, names and sizes, never message content.

What strangers can cause as often as they like must not fill the log.
"""

import logging
import time
from typing import Any

PAUSE = 60.0  # seconds


def to_stderr(level: str, formatter: str) -> dict[str, Any]:
    """Django's LOGGING. `formatter`: the class that masks personal data in every line."""
    line = {"()": formatter, "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": line},
        "filters": {"seldom": {"()": Seldom}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["seldom"]}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "httpx": {"level": "WARNING"},
            "axes": {"level": "ERROR"},
            "django.dispatch": {"level": "CRITICAL"},  # config/signal_delivery.py says it, without what was written
            "chromadb": {"level": "WARNING"},
            "sentence_transformers": {"level": "WARNING"},
        },
    }


class Seldom(logging.Filter):
    """Refused requests: one line a minute for each kind, without a traceback and without what was sent.

    Stands on the handler, so that it sees every logger below `django.security`, and of `django.request`
    the 4xx answers. Faults of ours (5xx) pass untouched.
    """

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        self.last: dict[str, float] = {}
        self.left_out: dict[str, int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        kind = refused(record)
        if not kind:
            return True
        now = time.monotonic()
        if now - self.last.get(kind, -PAUSE) < PAUSE:
            self.left_out[kind] = self.left_out.get(kind, 0) + 1
            return False
        self.last[kind] = now
        record.msg = f"a request was refused: {kind}; {self.left_out.pop(kind, 0)} more since the last such line"
        record.args, record.exc_info, record.exc_text = (), None, None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True


def refused(record: logging.LogRecord) -> str:
    """In a word why a request was refused; empty for any other record."""
    if record.name.startswith("django.security."):
        return record.name.rsplit(".", 1)[-1]
    status = getattr(record, "status_code", None)
    if record.name == "django.request" and isinstance(status, int) and 400 <= status < 500:
        return str(status)
    return ""
