"""`manage.py fit_grounding --details F`: the weights of a writer's verdicts, from an evaluation's pairs."""

from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from copilot.evaluation import verdicts
from knowledge.evaluation.retrieval import BadFile, read_jsonl


class Command(BaseCommand):
    help = (
        "Fit the verdicts of the writer in use with what `evaluate_grounding --details F` wrote, and print them as "
        "copilot/grounding/weights.toml has them, with what each threshold keeps and lets pass of pairs that they were "
        "not fitted with. Needs no model."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--details", type=Path, required=True)

    def handle(self, *, details: Path, **options: object) -> None:
        try:
            lines = [line for _, line in read_jsonl(details)]
            groups = {"same": verdicts.answered(lines, foreign=False), "other": verdicts.answered(lines, foreign=True)}
            enough = {which: pairs for which, pairs in groups.items() if len(pairs) >= verdicts.FEWEST}
            if not enough:
                raise ValueError(f"there are {len(lines)} pairs, it needs {verdicts.FEWEST}")
            for which, pairs in enough.items():
                fitted = verdicts.fit(pairs, verdicts.PARTS[which])
                self.stdout.write(verdicts.as_text(settings.COPILOT_MODEL, which, pairs, fitted) + "\n")
        except BadFile as error:
            raise CommandError(str(error), returncode=2) from error
        except KeyError as error:
            raise CommandError(f"{details}: has no {error.args[0]}.", returncode=2) from error
        except ValueError as error:
            raise CommandError(f"{details}: {error}.", returncode=2) from error
