"""`manage.py evaluate_refusals --cases F`: what the minimum score of drafts lets through, as a curve."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from copilot import llm
from copilot.drafting import min_score
from copilot.evaluation import refusals
from knowledge.evaluation import answerability
from knowledge.evaluation.retrieval import BadFile


class Command(BaseCommand):
    help = (
        "Ask the desk's own articles the questions of JSONL cases {query, answerable, gold?, kind?}, as a draft would, "
        "and measure how well search and model recognise those that have an answer. Needs the running model."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--cases", type=Path, required=True)
        parser.add_argument("--recall", type=float, default=0.9, help="suggest the minimum score with this recall")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *, cases: Path, recall: float, **options: Any) -> None:
        try:
            asked = answerability.read_cases(cases)
        except (BadFile, OSError) as error:
            self.stderr.write(str(error))
            sys.exit(2)
        if not asked:
            raise CommandError("There are no cases.")
        try:
            with tqdm(total=len(asked), desc="questions", leave=False, delay=1) as bar:
                judged = refusals.judge(asked, llm.HttpModel(), bar.update)
        except llm.ModelError as error:
            raise CommandError(f"{error.message} Start it with `make run`.") from error
        except refusals.NoLogprobs as error:
            raise CommandError("This model server gives no logprobs, so nothing can be measured.") from error
        report = answerability.report(judged, min_score.of_writer().value, recall)
        report["writer"] = writer = llm.health().model or settings.COPILOT_MODEL
        self.stdout.write(json.dumps(report) if options["json"] else answerability.as_text(report, writer))
        self.stderr.write(f"To use what is suggested: DRAFT_MIN_SCORE={report['suggested']['threshold']:.2f}")
