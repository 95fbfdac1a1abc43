"""`manage.py verify_index [--json] [--repair]`: checks that the database, the full-text table and the vectors agree.

Exit status: 0 they agree, 1 they do not, 2 Chroma does not answer.
"""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from knowledge.index.embeddings import EmbedderUnavailable, get_embedder
from knowledge.index.vectors import IndexUnavailable, collection_name, get_store
from knowledge.sync import verifying
from knowledge.sync.verifying import Report

AGREE, DIFFER, NO_CHROMA = 0, 1, 2


class Command(BaseCommand):
    help = (
        "Compare published passages with the full-text table and the vectors. Exit status: 0 agree, 1 not, 2 no Chroma."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--repair", action="store_true", help="fix what differs, then compare again")
        parser.add_argument("--examples", type=int, default=5, help="ids shown of each kind of disagreement")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, **options: Any) -> None:
        status = DIFFER
        try:
            status = self.compare(**options)
        except IndexUnavailable as error:
            self.stderr.write(f"{error} Start it (make run) or correct CHROMA_URL. `manage.py doctor` says more.")
            status = NO_CHROMA
        except EmbedderUnavailable as error:
            self.stderr.write(str(error))
        if status != AGREE:
            sys.exit(status)

    def compare(self, *, repair: bool, examples: int, **options: Any) -> int:
        name = get_embedder().name
        report = verifying.verify(get_store(name))
        before = report
        if repair and not report.agrees:
            verifying.repair(report)
            report = verifying.verify(get_store(name))
        if options["json"]:
            repaired = {"before": before.as_dict(examples)["disagreements"]} if before is not report else {}
            answer = {"collection": collection_name(name), **report.as_dict(examples), **repaired}
            self.stdout.write(json.dumps(answer))
        else:
            self.say(before, examples)
            if before is not report:
                self.stdout.write("Repaired; compared again:")
                self.say(report, examples)
        return AGREE if report.agrees else DIFFER

    def say(self, report: Report, examples: int) -> None:
        self.stdout.write(
            f"{report.articles:,} published articles, {report.passages:,} passages; "
            f"{report.words:,} in the full-text table, {report.vectors:,} in the vector store."
        )
        if report.agrees:
            self.stdout.write("They agree.")
        for kind, ids in report.found.items():
            shown = ", ".join(str(each) for each in ids[:examples])
            self.stdout.write(f"{len(ids):>8,} {kind.value}: {shown}{' …' if len(ids) > examples else ''}")
