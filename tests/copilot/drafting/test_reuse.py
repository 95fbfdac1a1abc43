"""The answer cache: what was asked before under the same sources, prompts and model is not asked of the model again."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.test import Client

from copilot import voice
from copilot.drafting import saying, states, writing
from copilot.drafting.record import shown_text
from copilot.models import Draft, DraftRecord, ModelCall
from knowledge.models import Article
from tests import cast
from tests.copilot.conftest import ANSWER, GERMAN, withdraw
from tests.fakes import FakeModel
from tickets.models import Ticket, TicketEvent, User

pytestmark = pytest.mark.django_db
State, Origin = Draft.State, Draft.Origin


def written(ticket: Ticket, model: FakeModel, origin: Origin = Origin.ARRIVAL) -> Draft:
    draft = states.request_draft(ticket, ticket.messages.get(kind="customer"), origin)[0]
    async_to_sync(writing.write)(draft.pk, model, "background")
    draft.refresh_from_db()
    return draft


@pytest.fixture(autouse=True)
def lena_asks_too(searched: list[str]) -> None:
    """She writes the same words as Tomas."""


@pytest.fixture
def first(ticket: Ticket, model: FakeModel) -> Draft:
    draft = written(ticket, model)
    assert (draft.text, len(model.checked)) == (ANSWER, 1)
    return draft


def same_question(**fields: Any) -> Ticket:
    return cast.new_ticket(cast.lena(), **fields)


def test_the_same_question_gets_the_same_reply_without_the_model(first: Draft, model: FakeModel) -> None:
    draft = written(same_question(), model)
    assert (draft.state, draft.text, len(model.checked)) == (State.READY, ANSWER, 1)
    assert shown_text(draft).startswith("Hi Lena,")
    assert not ModelCall.objects.filter(draft=draft).exists()
    copied = ("form", "answers", "questions", "sentences", "answers_from", "answer_key")
    records = DraftRecord.objects.order_by("pk").values(*copied)
    assert records[0] == records[1] and records[1]["sentences"] and records[1]["answer_key"]
    assert draft.record.reused_from == first.pk
    cited = draft.citations.filter(cited=True)
    assert list(cited.values_list("number", "excerpt")) == list(first.citations.values_list("number", "excerpt"))
    assert TicketEvent.objects.get(data__draft=draft.pk, data__state="ready").data["model"] == ""


def test_what_was_said_in_another_language_is_not_said_again() -> None:
    model = FakeModel("Sie wird nie eingezogen.", points=[2])
    one, two = (written(same_question(text=GERMAN), model) for _ in range(2))
    assert two.text == one.text == "Hallo <NAME>,\n\nSie wird nie eingezogen [2]."
    assert (two.record.form, two.record.sentences) == ("written", one.record.sentences)
    assert len(model.asked) == 1 and not two.calls.exclude(purpose="translate").exists()


def another_prompt(monkeypatch: pytest.MonkeyPatch, model: FakeModel) -> None:
    monkeypatch.setattr(saying, "PROMPT", "verify-1")


def another_voice(monkeypatch: pytest.MonkeyPatch, model: FakeModel) -> None:
    changed = replace(voice.load(), version="voice@another")
    monkeypatch.setattr(voice, "load", lambda: changed)


def another_model(monkeypatch: pytest.MonkeyPatch, model: FakeModel) -> None:
    model.sha256 = "ab" * 32


def another_minimum(monkeypatch: pytest.MonkeyPatch, model: FakeModel) -> None:
    monkeypatch.setattr(settings, "DRAFT_MIN_SCORE", 0.3)


def fewer_sources(monkeypatch: pytest.MonkeyPatch, model: FakeModel) -> None:
    """The search still finds both, but one is for agents only."""
    withdraw(Article.objects.earliest("pk"), "make internal")
    found = Article.objects.latest("pk").pk
    real = writing.pipeline.Prepared.evidence.fget  # type: ignore[attr-defined]

    def evidence(self: Any) -> Any:
        there = real(self)
        return type(there)(there.questions, tuple(u for u in there.units if u.passage.article_id == found), there.found)

    monkeypatch.setattr(writing.pipeline.Prepared, "evidence", property(evidence))


@pytest.mark.parametrize("change", [another_prompt, another_voice, another_model, another_minimum, fewer_sources])
def test_what_the_reply_depends_on_is_asked_anew(
    first: Draft, model: FakeModel, change: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    change(monkeypatch, model)
    draft = written(same_question(), model)
    assert draft.state == State.READY and draft.record.reused_from is None and len(model.checked) == 2


def test_whose_name_we_do_not_know_is_greeted_otherwise(first: Draft, model: FakeModel) -> None:
    nobody = cast.Customer.objects.create(email="info@okafor.example", name="")
    draft = written(cast.new_ticket(nobody), model)
    assert len(model.checked) == 2 and "<NAME>" not in draft.text


def test_a_reply_that_somebody_rejected_is_made_anew(first: Draft, model: FakeModel) -> None:
    second = written(same_question(), model)
    Draft.objects.filter(pk=second.pk).update(review="rejected", reason="wrong")
    assert written(same_question(), model).record.reused_from is None and len(model.checked) == 2


def test_a_reply_that_somebody_insisted_on_is_nobody_elses(ticket: Ticket) -> None:
    nothing = FakeModel(points=())
    for origin in (Origin.ARRIVAL, Origin.REQUEST):
        written(ticket, nothing, origin)
    assert DraftRecord.objects.latest("pk").insisted
    other = same_question()
    assert written(other, nothing).state == State.NO_SOURCE and len(nothing.checked) == 3
    assert written(other, nothing, Origin.REQUEST).record.reused_from is None and len(nothing.checked) == 4


def test_who_asks_again_gets_another_reply(first: Draft, model: FakeModel) -> None:
    other = same_question()
    assert written(other, model).record.reused_from == first.pk
    assert written(other, model, Origin.REQUEST).record.reused_from is None and len(model.checked) == 2


def test_who_asks_for_the_first_draft_need_not_wait_for_the_model(first: Draft, model: FakeModel) -> None:
    assert written(same_question(), model, Origin.REQUEST).record.reused_from == first.pk


def test_it_is_forgotten_with_the_ticket_that_it_comes_from(first: Draft, model: FakeModel) -> None:
    kept = written(same_question(), model)
    first.ticket.delete()
    assert "Tomas" not in str(list(DraftRecord.objects.values())) + kept.text
    assert written(same_question(), model).record.reused_from is None and len(model.checked) == 2


def test_a_draft_that_is_not_ready_is_no_answer(first: Draft, model: FakeModel) -> None:
    Draft.objects.update(state=State.STOPPED)
    assert written(same_question(), model).record.reused_from is None


def test_the_sources_say_where_a_reply_comes_from(client: Client, mira: User, first: Draft, model: FakeModel) -> None:
    ticket = same_question()
    written(ticket, model)
    client.force_login(mira)
    page = client.get(f"/copilot/tickets/{ticket.pk}/sources").content.decode()
    assert f"ticket #{first.ticket_id}</a>" in page and "the model was not asked again" in page
    first.ticket.delete()
    page = client.get(f"/copilot/tickets/{ticket.pk}/sources").content.decode()
    assert "an earlier ticket, which no longer exists" in page
