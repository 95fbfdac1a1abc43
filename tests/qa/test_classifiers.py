"""The classifiers on /lead/triage/: what is shown of each, who may use another one, and training."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.models import Task

from config.roles import Capability, Role
from copilot.models import TriageModel
from copilot.triage import retraining, versions
from qa.pages import classifiers, triage_training
from qa.pages.triage_training import Training
from tests import cast
from tests.qa.drafts import days_ago
from tests.qa.triages import REPORT, classified, classifier, prepared
from tickets.models import User

pytestmark = pytest.mark.django_db
Commits = Callable[..., Any]
LABELS = {"billing": "Billing"}


@pytest.fixture(autouse=True)
def fake_embedder(settings: Any) -> Iterator[None]:
    settings.EMBEDDING_MODEL = "fake"
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def queued(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    monkeypatch.setattr(triage_training, "queue", lambda job, number, lane: found.append((job, number)))
    return found


@pytest.fixture
def lead(client: Client, rosa: User) -> Client:
    client.force_login(rosa)
    return client


def text(client: Client, name: str = "triage", **params: Any) -> str:
    response = client.get(reverse(f"qa:{name}"), params)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def use(client: Client, model: TriageModel, seen: int) -> str:
    """What came of it."""
    response = client.post(reverse("qa:triage_use", args=[model.pk]), {"seen": seen})
    assert response.status_code == 302
    return str(response.headers["Location"]).split("done=")[1].split("#")[0]


def corrected(count: int = 1, **fields: Any) -> None:
    for _ in range(count):
        prepared(classified("billing", "technical", **fields))


class TestWhatIsShown:
    def test_none_yet(self, lead: Client) -> None:
        page = text(lead)
        assert "The first one is trained a minute after the start" in page
        assert reverse("qa:triage_train") not in page

    def test_who_trained_it_and_what_it_learnt_from(self, lead: Client) -> None:
        classifier(report={"corrections": 12})
        page = text(lead)
        assert "1000 examples" in page and "with 12 corrections" in page and "100 of them kept apart" in page
        assert "at set-up" in page and "in use since" in page
        classifier(trained_by=cast.rosa(), activated_at=None, created_at=days_ago(3))
        assert ", Rosa Marchetti</div>" in text(lead)

    def test_it_is_compared_with_the_one_in_use_at_that_time(self) -> None:
        before = {"number": 1, "accuracy": 0.95, "macro_f1": 0.88, "ece": 0.05}
        classifier(report={"before": before})
        (shown,) = classifiers.read(LABELS).shown
        assert [(each.value, each.change, each.judged) for each in shown.figures] == [
            ("90.0%", "↓ 5.0 points, worse", "worse"),
            ("0.880", "= no change", ""),
            ("0.030", "↓ 0.020, better", "better"),
        ]

    def test_without_figures_there_are_dashes(self) -> None:
        classifier(report={"accuracy": None, "macro_f1": None, "ece": None, "before": {"accuracy": None}})
        (shown,) = classifiers.read(LABELS).shown
        assert [each.value for each in shown.figures] == ["–"] * 3

    def test_only_those_of_the_embedder_in_use(self) -> None:
        classifier(embedder="another")
        assert classifiers.read(LABELS).shown == []

    def test_the_newest_and_the_one_in_use(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(classifiers, "MOST", 3)
        used = classifier()
        newer = [classifier(activated_at=None).pk for _ in range(4)]
        found = classifiers.read(LABELS)
        assert [each.model.pk for each in found.shown] == [newer[3], newer[2], used.pk]
        assert found.in_use == used.pk and [each.in_use for each in found.shown] == [False, False, True]

    def test_what_retraining_writes_is_said_in_plain_words(self) -> None:
        before = REPORT | {"accuracy": 0.9, "macro_f1": 0.9, "per_class": {"billing": {"rows": 50, "recall": 0.9}}}
        bad = REPORT | {"accuracy": 0.5, "macro_f1": 0.4, "ece": 0.2, "per_class": {}}
        stored = retraining.against(bad, before)
        assert [classifiers.reason(each, LABELS) for each in stored] == [
            "Its accuracy of 50.0% is below 60.0%.",
            "Its calibration error of 0.200 is above 0.150.",
            "Accuracy falls from 90.0% to 50.0%.",
            "Macro-F1 falls from 0.900 to 0.400.",
            "Of the messages in “Billing” it finds 0.0%, the one in use 90.0%.",
        ]

    @pytest.mark.parametrize(
        ("stored", "said"),
        [
            ("accuracy None is below 0.6", "Its accuracy of – is below 60.0%."),
            ("recall of none falls from 0.9 to 0.7", "Of the messages in “None of these” it finds 70.0%"),
            ("<b>something new", "<b>something new"),
        ],
    )
    def test_odd_reasons(self, stored: str, said: str) -> None:
        assert classifiers.reason(stored, LABELS).startswith(said)

    def test_reasons_are_escaped(self, lead: Client) -> None:
        classifier(activated_at=None, report={"against": ["<b>something new"]})
        page = text(lead)
        assert "&lt;b&gt;something new" in page and "<b>something" not in page and "not good enough" in page


class TestUsingAnotherOne:
    def test_a_good_one_is_used_and_the_log_says_by_whom(
        self, lead: Client, rosa: User, caplog: pytest.LogCaptureFixture
    ) -> None:
        old, new = classifier(), classifier(activated_at=None)
        page = text(lead)
        assert page.count(reverse("qa:triage_use", args=[new.pk])) == 1 and "Use this one" in page
        assert reverse("qa:triage_use", args=[old.pk]) not in page
        with caplog.at_level("INFO", logger="copilot.triage.versions"):
            assert use(lead, new, old.pk) == "used"
        assert versions.in_use("fake") == new.pk and f"number={new.pk} by={rosa.pk}" in caplog.text
        page = text(lead, done="used")
        assert "This classifier is in use now." in page and "Go back to this one" in page

    def test_going_back_is_the_same(self, lead: Client) -> None:
        old, new = classifier(), classifier(activated_at=days_ago(1))
        assert use(lead, old, new.pk) == "used" and versions.in_use("fake") == old.pk

    @pytest.mark.parametrize("report", [{"against": ["accuracy 0.5 is below 0.6"]}, {"against": None}])
    def test_one_that_is_not_good_enough_is_refused(self, lead: Client, report: dict[str, Any]) -> None:
        old, bad = classifier(), classifier(activated_at=None, report=report)
        assert reverse("qa:triage_use", args=[bad.pk]) not in text(lead)
        assert use(lead, bad, old.pk) == "refused" and versions.in_use("fake") == old.pk
        assert "this classifier is not good enough" in text(lead, done="refused")

    @pytest.mark.parametrize("seen", [0, 999999, "x", ""])
    def test_not_if_somebody_was_faster(self, lead: Client, seen: Any) -> None:
        old, new = classifier(), classifier(activated_at=None)
        assert use(lead, new, seen) == "changed" and versions.in_use("fake") == old.pk
        assert "somebody else has changed" in text(lead, done="changed")

    def test_the_one_in_use_stays_as_it_is(self, lead: Client) -> None:
        used = classifier()
        assert use(lead, used, used.pk) == "used"
        assert TriageModel.objects.get().activated_at == used.activated_at

    @pytest.mark.parametrize("number", [0, 999999])
    def test_unknown_numbers(self, lead: Client, number: int) -> None:
        assert lead.post(reverse("qa:triage_use", args=[number])).status_code == 404

    def test_of_another_embedder_is_unknown(self, lead: Client) -> None:
        other = classifier(embedder="another")
        assert lead.post(reverse("qa:triage_use", args=[other.pk])).status_code == 404

    @pytest.mark.parametrize("who", ["mira", "ken", "otto"])
    def test_others_may_not(self, client: Client, who: str, queued: list[tuple[str, int]]) -> None:
        new = classifier(activated_at=None)
        corrected()
        client.force_login(getattr(cast, who)())
        assert client.post(reverse("qa:triage_use", args=[new.pk])).status_code == 403
        assert client.post(reverse("qa:triage_train")).status_code == 403
        assert versions.in_use("fake") == 0 and queued == []

    def test_by_post_only(self, lead: Client) -> None:
        used = classifier()
        assert lead.get(reverse("qa:triage_use", args=[used.pk])).status_code == 405
        assert lead.get(reverse("qa:triage_train")).status_code == 405

    def test_who_may_only_look_sees_no_buttons(self, lead: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        """No role has figures without prompts today."""
        looking = Role.LEAD.capabilities - {Capability.CHANGE_TEXTS}
        monkeypatch.setattr(Role.LEAD, "capabilities", looking)
        new = classifier(activated_at=None)
        corrected()
        page = text(lead)
        assert "1 correction since the last training." in page and "Use this one" not in page
        assert reverse("qa:triage_train") not in page
        assert lead.post(reverse("qa:triage_use", args=[new.pk])).status_code == 403


class TestTraining:
    def test_corrections_since_the_last_training(self) -> None:
        classifier(created_at=days_ago(10), report={"corrections": 1})
        corrected(at=days_ago(12))
        classified("billing", "technical", at=days_ago(2))  # not prepared: nothing to learn from
        corrected(2, at=days_ago(2))
        assert classifiers.read(LABELS).new == 2

    def test_those_that_came_during_a_training_count(self) -> None:
        classifier(created_at=days_ago(1), report={"corrections": 1})
        corrected(3, at=days_ago(2))
        assert classifiers.read(LABELS).new == 2

    def test_without_corrections_there_is_nothing_to_learn(self, lead: Client, queued: list[tuple[str, int]]) -> None:
        classifier()
        page = text(lead)
        assert "0 corrections since the last training." in page and 'aria-describedby="train-why" disabled' in page
        assert "there is nothing new to learn from" in page
        assert lead.post(reverse("qa:triage_train")).headers["Location"].endswith("?done=nothing#classifiers")
        assert queued == [] and "there are no corrections" in text(lead, done="nothing")

    def test_a_lead_asks_for_it_once(
        self, lead: Client, rosa: User, queued: list[tuple[str, int]], django_capture_on_commit_callbacks: Commits
    ) -> None:
        classifier(created_at=days_ago(3))
        corrected(2)
        assert "disabled" not in text(lead).split("Train with corrections")[0].split("train-why")[-1]
        for _ in range(2):
            with django_capture_on_commit_callbacks(execute=True):
                lead.post(reverse("qa:triage_train"))
        assert queued == [("copilot.tasks.retrain_triage", rosa.pk)]
        page = text(lead)
        assert f"Training since {timezone.localtime():%H:}" in page and 'hx-trigger="every 3s"' in page
        assert 'aria-describedby="train-why" disabled' in page and "Not now: one is being trained." in page

    def test_the_page_asks_until_it_is_done(self, lead: Client) -> None:
        classifier(created_at=days_ago(3))
        begun()
        seen = lead.get(reverse("qa:triage")).context["seen"]
        assert lead.get(reverse("qa:triage_classifiers"), {"seen": seen}).status_code == 204
        new = classifier(activated_at=None, created_at=timezone.now())
        part = text(lead, "triage_classifiers", seen=seen)
        assert f"Classifier {new.pk} is new." in part and "hx-trigger" not in part and "<html" not in part

    def test_a_refusal_and_an_error_are_told(self, lead: Client) -> None:
        begun()
        job(result="waits: There are 3 messages.", stopped=timezone.now() - timedelta(minutes=5))
        assert triage_training.state().running
        job(result="waits: There are 3 messages to learn from.")
        assert triage_training.state().refused == "There are 3 messages to learn from."
        assert "The training made no classifier:" in text(lead)
        job(result="ValueError", success=False, stopped=timezone.now() + timedelta(seconds=5))
        assert triage_training.state().broke and "The training ended with an error." in text(lead)

    def test_nobody_asked(self) -> None:
        classifier(created_at=timezone.now())
        job(result="waits: x")
        assert triage_training.state() == Training()


def begun() -> None:
    cache.set(triage_training.KEY, timezone.now() - timedelta(minutes=1))


def job(**fields: Any) -> None:
    now = timezone.now()
    values = {"id": f"{Task.objects.count():032}", "func": triage_training.JOB, "started": now, "stopped": now}
    Task.objects.create(name="retrain_triage 1", **(values | fields))
