"""The preview of an escalation, sending it, the summary that streams in, and how the team reads and judges it."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from django.test import AsyncClient, Client
from django.urls import reverse
from django.utils import translation

from copilot import llm
from copilot.escalation import configuration
from copilot.escalation.rules import SHIPPED, Rules
from copilot.llm.health import Health
from copilot.models import Escalation, ModelCall, ThreadSummary, Triage
from copilot.routing import configuration as routing
from copilot.routing.rules import SHIPPED as ROUTING
from copilot.routing.rules import TeamRule
from tests import cast
from tests.fakes import FakeModel
from tickets import assignment
from tickets.models import Message, Ticket, User

pytestmark = pytest.mark.django_db
LAWYER = "I was charged twice in March. When do I get it back? My lawyer will contact you."
Post = Callable[..., Any]


@pytest.fixture
def ticket() -> Ticket:
    found = cast.new_ticket(text=LAWYER, team=cast.team("Support"), language="en")
    Triage.objects.create(message=found.messages.get(), signals=[["legal_threat", "My lawyer will contact you"]])
    cast.team("Legal")
    return found


@pytest.fixture
def mira_at(client: Client, mira: User) -> Client:
    client.force_login(mira)
    return client


@pytest.fixture
def jonas_at(jonas: User) -> Client:
    """Of the team that gets the ticket."""
    client = Client()
    jonas.teams.set([cast.team("Legal")])
    client.force_login(jonas)
    return client


@pytest.fixture
def post(mira_at: Client, ticket: Ticket) -> Post:
    def send(client: Client | None = None, **fields: Any) -> Any:
        given = {"team": cast.team("Legal").pk, "reason": "signal", "next": "Read this.", "seen": "0"} | fields
        return (client or mira_at).post(reverse("copilot:escalate", args=[ticket.pk]), given)

    return send


def shown(client: Client, ticket: Ticket) -> str:
    return unescape(client.get(reverse("copilot:escalate", args=[ticket.pk])).content.decode())


class TestThePreview:
    def test_opening_it_changes_nothing(self, mira_at: Client, ticket: Ticket) -> None:
        before = Ticket.objects.values().get()
        page = shown(mira_at, ticket)
        for words in (
            "Sensitive signal: Legal threat: “My lawyer will contact you”",
            "Promise nothing.",
            "Paid · Studio · €1,840",
            "When do I get it back?",
            "Time to take it: 4 h (until ",
        ):
            assert words in page
        assert Ticket.objects.values().get() == before
        assert not Escalation.objects.exists() and not ThreadSummary.objects.exists()

    def test_its_own_team_is_no_choice(self, mira_at: Client, ticket: Ticket) -> None:
        page = shown(mira_at, ticket)
        assert ">Legal</option>" in page and ">Support</option>" not in page

    def test_the_rules_suggest_a_team(self, mira_at: Client, ticket: Ticket) -> None:
        legal = cast.team("Legal").pk
        configuration.RULES.save(Rules(**{**SHIPPED.__dict__, "teams": {"legal_threat": legal}}), 0)
        assert f'<option value="{legal}" selected' in shown(mira_at, ticket)

    def test_a_team_that_had_it_before_says_so(self, mira_at: Client, ticket: Ticket, mira: User) -> None:
        assignment.transfer(ticket, cast.team("Legal"), "yours", mira)
        assert 'data-loop="This ticket was with Support until ' in shown(mira_at, ticket)

    def test_without_a_reason_the_agent_decides(self, mira_at: Client, ticket: Ticket) -> None:
        Triage.objects.all().delete()
        page = shown(mira_at, ticket)
        assert "No rule asks for this. You decide." in page and '<option value="other" selected' in page

    def test_what_customers_write_is_never_markup(self, mira_at: Client, ticket: Ticket) -> None:
        ticket.messages.update(text="</textarea><script>alert(1)</script> What is this?")
        assert "<script>" not in mira_at.get(reverse("copilot:escalate", args=[ticket.pk])).content.decode()

    def test_it_is_in_the_language_of_the_page(self, mira_at: Client, ticket: Ticket) -> None:
        page = mira_at.get(reverse("copilot:escalate", args=[ticket.pk]), headers={"Accept-Language": "de"})
        assert "Eskalieren" in page.content.decode()
        translation.activate("en")

    def test_few_queries(self, mira_at: Client, ticket: Ticket, django_assert_max_num_queries: Any) -> None:
        with django_assert_max_num_queries(45):
            shown(mira_at, ticket)


class TestSending:
    def test_the_answer_names_the_team_and_has_an_undo(self, post: Post, mira_at: Client, ticket: Ticket) -> None:
        answer = post(asked="The March charge back.").json()
        assert answer["team"] == "Legal"
        assert Escalation.objects.get().package["texts"]["asked"] == "The March charge back."
        undone = mira_at.post(reverse("tickets:undo_transfer", args=[ticket.pk]), {"undo": answer["undo"]})
        assert undone.json() == {"changed": True}
        now = Ticket.objects.get()
        assert (now.team, now.handoff_due_at) == (cast.team("Support"), None)

    @pytest.mark.parametrize(
        ("fields", "name", "words"),
        [
            ({"team": ""}, "team", "Choose a team."),
            ({"team": "99999"}, "team", "This team no longer exists."),
            ({"team": "x"}, "team", "This team no longer exists."),
            ({"next": "  "}, "next", "Write what the team should do next."),
            ({"asked": "x" * 8001}, "asked", "This part is too long. Please shorten it."),
            ({"reason": "because"}, "reason", ""),
        ],
    )
    def test_what_is_wrong_is_said_beside_its_field(
        self, post: Post, fields: dict[str, str], name: str, words: str
    ) -> None:
        answer = post(**fields)
        assert answer.status_code == 422 and words in answer.json()["errors"][name]
        assert not Escalation.objects.exists()

    def test_its_own_team_is_refused(self, post: Post) -> None:
        answer = post(team=cast.team("Support").pk)
        assert answer.status_code == 422
        assert answer.json()["errors"] == {"team": "The ticket is with this team already."}

    def test_a_colleague_was_faster(self, post: Post, ticket: Ticket, jonas: User) -> None:
        assignment.assign(ticket, jonas, jonas)
        late = post()
        assert late.status_code == 409 and "Jonas Brandt changed this ticket" in late.json()["error"]
        assert post(seen=late.json()["seen"]).status_code == 200

    def test_the_customer_has_written_meanwhile(self, post: Post, ticket: Ticket) -> None:
        upto = ticket.messages.get().pk
        newer = Message.objects.create(ticket=ticket, kind=Message.Kind.CUSTOMER, text="I have cancelled my card.")
        late = post(upto=upto)
        assert late.status_code == 409 and late.json()["upto"] == newer.pk
        assert "The customer has written meanwhile." in late.json()["error"]
        assert post(upto=late.json()["upto"]).status_code == 200

    def test_where_a_part_comes_from_is_sent_with_it(self, post: Post) -> None:
        post(asked="Back.", origin_asked="model", tried="Nothing.", origin_tried="made up")
        assert Escalation.objects.get().package["origins"] == {"asked": "model"}

    def test_a_team_that_is_gone_does_not_hide_the_one_of_routing(self, mira_at: Client, ticket: Ticket) -> None:
        legal = cast.team("Legal").pk
        configuration.RULES.save(Rules(**{**SHIPPED.__dict__, "teams": {"legal_threat": 99999}}), 0)
        routing.save(replace(ROUTING, teams=(TeamRule("", "", legal),)), 0)
        assert f'<option value="{legal}" selected' in shown(mira_at, ticket)

    def test_back_to_a_team_only_when_the_agent_insists(self, post: Post, jonas_at: Client, ticket: Ticket) -> None:
        post()
        seen = assignment.latest_move(ticket)
        back = post(jonas_at, team=cast.team("Support").pk, seen=seen)
        assert back.status_code == 409 and back.json()["again"] is True
        assert "This ticket was with Support until" in back.json()["error"]
        assert post(jonas_at, team=cast.team("Support").pk, seen=seen, again="on").status_code == 200


@pytest.mark.django_db(transaction=True)
class TestTheSummary:
    @pytest.fixture
    def model(self, monkeypatch: pytest.MonkeyPatch) -> FakeModel:
        model = FakeModel("ASKED: I was charged twice in March. [1]\n")
        monkeypatch.setattr(llm, "HttpModel", lambda: model)
        monkeypatch.setattr(llm, "health", lambda timeout=0: Health("ready", "", "fake"))
        return model

    async def lines(self, ticket: Ticket, mira: User) -> list[dict[str, Any]]:
        client = AsyncClient()
        await client.aforce_login(mira)
        answer = await client.post(reverse("copilot:summary_stream", args=[ticket.pk]))
        assert answer.status_code == 200
        content: AsyncIterator[bytes] = answer.streaming_content  # type: ignore[assignment]
        text = b"".join([part async for part in content]).decode()
        return [json.loads(line) for line in text.splitlines()]

    async def test_it_comes_line_by_line_and_is_kept(self, ticket: Ticket, mira: User, model: FakeModel) -> None:
        *lines, last = await self.lines(ticket, mira)
        assert last == {"done": True, "why": ""}
        assert {each["about"] for each in lines} >= {"asked"}
        assert (await ThreadSummary.objects.aget()).finished_at
        calls = [each async for each in ModelCall.objects.values_list("purpose", flat=True)]
        again = await self.lines(ticket, mira)
        assert again == [*lines, last]
        assert [each async for each in ModelCall.objects.values_list("purpose", flat=True)] == calls

    async def test_another_message_makes_another_summary(self, ticket: Ticket, mira: User, model: FakeModel) -> None:
        await self.lines(ticket, mira)
        await Message.objects.acreate(ticket=ticket, kind=Message.Kind.CUSTOMER, text="Nobody answers. Why?")
        await self.lines(ticket, mira)
        assert await ThreadSummary.objects.acount() == 2

    async def test_without_a_model_the_page_keeps_its_quotes_and_says_why(
        self, ticket: Ticket, mira: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        off = Health("down", "The model is not running.")
        monkeypatch.setattr(llm, "health", lambda timeout=0: off)
        assert await self.lines(ticket, mira) == [{"done": True, "why": "The model is not running."}]
        assert not await ThreadSummary.objects.aexists()

    async def test_a_model_that_fails(
        self, ticket: Ticket, mira: User, model: FakeModel, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        failing = FakeModel(error=llm.ModelError("timeout", "The model did not answer in time.", retryable=True))
        monkeypatch.setattr(llm, "HttpModel", lambda: failing)
        assert (await self.lines(ticket, mira))[-1] == {"done": True, "why": "The model did not answer in time."}


class TestReceiving:
    def page(self, client: Client, ticket: Ticket) -> str:
        return unescape(client.get(reverse("tickets:conversation", args=[ticket.pk])).content.decode())

    def test_the_team_reads_it_in_the_conversation(self, post: Post, jonas_at: Client, ticket: Ticket) -> None:
        post(next="Call Tomas back.", asked="The March charge back.")
        page = self.page(jonas_at, ticket)
        for words in ("Escalated from Support to Legal: Sensitive signal", "Call Tomas back.", "Paid · Studio"):
            assert words in page
        assert page.count("data-judge=") == 3 and "Was this escalation justified?" in page

    def test_who_sent_it_cannot_judge_it(self, post: Post, mira_at: Client, ticket: Ticket) -> None:
        post()
        assert "data-judge=" not in self.page(mira_at, ticket)
        address = reverse("copilot:escalation_judge", args=[Escalation.objects.get().pk])
        answer = mira_at.post(address, {"judgement": "justified"})
        assert (
            answer.status_code == 422
            and "Only the team that got the ticket judges the escalation." in answer.json()["error"]
        )

    def test_one_press_judges_it_and_the_answer_has_what_undoes_it(
        self, post: Post, jonas_at: Client, mira_at: Client, ticket: Ticket
    ) -> None:
        post()
        address = reverse("copilot:escalation_judge", args=[Escalation.objects.get().pk])
        first = jonas_at.post(address, {"judgement": "not_needed"}).json()
        assert first == {"was": "", "judgement": "not_needed", "label": "Not needed"}
        assert "Not needed" in self.page(mira_at, ticket)
        assert jonas_at.post(address, {"judgement": first["was"]}).json()["was"] == "not_needed"
        assert jonas_at.post(address, {"judgement": "perhaps"}).status_code == 422

    def test_an_undone_one_is_marked_and_cannot_be_judged(self, post: Post, jonas_at: Client, ticket: Ticket) -> None:
        post()
        Escalation.objects.update(undone_at=ticket.created_at)
        page = self.page(jonas_at, ticket)
        assert "undone" in page and "data-judge=" not in page
        address = reverse("copilot:escalation_judge", args=[Escalation.objects.get().pk])
        assert jonas_at.post(address, {"judgement": "justified"}).status_code == 409

    def test_a_plain_note_costs_one_query_more_at_most(
        self, jonas_at: Client, ticket: Ticket, mira: User, django_assert_max_num_queries: Any
    ) -> None:
        for number in range(5):
            Message.objects.create(ticket=ticket, kind=Message.Kind.NOTE, author=mira, text=f"note {number}")
        with django_assert_max_num_queries(10):
            self.page(jonas_at, ticket)


def test_the_ticket_page_advises_it(mira_at: Client, ticket: Ticket) -> None:
    page = unescape(mira_at.get(reverse("copilot:triage", args=[ticket.pk])).content.decode())
    assert "Escalate?" in page and "Sensitive signal: Legal threat" in page
