"""`manage.py evaluate_retrieval --corpus C --queries Q`: hit rates of the current search, on a temporary index."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from knowledge.evaluation.retrieval import BadFile, evaluate, read_documents, read_questions
from knowledge.index.embeddings import EmbedderUnavailable, get_embedder
from knowledge.search.rerank import RerankerUnavailable, get_reranker


class Command(BaseCommand):
    help = "Measure retrieval on JSONL documents {id,text} or {id,title,body} and questions {id,query,gold:[id…]}."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--corpus", type=Path, action="append", required=True, help="can be given several times")
        parser.add_argument("--queries", type=Path, required=True)
        parser.add_argument("--mode", choices=("hybrid", "dense", "lexical"), default="hybrid")
        parser.add_argument("--no-rerank", action="store_true", help="leave the reranker out")
        parser.add_argument("--no-history", action="store_true", help="ignore the conversation before a question")
        parser.add_argument("--k", type=int, default=10)
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *, corpus: list[Path], queries: Path, mode: str, k: int, **options: Any) -> None:
        try:
            documents = read_documents(corpus)
            questions = read_questions(queries, with_history=not options["no_history"])
        except BadFile as error:
            self.stderr.write(str(error))
            sys.exit(2)
        if k < 1:
            raise CommandError("--k must be at least 1")
        try:
            figures = evaluate(
                documents,
                questions,
                get_embedder(),
                mode=mode,
                k=k,
                reranker=None if options["no_rerank"] else get_reranker(),
                progress=lambda line: print(line, file=sys.stderr),
            )
        except (EmbedderUnavailable, RerankerUnavailable) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(figures))
        else:
            for name, value in figures.items():
                self.stdout.write(f"{name:>14}  {value}")
