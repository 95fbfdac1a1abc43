"""`manage.py doctor`: the state of each component, why, and how to repair it."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from config.running import doctor

SIGN = {"ok": "✓", "degraded": "!", "down": "✗"}


class Command(BaseCommand):
    help = "Shows for each component whether it is ok, degraded or down, why, and how to repair it."
    # Wrong settings are findings too, so they must not stop this command.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = doctor.examine()
        if options["json"]:
            worst = next((state for state in ("down", "degraded") if any(f.state == state for f in findings)), "ok")
            self.stdout.write(json.dumps({"status": worst, "components": {f.component: f.as_dict() for f in findings}}))
            return
        for finding in findings:
            self.stdout.write(f"{SIGN[finding.state]} {finding.component:<13} {finding.state:<9} {finding.why}")
            if finding.mend:
                self.stdout.write(f"{'':<15} to fix it: {finding.mend}")
