"""`manage.py seed_demo`: fills an empty demo with Tallybird's last 90 days."""

import json
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from demo import seeding, tasks


class Command(BaseCommand):
    help = "Fills an empty demo with customers, tickets and articles; a second time it does nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--force", action="store_true", help="remove tickets and customers first")
        parser.add_argument("--embed", action="store_true", help="make the vectors that search needs, too (seconds)")
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.MODE == "production":
            raise CommandError("seed_demo is for COPYDESK_MODE=demo; this is production.")
        begun = time.monotonic()
        seeded = not seeding.is_seeded() or options["force"]
        if options["force"]:
            seeding.clear()
        made = seeding.seed() if seeded else seeding.counts()
        if seeded and options["embed"]:
            tasks.embed_ahead()
        result = {"seeded": seeded, **made.as_dict(), "seconds": round(time.monotonic() - begun, 2)}
        if options["json"]:
            self.stdout.write(json.dumps(result))
        elif seeded:
            self.stdout.write(f"    {made.tickets} tickets, {made.customers} customers, {made.articles} articles")
