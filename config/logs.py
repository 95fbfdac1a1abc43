"""Log lines go to stderr, with ids, names and sizes, never with what people wrote.

Anyone can cause refused requests, so those must not fill the log.
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
        "filters": {"refusals": {"()": LimitRefusals}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["refusals"]}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "httpx": {"level": "WARNING"},
            "axes": {"level": "ERROR"},
            "django.dispatch": {"level": "CRITICAL"},  # config/signal_delivery.py logs it, without what people wrote
            "chromadb": {"level": "WARNING"},
            "sentence_transformers": {"level": "WARNING"},
        },
    }


class LimitRefusals(logging.Filter):
    """Refused requests: one line a minute for each kind, without traceback and request data.

    A filter of the handler, so that it sees every logger below `django.security`, and the 4xx answers of
    `django.request`. Our own errors (5xx) pass unchanged.
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
    """The kind of refusal. Empty for any other record."""
    if record.name.startswith("django.security."):
        return record.name.rsplit(".", 1)[-1]
    status = getattr(record, "status_code", None)
    if record.name == "django.request" and isinstance(status, int) and 400 <= status < 500:
        return str(status)
    return ""
