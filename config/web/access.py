"""Makes decorators that require a capability. Each app's access.py defines those that its views use."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from config.roles import Capability, may

READING = frozenset({"GET", "HEAD"})
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def require(capability: Capability, to_look: Capability | None = None) -> Decorator:
    """Login first, then 403 without the capability. If `to_look` is given, it is enough for GET and HEAD."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            needed = to_look if to_look is not None and request.method in READING else capability
            if not may(request.user, needed):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate
