"""Values for every template."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from config.roles import of


def rights(request: HttpRequest) -> dict[str, object]:
    """`can.work_tickets` and so on. Lazy, so that a page that does not ask never reads the session."""
    return {"can": SimpleLazyObject(lambda: {each.value: True for each in of(getattr(request, "user", None))})}


def product(request: HttpRequest) -> dict[str, object]:
    return {"DEMO": settings.DEMO, "SUPPORT_NAME": settings.SUPPORT_NAME}
