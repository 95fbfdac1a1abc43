"""`manage.py evaluate_drafts`, and the set of cases that it comes with."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from copilot import llm
from copilot.drafting.answering import Reply
from copilot.drafting.composing import Sentence
from copilot.evaluation import drafts
from copilot.evaluation.counting import Counting
from copilot.evaluation.drafts import OWN_CASES, Case, Judged, read_cases
from copilot.evidence.units import units
from copilot.grounding.verdicts import Support, Verdict
from copilot.llm import ModelError
from knowledge.evaluation.retrieval import BadFile
from tests.fakes import FakeModel, ListeningModel
from tickets import languages

ARTICLES = [
    {"id": "parcels", "title": "Parcels", "body": "Parcels arrive within **3 days**.\n\nParcels can be insured."},
    {"id": "cards", "title": "Gift cards", "body": "A gift card is valid for 5 years. Every card has a code."},
]
ROWS: list[dict[str, Any]] = [
    {"id": "1", "question": "When will my parcel arrive?", "answerable": True, "expect": [r"3\s+days"], "kind": "time"},
    {"id": "2", "question": "Is a gift card valid for long?", "answerable": True, "expect": ["two years"]},
    {"id": "3", "question": "How do I invite guests?", "answerable": False, "forbid": ["invite"], "kind": "other"},
    {"id": "4", "question": "Can I insure my bike?", "answerable": False, "forbid": ["INSURED"], "kind": "other"},
    {"id": "5", "question": "And what is printed on the back?", "answerable": True, "expect": ["code"]},
]
CASES = [row | {"articles": ARTICLES} for row in ROWS]
# The units are numbered from the first article on. "5" gets no draft, and "4" one although nothing answers.
BY_WORD = {"parcel arrive": [1], "valid": [3], "bike": [2]}


def written(tmp_path: Path, *rows: Any) -> Path:
    path = tmp_path / "cases.jsonl"
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows))
    return path


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    return written(tmp_path, *CASES)


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch, settings: Any) -> FakeModel:
    settings.DRAFT_MIN_SCORE = 0.5
    model = ListeningModel(by_word=BY_WORD)
    monkeypatch.setattr(llm, "HttpModel", lambda: model)
    return model


def judged_with(cases: Path, least: float) -> list[Judged]:
    model = ListeningModel(by_word=BY_WORD)
    return [drafts.judge(case, model, least) for case in read_cases(cases)]


class TestTheFigures:
    @pytest.fixture
    def judged(self, cases: Path) -> Sequence[Judged]:
        return judged_with(cases, least=0.5)

    def test_drafts_are_made_from_the_articles_of_the_case(self, judged: Sequence[Judged]) -> None:
        assert [each.reply.text for each in judged] == [
            "Hi,\n\nParcels arrive within 3 days [1].",
            "Hi,\n\nA gift card is valid for 5 years [3].",
            "",
            "Hi,\n\nParcels can be insured [2].",
            "",
        ]

    def test_what_is_right_is_counted(self, judged: Sequence[Judged]) -> None:
        report = drafts.report(judged, 12.3)
        assert report == report | {
            "cases": 5,
            "answered": 0.6667,
            "refused": 0.5,
            "refusal_accuracy": 0.6,
            "answer_hit_rate": 0.3333,
            "forbidden": 1,
            "citation_validity": 1.0,
            "unsupported_rate": 0.0,
            "median_words": 6,
            "tokens_per_second": 12.3,
        }
        assert report["per_kind"] == {
            "": {"cases": 2, "answered": 1, "hits": 0},
            "other": {"cases": 2, "answered": 1, "hits": 0},
            "time": {"cases": 1, "answered": 1, "hits": 1},
        }

    def test_the_report_as_text_has_every_figure(self, judged: Sequence[Judged]) -> None:
        report = drafts.report(judged, None)
        lines = drafts.as_text(report).splitlines()
        assert len(lines) == len(report) - 1 + 1 + len(report["per_kind"])
        assert "answer_hit_rate 0.3333" in drafts.as_text(report)

    def test_the_minimum_score_decides_what_becomes_a_draft(self, cases: Path) -> None:
        assert not any(each.answered for each in judged_with(cases, least=1.0))
        assert all(each.answered for each in judged_with(cases, least=0.0))

    def test_of_no_cases_there_is_no_share(self) -> None:
        report = drafts.report([], None)
        assert report["cases"] == 0 and report["per_kind"] == {}
        assert {report[name] for name in ("answered", "refused", "citation_validity", "median_words")} == {None}

    def test_citations_and_sentences_are_counted_one_by_one(self, judged: Sequence[Judged]) -> None:
        text = "Hi,\n\nIt is [1]. Perhaps [9]."
        sentences = tuple(Sentence(0, 1, 1, Verdict(support, 0, "")) for support in (Support.SUPPORTED, Support.WEAK))
        first = judged[0]
        other = Judged(first.case, first.evidence, "en", Reply((), text, sentences), 10, 30)
        report = drafts.report([other], None)
        assert (report["citation_validity"], report["unsupported_rate"], report["median_words"]) == (0.5, 0.5, 4)
        assert (report["ttft_p50_ms"], report["total_p50_ms"]) == (10, 30)

    def test_the_speed_is_that_of_what_the_model_writes(self, tmp_path: Path) -> None:
        row = CASES[0] | {"question": "Wann kommt mein Paket an? Ich warte schon seit vielen Tagen darauf."}
        (asked,) = read_cases(written(tmp_path, row))
        model = Counting(FakeModel("Pakete kommen in 3 Tagen an.", points=[1]))
        judged = drafts.judge(asked, model, least=0.5)
        assert judged.language == "de" and judged.reply.text.endswith("Pakete kommen in 3 Tagen an [1].")
        assert model.tokens == 6 and model.tokens_per_second is not None
        silent = Counting(FakeModel(points=()))
        drafts.judge(asked, silent, least=0.5)
        assert silent.tokens_per_second is None


class TestBadFiles:
    @pytest.mark.parametrize(
        ("row", "needs"),
        [
            ("{", "not JSON"),
            ("[]", "not a JSON object"),
            ({"id": "1", "question": "Why?", "answerable": True}, "articles"),
            (CASES[0] | {"articles": [{"id": "a", "title": "A"}]}, "body"),
            (CASES[0] | {"articles": "none"}, "articles must be objects"),
            (CASES[0] | {"articles": None}, "articles must be objects"),
            (CASES[0] | {"expect": "3 days"}, "expect and forbid lists"),
            (CASES[0] | {"forbid": [3]}, "expect and forbid lists"),
            (CASES[0] | {"answerable": "false"}, "answerable true or false"),
            (CASES[0] | {"expect": ["(3 days"]}, "no regular expression"),
        ],
    )
    def test_the_line_is_named(self, tmp_path: Path, row: Any, needs: str, capsys: Any) -> None:
        path = written(tmp_path, CASES[0], row)
        with pytest.raises(BadFile, match=r"cases\.jsonl:2: .*" + needs):
            read_cases(path)
        with pytest.raises(SystemExit) as ended:
            call_command("evaluate_drafts", cases=path)
        told = capsys.readouterr()
        assert (ended.value.code, told.out) == (2, "")
        assert told.err.count("\n") == 1 and "cases.jsonl:2: " in told.err

    def test_a_file_that_is_not_there_is_named(self, tmp_path: Path, capsys: Any) -> None:
        with pytest.raises(SystemExit) as ended:
            call_command("evaluate_drafts", cases=tmp_path / "none.jsonl")
        assert ended.value.code == 2 and "none.jsonl:0: " in capsys.readouterr().err


class TestTheCommand:
    def test_it_prints_the_figures(self, cases: Path, model: FakeModel, capsys: Any) -> None:
        call_command("evaluate_drafts", cases=cases)
        assert "refusal_accuracy 0.6" in capsys.readouterr().out

    def test_or_one_json_object(self, cases: Path, model: FakeModel, capsys: Any) -> None:
        call_command("evaluate_drafts", cases=cases, json=True)
        assert json.loads(capsys.readouterr().out)["cases"] == 5

    def test_the_details_have_each_case(self, cases: Path, model: FakeModel, tmp_path: Path, capsys: Any) -> None:
        details = tmp_path / "details.jsonl"
        call_command("evaluate_drafts", cases=cases, details=details, json=True)
        first, second, third, *_ = map(json.loads, details.read_text().splitlines())
        assert (first["id"], first["answered"], first["hit"], first["draft"]) == (
            "1", True, True, "Hi,\n\nParcels arrive within 3 days [1].",
        )  # fmt: skip
        assert first["evidence"][2]["head"] == "Gift cards" and first["evidence"][2]["number"] == 3
        assert first["questions"][0]["units"] == [1] and len(first["questions"][0]["pointed"]) == 4
        assert first["sentences"] == [
            {
                "text": "Parcels arrive within 3 days [1].",
                "unit": 1,
                "support": "supported",
                "reason": "word_for_word",
                "words": "",
            }
        ]
        assert (second["hit"], third["answered"], third["first_ms"]) == (False, False, None)

    def test_what_was_measured_before_the_model_failed_is_kept(
        self, cases: Path, model: FakeModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Tired(ListeningModel):
            async def first_token(self, *args: Any) -> Any:
                if len(self.checked) == 2:
                    self.error = ModelError("timeout", "The model took too long.", retryable=True)
                return await super().first_token(*args)

        monkeypatch.setattr(llm, "HttpModel", Tired)
        details = tmp_path / "details.jsonl"
        with pytest.raises(CommandError, match="too long"):
            call_command("evaluate_drafts", cases=cases, details=details)
        assert [json.loads(line)["id"] for line in details.read_text().splitlines()] == ["1", "2"]
        with pytest.raises(CommandError, match="is a directory|Is a directory"):
            call_command("evaluate_drafts", cases=cases, details=tmp_path)

    def test_a_model_that_is_down_or_an_empty_file(
        self, cases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        down = FakeModel(error=ModelError("unavailable", "The model is not running.", retryable=True))
        monkeypatch.setattr(llm, "HttpModel", lambda: down)
        with pytest.raises(CommandError, match="make run"):
            call_command("evaluate_drafts", cases=cases)
        (tmp_path / "none.jsonl").write_text("")
        with pytest.raises(CommandError, match="no cases"):
            call_command("evaluate_drafts", cases=tmp_path / "none.jsonl")


@pytest.fixture(scope="module")
def own() -> Sequence[Case]:
    return read_cases(OWN_CASES)


class TestFollowUps:
    """Cases with earlier messages."""

    ARTICLE = {"id": "till", "title": "The till prints nothing", "body": "Restart the till.\n\nClean the print head."}
    CASE = {
        "id": "1", "question": "Still nothing is printed by the till.", "articles": [ARTICLE], "answerable": True,
        "thread": [{"from": "customer", "text": "It prints nothing."}, {"from": "agent", "text": "Restart the till."}],
    }  # fmt: skip

    def test_what_was_sent_is_left_out_and_the_model_reads_the_thread(self, tmp_path: Path, model: FakeModel) -> None:
        (case,) = read_cases(written(tmp_path, self.CASE))
        model.by_word = {"> Restart the till.": [1]}  # type: ignore[attr-defined]
        judged = drafts.judge(case, model, 0.5)
        assert [unit.text for unit in judged.evidence.units] == ["Clean the print head."]
        assert "Clean the print head [1]." in judged.reply.text

    def test_a_thread_has_only_customers_and_agents(self, tmp_path: Path) -> None:
        with pytest.raises(BadFile, match="from \\(customer or agent\\)"):
            read_cases(written(tmp_path, self.CASE | {"thread": [{"from": "robot", "text": "Hi"}]}))

    def test_ours_expect_only_what_was_not_sent(self) -> None:
        cases = read_cases(drafts.FOLLOW_UPS)
        assert Counter(case.kind for case in cases) == {"next_step": 24, "new_question": 8, "nothing_new": 16}
        for case in cases:
            sent = [text for kind, text in case.thread if kind == drafts.REPLY]
            articles = "\n".join(body for _, _, body in case.articles)
            assert sent and case.answerable is (case.kind != "nothing_new"), case.id
            assert all(pattern.search(articles) for pattern in case.expect), case.id
            assert not any(pattern.search(text) for pattern in case.expect for text in sent), case.id


class TestOurCases:
    def test_there_are_enough_of_each_kind_and_none_twice(self, own: Sequence[Case]) -> None:
        assert len(own) >= 150 and len({case.id for case in own}) == len(own)
        kinds = Counter(case.kind for case in own)
        assert "" not in kinds and len(kinds) >= 10 and min(kinds.values()) >= 5
        assert 0.6 < sum(case.answerable for case in own) / len(own) < 0.9

    def test_customers_write_in_five_languages(self, own: Sequence[Case]) -> None:
        written = Counter(languages.detect(case.question) for case in own)
        assert len([language for language, cases in written.items() if language and cases >= 3]) >= 5

    def test_a_case_says_what_is_right_or_what_is_wrong(self, own: Sequence[Case]) -> None:
        for case in own:
            assert case.articles and case.question.strip()
            assert case.expect if case.answerable else not case.expect, case.id

    def test_what_is_expected_is_in_the_articles_or_in_another_language(self, own: Sequence[Case]) -> None:
        for case in own:
            text = "\n".join(f"{title}\n{body}\n{_read(body)}" for _, title, body in case.articles)
            spoken = {languages.detect(body) for _, _, body in case.articles}
            foreign = languages.detect(case.question) not in spoken
            missing = [each.pattern for each in case.expect if not each.search(text)]
            assert foreign or not missing, (case.id, missing)


def _read(body: str) -> str:
    """The article as a draft would say it."""
    return "\n".join(unit.text for unit in units(body))
