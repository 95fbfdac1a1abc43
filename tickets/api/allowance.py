"""How many messages a token may send in a minute, counted by each web process for itself."""

import time
from typing import NamedTuple

from django.conf import settings
from django.core.cache import cache

from tickets.api.problems import Problem
from tickets.models import ApiToken

WINDOW = 60  # seconds, from the full minute


class Left(NamedTuple):
    """What is left of an allowance, and the seconds until it is whole again."""

    limit: int
    left: int
    seconds: int

    @property
    def headers(self) -> dict[str, str]:
        said = {"RateLimit-Limit": self.limit, "RateLimit-Remaining": self.left, "RateLimit-Reset": self.seconds}
        return {name: str(value) for name, value in said.items()}


def take(token: ApiToken, messages: int) -> Left:
    """Count these messages. A request that is refused counts nothing, so a later, smaller one may still pass.

    Raises Problem (429).
    """
    now, limit = time.time(), settings.API_MESSAGES_PER_MINUTE
    key, seconds = f"api.{token.pk}.{int(now // WINDOW)}", WINDOW - int(now % WINDOW)
    cache.add(key, 0, 2 * WINDOW)
    used = cache.incr(key, messages)
    if used > limit:
        cache.decr(key, messages)
        raise Problem(429, f"A token may send {limit} messages a minute. Please wait {seconds} s.", seconds)
    return Left(limit, limit - used, seconds)
