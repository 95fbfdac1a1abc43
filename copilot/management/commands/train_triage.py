"""`manage.py train_triage`: a classifier from the seed and the corrections, or from a file, with its figures."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from copilot.evaluation.triage import FILE, REPORT
from copilot.models import TriageModel
from copilot.triage import retraining, training, versions
from copilot.triage.classifier import CATEGORY, NONE, to_bytes
from copilot.triage.examples import read_file, renamed
from copilot.triage.training import TooFew
from knowledge.evaluation.retrieval import BadFile
from knowledge.index.embeddings import EmbedderUnavailable, get_embedder


class Command(BaseCommand):
    help = (
        "Train a classifier of messages: without --data from the seed that ships with the project and from agents' "
        "corrections. 80 % are learnt from, 10 % choose settings, 10 % are measured. Prints one JSON object."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--data", type=Path, help="CSV or JSONL: `text` and a label; `sentiment`, `urgency`")
        parser.add_argument("--label-field", default=CATEGORY)
        parser.add_argument("--out-of-scope", default=NONE, metavar="LABEL", help="of messages of no category")
        parser.add_argument("--output", type=Path, metavar="DIR", help=f"write {FILE} and {REPORT} there")
        parser.add_argument(
            "--activate", action="store_true", help="use it from now on, if it is good enough; not with --data"
        )
        parser.add_argument("--json", action="store_true", help="print one line instead of an indented object")

    def handle(self, *, data: Path | None, output: Path | None, activate: bool, **options: Any) -> None:
        if data and activate:
            raise CommandError("--activate is for classifiers of this desk's categories: without --data.")
        try:
            if data:
                rows = renamed(read_file(data, options["label_field"]), options["out_of_scope"])
                trained = training.train(rows, get_embedder())
                file, report = to_bytes(trained.classifier), trained.report
            else:
                model = retraining.retrain()
                file, report = bytes(model.file), model.report
                report |= {"model": model.pk, "activated": activate and self._activated(model)}
        except BadFile as error:
            self.stderr.write(str(error))
            sys.exit(2)
        except (TooFew, EmbedderUnavailable) as error:
            raise CommandError(str(error)) from error
        if output:
            output.mkdir(parents=True, exist_ok=True)
            (output / FILE).write_bytes(file)
            (output / REPORT).write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
        self.stdout.write(json.dumps(report, indent=None if options["json"] else 2))
        if activate and not report.get("activated"):
            sys.exit(1)

    def _activated(self, model: TriageModel) -> bool:
        if model.report["against"]:
            self.stderr.write("Not used: " + "; ".join(model.report["against"]))
            return False
        versions.activate(model)
        return True
