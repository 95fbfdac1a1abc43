"""`manage.py reindex`: rebuild full-text rows and vectors of all published articles. If interrupted, run it again."""

import json
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError

from knowledge.index.embeddings import EmbedderUnavailable
from knowledge.index.vectors import IndexUnavailable
from knowledge.sync.storing import reindex

EVERY_TERMINAL, EVERY_LOG = 0.2, 10.0  # seconds between two lines
AGAIN = "Search works as before. Run the command again to continue."


class ProgressLine:
    """On a terminal one line that is rewritten; elsewhere a line every ten seconds."""

    def __init__(self, out: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self.out, self.clock = out, clock
        self.terminal = out.isatty()
        self.step = ""
        self.began = self.written = 0.0
        self.at, self.said = 0, -1

    def __call__(self, step: str, done: int, total: int) -> None:
        now = self.clock()
        if step != self.step:
            self.end()
            self.step, self.began, self.at, self.said, self.written = step, now, done, -1, -EVERY_LOG
        soon = done < total and now - self.written < (EVERY_TERMINAL if self.terminal else EVERY_LOG)
        if soon or done == self.said:
            return
        self.written, self.said = now, done
        line = f"{done:,} of {total:,} {step}{_pace(done - self.at, total - done, now - self.began)}"
        self.out.write(f"\r{line:<78}" if self.terminal else f"{line}\n")
        self.out.flush()

    def end(self) -> None:
        if self.terminal and self.step:
            self.out.write("\n")


def _pace(done: int, left: int, seconds: float) -> str:
    """Counts only this run: what an earlier one stored says nothing about the speed."""
    if not done or seconds < 1:
        return ""
    pace = done / seconds
    return f" · {pace:,.0f} a second" + (f" · {_duration(left / pace)} left" if left else "")


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


class Command(BaseCommand):
    help = "Build a new search index from the database, then swap it with the one in use."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, **options: Any) -> None:
        started = time.monotonic()
        progress = ProgressLine(sys.stderr)
        try:
            rebuilt = reindex(progress)
        except (EmbedderUnavailable, IndexUnavailable) as error:
            raise CommandError(f"{error} {AGAIN}") from error
        except KeyboardInterrupt:
            raise CommandError(f"Stopped. {AGAIN}") from None
        finally:
            progress.end()
        seconds = round(time.monotonic() - started, 2)
        figures = {"articles": rebuilt.articles, "chunks": rebuilt.chunks, "reused": rebuilt.reused, "seconds": seconds}
        if options["json"]:
            self.stdout.write(json.dumps(figures))
            return
        reused = f", {rebuilt.reused:,} of them from an interrupted run" if rebuilt.reused else ""
        self.stdout.write(f"{rebuilt.articles:,} articles, {rebuilt.chunks:,} passages{reused}, {seconds} s.")
