"""`manage.py evaluate_answerability --cases F --articles FOLDER`: what each minimum score lets through."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, no_translations

from knowledge.articles.importing_rows import Unreadable
from knowledge.evaluation import answerability
from knowledge.evaluation.retrieval import BadFile
from knowledge.index.embeddings import EmbedderUnavailable, get_embedder
from knowledge.search import configuration


class Command(BaseCommand):
    help = (
        "Measure on JSONL cases {query, answerable, gold?, kind?} how well the minimum score separates questions that "
        "the articles of a folder answer from those that they do not answer."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--cases", type=Path, required=True)
        parser.add_argument("--articles", type=Path, required=True, help="a folder as import_articles reads it")
        parser.add_argument("--recall", type=float, default=0.95, help="suggest the minimum score with this recall")
        parser.add_argument("--save", action="store_true", help="use the suggested minimum score from now on")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    @no_translations
    def handle(self, *, cases: Path, articles: Path, recall: float, **options: Any) -> None:
        try:
            asked = answerability.read_cases(cases)
            documents = answerability.public_articles(articles)
        except (BadFile, Unreadable, OSError) as error:
            self.stderr.write(str(error))
            sys.exit(2)
        if not asked or not documents:
            raise CommandError("There is nothing to measure: no cases, or no approved public articles.")
        try:
            judged = answerability.score_cases(documents, asked, get_embedder())
        except EmbedderUnavailable as error:
            raise CommandError(str(error)) from error
        now = configuration.current()
        report = answerability.report(judged, now.min_score, recall)
        report |= {"articles": len(documents), "embedder": get_embedder().name}
        if options["save"]:
            wanted = answerability.min_score_for(judged, recall)
            note = f"Measured on {cases.name}, recall {recall:g}"
            saved = configuration.save(replace(now, min_score=wanted), note=note)
            self.stderr.write(f"Saved {wanted:.2f} as {saved.name}, in use with {saved.models}.")
        about = f"{len(documents)} articles, {get_embedder().name}"
        self.stdout.write(json.dumps(report) if options["json"] else answerability.as_text(report, about))
