"""`manage.py draft`: the drafter (copilot/drafter.py), until it is stopped."""

import asyncio
import logging
import os
import signal
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from copilot import llm
from copilot.drafter import Drafter, at_once

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Writes drafts for tickets that wait, most urgent first, until Ctrl+C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--slots", type=int, default=at_once(), help="drafts in flight at once")

    def handle(self, *args: Any, **options: Any) -> None:
        asyncio.run(self._until_asked_to_stop(options["slots"]))

    async def _until_asked_to_stop(self, slots: int) -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        log.info("drafter ready: slots=%s", slots)
        await Drafter(llm.HttpModel(), max(1, slots)).run(stop)
        log.info("drafter stopped")
        logging.shutdown()
        os._exit(0)  # a search that is still under way in a thread would keep the process for seconds
