"""How often one client may do what costs us something. Counted per process, by a hash that names nobody."""

import hashlib
import hmac

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest


def client(request: HttpRequest) -> str:
    """A name for where the request comes from; the address itself is kept nowhere."""
    address = request.META.get("REMOTE_ADDR", "")
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    if settings.SECURE_PROXY_SSL_HEADER and forwarded:
        # The last entry is our own proxy's word; those before it are anybody's.
        address = forwarded.rsplit(",", 1)[-1].strip()
    return hmac.new(settings.SECRET_KEY.encode(), address.encode(), hashlib.sha256).hexdigest()[:32]


def within(what: str, who: str, limit: int, seconds: int) -> bool:
    """Counts one more; False once `who` has done it more than `limit` times in the window of `seconds`."""
    key = f"limit.{what}.{who}"
    cache.add(key, 0, seconds)
    try:
        return int(cache.incr(key)) <= limit
    except ValueError:  # the window ended between the two calls
        return True
