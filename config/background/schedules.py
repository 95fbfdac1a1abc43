"""Jobs that run again and again, each in its lane. Registered at every start, without duplicates."""

import importlib
from datetime import timedelta

from django.utils import timezone

from config.background.lanes import SLOW, WORKER

DAY = 24 * 60
# Name: function, interval in minutes, lane.
EVERY: dict[str, tuple[str, int, str]] = {
    "Send mail that is due": ("tickets.tasks.send_due_mail", 1, WORKER),
    "Wake snoozed tickets": ("tickets.tasks.wake_snoozed", 1, WORKER),
    "Bring the search index up to date": ("knowledge.tasks.sync_all", 1, SLOW),
    "Compare the search index with the database": ("knowledge.tasks.check_index", 60, SLOW),
    "Publish what was approved for now": ("knowledge.tasks.publish_due", 1, WORKER),
    "Prepare messages that wait": ("copilot.tasks.prepare_waiting", 1, SLOW),
    "Train the first classifier": ("copilot.tasks.keep_classifier", 1, SLOW),
    "Read last month's questions": ("copilot.tasks.read_questions", 1, SLOW),
    "Read how closed tickets were solved": ("copilot.tasks.keep_solved", 1, SLOW),
    "Remind owners of reviews": ("knowledge.tasks.remind_owners", DAY, SLOW),
    "Group open questions into topics": ("knowledge.tasks.group_gaps", 10, SLOW),
    "Note what the help center did not answer": ("knowledge.tasks.note_unanswered_searches", 1, SLOW),
    "Forget old help center visits": ("knowledge.tasks.forget_help_visits", DAY, SLOW),
    "Forget files of forms that were not sent": ("tickets.tasks.forget_unsent_files", 60, SLOW),
    "Forget logins that ran out": ("tickets.tasks.forget_old_logins", DAY, SLOW),
    "Forget views that were removed": ("tickets.tasks.forget_removed_views", DAY, SLOW),
    "Index tickets that wait for it": ("tickets.tasks.index_waiting", 1, SLOW),
    "Forget rare words of the search": ("tickets.tasks.forget_rare_words", DAY, SLOW),
    "Update statistics for the database": ("config.statistics.refresh", 60, SLOW),
    "Look for duplicates and contradictions": ("knowledge.tasks.check_hygiene", DAY, SLOW),
}
# Minutes after the first start when rare jobs run for the first time, so that a new desk need not wait a day.
FIRST = 5
GONE = ["copilot.tasks.catch_up"]  # schedules of older versions; the drafter does this now


def register() -> list[str]:
    """Create, update and delete schedules to match EVERY. Returns the functions that do not exist."""
    from django_q.models import Schedule

    functions = [function for function, _, _ in EVERY.values()]
    missing = [function for function in functions if not _exists(function)]
    for name, (function, minutes, lane) in EVERY.items():
        if function in missing:
            continue
        values = {"func": function, "schedule_type": Schedule.MINUTES, "minutes": minutes, "repeats": -1}
        values["cluster"] = lane
        first = timezone.now() + timedelta(minutes=min(minutes, FIRST))
        Schedule.objects.update_or_create(name=name, defaults=values, create_defaults=values | {"next_run": first})
    Schedule.objects.filter(func__in=[*functions, *GONE]).exclude(name__in=EVERY).delete()
    return missing


def _exists(function: str) -> bool:
    module, _, name = function.rpartition(".")
    try:
        return callable(getattr(importlib.import_module(module), name, None))
    except ModuleNotFoundError:
        return False
