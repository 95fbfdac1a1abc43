"""Every process ends by itself when it is asked to."""

import os
import signal
from collections.abc import Callable
from contextlib import suppress

import pytest
from playwright.sync_api import Page, expect

from config.running.processes import GRACE
from tests.browser.stack import SLOW_LANE, Stack

pytestmark = [pytest.mark.browser, pytest.mark.model, pytest.mark.services]
IDLE = "__import__('config.background.lanes').background.lanes.lane('slow').state == 'empty'"


def test_asked_to_stop_every_process_ends_within_its_grace(stack: Stack, page_of: Callable[[str], Page]) -> None:
    """With a desk open: its sockets and threads once kept the web process alive.

    A long job of the slow lane is no reason to wait, `up` kills it: jobs are safe to run twice.
    """
    page = page_of("mira")
    page.goto(f"{stack.url}/desk/")
    expect(page.locator("#queue")).to_be_visible()
    stack.wait_for(IDLE, timeout=SLOW_LANE)
    for name in sorted(stack.running, key=lambda each: each != "slow"):  # first, before it begins another job
        process = stack.running.pop(name)
        os.kill(process.pid, signal.SIGTERM)
        try:
            process.wait(GRACE)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
