"""The options of the evaluation commands that keep what was measured, and the file for its details."""

import os
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from django.core.management.base import CommandError

from copilot.evaluation import runs
from copilot.models import EvaluationRun


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--keep", action="store_true", help="keep the result, for the leads’ page “How sure”")
    parser.add_argument("--release", action="store_true", help="make it the one that ships with Copydesk")


def is_wanted(options: Mapping[str, object]) -> bool:
    return bool(options.get("keep") or options.get("release"))


def keep(run: EvaluationRun, options: Mapping[str, object]) -> None:
    if options.get("keep"):
        run.save()
    if options.get("release"):
        runs.release(run)


def opened(details: Path | None) -> TextIO:
    """The file for details, or one that keeps nothing. Raises CommandError, now and not after an hour of measuring."""
    try:
        return (details or Path(os.devnull)).open("w", encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{details}: {error.strerror}") from error
