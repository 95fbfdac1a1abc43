"""/api/tokens/ for admins, /api/docs for members, /api/openapi.json for both and for programs."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests import cast
from tickets.api import documentation, tokens
from tickets.api.service import api
from tickets.models import ApiToken

pytestmark = pytest.mark.django_db
TOKENS, DOCS, OPENAPI = "/api/tokens/", "/api/docs", "/api/openapi.json"


@pytest.fixture
def ada() -> Client:
    client = Client()
    client.force_login(cast.ada())
    return client


class TestTokens:
    def test_without_any_the_page_says_what_to_do(self, ada: Client) -> None:
        assert "Name the program that will use the API" in ada.get(TOKENS).text

    def test_a_new_one_is_shown_once(self, ada: Client) -> None:
        answer = ada.post(TOKENS, {"name": "Zendesk", "days": "365"})
        token = ApiToken.objects.get()
        secret = answer.text.partition('value="cdk_')[2].partition('"')[0]
        assert tokens.find(f"cdk_{secret}") == token and token.made_by == cast.ada()
        assert answer.headers["Cache-Control"] == "no-store"
        again = ada.get(TOKENS).text
        assert secret not in again and token.start in again and "never used" in again

    @pytest.mark.parametrize(("days", "left"), [("90", 90), ("365", 365), ("0", None)])
    def test_how_long_it_is_valid(self, ada: Client, days: str, left: int | None) -> None:
        ada.post(TOKENS, {"name": "Zendesk", "days": days})
        expires = ApiToken.objects.get().expires_at
        if left is None:
            assert expires is None
        else:
            assert expires is not None and abs(expires - timezone.now() - timedelta(days=left)) < timedelta(minutes=1)

    @pytest.mark.parametrize(
        "sent", [{}, {"name": " ", "days": "90"}, {"name": "x" * 81, "days": "90"}, {"name": "x", "days": "7"}]
    )
    def test_what_is_wrong_is_said_and_nothing_is_made(self, ada: Client, sent: dict[str, str]) -> None:
        answer = ada.post(TOKENS, sent)
        assert answer.status_code == 422 and 'class="error"' in answer.text
        assert not ApiToken.objects.exists() and sent.get("name", "") in answer.text

    def test_a_name_that_is_in_use_is_refused(self, ada: Client) -> None:
        tokens.make("Zendesk", cast.ada())
        answer = ada.post(TOKENS, {"name": "Zendesk", "days": "90"})
        assert answer.status_code == 422 and "There is a token with this name" in answer.text

    def test_revoking_says_so_and_lists_it_below(self, ada: Client) -> None:
        made = tokens.make("Zendesk", cast.ada())
        page = ada.post(f"{TOKENS}{made.token.pk}/revoke", follow=True).text
        assert "“Zendesk” is revoked" in page and "revoked " in page and "Revoke for good" not in page

    def test_revoking_twice_says_nothing_new(self, ada: Client) -> None:
        number = tokens.make("Zendesk", cast.ada()).token.pk
        tokens.revoke(number, cast.ada())
        answer = ada.post(f"{TOKENS}{number}/revoke", follow=True)
        assert answer.status_code == 200 and "is revoked." not in answer.text
        assert ada.post(f"{TOKENS}987654/revoke").status_code == 404

    def test_an_expired_one_is_marked(self, ada: Client) -> None:
        tokens.make("Zendesk", cast.ada(), timezone.now() - timedelta(days=1))
        assert "expired" in ada.get(TOKENS).text

    def test_the_number_of_queries_does_not_grow(self, ada: Client, django_assert_max_num_queries: Any) -> None:
        for number in range(12):
            made = tokens.make(str(number), cast.ada())
            if number % 2:
                tokens.revoke(made.token.pk, cast.ada())
        with django_assert_max_num_queries(6):
            ada.get(TOKENS)


class TestDocumentation:
    def test_every_operation_is_there_with_a_command_and_an_answer(self, ada: Client, settings: Any) -> None:
        settings.DESK_URL = "https://desk.tallybird.example"
        page = ada.get(DOCS).text
        assert "curl https://desk.tallybird.example/api/triage " in page and "/api/triage/batch" in page
        for field in ("should_escalate", "escalation_risk", "customer.tier", "items[].body"):
            assert f"<code>{field}</code>" in page

    def test_who_makes_tokens_is_led_there(self, ada: Client) -> None:
        agent = Client()
        agent.force_login(cast.mira())
        admins, agents = ada.get(DOCS).text, agent.get(DOCS).text
        assert "You make tokens under" in admins and f'class="button" href="{TOKENS}"' in admins
        assert "An admin makes one for you." in agents and TOKENS not in agents

    def test_the_example_is_a_valid_request(self) -> None:
        from copilot.triage_api.schemas import BatchIn, MessageIn, TriageOut

        openapi = json.loads(json.dumps(api.get_openapi_schema()))
        for name, schema in {"MessageIn": MessageIn, "BatchIn": BatchIn, "TriageOut": TriageOut}.items():
            schema.model_validate(documentation.example(openapi, {"$ref": f"#/components/schemas/{name}"}))

    def test_every_operation_lists_its_statuses_and_fields(self) -> None:
        operations = documentation.operations(api.get_openapi_schema(), "https://desk.tallybird.example")
        assert [(each.method, each.path) for each in operations] == [
            ("POST", "/api/triage"),
            ("POST", "/api/triage/batch"),
        ]
        for each in operations:
            assert {"200", "401", "422", "429", "503"} <= {status for status, _phrase in each.statuses}
            assert all(field.kind != "any" for field in (*each.sent, *each.answered))


class TestOpenApi:
    def test_a_program_reads_it_with_its_token(self) -> None:
        secret = tokens.make("Zendesk", cast.ada()).secret
        answer = Client().get(OPENAPI, headers={"Authorization": f"Bearer {secret}"})
        assert answer.status_code == 200 and answer.json()["openapi"].startswith("3.")
        assert set(answer.json()["paths"]) == {"/api/triage", "/api/triage/batch"}

    @pytest.mark.parametrize("header", ["Bearer cdk_wrong", "Bearer", "Basic abc", ""])
    def test_without_one_a_login_is_needed(self, header: str) -> None:
        answer = Client().get(OPENAPI, headers={"Authorization": header})
        assert answer.status_code == 302 and answer.headers["Location"].startswith("/login/")

    def test_a_revoked_one_is_none(self) -> None:
        made = tokens.make("Zendesk", cast.ada())
        tokens.revoke(made.token.pk, cast.ada())
        assert Client().get(OPENAPI, headers={"Authorization": f"Bearer {made.secret}"}).status_code == 302
