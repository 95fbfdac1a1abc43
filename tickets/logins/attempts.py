"""Limits on how often something may be tried, counted in the database for all processes and machines together."""

import hashlib
import hmac
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from tickets.models import Attempt

KEPT = timedelta(days=1)


def hashed(who: str) -> str:
    """A keyed hash: the table holds no addresses and no names."""
    return hmac.new(settings.SECRET_KEY.encode(), who.lower().encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def within(door: str, who: str, limit: int, seconds: int) -> bool:
    """Counts this attempt. False, without counting, if `who` has made `limit` attempts in the last `seconds`."""
    now, name = timezone.now(), hashed(who)
    if Attempt.objects.filter(door=door, who=name, at__gt=now - timedelta(seconds=seconds)).count() >= limit:
        return False
    Attempt.objects.filter(at__lt=now - KEPT).delete()
    Attempt.objects.create(door=door, who=name, at=now)
    return True
