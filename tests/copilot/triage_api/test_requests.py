"""Who may ask, how often, and what bad requests get: a problem that says what to do, never a page and never a 500."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from copilot.triage_api import judging
from copilot.triage_api.schemas import BATCH as MOST
from copilot.triage_api.schemas import BODY
from tests import cast
from tests.copilot.triage_api.conftest import ANGRY, BATCH, ONE, Caller
from tickets.api import allowance, tokens
from tickets.models import ApiToken

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("classifier")]


def problem(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert told["status"] == status and told["title"] and told["detail"]
    return told


class TestTokens:
    @pytest.mark.parametrize("secret", ["", "cdk_wrong", "\x00", "ü"])
    def test_without_a_known_one_nothing_is_answered(self, caller: Caller, secret: str) -> None:
        answer = Client().post(
            ONE, "{}", content_type="application/json", headers={"Authorization": f"Bearer {secret}"} if secret else {}
        )
        problem(answer, 401)
        assert answer.headers["WWW-Authenticate"] == "Bearer"

    def test_a_login_is_not_enough(self, caller: Caller) -> None:
        client = Client()
        client.force_login(cast.ada())
        problem(client.post(ONE, json.dumps({"body": ANGRY}), content_type="application/json"), 401)

    def test_a_revoked_one_is_refused_at_once(self, caller: Caller) -> None:
        assert caller.post(ONE, {"body": ANGRY}).status_code == 200
        tokens.revoke(ApiToken.objects.get().pk, cast.ada())
        assert "revoked" in problem(caller.post(ONE, {"body": ANGRY}), 401)["detail"]

    def test_an_expired_one_too(self, caller: Caller) -> None:
        ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        problem(caller.post(ONE, {"body": ANGRY}), 401)

    def test_one_for_something_else_may_not(self, caller: Caller) -> None:
        ApiToken.objects.update(scope="other")
        problem(caller.post(ONE, {"body": ANGRY}), 403)

    def test_when_it_was_last_used_is_noted_once_a_minute(self, caller: Caller) -> None:
        caller.post(ONE, {"body": ANGRY})
        first = ApiToken.objects.get().used_at
        caller.post(ONE, {"body": ANGRY})
        assert first is not None and ApiToken.objects.get().used_at == first


class TestLimit:
    @pytest.fixture(autouse=True)
    def three_a_minute(self, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        settings.API_MESSAGES_PER_MINUTE = 3
        monkeypatch.setattr(allowance.time, "time", lambda: 600_018.0)

    def test_every_answer_says_what_is_left(self, caller: Caller) -> None:
        headers = caller.post(ONE, {"body": ANGRY}).headers
        told = [headers[f"RateLimit-{name}"] for name in ("Limit", "Remaining", "Reset")]
        assert told == ["3", "2", "42"]

    def test_more_is_refused_until_the_minute_is_over(self, caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
        for _ in range(3):
            assert caller.post(ONE, {"body": ANGRY}).status_code == 200
        refused = caller.post(ONE, {"body": ANGRY})
        problem(refused, 429)
        assert refused.headers["Retry-After"] == "42"
        monkeypatch.setattr(allowance.time, "time", lambda: 600_060.0)
        assert caller.post(ONE, {"body": ANGRY}).status_code == 200

    def test_a_batch_counts_its_messages_and_one_that_is_refused_none(self, caller: Caller) -> None:
        two = {"items": [{"body": ANGRY}] * 2}
        assert caller.post(BATCH, two).status_code == 200
        problem(caller.post(BATCH, two), 429)
        assert caller.post(ONE, {"body": ANGRY}).headers["RateLimit-Remaining"] == "0"

    def test_each_token_has_its_own(self, caller: Caller) -> None:
        caller.post(BATCH, {"items": [{"body": ANGRY}] * 3})
        other = Caller(tokens.make("Other", cast.ada()).secret)
        assert other.post(ONE, {"body": ANGRY}).status_code == 200

    def test_a_request_that_is_not_valid_counts_nothing(self, caller: Caller) -> None:
        problem(caller.post(ONE, {"body": ""}), 422)
        assert caller.post(ONE, {"body": ANGRY}).headers["RateLimit-Remaining"] == "2"


class TestBadRequests:
    @pytest.mark.parametrize(
        ("sent", "field"),
        [
            ({}, "(the whole body)"),
            ({"subject": " ", "body": "?!"}, "(the whole body)"),
            ({"body": 5}, "body"),
            ({"body": "x" * (BODY + 1)}, "body"),
            ({"body": "half \ud800 a pair"}, "body"),
            ({"body": "x", "format": "markdown"}, "format"),
            ({"body": "x", "customer": {"tier": "gold"}}, "customer.tier"),
            ([], "(the whole body)"),
        ],
    )
    def test_the_field_is_named(self, caller: Caller, sent: Any, field: str) -> None:
        errors = problem(caller.post(ONE, sent), 422)["errors"]
        assert errors[0]["field"].startswith(field)

    @pytest.mark.parametrize("sent", ["{nope", b"\xff\xfe", ""])
    def test_no_json(self, caller: Caller, sent: Any) -> None:
        assert caller.post(ONE, sent).status_code in (400, 422)

    def test_a_wrong_field_is_not_repeated(self, caller: Caller) -> None:
        answer = caller.post(ONE, {"body": "x", "format": "My card number 4111"})
        assert "4111" not in answer.content.decode()

    def test_a_NUL_is_read_over(self, caller: Caller) -> None:  # noqa: N802
        assert caller.triage("", f"\x00{ANGRY}\x00")["category"] == "billing"

    def test_an_address_that_is_not_there(self, caller: Caller) -> None:
        for path in ("/api/nowhere", "/api/triage/", "/api/docs/x"):
            problem(caller.post(path, {}), 404)

    def test_another_method(self, caller: Caller) -> None:
        assert Client().get(ONE).status_code == 405

    @hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=40),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["subject", "body", "customer", "items", "format", "id"]), inner)
            ),
            max_leaves=8,
        )
    )
    def test_nothing_that_is_sent_is_an_error_500(self, caller: Caller, sent: Any) -> None:
        cache.clear()
        for path in (ONE, BATCH):
            assert caller.post(path, json.dumps(sent)).status_code in (200, 422)


class TestBatches:
    def test_answers_come_in_the_same_order(self, caller: Caller) -> None:
        bodies = ["My card and the payment", "My password and the login", "My crash and the error"]
        sent = {"items": [{"id": str(number), "body": body} for number, body in enumerate(bodies)]}
        found = caller.post(BATCH, sent).json()["items"]
        assert [(each["id"], each["category"]) for each in found] == [
            ("0", "billing"),
            ("1", "account"),
            ("2", "technical"),
        ]

    def test_a_wrong_one_is_named_and_nothing_is_triaged(self, caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(judging, "triage", lambda asked: pytest.fail("triaged"))
        told = problem(caller.post(BATCH, {"items": [{"body": "card"}, {"body": 5}]}), 422)
        assert told["errors"][0]["field"] == "items.1.body"

    @pytest.mark.parametrize("count", [0, MOST + 1])
    def test_their_size_is_limited(self, caller: Caller, count: int) -> None:
        assert problem(caller.post(BATCH, {"items": [{"body": "card"}] * count}), 422)["errors"][0]["field"] == "items"


class TestDegraded:
    def test_without_a_classifier_the_caller_is_told_to_come_again(
        self, caller: Caller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Not answered with “none of the categories”, which would be wrong, and lost if nobody asks again."""
        monkeypatch.setattr(judging.versions, "current", lambda: 0)
        answer = caller.post(ONE, {"body": ANGRY})
        problem(answer, 503)
        assert answer.headers["Retry-After"] == "60"

    def test_a_fault_of_ours_is_a_problem_too_and_logged_without_the_message(
        self, caller: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        def fails(asked: Any) -> Any:
            raise RuntimeError("broken")

        monkeypatch.setattr(judging, "triage", fails)
        problem(caller.post(ONE, {"body": "My card 4111 is lost"}), 500)
        assert "API request failed: path=/api/triage error=RuntimeError" in caplog.text and "4111" not in caplog.text
