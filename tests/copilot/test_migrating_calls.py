"""What older versions kept of calls is there after the upgrade: nothing invented, nothing lost."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests import cast
from tickets.models import Ticket

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE, AFTER = ("copilot", "0005_mask_subjects"), ("copilot", "0006_model_calls")
ASKED = [{"role": "user", "content": "Why two charges? <FULL_NAME>"}]


def migrate(*targets: tuple[str, str]) -> Any:
    executor = MigrationExecutor(connection)
    executor.migrate(list(targets))
    return MigrationExecutor(connection).loader.project_state(list(targets)).apps


@pytest.fixture
def old() -> Iterator[Any]:
    """The models of the version before; afterwards the newest again."""
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    try:
        yield migrate(BEFORE)
    finally:
        migrate(*newest)


def old_draft(old: Any, state: str, **generation: Any) -> int:
    ticket: Ticket = cast.new_ticket(subject="Charges")
    message = ticket.messages.get()
    draft = old.get_model("copilot", "Draft").objects.create(
        ticket_id=ticket.pk, message_id=message.pk, state=state, attempts=1
    )
    kept = {
        "prompt_version": "reply-1@0123456789",
        "prompt": ASKED,
        "settings": {"temperature": 0.1, "seed": 1, "max_tokens": 220},
        "retrieval": {"query": "Why two charges?", "hits": [], "answerable": None},
    }
    old.get_model("copilot", "Generation").objects.create(draft=draft, **(kept | generation))
    return int(draft.pk)


def old_run(old: Any, state: str, **fields: Any) -> int:
    topic = old.get_model("knowledge", "GapTopic").objects.create(name="Reminders")
    runs = old.get_model("copilot", "GapArticleRun").objects
    return int(runs.create(topic=topic, requested_by_id=cast.ken().pk, state=state, **fields).pk)


# How a draft ended, what was kept of its call, and which calls that were: purpose, finish reason, error.
DRAFTS: list[tuple[str, dict[str, Any], list[tuple[str, str, str]]]] = [
    ("no_source", {}, []),  # the search found nothing: nobody was asked
    ("no_source", {"retrieval": {"answerable": 0.2}}, [("check", "", "")]),
    ("no_source", {"response": "NO ANSWER", "model": "qwen", "finish_reason": "stop"}, [("draft", "stop", "")]),
    ("failed", {}, [("draft", "", "unknown")]),
    ("stopped", {"response": "Hi", "model": "qwen"}, [("draft", "stopped", "")]),
    ("ready", {"response": "Hi", "model": "demo", "settings": {"seeded": True}}, []),  # no model wrote it
]
PROMPT = {"prompt_version": "article-1@0123456789", "prompt": ASKED, "model": "qwen"}
ARTICLES: list[tuple[str, dict[str, Any], list[tuple[str, str, str]]]] = [
    ("queued", {}, []),
    ("ready", PROMPT | {"text": "# T"}, [("# T", "", "")]),
    ("stopped", PROMPT | {"text": "# T"}, [("# T", "stopped", "")]),
    ("failed", PROMPT, [("", "", "unknown")]),
]


def test_an_upgrade(old: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """All in one: each step back and forward costs seconds. In batches of two, so that there are several."""
    monkeypatch.setattr(import_module("copilot.migrations.0006_model_calls"), "BATCH", 2)
    written = a_draft_that_was_written(old)
    drafts = {old_draft(old, state, **fields): calls for state, fields, calls in DRAFTS}
    articles = {old_run(old, state, **fields): calls for state, fields, calls in ARTICLES}

    new = migrate(AFTER)
    calls = new.get_model("copilot", "ModelCall").objects.order_by("pk")
    it_is_all_there(new, written)
    for draft, expected in drafts.items():
        assert list(calls.filter(draft=draft).values_list("purpose", "finish_reason", "error")) == expected
    for run, expected in articles.items():
        found = calls.filter(article_run=run, purpose="gap_article", model="qwen", messages=ASKED)
        assert list(found.values_list("output", "finish_reason", "error")) == expected
    assert calls.count() == 2 + sum(map(len, [*drafts.values(), *articles.values()]))
    assert new.get_model("copilot", "DraftRecord").objects.count() == 1 + len(drafts)


FOUND = {"query": "Why two charges?", "hits": [{"score": 0.8}], "answerable": 0.7}
TIMES = {"retrieval_ms": 40, "first_token_ms": 900, "total_ms": 3000}
TOKENS = {"prompt_tokens": 400, "cached_tokens": 350, "completion_tokens": 42}
ANSWERED = {"response": "Hi <NAME>, it goes [1].", "model": "qwen", "finish_reason": "stop"}
SAID = {"redactions": {"<NAME>": "name"}, "dropped_citations": [4]}


def a_draft_that_was_written(old: Any) -> int:
    return old_draft(old, "ready", retrieval=FOUND, **TIMES, **TOKENS, **ANSWERED, **SAID)


def it_is_all_there(new: Any, draft: int) -> None:
    record = new.get_model("copilot", "DraftRecord").objects.get(draft=draft)
    assert record.retrieval == FOUND
    assert {name: getattr(record, name) for name in TIMES | SAID} == TIMES | SAID
    calls = new.get_model("copilot", "ModelCall").objects.filter(draft=draft)
    reply, check = calls.get(purpose="draft"), calls.get(purpose="check")
    assert reply.messages == ASKED and reply.settings["max_tokens"] == 220
    assert (reply.output, reply.model, reply.finish_reason, reply.error) == (*ANSWERED.values(), "")
    assert {name: getattr(reply, name) for name in TOKENS} == TOKENS
    assert reply.created_at == record.created_at
    # What a person waited is not how long the model took, and its hash was not kept.
    assert (reply.first_token_ms, reply.total_ms, reply.model_sha256) == (None, None, "")
    assert (check.probability, check.messages) == (0.7, [])
