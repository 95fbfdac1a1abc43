"""What every template may use."""

from django.conf import settings
from django.http import HttpRequest


def product(request: HttpRequest) -> dict[str, object]:
    return {"DEMO": settings.DEMO, "SUPPORT_NAME": settings.SUPPORT_NAME}
