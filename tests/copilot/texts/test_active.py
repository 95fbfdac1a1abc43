"""What is in use: the file, or a stored version, in every process within seconds; a broken one never stops drafts."""

import asyncio
import logging
import tomllib

import pytest
from django.db import DatabaseError

from config.catalogue import MinScore
from copilot import prompts, voice
from copilot.drafting import min_score
from copilot.grounding import checking
from copilot.models import TextVersion
from copilot.texts import active, toml_text
from copilot.voice import shipped_texts
from tests.copilot.texts.conftest import changed, kind, put_into_use, saved, with_task

EVERY = ["article-1", "point-1", "say-1", "verify-1", "voice"]


def test_the_file_is_in_use_until_somebody_changes_it(looks: None) -> None:
    assert prompts.load("point-1") is prompts.shipped("point-1")
    saved("point-1")
    assert prompts.load("point-1") is prompts.shipped("point-1")


def test_a_version_in_use_is_what_the_model_reads_and_what_calls_record(looks: None) -> None:
    version = saved("point-1")
    put_into_use("point-1", version.number)
    loaded = prompts.load("point-1")
    assert loaded.prefix[0]["content"].endswith("Be brief.")
    assert loaded.version == version.version != prompts.shipped("point-1").version
    assert loaded.version.startswith("point-1@")
    put_into_use("point-1", 0)
    assert prompts.load("point-1") is prompts.shipped("point-1")


def test_the_hash_is_over_every_text_that_the_model_reads() -> None:
    texts, languages = prompts.sources(prompts.HERE, "say-1")
    version = prompts.parsed("say-1", texts, languages).version
    assert version == prompts.shipped("say-1").version
    assert prompts.parsed("say-1", texts + "\n", languages).version != version
    assert prompts.parsed("say-1", texts, languages.replace("Greek", "").replace("German", "Swiss German")).version != (
        version
    )


def test_other_processes_look_again_after_a_while_not_at_each_prompt(
    db: None, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: object
) -> None:
    now = [100.0]
    monkeypatch.setattr(active.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(active, "FRESH", 2.0)
    assert prompts.is_as_shipped("point-1")
    put_into_use("point-1", saved("point-1").number)
    active.known.read_at = 100.0  # another process than the one that activated it
    assert prompts.is_as_shipped("point-1")
    now[0] = 102.5
    assert not prompts.is_as_shipped("point-1")
    with django_assert_num_queries(0):  # type: ignore[operator]
        prompts.load("point-1"), prompts.load("say-1"), voice.load()


def test_the_process_that_activates_looks_at_once(
    db: None, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: object
) -> None:
    monkeypatch.setattr(active, "FRESH", 3600.0)
    assert prompts.is_as_shipped("point-1")
    version = saved("point-1")
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        put_into_use("point-1", version.number)
    assert not prompts.is_as_shipped("point-1")


def test_in_an_event_loop_a_thread_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """No query in the loop; the first time it waits, because otherwise a new process would begin with the file."""
    version = TextVersion(name="point-1", number=1, texts="", version="point-1@x")
    rows = [type("Row", (), {"name": "point-1", "version": version})]
    asked: list[bool] = []
    monkeypatch.setattr(active, "newest", lambda: asked.append(active.in_event_loop()) or rows)
    monkeypatch.setattr(active, "FRESH", 3600.0)
    active.known.read_at = float("-inf")

    async def in_loop() -> TextVersion | None:
        return active.stored("point-1")

    assert asyncio.run(in_loop()) is version
    assert asked == [False]


def test_a_database_that_does_not_answer_changes_nothing(monkeypatch: pytest.MonkeyPatch, looks: None) -> None:
    put_into_use("point-1", saved("point-1").number)
    before = prompts.load("point-1").version

    def down() -> list[object]:
        raise DatabaseError

    monkeypatch.setattr(active, "newest", down)
    assert prompts.load("point-1").version == before != prompts.shipped("point-1").version


@pytest.mark.parametrize(
    "texts",
    ["", "no toml at all", 'turn = "x"', "system = 1\nturn = 2\nasks = 3\nexamples = 5\nrefusal = 6"],
)
def test_a_broken_stored_prompt_gives_way_to_the_file(
    looks: None, texts: str, caplog: pytest.LogCaptureFixture
) -> None:
    version = saved("verify-1")
    put_into_use("verify-1", version.number)
    TextVersion.objects.filter(pk=version.pk).update(texts=texts)
    with caplog.at_level(logging.ERROR):
        assert prompts.load("verify-1") is prompts.shipped("verify-1")
    assert "cannot be used" in caplog.text


def test_a_stored_prompt_that_no_longer_fits_the_code_gives_way_too(looks: None) -> None:
    """As after an update whose code brings other material."""
    version = saved("verify-1")
    put_into_use("verify-1", version.number)
    TextVersion.objects.filter(pk=version.pk).update(texts=version.texts.replace("{claim}", "{sentence}"))
    assert prompts.load("verify-1") is prompts.shipped("verify-1")


@pytest.mark.parametrize("texts", ["", "no toml", "en = 1", '[en]\nnamed = 1\nplain = "x"', '[en]\nplain = "Hi"'])
def test_a_broken_stored_voice_gives_way_to_the_file(looks: None, texts: str) -> None:
    data = changed("voice", lambda words: words["en"].update(opening="Thank you for writing."))
    version = saved("voice", data)
    put_into_use("voice", version.number)
    assert voice.load().of("en").opening == "Thank you for writing."
    TextVersion.objects.filter(pk=version.pk).update(texts=texts)
    assert voice.load() is voice.shipped()


@pytest.mark.parametrize("name", EVERY)
def test_what_is_written_is_what_is_read(name: str) -> None:
    shipped = kind(name).shipped
    assert kind(name).read(kind(name).write(shipped)) == shipped


@pytest.mark.parametrize("said", ['"""', "'''\\", "a\nb\\n", "{x}", "\x7f", "\u2028 é 日本 \U0001f600", '"', "= [a]"])
def test_any_text_survives_the_file_format(said: str) -> None:
    data = {"a": said, "list": [said], "table": {said: said}, "rows": [{"b": said}], "none": []}
    assert tomllib.loads(toml_text.dumps(data)) == data


class TestFiguresCountForTheShippedPromptOnly:
    @pytest.fixture(autouse=True)
    def our_own_writer(self, settings: object) -> None:
        settings.COPILOT_MODEL = "qwen2.5-coder-1.5b-instruct"  # type: ignore[attr-defined]
        settings.DRAFT_MIN_SCORE, settings.LLM_EMBEDDED = None, True  # type: ignore[attr-defined]

    def test_another_pointing_prompt_is_unmeasured(self, looks: None) -> None:
        assert min_score.of_writer() == MinScore(0.66, "measured") and min_score.is_sure(0.95)
        put_into_use("point-1", saved("point-1").number)
        assert min_score.of_writer() == MinScore(0.5, "cautious") and not min_score.is_sure(0.95)
        put_into_use("point-1", 0)
        assert min_score.of_writer() == MinScore(0.66, "measured")

    def test_the_check_of_another_prompt_does_not_count(self, looks: None) -> None:
        assert checking.weights_of_writer() is not None
        put_into_use("verify-1", saved("verify-1").number)
        assert checking.weights_of_writer() is None

    def test_the_translation_has_no_measured_figure(self, looks: None) -> None:
        put_into_use("say-1", saved("say-1", with_task("say-1")).number)
        assert min_score.of_writer().source == "measured" and checking.weights_of_writer() is not None


def test_inside_a_trial_the_tried_prompt_counts_and_outside_nothing_changes() -> None:
    tried = prompts.parsed("point-1", kind("point-1").write(with_task("point-1")), kind("point-1").languages)
    with prompts.using(tried):
        assert prompts.load("point-1") is tried and not prompts.is_as_shipped("point-1")
        assert prompts.is_as_shipped("say-1")
    assert prompts.is_as_shipped("point-1")


def test_the_shipped_voice_adds_sentences_only_to_the_next_step() -> None:
    assert all(not (words.opening or words.insisted or words.closing) for words in voice.shipped().words.values())
    assert tomllib.loads(shipped_texts())["en"] == {
        "named": "Hi <NAME>,",
        "plain": "Hi,",
        "further": "In addition to what we have already sent:",
        "result": "If this does not work, please reply and tell us what you see.",
    }
    assert all(words.further and words.result for words in voice.shipped().words.values())
