"""`manage.py evaluate_triage --data F`: how often the classifier is right, and whether it knows when it is not."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from copilot.evaluation import triage
from copilot.triage.classifier import CATEGORY, NONE, BadModel
from copilot.triage.examples import read_file
from knowledge.evaluation.retrieval import BadFile
from knowledge.index.embeddings import EmbedderUnavailable, get_embedder


class Command(BaseCommand):
    help = (
        "Classify the labelled messages of a CSV or JSONL file (`text`, or `subject` and `body`; rows without a label "
        "are left out) and print accuracy, macro-F1, calibration and what is said with a confidence of at least 0.7."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--data", type=Path, required=True)
        parser.add_argument("--model", type=Path, metavar="DIR", help="of train_triage --output; without: in use")
        parser.add_argument("--label-field", default=CATEGORY)
        parser.add_argument("--out-of-scope", default=NONE, metavar="LABEL", help="of messages of no category")
        parser.add_argument(
            "--words-alone", action="store_true", help="also TF-IDF with a linear SVM, trained with the same seed"
        )
        parser.add_argument("--json", action="store_true", help="print one line instead of an indented object")

    def handle(self, *, data: Path, model: Path | None, label_field: str, **options: Any) -> None:
        outside = options["out_of_scope"]
        try:
            rows, embedder = read_file(data, label_field), get_embedder()
            report = triage.evaluate(triage.read_model(model, embedder), rows, outside)
        except BadFile as error:
            self.stderr.write(str(error))
            sys.exit(2)
        except (BadModel, EmbedderUnavailable) as error:
            raise CommandError(str(error)) from error
        if options["words_alone"]:
            report["words_alone"] = triage.words_alone(rows, outside)
        self.stdout.write(json.dumps(report, indent=None if options["json"] else 2))
