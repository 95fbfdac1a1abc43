"""Receives a raw mail, from a file or from stdin (from the pipe of a mail server)."""

import base64
import binascii
import json
import sys
import time
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from tickets.mail import intake


class Command(BaseCommand):
    help = "Receive one raw RFC 5322 mail (stdin, or --file). Exit 2: the file cannot be read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--file", type=Path, help="the raw mail; stdin by default")
        parser.add_argument("--jsonl", type=Path, help="many mails, one JSON object with raw_b64 a line")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        many = options["jsonl"]
        try:
            result = receive_many(many) if many else intake.receive(_raw(options["file"])).as_json()
        except (OSError, DatabaseError) as error:
            # With EX_TEMPFAIL (75) the mail server keeps the mail and tries again.
            raise CommandError(f"cannot store the mail now ({type(error).__name__})", returncode=75) from error
        if options["json"]:
            self.stdout.write(json.dumps(result))
        else:
            self.stdout.write(" ".join(f"{name}={value}" for name, value in result.items() if value not in (None, "")))


def _raw(file: Path | None) -> bytes:
    if file is None:
        return sys.stdin.buffer.read()
    try:
        return file.read_bytes()
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror or error}", returncode=2) from error


def receive_many(file: Path) -> dict[str, Any]:
    """For imports and benchmarks: counts by action, seconds, and the receipt of each mail."""
    started, receipts = time.monotonic(), []
    for number, line in enumerate(_raw(file).splitlines(), start=1):
        if not line.strip():
            continue
        try:
            raw = base64.b64decode(json.loads(line)["raw_b64"], validate=True)
        except (ValueError, KeyError, TypeError, binascii.Error) as error:
            raise CommandError(f"{file}, line {number}: no raw_b64 ({type(error).__name__})", returncode=2) from error
        receipts.append(intake.receive(raw).as_json() | {"line": number})
    actions = Counter(receipt["action"] for receipt in receipts)
    seconds = round(time.monotonic() - started, 2)
    return {"mails": len(receipts), "actions": dict(actions), "seconds": seconds, "receipts": receipts}
