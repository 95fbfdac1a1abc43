"""Lanes as real processes: replies are sent whatever other lanes do, and nothing is lost when a process is killed.

The model is a fake server (model_server.py), the embedder the one of the tests, so no downloaded files are needed.
"""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.stack import FAKE_EMBEDDER, SCHEDULES, STAND_IN, Stack, free_port
from tests.waiting import wait_until

pytestmark = pytest.mark.services
# Seconds from Send to the mail. What a reply must not wait for takes longer: a job of a minute, a model that says
# nothing until the 90 s of LLM_TIMEOUT are over. scripts/bench_lanes.py measures how soon it is sent.
SOON = 40.0
WRITE = (
    "__import__('tickets.outbox').outbox.write_reply("
    "Ticket.objects.get(pk=%d), User.objects.first(), 'Done.', submission=None).pk"
)
SEED = """
from knowledge.articles import publishing
from knowledge.models import Article
from tests import cast
cast.mira()
article = Article(title="Pending charges", body_md="A pending charge disappears within 5 business days.")
publishing.save_revision(article)
publishing.approve(article, sync=False)
Article.objects.update(indexed=article.published)  # there is no vector store here, and nothing waits for it
for number in range(12):
    cast.new_ticket(cast.tomas(), f"Pending charge {number}", "When does the pending charge disappear?")
"""


class Desk(Stack):
    """A stack with a fake model server that can be replaced."""

    def __init__(self, var: Path) -> None:
        self.model_port = free_port()
        self.model: subprocess.Popen[bytes] | None = None
        super().__init__(
            var,
            LLM_BASE_URL=f"http://127.0.0.1:{self.model_port}/v1",
            **FAKE_EMBEDDER,
        )

    def behave(self, how: str) -> None:
        """dead: no model server at all."""
        if self.model is not None:
            self.model.kill()
            self.model.wait()
        self.model = None
        if how != "dead":
            self.model = subprocess.Popen([sys.executable, str(STAND_IN), str(self.model_port), how])

    def stop(self) -> None:
        self.behave("dead")
        super().stop()

    def seconds_until_sent(self) -> float:
        """From Send to the mail, the undo window included."""
        before, ticket = len(self.sent_mails()), self.ask("Ticket.objects.filter(status='open').last().pk")
        began = time.monotonic()
        self.ask(WRITE % ticket)
        wait_until(lambda: len(self.sent_mails()) == before + 1, 60, every=0.02)
        return time.monotonic() - began

    def queued_twice(self) -> list[str]:
        """Jobs that wait more than once in a lane."""
        return self.ask(  # type: ignore[no-any-return]
            "[k for k, n in __import__('collections').Counter("
            "(j.lane, __import__('config.background.packages').background.packages.key_of(j.lane, j.payload)) for j in "
            "__import__('config.models').models.Job.objects.exclude(key=None)).items() if n > 1]"
        )


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A VAR_DIR with what every test begins with. It is only copied."""
    folder = tmp_path_factory.mktemp("seeded")
    Desk(folder).prepare(SCHEDULES + SEED)
    return folder


@pytest.fixture
def desk(tmp_path: Path, seeded: Path) -> Iterator[Desk]:
    shutil.copytree(seeded, tmp_path, dirs_exist_ok=True)
    stack = Desk(tmp_path)
    yield stack
    stack.stop()


def test_a_long_slow_job_and_many_drafts_do_not_delay_a_reply(desk: Desk) -> None:
    desk.behave("slow")
    desk.start("worker", "slow", "drafter")
    desk.ask("[__import__('config.jobs').jobs.queue('tests.lanes.long_job.nap', n, lane='slow') for n in (60, 61)]")
    desk.wait_for("Draft.objects.filter(state='writing').count() > 1")
    assert desk.seconds_until_sent() < SOON
    assert desk.ask("Draft.objects.filter(state='queued').exists()")  # it did not wait for them
    assert desk.queued_twice() == []


def test_a_killed_drafter_loses_no_draft_and_writes_none_twice(desk: Desk) -> None:
    desk.behave("slow")
    desk.start("drafter")
    desk.wait_for("Draft.objects.filter(state='writing', text__contains='charge').count() > 1")
    desk.kill("drafter")
    left = desk.ask("list(Draft.objects.filter(state='writing').values_list('pk', flat=True))")
    # Its leases run out by themselves, within seconds; the test does not wait for that.
    soon = f"Draft.objects.filter(pk__in={left}, lease_until__lte=timezone.now() + timedelta(seconds=30))"
    assert desk.ask(f"{soon}.count()") == len(left)
    desk.ask(f"Draft.objects.filter(pk__in={left}).update(lease_until=timezone.now())")
    desk.start("drafter")
    desk.wait_for(f"Draft.objects.filter(pk__in={left}, state='ready').count() == {len(left)}")
    assert desk.ask("max(Ticket.objects.annotate(n=models.Count('drafts')).values_list('n', flat=True))") == 1


def test_a_drafter_asked_to_stop_puts_its_drafts_back_and_does_not_wait_for_the_model(desk: Desk) -> None:
    desk.behave("hanging")
    desk.start("drafter")
    desk.wait_for("Draft.objects.filter(state='writing').exists()")  # others are just being claimed
    process = desk.running.pop("drafter")
    process.terminate()
    assert process.wait(SOON) == 0  # it does not wait for the model
    assert desk.ask("Draft.objects.filter(models.Q(state='writing') | models.Q(failures__gt=0)).count()") == 0


@pytest.mark.parametrize("how", ["hanging", "dead"])
def test_replies_are_sent_whatever_the_model_does(desk: Desk, how: str) -> None:
    desk.behave(how)
    desk.start("worker", "drafter")
    desk.wait_for("Draft.objects.exists()")
    assert desk.seconds_until_sent() < SOON
    assert desk.queued_twice() == []
    assert desk.ask("max(Ticket.objects.annotate(n=models.Count('drafts')).values_list('n', flat=True))") == 1
