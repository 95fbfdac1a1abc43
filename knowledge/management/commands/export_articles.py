"""`manage.py export_articles FOLDER`: exports all articles as Markdown with front matter, and their pictures."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from knowledge.articles.exporting import export_folder
from knowledge.models import Article


class Command(BaseCommand):
    help = "Export all articles as Markdown files with front matter; import_articles reads them back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *, folder: Path, **options: Any) -> None:
        try:
            report = export_folder(Article.objects.all(), folder)
        except OSError as error:
            self.stderr.write(f"{folder}: {error.strerror or error}")
            sys.exit(2)
        if options["json"]:
            self.stdout.write(json.dumps(report.as_dict(), ensure_ascii=False))
            return
        for warning in report.warnings:
            self.stderr.write(warning)
        self.stdout.write(f"{report.articles} articles, {report.pictures} pictures in {folder}.")
