"""What the worker does every minute. Registered at each start, without ever making a second row."""

import importlib
from datetime import timedelta

from django.utils import timezone

EVERY_MINUTE = {
    "Send mail that is due": "tickets.tasks.send_due_mail",
    "Catch up on drafts": "copilot.tasks.catch_up",
    "Bring the search index up to date": "knowledge.tasks.sync_all",
}


def register() -> list[str]:
    """Make the schedules what is listed here; returns those that are not there to be called."""
    from django_q.models import Schedule

    missing = [function for function in EVERY_MINUTE.values() if not _exists(function)]
    for name, function in EVERY_MINUTE.items():
        if function in missing:
            continue
        Schedule.objects.update_or_create(
            name=name,
            defaults={"func": function, "schedule_type": Schedule.MINUTES, "minutes": 1, "repeats": -1},
            create_defaults={
                "func": function,
                "schedule_type": Schedule.MINUTES,
                "minutes": 1,
                "repeats": -1,
                "next_run": timezone.now() + timedelta(minutes=1),
            },
        )
    Schedule.objects.filter(func__in=EVERY_MINUTE.values()).exclude(name__in=EVERY_MINUTE).delete()
    return missing


def _exists(function: str) -> bool:
    module, _, name = function.rpartition(".")
    try:
        return callable(getattr(importlib.import_module(module), name, None))
    except ModuleNotFoundError:
        return False
