"""What passages claim, and when they contradict each other. The embedder here is a bag of words."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge import tasks
from knowledge.claims.sentences import Passage, predicates, sentences
from knowledge.claims.values import values
from knowledge.evaluation.contradictions import evaluate, read_pairs
from knowledge.evaluation.retrieval import BadFile
from knowledge.hygiene import findings
from knowledge.hygiene.contradictions import contradictions, within
from knowledge.hygiene.duplicates import duplicate
from knowledge.index.embeddings import FakeEmbedder
from knowledge.index.similarity import Likeness
from knowledge.models import Article, Chunk, Finding
from knowledge.sync import storing
from tests.knowledge.fakes import MemoryStore

DAY = 86400.0
LIKENESS = Likeness(FakeEmbedder().embed_passages)


def passage(text: str, title: str = "Export", heading: str = "") -> Passage:
    return Passage(title, heading, text)


def found(first: str, second: str, **both: str) -> list[str]:
    return [each.kind for each in contradictions(passage(first, **both), passage(second, **both), LIKENESS)]


@pytest.mark.parametrize(
    ("text", "kind", "numbers"),
    [
        ("within two weeks", "duration", (14 * DAY,)),
        ("for 14 days", "duration", (14 * DAY,)),
        ("a 14-day trial", "duration", (14 * DAY,)),
        ("half an hour before", "duration", (1800.0,)),
        ("in 5 to 10 business days", "duration", (5.0, 10.0)),
        ("it costs €29", "price", (29.0,)),
        ("it costs 29 euros", "price", (29.0,)),
        ("29,50 € im Monat", "price", (29.5,)),
        ("mehr als 12.500,00 £", "price", (12500.0,)),
        ("plus de 1 250,75 $", "price", (1250.75,)),
        ("more than $1,250.75", "price", (1250.75,)),
        ("at most 100,000 rows", "number", (100000.0,)),
        ("twenty-five people", "number", (25.0,)),
        ("files of 1 GB", "number", (1024.0,)),
        ("save 20 per cent", "percentage", (20.0,)),
        ("on 1 March 2026", "date", (301.0, 2026.0)),
        ("on March 1st, 2026", "date", (301.0, 2026.0)),
        ("on 2026-03-01", "date", (301.0, 2026.0)),
        ("the first of March", "date", (301.0,)),
        ("open until 6 pm", "time", (18.0,)),
        ("open until 18:00", "time", (18.0,)),
        ("in 2024 500 $ saved", "price", (500.0,)),
        ("every Sunday", "date", (7.0,)),
    ],
)
def test_values_are_read_in_one_notation(text: str, kind: str, numbers: tuple[float, ...]) -> None:
    value = values(text)[0]
    assert (value.kind, value.numbers) == (kind, pytest.approx(numbers))


@pytest.mark.parametrize("text", ["once a week", "Version 2 of it", "step 3 of", "BK-409", "no figures at all"])
def test_what_is_no_value(text: str) -> None:
    assert values(text) == []


@given(st.text(max_size=200))
@settings(max_examples=80, deadline=None)
def test_any_text_can_be_read(text: str) -> None:
    for value in values(text):
        assert 0 <= value.start < value.end <= len(text)
    sentences(passage(text))


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        ("A workspace can have 5 keys.", "A workspace can have 3 keys.", "number"),
        ("The download link is valid for 72 hours.", "The download link is valid for 7 days.", "duration"),
        ("Studio costs €29 a month.", "Studio costs €35 a month.", "price"),
        ("The old system was switched off on 31 March 2025.", "The old system was switched off on 30 June.", "date"),
        ("An invoice cannot be edited.", "An invoice can be edited.", "yes_no"),
        ("A phone number is required for the booking.", "A phone number is optional for the booking.", "yes_no"),
    ],
)
def test_what_contradicts(first: str, second: str, kind: str) -> None:
    assert found(first, second) == [kind]
    assert found(second, first) == [kind]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("The trial takes two weeks.", "The trial takes 14 days."),
        ("The plan costs €29 a month.", "The plan costs €290 a year."),
        ("The fee is €15 for clients.", "The fee is $17 for clients."),
        ("A monthly fee is not refunded.", "A yearly fee is refunded."),
        ("On the web a session ends after 30 days.", "In the app a session ends after 90 days."),
        ("Passwords have at least 12 characters.", "Passwords have at most 128 characters."),
        ("Refunds arrive in 5 to 10 days.", "Refunds arrive in 7 days."),
        ("Version 1 allows 60 requests per minute.", "Version 2 allows 120 requests per minute."),
        ("Choose a cut-off of 12 hours.", "For example, a cut-off of 24 hours suits choirs."),
        ("The owner can delete the workspace.", "Is it possible that the owner cannot delete the workspace?"),
        ("A class holds 20 people.", "The invoice is due in 14 days."),
        ("If you upgrade, entries are visible.", "Entries are not visible."),
    ],
)
def test_what_does_not(first: str, second: str) -> None:
    assert found(first, second) == []


def test_headings_and_menus_are_no_claims() -> None:
    assert found("Open **Settings › 5 Keys** and choose.", "Open **Settings › 7 Keys** and choose.") == []


def test_inside_one_passage_each_pair_is_compared_once() -> None:
    said = sentences(passage("A workspace can have 5 keys. Be careful. A workspace can have 3 keys."))
    assert [each.kind for each in within(said, LIKENESS)] == ["number"]


def test_the_words_that_differ_are_marked() -> None:
    hit = contradictions(
        passage("Keys: a workspace can have 5 keys."), passage("A workspace can have 3 keys."), LIKENESS
    )
    assert hit == [] or hit[0].first[slice(*hit[0].first_span)] == "5"
    hit = contradictions(passage("A workspace can have 5 keys."), passage("A workspace can have 3 keys."), LIKENESS)
    assert hit[0].second[slice(*hit[0].second_span)] == "3"


def test_denied_and_affirmed() -> None:
    assert predicates("An invoice cannot be edited") == (frozenset({"edit"}), frozenset())
    assert predicates("Clients can then still cancel")[1] == {"cancel"}


def test_duplicates_need_meaning_and_words() -> None:
    text = "Open Settings and choose Export to download all bookings as a spreadsheet with rows and columns."
    assert duplicate(text, text, 0.99) == pytest.approx(0.995)
    assert duplicate(text, text, 0.9) is None
    assert duplicate(text, "Nothing of this kind is in the other passage, which is about something else.", 0.95) is None
    assert duplicate("Short one.", "Short one.", 1.0) is None


def sweep(*args: Any, **options: Any) -> tuple[findings.Report, int | None]:
    storing.sync_all()
    return findings.sweep(*args, **options)


def refresh(article_ids: list[int]) -> findings.Report:
    storing.sync_all()
    return findings.refresh(article_ids)


class TestFindings:
    """Stored with decisions, and deleted with their texts."""

    @pytest.fixture(autouse=True)
    def places(self, settings: Any, tmp_path: Any) -> None:
        settings.VAR_DIR = tmp_path

    @pytest.fixture
    def pair(self, store: MemoryStore, write: Any) -> tuple[Article, Article]:
        same = "A workspace can have {} keys. Give each of your programs a key with a name of its own."
        return write(title="Keys", body=same.format(5)), write(title="Keys again", body=same.format(3))

    def test_a_contradiction_is_found_once_with_its_passages(self, pair: tuple[Article, Article]) -> None:
        report, _ = sweep()
        assert report.contradictions == 1 and "contradictions" in str(report)
        finding = Finding.objects.get(kind="contradiction")
        assert {finding.first_article, finding.second_article} == set(pair)
        assert finding.detail["kind"] == "number" and 0 < finding.score <= 1
        sweep()
        refresh([pair[0].pk])
        assert Finding.objects.filter(kind="contradiction").count() == 1

    def test_a_dismissed_pair_stays_dismissed_until_a_text_changes(self, pair: tuple[Article, Article]) -> None:
        from knowledge.articles import publishing

        sweep()
        Finding.objects.update(state="dismissed")
        sweep()
        assert Finding.objects.get(kind="contradiction").state == "dismissed"
        pair[1].body_md = "A workspace can have 4 keys. Give each of your programs a key with a name of its own."
        publishing.save_revision(pair[1])
        publishing.approve(pair[1])
        refresh([pair[1].pk])
        assert Finding.objects.get(kind="contradiction").state == "open"

    def test_an_archived_text_ends_the_finding(self, pair: tuple[Article, Article]) -> None:
        from knowledge.articles import publishing

        sweep()
        publishing.archive(pair[1])
        sweep()
        assert not Finding.objects.exists()

    def test_what_was_found_before_is_compared_again_however_many_are_nearer(
        self, pair: tuple[Article, Article], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sweep()
        monkeypatch.setattr(findings, "RELATED", 2.0)  # nothing is near any more
        refresh([pair[0].pk])
        assert Finding.objects.filter(kind="contradiction").count() == 1

    def test_a_decision_stays_while_the_other_article_is_indexed(self, pair: tuple[Article, Article]) -> None:
        sweep()
        Finding.objects.update(state="dismissed")
        Article.objects.filter(pk=pair[1].pk).update(indexed=None)
        findings.refresh([pair[0].pk])
        assert Finding.objects.get(kind="contradiction").state == "dismissed"

    def test_a_sweep_stops_after_its_time_and_goes_on_from_there(
        self, pair: tuple[Article, Article], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(findings, "PORTION", 1)
        _, last = sweep(seconds=0)
        assert last == pair[0].pk
        assert sweep(last, seconds=0)[1] is None
        assert Finding.objects.filter(kind="contradiction").count() == 1

    def test_the_daily_job_queues_what_is_left(
        self, pair: tuple[Article, Article], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        queued: list[tuple[Any, ...]] = []
        monkeypatch.setattr(findings, "PORTION", 1)
        monkeypatch.setattr(tasks, "HYGIENE_PATIENCE", 0)
        monkeypatch.setattr(tasks, "later", lambda *job: queued.append(job))
        storing.sync_all()
        assert tasks.check_hygiene().endswith("more to do")
        assert queued == [("check_hygiene", pair[0].pk)]
        assert not tasks.check_hygiene(pair[0].pk).endswith("more to do") and len(queued) == 1

    def test_other_languages_are_not_compared(self, store: MemoryStore, write: Any) -> None:
        write(title="Keys", body="A workspace can have 5 keys for programs.")
        write(title="Schlüssel", body="A workspace can have 3 keys for programs.", language="de")
        assert sweep()[0].compared == 0

    def test_copies_are_duplicates(self, store: MemoryStore, write: Any) -> None:
        text = "Open Settings and choose Export to download all bookings as a spreadsheet with rows and columns."
        write(title="Export", body=text)
        write(title="Export", body=text + " Done.")
        assert sweep()[0].duplicates == 1

    def test_an_empty_knowledge_base_has_none(self, store: MemoryStore, db: None) -> None:
        assert sweep() == (findings.Report(0, 0, 0, 0), None)
        assert not Chunk.objects.exists()


def test_evaluation_counts_both_halves(tmp_path: Any) -> None:
    file = tmp_path / "pairs.jsonl"
    row = '{{"id": "c{}", "a": {}, "b": {}, "contradiction": {}, "kind": "{}"}}'
    side = '{{"title": "Keys", "heading": "", "text": "A workspace can have {} keys."}}'
    lines = [
        row.format(1, side.format(5), side.format(3), "true", "number"),
        row.format(2, side.format(5), side.format(5), "false", "innocent"),
        row.format(3, side.format(5), side.format(5), "true", "number"),
    ]
    file.write_text("\n".join(lines))
    report = evaluate(read_pairs(file), FakeEmbedder().embed_passages)
    assert (report["all"]["found"], report["all"]["false_alarms"], report["all"]["missed"]) == (1, 0, 1)
    assert report["odd"]["recall"] == 0.5 and report["even"]["precision"] is None
    assert report["number"]["f1"] == pytest.approx(0.6667)


@pytest.mark.parametrize("text", ["{", '{"id": 1}', "[]"])
def test_a_bad_file_is_named(tmp_path: Any, text: str) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text(text)
    with pytest.raises(BadFile, match="bad.jsonl:1"):
        read_pairs(file)
    with pytest.raises(BadFile, match="none.jsonl"):
        read_pairs(tmp_path / "none.jsonl")


@pytest.mark.model
def test_the_labeled_set_has_few_false_alarms() -> None:
    from django.conf import settings as project

    from knowledge.index.embeddings import get_embedder

    pairs = read_pairs(project.BASE_DIR / "demo" / "evaluation" / "contradictions.jsonl")
    report = evaluate(pairs, get_embedder().embed_passages)
    assert report["all"]["precision"] >= 0.9 and report["all"]["recall"] >= 0.3
