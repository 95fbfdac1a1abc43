"""tickets/mail/reader.py: a mail that takes too long ends the reader process, and the next mails are read."""

import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
from django.db import transaction

from tests.tickets.mails import raw
from tickets.mail import intake, reader
from tickets.mail.mime.parsing import UnreadableMail
from tickets.models import InboundMail, Ticket, User

HEAVY = raw("<p>x" * 200_000, content_type="text/html; charset=utf-8", message_id="<heavy@okafor.example>")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """So little CPU time that a large mail exceeds it."""
    monkeypatch.setattr(reader, "SECONDS", 0.1)


def test_a_mail_is_read_in_another_process() -> None:
    read = reader.read(raw())
    assert read.text.startswith("Hello, my calendar") and read.language == "en"
    child = reader._reader._child
    assert child is not None and child.pid != os.getpid()
    reader.read(raw())
    assert reader._reader._child is child


def test_what_takes_too_long_ends_the_reader(impatient: None) -> None:
    with pytest.raises(UnreadableMail, match="too much computing"):
        reader.read(HEAVY)
    assert reader.read(raw()).text.startswith("Hello, my calendar")


@pytest.mark.django_db
@pytest.mark.any_database
def test_it_is_quarantined_and_the_next_mail_becomes_a_ticket(impatient: None) -> None:
    receipt = intake.receive(HEAVY)
    assert receipt.action == "quarantined" and "too much computing" in receipt.reason
    row = InboundMail.objects.get()
    assert (row.from_email, row.subject) == ("tomas@okafor.example", "Calendar empty")
    assert intake.receive(raw()).action == "created"


@pytest.mark.django_db
@pytest.mark.any_database
def test_a_mail_that_arrives_again_is_not_read_again(impatient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    intake.receive(HEAVY)
    monkeypatch.setattr(reader, "read", None)
    assert intake.receive(HEAVY).action == "duplicate"


@pytest.mark.django_db
@pytest.mark.any_database
def test_a_member_can_make_a_ticket_of_it(impatient: None, mira: User) -> None:
    intake.receive(HEAVY)
    receipt = intake.make_ticket(InboundMail.objects.get(), mira)
    ticket = Ticket.objects.get(pk=receipt.ticket_id)
    assert ticket.customer.email == "tomas@okafor.example"
    assert ticket.messages.get().attachments.get().filename == "original.eml"


def test_a_mail_is_read_again_if_something_else_killed_the_reader() -> None:
    reader.read(raw())
    child = reader._reader._child
    assert child is not None
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert reader.read(raw()).text.startswith("Hello, my calendar")


@pytest.mark.parametrize("mail", [raw(), raw("word " * 200_000)], ids=["small", "more than a pipe takes"])
def test_a_reader_that_does_not_answer_is_ended(monkeypatch: pytest.MonkeyPatch, mail: bytes) -> None:
    reader.read(raw())
    child = reader._reader._child
    assert child is not None
    child.send_signal(signal.SIGSTOP)
    monkeypatch.setattr(reader, "PATIENCE", 0.2)
    rescue = Timer(20, child.kill)  # else a reader that is waited for without end would stop the tests
    rescue.start()
    try:
        with pytest.raises(UnreadableMail, match="too much computing"):
            reader.read(mail)
        assert rescue.is_alive()
    finally:
        rescue.cancel()
    monkeypatch.undo()
    assert reader.read(raw()).text.startswith("Hello, my calendar")


def test_a_mail_larger_than_a_pipe_is_read_whole() -> None:
    read = reader.read(raw("word " * 200_000 + "the end"))
    assert read.mail.attachments[0].content.endswith(b"the end")


def test_memory_is_bounded() -> None:
    from tickets.mail import reader_process

    code = (
        "from tickets.mail import reader_process as r, reading\n"
        "r._limit_memory()\n"
        "reading.read = lambda raw, earlier: bytearray(3 * 1024 ** 3)\n"
        "import pickle; print(pickle.loads(r._answer(b'x', False)))"
    )
    assert reader_process.MEMORY < 2 * 1024**3
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "Reading it takes too much memory"


def test_a_defect_of_copydesk_becomes_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    import pickle

    from tickets.mail import reader_process

    def broken(raw: bytes, earlier: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr(reader_process.reading, "read", broken)
    assert pickle.loads(reader_process._answer(b"x", False)) == "The mail cannot be read (KeyError)"


def test_the_reader_has_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "very secret")
    fresh = reader.Reader()
    fresh.ask(raw(), 5, only_headers=True)
    assert fresh._child is not None
    assert b"very secret" not in Path(f"/proc/{fresh._child.pid}/environ").read_bytes()
    fresh.close()
    assert fresh._child.wait(10) == 0  # it ends when its owner does


class Harmful:
    """What a child that a mail has taken over might answer."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.target),)


@pytest.mark.parametrize("answer", ["harmful", "broken", "a subprocess"])
def test_a_reader_that_was_taken_over_runs_nothing_here(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, answer: str
) -> None:
    answers = {
        "harmful": pickle.dumps(Harmful(tmp_path / "made")),
        "broken": b"no pickle at all",
        "a subprocess": b"\x80\x04\x8c\x0etickets.reader\x8c\x10subprocess.Popen\x93.",
    }
    monkeypatch.setattr(reader, "_exchange", lambda child, request: answers[answer])
    with pytest.raises(UnreadableMail, match="unexpected answer"):
        reader.read(raw())
    assert not (tmp_path / "made").exists()


@pytest.mark.django_db
def test_nothing_is_read_while_the_database_is_locked(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """`receive` is called outside of a transaction. The one that it opens begins after reading."""
    order: list[str] = []
    read, atomic = reader.read, transaction.atomic

    def noted_read(content: bytes) -> Any:
        order.append("read")
        return read(content)

    def noted_atomic(*args: Any, **kwargs: Any) -> Any:
        order.append("atomic")
        return atomic(*args, **kwargs)

    monkeypatch.setattr(reader, "read", noted_read)
    monkeypatch.setattr(intake.transaction, "atomic", noted_atomic)
    intake.receive(raw())
    assert order[0] == "read" and order.count("read") == 1 and "atomic" in order


def test_a_fork_starts_a_reader_of_its_own() -> None:
    """Workers are forks. Two that share one pair of pipes would read each other's mails."""
    reader.read(raw())
    parents = reader._reader._child
    assert parents is not None
    before = time.monotonic()
    pid = os.fork()
    if pid == 0:  # pragma: no cover - the child's own process
        try:
            reader.read(raw())
            own = reader._reader._child
            os._exit(0 if own is not None and own.pid != parents.pid else 1)
        except BaseException:  # noqa: BLE001
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert reader.read(raw()).text.startswith("Hello") and time.monotonic() - before < 60
