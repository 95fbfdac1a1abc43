"""`manage.py fit_confidence --details F`: the weights of the answer confidence, from an evaluation's drafts."""

from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from copilot import prompts
from copilot.drafting import pointing
from copilot.evaluation import confidence, drafts, fitting
from knowledge.evaluation.retrieval import BadFile, read_jsonl

FEWEST = 50  # drafts: with less the weights say nothing


class Command(BaseCommand):
    help = (
        "Fit the answer confidence of the writer in use with what `evaluate_drafts --details F` wrote, and print it as "
        "copilot/confidence/weights.toml has it, with how good it is on cases that it was not fitted with. Needs no "
        "model."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--details", type=Path, required=True)
        parser.add_argument("--cases", type=Path, default=drafts.OWN_CASES, help="those that the details are of")

    def handle(self, *, details: Path, cases: Path, **options: object) -> None:
        try:
            lines = [line for _, line in read_jsonl(details)]
            examples = confidence.examples(lines, drafts.read_cases(cases))
        except BadFile as error:
            raise CommandError(str(error), returncode=2) from error
        except KeyError as error:
            raise CommandError(f"{details}: has no {error.args[0]}, or is not of these cases.", returncode=2) from error
        if len(examples) < FEWEST or len({each.right for each in examples}) < 2:
            raise CommandError(f"There are {len(examples)} drafts. It needs {FEWEST}, right and wrong ones.")
        prompt = prompts.load(pointing.PROMPT).version
        self.stdout.write(confidence.as_toml(settings.COPILOT_MODEL, prompt, fitting.fit(examples, confidence.PENALTY)))
