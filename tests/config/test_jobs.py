"""config/jobs.py and brokers.py: the same job never waits twice, runs once more if asked for while it runs, and a
broken broker breaks nobody. The same rules for the database and for Redis.
"""

import ast
import os
import runpy
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings as django_settings
from django.db import OperationalError, transaction
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import Schedule
from django_q.scheduler import scheduler
from django_q.signing import SignedPackage

from config import jobs
from config.background import brokers, lanes
from config.jobs import SLOW, WORKER, queue
from config.models import Heartbeat, Job
from tests.modules import ROOT, tracked
from tests.waiting import wait_until

JOB = "tickets.tasks.send_reply"
Broker = Any


@pytest.fixture(scope="module")
def redis_server() -> Iterator[str]:
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [program, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:

        def answers() -> bool:
            with socket.socket() as line:
                return line.connect_ex(("127.0.0.1", port)) == 0

        wait_until(answers)
        yield f"redis://127.0.0.1:{port}/0"
        server.terminate()


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """Redis without what the test before left in it."""
    redis.Redis.from_url(redis_server).flushdb()
    return redis_server


@pytest.fixture(autouse=True)
def one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test is one transaction; a broker would close its connection as a left-over one."""
    for place in ("config.background.brokers", "config.background.redis_broker", "django_q.scheduler"):
        monkeypatch.setattr(f"{place}.close_old_django_connections", lambda: None)


@pytest.fixture(params=["database", pytest.param("redis", marks=pytest.mark.services)])
def broker(request: pytest.FixtureRequest, settings: Any, monkeypatch: pytest.MonkeyPatch, db: None) -> Broker:
    """The broker of the worker lane, whose cluster has two workers."""
    monkeypatch.setattr(Conf, "WORKERS", 2)
    monkeypatch.setattr(Conf, "POLL", 0)
    settings.REDIS_URL = request.getfixturevalue("redis_url") if request.param == "redis" else ""
    monkeypatch.setattr(Conf, "REDIS", settings.REDIS_URL)
    broker = brokers.of(WORKER)
    broker.purge_queue()
    return broker


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test is one transaction, so run on_commit functions at once."""
    monkeypatch.setattr(transaction, "on_commit", lambda work: work())


def taken(broker: Broker) -> tuple[Any, tuple[int, ...]]:
    """The acknowledgement and the ids of the next job."""
    handed = broker.dequeue()
    assert handed, "no job is due"
    return handed[0][0], SignedPackage.loads(handed[0][1])["args"]


@pytest.mark.usefixtures("at_once")
class TestBoth:
    def test_the_same_job_waits_once(self, broker: Broker) -> None:
        for _ in range(3):
            queue(JOB, 12, lane=WORKER)
        queue(JOB, 13, lane=WORKER)
        assert broker.queue_size() == 2

    def test_in_another_lane_it_is_another_job(self, broker: Broker) -> None:
        queue(JOB, 12, lane=WORKER)
        queue(JOB, 12, lane=SLOW)
        assert (broker.queue_size(), brokers.of(SLOW).queue_size()) == (1, 1)
        brokers.of(SLOW).purge_queue()

    def test_asked_for_while_it_runs_it_runs_once_more(self, broker: Broker) -> None:
        queue(JOB, 12, lane=WORKER)
        receipt, _ = taken(broker)
        for _ in range(2):
            queue(JOB, 12, lane=WORKER)
        broker.acknowledge(receipt)
        assert broker.queue_size() == 1
        assert taken(broker)[1] == (12,)

    def test_it_waits_for_its_time_and_an_earlier_one_counts(self, broker: Broker) -> None:
        later = timezone.now() + timedelta(minutes=5)
        queue(JOB, 12, lane=WORKER, after=later)
        assert broker.dequeue() is None and broker.queue_size() == 0
        queue(JOB, 12, lane=WORKER)
        queue(JOB, 12, lane=WORKER, after=later)
        assert taken(broker)[1] == (12,)

    def test_first_come_first_served(self, broker: Broker) -> None:
        for number in (3, 1, 2):
            queue(JOB, number, lane=WORKER)
        first, second = taken(broker), taken(broker)
        assert (first[1], second[1]) == ((3,), (1,))

    def test_no_more_are_handed_out_than_workers_are_free(self, broker: Broker) -> None:
        for number in range(3):
            queue(JOB, number, lane=WORKER)
        receipt, _ = taken(broker)
        taken(broker)
        assert broker.dequeue() is None
        assert broker.load()[:2] == (1, 2)
        broker.acknowledge(receipt)
        assert taken(broker)[1] == (2,)

    def test_a_schedule_that_is_due_again_while_its_job_waits_queues_nothing(
        self, broker: Broker, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Conf, "CLUSTER_NAME", WORKER)
        past = timezone.now() - timedelta(minutes=1)
        Schedule.objects.create(name="Send", func="tickets.tasks.send_due_mail", cluster=WORKER, next_run=past)
        for _ in range(3):
            Schedule.objects.update(next_run=past, repeats=-1, schedule_type=Schedule.MINUTES, minutes=1)
            scheduler(broker=broker)
        assert broker.queue_size() == 1

    def test_a_process_that_takes_jobs_has_a_heartbeat(self, broker: Broker) -> None:
        broker.dequeue()
        assert lanes.alive(WORKER) == 1

    def test_the_lane_says_how_long_the_oldest_job_has_waited(self, broker: Broker) -> None:
        broker.due = timezone.now() - timedelta(minutes=2)
        broker.enqueue(SignedPackage.dumps({"func": JOB, "args": (12,), "kwargs": {}}))
        oldest = broker.load()[2]
        assert oldest is not None and oldest >= timedelta(minutes=2)
        assert lanes.lane(WORKER).state == "dead"
        Heartbeat.objects.create(lane=WORKER, holder="another-machine:7")
        assert lanes.lane(WORKER).state == "late"


@pytest.mark.django_db
class TestQueue:
    def test_nothing_is_queued_after_a_rollback(
        self, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
    ) -> None:
        put: list[Any] = []
        monkeypatch.setattr(jobs, "_put", lambda *job: put.append(job))
        with django_capture_on_commit_callbacks(execute=True):
            with pytest.raises(RuntimeError), transaction.atomic():
                queue(JOB, 1, lane=WORKER)
                raise RuntimeError
            queue(JOB, 2, lane=WORKER)
            assert put == []
        assert [job[1] for job in put] == [(2,)]

    def test_a_broken_broker_raises_nothing(
        self,
        monkeypatch: pytest.MonkeyPatch,
        django_capture_on_commit_callbacks: Any,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        def broken(*args: Any, **kwargs: Any) -> None:
            raise ConnectionError("no broker")

        monkeypatch.setattr(brokers, "of", broken)
        with django_capture_on_commit_callbacks(execute=True):
            queue(JOB, 1, lane=WORKER)
        assert [record.getMessage() for record in caplog.records] == [
            f"job not queued: job={JOB} ids=(1,) error=ConnectionError"
        ]

    def test_a_lane_waits_for_a_locked_database_and_goes_on(self, monkeypatch: pytest.MonkeyPatch) -> None:
        broker = brokers.Database(WORKER)
        broker.enqueue(SignedPackage.dumps({"func": JOB, "args": (13,), "kwargs": {}}))

        def locked() -> None:
            raise OperationalError("database is locked")

        with monkeypatch.context() as patch:
            patch.setattr(broker.pulse, "beat", locked)
            patch.setattr(brokers, "sleep", lambda seconds: None)
            assert broker.dequeue() is None
        assert taken(broker)[1] == (13,)

    def test_a_lane_that_does_not_exist_is_a_mistake(self) -> None:
        with pytest.raises(ValueError, match="no lane"):
            queue(JOB, 1, lane="fast")


@pytest.mark.django_db
@pytest.mark.usefixtures("at_once")
class TestDatabaseDeath:
    """With the database as broker, the job of a dead worker is handed out again, a few times."""

    @pytest.fixture
    def broker(self, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Broker:
        monkeypatch.setattr(Conf, "WORKERS", 2)
        monkeypatch.setattr(Conf, "POLL", 0)
        settings.REDIS_URL = ""
        return brokers.of(WORKER)

    def die(self) -> None:
        Job.objects.filter(key=None).update(due=timezone.now() - timedelta(seconds=1))

    def test_it_is_handed_out_again(self, broker: Broker) -> None:
        queue(JOB, 12, lane=WORKER)
        taken(broker)
        self.die()
        assert taken(broker)[1] == (12,)

    def test_not_while_the_same_job_waits(self, broker: Broker) -> None:
        queue(JOB, 12, lane=WORKER)
        taken(broker)
        queue(JOB, 12, lane=WORKER)
        self.die()
        while broker.dequeue():
            pass
        assert Job.objects.count() == 1

    def test_not_for_ever(self, broker: Broker) -> None:
        queue(JOB, 12, lane=WORKER)
        times = 0
        while broker.dequeue():
            times += 1
            self.die()
        assert (times, Job.objects.count()) == (Conf.MAX_ATTEMPTS, 0)


@pytest.fixture(params=["sqlite", "postgresql", "redis"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of processes that share one broker."""
    env = os.environ | {"VAR_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    env = {name: value for name, value in env.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    if request.param == "redis":
        yield env | {"REDIS_URL": request.getfixturevalue("redis_url")}
    elif request.param == "postgresql":
        folder = tmp_path_for_postgres(request)
        with runpy.run_path(str(ROOT / "scripts/with_services.py"))["postgresql"](folder) as url:
            yield env | {"DATABASE_URL": url}
    else:
        yield env


def tmp_path_for_postgres(request: pytest.FixtureRequest) -> Path:
    """The server runs as another user, who cannot enter pytest's own folders."""
    folder = tempfile.TemporaryDirectory(prefix="copydesk-jobs-")
    request.addfinalizer(folder.cleanup)
    return Path(folder.name)


# Four processes wait for each other before each of thirty jobs, so that all ask for it at the same moment.
ASK_AT_ONCE = """
import multiprocessing
import django
django.setup()
from django.core.management import call_command
from django.db import connections
from config.background import brokers
from config.jobs import queue, WORKER

def ask():
    for number in range(30):
        barrier.wait(60)
        queue("tickets.tasks.send_reply", number, lane=WORKER)
        queue("tickets.tasks.send_reply", number, lane=WORKER)

call_command("migrate", "config", verbosity=0)
connections.close_all()
forking = multiprocessing.get_context("fork")
barrier = forking.Barrier(4)
processes = [forking.Process(target=ask) for _ in range(4)]
for each in processes:
    each.start()
for each in processes:
    each.join()
print([each.exitcode for each in processes], brokers.of(WORKER).queue_size())
"""


@pytest.mark.services
def test_many_processes_that_ask_at_once_queue_one_job(place: dict[str, str]) -> None:
    command = [sys.executable, "-c", ASK_AT_ONCE]
    done = subprocess.run(command, cwd=ROOT, env=place, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[0, 0, 0, 0] 30", done.stderr
    assert "not queued" not in done.stderr  # a broker's error is only logged: see config/jobs.py


def test_nothing_but_jobs_calls_async_task() -> None:
    """There is one way to queue. Tests replace the function by name, which is not a call."""
    calls = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file in tracked()
        if file.suffix == ".py" and file != ROOT / "config/jobs.py" and "tests" not in file.relative_to(ROOT).parts
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if (isinstance(node, ast.ImportFrom) and any(alias.name == "async_task" for alias in node.names))
        or (isinstance(node, ast.Attribute) and node.attr == "async_task")
        or (isinstance(node, ast.Name) and node.id == "async_task")
    ]
    assert calls == []


def test_the_settings_name_both_lanes() -> None:
    cluster = django_settings.Q_CLUSTER
    assert cluster["cluster_name"] == WORKER and set(cluster["ALT_CLUSTERS"]) == {SLOW}
    assert cluster["timeout"] < cluster["retry"]
    assert cluster["ALT_CLUSTERS"][SLOW]["timeout"] < cluster["ALT_CLUSTERS"][SLOW]["retry"]
