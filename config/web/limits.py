"""Limits on how often a client may do expensive things, counted per process by a hash of its address."""

import hashlib
import hmac
from ipaddress import ip_address

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

UNKNOWN = "0.0.0.0"  # noqa: S104 - if the server gives no address, all such requests share the limits


def address(request: HttpRequest) -> str:
    """The client's address. The forwarded header counts only behind our own proxy (BEHIND_PROXY)."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    # Our own proxy adds the last entry. Anyone can write the entries before it.
    candidates = [forwarded.rsplit(",", 1)[-1].strip()] if settings.SECURE_PROXY_SSL_HEADER else []
    return next(filter(None, map(_address, [*candidates, request.META.get("REMOTE_ADDR", "")])), UNKNOWN)


def _address(text: str) -> str:
    try:
        return str(ip_address(text.strip("[]")))
    except ValueError:
        return ""


def client(request: HttpRequest) -> str:
    """A key for the client. The address itself is not stored."""
    return hmac.new(settings.SECRET_KEY.encode(), address(request).encode(), hashlib.sha256).hexdigest()[:32]


def within(what: str, who: str, limit: int, seconds: int) -> bool:
    """Count once more. False if `who` has done it more than `limit` times within `seconds`."""
    key = f"limit.{what}.{who}"
    cache.add(key, 0, seconds)
    try:
        return int(cache.incr(key)) <= limit
    except ValueError:  # the window ended between the two calls
        return True
