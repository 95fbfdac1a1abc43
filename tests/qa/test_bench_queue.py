"""`manage.py bench_queue`: what it fills a database with, what it measures, and that it leaves ours alone."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from config.numbers import percentile
from copilot.models import Draft
from qa.benchmarks import texts
from qa.benchmarks.filling import THREAD, fill
from qa.benchmarks.measuring import growth
from qa.management.commands.bench_queue import as_table
from tests.browser.stack import prepared
from tests.cast import tomas
from tests.databases.copies import environment
from tests.modules import ROOT
from tickets.models import Customer, Message, OutgoingMail, Ticket, TicketEvent
from tickets.search import INDEX, index_ticket, search_tickets

PAGES = (
    "queue",
    "queue_later_page",
    "queue_lists",
    "queue_filters",
    "ticket",
    "search",
    "search_filtered",
    "dashboard",
)
filled_database = pytest.mark.django_db(transaction=True)


def run(*options: str, var: Path, **more: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "manage.py", "bench_queue", *options]
    env = environment(var) | {"TMPDIR": str(var)} | more
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=250, check=False)


def assert_measured(printed: str) -> None:
    (line,) = printed.splitlines()
    found: dict[str, Any] = json.loads(line)
    assert [size["tickets"] for size in found["sizes"]] == [40, 80]
    for size in found["sizes"]:
        for page in PAGES:
            assert 0 < size[page]["p50_ms"] <= size[page]["p95_ms"] and size[page]["queries"] > 0
        assert size["fill_seconds"] > 0 and len(size["search"]["each_p50_ms"]) == 8
    assert set(found["growth"]) == set(PAGES) and min(found["growth"].values()) > 0


def test_it_prints_one_object_and_leaves_the_configured_database_alone(tmp_path: Path) -> None:
    shutil.copytree(prepared(), tmp_path, dirs_exist_ok=True)
    before = {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    done = run("--tickets", "80,40", "--repeat", "2", "--json", var=tmp_path)
    assert done.returncode == 0, done.stderr[-3000:]
    assert_measured(done.stdout)
    assert "80 of 80 tickets" in done.stderr
    assert {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before
    assert list(tmp_path.glob("copydesk-bench-*")) == []


@pytest.mark.postgresql
@pytest.mark.django_db
def test_on_postgresql_its_databases_are_removed(tmp_path: Path) -> None:
    shutil.copytree(prepared() / "static", tmp_path / "static")
    done = run("--tickets", "40,80", "--repeat", "2", "--json", var=tmp_path, DATABASE_URL=os.environ["DATABASE_URL"])
    assert done.returncode == 0, done.stderr[-3000:]
    assert_measured(done.stdout)
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'copydesk\\_bench\\_%'")
        assert cursor.fetchall() == []


@pytest.mark.parametrize("tickets", ["", "ten", "9", "40,,80", "-40", "1e3", "10000000", "٤٠", "4" * 5000])
def test_a_wrong_size_is_one_line(tickets: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        call_command("bench_queue", tickets=tickets)
    said = capsys.readouterr()
    assert stopped.value.code == 2 and said.out == ""
    assert len(said.err.splitlines()) == 1 and "--tickets takes whole numbers from 10 to 5000000" in said.err


@pytest.mark.parametrize(
    ("option", "value"), [("repeat", "0"), ("repeat", "2,3"), ("only", "queue,mail"), ("only", "")]
)
def test_so_is_another_wrong_option(option: str, value: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        call_command("bench_queue", **{option: value})
    assert stopped.value.code == 2 and capsys.readouterr().err.startswith(f"--{option} ")


@filled_database
def test_every_row_is_one_that_the_desk_could_have_written() -> None:
    filled = fill(60)
    connection.check_constraints()
    for model in (Customer, Ticket, Message, OutgoingMail, TicketEvent, Draft):
        rows = list(model.objects.all())
        assert len(rows) >= 15
        for row in rows:
            row.full_clean()
    assert filled.longest.status == Ticket.Status.OPEN and filled.longest.messages.count() == THREAD
    assert set(Ticket.objects.exclude(pk=filled.longest.pk).values_list("messages__kind", flat=True)) >= {"reply"}


@filled_database
def test_the_shares_are_those_of_a_desk() -> None:
    fill(2000)
    open_ones, pending = Ticket.objects.open(), Ticket.objects.filter(status="pending")
    assert 60 <= open_ones.count() <= 100 and 45 <= pending.count() <= 75
    assert Customer.objects.count() == 500
    assert 600 <= Ticket.objects.exclude(tags=None).count() <= 730
    assert len(set(open_ones.values_list("preparation", flat=True))) == 7
    assert len(set(Ticket.objects.values_list("assignee", flat=True))) == 13
    assert set(Draft.objects.values_list("review", flat=True)) == set(Draft.Review.values)


def full_text() -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT rowid, {INDEX.table}.* FROM {INDEX.table} ORDER BY rowid")
        return list(cursor.fetchall())


@filled_database
def test_the_full_text_is_what_the_desk_would_have_written() -> None:
    filled = fill(40)
    before = full_text()
    assert len(before) == 40
    for ticket in Ticket.objects.all():
        index_ticket(ticket)
    assert full_text() == before
    assert search_tickets(texts.reference(7)) == [7]
    assert filled.longest.pk in search_tickets(filled.longest.customer.name)


@filled_database
def test_what_comes_later_has_numbers_of_its_own() -> None:
    fill(20)
    ticket = Ticket.objects.create(customer=tomas(), subject="Later")
    assert ticket.pk > 20
    assert Message.objects.create(ticket=ticket, kind="customer", text="Hello").pk > 20 * 2


@filled_database
def test_a_database_in_use_is_not_filled() -> None:
    fill(10)
    with pytest.raises(ValueError, match="in use"):
        fill(10)


@filled_database
def test_agents_and_leads_see_their_pages(client: Client) -> None:
    filled = fill(60)
    client.force_login(filled.agent)
    page = client.get(f"/desk/{filled.longest.pk}/").content.decode()
    assert page.count('<article id="message-') == THREAD and "This is message 199." in page
    client.force_login(filled.lead)
    assert client.get("/lead/").status_code == 200


def test_growth_compares_the_largest_size_with_the_smallest() -> None:
    sizes = [
        {"tickets": n, "fill_seconds": 1.0, "queue": {"p50_ms": p50}} for n, p50 in ((10, 20.0), (20, 50), (30, 90))
    ]
    assert growth(sizes) == {"queue": 4.5}
    assert [percentile([5, 1, 4, 2, 3], share) for share in (0.5, 0.95)] == [3, 5]


def test_the_table_has_one_line_for_each_page_and_size() -> None:
    figures = {"p50_ms": 12.5, "p95_ms": 20.0, "queries": 7}
    sizes = [{"tickets": 10, "queue": figures}, {"tickets": 1000, "queue": figures}]
    head, first, last = as_table({"sizes": sizes, "growth": {"queue": 1.0}}).splitlines()
    assert head.split() == ["tickets", "page", "p50", "ms", "p95", "ms", "queries", "growth"]
    assert first.split() == ["10", "queue", "12.5", "20.0", "7"] and last.split()[-1] == "1.0"
