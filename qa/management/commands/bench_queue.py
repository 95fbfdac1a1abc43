"""`manage.py bench_queue`: how long the pages of the desk take with very many tickets.

The tickets are in a database of its own, which is removed at the end; the configured one is never opened. A million of
them need about 3 GB in the temporary folder (TMPDIR), or on the PostgreSQL server.
"""

import json
import sys
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from qa.benchmarks.filling import fill
from qa.benchmarks.measuring import PARTS, growth, measured, pages
from qa.benchmarks.scratch import Databases, NoDatabase, databases

FEWEST, MOST = 10, 5_000_000  # tickets


class Wrong(Exception):
    """An option that makes no sense."""


class Command(BaseCommand):
    help = (
        "Measures queue, ticket page, search and dashboard with many tickets, in a database of its own: "
        "median and 95th percentile in ms, and the number of queries."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--tickets", default="10000,100000", metavar="10000,100000", help="sizes to measure")
        parser.add_argument("--repeat", default="20", metavar="20", help="requests of each page")
        parser.add_argument("--only", default=",".join(PARTS), metavar=",".join(PARTS), help="what to measure")
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            sizes = whole_numbers("--tickets", options["tickets"], FEWEST, MOST)
            (repeat, *more) = whole_numbers("--repeat", options["repeat"], 1, 10_000)
            if more:
                raise Wrong("--repeat is one number.")
            parts = names("--only", options["only"])
        except Wrong as error:
            self.stderr.write(str(error))
            sys.exit(2)
        if settings.DEBUG:
            raise CommandError("DEBUG is on: it makes every page slower, so the figures would mean nothing.")
        try:
            with databases() as made:
                found = [self._measure(made, size, repeat, parts) for size in sizes]
        except NoDatabase as error:
            raise CommandError(str(error)) from error
        report = {"sizes": found, "growth": growth(found), "database": connection.vendor, "repeat": repeat}
        self.stdout.write(json.dumps(report) if options["json"] else as_table(report))

    def _measure(self, made: Databases, size: int, repeat: int, parts: Sequence[str]) -> dict[str, Any]:
        with made.new():
            begun = time.monotonic()
            filled = fill(size, self._say)
            found: dict[str, Any] = {"tickets": size, "fill_seconds": round(time.monotonic() - begun, 1)}
            for page in pages(filled, parts):
                self._say(f"{size} tickets: measuring {page.key}")
                found[page.key] = measured(page, repeat)
        return found

    def _say(self, progress: str) -> None:
        self.stderr.write(progress, style_func=str)  # by itself it would be red, as errors are


def whole_numbers(option: str, text: str, least: int, most: int) -> list[int]:
    """Each once, the smallest first."""
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdecimal() and least <= int(part[:20]) <= most for part in parts):
        raise Wrong(f"{option} takes whole numbers from {least} to {most}, with commas between them, not {text!r:.60}.")
    return sorted({int(part) for part in parts})


def names(option: str, text: str) -> list[str]:
    parts = [part.strip() for part in text.split(",")]
    if not set(parts) <= set(PARTS):
        raise Wrong(f"{option} takes {', '.join(PARTS)}, with commas between them, not {text!r:.60}.")
    return parts


def as_table(report: dict[str, Any]) -> str:
    lines = [f"{'tickets':>9}  {'page':<18}{'p50 ms':>10}{'p95 ms':>10}{'queries':>9}{'growth':>9}"]
    for size in report["sizes"]:
        for key, value in size.items():
            if isinstance(value, dict):
                grown = report["growth"][key] if size is report["sizes"][-1] else ""
                figures = f"{value['p50_ms']:>10}{value['p95_ms']:>10}{value['queries']:>9}{grown:>9}"
                lines.append(f"{size['tickets']:>9}  {key:<18}{figures}")
    return "\n".join(lines)
