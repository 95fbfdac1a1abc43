"""How much the model was asked with each prompt this week."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from django.utils import timezone

from copilot.models import ModelCall

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Usage:
    calls: int = 0
    median_ms: float | None = None


def this_week() -> dict[str, Usage]:
    """By the prompt's name. One query, over the index of purposes; the median includes waiting for the model."""
    calls = ModelCall.objects.filter(purpose__in=ModelCall.Purpose.values, created_at__gte=timezone.now() - WEEK)
    times: dict[str, list[int | None]] = defaultdict(list)
    for version, total_ms in calls.order_by().values_list("prompt_version", "total_ms"):
        times[version.partition("@")[0]].append(total_ms)
    return {name: _usage(each) for name, each in times.items()}


def _usage(times: list[int | None]) -> Usage:
    known = [each for each in times if each is not None]
    return Usage(len(times), median(known) if known else None)
