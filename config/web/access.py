"""The decorators by which a view asks for a capability. Each app's access.py names the ones that its views use."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from config.roles import Capability, may

LOOKING = frozenset({"GET", "HEAD"})
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def require(capability: Capability, to_look: Capability | None = None) -> Decorator:
    """Log in first; then 403 without the capability. For GET and HEAD `to_look` is enough, where it is given."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            needed = to_look if to_look is not None and request.method in LOOKING else capability
            if not may(request.user, needed):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate
