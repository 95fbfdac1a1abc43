"""Signals between apps: after the commit, robust, with ids only, and in no other way."""

import ast
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.dispatch import Signal

from config import signal_delivery
from tests.modules import ROOT, tracked
from tests.tickets.undoing import undo_events
from tickets import lifecycle, notes, signals
from tickets.models import Message, Ticket, User

WRITTEN = "my card number is 4111"


@pytest.fixture
def signal() -> Signal:
    return Signal()


@pytest.fixture
def received(signal: Signal) -> Iterator[list[dict[str, Any]]]:
    found: list[dict[str, Any]] = []

    def listen(sender: Any, signal: Signal, **ids: Any) -> None:
        found.append(ids)

    signal.connect(listen)
    yield found
    signal.disconnect(listen)


def breaks(sender: Any, **ids: Any) -> None:
    raise RuntimeError(WRITTEN)


@pytest.mark.django_db(transaction=True)
class TestTelling:
    def test_after_the_commit(self, signal: Signal, received: list[dict[str, Any]]) -> None:
        with transaction.atomic():
            signal_delivery.send_on_commit(signal, Ticket, ticket_id=7)
            assert received == []
        assert received == [{"ticket_id": 7}]

    def test_nothing_after_a_rollback(self, signal: Signal, received: list[dict[str, Any]]) -> None:
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            signal_delivery.send_on_commit(signal, Ticket, ticket_id=7)
            raise ZeroDivisionError
        assert received == []

    def test_at_once_where_there_is_no_transaction(self, signal: Signal, received: list[dict[str, Any]]) -> None:
        signal_delivery.send_on_commit(signal, Ticket, ticket_id=7)
        assert received == [{"ticket_id": 7}]

    def test_to_all_receivers_though_one_fails_and_the_log_has_no_content(
        self, signal: Signal, caplog: pytest.LogCaptureFixture
    ) -> None:
        after: list[int] = []

        def receive(sender: Any, ticket_id: int, **ids: Any) -> None:
            after.append(ticket_id)

        signal_delivery.connect(signal, breaks)
        signal_delivery.connect(signal, receive)
        signal_delivery.send_on_commit(signal, Ticket, ticket_id=7)
        assert after == [7]
        ours = [record.getMessage() for record in caplog.records if record.name == "config.signal_delivery"]
        assert (
            len(ours) == 1 and "tests.config.test_signal_delivery.breaks" in ours[0] and "{'ticket_id': 7}" in ours[0]
        )
        assert "RuntimeError in test_signal_delivery.py:" in ours[0] and WRITTEN not in ours[0]

    def test_a_receiver_is_called_once_however_often_it_is_connected(self, signal: Signal) -> None:
        received: list[int] = []

        def receive(sender: Any, ticket_id: int, **ids: Any) -> None:
            received.append(ticket_id)

        signal_delivery.connect(signal, receive)
        signal_delivery.connect(signal, receive)
        signal_delivery.send_on_commit(signal, Ticket, ticket_id=7)
        assert received == [7]


def test_djangos_own_log_line_is_switched_off(settings: Any) -> None:
    assert settings.LOGGING["loggers"]["django.dispatch"]["level"] == "CRITICAL"


@pytest.mark.django_db(transaction=True)
def test_a_broken_receiver_undoes_nothing(ticket: Ticket, mira: User, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever a receiver does, the ticket is closed and the agent sees that."""
    caplog.set_level(logging.ERROR)
    signals.ticket_closed.connect(breaks, dispatch_uid="broken")
    try:
        closing = lifecycle.close(ticket, mira, ["refund"])
        assert undo_events(closing, mira).undone == [ticket.pk]
    finally:
        signals.ticket_closed.disconnect(dispatch_uid="broken")
    assert Ticket.objects.get().status == "open"
    assert any("receiver failed" in record.getMessage() for record in caplog.records)
    notes.write(ticket, mira, "All well.")
    assert Message.objects.filter(kind=Message.Kind.NOTE).count() == 1


# --- one way ------------------------------------------------------------------------------

APPS = ("config/", "tickets/", "knowledge/", "copilot/", "qa/", "demo/")
NOT_SIGNALS = {"live", "client", "layer", "self", "super()"}  # what else a module that knows signals may `send` with
NOT_CONNECTED = {"sqlite3", "aiosqlite", "super()", "signal_delivery"}


def calls() -> Iterator[tuple[str, ast.Module, ast.Call]]:
    for path in tracked():
        name = path.relative_to(ROOT).as_posix()
        if path.suffix == ".py" and name.startswith(APPS) and name != "config/signal_delivery.py":
            tree = ast.parse(path.read_text(encoding="utf-8"))
            yield from ((name, tree, node) for node in ast.walk(tree) if isinstance(node, ast.Call))


def knows_signals(tree: ast.Module) -> bool:
    named: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            named |= {part for alias in node.names for part in alias.name.split(".")}
        if isinstance(node, ast.ImportFrom):
            named |= {*(node.module or "").split("."), *(alias.name for alias in node.names)}
    return not named.isdisjoint({"signals", "dispatch", "Signal"})


def wrong_calls(found: Iterator[tuple[str, ast.Module, ast.Call]]) -> list[str]:
    wrong = []
    for name, tree, call in found:
        function = call.func
        where = f"{name}:{call.lineno}"
        if isinstance(function, ast.Attribute):
            owner = ast.unparse(function.value)
            robust = function.attr in {"send_robust", "asend_robust"}
            sent = function.attr in {"send", "asend"} and owner not in NOT_SIGNALS and knows_signals(tree)
            if robust or sent:
                wrong.append(f"{where} sends a signal: use config.signal_delivery.send_on_commit")
            if function.attr == "connect" and owner not in NOT_CONNECTED:
                wrong.append(f"{where} connects a receiver: use config.signal_delivery.connect")
        called = ast.unparse(function)
        if called in {"signal_delivery.connect", "connect"} and Path(name).name != "apps.py":
            wrong.append(f"{where} connects outside apps.py")
        if called in {"receiver", "dispatch.receiver"} and "django.dispatch" in ast.unparse(tree):
            wrong.append(f"{where} connects a receiver: use config.signal_delivery.connect")
        if called in {"signal_delivery.send_on_commit", "send_on_commit"}:
            wrong += [f"{where} sends {each.arg}" for each in call.keywords if not (each.arg or "").endswith("_id")]
    return wrong


def test_signals_are_sent_and_connected_in_one_way() -> None:
    assert wrong_calls(calls()) == []


@pytest.mark.parametrize(
    "code",
    [
        "from tickets import signals\nsignals.ticket_closed.send(Ticket, ticket_id=1)",
        "from knowledge.signals import article_published as news\nnews.send(Article, article_id=1)",
        "def f(x):\n    x.send_robust(None)",
        "from django.dispatch import Signal\ndef f(news: Signal):\n    news.send(None)",
        "from tickets.signals import ticket_closed\nticket_closed.connect(print)",
        "from django.dispatch import receiver\n@receiver(post_save)\ndef f(**kwargs): ...",
        "from config import signal_delivery\nsignal_delivery.connect(signal, f)",
        "from config.signal_delivery import send_on_commit\nsend_on_commit(signal, Ticket, text='words')",
    ],
)
def test_another_way_is_found(code: str) -> None:
    tree = ast.parse(code)
    found = [("tickets/invented.py", tree, node) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert len(wrong_calls(iter(found))) == 1
