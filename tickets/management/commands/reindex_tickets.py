"""Writes the search index of tickets and its vocabulary anew."""

import math
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from tickets.search import index


class Command(BaseCommand):
    help = (
        "Index every ticket again. The desk can be used meanwhile, and what is interrupted continues: the next call "
        "indexes what is left, and so does the job that runs every minute."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--anew", action="store_true", help="begin again, also if an earlier call was interrupted")

    def handle(self, *args: Any, **options: Any) -> None:
        left = index.waiting()
        if left and not options["anew"]:
            self.stdout.write(f"Continuing: {left} tickets are left.")
        else:
            left = index.rebuild()
        done = index.work_off(math.inf, lambda done: self.stderr.write(f"{done} of {left} tickets", style_func=str))
        left = index.waiting()
        self.stdout.write(f"{done} tickets indexed." + (f" {left} are being indexed by a job." if left else ""))
