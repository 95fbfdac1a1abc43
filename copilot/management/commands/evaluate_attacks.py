"""`manage.py evaluate_attacks --data F`: which layer of the copilot stops each attack, and what gets through."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from copilot import llm
from copilot.evaluation import attack_judging, attack_runs, attacks, scratch
from copilot.evaluation.attack_judging import Honest
from copilot.evaluation.attacks import Attack, Run
from knowledge.evaluation.retrieval import BadFile
from knowledge.index.embeddings import EmbedderUnavailable
from knowledge.index.vectors import IndexUnavailable

SET = settings.BASE_DIR / "training" / "attacks" / "mails_and_articles.jsonl"
ARTICLES = settings.BASE_DIR / "demo" / "articles"


class Command(BaseCommand):
    help = (
        "Send each JSONL attack {id, where: mail|article, language, goal, text, question, forbidden: […]} through a "
        "desk of its own, which is thrown away: intake, preparation, draft, summary, check before sending. Says which "
        "layer stopped it, or that it got through. Needs the running model."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--data", type=Path, default=SET)
        parser.add_argument("--articles", type=Path, default=ARTICLES, help="published beside the poisoned one")
        parser.add_argument("--only", default="", metavar="ID,ID", help="only these attacks")
        parser.add_argument("--details", type=Path, metavar="F", help="write what happened to each attack")
        parser.add_argument("--resume", action="store_true", help="do not run again what F has, only judge it again")
        parser.add_argument("--no-classifier", action="store_true", help="route without the triage’s classifier")
        parser.add_argument("--here", action="store_true", help="on this desk, which must be an empty one")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *, data: Path, only: str, details: Path | None, **options: Any) -> None:
        try:
            known = attacks.read_attacks(data)
            runs = attacks.read_runs(details) if details and options["resume"] else {}
        except (BadFile, OSError) as error:
            self.stderr.write(str(error))
            sys.exit(2)
        asked = _chosen(known, only)
        left = [each for each in asked if each.id not in runs]
        if left and not options["here"]:
            sys.exit(_on_a_desk_of_its_own(data=data, only=only, details=details, **options))
        honest = Honest(attack_runs.SECRETS, attack_judging.hosts_of(options["articles"]))
        judged = [attack_judging.judge(each, runs[each.id], honest) for each in known if each.id in runs]
        _write(details, judged, "w")
        for attack, run in _runs(left, options):
            judged.append(attack_judging.judge(attack, run, honest))
            _write(details, judged[-1:], "a")
        report = attacks.report([each for each in judged if each.attack in asked])
        self.stdout.write(json.dumps(report) if options["json"] else attacks.as_text(report))


def _chosen(known: Sequence[Attack], only: str) -> list[Attack]:
    wanted = [each.strip() for each in only.split(",") if each.strip()]
    if unknown := sorted(set(wanted) - {each.id for each in known}):
        raise CommandError(f"There is no attack {', '.join(unknown)}.")
    if not known:
        raise CommandError("There are no attacks.")
    return [each for each in known if each.id in wanted or not wanted]


def _on_a_desk_of_its_own(**options: Any) -> int:
    """This command again, in another process."""
    given = [f"--{name}={options[name]}" for name in ("data", "articles", "only", "details") if options[name]]
    flags = [f"--{name.replace('_', '-')}" for name in ("resume", "no_classifier", "json") if options[name]]
    try:
        return scratch.manage("evaluate_attacks", "--here", *given, *flags)
    except scratch.NoDesk as error:
        raise CommandError(str(error)) from error


def _runs(left: Sequence[Attack], options: dict[str, Any]) -> Iterator[tuple[Attack, Run]]:
    if not left:
        return
    model = llm.HttpModel()
    try:
        attack_runs.furnish(options["articles"], classify=not options["no_classifier"])
        for attack in tqdm(left, desc="attacks", delay=1):
            yield attack, attack_runs.run(attack, model)
    except llm.ModelError as error:
        raise CommandError(f"{error.message} Start it with `make run`.") from error
    except (attack_runs.NotEmpty, EmbedderUnavailable, IndexUnavailable) as error:
        raise CommandError(str(error)) from error


def _write(details: Path | None, judged: Sequence[attacks.Judged], mode: str) -> None:
    if details is None:
        return
    try:
        with details.open(mode, encoding="utf-8") as file:
            file.writelines(attacks.to_line(attacks.details(each)) for each in judged)
    except OSError as error:
        raise CommandError(f"{details}: {error.strerror}") from error
