"""The URL that revises the text of the composer: what it answers, what it keeps, and what it refuses."""

import json
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import Client

from copilot import llm
from copilot.drafting import states
from copilot.drafting import writing as drafting
from copilot.llm import ModelError
from copilot.models import Draft, ModelCall, RevisedText
from tests import cast
from tests.copilot.revising.conftest import Rewriter
from tests.fakes import FakeModel
from tickets.models import Customer, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def rewriter(monkeypatch: pytest.MonkeyPatch) -> Rewriter:
    model = Rewriter(says={"authorisation": "A pending authorisation leaves the card within 5 business days."})
    monkeypatch.setattr(llm, "HttpModel", lambda: model)
    monkeypatch.setattr(llm, "health", lambda timeout=1.5: llm.Health("ready", "model ready"))
    return model


@pytest.fixture
def draft(searched: list[str]) -> Draft:
    """Two units about pending charges, the second without need."""
    ticket = cast.new_ticket()
    found, _ = states.request_draft(ticket, ticket.messages.get(), Draft.Origin.ARRIVAL)
    async_to_sync(drafting.write)(found.pk, FakeModel(points=[1, 2]), "background")
    found.refresh_from_db()
    assert found.state == Draft.State.READY
    return found


def url(ticket: Ticket) -> str:
    return f"/copilot/tickets/{ticket.pk}/revise"


def posted(draft: Draft, action: str, text: str | None = None, **fields: Any) -> dict[str, Any]:
    text = text if text is not None else draft.text.replace("<NAME>", "Tomas")
    marks = [[text.index(f"[{n}]"), n, draft.pk] for n in (1, 2) if f"[{n}]" in text]
    return {"action": action, "text": text, "composition": json.dumps({"marks": marks}), **fields}


def lines(response: Any) -> list[dict[str, Any]]:
    async def collect() -> list[str]:
        return [line.decode() async for line in response.streaming_content]

    assert response.status_code == 200
    return [json.loads(line) for line in async_to_sync(collect)()]


def test_a_draft_made_simpler(client: Client, draft: Draft, rewriter: Rewriter) -> None:
    client.force_login(cast.mira())
    first, *_, last = lines(client.post(url(draft.ticket), posted(draft, "simpler")))
    assert first["of"] == 1 and draft.text.replace("<NAME>", "Tomas") == first["text"]
    assert (
        first["text"][slice(*first["now"])]
        == "A pending authorisation disappears from the card within 5 business days [1]."
    )
    assert last["text"] == (
        "Hi Tomas,\n\nA pending authorisation leaves the card within 5 business days [1].\n\nIt is never collected [2]."
    )
    assert last["marks"] == [[last["text"].index(f"[{n}]"), n, draft.pk] for n in (1, 2)]
    assert (last["done"], last["supported"], last["note"]) == (True, 2, "")
    assert [last["text"][each["start"] : each["end"]] for each in last["sentences"]] == last["text"].split("\n\n")[1:]


def test_what_was_asked_and_every_model_call_is_kept_masked_and_goes_with_the_ticket(
    client: Client, draft: Draft, rewriter: Rewriter
) -> None:
    client.force_login(cast.mira())
    lines(client.post(url(draft.ticket), posted(draft, "instruct", instruction="as Tomas likes it")))
    row = RevisedText.objects.get()
    assert (row.action, row.by, row.ticket, row.draft) == ("instruct", cast.mira(), draft.ticket, draft)
    assert row.instruction == "as <NAME> likes it"
    assert row.before.startswith("Hi <NAME>,") and "leaves the card" in row.after
    purposes = set(ModelCall.objects.filter(revised=row).values_list("purpose", "draft"))
    assert purposes == {("revise", draft.pk), ("verify", draft.pk)}
    assert "Tomas" not in json.dumps(list(row.calls.values_list("messages", "output")))
    draft.ticket.delete()
    assert not RevisedText.objects.exists() and not ModelCall.objects.filter(purpose="revise").exists()


def test_a_failing_model_says_why_and_that_the_text_is_as_it_was(
    client: Client, draft: Draft, rewriter: Rewriter
) -> None:
    rewriter.error = ModelError("unavailable", "The model is not running.", retryable=True)
    client.force_login(cast.mira())
    *_, last = lines(client.post(url(draft.ticket), posted(draft, "simpler")))
    assert last == {"error": "The model is not running. The text is as it was."}
    assert RevisedText.objects.get().after == ""


def test_an_agent_who_goes_away_stops_the_model(client: Client, draft: Draft, rewriter: Rewriter) -> None:
    rewriter.pause_after = 1
    client.force_login(cast.mira())
    response = client.post(url(draft.ticket), posted(draft, "simpler"))

    async def leave() -> None:
        import asyncio

        stream = aiter(response.streaming_content)  # type: ignore[call-overload]
        await anext(stream)
        waiting = asyncio.ensure_future(anext(stream))
        await rewriter.paused.wait()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)

    async_to_sync(leave)()
    assert rewriter.closed
    assert list(ModelCall.objects.filter(purpose="revise").values_list("finish_reason", flat=True)) == ["stopped"]
    assert RevisedText.objects.get().after == ""


def test_rules_work_without_a_model_and_say_when_there_is_nothing_to_do(
    client: Client, draft: Draft, rewriter: Rewriter
) -> None:
    rewriter.error = ModelError("unavailable", "The model is not running.", retryable=True)
    client.force_login(cast.mira())
    (only,) = lines(client.post(url(draft.ticket), posted(draft, "warmer")))
    assert only["done"] and "just reply to this message" in only["text"]
    (again,) = lines(client.post(url(draft.ticket), posted(draft, "warmer", only["text"])))
    assert again["text"] == only["text"] and again["note"].startswith("Nothing was changed")


@pytest.mark.parametrize(
    "fields",
    [
        {"action": "funnier"},
        {"text": " "},
        {"text": "x" * 12_001},
        {"action": "instruct", "instruction": ""},
        {"action": "instruct", "instruction": "x" * 301},
        {"action": "translate", "language": "en"},
        {"action": "translate", "language": "tlh"},
        {"action": "warmer", "text": "日本語で書かれた返信です。よろしくお願いします。"},
    ],
)
def test_what_cannot_be_done_is_refused_with_a_reason(
    client: Client, draft: Draft, rewriter: Rewriter, fields: dict[str, str]
) -> None:
    client.force_login(cast.mira())
    response = client.post(url(draft.ticket), posted(draft, "simpler") | fields)
    assert response.status_code == 422 and len(response.json()["error"]) > 20
    assert not RevisedText.objects.exists()


@pytest.mark.parametrize("composition", ["", "null", "[]", "{", '{"marks": [[1]]}', '{"marks": [[0, 1, 99999]]}'])
def test_marks_that_mean_nothing_are_text(client: Client, draft: Draft, rewriter: Rewriter, composition: str) -> None:
    client.force_login(cast.mira())
    text = "See rows[1] of the table, which is there."
    *_, last = lines(client.post(url(draft.ticket), posted(draft, "simpler", text, composition=composition)))
    assert last["text"] == text and last["marks"] == []


def test_what_can_be_done_now(client: Client, rewriter: Rewriter, monkeypatch: pytest.MonkeyPatch) -> None:
    client.force_login(cast.mira())
    ticket = cast.new_ticket(text="Warum sehe ich zwei Abbuchungen auf meiner Karte? Das verstehe ich nicht.")
    assert client.get(url(ticket)).json() == {"model": True, "why": "", "languages": ["de", "en"]}
    monkeypatch.setattr(llm, "health", lambda timeout=1.5: llm.Health("down", "The model is not running."))
    Customer.objects.update(language="en")
    english = cast.new_ticket()
    assert client.get(url(english)).json() == {"model": False, "why": "The model is not running.", "languages": ["en"]}
