"""`manage.py reindex`: rebuild the words and vectors of everything published, from SQL."""

import json
import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from knowledge.embeddings import EmbedderUnavailable
from knowledge.index import IndexUnavailable
from knowledge.sync import reindex


class Command(BaseCommand):
    help = "Rebuild the search index from the database, beside the one in use, then swap."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, **options: Any) -> None:
        started = time.monotonic()
        try:
            articles, chunks = reindex(
                lambda done, total: print(f"\r{done} of {total} chunks", end="", file=sys.stderr)
            )
        except (EmbedderUnavailable, IndexUnavailable) as error:
            raise CommandError(str(error)) from error
        print(file=sys.stderr)
        seconds = round(time.monotonic() - started, 2)
        if options["json"]:
            self.stdout.write(json.dumps({"articles": articles, "chunks": chunks, "seconds": seconds}))
        else:
            self.stdout.write(f"{articles} articles, {chunks} chunks, {seconds} s.")
