"""`manage.py evaluate_grounding --data F`: how well verdicts tell supported sentences from others."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from copilot import llm
from copilot.evaluation import grounding, keeping, runs
from copilot.grounding.checking import weights_of_writer
from knowledge.evaluation.retrieval import BadFile


class Command(BaseCommand):
    help = (
        "Give each claim of JSONL pairs {source, claim, supported, kind?, language?} a verdict, as a draft's sentences "
        "get one, and measure how many unsupported ones pass and how many supported ones are kept. Prints one JSON "
        "object. Needs the running model."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--data", type=Path, default=grounding.PAIRS, help="default: our own pairs")
        parser.add_argument("--without-model", action="store_true", help="measure rules and alignment alone")
        parser.add_argument("--json", action="store_true", help="print one line instead of an indented object")
        keeping.add_arguments(parser)

    def handle(self, *, data: Path, without_model: bool, **options: Any) -> None:
        try:
            pairs = grounding.read_pairs(data)
        except BadFile as error:
            self.stderr.write(str(error))
            sys.exit(2)
        if not pairs:
            raise CommandError("There are no pairs.")
        weights = None if without_model else weights_of_writer()
        if weights is None and not without_model:
            self.stderr.write("Nobody measured this writer: only what is word for word in the source passes.")
        model = llm.HttpModel() if weights else None
        try:
            with tqdm(total=len(pairs), desc="claims", leave=False, delay=1) as bar:
                judged, seconds = grounding.judge(pairs, model, weights, bar.update)
        except llm.ModelError as error:
            raise CommandError(f"{error.message} Start it with `make run`.") from error
        foreign = all(pair.language != pair.source_language for pair in pairs)
        threshold = (weights.other if foreign else weights.same).supported if weights else None
        report = grounding.report(judged, seconds, threshold)
        if keeping.is_wanted(options):
            keeping.keep(runs.of_grounding(judged, report, threshold, model, data), options)
        self.stdout.write(json.dumps(report, indent=None if options["json"] else 2))
