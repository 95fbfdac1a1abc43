"""How often something may be tried, counted in the database: the same for every process and machine."""

import hashlib
import hmac
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from tickets.models import Attempt

KEPT = timedelta(days=1)


def named(who: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), who.lower().encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def within(door: str, who: str, limit: int, seconds: int) -> bool:
    """Counts one more; False, and not counted, once `who` has tried `limit` times in the last `seconds`."""
    now, name = timezone.now(), named(who)
    if Attempt.objects.filter(door=door, who=name, at__gt=now - timedelta(seconds=seconds)).count() >= limit:
        return False
    Attempt.objects.filter(at__lt=now - KEPT).delete()
    Attempt.objects.create(door=door, who=name, at=now)
    return True
