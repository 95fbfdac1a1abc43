"""`manage.py doctor`: every component is asked, and a broken one never breaks the doctor."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from django_q.models import OrmQ, Schedule

from config import doctor, schedules, workers
from knowledge import index, publishing, sync
from knowledge.models import Article
from tests.knowledge.fakes import MemoryStore
from tickets.models import InboundMail

COMPONENTS = {
    "settings",
    "database",
    "migrations",
    "live updates",
    "worker",
    "model",
    "chroma",
    "embedder",
    "mail",
    "disk",
}
pytestmark = pytest.mark.django_db(databases=["default", "channels"])


def finding(component: str) -> doctor.Finding:
    return doctor.examine(component)[0]


@pytest.fixture(autouse=True)
def nobody_there(settings: Any) -> None:
    settings.LLM_BASE_URL = "http://127.0.0.1:9/v1"
    settings.CHROMA_URL = "http://127.0.0.1:9"


def test_json_names_every_component(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("doctor", json=True)
    report = json.loads(capsys.readouterr().out)
    assert set(report["components"]) == COMPONENTS
    assert report["status"] == "down"
    for component in report["components"].values():
        assert component["state"] in {"ok", "degraded", "down"} and component["why"]
        assert component["state"] == "ok" or component["mend"]


def test_a_probe_that_breaks_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> doctor.Answer:
        raise RuntimeError("on fire")

    doctor.examine("disk")
    monkeypatch.setitem(doctor.PROBES, "disk", broken)
    found = finding("disk")
    assert found.state == "down" and "on fire" in found.why


def test_no_model_server_is_down_and_says_how_to_start_it() -> None:
    found = finding("model")
    assert (
        found.state == "down"
        and "drafts wait" in found.why
        and "LLM_BASE_URL" in found.mend
        or "serve_model" in found.mend
    )


def test_no_chroma_is_degraded_because_words_still_work() -> None:
    assert finding("chroma").state == "degraded"


def test_articles_that_wait_for_the_index_are_counted(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.EMBEDDING_MODEL = "fake"
    store = MemoryStore()
    for module in (index, sync):
        monkeypatch.setattr(module, "get_store", lambda name: store)
    article = Article(title="Refunds", body_md="Refunds go to the card you paid with.")
    publishing.save_revision(article)
    publishing.approve(article)
    assert finding("chroma").why == "1 articles wait for the index; it has 0 passages, the database 1"
    sync.sync_article(article.pk)
    assert finding("chroma").state == "ok"


def test_no_worker_is_down_and_counts_the_queue(settings: Any) -> None:
    if settings.REDIS_URL:
        pytest.skip("the ORM broker's queue")
    OrmQ.objects.create(key="copydesk", payload="x", lock=timezone.now() - timedelta(minutes=10))
    found = finding("worker")
    assert found.state == "down" and "1 jobs wait" in found.why
    assert workers.oldest() >= timedelta(minutes=9)


@pytest.mark.parametrize(("everyone_is_seen", "state"), [(True, "down"), (False, "ok")])
def test_a_schedule_in_time_tells_of_a_worker_only_where_its_heartbeat_is_not_seen(
    monkeypatch: pytest.MonkeyPatch, everyone_is_seen: bool, state: str
) -> None:
    monkeypatch.setattr(workers, "alive", list)
    monkeypatch.setattr(workers, "heartbeat_is_all", lambda: everyone_is_seen)
    monkeypatch.setattr(workers, "waiting", lambda: 2)
    monkeypatch.setattr(workers, "oldest", lambda: timedelta(seconds=5))
    monkeypatch.setattr(workers, "overdue", lambda: timedelta(seconds=20))
    assert finding("worker").state == state


def test_a_quarantined_mail_is_shown() -> None:
    InboundMail.objects.create(identity="x", action="quarantined", raw_path="x", size=1)
    assert finding("mail").state == "degraded"


def test_schedules_are_registered_once() -> None:
    missing = schedules.register()
    schedules.register()
    assert missing == []
    assert Schedule.objects.count() == len(schedules.EVERY)


def test_health_tells_states_and_no_reasons(client: Any) -> None:
    doctor._quick = (0.0, [])
    body = client.get("/health").json()
    assert body["components"]["database"] == "ok"
    assert set(body["components"]) == {"database", *doctor.QUICK}
    assert set(body) == {"status", "components"}
