"""The confidence of a draft, from its writing to the agent's page."""

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import Client

from copilot.drafting import states, writing
from copilot.evidence import gathering
from copilot.models import Citation, Draft, DraftRecord
from knowledge.search.retrieval import Degradation, SearchResult
from tests import cast
from tests.copilot.conftest import CHARGES, published
from tests.fakes import FakeModel
from tickets.models import Ticket, User

pytestmark = pytest.mark.django_db


def written(ticket: Ticket, model: FakeModel) -> DraftRecord:
    draft, _ = states.request_draft(ticket, ticket.messages.get(), Draft.Origin.ARRIVAL)
    async_to_sync(writing.write)(draft.pk, model, "interactive")
    return DraftRecord.objects.get(draft=draft)


class TestStored:
    def test_a_draft_that_the_model_pointed_for_has_a_confidence_and_its_parts(
        self, ticket: Ticket, searched: list[str]
    ) -> None:
        one, both = written(ticket, FakeModel(points=(1,))), written(cast.new_ticket(subject="Twice"), FakeModel())
        assert one.confidence is not None and both.confidence is not None
        assert 1 > one.confidence >= both.confidence > 0
        found = {each["part"]: each["value"] for each in both.confidence_parts}
        assert found["places"] == pytest.approx(2, abs=0.01) and found["answered"] == found["supported"] == 1
        assert found["answers"] > 0.99

    @pytest.mark.parametrize("changed", [{"LLM_EMBEDDED": False}, {"COPILOT_MODEL": "another-model"}])
    def test_of_a_model_that_nobody_measured_there_is_none(
        self, ticket: Ticket, searched: list[str], settings: Any, changed: dict[str, Any]
    ) -> None:
        for name, value in changed.items():
            setattr(settings, name, value)
        record = written(ticket, FakeModel())
        assert record.draft.text and (record.confidence, record.confidence_parts) == (None, [])

    def test_nor_where_the_model_cannot_say_which_units_answer(self, ticket: Ticket, searched: list[str]) -> None:
        assert written(ticket, FakeModel(logprobs=False)).confidence is None

    def test_nor_of_a_search_without_one_of_its_parts(self, ticket: Ticket, monkeypatch: pytest.MonkeyPatch) -> None:
        found = SearchResult((published(1, CHARGES[0]),), "lexical", Degradation.WORDS_ONLY, "", 3.0, 0.8, 0.35)
        monkeypatch.setattr(gathering, "search", lambda query, **options: found)
        record = written(ticket, FakeModel(points=(1,)))
        assert record.draft.text and record.confidence is None

    def test_nor_of_the_closest_sources_where_nothing_answers(self, ticket: Ticket, searched: list[str]) -> None:
        written(ticket, FakeModel(points=()))
        draft, _ = states.request_draft(ticket, ticket.messages.get(), Draft.Origin.REQUEST)
        async_to_sync(writing.write)(draft.pk, FakeModel(points=()), "interactive")
        record = DraftRecord.objects.get(draft=draft)
        assert record.insisted and record.confidence is None


EFFECTS = [
    {"part": "places", "value": 2.0, "effect": 1.1},
    {"part": "answered", "value": 0.5, "effect": -0.4},
    {"part": "supported", "value": 1.0, "effect": 0.02},
]


class TestOnTheDesk:
    @pytest.fixture
    def desk(self, client: Client, mira: User) -> Client:
        client.force_login(mira)
        return client

    def sources(self, desk: Client, ticket: Ticket, state: str = "ready", **record: Any) -> str:
        draft = Draft.objects.create(ticket=ticket, message=ticket.messages.get(), state=state, text="It is [1].")
        Citation.objects.create(draft=draft, number=1, title="Charges", excerpt="It is.", score=0.8, cited=True)
        DraftRecord.objects.create(draft=draft, **record)
        return desk.get(f"/copilot/tickets/{ticket.pk}/sources").content.decode()

    def test_agents_read_it_in_words_with_its_parts_on_demand(self, desk: Client, ticket: Ticket) -> None:
        page = self.sources(desk, ticket, confidence=0.72, confidence_parts=EFFECTS)
        head, _, rest = page.partition("</summary>")
        assert "Likely right: 7 in 10 drafts like this were." in head and '<details class="sure">' in head
        assert rest.index("in one place, or in few") < rest.index("A question is left without an answer")
        assert "Every sentence is supported" not in rest  # it hardly counts
        assert "0.72" not in page and "chip-ok" not in page

    def test_the_line_has_its_place_before_the_draft_is_finished(self, desk: Client, ticket: Ticket) -> None:
        assert '<p class="sure">How likely it is right: when the draft is finished.</p>' in self.sources(
            desk, ticket, "writing"
        )

    def test_of_a_model_that_nobody_measured_the_page_says_so(
        self, desk: Client, ticket: Ticket, settings: Any
    ) -> None:
        settings.LLM_EMBEDDED = False
        assert "Nobody measured how often drafts of this model are right." in self.sources(desk, ticket)

    def test_a_draft_without_an_estimate_says_that(self, desk: Client, ticket: Ticket) -> None:
        assert "No estimate how likely this draft is right." in self.sources(desk, ticket)

    @pytest.mark.parametrize(("state", "record"), [("failed", {}), ("stopped", {}), ("ready", {"insisted": True})])
    def test_what_is_no_answer_has_no_such_line(
        self, desk: Client, ticket: Ticket, state: str, record: dict[str, Any]
    ) -> None:
        assert 'class="sure"' not in self.sources(desk, ticket, state, confidence=0.9, **record)
