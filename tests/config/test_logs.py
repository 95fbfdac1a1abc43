"""Refused requests do not fill the log: one line a minute for each kind. Our own errors are logged in full."""

import logging
from typing import Any

import pytest
from django.test import Client

from config import logs


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(logs.time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def lines(clock: list[float]) -> Any:
    """The records that the log handler would have written."""
    kept: list[logging.LogRecord] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            kept.append(record)

    handler = Kept()
    handler.addFilter(logs.LimitRefusals())
    logging.getLogger("django").addHandler(handler)
    yield kept
    logging.getLogger("django").removeHandler(handler)


@pytest.mark.django_db
def test_a_wrong_host_is_one_short_line(client: Client, lines: list[logging.LogRecord]) -> None:
    answers = [client.get("/login/", HTTP_HOST=f"evil{at}.example") for at in range(20)]
    assert {answer.status_code for answer in answers} == {400}
    assert all("Content-Security-Policy" in answer.headers for answer in answers)
    assert b"This request is not valid" in answers[0].content
    assert len(lines) == 1 and lines[0].exc_info is None and "evil" not in lines[0].getMessage()


@pytest.mark.django_db
def test_a_scan_for_pages_is_one_line_and_the_next_says_how_many(
    client: Client, lines: list[logging.LogRecord], clock: list[float]
) -> None:
    for at in range(30):
        client.get(f"/wp-admin/{at}.php")
    assert [line.getMessage() for line in lines] == ["a request was refused: 404; 0 more since the last such line"]
    clock[0] += 61
    client.get("/wp-login.php")
    assert "29 more" in lines[1].getMessage()


def test_our_own_errors_are_logged_in_full_each_time() -> None:
    limited = logs.LimitRefusals()
    for _ in range(3):
        fault = logging.LogRecord("django.request", logging.ERROR, "f", 1, "Internal Server Error: %s", ("/x",), None)
        fault.status_code = 500
        assert limited.filter(fault) and fault.getMessage() == "Internal Server Error: /x"
