"""`manage.py evaluate_drafts --cases F`: what drafts are like, on cases that bring their own articles."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from copilot import llm
from copilot.drafting import min_score
from copilot.evaluation import drafts, keeping, runs
from copilot.evaluation.counting import Counting
from knowledge.evaluation.retrieval import BadFile


class Command(BaseCommand):
    help = (
        "Make a draft for each JSONL case {id, question, articles: [{id, title, body}], answerable, expect: […][, "
        "forbid: […]][, thread: [{from: customer or agent, text}]]} and measure them; thread: earlier messages, the "
        "oldest first. Needs the running model. --cases is by default the set of the project."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--cases", type=Path, default=drafts.OWN_CASES)
        parser.add_argument("--details", type=Path, metavar="F", help="write each case's draft, evidence and verdicts")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        keeping.add_arguments(parser)

    def handle(self, *, cases: Path, **options: Any) -> None:
        try:
            asked = drafts.read_cases(cases)
        except (BadFile, OSError) as error:
            self.stderr.write(str(error))
            sys.exit(2)
        if not asked:
            raise CommandError("There are no cases.")
        model = Counting(llm.HttpModel())
        with keeping.opened(options["details"]) as details:
            try:
                judged = [
                    self._judge(case, model, details) for case in tqdm(asked, desc="drafts", leave=False, delay=1)
                ]
            except llm.ModelError as error:
                raise CommandError(f"{error.message} Start it with `make run`.") from error
        report = drafts.report(judged, model.tokens_per_second)
        if keeping.is_wanted(options):
            made = [drafts.details(each) for each in judged]
            keeping.keep(runs.of_drafts(made, report, min_score.of_writer().value, model, cases), options)
        self.stdout.write(json.dumps(report) if options["json"] else drafts.as_text(report))

    def _judge(self, case: drafts.Case, model: llm.Model, details: TextIO) -> drafts.Judged:
        judged = drafts.judge(case, model, min_score.of_writer().value)
        details.write(json.dumps(drafts.details(judged), ensure_ascii=False) + "\n")
        details.flush()
        return judged
