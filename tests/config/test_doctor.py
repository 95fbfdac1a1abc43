"""`manage.py doctor`: it checks every component, and a failing check never stops it."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from django_q.models import Schedule

from config.background import lanes, schedules
from config.background.lanes import DRAFTER, SLOW, WORKER
from config.models import Heartbeat
from config.running import doctor
from knowledge.articles import publishing
from knowledge.index import vectors
from knowledge.models import Article
from knowledge.sync import storing
from tests.knowledge.fakes import MemoryStore
from tickets.models import InboundMail

COMPONENTS = {
    "settings",
    "database",
    "migrations",
    "live updates",
    "worker",
    "slow",
    "drafter",
    "model",
    "chroma",
    "embedder",
    "tagger",
    "classifier",
    "search score",
    "draft score",
    "masked values",
    "languages",
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


def test_a_failing_probe_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
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
    for module in (vectors, storing):
        monkeypatch.setattr(module, "get_store", lambda name: store)
    article = Article(title="Refunds", body_md="Refunds go to the card you paid with.")
    publishing.save_revision(article)
    publishing.approve(article)
    assert finding("chroma").why == "1 articles wait for the index; it has 0 passages, the database 1"
    storing.sync_article(article.pk)
    assert finding("chroma").state == "ok"


def lane_of(monkeypatch: pytest.MonkeyPatch, name: str, *lane: Any) -> doctor.Finding:
    monkeypatch.setattr(lanes, "lane", lambda asked: lanes.Lane(asked, *lane))
    return finding(name)


@pytest.mark.parametrize("name", [WORKER, SLOW, DRAFTER])
def test_a_dead_lane_a_late_one_a_busy_one_and_an_empty_one_are_told_apart(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    late = lanes.LATE_AFTER[name] + timedelta(seconds=1)
    found = [
        lane_of(monkeypatch, name, *lane)
        for lane in ((0, 3, 0, late), (1, 3, 1, late), (1, 3, 1, timedelta(seconds=1)), (1, 0, 0, None))
    ]
    assert [each.state for each in found] == ["down", "degraded", "ok", "ok"]
    dead, late_one, busy, empty = (each.why for each in found)
    assert "No process works on this lane; 3 waiting" in dead and late_one.startswith("Late: 3 waiting")
    assert busy == "1 process; 3 waiting, the oldest for 1 s, 1 running" and empty == "1 process; nothing waiting"
    assert found[0].mend and found[1].mend


def test_a_lane_is_alive_on_any_machine_while_there_are_heartbeats() -> None:
    assert not lanes.alive(WORKER)
    Heartbeat.objects.create(lane=WORKER, holder="another-machine:7")
    assert (lanes.alive(WORKER), lanes.alive(SLOW)) == (1, 0)
    Heartbeat.objects.update(at=timezone.now() - timedelta(seconds=15))
    assert lanes.alive(WORKER) == 1
    assert not lanes.alive(WORKER, timedelta(seconds=10))  # the process started since has sent none yet
    Heartbeat.objects.update(at=timezone.now() - timedelta(minutes=1))
    assert not lanes.alive(WORKER)


def test_every_schedule_runs_in_its_lane() -> None:
    schedules.register()
    assert set(Schedule.objects.values_list("cluster", flat=True)) == {WORKER, SLOW}
    waited_for = Schedule.objects.filter(cluster=WORKER).values_list("func", flat=True)
    assert set(waited_for) == {
        "tickets.tasks.send_due_mail",
        "tickets.tasks.wake_snoozed",
        "knowledge.tasks.publish_due",
    }


def test_a_quarantined_mail_is_shown() -> None:
    InboundMail.objects.create(identity="x", action="quarantined", raw_path="x", size=1)
    assert finding("mail").state == "degraded"


def test_schedules_are_registered_once() -> None:
    missing = schedules.register()
    schedules.register()
    assert missing == []
    assert Schedule.objects.count() == len(schedules.EVERY)


def test_health_shows_states_and_no_reasons(client: Any) -> None:
    doctor._quick, doctor._lanes = (0.0, []), (float("-inf"), {})
    body = client.get("/health").json()
    assert body["components"]["database"] == "ok"
    assert set(body["components"]) == {"database", *doctor.QUICK}
    assert set(body) == {"status", "components", "lanes"}
    assert body["lanes"] == {"worker": "dead", "slow": "dead", "drafter": "dead"}
