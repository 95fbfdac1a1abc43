"""Checks of the settings at start. Every message says how to correct the setting."""

import re
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured

SHORTEST = 40  # characters of a key
FEWEST = 12  # different characters; 40 random ones of base 64 have about 30
NEW_KEY = 'python -c "import secrets; print(secrets.token_urlsafe(50))"'
LOOPBACK_NAMES = {"127.0.0.1", "localhost", "[::1]", "testserver"}
PLACEHOLDER = re.compile(
    r"^django-insecure|change.?(me|this|it)|your.?(secret|key)|secret.?key|example|replace.?(me|this)"
    r"|insecure|password|placeholder|0123456789|abcdefghij|qwertz?y?u?i?op",
    re.I,
)


@register(Tags.security)
def secrets_come_from_the_environment(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    production = settings.MODE == "production"
    found: list[CheckMessage] = []
    if problem := weakness(_secret_key()):
        found.append(_error(f"SECRET_KEY {problem}.", f"Write a random one into the environment or .env: {NEW_KEY}", 1))
    if any(map(weakness, settings.SECRET_KEY_FALLBACKS)):
        hint = "Remove it: logins that were signed with it count, so it must not be easier to guess than SECRET_KEY."
        found.append(_error("SECRET_KEY_FALLBACKS has a key that can be guessed.", hint, 10))
    if production and not settings.ALLOWED_HOSTS:
        hint = "Set it to the names people open, e.g. ALLOWED_HOSTS=desk.company.com"
        found.append(_error("ALLOWED_HOSTS is empty.", hint, 2))
    if production and settings.DEBUG:
        found.append(_error("DEBUG is on in production.", "Remove DEBUG from the environment.", 3))
    if production and any(map(accepts_any_host, settings.ALLOWED_HOSTS)):
        hint = "Name the hosts that people open, e.g. ALLOWED_HOSTS=desk.company.com; never *."
        found.append(_error("ALLOWED_HOSTS accepts any name.", hint, 9))
    if not production and not settings.DEMO_ON_NETWORK and not set(settings.ALLOWED_HOSTS) <= LOOPBACK_NAMES:
        hint = "Remove ALLOWED_HOSTS, or set COPYDESK_MODE=production. .env.example says more under DEMO_ON_NETWORK."
        found.append(_error("The demo has published passwords, so it may only be served on this machine.", hint, 4))
    return found


def _error(what: str, hint: str, number: int) -> Error:
    return Error(what, hint=hint, id=f"copydesk.E{number:03d}")


def weakness(key: str) -> str:
    """Why this key can be guessed. Empty for a good key. Random keys have many different characters."""
    triples = [key[at : at + 3] for at in range(len(key) - 2)]
    if len(key) < SHORTEST:
        return f"is missing or shorter than {SHORTEST} characters"
    if len(set(key)) < FEWEST or len(set(triples)) < len(triples) * 0.7:
        return "repeats itself"
    if PLACEHOLDER.search(key):
        return "is a text from an example, not a random key"
    return ""


def accepts_any_host(host: str) -> bool:
    """`*`, or a top-level domain such as `.com`."""
    return host.startswith("*") or (host.startswith(".") and "." not in host.strip("."))


def _secret_key() -> str:
    """Empty if there is none: Django raises for an empty key, so no check could say how to correct it."""
    try:
        return str(settings.SECRET_KEY)
    except ImproperlyConfigured:
        return ""


@register
def timeouts_nest(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A job that runs longer than `retry` would be handed out twice."""
    model, job, retry = settings.LLM_TIMEOUT, settings.Q_CLUSTER["timeout"], settings.Q_CLUSTER["retry"]
    if model < job < retry:
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
    for name in ("RETRIEVAL_MIN_SCORE", "DRAFT_MIN_SCORE"):
        if not 0 <= (getattr(settings, name) or 0) <= 1:
            found.append(_error(f"{name} must be between 0 and 1.", "Remove it to use the model's minimum score.", 7))
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
                "The models are missing. The desk works, but no drafts are written.",
                hint="Run `manage.py fetch_models`.",
                id="copydesk.W001",
            )
        )
    return found
