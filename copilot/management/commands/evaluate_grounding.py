"""`manage.py evaluate_grounding --data F`: how well verdicts tell supported sentences from others."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from copilot import llm
from copilot.evaluation import grounding, keeping, runs
from copilot.evaluation.grounding import Judged, Pair
from copilot.grounding.checking import weights_of_writer
from copilot.grounding.weights import OfWriter
from knowledge.evaluation.retrieval import BadFile


class Command(BaseCommand):
    help = (
        "Give each claim of JSONL pairs {source, claim, supported, kind?, language?} a verdict, as a draft's sentences "
        "get one, and measure how many unsupported ones pass and how many supported ones are kept. Prints one JSON "
        "object. Needs the running model."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--data", type=Path, default=grounding.PAIRS, help="default: our own pairs")
        parser.add_argument("--details", type=Path, metavar="F", help="write each pair with what the model answered")
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
        asks = weights or options["details"]  # weights can be fitted with details of a writer that has none yet
        model = llm.HttpModel() if asks and not without_model else None
        with keeping.opened(options["details"]) as details:
            judged, seconds = self._judged(pairs, model, weights, details)
        foreign = all(pair.language != pair.source_language for pair in pairs)
        threshold = (weights.other if foreign else weights.same).supported if weights else None
        report = grounding.report(judged, seconds, threshold)
        if keeping.is_wanted(options):
            keeping.keep(runs.of_grounding(judged, report, threshold, model, data), options)
        self.stdout.write(json.dumps(report, indent=None if options["json"] else 2))

    def _judged(
        self, pairs: list[Pair], model: llm.Model | None, weights: OfWriter | None, details: TextIO
    ) -> tuple[list[Judged], float]:
        def done(judged: Sequence[Judged]) -> None:
            details.writelines(json.dumps(grounding.details(each), ensure_ascii=False) + "\n" for each in judged)
            details.flush()
            bar.update(len(judged))

        try:
            with tqdm(total=len(pairs), desc="claims", leave=False, delay=1) as bar:
                return grounding.judge(pairs, model, weights, done)
        except llm.ModelError as error:
            raise CommandError(f"{error.message} Start it with `make run`.") from error
