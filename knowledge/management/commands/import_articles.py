"""`manage.py import_articles PATH [--approve]`: imports articles from a folder of .md files or a JSONL file."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, no_translations

from knowledge.articles.importing import Unreadable, import_articles
from knowledge.articles.publishing import queue_sync_all


class Command(BaseCommand):
    help = "Import articles from a folder of Markdown files with front matter, or from JSONL {id,title,body_md}."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path)
        parser.add_argument(
            "--approve", action="store_true", help="publish articles that are not marked as draft or archived"
        )
        parser.add_argument("--dry-run", action="store_true", help="show what would happen, write nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    @no_translations
    def handle(self, *, path: Path, approve: bool, dry_run: bool, **options: Any) -> None:
        try:
            report = import_articles(path, approve=approve, dry_run=dry_run)
        except Unreadable as error:
            self.stderr.write(str(error))
            sys.exit(2)
        if not dry_run and report.created + report.updated:
            queue_sync_all()
        if options["json"]:
            self.stdout.write(json.dumps(report.as_dict(), ensure_ascii=False))
            return
        for problem in (*report.errors, *report.warnings):
            self.stderr.write(f"{problem['file']}:{problem['line']}: {problem['error']}")
        self.stdout.write(f"{report.created} created, {report.updated} updated, {report.unchanged} unchanged.")
