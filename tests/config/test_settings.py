"""Wrong settings are refused at start, with a way to correct them; every page has the content security policy."""

from typing import Any

import pytest
from django.test import Client

from config import checks
from config.web.middleware import POLICY


def ids(found: list[Any]) -> set[str]:
    return {message.id for message in found}


def test_production_needs_a_key_and_hosts(settings: Any) -> None:
    settings.MODE, settings.SECRET_KEY, settings.ALLOWED_HOSTS, settings.DEBUG = "production", "short", [], True
    assert ids(checks.secrets_come_from_the_environment(None)) == {"copydesk.E001", "copydesk.E002", "copydesk.E003"}


def test_the_demo_stays_on_this_machine(settings: Any) -> None:
    settings.MODE, settings.ALLOWED_HOSTS = "demo", ["desk.company.com"]
    assert ids(checks.secrets_come_from_the_environment(None)) == {"copydesk.E004"}


@pytest.mark.parametrize(("model", "job", "retry"), [(90, 60, 200), (90, 200, 150), (90, 90, 200)])
def test_timeouts_that_do_not_nest_are_refused(settings: Any, model: int, job: int, retry: int) -> None:
    settings.LLM_TIMEOUT, settings.Q_CLUSTER = model, settings.Q_CLUSTER | {"timeout": job, "retry": retry}
    assert ids(checks.timeouts_nest(None)) == {"copydesk.E005"}


def test_addresses_and_minimum_scores_are_checked(settings: Any) -> None:
    settings.LLM_BASE_URL, settings.RETRIEVAL_MIN_SCORE, settings.SUPPORT_ADDRESS = "nonsense", 7, "nobody"
    assert {"copydesk.E006", "copydesk.E007", "copydesk.E008"} <= ids(checks.addresses_are_urls(None))
    settings.RETRIEVAL_MIN_SCORE, settings.DRAFT_MIN_SCORE = None, 56
    assert "copydesk.E007" in ids(checks.addresses_are_urls(None))
    settings.DRAFT_MIN_SCORE = None
    assert "copydesk.E007" not in ids(checks.addresses_are_urls(None))


def test_every_message_says_how_to_correct_it(settings: Any) -> None:
    settings.MODE, settings.SECRET_KEY, settings.ALLOWED_HOSTS = "production", "", []
    assert all(message.hint for message in checks.secrets_come_from_the_environment(None))


@pytest.mark.django_db(databases=["default", "channels"])
@pytest.mark.parametrize("url", ["/login/", "/health", "/nowhere/"])
def test_every_answer_carries_the_policy(client: Client, url: str) -> None:
    assert client.get(url).headers["Content-Security-Policy"] == POLICY
    assert "unsafe" not in POLICY and "default-src 'none'" in POLICY
