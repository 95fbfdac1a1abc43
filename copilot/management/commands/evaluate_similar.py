"""`manage.py evaluate_similar --data F`: how often similar tickets are found, and whether they ask the same."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from copilot.evaluation import similar
from copilot.similar import min_similarity
from copilot.similar.min_similarity import Minimum
from knowledge.evaluation.retrieval import BadFile
from knowledge.index.embeddings import EmbedderUnavailable, get_embedder

OURS = Path(similar.__file__).with_name("similar_tickets.jsonl")


class Command(BaseCommand):
    help = (
        "Ask with each message of a CSV or JSONL file (`text`, or `subject` and `body`, a label, and `language`) for "
        "similar ones among the others, and print how many of those shown have its label (precision), how often the "
        "first has (hit@1) and any has (found), and how often nothing is shown."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--data", type=Path, default=OURS, help="default: our own set")
        parser.add_argument("--label-field", default="group")
        parser.add_argument("--sample", type=int, default=0, metavar="N", help="take N of the rows, always the same")
        parser.add_argument("--language", default="", metavar="CODE", help="only rows in this language")
        parser.add_argument("--half", type=int, choices=(0, 1, 2), default=0, help="queries of every other label only")
        parser.add_argument(
            "--minimum", type=float, metavar="X", help="another minimum similarity than the shipped one"
        )
        parser.add_argument("--minimum-across", type=float, metavar="X", help="the same, between two languages")
        parser.add_argument("--json", action="store_true", help="print one line instead of an indented object")

    def handle(self, *, data: Path, label_field: str, **options: Any) -> None:
        try:
            rows = similar.read_rows(data, label_field)
            rows = [row for row in rows if options["language"] in {"", row.asked.language}]
            if not rows:
                raise BadFile(f"{data}:0: no row is in the language {options['language']}")
            rows = similar.sample(rows, options["sample"]) if options["sample"] > 0 else rows
            report = self._report(rows, **options)
        except BadFile as error:
            self.stderr.write(str(error))
            sys.exit(2)
        except EmbedderUnavailable as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(report, indent=None if options["json"] else 2))

    def _report(self, rows: list[similar.Row], **options: Any) -> dict[str, Any]:
        embedder = get_embedder()
        shipped = min_similarity.of(embedder.name)
        same = shipped.same if options["minimum"] is None else options["minimum"]
        across = shipped.across if options["minimum_across"] is None else options["minimum_across"]
        with tqdm(total=len(rows), desc="messages", leave=False, delay=1) as bar:
            report = similar.evaluate(
                rows, similar.half(rows, options["half"]), embedder, Minimum(same, across), bar.update
            )
        return report | {"minimum": same, "minimum_across": across, "embedder": embedder.name}
