"""/lead/sure/: how sure drafts are, and what changed since the last measurement."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from copilot.confidence.weights import Bin
from copilot.evaluation import runs
from copilot.models import DraftRecord, EvaluationRun
from qa.charts import curves
from qa.charts.curves import Axes, Series
from qa.metrics import evaluations, sureness
from qa.pages import sureness_changes, sureness_plots
from tests import cast
from tests.qa.drafts import days_ago, draft
from tests.qa.test_charts import parse
from tickets.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(client: Client, rosa: User) -> Client:
    client.force_login(rosa)
    return client


def get(lead: Client, **params: Any) -> Any:
    response = lead.get(reverse("qa:sureness"), params)
    assert response.status_code == 200
    return response


def text(lead: Client, **params: Any) -> str:
    return " ".join(get(lead, **params).content.decode().split())


def reviewed(confidence: float | None, review: str = "accepted", **fields: Any) -> None:
    made = draft(review, **({"shown": days_ago(1)} | fields))
    DraftRecord.objects.create(draft=made, confidence=confidence)


def case(number: str, right: bool, words: str = "") -> dict[str, Any]:
    outcome = "right" if right else "wrong"
    return {"id": number, "kind": "how_to", "text": words or f"Case {number}?", "outcome": outcome, "right": right}


def run(cases: Sequence[dict[str, Any]] = (), **fields: Any) -> EvaluationRun:
    defaults = {
        "kind": "drafts",
        "model": "qwen2.5-coder-1.5b-instruct",
        "model_sha256": "ab" * 32,
        "prompts": {"point": "point-1@aa"},
        "case_file": "drafts.jsonl",
        "case_hash": "c0ffee",
        "figures": {
            "answered": 0.8,
            "median_words": 50,
            "per_kind": {"how_to": {"cases": 3, "answered": 2, "hits": 1}},
        },
        "threshold": 0.7,
        "curve": [[0.0, 1.0, 1.0], [0.7, 0.8, 0.4], [1.0, 0.0, 0.0]],
        "cases": list(cases),
    }
    return EvaluationRun.objects.create(**(defaults | fields))


class TestTheDesksOwnDrafts:
    def test_right_is_sent_as_it_was_or_lightly_edited(self) -> None:
        for review, distance in (
            ("accepted", 0.0),
            ("edited", 0.2),
            ("edited", 0.21),
            ("rejected", None),
            ("ignored", None),
        ):
            reviewed(0.7, review, edit_distance=distance)
        assert sureness.of_desk() == [Bin(5, pytest.approx(0.7), 0.4)]

    def test_drafts_of_about_the_same_confidence_are_together(self) -> None:
        for confidence in (0.05, 0.19, 0.2, 0.99, 1.0):
            reviewed(confidence)
        found = [(each.count, round(each.said, 3)) for each in sureness.of_desk()]
        assert found == [(2, 0.12), (1, 0.2), (2, 0.995)]

    def test_only_drafts_that_somebody_saw_and_judged_count(self) -> None:
        reviewed(0.7, "pending")
        reviewed(0.7, "ignored", shown=None)
        reviewed(0.7, "rejected", state="stopped")
        reviewed(None)
        assert sureness.of_desk() == []

    def test_only_the_newest_count(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for review in ("rejected", "rejected", "accepted"):
            reviewed(0.7, review)
        reviewed(None)  # without a confidence it takes nobody's place
        monkeypatch.setattr(sureness, "NEWEST", 1)
        assert sureness.of_desk() == [Bin(1, pytest.approx(0.7), 1.0)]

    def test_too_few_are_not_shown_but_counted(self, lead: Client) -> None:
        reviewed(0.7)
        page = text(lead)
        assert "Your team has reviewed 1 draft with a confidence. From 50 on" in page and "dot-desk" not in page

    def test_enough_are_a_series_of_the_plot_and_a_table(self, lead: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sureness, "ENOUGH", 2)
        reviewed(0.9)
        reviewed(0.3, "rejected")
        page = text(lead)
        assert "your team’s drafts (2)" in page and page.count('class="dot dot-desk"') == 3 * 4  # and the legend
        assert '<td class="num">30%</td><td class="num">0%</td><td class="num">1</td>' in page


class TestWithoutAMeasurementOfOnesOwn:
    def test_our_figures_are_shown_as_ours(self, lead: Client) -> None:
        page = text(lead)
        assert page.count("our figures, not measured here") == 2 and "our test cases (109)" in page
        assert "84% of the questions with an answer get a draft, and 94% of the others rightly get none." in page
        assert "60% of the true sentences and 2% of the untrue ones are shown as supported." in page
        assert "drafts.jsonl · 164 cases" in page and "pairs.jsonl · 460 cases" in page
        assert page.count("there is nothing to compare") == 2 and "manage.py evaluate_drafts --keep" in page

    def test_of_a_model_that_nobody_measured_there_is_no_confidence(self, lead: Client, settings: Any) -> None:
        settings.COPILOT_MODEL = "another-model"
        page = text(lead)
        assert "Nothing was measured with the model in use (another-model)" in page and 'class="dot' not in page
        assert page.count("This desk uses another model (another-model)") == 2


class TestTheNewestRun:
    def test_it_takes_the_place_of_our_figures(self, lead: Client) -> None:
        run()
        page = text(lead)
        assert "80% answered, 60% refused" in page and page.count("our figures, not measured here") == 1
        assert "How to" in page  # kinds of cases

    def test_it_is_compared_with_the_one_before(self, lead: Client) -> None:
        run([case("1", True), case("2", False), case("3", True)])
        run([case("1", False), case("2", True), case("3", True)], prompts={"point": "point-2@bb"})
        page = text(lead)
        assert "1 case got better" in page and "1 case got worse" in page
        assert "Case 2?" in page and "Case 1?" in page and "Case 3?" not in page
        assert "point-2@bb" in page and "point-1@aa" in page

    def test_or_with_another_one(self, lead: Client) -> None:
        first = run([case("1", False)])
        run([case("1", True)])
        run([case("1", True)])
        assert "0 cases got better" in text(lead)
        assert "1 case got better" in text(lead, drafts=first.pk)
        assert get(lead, drafts="released").context["answering"].compared_with == "Shipped with Copydesk"

    @pytest.mark.parametrize("kind", ["drafts", "grounding"])
    @pytest.mark.parametrize("wrong", ["999999", "x", "²", "-1", "1" * 40])
    def test_one_that_does_not_exist_is_named_as_such(self, lead: Client, kind: str, wrong: str) -> None:
        run(kind=kind, figures={})
        assert "There is no such measurement." in text(lead, **{kind: wrong})

    def test_without_a_curve_there_is_no_plot(self, lead: Client) -> None:
        run(curve=[], figures={"answered": None}, threshold=None)
        assert "This measurement has no curve" in text(lead)

    def test_what_people_wrote_is_escaped(self, lead: Client) -> None:
        run([case("1", True, "<script>alert(1)</script>")])
        run([case("1", False, "<script>alert(1)</script>")], model="<b>")
        assert "<script>alert" not in get(lead).content.decode() and "<b>&" not in text(lead)


class TestChanges:
    def test_a_case_with_another_text_is_another_case(self) -> None:
        before = run([case("1", False), case("2", False)])
        now = run([case("1", True, "Something else?"), case("2", True)])
        found = evaluations.changes(now, before)
        assert (found.shared, [each["id"] for each in found.better], found.worse) == (1, ["2"], [])

    def test_a_figure_is_better_or_worse_or_only_different(self) -> None:
        before = {"answered": 0.8, "forbidden": 7, "median_words": 50, "unsupported_rate": 0.111}
        now = {"answered": 0.9, "forbidden": 9, "median_words": 60, "unsupported_rate": 0.112}
        rows = sureness_changes.figure_rows(now, before)
        assert [(row.now, row.before, row.judged) for row in rows] == [
            ("90%", "80%", "better"),
            ("9", "7", "worse"),
            ("11%", "11%", ""),
            ("60", "50", ""),
        ]

    def test_a_figure_that_one_of_them_lacks_is_a_dash(self) -> None:
        (row,) = sureness_changes.figure_rows({"answered": None}, {"answered": 0.8})
        assert (row.now, row.before, row.judged) == ("–", "80%", "")

    def test_of_the_making_only_what_differs_is_listed(self) -> None:
        before, now = run(), run(model="bigger", model_sha256="", threshold=0.5)
        rows = {row.label: (row.now, row.before) for row in sureness_changes.setup_rows(now, before)}
        assert rows == {
            "Model": ("bigger", "qwen2.5-coder-1.5b-instruct ababababab"),
            "Threshold": ("0.50", "0.70"),
        }

    def test_other_cases_are_said_to_be_others(self, lead: Client) -> None:
        run([case("1", True)], case_hash="other")
        run([case("1", True)])
        assert "Cases in common: 1." in text(lead)


class TestPlots:
    def test_the_line_goes_through_every_threshold_and_the_dot_is_in_use(self) -> None:
        (first, *_) = sureness_plots.answering(run())
        root = parse(first)
        path = root.find("g/path")
        assert path is not None and len((path.get("d") or "").split("L")) == 3
        dot = next(each for each in root.iter("circle") if each.get("class") == "in-use")
        assert [each.text for each in root.iter("text")][-2:] == ["minimum score 0.70", "80% answered, 60% refused"]
        across, up = float(dot.get("cx") or 0), float(dot.get("cy") or 0)
        assert (across, up) == (
            pytest.approx(34 + 0.4 * (440 - 16 - 34), abs=0.1),
            pytest.approx(222 - 0.8 * 210, abs=0.1),
        )

    def test_a_dot_on_the_dashed_line_is_one_that_came_true(self) -> None:
        bins = [Bin(4, 0.5, 0.5), Bin(1, 1.0, 0.0)]
        root = parse(curves.reliability("x-wide", 440, [Series("desk", "<b>", bins)], Axes("a", "u"), "t", "d"))
        line = next(each for each in root.iter("line") if each.get("class") == "target")
        left, low, right, high = (float(line.get(name) or 0) for name in ("x1", "y1", "x2", "y2"))
        middle, last = list(root.iter("circle"))[:2]
        assert float(middle.get("cx") or 0) == pytest.approx((left + right) / 2)
        assert float(middle.get("cy") or 0) == pytest.approx((low + high) / 2)
        assert (float(last.get("cx") or 0), float(last.get("cy") or 0)) == (right, low)
        assert float(middle.get("r") or 0) == 2 * float(last.get("r") or 0)
        assert middle.findtext("title") == "<b>: 50% said, 50% right, 4 drafts"

    def test_the_table_has_the_threshold_in_use(self) -> None:
        shipped = runs.released("grounding")
        for threshold, count in ((0.9, 11), (0.82, 12)):
            shipped.threshold = threshold
            rows = sureness_plots.curve_rows(shipped)
            assert len(rows) == count and [row[0] for row in rows if row[3]] == [f"{threshold:.2f}"]


def test_queries_do_not_grow(lead: Client) -> None:
    counts = []
    for more in (1, 6):
        for _ in range(more):
            reviewed(0.7)
            run([case("1", True)])
            run([case("1", True)], kind="grounding", figures={})
        with CaptureQueriesContext(connection) as queries:
            get(lead)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 9


@pytest.mark.parametrize("name", ["mira", "ken"])
def test_agents_and_authors_may_not_look(client: Client, name: str) -> None:
    client.force_login(getattr(cast, name)())
    assert client.get(reverse("qa:sureness")).status_code == 403


def test_the_overview_leads_here(lead: Client) -> None:
    assert reverse("qa:sureness") in lead.get(reverse("qa:overview")).content.decode()
