"""`manage.py demo_traffic`: sends mails from customers through the real intake."""

import itertools
import json
import time
from argparse import ArgumentParser
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, make_msgid
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from demo import content
from tickets.mail import intake


def as_mail(entry: dict[str, Any]) -> bytes:
    customer = next(each for each in content.customers() if each["key"] == entry["customer"])
    mail = EmailMessage()
    mail["From"] = formataddr((customer["name"], customer["email"]))
    mail["To"] = settings.SUPPORT_ADDRESS
    mail["Subject"] = entry["subject"]
    mail["Date"] = format_datetime(timezone.now())
    mail["Message-ID"] = make_msgid(domain=customer["email"].partition("@")[2])
    mail.set_content(entry["text"])
    return mail.as_bytes()


class Command(BaseCommand):
    help = "Sends new customer mails through the real intake, a few per minute."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--per-minute", type=float, default=2.0)
        parser.add_argument("--count", type=int, default=0, help="stop after so many (0: until Ctrl+C)")
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout at the end")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.MODE == "production":
            raise CommandError("demo_traffic is for COPYDESK_MODE=demo; this is production.")
        if options["per_minute"] <= 0:
            raise CommandError("--per-minute must be above 0.")
        tickets: list[int | None] = []
        try:
            for entry in itertools.islice(itertools.cycle(content.traffic()), options["count"] or None):
                if tickets:
                    time.sleep(60 / options["per_minute"])
                receipt = intake.receive(as_mail(entry))
                tickets.append(receipt.ticket_id)
                self.stderr.write(f"{receipt.action}: ticket {receipt.ticket_id}, {entry['subject']}", style_func=str)
        except KeyboardInterrupt:
            self.stderr.write("Stopped.")
        if options["json"]:
            self.stdout.write(json.dumps({"sent": len(tickets), "tickets": tickets}))
