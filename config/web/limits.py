"""How often one client may do what costs us something. Counted per process, by a hash that names nobody."""

import hashlib
import hmac
from ipaddress import ip_address

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

UNKNOWN = "0.0.0.0"  # noqa: S104 - a server that tells no address: all such requests share the limits


def address(request: HttpRequest) -> str:
    """Where the request comes from. A header is believed only from our own proxy (BEHIND_PROXY)."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    # The last entry is our own proxy's word; those before it are anybody's.
    candidates = [forwarded.rsplit(",", 1)[-1].strip()] if settings.SECURE_PROXY_SSL_HEADER else []
    return next(filter(None, map(_address, [*candidates, request.META.get("REMOTE_ADDR", "")])), UNKNOWN)


def _address(text: str) -> str:
    try:
        return str(ip_address(text.strip("[]")))
    except ValueError:
        return ""


def client(request: HttpRequest) -> str:
    """A name for where the request comes from; the address itself is kept nowhere."""
    return hmac.new(settings.SECRET_KEY.encode(), address(request).encode(), hashlib.sha256).hexdigest()[:32]


def within(what: str, who: str, limit: int, seconds: int) -> bool:
    """Counts one more; False once `who` has done it more than `limit` times in the window of `seconds`."""
    key = f"limit.{what}.{who}"
    cache.add(key, 0, seconds)
    try:
        return int(cache.incr(key)) <= limit
    except ValueError:  # the window ended between the two calls
        return True
