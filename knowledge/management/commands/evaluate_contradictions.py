"""`manage.py evaluate_contradictions [--data F] [--json]`: precision and recall of finding contradictions."""

import json
import sys
from argparse import ArgumentParser
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from knowledge.evaluation.contradictions import evaluate, read_pairs
from knowledge.evaluation.retrieval import BadFile
from knowledge.index.embeddings import EmbedderUnavailable, get_embedder
from knowledge.index.vector_cache import embed_cached

DATA = Path(settings.BASE_DIR) / "demo" / "evaluation" / "contradictions.jsonl"


class Command(BaseCommand):
    help = "Measure how well contradictions are found, on JSONL pairs {id, a, b, contradiction, kind}."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--data", type=Path, default=DATA)
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *, data: Path, **options: Any) -> None:
        embedder = get_embedder()
        embed = partial(embed_cached, embedder=embedder, folder=Path(settings.VAR_DIR) / "vectors")
        try:
            report = evaluate(read_pairs(data), embed)
        except BadFile as error:
            self.stderr.write(str(error))
            sys.exit(2)
        except EmbedderUnavailable as error:
            self.stderr.write(str(error))
            sys.exit(3)
        if options["json"]:
            self.stdout.write(json.dumps({"embedder": embedder.name, **report}, indent=1))
            return
        self.stdout.write(f"{'':10}{'pairs':>7}{'found':>7}{'false':>7}{'missed':>7}{'prec.':>8}{'recall':>8}{'f1':>7}")
        for name, row in report.items():
            counts = "".join(f"{row[key]:>7}" for key in ("pairs", "found", "false_alarms", "missed"))
            shares = [row[key] for key in ("precision", "recall", "f1")]
            words = ["–" if share is None else f"{share:.2f}" for share in shares]
            self.stdout.write(f"{name:10}{counts}{words[0]:>8}{words[1]:>8}{words[2]:>7}")
