"""The addresses of the check, and what may not be sent whoever asks."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from copilot import llm
from copilot.grounding import checking, weights
from copilot.llm import errors
from copilot.models import Citation, Draft
from tests.fakes import FakeModel
from tickets import outbox, refusing
from tickets.models import Customer, Message, Ticket, User

NOTE = "The bank opened a dispute about these payments, we must not mention it before May."
UNIT = "A pending authorisation disappears from the card within 5 business days."


@pytest.fixture
def desk(client: Client, mira: User) -> Client:
    client.force_login(mira)
    return client


@pytest.fixture
def noted(ticket: Ticket, rosa: User) -> Ticket:
    Message.objects.create(ticket=ticket, kind="note", author=rosa, text=NOTE)
    return ticket


def asked(client: Client, ticket: Ticket, text: str, name: str = "presend", **fields: Any) -> Any:
    return client.post(reverse(f"copilot:{name}", args=[ticket.pk]), {"text": text, **fields})


def test_findings_quote_the_words_and_say_where_they_are(desk: Client, ticket: Ticket) -> None:
    text = "Hi Lena,\n\n👋 it takes 9 days."
    first, second = asked(desk, ticket, text).json()["findings"]
    assert first | {"message": ""} == {
        "code": "greeting", "level": "warning", "start": 3, "end": 7, "words": "Lena", "message": "", "mend": "Tomas",
    }  # fmt: skip
    assert text[second["start"] : second["end"]] == second["words"] == "9 days"
    assert second["message"] == "“9 days” is in none of the sources and messages."


@pytest.mark.parametrize("name", ["presend", "doubts"])
@pytest.mark.parametrize("composition", ["[]", '{"marks": 3}', '{"marks": [[1]]}', "no JSON"])
def test_what_no_browser_sends_is_refused(desk: Client, ticket: Ticket, name: str, composition: str) -> None:
    assert asked(desk, ticket, "Hi", name, composition=composition).status_code == 422


def test_an_empty_reply_and_an_unknown_ticket(desk: Client, ticket: Ticket) -> None:
    assert asked(desk, ticket, "").json() == {"findings": [], "origins": ""}
    assert desk.post(reverse("copilot:presend", args=[ticket.pk + 1]), {"text": "Hi"}).status_code == 404


def test_nothing_is_written(desk: Client, noted: Ticket, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(14) as asked_for:
        asked(desk, noted, f"Hi Lena, {NOTE} Ask lena@haas.example.")
    assert [
        each["sql"] for each in asked_for.captured_queries if not each["sql"].startswith(("SELECT", "SAVEPOINT"))
    ] == []


# --- the server refuses --------------------------------------------------------------------------


@pytest.mark.parametrize("text", [f"Hi Tomas, {NOTE}", "Ask lena@haas.example.", "Hi [customer name], it is gone."])
def test_a_blocked_reply_is_refused_also_without_a_browser(
    desk: Client, noted: Ticket, lena: Customer, text: str
) -> None:
    fields = {"text": text, "submission": str(uuid4())}
    answer = desk.post(reverse("tickets:reply", args=[noted.pk]), fields)
    assert answer.status_code == 422
    assert "“" in answer.json()["error"]
    assert not noted.messages.filter(kind="reply").exists()


def test_a_citation_in_the_middle_hides_nothing(desk: Client, noted: Ticket) -> None:
    draft = Draft.objects.create(ticket=noted, message=noted.messages.earliest("id"), state="ready", text="x [1]")
    Citation.objects.create(draft=draft, number=1, title="A", excerpt=UNIT, score=0.8)
    text = NOTE.replace("dispute", "dispute [1]")
    marks = {"marks": [[text.index("[1]"), 1, draft.pk]], "passages": []}
    fields = {"text": text, "submission": str(uuid4()), "composition": json.dumps(marks)}
    assert desk.post(reverse("tickets:reply", args=[noted.pk]), fields).status_code == 422


def test_leads_and_other_callers_are_refused_too(noted: Ticket, rosa: User) -> None:
    with pytest.raises(refusing.Refused):
        outbox.write_reply(noted, rosa, NOTE, submission=None)


def test_warnings_do_not_hold_a_reply_back_and_notes_are_not_checked(desk: Client, noted: Ticket) -> None:
    fields = {"text": "Hi Lena, it takes 9 days.", "submission": str(uuid4())}
    assert desk.post(reverse("tickets:reply", args=[noted.pk]), fields).status_code == 200
    fields = {"text": f"{NOTE} [customer name]", "submission": str(uuid4())}
    assert desk.post(reverse("tickets:note", args=[noted.pk]), fields).status_code == 200


def test_what_was_sent_already_is_not_judged_again(desk: Client, ticket: Ticket, rosa: User) -> None:
    fields = {"text": f"Hi Tomas, {NOTE}", "submission": str(uuid4())}
    first = desk.post(reverse("tickets:reply", args=[ticket.pk]), fields).json()
    Message.objects.create(ticket=ticket, kind="note", author=rosa, text=NOTE)
    assert desk.post(reverse("tickets:reply", args=[ticket.pk]), fields).json()["message"] == first["message"]


# --- the model's doubts --------------------------------------------------------------------------


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> FakeModel:
    fake = FakeModel(yes=0.01)
    monkeypatch.setattr(llm, "HttpModel", lambda: fake)
    monkeypatch.setattr(checking, "weights_of_writer", lambda: next(iter(weights.of_writers().values())))
    return fake


@pytest.fixture
def sourced(ticket: Ticket) -> Ticket:
    draft = Draft.objects.create(ticket=ticket, message=ticket.messages.get(), state="ready", text="")
    Citation.objects.create(draft=draft, number=1, title="Two charges", excerpt=UNIT, score=0.8)
    return ticket


def test_the_model_doubts_what_a_person_states(desk: Client, sourced: Ticket, model: FakeModel) -> None:
    text = f"Hi Tomas,\n\n{UNIT} I looked at it. The bank collects cancelled authorisations again later. Is that fine?"
    found = asked(desk, sourced, text, "doubts").json()["findings"]
    assert [(each["level"], each["words"]) for each in found] == [
        ("doubt", "The bank collects cancelled authorisations again later.")
    ]
    assert len(model.checked) == 2  # both ways, and not what is word for word, what somebody does, or a question


def test_a_statement_that_the_model_believes_is_not_doubted(desk: Client, sourced: Ticket, model: FakeModel) -> None:
    model.yes = 0.999
    assert asked(desk, sourced, "Pending authorisations disappear from cards.", "doubts").json() == {"findings": []}


@pytest.mark.parametrize("reason", ["error", "weights", "no source"])
def test_without_a_model_or_a_source_there_are_no_doubts(
    desk: Client, sourced: Ticket, model: FakeModel, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    if reason == "error":
        model.error = errors.broken()
    elif reason == "weights":
        monkeypatch.setattr(checking, "weights_of_writer", lambda: None)
    else:
        Citation.objects.all().delete()
    assert asked(desk, sourced, "The bank collects cancelled authorisations.", "doubts").json() == {"findings": []}
