"""Settings are proved at start; every message says how to mend what it names."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured


@register(Tags.security)
def secrets_come_from_the_environment(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if len(_secret_key()) < 40:
        found.append(
            Error(
                "SECRET_KEY is missing or shorter than 40 characters.",
                hint="Set it in the environment or in .env; `make run` writes a random one for the demo.",
                id="copydesk.E001",
            )
        )
    if settings.MODE == "production" and not settings.ALLOWED_HOSTS:
        found.append(
            Error(
                "ALLOWED_HOSTS is empty.",
                hint="Set it to the names people open, e.g. ALLOWED_HOSTS=desk.company.com",
                id="copydesk.E002",
            )
        )
    if settings.MODE == "production" and settings.DEBUG:
        found.append(Error("DEBUG is on in production.", hint="Remove DEBUG from the environment.", id="copydesk.E003"))
    loopback = {"127.0.0.1", "localhost", "[::1]", "testserver"}
    if settings.MODE != "production" and not set(settings.ALLOWED_HOSTS) <= loopback:
        found.append(
            Error(
                "The demo has published passwords, so it may only be served on this machine.",
                hint="Remove ALLOWED_HOSTS, or set COPYDESK_MODE=production.",
                id="copydesk.E004",
            )
        )
    return found


def _secret_key() -> str:
    """Django refuses to hand out an empty key, before a check could say how to mend it."""
    try:
        return str(settings.SECRET_KEY)
    except ImproperlyConfigured:
        return ""


@register
def timeouts_nest(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A job that outlives the broker's patience would be handed out twice."""
    model, job, retry = settings.LLM_TIMEOUT, settings.Q_CLUSTER["timeout"], settings.Q_CLUSTER["retry"]
    slow = settings.Q_CLUSTER.get("ALT_CLUSTERS", {}).get("slow", {})
    if model < job < retry and slow.get("timeout", 0) < slow.get("retry", 1):
        return []
    return [
        Error(
            f"Timeouts must nest: LLM_TIMEOUT ({model}) < Q_TIMEOUT ({job}) < Q_RETRY ({retry}).",
            hint="Raise Q_TIMEOUT and Q_RETRY, or lower LLM_TIMEOUT.",
            id="copydesk.E005",
        )
    ]


@register
def addresses_are_urls(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for name in ("LLM_BASE_URL", "CHROMA_URL"):
        parts = urlsplit(getattr(settings, name))
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            found.append(
                Error(
                    f"{name} is not an http(s) address.",
                    hint=f"e.g. {name}=http://127.0.0.1:8081/v1",
                    id="copydesk.E006",
                )
            )
    if not 0 <= settings.RETRIEVAL_MIN_SCORE <= 1:
        found.append(
            Error("RETRIEVAL_MIN_SCORE must be between 0 and 1.", hint="The default is 0.58.", id="copydesk.E007")
        )
    if "@" not in settings.SUPPORT_ADDRESS:
        found.append(
            Error(
                "SUPPORT_ADDRESS is not a mail address.",
                hint="e.g. SUPPORT_ADDRESS=support@company.com",
                id="copydesk.E008",
            )
        )
    if not settings.MODELS_DIR.exists():
        found.append(
            Warning(
                "No models are here yet: the desk works, drafts wait.",
                hint="Run `manage.py fetch_models`.",
                id="copydesk.W001",
            )
        )
    return found
