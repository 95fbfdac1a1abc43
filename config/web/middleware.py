"""The content security policy of every answer: no page loads anything from another host. And no NUL in requests."""

from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_and_async_middleware
from django.utils.deprecation import MiddlewareMixin

POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]
)


@sync_and_async_middleware
def content_security_policy(get_response: Callable) -> Callable:
    if iscoroutinefunction(get_response):

        async def middleware(request: HttpRequest) -> HttpResponse:
            response = await get_response(request)
            response.headers.setdefault("Content-Security-Policy", POLICY)
            return response

    else:

        def middleware(request: HttpRequest) -> HttpResponse:  # type: ignore[misc]
            response = get_response(request)
            response.headers.setdefault("Content-Security-Policy", POLICY)
            return response

    return middleware


class RefuseNul(MiddlewareMixin):
    """A NUL in an address or a field is 400: nobody types one, and PostgreSQL cannot store it."""

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        fields = [*request.GET.lists(), *request.POST.lists()]
        if "\x00" in request.path or any("\x00" in f"{name}{''.join(map(str, values))}" for name, values in fields):
            raise BadRequest("NUL in a request")
