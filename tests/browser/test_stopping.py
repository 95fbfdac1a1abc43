"""Every process ends by itself when it is asked to. The last file: nothing has to start again after it."""

import os
import signal
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from config.running.processes import GRACE
from tests.browser.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.model, pytest.mark.services]


def test_asked_to_stop_every_process_ends_within_its_grace(stack: Stack, page_of: Callable[[str], Page]) -> None:
    """All at once, as `manage.py up` does it, with a desk open: its sockets once kept the web process alive."""
    page = page_of("mira")
    page.goto(f"{stack.url}/desk/")
    expect(page.locator("#queue")).to_be_visible()
    for process in stack.running.values():
        os.kill(process.pid, signal.SIGTERM)
    end = time.monotonic() + GRACE
    try:
        for process in stack.running.values():
            process.wait(max(0.1, end - time.monotonic()))
    finally:
        stack.kill(*list(stack.running))
