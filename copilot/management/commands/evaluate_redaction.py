"""`manage.py evaluate_redaction --data F`: how much personal data is masked, and how much else."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from copilot.evaluation import keeping, redaction
from knowledge.evaluation.retrieval import BadFile
from knowledge.masking import tagger


class Command(BaseCommand):
    help = (
        "Mask JSONL texts {text, spans: [{type, start, end}]} as a customer's message, and measure how many spans are "
        "masked (at least 90 % of the characters), and how many masked ones are none. Prints one JSON object. No model "
        "that writes is needed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--data", type=Path, required=True)
        parser.add_argument("--details", type=Path, metavar="F", help="write what was missed and what was too much")
        parser.add_argument("--json", action="store_true", help="print one line instead of an indented object")

    def handle(self, *, data: Path, details: Path | None, **options: Any) -> None:
        try:
            rows = redaction.read_rows(data)
        except BadFile as error:
            self.stderr.write(str(error))
            sys.exit(2)
        if not rows:
            raise CommandError("There are no texts.")
        if not tagger.name():
            self.stderr.write("The tagger is missing: run `manage.py fetch_models`. Names are found by rules alone.")
        masked, seconds = redaction.measure(rows)
        with keeping.opened(details) as file:
            file.writelines(json.dumps(redaction.details(each), ensure_ascii=False) + "\n" for each in masked)
        report = redaction.report(masked, seconds) | {"tagger": tagger.name()}
        self.stdout.write(json.dumps(report, indent=None if options["json"] else 2))
