"""A program with a token, and the small classifier of the triage tests."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from tests import cast
from tests.copilot.triage.conftest import classifier, store  # noqa: F401 - fixtures
from tickets.api import tokens

ONE, BATCH = "/api/triage", "/api/triage/batch"
ANGRY = "My card and the payment are wrong, this is urgent and terrible, fix it now"


@dataclass
class Caller:
    """Sends JSON with a token; `secret` "" sends none."""

    secret: str

    def post(self, path: str, data: Any, **headers: str) -> Any:
        body = data if isinstance(data, str | bytes) else json.dumps(data)
        sent = {"Authorization": f"Bearer {self.secret}"} if self.secret else {}
        client = Client(raise_request_exception=False)
        return client.post(path, body, content_type="application/json", headers={**sent, **headers})

    def triage(self, subject: str = "", body: str = "", **fields: Any) -> dict[str, Any]:
        answer = self.post(ONE, {"subject": subject, "body": body, **fields})
        assert answer.status_code == 200, answer.content
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
def caller(db: None) -> Caller:
    cache.clear()
    return Caller(tokens.make("Webhook", cast.ada()).secret)
