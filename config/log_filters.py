"""What strangers can cause as often as they like must not fill the log."""

import logging
import time

PAUSE = 60.0  # seconds


class Seldom(logging.Filter):
    """One line a minute per logger, without a traceback and without what was sent."""

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        self.last: dict[str, float] = {}
        self.left_out: dict[str, int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        now, source = time.monotonic(), record.name
        if now - self.last.get(source, -PAUSE) < PAUSE:
            self.left_out[source] = self.left_out.get(source, 0) + 1
            return False
        self.last[source] = now
        record.msg = f"a request was refused; {self.left_out.pop(source, 0)} more like it since the last such line"
        record.args, record.exc_info, record.exc_text = (), None, None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True
